"""A whole sheet of answers: checked against the questions, and written in one way only."""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from attrs import define, evolve, field, frozen

from niktokromenas.domain.errors import Fault, Invalid, in_pointer, refuse
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.surveys.answers import (
    Amount,
    Answer,
    Cells,
    Chosen,
    Day,
    Ranked,
    Scaled,
    Sheet,
    Spot,
    Text,
)
from niktokromenas.domain.surveys.conditions import Seen, seen
from niktokromenas.domain.surveys.paths import is_asked, offered
from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Matrix,
    Number,
    One,
    OnMap,
    Question,
    Questions,
    Ranking,
    Scale,
    Several,
    fewest,
    is_bounded,
    is_step,
    refers_to,
)
from niktokromenas.domain.values import Point, is_blank

OTHER_LIMIT = 500
POINT_DIGITS = 5
"""Of a degree: about a metre."""
_BASIS = "Положение, разд. 9"
_ENCODE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def checked(questions: Questions, sheet: Sheet, *, unread: frozenset[str] = frozenset()) -> Sheet:
    """The sheet as it is kept: words trimmed and in NFC, numbers and points without idle digits.

    `unread`: codes whose answers are there but could not be read. Nothing is said of them, nor of questions
    that depend on them.

    Every fault at once, each under `/answers/<code>`: `unknown-question`, `not-asked`, `unanswered`,
    `wrong-kind`, `unknown-option`, `not-offered`, `repeated`, `too-few`, `too-many`, `no-words`, `too-long`,
    `out-of-bounds`, `unknown-row`, `unknown-column`; `/answers` `empty`. Raises `Invalid`.
    """
    known = {question.code for question in questions}
    faults = [
        Fault(f"/answers/{in_pointer(code)}", "unknown-question", "Такого вопроса в опросе нет")
        for code in sheet
        if code not in known
    ]
    kept: dict[str, Answer] = {}
    answers: dict[str, Seen] = {}
    unclear = set(unread)
    for question in questions:
        if unclear and (question.code in unclear or refers_to(question) & unclear):
            unclear.add(question.code)
            continue
        answer = sheet.get(question.code)
        pointer = f"/answers/{question.code}"
        if not is_asked(question, answers):
            if answer is not None:
                faults.append(Fault(pointer, "not-asked", "При таких ответах этот вопрос не задают", _BASIS))
        elif answer is None:
            if question.is_required:
                faults.append(Fault(pointer, "unanswered", "Ответьте на обязательный вопрос", _BASIS))
        else:
            found = list(_answer_faults(question, answer, offered(question, answers), pointer))
            faults += found
            kept[question.code] = answer if found else _plain(answer)
            answers[question.code] = seen(answer)
    if not faults and not kept and not unread:
        faults.append(Fault("/answers", "empty", "Ответьте хотя бы на один вопрос", _BASIS))
    refuse(faults)
    return MappingProxyType(kept)


def _answer_faults(
    question: Question, answer: Answer, offered: frozenset[str], pointer: str
) -> Iterator[Fault]:
    match question.kind, answer:
        case One() as kind, Chosen():
            yield from _chosen_faults(kind, answer, offered, pointer)
        case Several() as kind, Chosen():
            yield from _chosen_faults(kind, answer, offered, pointer)
        case Ranking() as kind, Ranked(order):
            yield from _codes_faults(order, {o.code for o in kind.options}, offered, f"{pointer}/order")
            if len(order) != kind.places:
                code = "too-few" if len(order) < kind.places else "too-many"
                yield Fault(
                    f"{pointer}/order", code, f"Расставьте по местам столько вариантов: {kind.places}"
                )
        case Scale(low=low, high=high), Scaled(value):
            if not low <= value <= high:
                yield Fault(pointer, "out-of-bounds", f"Оценка от {low} до {high}")
        case Matrix() as kind, Cells():
            yield from _cells_faults(kind, answer, question.is_required, pointer)
        case FreeText(longest=longest), Text(words):
            yield from _words_faults(words, longest, pointer)
        case Number() as kind, Amount(value):
            if not is_bounded(value) or not kind.low <= value <= kind.high:
                yield Fault(pointer, "out-of-bounds", f"Число от {kind.low} до {kind.high}")
            elif not is_step(value, kind.decimals):
                yield Fault(pointer, "out-of-bounds", f"Знаков после запятой не больше {kind.decimals}")
        case Calendar(first=first, last=last), Day(value):
            if not first <= value <= last:
                yield Fault(pointer, "out-of-bounds", f"День с {first:%d.%m.%Y} по {last:%d.%m.%Y}")
        case OnMap(), Spot():
            return
        case _:
            yield Fault(pointer, "wrong-kind", "На этот вопрос отвечают иначе")


def _codes_faults(
    codes: tuple[str, ...], known: set[str], offered: frozenset[str], pointer: str
) -> Iterator[Fault]:
    for place, code in enumerate(codes):
        if code not in known:
            yield Fault(f"{pointer}/{place}", "unknown-option", "Такого варианта нет")
        elif code not in offered:
            detail = "При таких ответах этот вариант не предлагают"
            yield Fault(f"{pointer}/{place}", "not-offered", detail, _BASIS)
        elif code in codes[:place]:
            yield Fault(f"{pointer}/{place}", "repeated", "Вариант указан дважды", _BASIS)


def _chosen_faults(
    kind: One | Several, answer: Chosen, offered: frozenset[str], pointer: str
) -> Iterator[Fault]:
    known = {option.code for option in kind.options}
    yield from _codes_faults(answer.options, known, offered, f"{pointer}/options")
    if answer.other is not None:
        if kind.has_other:
            yield from _words_faults(answer.other, OTHER_LIMIT, f"{pointer}/other")
        else:
            yield Fault(f"{pointer}/other", "unknown-option", "Своего варианта у этого вопроса нет")
    count = len(answer.options) + (answer.other is not None)
    most = kind.most if isinstance(kind, Several) else 1
    if count < fewest(kind):
        yield Fault(pointer, "too-few", f"Выберите хотя бы {fewest(kind)}", _BASIS)
    if count > most:
        yield Fault(pointer, "too-many", f"Выберите не больше {most}", _BASIS)


def _cells_faults(kind: Matrix, answer: Cells, is_required: bool, pointer: str) -> Iterator[Fault]:
    rows, columns = {row.code for row in kind.rows}, {column.code for column in kind.columns}
    for row, column in answer.columns.items():
        if row not in rows:
            yield Fault(f"{pointer}/columns/{in_pointer(row)}", "unknown-row", "Такой строки нет")
        elif column not in columns:
            yield Fault(f"{pointer}/columns/{row}", "unknown-column", "Такого столбца нет")
    if is_required:
        for missed in (asked.code for asked in kind.rows if asked.code not in answer.columns):
            yield Fault(f"{pointer}/columns/{missed}", "unanswered", "Ответьте по каждой строке", _BASIS)
    elif not answer.columns:
        yield Fault(pointer, "too-few", "Ответьте хотя бы по одной строке")


def _words_faults(words: str, longest: int, pointer: str) -> Iterator[Fault]:
    if is_blank(words):
        yield Fault(pointer, "no-words", "Напишите ответ")
    elif any(0xD800 <= ord(letter) <= 0xDFFF for letter in words):
        yield Fault(pointer, "no-words", "В ответе есть знаки, которых нет в Юникоде")
    else:
        if len(_words(words)) > longest:
            yield Fault(pointer, "too-long", f"Не длиннее {longest} знаков")
        yield from hidden_faults(words, pointer)


def _words(words: str) -> str:
    return unicodedata.normalize("NFC", words.strip())


def _plain(answer: Answer) -> Answer:
    """One of the ways that mean the same."""
    match answer:
        case Chosen(options, other):
            return Chosen(tuple(sorted(options)), None if other is None else _words(other))
        case Text(words):
            return Text(_words(words))
        case Amount(value):
            return Amount(_decimal(value))
        case Spot(point):
            return Spot(Point(_degrees(point.lat), _degrees(point.lon)))
        case Cells(columns):
            return Cells(dict(sorted(columns.items())))
        case _:
            return evolve(answer)


def _decimal(value: Decimal) -> Decimal:
    """Without idle noughts, without exponent, nought without sign."""
    return Decimal(f"{value.normalize() + 0:f}")


def _degrees(value: float) -> float:
    return round(value, POINT_DIGITS) + 0.0


def written(sheet: Sheet) -> dict[str, Any]:
    """Answers as JSON values, a tagged one for each question; `read` is its inverse on checked sheets.

    `{"chosen": [codes], "other": words?}` · `{"scaled": int}` · `{"cells": {row: column}}` ·
    `{"ranked": [codes]}` · `{"text": words}` · `{"amount": "12.5"}` · `{"day": "2026-03-05"}` ·
    `{"spot": ["48.70800", "44.51300"]}` (latitude, longitude; five digits).
    """
    return {code: _written(answer) for code, answer in sheet.items()}


def _written(answer: Answer) -> dict[str, Any]:
    match answer:
        case Chosen(options, other):
            own = {} if other is None else {"other": other}
            return {"chosen": sorted(options), **own}
        case Scaled(value):
            return {"scaled": value}
        case Cells(columns):
            return {"cells": dict(columns)}
        case Ranked(order):
            return {"ranked": list(order)}
        case Text(words):
            return {"text": words}
        case Amount(value):
            return {"amount": f"{_decimal(value):f}"}
        case Day(value):
            return {"day": value.isoformat()}
        case Spot(point):
            return {"spot": [f"{_degrees(part):.{POINT_DIGITS}f}" for part in (point.lat, point.lon)]}


def read(answers: Mapping[str, Any]) -> Sheet:
    """The sheet that `written` wrote. Raises `Invalid` (`unreadable`) with every answer that nobody wrote."""
    faults: list[Fault] = []
    sheet: dict[str, Answer] = {}
    for code, value in answers.items():
        try:
            sheet[code] = _read(value)
        except (ValueError, TypeError, InvalidOperation, Invalid):
            faults.append(Fault(f"/answers/{in_pointer(code)}", "unreadable", "Ответ записан неверно"))
    refuse(faults)
    return MappingProxyType(sheet)


def _read(value: Any) -> Answer:
    match value:
        case {"chosen": [*options], "other": str(own), **rest} if not rest and _are_words(options):
            return Chosen(tuple(options), own)
        case {"chosen": [*options], **rest} if not rest and _are_words(options):
            return Chosen(tuple(options))
        case {"scaled": int(mark), **rest} if not rest and not isinstance(mark, bool):
            return Scaled(mark)
        case {"cells": {**cells}, **rest} if not rest and _are_words([*cells, *cells.values()]):
            return Cells({str(row): str(column) for row, column in cells.items()})
        case {"ranked": [*order], **rest} if not rest and _are_words(order):
            return Ranked(tuple(order))
        case {"text": str(words), **rest} if not rest:
            return Text(words)
        case {"amount": str(amount), **rest} if not rest:
            return Amount(Decimal(amount))
        case {"day": str(day), **rest} if not rest:
            return Day(date.fromisoformat(day))
        case {"spot": [str(lat), str(lon)], **rest} if not rest:
            return Spot(Point(float(lat), float(lon)))
        case _:
            raise ValueError("no answer is written like that")


def _are_words(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def canonical(sheet: Sheet) -> bytes:
    """The one way a checked sheet is written down: what a leaf of the log covers (RFC 8785, UTF-8).

    JSON of `written`, keys sorted (they are ASCII), no spaces, nothing escaped but what JSON must, numbers
    only as whole ones of a scale; the same answers give the same bytes, whatever order they came in.
    """
    return _ENCODE(written(sheet)).encode()


@frozen
class CheckedSheet:
    """Answers as they are kept, and the canonical bytes of them."""

    answers: Sheet
    written: bytes


@define(eq=False)
class SheetChecker:
    """Sheets of one survey, those that are equal checked and written once: of a flood most are."""

    questions: Questions
    _known: dict[frozenset[tuple[str, Answer]], CheckedSheet] = field(
        factory=dict[frozenset[tuple[str, Answer]], CheckedSheet], init=False, repr=False
    )

    def __call__(self, sheet: Sheet) -> CheckedSheet:
        """Raises `Invalid` as `checked` does."""
        try:
            key = frozenset(sheet.items())
        except TypeError:  # a signalling NaN is equal to nothing and has no hash
            return self._checked(sheet)
        if (known := self._known.get(key)) is None:
            known = self._known[key] = self._checked(sheet)
        return known

    def _checked(self, sheet: Sheet) -> CheckedSheet:
        answers = checked(self.questions, sheet)
        return CheckedSheet(answers, canonical(answers))
