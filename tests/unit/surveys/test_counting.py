"""What is kept of a counted survey is the fold over its ballots, however they come (Положение, разд. 9)."""

from collections import Counter
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys import counting as counting_module
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.ballots import AGE_BANDS, UNKNOWN
from niktokromenas.domain.surveys.breakdowns import breakdown
from niktokromenas.domain.surveys.content import Content, Dimension, Table
from niktokromenas.domain.surveys.counting import Counting, counted_survey, groups_of
from niktokromenas.domain.surveys.questions import Scale
from niktokromenas.domain.surveys.rounds import Mean, compared, means_of
from niktokromenas.domain.surveys.sheets import canonical, checked
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.tallies import change_between, estimated, tally_of
from tests.unit.surveys.building import (
    CITY,
    MUNICIPALITIES,
    OTHER_CITY,
    a_content,
    ballot_question,
    mark_question,
)
from tests.unit.surveys.strategies import questionnaires, sheets

TABLES = (
    Table("q0", Dimension.MUNICIPALITY),
    Table("q1", Dimension.MUNICIPALITY),
    Table("q1", Dimension.AGE_BAND),
)
plain_sheets = st.fixed_dictionaries(
    {"q0": st.sampled_from(["for", "against", "abstain"]).map(lambda code: Chosen((code,)))},
    optional={"q1": st.integers(1, 5).map(Scaled)},
)
marks = st.fixed_dictionaries(
    {
        Dimension.MUNICIPALITY: st.sampled_from([CITY, OTHER_CITY, UNKNOWN, "99999999"]),
        Dimension.AGE_BAND: st.sampled_from(["18-24", "65+", UNKNOWN]),
    }
)


def counted(content: Content, cast: list[tuple[Sheet, Any]]) -> Counting:
    counting = Counting(content, tuple(MUNICIPALITIES))
    for sheet, marked in cast:
        counting.add(canonical(sheet), marked)
    return counting


@pytest.mark.clause("9-inform-results")
@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 4))
def test_a_tally_is_the_fold_over_the_ballots(data: st.DataObject, at_once: int) -> None:
    questions = data.draw(questionnaires)
    given = data.draw(st.lists(sheets(questions).filter(bool), max_size=8))
    cast = [checked(questions, sheet) for sheet in given]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting_module, "ALIKE_AT_ONCE", at_once)
        counting = counted(a_content(questions=questions), [(sheet, {}) for sheet in cast])
    assert counting.tally == tally_of(questions, cast)
    assert counting.ballots == len(cast)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(plain_sheets, marks), max_size=30))
def test_tables_hold_every_ballot_once_in_its_group(cast: list[tuple[Sheet, Any]]) -> None:
    tables = counted(a_content(tables=TABLES), cast).tables
    for table in TABLES:
        expected: Counter[tuple[str, str]] = Counter()
        groups = groups_of(table.dimension, MUNICIPALITIES)
        for sheet, marked in cast:
            mark = marked[table.dimension]
            answer = sheet.get(table.question)
            match answer:
                case None:
                    column = "unanswered"
                case Scaled(value):
                    column = str(value)
                case _:
                    column = next(iter(answer.codes))  # type: ignore[union-attr]
            expected[mark if mark in groups else UNKNOWN, column] += 1
        found = tables[table.dimension][table.question]
        assert tuple(found) == groups
        assert {(g, c): n for g, row in found.items() for c, n in row.items() if n} == dict(expected)


@given(st.lists(st.tuples(plain_sheets, marks), max_size=30))
def test_what_is_kept_shows_tables_with_small_cells_hidden(cast: list[tuple[Sheet, Any]]) -> None:
    content = a_content(tables=TABLES, secrecy=Secrecy.OPEN)
    kept = counted_survey(SurveyId(new_id()), counted(content, cast), 163)
    for of in kept.breakdowns.values():
        assert of.shown == breakdown(of.counted)
    assert kept.totals.means == means_of(content, kept.totals.tally)
    assert (kept.totals.ballots, kept.totals.target_size) == (len(cast), 150)


def test_rows_of_tables_are_fixed_beforehand_in_order_with_the_unknown_last() -> None:
    assert groups_of(Dimension.MUNICIPALITY, ["b", "c", "a"]) == ("a", "b", "c", UNKNOWN)
    ages = groups_of(Dimension.AGE_BAND, ["b"])
    assert ages == (*(code for code, _, _ in AGE_BANDS), UNKNOWN)


def test_a_table_of_what_is_not_asked_is_a_bug() -> None:
    with pytest.raises(ValueError, match="not asked"):
        Counting(a_content(tables=(Table("q9", Dimension.AGE_BAND),)))


def test_a_ballot_without_its_mark_counts_as_unknown() -> None:
    tables = counted(a_content(tables=TABLES), [({"q0": Chosen(("for",))}, {})]).tables
    assert tables[Dimension.MUNICIPALITY]["q0"][UNKNOWN]["for"] == 1


def test_how_many_could_take_part_may_not_be_known() -> None:
    kept = counted_survey(SurveyId(new_id()), counted(a_content(), []), None)
    assert (kept.totals.target_size, kept.totals.ballots, kept.breakdowns) == (None, 0, {})


@pytest.mark.abuse(39)
@pytest.mark.parametrize("secrecy", Secrecy)
@given(st.lists(st.tuples(plain_sheets, marks), max_size=7))
def test_of_a_few_secret_ballots_nothing_is_kept_but_their_number(
    secrecy: Secrecy, cast: list[tuple[Sheet, Any]]
) -> None:
    """Or who knows all of them but one would read the last from the result."""
    content = a_content(tables=TABLES, secrecy=secrecy)
    kept = counted_survey(SurveyId(new_id()), counted(content, cast), 163)
    is_withheld = secrecy is Secrecy.SECRET and len(cast) in (1, 2, 3, 4)
    assert (kept.totals.ballots, kept.totals.is_withheld) == (len(cast), is_withheld)
    if is_withheld:
        assert (kept.totals.tally, kept.totals.means, kept.totals.target_size) == ({}, (), None)
        assert kept.breakdowns == {}
    else:
        assert set(kept.totals.tally) == {"q0", "q1"}
        assert set(kept.breakdowns) == set(Dimension)


def test_rounds_are_compared_where_they_ask_the_same() -> None:
    content = a_content(questions=(mark_question("q1"), mark_question("q2")))

    def means(*marks: int) -> Any:
        return means_of(content, tally_of(content.questions, [{"q1": Scaled(mark)} for mark in marks]))

    before, now = means(1, 2, 2, 1, 2), means(5, 4, 5, 5)
    first, second = compared(now, before)
    assert first.before == before[0]
    one, other = before[0].estimate, now[0].estimate
    assert one == estimated(5, 8, 14)
    assert first.change == change_between(one, other)
    assert first.change is not None
    assert first.change.is_beyond_chance
    assert (second.before, second.change) == (before[1], None)
    for otherwise in (
        evolve(mark_question("q1"), words="Иначе"),
        mark_question("q3"),
        evolve(mark_question("q1"), kind=Scale(low=0, high=5)),
        evolve(mark_question("q1"), kind=Scale(low=1, high=7)),
    ):
        other_round = means_of(a_content(questions=(otherwise,)), {"q1": {"n": 2, "v:1": 2}})
        assert compared(now, other_round)[0].before is None
    assert [found.change for found in compared(now, means())] == [None, None], "nobody answered before"
    assert [found.change for found in compared(means(), before)] == [None, None], "nobody answered now"


def test_a_mean_is_told_of_every_scale_with_what_was_asked() -> None:
    content = a_content(questions=(ballot_question(), mark_question("q2"), mark_question("q1")))
    assert means_of(content, {"q2": {"n": 2, "v:1": 1, "v:4": 1}}) == (
        Mean(question="q2", words="Оцените дороги", low=1, high=5, estimate=estimated(2, 5, 17)),
        Mean(question="q1", words="Оцените дороги", low=1, high=5, estimate=None),
    )
