"""What a survey asks: kinds of questions, and everything that can be wrong with them (Положение, разд. 9)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from attrs import frozen

from niktokromenas.domain.errors import Fault
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.surveys import conditions
from niktokromenas.domain.surveys.answers import OTHER
from niktokromenas.domain.surveys.conditions import Answered, Atom, Chose, Condition, Within, measured
from niktokromenas.domain.values import is_blank

QUESTIONS_LIMIT = 100
OPTIONS_LIMIT = 100
WORDS_LIMIT = 1000
TEXT_LIMIT = 5000
SCALE_LIMIT = 100
DECIMALS_LIMIT = 6
AMOUNT_LIMIT = Decimal(10) ** 9
CONDITION_SIZE = 50
CONDITION_DEPTH = 8
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)


@frozen(kw_only=True)
class Option:
    """`when`: it is offered only where this holds."""

    code: str
    words: str
    when: Condition | None = None


@frozen(kw_only=True)
class One:
    options: tuple[Option, ...]
    has_other: bool = False
    """With "свой вариант", answered in own words."""


@frozen(kw_only=True)
class Several:
    """Between `least` and `most` of the options, "свой вариант" counted as one."""

    options: tuple[Option, ...]
    least: int = 1
    most: int
    has_other: bool = False


@frozen(kw_only=True)
class Scale:
    """Whole numbers from `low` to `high`, both included."""

    low: int = 1
    high: int = 5
    low_words: str = ""
    high_words: str = ""


@frozen(kw_only=True)
class Matrix:
    """One column for each row; a required one asks for every row."""

    rows: tuple[Option, ...]
    columns: tuple[Option, ...]


@frozen(kw_only=True)
class Ranking:
    """The best `places` of the options, in order."""

    options: tuple[Option, ...]
    places: int


@frozen(kw_only=True)
class FreeText:
    longest: int = 2000


@frozen(kw_only=True)
class Number:
    """`decimals`: how many digits may follow the comma."""

    low: Decimal
    high: Decimal
    decimals: int = 0
    unit: str = ""


@frozen(kw_only=True)
class Calendar:
    """A date from `first` to `last`, both included."""

    first: date
    last: date


@frozen(kw_only=True)
class OnMap:
    """A point on the map."""


Kind = One | Several | Scale | Matrix | Ranking | FreeText | Number | Calendar | OnMap
Choosing = One | Several


@frozen(kw_only=True)
class Question:
    """`code` names it for ever: in conditions, ballots and results.

    `when`: it is asked only where this holds.
    """

    code: str
    words: str
    kind: Kind
    is_required: bool = True
    when: Condition | None = None
    hint: str = ""


Questions = tuple[Question, ...]


def listed(kind: Kind) -> Iterator[tuple[str, tuple[Option, ...]]]:
    """The lists of options it has, each by its name in a pointer."""
    match kind:
        case One(options=options) | Several(options=options) | Ranking(options=options):
            yield "options", options
        case Matrix(rows=rows, columns=columns):
            yield "rows", rows
            yield "columns", columns
        case _:
            return


def fewest(kind: Choosing | Ranking) -> int:
    """Of how many options an answer consists at least."""
    match kind:
        case One():
            return 1
        case Several(least=least):
            return max(1, least)
        case Ranking(places=places):
            return places


def written_faults(questions: Sequence[Question]) -> Iterator[Fault]:
    """What is wrong with each by itself: words, codes, duplicates, bounds."""
    if not questions:
        yield Fault("/questions", "no-questions", "Задайте хотя бы один вопрос", "Положение, разд. 9")
    if len(questions) > QUESTIONS_LIMIT:
        yield Fault("/questions", "too-many", f"Не больше {QUESTIONS_LIMIT} вопросов")
    yield from _repeated([q.code for q in questions], "/questions", "code", "Код вопроса повторяется")
    yield from _repeated([_folded(q.words) for q in questions], "/questions", "words", "Вопрос задан дважды")
    for place, question in enumerate(questions):
        pointer = f"/questions/{place}"
        yield from _code_faults(question.code, f"{pointer}/code")
        yield from _words_faults(question.words, f"{pointer}/words", "Напишите вопрос")
        yield from _optional_words_faults(question.hint, f"{pointer}/hint")
        yield from _kind_faults(question.kind, f"{pointer}/kind")


def _folded(words: str) -> str:
    """As people see it: a soft hyphen is none."""
    return " ".join(words.replace("\u00ad", "").casefold().split())


def _repeated(values: Sequence[str], pointer: str, name: str, detail: str) -> Iterator[Fault]:
    """Each after the first; blank ones are told as blank."""
    met: Counter[str] = Counter()
    for place, value in enumerate(values):
        met[value] += 1
        if met[value] > 1 and not is_blank(value):
            yield Fault(f"{pointer}/{place}/{name}", "repeated", detail)


def _code_faults(code: str, pointer: str, *, is_option: bool = False) -> Iterator[Fault]:
    if CODE.fullmatch(code) is None:
        yield Fault(pointer, "bad-code", "Код: латинские строчные буквы, цифры, «-» и «_», до 32 знаков")
    elif is_option and code == OTHER:
        yield Fault(pointer, "reserved-code", "Код «other» занят своим вариантом")


def _words_faults(words: str, pointer: str, detail: str) -> Iterator[Fault]:
    if is_blank(words):
        yield Fault(pointer, "no-words", detail)
    elif len(words) > WORDS_LIMIT:
        yield Fault(pointer, "too-long", f"Не длиннее {WORDS_LIMIT} знаков")
    yield from hidden_faults(words, pointer)


def _optional_words_faults(words: str, pointer: str) -> Iterator[Fault]:
    if len(words) > WORDS_LIMIT:
        yield Fault(pointer, "too-long", f"Не длиннее {WORDS_LIMIT} знаков")
    yield from hidden_faults(words, pointer)


def _kind_faults(kind: Kind, pointer: str) -> Iterator[Fault]:
    for name, options in listed(kind):
        yield from _option_faults(options, f"{pointer}/{name}", fewest=1 if name == "rows" else 2)
    match kind:
        case Several(options=options, has_other=has_other):
            yield from _several_faults(kind, len(options) + has_other, pointer)
        case Scale(low=low, high=high):
            if not 0 < high - low < SCALE_LIMIT:
                yield Fault(
                    f"{pointer}/high",
                    "bad-bounds",
                    f"У шкалы от 2 до {SCALE_LIMIT} делений, верхнее больше нижнего",
                )
            for name, words in (("low_words", kind.low_words), ("high_words", kind.high_words)):
                yield from _optional_words_faults(words, f"{pointer}/{name}")
        case Ranking(options=options, places=places):
            if not 1 <= places <= len(options):
                yield Fault(f"{pointer}/places", "bad-bounds", "Мест от одного до числа вариантов")
        case FreeText(longest=longest):
            if not 1 <= longest <= TEXT_LIMIT:
                yield Fault(f"{pointer}/longest", "bad-bounds", f"Длина ответа от 1 до {TEXT_LIMIT} знаков")
        case Number():
            yield from _number_faults(kind, pointer)
        case Calendar(first=first, last=last):
            if last < first:
                yield Fault(f"{pointer}/last", "bad-bounds", "Последний день раньше первого")
        case _:
            return


def _option_faults(options: tuple[Option, ...], pointer: str, *, fewest: int) -> Iterator[Fault]:
    if len(options) < fewest:
        detail = "Вариантов должно быть хотя бы два" if fewest > 1 else "Добавьте строку"
        yield Fault(pointer, "too-few", detail)
    if len(options) > OPTIONS_LIMIT:
        yield Fault(pointer, "too-many", f"Не больше {OPTIONS_LIMIT} вариантов")
    yield from _repeated([o.code for o in options], pointer, "code", "Код варианта повторяется")
    yield from _repeated([_folded(o.words) for o in options], pointer, "words", "Вариант указан дважды")
    for place, option in enumerate(options):
        yield from _code_faults(option.code, f"{pointer}/{place}/code", is_option=True)
        yield from _words_faults(option.words, f"{pointer}/{place}/words", "Напишите вариант")


def _several_faults(kind: Several, available: int, pointer: str) -> Iterator[Fault]:
    if kind.least < 1:
        yield Fault(f"{pointer}/least", "bad-bounds", "Наименьшее число вариантов — один или больше")
    if kind.most < kind.least:
        yield Fault(f"{pointer}/most", "bad-bounds", "Наибольшее число вариантов меньше наименьшего")
    for name, bound in (("least", kind.least), ("most", kind.most)):
        if bound > available:
            yield Fault(f"{pointer}/{name}", "bad-bounds", "Столько вариантов выбрать нельзя: их меньше")


def _number_faults(kind: Number, pointer: str) -> Iterator[Fault]:
    if not 0 <= kind.decimals <= DECIMALS_LIMIT:
        yield Fault(f"{pointer}/decimals", "bad-bounds", f"Знаков после запятой от 0 до {DECIMALS_LIMIT}")
        return
    are_right = True
    for name, bound in (("low", kind.low), ("high", kind.high)):
        if not is_bounded(bound):
            are_right = False
            yield Fault(f"{pointer}/{name}", "bad-bounds", "Число в пределах миллиарда")
        elif not is_step(bound, kind.decimals):
            are_right = False
            yield Fault(f"{pointer}/{name}", "bad-bounds", "У границы лишние знаки после запятой")
    if are_right and kind.high < kind.low:
        yield Fault(f"{pointer}/high", "bad-bounds", "Верхняя граница меньше нижней")
    yield from _optional_words_faults(kind.unit, f"{pointer}/unit")


def is_bounded(value: Decimal) -> bool:
    return value.is_finite() and -AMOUNT_LIMIT <= value <= AMOUNT_LIMIT


def is_step(value: Decimal, decimals: int) -> bool:
    """It has no more digits behind the comma than that; told exactly, however many there are."""
    return len(f"{value:f}".partition(".")[2].rstrip("0")) <= decimals


def atom_fault(atom: Atom, about: Question, pointer: str) -> Fault | None:
    """What is wrong with asking that of that earlier question."""
    match atom, about.kind:
        case Answered(), _:
            return None
        case Chose(options=options), One() | Several() as kind:
            known = {o.code for o in kind.options} | ({OTHER} if kind.has_other else set[str]())
            unknown = [code for code in options if code not in known]
            if unknown:
                return Fault(f"{pointer}/options", "unknown-option", f"Нет варианта «{unknown[0]}»")
        case Within(low=low, high=high), Scale() | Number() | Calendar() as kind:
            bounds = [bound for bound in (low, high) if bound is not None]
            if any(isinstance(bound, date) is not isinstance(kind, Calendar) for bound in bounds):
                return Fault(pointer, "wrong-condition", "Условие не подходит к вопросу этого вида")
            if not all(isinstance(bound, date) or is_bounded(Decimal(bound)) for bound in bounds):
                return Fault(pointer, "bad-bounds", "Граница — число в пределах миллиарда")
            if low is not None and high is not None and measured(high) < measured(low):
                return Fault(pointer, "bad-bounds", "Верхняя граница меньше нижней")
        case _:
            return Fault(pointer, "wrong-condition", "Условие не подходит к вопросу этого вида")
    return None


def conditions_of(question: Question, pointer: str) -> Iterator[tuple[Condition, str]]:
    """Its own condition and those of its options, each with its pointer."""
    if question.when is not None:
        yield question.when, f"{pointer}/when"
    for name, options in listed(question.kind):
        for place, option in enumerate(options):
            if option.when is not None:
                yield option.when, f"{pointer}/kind/{name}/{place}/when"


def refers_to(question: Question) -> frozenset[str]:
    return frozenset[str]().union(
        *(conditions.questions_in(condition) for condition, _ in conditions_of(question, ""))
    )
