"""Every fault of the questions is found at once, and only what is one (Положение, разд. 9)."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.domain.surveys.conditions import (
    Answered,
    Chose,
    Condition,
    Every,
    Negated,
    Some,
    Within,
)
from niktokromenas.domain.surveys.paths import faults_of
from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Kind,
    Matrix,
    Number,
    One,
    Option,
    Question,
    Questions,
    Ranking,
    Scale,
    Several,
)
from tests.unit.surveys.strategies import choosing, options, questionnaires, written_questions


def asked(number: int, kind: Kind | None = None, **more: Any) -> Question:
    kind = kind or One(options=options(2))
    return Question(code=f"q{number}", words=f"Вопрос {number}", kind=kind, **more)


def found(*questions: Question) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in faults_of(questions)}


# An oracle of its own: it answers tiny surveys in every way there is


def _is_true(condition: Condition | None, given: dict[str, Any]) -> bool:
    match condition:
        case Chose(question, codes):
            return bool(set(given.get(question) or ()) & set(codes)) if question in given else False
        case Within(question, low, high):
            above: Any = float("-inf") if low is None else low
            below: Any = float("inf") if high is None else high
            return question in given and above <= given[question] <= below
        case Answered(question):
            return question in given
        case Negated(inner):
            return not _is_true(inner, given)
        case Every(inner):
            return all(_is_true(each, given) for each in inner)
        case Some(inner):
            return any(_is_true(each, given) for each in inner)
        case None:
            return True


def _all_answers(question: Question, given: dict[str, Any]) -> list[Any]:
    kind = question.kind
    if isinstance(kind, Scale):
        return list(range(kind.low, kind.high + 1))
    assert isinstance(kind, One | Several)
    codes = [o.code for o in kind.options if _is_true(o.when, given)] + ["other"] * kind.has_other
    sizes = range(kind.least, kind.most + 1) if isinstance(kind, Several) else range(1, 2)
    return [set(some) for size in sizes for some in combinations(codes, size)]


def _walk(
    questions: Sequence[Question], given: dict[str, Any], met: set[tuple[str, str]], place: int = 0
) -> None:
    if place == len(questions):
        return
    question = questions[place]
    if not _is_true(question.when, given):
        _walk(questions, given, met, place + 1)
        return
    met.add(("asked", question.code))
    if isinstance(question.kind, One | Several):
        met |= {(question.code, o.code) for o in question.kind.options if _is_true(o.when, given)}
    ways = _all_answers(question, given)
    if not ways and question.is_required:
        met.add(("stuck", question.code))
    if not question.is_required:
        _walk(questions, given, met, place + 1)
    for answer in ways:
        _walk(questions, given | {question.code: answer}, met, place + 1)


def _expected(questions: Questions) -> Iterator[tuple[str, str]]:
    met: set[tuple[str, str]] = set()
    _walk(questions, {}, met)
    for place, question in enumerate(questions):
        if ("asked", question.code) not in met:
            yield (
                f"/questions/{place}/when",
                "unreachable-required" if question.is_required else "unreachable-question",
            )
            continue
        if ("stuck", question.code) in met:
            yield f"/questions/{place}", "dead-end"
        if isinstance(question.kind, One | Several):
            for at, option in enumerate(question.kind.options):
                if (question.code, option.code) not in met:
                    yield f"/questions/{place}/kind/options/{at}/when", "unreachable-option"


def tiny(earlier: Sequence[Question]) -> st.SearchStrategy[Kind]:
    return choosing(earlier, 3) | st.just(Scale(low=1, high=3))


@pytest.mark.clause("9-participate")
@settings(max_examples=200, deadline=None)
@given(written_questions(tiny, most=4))
def test_what_nobody_can_reach_or_leave_is_found_as_by_answering_in_every_way(questions: Questions) -> None:
    told = found(*questions)
    expected = set(_expected(questions))
    stuck = [place for place, q in enumerate(questions) if (f"/questions/{place}", "dead-end") in expected]
    if stuck and not _passes(questions):
        told = {fault for fault in told if int(fault[0].split("/")[2]) <= max(stuck)}
        expected = {fault for fault in expected if int(fault[0].split("/")[2]) <= _cut(questions)}
    assert told == expected


def _passes(questions: Questions) -> bool:
    """Somebody gets to the end."""
    return _cut(questions) == len(questions)


def _cut(questions: Questions) -> int:
    """Behind which question nobody comes."""

    def furthest(place: int, given: dict[str, Any]) -> int:
        if place == len(questions):
            return place
        question = questions[place]
        if not _is_true(question.when, given):
            return furthest(place + 1, given)
        ways = [given | {question.code: answer} for answer in _all_answers(question, given)]
        if not question.is_required:
            ways.append(given)
        return max((furthest(place + 1, way) for way in ways), default=place)

    return furthest(0, {})


@settings(max_examples=50, deadline=None)
@given(questionnaires)
def test_what_may_be_asked_stays_so_when_asked_without_conditions(questions: Questions) -> None:
    plain = [evolve(question, when=None) for question in questions]
    assert not [fault for fault in faults_of(plain) if fault.code == "unreachable-required"]


# One fault at a time


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (One(options=options(1)), ("/options", "too-few")),
        (One(options=(*options(2), Option(code="o0", words="Ещё"))), ("/options/2/code", "repeated")),
        (
            One(options=(*options(2), Option(code="x", words="  вариант  1 "))),
            ("/options/2/words", "repeated"),
        ),
        (
            One(options=(*options(2), Option(code="other", words="Иное"))),
            ("/options/2/code", "reserved-code"),
        ),
        (One(options=(*options(2), Option(code="Да", words="Иное"))), ("/options/2/code", "bad-code")),
        (One(options=(*options(2), Option(code="x", words="\u200b"))), ("/options/2/words", "no-words")),
        (Several(options=options(2), least=0, most=1), ("/least", "bad-bounds")),
        (Several(options=options(3), least=3, most=2), ("/most", "bad-bounds")),
        (Several(options=options(2), least=1, most=3), ("/most", "bad-bounds")),
        (Several(options=options(2), least=3, most=3), ("/least", "bad-bounds")),
        (Scale(low=5, high=5), ("/high", "bad-bounds")),
        (Scale(low=0, high=1000), ("/high", "bad-bounds")),
        (Matrix(rows=(), columns=options(2)), ("/rows", "too-few")),
        (Matrix(rows=options(1), columns=options(1)), ("/columns", "too-few")),
        (Ranking(options=options(2), places=3), ("/places", "bad-bounds")),
        (FreeText(longest=0), ("/longest", "bad-bounds")),
        (Number(low=Decimal(2), high=Decimal(1)), ("/high", "bad-bounds")),
        (Number(low=Decimal("NaN"), high=Decimal(1)), ("/low", "bad-bounds")),
        (Number(low=Decimal("0.5"), high=Decimal(1)), ("/low", "bad-bounds")),
        (Number(low=Decimal(0), high=Decimal(1), decimals=7), ("/decimals", "bad-bounds")),
        (Calendar(first=date(2026, 2, 2), last=date(2026, 2, 1)), ("/last", "bad-bounds")),
    ],
)
def test_a_kind_out_of_its_bounds_is_named(kind: Kind, fault: tuple[str, str]) -> None:
    assert (f"/questions/0/kind{fault[0]}", fault[1]) in found(asked(0, kind))


LONG = "я" * 1000


@pytest.mark.parametrize(
    ("question", "pointer", "code"),
    [
        (evolve(asked(0), words=LONG + "я"), "/words", "too-long"),
        (evolve(asked(0), hint=LONG + "я"), "/hint", "too-long"),
        (evolve(asked(0), code="я"), "/code", "bad-code"),
        (evolve(asked(0), code="a" * 33), "/code", "bad-code"),
        (asked(0, Scale(low_words=LONG + "я")), "/kind/low_words", "too-long"),
        (asked(0, Scale(high_words=LONG + "я")), "/kind/high_words", "too-long"),
        (asked(0, Scale(low=1, high=101)), "/kind/high", "bad-bounds"),
        (asked(0, One(options=options(101))), "/kind/options", "too-many"),
        (asked(0, Matrix(rows=options(101), columns=options(2))), "/kind/rows", "too-many"),
        (asked(0, Ranking(options=options(2), places=0)), "/kind/places", "bad-bounds"),
        (asked(0, FreeText(longest=5001)), "/kind/longest", "bad-bounds"),
        (asked(0, Number(low=Decimal(0), high=Decimal(1), decimals=-1)), "/kind/decimals", "bad-bounds"),
        (asked(0, Number(low=Decimal(0), high=Decimal(10**9 + 1))), "/kind/high", "bad-bounds"),
        (asked(0, Number(low=Decimal(-(10**9) - 1), high=Decimal(0))), "/kind/low", "bad-bounds"),
        (asked(0, Number(low=Decimal(0), high=Decimal("0.05"), decimals=1)), "/kind/high", "bad-bounds"),
        (asked(0, Number(low=Decimal(0), high=Decimal(1), unit=LONG + "я")), "/kind/unit", "too-long"),
        (
            asked(0, One(options=(*options(2), Option(code="x", words=LONG + "я")))),
            "/kind/options/2/words",
            "too-long",
        ),
    ],
)
def test_what_is_longer_or_more_than_its_limit_is_named(question: Question, pointer: str, code: str) -> None:
    assert found(question) == {(f"/questions/0{pointer}", code)}


@pytest.mark.parametrize(
    "question",
    [
        evolve(asked(0), words=LONG, hint=LONG, code="a" * 32),
        asked(0, Scale(low=1, high=100, low_words=LONG, high_words=LONG)),
        asked(0, Scale(low=-1, high=0)),
        asked(0, One(options=options(100))),
        asked(0, One(options=options(2), has_other=True)),
        asked(0, Several(options=options(2), least=2, most=2)),
        asked(0, Matrix(rows=options(1), columns=options(2))),
        asked(0, Ranking(options=options(2), places=1)),
        asked(0, Ranking(options=options(2), places=2)),
        asked(0, FreeText(longest=1)),
        asked(0, FreeText(longest=5000)),
        asked(0, Number(low=Decimal(-(10**9)), high=Decimal(10**9), unit=LONG)),
        asked(0, Number(low=Decimal("0.000001"), high=Decimal("0.000001"), decimals=6)),
        asked(0, Number(low=Decimal("1.50"), high=Decimal("1E+1"), decimals=1)),
        asked(0, Calendar(first=date(2026, 2, 2), last=date(2026, 2, 2))),
    ],
)
def test_what_is_just_at_its_limit_may_be_asked(question: Question) -> None:
    assert not found(question)


def test_questions_and_their_codes_are_not_repeated() -> None:
    again = evolve(asked(1), words="  вопрос\n0 ")
    assert found(asked(0), again) == {("/questions/1/words", "repeated")}
    twin = evolve(asked(1), code="q0")
    assert found(asked(0), twin, evolve(asked(2), code="q0")) == {
        ("/questions/1/code", "repeated"),
        ("/questions/2/code", "repeated"),
    }
    assert not found(*(asked(n) for n in range(100)))


def test_a_day_is_asked_about_by_days_both_bounds_included() -> None:
    first, last = date(2026, 3, 1), date(2026, 3, 3)
    days = asked(0, Calendar(first=first, last=last))
    for low, high, is_reached in (
        (last, None, True),
        (date(2026, 3, 4), None, False),
        (None, first, True),
        (None, date(2026, 2, 28), False),
        (date(2026, 3, 2), date(2026, 3, 2), True),
    ):
        told = found(days, asked(1, when=Within("q0", low, high)))
        assert told == (set() if is_reached else {("/questions/1/when", "unreachable-required")})
    assert found(days, asked(1, when=Within("q0", 1, None))) == {("/questions/1/when", "wrong-condition")}
    assert found(days, asked(1, when=Chose("q0", ("o0",)))) == {("/questions/1/when", "wrong-condition")}


def test_a_condition_has_at_most_fifty_parts_and_eight_levels() -> None:
    def deep(levels: int) -> Condition:
        made: Condition = Answered("q0")
        for _ in range(levels - 1):
            made = Negated(made)
        return made

    wide = {parts: Some((Answered("q0"),) * (parts - 1)) for parts in (50, 51)}
    told = [("/questions/1/when", "too-complicated")]
    for condition, expected in ((wide[50], []), (wide[51], told), (deep(7), []), (deep(9), told)):
        assert found(asked(0), asked(1, when=condition)) == set(expected)
    assert not found(asked(0, is_required=False), asked(1, when=deep(8)))


def test_several_may_ask_for_as_many_as_there_are_with_the_own_words() -> None:
    assert not found(asked(0, Several(options=options(2), least=3, most=3, has_other=True)))


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        (Answered("q9"), ("/question", "unknown-question")),
        (Answered("q2"), ("/question", "forward-condition")),
        (Answered("q1"), ("/question", "circular-condition")),
        (Chose("q0", ("o7",)), ("/options", "unknown-option")),
        (Chose("q0", ("other",)), ("/options", "unknown-option")),
        (Chose("q0", ()), ("/options", "empty-condition")),
        (Within("q0", 1, 2), ("", "wrong-condition")),
        (Every(()), ("/of", "empty-condition")),
        (Some((Answered("q0"), Negated(Some(())))), ("/of/1/of/of", "empty-condition")),
        (Every((Answered("q0"),) * 60), ("", "too-complicated")),
    ],
)
def test_a_condition_that_cannot_be_asked_is_named(condition: Condition, fault: tuple[str, str]) -> None:
    told = found(asked(0), asked(1, when=condition), asked(2))
    assert told == {(f"/questions/1/when{fault[0]}", fault[1])}


@pytest.mark.parametrize(
    ("low", "high", "code"),
    [
        (date(2026, 1, 1), None, "wrong-condition"),
        (Decimal("Infinity"), None, "bad-bounds"),
        (3, 2, "bad-bounds"),
        (None, None, "empty-condition"),
        (6, None, "unreachable-required"),
    ],
)
def test_bounds_of_a_condition_fit_the_question(low: Any, high: Any, code: str) -> None:
    told = found(asked(0, Scale()), asked(1, when=Within("q0", low, high)))
    assert told == {("/questions/1/when", code)}


def test_questions_that_wait_for_each_other_are_circular_on_both_sides() -> None:
    told = found(
        asked(0, when=Answered("q1")), asked(1, when=Answered("q0")), asked(2, when=Answered("q3")), asked(3)
    )
    assert told == {
        ("/questions/0/when/question", "circular-condition"),
        ("/questions/1/when/question", "circular-condition"),
        ("/questions/2/when/question", "forward-condition"),
    }


def test_rows_of_a_matrix_take_no_conditions() -> None:
    kind = Matrix(rows=options(2, [Answered("q0")]), columns=options(2))
    assert found(asked(0), asked(1, kind)) == {("/questions/1/kind/rows/0/when", "wrong-condition")}


def test_a_fault_of_one_question_is_not_told_again_of_those_that_ask_about_it() -> None:
    first = asked(0, Several(options=options(2), least=4, most=4))
    assert found(first, asked(1, when=Chose("q0", ("o1",)))) == {
        ("/questions/0/kind/least", "bad-bounds"),
        ("/questions/0/kind/most", "bad-bounds"),
    }


def test_every_fault_is_told_at_once() -> None:
    told = found(
        asked(0, One(options=options(1))),
        evolve(asked(1), words=" "),
        asked(2, when=Answered("q5")),
        asked(3, Scale(low=1, high=3), when=Negated(Answered("q1"))),
        asked(4, One(options=options(2, [Chose("q1", ("o1",)), Chose("q1", ("o1",))]))),
    )
    assert told == {
        ("/questions/0/kind/options", "too-few"),
        ("/questions/1/words", "no-words"),
        ("/questions/2/when/question", "unknown-question"),
        ("/questions/3/when", "unreachable-required"),
        ("/questions/4", "dead-end"),
    }


def test_no_questions_are_no_survey() -> None:
    assert found() == {("/questions", "no-questions")}
    assert ("/questions", "too-many") in found(*(asked(n) for n in range(101)))


def test_conditions_that_nobody_can_follow_are_refused_and_not_walked_for_ever() -> None:
    many = [asked(n, Several(options=options(12), most=12)) for n in range(3)]
    each = Every(tuple(Some(tuple(Chose(q.code, (o,)) for o in ("o0", "o1", "o2", "o3"))) for q in many))
    last = [asked(10 + n, when=Some(tuple(Chose(q.code, (f"o{n}",)) for q in many))) for n in range(12)]
    assert found(*many, *last) == {("/questions", "too-complicated")}
    assert ("/questions", "too-complicated") not in found(*many, asked(10, when=each))


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_scale_is_cut_exactly_where_conditions_cut_it(data: st.DataObject) -> None:
    """Decimals, negative bounds and bounds between the steps included."""
    kind = Number(low=Decimal("-1.5"), high=Decimal(2), decimals=1)
    low, high = sorted(data.draw(st.tuples(*[st.decimals(-2, 3, places=2)] * 2)))
    questions = (asked(0, kind), asked(1, when=Within("q0", low, high)))
    is_reached = any(low <= Decimal(tenth) / 10 <= high for tenth in range(-15, 21))
    assert found(*questions) == (set() if is_reached else {("/questions/1/when", "unreachable-required")})


def test_a_survey_is_not_walked_longer_than_anybody_would_wait() -> None:
    """Few ways, but many questions and options to be looked at on each of them."""
    many = [asked(n) for n in range(12)]
    when = [Chose(question.code, ("o0",)) for question in many]
    questions = [asked(20 + n, when=when[n % 12]) for n in range(80)]
    asked_options = [
        asked(20 + n, One(options=tuple(evolve(o, when=when[n]) for o in options(100)))) for n in range(12)
    ]
    assert found(*many, *questions) == {("/questions", "too-complicated")}
    assert found(*many, *asked_options) == {("/questions", "too-complicated")}
    assert found(*many, *questions[:12]) == set()
    assert found(*many, *(asked(20 + n) for n in range(80))) == set(), "what asks for nothing costs nothing"
