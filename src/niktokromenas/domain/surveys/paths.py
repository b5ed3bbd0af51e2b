"""Whether every way through the questions leads to an end (Положение, разд. 9).

All distinguishable ways are walked, exactly: an answer matters only as far as later conditions can tell it
from others. A survey that would take more than `WAYS_LIMIT` at once, or `LOOKS_LIMIT` in all, is refused as
too complicated to check.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from itertools import chain, combinations

from attrs import Factory, define, frozen

from niktokromenas.domain.errors import Fault
from niktokromenas.domain.surveys import conditions
from niktokromenas.domain.surveys.answers import OTHER
from niktokromenas.domain.surveys.conditions import Atom, Chose, Condition, Seen, Within, holds, measured
from niktokromenas.domain.surveys.questions import (
    CONDITION_DEPTH,
    CONDITION_SIZE,
    Calendar,
    Matrix,
    Number,
    One,
    Option,
    Question,
    Ranking,
    Scale,
    Several,
    atom_fault,
    conditions_of,
    fewest,
    listed,
    refers_to,
    written_faults,
)

WAYS_LIMIT = 5_000
LOOKS_LIMIT = 80_000
"""At a question, or a part of a condition, on one way: under a second."""
_BASIS = "Положение, разд. 9"

Way = frozenset[tuple[str, Seen]]
"""What is known so far of the answers that later conditions ask about."""


def faults_of(questions: Sequence[Question]) -> tuple[Fault, ...]:
    """Everything wrong with the questions, each fault once with its JSON pointer; none: they can be asked.

    Codes: `no-questions`, `too-many`, `too-few`, `repeated`, `bad-code`, `reserved-code`, `no-words`,
    `too-long`, `bad-bounds`; of conditions `unknown-question`, `forward-condition`, `circular-condition`,
    `unknown-option`, `wrong-condition`, `empty-condition`, `too-complicated`; of ways `dead-end`,
    `unreachable-question`, `unreachable-required`, `unreachable-option`. The same questions are walked once.
    """
    return _walked(tuple(questions))


@lru_cache(maxsize=16)
def _walked(questions: tuple[Question, ...]) -> tuple[Fault, ...]:
    written = list(written_faults(questions))
    broken = list(_condition_faults(questions))
    walked: list[Fault] = []
    if not any(fault.code in ("repeated", "too-many") and _is_code(fault) for fault in written):
        walked = list(_way_faults(questions, {fault.pointer for fault in (*written, *broken)}))
    return (*written, *broken, *walked)


def _is_code(fault: Fault) -> bool:
    return fault.pointer.endswith("/code") or fault.pointer == "/questions"


def _condition_faults(questions: Sequence[Question]) -> Iterator[Fault]:
    places = {question.code: place for place, question in reversed(list(enumerate(questions)))}
    circular = _circular(questions)
    for place, question in enumerate(questions):
        for condition, pointer in conditions_of(question, f"/questions/{place}"):
            if isinstance(question.kind, Matrix):
                yield Fault(pointer, "wrong-condition", "Строки и столбцы таблицы показывают без условий")
            if conditions.size(condition) > CONDITION_SIZE or conditions.depth(condition) > CONDITION_DEPTH:
                yield Fault(pointer, "too-complicated", "Условие слишком сложное: разделите вопрос")
            for empty in conditions.empty_parts(condition, pointer):
                yield Fault(empty, "empty-condition", "Условие ни о чём не спрашивает")
            for atom, where in conditions.atoms(condition, pointer):
                yield from _atom_faults(atom, where, place, places, questions, circular)


def _atom_faults(
    atom: Atom,
    pointer: str,
    place: int,
    places: Mapping[str, int],
    questions: Sequence[Question],
    circular: frozenset[frozenset[str]],
) -> Iterator[Fault]:
    asked = places.get(atom.question)
    if asked is None:
        yield Fault(f"{pointer}/question", "unknown-question", f"Нет вопроса «{atom.question}»")
    elif any({atom.question, questions[place].code} <= loop for loop in circular):
        detail = "Условия замкнуты в круг: вопрос зависит сам от себя"
        yield Fault(f"{pointer}/question", "circular-condition", detail, _BASIS)
    elif asked >= place:
        detail = "Условие ссылается на вопрос, который задают позже"
        yield Fault(f"{pointer}/question", "forward-condition", detail, _BASIS)
    if asked is not None and (wrong := atom_fault(atom, questions[asked], pointer)) is not None:
        yield wrong


def _circular(questions: Sequence[Question]) -> frozenset[frozenset[str]]:
    """The groups of questions that depend on each other, or one on itself."""
    needs = {question.code: refers_to(question) for question in questions}
    reach = {code: _reached(code, needs) for code in needs}
    loops = (
        frozenset(other for other in needs if other in reach[code] and code in reach[other])
        for code in needs
        if code in reach[code]
    )
    return frozenset(loops)


def _reached(start: str, needs: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(needs[start])
    while waiting:
        code = waiting.pop()
        if code in needs and code not in found:
            found.add(code)
            waiting += needs[code]
    return frozenset(found)


@define
class _Walk:
    """What was met on some way."""

    asked: set[int] = Factory(set[int])
    offered: set[str] = Factory(set[str])
    """Pointers of options."""
    stuck: set[int] = Factory(set[int])
    """Required questions that some way cannot answer."""


@frozen
class _Place:
    """A question as the walk sees it.

    Where a fault is told already, of a condition or of what it asks about, both ways are gone: no fault
    follows from another.
    """

    index: int
    question: Question
    is_free: bool
    """Nothing is known of its answers: its bounds are wrong."""
    is_doubtful: bool
    """Whether it is asked is not known."""
    doubtful: frozenset[str]
    """Pointers of options of which that is not known."""
    atoms: tuple[Atom, ...]
    """What later conditions ask of it."""

    @property
    def looks(self) -> int:
        """On each way: at the question, and at every part of its conditions."""
        return 1 + sum(conditions.size(condition) for condition, _ in conditions_of(self.question, ""))

    @property
    def is_the_same_on_every_way(self) -> bool:
        """It asks for nothing, and nothing asks for it."""
        return self.looks == 1 and not self.atoms and not self.is_doubtful


def _way_faults(questions: Sequence[Question], faulty: set[str]) -> Iterator[Fault]:
    walk = _Walk()
    last_use = {code: place for place, question in enumerate(questions) for code in refers_to(question)}
    ways: set[Way] = {frozenset()}
    onward: set[Way]
    looks = 0
    for place in _places(questions, faulty):
        if place.is_the_same_on_every_way:
            onward = set(_steps(frozenset(), place, walk))
            yield from _met_faults(place, walk)
            if not onward:
                return
            continue
        looks += len(ways) * place.looks
        if looks > LOOKS_LIMIT:
            yield _too_complicated()
            return
        onward = set()
        for step in (step for way in ways for step in _steps(way, place, walk)):
            onward.add(frozenset(known for known in step if last_use.get(known[0], -1) > place.index))
            if len(onward) > WAYS_LIMIT:
                yield _too_complicated()
                return
        yield from _met_faults(place, walk)
        if not onward:
            return
        ways = onward


def _too_complicated() -> Fault:
    detail = "Условия слишком сложны, чтобы проверить, что опрос можно пройти: разделите его"
    return Fault("/questions", "too-complicated", detail)


def _places(questions: Sequence[Question], faulty: set[str]) -> Iterator[_Place]:
    free = frozenset(q.code for index, q in enumerate(questions) if _has_bad_bounds(index, faulty))

    def is_doubtful(condition: Condition | None, pointer: str) -> bool:
        return _is_faulty(pointer, faulty) or not free.isdisjoint(conditions.questions_in(condition))

    known = [
        atom
        for index, question in enumerate(questions)
        for condition, pointer in conditions_of(question, f"/questions/{index}")
        if not is_doubtful(condition, pointer)
        for atom, _ in conditions.atoms(condition, pointer)
    ]
    for index, question in enumerate(questions):
        yield _Place(
            index=index,
            question=question,
            is_free=question.code in free,
            is_doubtful=is_doubtful(question.when, f"/questions/{index}/when"),
            doubtful=frozenset(
                pointer
                for pointer, option in _options(question, index)
                if is_doubtful(option.when, f"{pointer}/when")
            ),
            atoms=tuple(atom for atom in known if atom.question == question.code),
        )


def _is_faulty(pointer: str, faulty: set[str]) -> bool:
    return any(fault == pointer or fault.startswith(f"{pointer}/") for fault in faulty)


def _has_bad_bounds(index: int, faulty: set[str]) -> bool:
    names = ("", "/most", "/least", "/places", "/options", "/high", "/low", "/last", "/decimals")
    return any(f"/questions/{index}/kind{name}" in faulty for name in names)


def _options(question: Question, index: int) -> Iterator[tuple[str, Option]]:
    for name, options in listed(question.kind):
        for at, option in enumerate(options):
            yield f"/questions/{index}/kind/{name}/{at}", option


def _steps(way: Way, place: _Place, walk: _Walk) -> Iterator[Way]:
    """Every distinguishable thing that may happen at this question."""
    question = place.question
    answers = dict(way)
    is_asked = place.is_doubtful or holds(question.when, answers)
    if place.is_doubtful or not is_asked or place.is_free or not question.is_required:
        yield way
    if not is_asked:
        return
    walk.asked.add(place.index)
    offered = [
        (pointer, option)
        for pointer, option in _options(question, place.index)
        if pointer in place.doubtful or holds(option.when, answers)
    ]
    walk.offered.update(pointer for pointer, _ in offered)
    if place.is_free:
        yield way | {(question.code, True)}
    elif not _lacks(question, [option for _, option in offered]):
        for value in _values(question, [option.code for _, option in offered], place.atoms):
            yield way | {(question.code, value)}
    elif question.is_required:
        walk.stuck.add(place.index)


def _lacks(question: Question, offered: list[Option]) -> bool:
    """Too few options are offered for any answer."""
    match question.kind:
        case One(has_other=has_other) | Several(has_other=has_other) as kind:
            return len(offered) + has_other < fewest(kind)
        case Ranking() as kind:
            return len(offered) < fewest(kind)
        case _:
            return False


def _values(question: Question, offered: list[str], atoms: tuple[Atom, ...]) -> Iterator[Seen]:
    """One answer of each sort that these atoms tell apart."""
    asked = frozenset(chain.from_iterable(a.options for a in atoms if isinstance(a, Chose)))
    match question.kind:
        case One(has_other=has_other):
            codes = [*offered, *([OTHER] if has_other else [])]
            yield from {frozenset({code}) & asked for code in codes}
        case Several(most=most, has_other=has_other) as kind:
            codes = [*offered, *([OTHER] if has_other else [])]
            yield from _subsets(codes, asked, fewest(kind), most)
        case Scale(low=low, high=high):
            yield from _cuts(Decimal(low), Decimal(high), Decimal(1), atoms)
        case Number(low=low, high=high, decimals=decimals):
            yield from _cuts(low, high, Decimal(1).scaleb(-decimals), atoms)
        case Calendar(first=first, last=last):
            yield from _cuts(measured(first), measured(last), Decimal(1), atoms)
        case _:
            yield True


def _subsets(codes: list[str], asked: frozenset[str], least: int, most: int) -> Iterator[Seen]:
    """What of `asked` can be among `least` to `most` of the codes."""
    told = [code for code in codes if code in asked]
    untold = len(codes) - len(told)
    sizes = (size for size in range(len(told) + 1) if size <= most and size + untold >= least)
    for made, subset in enumerate(chain.from_iterable(combinations(told, size) for size in sizes)):
        if made > WAYS_LIMIT:
            return
        yield frozenset(subset)


def _cuts(low: Decimal, high: Decimal, step: Decimal, atoms: tuple[Atom, ...]) -> Iterator[Seen]:
    within = [atom for atom in atoms if isinstance(atom, Within)]
    tried = {low, high}
    for atom in within:
        if atom.low is not None:
            tried |= {_up(measured(atom.low), step), _up(measured(atom.low), step) - step}
        if atom.high is not None:
            tried |= {_down(measured(atom.high), step), _down(measured(atom.high), step) + step}
    told: dict[tuple[bool, ...], Decimal] = {}
    for value in sorted(v for v in tried if low <= v <= high):
        sort = tuple(holds(atom, {atom.question: value}) for atom in within)
        told.setdefault(sort, value)
    yield from told.values()


def _down(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_FLOOR) * step


def _up(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_CEILING) * step


def _met_faults(place: _Place, walk: _Walk) -> Iterator[Fault]:
    pointer = f"/questions/{place.index}"
    if place.index not in walk.asked:
        is_required = place.question.is_required
        code = "unreachable-required" if is_required else "unreachable-question"
        what = "обязательного вопроса" if is_required else "вопроса"
        yield Fault(f"{pointer}/when", code, f"До {what} нельзя дойти", _BASIS)
        return
    if place.index in walk.stuck:
        detail = "Тупик: вопрос обязательный, а вариантов для ответа может не остаться"
        yield Fault(pointer, "dead-end", detail, _BASIS)
    for where, _ in _options(place.question, place.index):
        if where not in walk.offered:
            yield Fault(f"{where}/when", "unreachable-option", "Этот вариант никому не предложат", _BASIS)


def offered(question: Question, answers: Mapping[str, Seen]) -> frozenset[str]:
    """Codes of the options that these earlier answers leave."""
    return frozenset(
        option.code
        for _, options in listed(question.kind)
        for option in options
        if holds(option.when, answers)
    )


def is_asked(question: Question, answers: Mapping[str, Seen]) -> bool:
    return holds(question.when, answers)
