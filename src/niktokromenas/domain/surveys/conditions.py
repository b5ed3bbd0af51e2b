"""Conditions over earlier answers, as data: when a question is asked or an option offered."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from attrs import frozen

from niktokromenas.domain.surveys.answers import Amount, Answer, Chosen, Day, Scaled, Sheet

Measure = int | Decimal | date
Seen = frozenset[str] | Decimal | bool
"""What conditions can see of an answer: the codes chosen, a measure, or that there is one at all."""


@frozen
class Chose:
    """At least one of these options was chosen; `other` among them stands for the own words."""

    question: str
    options: tuple[str, ...]


@frozen
class Within:
    """The scale, number or date lies between the bounds, both included; `None` leaves a side open."""

    question: str
    low: Measure | None = None
    high: Measure | None = None


@frozen
class Answered:
    question: str


@frozen
class Negated:
    condition: "Condition"


@frozen
class Every:
    conditions: "tuple[Condition, ...]"


@frozen
class Some:
    conditions: "tuple[Condition, ...]"


Atom = Chose | Within | Answered
Condition = Atom | Negated | Every | Some


def measured(value: Measure) -> Decimal:
    """Dates are counted in days (proleptic Gregorian ordinal)."""
    return Decimal(value.toordinal()) if isinstance(value, date) else Decimal(value)


def seen(answer: Answer) -> Seen:
    match answer:
        case Chosen():
            return answer.codes
        case Amount(value) if not value.is_finite():
            return True
        case Scaled(value) | Amount(value) | Day(value):
            return measured(value)
        case _:
            return True


def seen_of(sheet: Sheet) -> Mapping[str, Seen]:
    return {code: seen(answer) for code, answer in sheet.items()}


def holds(condition: Condition | None, answers: Mapping[str, Seen]) -> bool:
    """Of what is not answered only `Negated` conditions hold."""
    match condition:
        case None:
            return True
        case Chose(question, options):
            codes = answers.get(question)
            return isinstance(codes, frozenset) and not codes.isdisjoint(options)
        case Within(question, low, high):
            value = answers.get(question)
            if not isinstance(value, Decimal):
                return False
            above = low is None or measured(low) <= value
            return above and (high is None or value <= measured(high))
        case Answered(question):
            return question in answers
        case Negated(inner):
            return not holds(inner, answers)
        case Every(inner):
            return all(holds(each, answers) for each in inner)
        case Some(inner):
            return any(holds(each, answers) for each in inner)


def atoms(condition: Condition | None, pointer: str) -> Iterator[tuple[Atom, str]]:
    """Every atom with its JSON pointer, in the order it is written."""
    match condition:
        case None:
            return
        case Negated(inner):
            yield from atoms(inner, f"{pointer}/of")
        case Every(inner) | Some(inner):
            for place, each in enumerate(inner):
                yield from atoms(each, f"{pointer}/of/{place}")
        case _:
            yield condition, pointer


def questions_in(condition: Condition | None) -> frozenset[str]:
    return frozenset(atom.question for atom, _ in atoms(condition, ""))


def size(condition: Condition) -> int:
    """How many parts it is made of, itself included."""
    match condition:
        case Negated(inner):
            return 1 + size(inner)
        case Every(inner) | Some(inner):
            return 1 + sum(size(each) for each in inner)
        case _:
            return 1


def depth(condition: Condition) -> int:
    match condition:
        case Negated(inner):
            return 1 + depth(inner)
        case Every(inner) | Some(inner):
            return 1 + max((depth(each) for each in inner), default=0)
        case _:
            return 1


def empty_parts(condition: Condition | None, pointer: str) -> Iterator[str]:
    """Pointers of parts that name nothing."""
    match condition:
        case Negated(inner):
            yield from empty_parts(inner, f"{pointer}/of")
        case Every(inner) | Some(inner):
            if not inner:
                yield f"{pointer}/of"
            for place, each in enumerate(inner):
                yield from empty_parts(each, f"{pointer}/of/{place}")
        case Chose(_, options):
            if not options:
                yield f"{pointer}/options"
        case Within(_, None, None):
            yield pointer
        case _:
            return
