"""Answers as they are written in JSON: `{"answers": {"q1": {"type": "chosen", "options": ["a"]}, …}}`.

`{"type": "chosen", "options": [ … ], "other": "…"}` answers questions with one or several ·
`{"type": "scale", "value": 4}` · `{"type": "matrix", "columns": {row: column}}` · `{"type": "ranking",
"order": [ … ]}` · `{"type": "text", "words": "…"}` · `{"type": "number", "value": "1.5"}` · `{"type": "date",
"value": "2026-01-31"}` · `{"type": "point", "point": {"lat": …, "lon": …}}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.api.survey_conditions import Code, Codes
from niktokromenas.adapters.http.api.wire import PointIn
from niktokromenas.adapters.http.faults import token
from niktokromenas.adapters.http.wire import reader
from niktokromenas.domain.errors import Fault, Invalid, refuse
from niktokromenas.domain.surveys import answers as domain
from niktokromenas.domain.surveys.naming import Choice
from niktokromenas.domain.surveys.questions import OPTIONS_LIMIT, QUESTIONS_LIMIT, TEXT_LIMIT, Questions
from niktokromenas.domain.surveys.sheets import OTHER_LIMIT, checked
from niktokromenas.domain.values import Point
from niktokromenas.ports.locator import Locator

_SPARE = 500
"""Spaces around an answer are cut off only when it is checked."""


@frozen(kw_only=True)
class ChosenAnswer:
    """Выбранные варианты; `other` — свой вариант словами."""

    type: Literal["chosen"]
    options: Codes = ()
    other: Annotated[str, Meta(max_length=OTHER_LIMIT + _SPARE)] | None = None


@frozen(kw_only=True)
class ScaleAnswer:
    type: Literal["scale"]
    value: int


@frozen(kw_only=True)
class MatrixAnswer:
    """Столбец по строке."""

    type: Literal["matrix"]
    columns: Annotated[dict[Code, Code], Meta(max_length=OPTIONS_LIMIT)]


@frozen(kw_only=True)
class RankingAnswer:
    """Варианты с первого места вниз."""

    type: Literal["ranking"]
    order: Codes


@frozen(kw_only=True)
class TextAnswer:
    type: Literal["text"]
    words: Annotated[str, Meta(max_length=TEXT_LIMIT + _SPARE)]


@frozen(kw_only=True)
class NumberAnswer:
    type: Literal["number"]
    value: Decimal


@frozen(kw_only=True)
class DateAnswer:
    type: Literal["date"]
    value: date


@frozen(kw_only=True)
class PointAnswer:
    type: Literal["point"]
    point: PointIn


AnswerBody = (
    ChosenAnswer
    | ScaleAnswer
    | MatrixAnswer
    | RankingAnswer
    | TextAnswer
    | NumberAnswer
    | DateAnswer
    | PointAnswer
)


@frozen(kw_only=True)
class ChosenCodes:
    """Выбранные варианты; `other` среди них — свой вариант, без его слов."""

    type: Literal["chosen"]
    options: Codes


ChoiceBody = ChosenCodes | ScaleAnswer | MatrixAnswer | RankingAnswer | NumberAnswer | DateAnswer


@frozen(kw_only=True)
class SheetIn:
    """Все ответы участника, каждый под кодом вопроса."""

    answers: Annotated[dict[Code, AnswerBody], Meta(max_length=QUESTIONS_LIMIT)]


@frozen(kw_only=True)
class SheetOut:
    """Все ответы участника, каждый под кодом вопроса."""

    answers: dict[Code, AnswerBody]


def sheet_of(
    given: SheetIn, questions: Questions, locator: Locator, *, beside: Iterable[Fault] = ()
) -> domain.Sheet:
    """Raises `Invalid`: `outside-region` under `/answers/<code>/point` of every such point, and with them
    what lies `beside` and all that `checked` finds. Without such points the domain alone checks.
    """
    sheet = {code: _answer_of(answer) for code, answer in given.answers.items()}
    if outside := _outside(sheet, questions, locator):
        refuse([*outside, *beside, *_found(questions, sheet)])
    return sheet


_ONE_ANSWER = reader(dict[Code, AnswerBody])


def faults_of_read(sent: Any, questions: Questions, locator: Locator) -> list[Fault]:
    """What is wrong with the answers that can be read, in a body that cannot be read whole."""
    given = sent.get("answers") if isinstance(sent, dict) else None
    if not isinstance(given, dict) or len(given) > QUESTIONS_LIMIT:
        return []
    sheet: dict[str, domain.Answer] = {}
    for code, answer in given.items():
        with suppress(Invalid):
            sheet[code] = _answer_of(_ONE_ANSWER({code: answer})[code])
    unread = frozenset(given) - sheet.keys()
    return [*_outside(sheet, questions, locator), *_found(questions, sheet, unread)]


def _found(
    questions: Questions, sheet: domain.Sheet, unread: frozenset[str] = frozenset()
) -> Sequence[Fault]:
    try:
        checked(questions, sheet, unread=unread)
    except Invalid as wrong:
        return wrong.faults
    return ()


def _outside(sheet: domain.Sheet, questions: Questions, locator: Locator) -> list[Fault]:
    known = {question.code for question in questions}
    return [
        Fault(f"/answers{token(code)}/point", "outside-region", "Точка вне региона", "Положение, разд. 9")
        for code, answer in sheet.items()
        if code in known and isinstance(answer, domain.Spot) and locator.locate(answer.point) is None
    ]


def _answer_of(written: AnswerBody) -> domain.Answer:
    match written:
        case ChosenAnswer(options=options, other=other):
            return domain.Chosen(options, other)
        case ScaleAnswer(value=value):
            return domain.Scaled(value)
        case MatrixAnswer(columns=columns):
            return domain.Cells(columns)
        case RankingAnswer(order=order):
            return domain.Ranked(order)
        case TextAnswer(words=words):
            return domain.Text(words)
        case NumberAnswer(value=amount):
            return domain.Amount(amount)
        case DateAnswer(value=day):
            return domain.Day(day)
        case PointAnswer():
            return domain.Spot(Point(written.point.lat, written.point.lon))


def choices_out(choices: Mapping[str, Choice]) -> Mapping[str, ChoiceBody]:
    """What stands beside a name."""
    return {code: _choice_out(choice) for code, choice in choices.items()}


def _choice_out(choice: Choice) -> ChoiceBody:
    if isinstance(choice, domain.Chosen):
        return ChosenCodes(type="chosen", options=choice.options)
    return _plain_out(choice)


def _plain_out(
    answer: domain.Scaled | domain.Cells | domain.Ranked | domain.Amount | domain.Day,
) -> ScaleAnswer | MatrixAnswer | RankingAnswer | NumberAnswer | DateAnswer:
    match answer:
        case domain.Scaled(value):
            return ScaleAnswer(type="scale", value=value)
        case domain.Cells(columns):
            return MatrixAnswer(type="matrix", columns=dict(columns))
        case domain.Ranked(order):
            return RankingAnswer(type="ranking", order=order)
        case domain.Amount(amount):
            return NumberAnswer(type="number", value=amount)
        case domain.Day(day):
            return DateAnswer(type="date", value=day)


def sheet_out(sheet: domain.Sheet) -> Mapping[str, AnswerBody]:
    """What stands under `answers`."""
    return {code: _answer_out(answer) for code, answer in sheet.items()}


def _answer_out(answer: domain.Answer) -> AnswerBody:
    match answer:
        case domain.Chosen(options, other):
            return ChosenAnswer(type="chosen", options=options, other=other)
        case domain.Text(words):
            return TextAnswer(type="text", words=words)
        case domain.Spot(point):
            return PointAnswer(type="point", point=PointIn(lat=point.lat, lon=point.lon))
        case _:
            return _plain_out(answer)
