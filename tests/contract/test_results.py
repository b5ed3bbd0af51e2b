"""Results over memory, SQLite and PostgreSQL: `Results`, `ResultRegister` and `RunningBallots`."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.sql import results as sql_results
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.answers import Amount, Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.ballots import UNKNOWN, cast_open, change_open
from niktokromenas.domain.surveys.breakdowns import Breakdown
from niktokromenas.domain.surveys.content import Dimension, Series, Table
from niktokromenas.domain.surveys.counting import CountedSurvey, Counting, Totals, counted_survey
from niktokromenas.domain.surveys.live import LiveNumbers
from niktokromenas.domain.surveys.questions import Number, Question
from niktokromenas.domain.surveys.sheets import canonical
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind, Topic
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import tally_of
from niktokromenas.ports.messages import Cursor, StaleVersion
from niktokromenas.ports.results import REGION, ResultsNotFound, Round, RoundFilter
from tests.contract.stores import NOON, Stores
from tests.contract.survey_strategies import a_draft
from tests.contract.test_ballots import announced, casting, voted, voters
from tests.unit.surveys.building import (
    CITY,
    MUNICIPALITIES,
    OFFICIAL,
    OTHER_CITY,
    a_content,
    ballot_question,
    mark_question,
)

_numbers = count(1)
TABLES = (Table("q0", Dimension.MUNICIPALITY), Table("q1", Dimension.AGE_BAND))
LARGE = Question(code="q2", words="Сколько?", kind=Number(low=Decimal(0), high=Decimal(10**15), decimals=3))
some = settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def published(
    stores: Stores, at: datetime = NOON, series: Series | None = None, secrecy: Secrecy = Secrecy.OPEN
) -> Survey:
    kind = SurveyKind.SATISFACTION if series else SurveyKind.SURVEY
    content = a_content(kind=kind, series=series, tables=TABLES, secrecy=secrecy)
    draft = a_draft(OFFICIAL, content, f"S-24-{next(_numbers):06}")
    async with stores.transactions() as tx:
        stands = evolve(draft, stage=Stage.PUBLISHED, announced_at=NOON, published_at=at)
        survey: Survey = await tx.surveys.add(stands)
        return survey


def counted(survey: Survey, *cast: tuple[Sheet, Any], target: int | None = None) -> CountedSurvey:
    counting = Counting(survey.content, tuple(MUNICIPALITIES))
    for sheet, marks in cast:
        counting.add(canonical(sheet), marks)
    return counted_survey(survey.id, counting, target)


async def kept(stores: Stores, survey: Survey, counted: CountedSurvey) -> CountedSurvey:
    async with stores.transactions() as tx:
        await tx.results.add(survey, counted)
    return counted


async def a_round(
    stores: Stores, topic: Topic, municipality: str | None, day: int, *marks: int
) -> tuple[Survey, CountedSurvey]:
    survey = await published(stores, NOON + timedelta(days=day), Series(topic, municipality))
    cast: list[tuple[Sheet, Any]] = [({"q1": Scaled(mark)}, {}) for mark in marks]
    return survey, await kept(stores, survey, counted(survey, *cast))


ballots = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {"q0": st.sampled_from(["for", "against"]).map(lambda code: Chosen((code,)))},
            optional={"q1": st.integers(1, 5).map(Scaled)},
        ),
        st.fixed_dictionaries(
            {
                Dimension.MUNICIPALITY: st.sampled_from([CITY, OTHER_CITY, UNKNOWN]),
                Dimension.AGE_BAND: st.sampled_from(["18-24", "65+"]),
            }
        ),
    ),
    max_size=40,
)


@pytest.mark.clause("9-inform-results")
@some
@given(cast=ballots, target=st.none() | st.integers(0, 10_000))
async def test_what_was_counted_is_read_back_whole_and_shown_without_what_is_hidden(
    stores: Stores, cast: Any, target: int | None
) -> None:
    survey = await published(stores)
    made = await kept(stores, survey, counted(survey, *cast, target=target))
    async with stores.transactions() as tx:
        assert await tx.results.of(survey.id) == made
    register = stores.result_register
    assert await register.totals(survey.id) == made.totals
    for dimension in Dimension:
        shown = await register.breakdown(survey.id, dimension)
        assert shown == made.breakdowns[dimension].shown
        assert isinstance(shown, Breakdown)


async def test_sums_longer_than_numbers_of_json_are_kept_exactly(stores: Stores) -> None:
    survey = await published(stores)
    survey = evolve(survey, content=evolve(survey.content, questions=(LARGE,), tables=()))
    sheet: Sheet = {"q2": Amount(Decimal(10**14 + 1))}
    made = await kept(stores, survey, counted(survey, (sheet, {}), (sheet, {})))
    assert made.totals.tally["q2"]["squares"] > 2**64
    assert (await stores.result_register.totals(survey.id)).tally == made.totals.tally


async def test_results_are_kept_once_and_only_of_what_was_counted(stores: Stores) -> None:
    survey, other = await published(stores), SurveyId(new_id())
    first = await kept(stores, survey, counted(survey, ({"q1": Scaled(1)}, {})))
    with pytest.raises(StaleVersion):
        await kept(stores, survey, counted(survey))
    assert await stores.result_register.totals(survey.id) == first.totals
    with pytest.raises(ResultsNotFound):
        await stores.result_register.totals(other)
    with pytest.raises(ResultsNotFound):
        await stores.result_register.breakdown(other, Dimension.AGE_BAND)
    async with stores.transactions() as tx:
        with pytest.raises(ResultsNotFound):
            await tx.results.of(other)


async def test_a_dimension_that_was_not_announced_has_no_table(stores: Stores) -> None:
    await check_a_dimension_that_was_not_announced_has_no_table(stores)


async def check_a_dimension_that_was_not_announced_has_no_table(stores: Stores) -> None:
    survey = await published(stores)
    survey = evolve(survey, content=evolve(survey.content, tables=TABLES[:1]))
    await kept(stores, survey, counted(survey))
    await stores.result_register.breakdown(survey.id, Dimension.MUNICIPALITY)
    with pytest.raises(ResultsNotFound):
        await stores.result_register.breakdown(survey.id, Dimension.AGE_BAND)


async def test_results_of_a_unit_that_failed_are_not_there(stores: Stores) -> None:
    survey = await published(stores)

    async def fail() -> None:
        async with stores.transactions() as tx:
            await tx.results.add(survey, counted(survey))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    with pytest.raises(ResultsNotFound):
        await stores.result_register.totals(survey.id)


# Rounds


async def every_round(stores: Stores, chosen: RoundFilter, limit: int = 2) -> list[Round]:
    found: list[Round] = []
    after: Cursor | None = None
    while True:
        page = await stores.result_register.rounds(chosen, after, limit)
        assert len(page.items) <= limit
        found += page.items
        if page.next is None:
            return found
        after = page.next


@pytest.mark.abuse(39)
@pytest.mark.clause("2.2-satisfaction")
async def test_a_few_secret_ballots_are_a_number_and_no_round(stores: Stores) -> None:
    """Neither listed among rounds nor what a later one is compared with."""
    topic = Topic.GAS
    told, _ = await a_round(stores, topic, None, 41, 1, 2)
    series, sheet = Series(topic, None), {"q1": Scaled(5)}
    few = await published(stores, NOON + timedelta(days=42), series, Secrecy.SECRET)
    made = await kept(stores, few, counted(few, *[(sheet, {})] * 4, target=100))
    register = stores.result_register
    assert made.totals.is_withheld
    assert await register.totals(few.id) == made.totals == Totals(ballots=4, target_size=None, tally={})
    for dimension in Dimension:
        with pytest.raises(ResultsNotFound):
            await register.breakdown(few.id, dimension)
    enough = await published(stores, NOON + timedelta(days=43), series, Secrecy.SECRET)
    await kept(stores, enough, counted(enough, *[(sheet, {})] * 5))
    listed = await register.rounds(RoundFilter(topic=topic), None, 10)
    assert [each.survey_id for each in listed.items] == [enough.id, told.id]
    before = await register.round_before(series, NOON + timedelta(days=43))
    assert before is not None
    assert before.survey_id == told.id


@pytest.mark.clause("2.2-satisfaction")
async def test_rounds_are_listed_by_topic_and_place_the_last_published_first(stores: Stores) -> None:
    await check_rounds_are_listed_by_topic_and_place(stores)


async def check_rounds_are_listed_by_topic_and_place(stores: Stores) -> None:
    made = [
        await a_round(stores, Topic.ROADS, CITY, 1, 1, 2),
        await a_round(stores, Topic.ROADS, None, 2, 3),
        await a_round(stores, Topic.WATER, CITY, 3, 4, 4),
        await a_round(stores, Topic.ROADS, CITY, 3, 5),
        await a_round(stores, Topic.ROADS, OTHER_CITY, 4),
    ]
    plain = await published(stores, NOON + timedelta(days=9))
    await kept(stores, plain, counted(plain))
    annulled, _ = await a_round(stores, Topic.ROADS, CITY, 5, 1)
    async with stores.transactions() as tx:
        await tx.surveys.save(evolve(annulled, stage=Stage.ANNULLED))

    def expected(chosen: RoundFilter) -> list[SurveyId]:
        fitting = [
            survey
            for survey, _ in made
            if (series := survey.content.series) is not None
            and chosen.topic in (None, series.topic)
            and chosen.municipality in (None, series.municipality or REGION)
        ]
        return [s.id for s in sorted(fitting, key=lambda s: (s.published_at, s.id), reverse=True)]

    for topic in (None, Topic.ROADS, Topic.WATER, Topic.GAS):
        for municipality in (None, CITY, OTHER_CITY, REGION):
            chosen = RoundFilter(topic=topic, municipality=municipality)
            found = await every_round(stores, chosen)
            assert [each.survey_id for each in found] == expected(chosen)
    first = (await every_round(stores, RoundFilter(topic=Topic.WATER)))[0]
    survey, of = made[2]
    assert first == Round(
        survey_id=survey.id,
        number=survey.number,
        title=survey.content.title,
        topic="water",
        municipality=CITY,
        starts_at=survey.starts_at,
        ends_at=survey.ends_at,
        published_at=NOON + timedelta(days=3),
        ballots=2,
        means=of.totals.means,
    )
    everywhere = await every_round(stores, RoundFilter(municipality=REGION))
    assert [each.municipality for each in everywhere] == [None]


@pytest.mark.clause("2.2-satisfaction")
async def test_the_round_before_is_of_the_same_series_and_stands(stores: Stores) -> None:
    series = Series(Topic.HEATING, CITY)
    first, _ = await a_round(stores, Topic.HEATING, CITY, 1, 1, 2)
    await a_round(stores, Topic.HEATING, None, 2, 5)
    await a_round(stores, Topic.GAS, CITY, 2, 5)
    second, _ = await a_round(stores, Topic.HEATING, CITY, 3, 4)
    third = NOON + timedelta(days=9)
    register = stores.result_register

    async def before(at: datetime, of: Series = series) -> SurveyId | None:
        found = await register.round_before(of, at)
        return None if found is None else found.survey_id

    assert await before(third) == second.id
    assert await before(NOON + timedelta(days=3)) == first.id, "a round is not before itself"
    assert await before(NOON + timedelta(days=1)) is None
    region = await register.round_before(Series(Topic.HEATING, None), third)
    assert (region.municipality, region.ballots) == (None, 1)
    async with stores.transactions() as tx:
        await tx.surveys.save(evolve(second, stage=Stage.ANNULLED))
    assert await before(third) == first.id


# Live numbers


async def check_live_numbers_move_only_from_where_they_stand(stores: Stores) -> None:
    survey = await published(stores)
    one = LiveNumbers(ballots=5, tally={"q1": {"n": 5, "v:2": 5}})
    two = LiveNumbers(ballots=11, tally={"q1": {"n": 11, "v:2": 10, "v:3": 1}})
    async with stores.transactions() as tx:
        assert await tx.results.live(survey.id) is None
        await tx.results.show(survey.id, None, one)
        assert await tx.results.live(survey.id) == one
    assert await stores.result_register.live(survey.id) == one
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.results.show(survey.id, None, two)
    async with stores.transactions() as tx:
        await tx.results.show(survey.id, one, two)
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.results.show(survey.id, one, evolve(one, ballots=11))
    assert await stores.result_register.live(survey.id) == two


async def test_live_numbers_move_only_from_where_they_stand(stores: Stores) -> None:
    await check_live_numbers_move_only_from_where_they_stand(stores)


async def test_nothing_is_shown_of_a_survey_that_nobody_answered(stores: Stores) -> None:
    assert await stores.result_register.live(SurveyId(new_id())) is None


async def each_of(stores: Stores, survey: Survey) -> list[bytes]:
    found: AsyncIterator[bytes] = stores.running_ballots.each(survey.id)
    return sorted([answers async for answers in found])


async def check_running_ballots_are_met_once_as_they_stand(stores: Stores) -> None:
    survey, other = await announced(stores, Secrecy.OPEN), await announced(stores, Secrecy.OPEN)
    sheets: list[Sheet] = [{"q0": Chosen(("for",)), "q1": Scaled(mark)} for mark in (1, 2, 3, 4)]
    people = await voters(stores, 4)
    for voter, sheet in zip(people, sheets, strict=True):
        await voted(stores, survey, voter, answers=sheet)
    await voted(stores, other, people[0])
    async with stores.transactions() as tx:
        before = await tx.ballots.of(cast_open(survey, people[0], casting())[0].participation)
        changed, _ = change_open(before, survey, people[0], casting(sheets[3]))
        await tx.ballots.change(changed)
    expected = [canonical(sheet) for sheet in (sheets[3], *sheets[1:])]
    assert await each_of(stores, survey) == sorted(expected)
    assert await stores.running_ballots.count(survey.id) == 4
    assert await stores.running_ballots.count(other.id) == 1
    assert await stores.running_ballots.count(SurveyId(new_id())) == 0


@pytest.mark.parametrize("page", [1, 2, 500])
async def test_running_ballots_are_met_once_each_as_they_stand(
    stores: Stores, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_results, "PAGE", page)
    await check_running_ballots_are_met_once_as_they_stand(stores)


async def test_a_ballot_changed_while_they_are_read_is_met_once(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_results, "PAGE", 1)
    survey = await announced(stores, Secrecy.OPEN)
    people = await voters(stores, 6)
    for voter in people:
        await voted(stores, survey, voter)
    met = 0
    async for _ in stores.running_ballots.each(survey.id):
        met += 1
        for voter in people:
            async with stores.transactions() as tx:
                before = await tx.ballots.of(cast_open(survey, voter, casting())[0].participation)
                await tx.ballots.change(change_open(before, survey, voter, casting())[0])
    assert met == 6


async def test_tallies_of_words_and_numbers_survive_being_written() -> None:
    content = a_content(questions=(ballot_question(), mark_question(), LARGE))
    tally = tally_of(content.questions, [{"q2": Amount(Decimal(10**13)), "q1": Scaled(3)}])
    assert sql_results.read_tally(sql_results.written_tally(tally)) == tally
