"""Counts, means and rounds: the same for whoever counts, in whatever order (Положение, разд. 9, п. 2.2)."""

import math
import statistics
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.domain.surveys.answers import Amount, Cells, Chosen, Day, Ranked, Scaled, Sheet, Text
from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Kind,
    Matrix,
    Number,
    One,
    Question,
    Questions,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.sheets import checked
from niktokromenas.domain.surveys.tallies import (
    FOR_AGAINST_ABSTAIN,
    CountResult,
    DatesResult,
    Estimate,
    MatrixResult,
    NumberResult,
    OptionsResult,
    RankingResult,
    Result,
    ScaleResult,
    added,
    change_between,
    estimated,
    result_of,
    student95,
    tally_of,
    turnout,
)
from tests.unit.surveys.strategies import options, questionnaires, sheets


def counted(kind: Kind, *answers: object) -> Result:
    question = Question(code="q", words="?", kind=kind)
    given: list[Sheet] = [{"q": answer} for answer in answers]  # type: ignore[dict-item]
    return result_of(question, tally_of((question,), given)["q"], len(given) + 1)


@st.composite
def elections(draw: st.DrawFn) -> tuple[Questions, list[Sheet]]:
    questions = draw(questionnaires)
    cast = draw(st.lists(sheets(questions).filter(bool), max_size=6))
    return questions, [checked(questions, sheet) for sheet in cast]


@settings(max_examples=60, deadline=None)
@given(elections(), st.data())
def test_tallies_add_up_in_any_order_and_parts(
    election: tuple[Questions, list[Sheet]], data: st.DataObject
) -> None:
    questions, cast = election
    whole = tally_of(questions, cast)
    assert tally_of(questions, data.draw(st.permutations(cast))) == whole
    cut = data.draw(st.integers(0, len(cast)))
    one, other = tally_of(questions, cast[:cut]), tally_of(questions, cast[cut:])
    nothing = tally_of(questions, [])
    assert added(one, other) == added(whole, nothing)
    assert added(whole, other, sign=-1) == added(one, nothing)
    for question in questions:
        answered = sum(question.code in sheet for sheet in cast)
        result = result_of(question, whole[question.code], len(cast))
        assert (result.answered, result.unanswered) == (answered, len(cast) - answered)


def test_for_against_and_abstentions_are_counted_apart() -> None:
    kind = One(options=FOR_AGAINST_ABSTAIN)
    cast = ["for"] * 3 + ["against"] + ["abstain"] * 2
    result = counted(kind, *(Chosen((code,)) for code in cast))
    assert result == OptionsResult(answered=6, unanswered=1, counts={"for": 3, "against": 1, "abstain": 2})
    assert result.share("for") == 0.5
    assert OptionsResult(answered=0, unanswered=1, counts={"for": 0}).share("for") == 0


def test_own_words_are_an_option_of_their_own() -> None:
    kind = Several(options=options(2), most=3, has_other=True)
    result = counted(kind, Chosen(("o0", "o1")), Chosen(("o1",), "Иное"))
    assert result == OptionsResult(answered=2, unanswered=1, counts={"o0": 1, "o1": 2, "other": 1})
    assert isinstance(result, OptionsResult)
    assert list(result.counts) == ["o0", "o1", "other"], "in the order of the question"


def test_a_matrix_a_ranking_dates_numbers_and_words() -> None:
    matrix = Matrix(rows=options(2), columns=options(2))
    assert counted(matrix, Cells({"o0": "o1"}), Cells({"o0": "o1", "o1": "o0"})) == MatrixResult(
        answered=2, unanswered=1, counts={"o0": {"o0": 0, "o1": 2}, "o1": {"o0": 1, "o1": 0}}
    )
    ranking = Ranking(options=options(3), places=2)
    assert counted(ranking, Ranked(("o2", "o0")), Ranked(("o2", "o1"))) == RankingResult(
        answered=2,
        unanswered=1,
        counts={"o0": {1: 0, 2: 1}, "o1": {1: 0, 2: 1}, "o2": {1: 2, 2: 0}},
        points={"o0": 1, "o1": 1, "o2": 4},
    )
    days = Calendar(first=date(2026, 1, 1), last=date(2026, 12, 31))
    assert counted(
        days, Day(date(2026, 10, 1)), Day(date(2026, 9, 1)), Day(date(2026, 10, 1))
    ) == DatesResult(answered=3, unanswered=1, counts={"2026-09-01": 1, "2026-10-01": 2})
    number = Number(low=Decimal(-9), high=Decimal(9), decimals=2)
    result = counted(number, Amount(Decimal("-0.1")), Amount(Decimal("2.35")))
    assert isinstance(result, NumberResult)
    assert result.total == Decimal("2.25")
    assert result.estimate is not None
    assert result.estimate.mean == pytest.approx(1.125)
    assert result.estimate.variance == pytest.approx(statistics.variance([-0.1, 2.35]))
    assert result.estimate.high == pytest.approx(1.125 + 12.706 * statistics.stdev([-0.1, 2.35]) / 2**0.5)
    assert counted(FreeText(), Text("Слово")) == CountResult(answered=1, unanswered=1)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=60))
def test_a_mean_is_the_mean_and_its_interval_is_around_it(marks: list[int]) -> None:
    result = counted(Scale(low=1, high=5), *(Scaled(mark) for mark in marks))
    assert isinstance(result, ScaleResult)
    assert result.counts == {mark: Counter(marks)[mark] for mark in range(1, 6)}
    estimate = result.estimate
    assert estimate is not None
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.mean == pytest.approx(statistics.fmean(marks))
    assert estimate.variance == pytest.approx(statistics.variance(marks))
    half = student95(len(marks) - 1) * statistics.stdev(marks) / len(marks) ** 0.5
    assert (estimate.low, estimate.high) == pytest.approx((estimate.mean - half, estimate.mean + half))


def test_few_answers_have_no_interval() -> None:
    assert estimated(0, 0, 0) is None
    one = estimated(1, 4, 16)
    assert one == Estimate(count=1, mean=4.0, variance=0.0, low=None, high=None)
    two = estimated(2, 8, 32)
    assert one is not None
    assert two is not None
    assert change_between(one, two) is None
    assert change_between(two, one) is None
    same = change_between(two, two)
    assert same is not None
    assert not same.is_beyond_chance


@pytest.mark.parametrize(
    ("freedom", "point"),
    [(1, 12.706), (10, 2.228), (30, 2.042), (40, 2.021), (60, 2.0003), (120, 1.9799), (1e6, 1.96)],
)
def test_points_of_student_are_those_of_the_tables(freedom: float, point: float) -> None:
    assert student95(freedom) == pytest.approx(point, abs=1e-3)


@pytest.mark.parametrize("freedom", [*range(1, 31), 45, 90])
def test_between_the_points_of_student_lie_95_per_cent(freedom: int) -> None:
    """His density, integrated by Simpson's rule."""
    point, parts = student95(freedom), 400
    scale = math.gamma((freedom + 1) / 2) / math.gamma(freedom / 2) / math.sqrt(freedom * math.pi)
    heights = [
        scale * (1 + (2 * point * n / parts - point) ** 2 / freedom) ** (-(freedom + 1) / 2)
        for n in range(parts + 1)
    ]
    inside = heights[0] + heights[-1] + 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2])
    assert inside * 2 * point / parts / 3 == pytest.approx(0.95, abs=1e-4)


def test_between_two_rows_of_the_table_stands_the_wider_interval() -> None:
    assert student95(10.9) == student95(10)
    assert student95(0.5) == student95(1)
    assert student95(30.01) == pytest.approx(student95(30), abs=1e-3)


def test_rounds_of_unlike_size_and_spread_are_compared_by_welch() -> None:
    """Marks 1, 2, 3 of three and 2, 2, 5, 5, 5, 5 of six: 6.14 degrees of freedom."""
    few, many = [1, 2, 3], [2, 2, 5, 5, 5, 5]
    before, now = (estimated(len(marks), sum(marks), sum(m * m for m in marks)) for marks in (few, many))
    assert before is not None
    assert now is not None
    change = change_between(before, now)
    assert change is not None
    one, other = statistics.variance(few) / 3, statistics.variance(many) / 6
    freedom = (one + other) ** 2 / (one**2 / 2 + other**2 / 5)
    assert freedom == pytest.approx(6.14, abs=0.01)
    assert change.difference == pytest.approx(2)
    assert change.high - change.low == pytest.approx(2 * 2.447 * (one + other) ** 0.5)
    assert change.low == pytest.approx(2 - 2.447 * (one + other) ** 0.5)
    back = change_between(now, before)
    assert back is not None
    assert (back.low, back.high) == pytest.approx((-change.high, -change.low))
    assert change.is_beyond_chance is back.is_beyond_chance is (change.low > 0)


@pytest.mark.clause("2.2-satisfaction")
def test_rounds_are_compared_with_what_chance_may_do() -> None:
    """By Welch, with the numbers of a textbook's kind: 3.0 ± and 3.5 ± of 100 answers each."""
    before, now = estimated(100, 300, 1000), estimated(100, 350, 1325)
    assert before is not None
    assert now is not None
    change = change_between(before, now)
    assert change is not None
    assert change.difference == pytest.approx(0.5)
    spread = (before.variance / 100 + now.variance / 100) ** 0.5
    assert change.high - change.low == pytest.approx(2 * 1.972 * spread, rel=1e-3)
    assert change.is_beyond_chance
    again = change_between(now, now)
    assert again is not None
    assert again.difference == 0
    assert not again.is_beyond_chance


@given(st.lists(st.integers(1, 5), min_size=1, max_size=50))
def test_an_interval_is_shown_no_wider_than_its_scale(marks: list[int]) -> None:
    whole = estimated(len(marks), sum(marks), sum(mark * mark for mark in marks))
    assert whole is not None
    shown = whole.within(1, 5)
    assert (shown.mean, shown.variance, shown.count) == (whole.mean, whole.variance, whole.count)
    if whole.low is None or whole.high is None:
        assert (shown.low, shown.high) == (None, None)
    else:
        assert (shown.low, shown.high) == (max(whole.low, 1), min(whole.high, 5))


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**6))
def test_turnout_is_told_of_a_rounded_group(voted: int, size: int | None) -> None:
    found = turnout(voted, size)
    assert found.voted == voted
    assert found.target is None or (found.target % 50 == 0 and found.target > 0)
    assert (found.target is None) is (size is None or size < 25), "nobody took part out of nobody"
    assert found.target is None or found.share == pytest.approx(min(1, voted / found.target))
    assert (found.share is None) is (size is None or size < 25)


def test_a_small_change_among_few_may_be_chance() -> None:
    before, now = estimated(5, 15, 55), estimated(5, 16, 60)
    assert before is not None
    assert now is not None
    change = change_between(before, now)
    assert change is not None
    assert change.difference == pytest.approx(0.2)
    assert change.low < 0 < change.high
    assert not change.is_beyond_chance
