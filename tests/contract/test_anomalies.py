"""Counts of a survey over memory, SQLite and PostgreSQL: `SurveyFigures`."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_random_id
from niktokromenas.domain.participants.people import Fact, FactKind, ParticipantKind, Provenance
from niktokromenas.domain.surveys.ballots import Participation, change_open
from niktokromenas.domain.surveys.links import Attracted
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from tests.contract.building import a_person, a_subject
from tests.contract.stores import NOON, Stores
from tests.contract.test_ballots import OTHER, announced, casting, some, voted, voted_secretly, voters
from tests.contract.test_inviting import a_link
from tests.unit.surveys.building import CITY, OTHER_CITY, START

_serials = iter(range(9_000_000, 10_000_000))
moments = st.timedeltas(timedelta(0), timedelta(days=6, hours=23))


async def people_of(stores: Stores, place: str | None, number: int = 1, **more: object) -> list[object]:
    """Registered with that residence; ids."""
    facts = ()
    if place is not None:
        facts = (Fact(FactKind.RESIDENCE, place, Provenance.ESIA_DECLARED, NOON),)
    made: list[object] = []
    async with stores.transactions() as tx:
        for _ in range(number):
            person = evolve(a_person(), subject=a_subject(next(_serials)), facts=facts, **more)
            made.append((await tx.participants.save(person)).id)
    return made


@pytest.mark.abuse(6)
@some
@given(after=st.lists(moments, max_size=8), minutes=st.sampled_from([1, 5, 60, 480]))
async def test_open_ballots_are_counted_by_spans_of_time(
    stores: Stores, after: list[timedelta], minutes: int
) -> None:
    survey = await announced(stores, Secrecy.OPEN)
    for voter, moment in zip(await voters(stores, len(after)), after, strict=True):
        await voted(stores, survey, voter, at=START + moment)
    span = timedelta(minutes=minutes)
    expected = Counter(START + moment // span * span for moment in after)
    assert dict(await stores.survey_figures.paced(survey.id, START, span)) == expected
    found = await stores.survey_figures.paced(survey.id, START, span)
    assert list(found) == sorted(found)


async def check_secret_ballots_are_in_no_count(stores: Stores) -> None:
    survey = await announced(stores, Secrecy.SECRET)
    for voter in await voters(stores, 3):
        await voted_secretly(stores, survey, voter)
    assert await stores.survey_figures.paced(survey.id, START, timedelta(minutes=1)) == ()
    assert await stores.survey_figures.residences(survey.id) == {}


@pytest.mark.clause("9-participate")
async def test_secret_ballots_are_in_no_count(stores: Stores) -> None:
    await check_secret_ballots_are_in_no_count(stores)


async def check_people_are_counted_where_they_live(stores: Stores) -> None:
    before = Counter(await stores.survey_figures.registered())
    known = await people_of(stores, CITY, 3)
    await people_of(stores, OTHER_CITY)
    unknown = await people_of(stores, None, 2)
    organisations = await people_of(stores, CITY, kind=ParticipantKind.ORGANISATION)
    after = Counter(await stores.survey_figures.registered())
    assert after - before == {CITY: 3, OTHER_CITY: 1}
    survey = await announced(stores, Secrecy.OPEN)
    other = await announced(stores, Secrecy.OPEN)
    (voter,) = await voters(stores)
    for each in (known[0], known[1], unknown[0], organisations[0]):
        await voted(stores, survey, evolve(voter, participant_id=each))
    await voted(stores, other, evolve(voter, participant_id=known[2]))
    assert await stores.survey_figures.residences(survey.id) == {CITY: 2}


async def test_people_are_counted_where_they_live(stores: Stores) -> None:
    await check_people_are_counted_where_they_live(stores)


@pytest.mark.abuse(6)
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_links_are_told_in_numbers_the_largest_first(stores: Stores, secrecy: Secrecy) -> None:
    survey, other = await announced(stores, secrecy), await announced(stores, secrecy)
    one, two, *guests = await voters(stores, 8)
    for inviter, came, at in (
        (one, guests[:2], survey),
        (two, guests[2:5], survey),
        (two, guests[5:], other),
    ):
        link = a_link(at, inviter.participant_id, f"{new_random_id().hex}")
        async with stores.transactions() as tx:
            await tx.survey_links.save(link)
            for guest in came:
                assert await tx.survey_links.came(link, guest.participant_id)
    for voter in (guests[2], guests[3], guests[0], guests[5]):
        await (voted if secrecy is Secrecy.OPEN else voted_secretly)(stores, survey, voter)
    figures = stores.survey_figures
    most, least = Attracted(came=3, took_part=2), Attracted(came=2, took_part=1)
    assert await figures.by_link(survey.id, 10) == (most, least)
    assert await figures.by_link(survey.id, 1) == (most,)
    assert await figures.by_link(other.id, 10) == (Attracted(came=1, took_part=0),)


async def test_a_changed_ballot_is_counted_when_it_was_changed(stores: Stores) -> None:
    survey: Survey = await announced(stores, Secrecy.OPEN)
    (voter,) = await voters(stores)
    await voted(stores, survey, voter, at=START)
    async with stores.transactions() as tx:
        ballot = await tx.ballots.of(Participation(survey.id, voter.participant_id))
        given = casting(OTHER, at=START + timedelta(hours=3))
        await tx.ballots.change(change_open(ballot, survey, voter, given)[0])
    found = await stores.survey_figures.paced(survey.id, START, timedelta(hours=1))
    assert found == ((START + timedelta(hours=3), 1),)
    assert isinstance(found[0][0], datetime)
    assert found[0][0].tzinfo is UTC
