"""Conditions over earlier answers as they are written in JSON.

`{"type": "chose", "question": "q1", "options": ["a", "other"]}` · `{"type": "within", "question": "q2",
"low": 3}` (scales and numbers) · `{"type": "within-days", "question": "q3", "first": "2026-01-01"}` ·
`{"type": "answered", "question": "q4"}` · `{"type": "not", "of": …}` · `{"type": "all", "of": [ … ]}` ·
`{"type": "any", "of": [ … ]}`.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.wire_shapes import Nested
from niktokromenas.domain.surveys import conditions as domain

DEEPEST = 10
MOST_PARTS = 200

Code = Annotated[str, Meta(max_length=128)]
Codes = Annotated[tuple[Code, ...], Meta(max_length=100)]


@frozen(kw_only=True)
class ChoseCondition:
    """Выбран хотя бы один из этих вариантов; `other` — свой вариант."""

    type: Literal["chose"]
    question: Code
    options: Codes


@frozen(kw_only=True)
class WithinCondition:
    """Оценка или число между границами включительно; без границы сторона открыта."""

    type: Literal["within"]
    question: Code
    low: Decimal | None = None
    high: Decimal | None = None


@frozen(kw_only=True)
class WithinDaysCondition:
    """Дата с `first` по `last` включительно; без границы сторона открыта."""

    type: Literal["within-days"]
    question: Code
    first: date | None = None
    last: date | None = None


@frozen(kw_only=True)
class AnsweredCondition:
    """На вопрос ответили."""

    type: Literal["answered"]
    question: Code


@frozen(kw_only=True)
class NotCondition:
    """Условие не выполнено."""

    type: Literal["not"]
    of: "AnyCondition"


@frozen(kw_only=True)
class AllConditions:
    """Выполнены все."""

    type: Literal["all"]
    of: "tuple[AnyCondition, ...]"


@frozen(kw_only=True)
class SomeConditions:
    """Выполнено хотя бы одно."""

    type: Literal["any"]
    of: "tuple[AnyCondition, ...]"


AnyCondition = (
    ChoseCondition
    | WithinCondition
    | WithinDaysCondition
    | AnsweredCondition
    | NotCondition
    | AllConditions
    | SomeConditions
)
ConditionBody = Annotated[AnyCondition, Nested(deepest=DEEPEST, most=MOST_PARTS)]


def condition_of(written: AnyCondition) -> domain.Condition:
    match written:
        case ChoseCondition(question=question, options=options):
            return domain.Chose(question, options)
        case WithinCondition(question=question, low=low, high=high):
            return domain.Within(question, low, high)
        case WithinDaysCondition(question=question, first=first, last=last):
            return domain.Within(question, first, last)
        case AnsweredCondition(question=question):
            return domain.Answered(question)
        case NotCondition(of=inner):
            return domain.Negated(condition_of(inner))
        case AllConditions(of=inner):
            return domain.Every(tuple(condition_of(each) for each in inner))
        case SomeConditions(of=inner):
            return domain.Some(tuple(condition_of(each) for each in inner))


def condition_out(condition: domain.Condition) -> AnyCondition:
    match condition:
        case domain.Chose(question, options):
            return ChoseCondition(type="chose", question=question, options=options)
        case domain.Within():
            return _within(condition)
        case domain.Answered(question):
            return AnsweredCondition(type="answered", question=question)
        case domain.Negated(inner):
            return NotCondition(type="not", of=condition_out(inner))
        case domain.Every(inner):
            return AllConditions(type="all", of=tuple(condition_out(each) for each in inner))
        case domain.Some(inner):
            return SomeConditions(type="any", of=tuple(condition_out(each) for each in inner))


def _within(condition: domain.Within) -> WithinCondition | WithinDaysCondition:
    low, high = condition.low, condition.high
    if isinstance(low, date) or isinstance(high, date):
        return WithinDaysCondition(
            type="within-days", question=condition.question, first=_day(low), last=_day(high)
        )
    return WithinCondition(
        type="within",
        question=condition.question,
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
    )


def _day(bound: domain.Measure | None) -> date | None:
    """Of a pair that no client could have sent, a day and a number, the day stays."""
    return bound if isinstance(bound, date) else None
