"""The operator's look at how ballots came: bursts and skews, secret ballots left alone (abuse 6, разд. 9)."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters import cast
from niktokromenas.domain.participants.people import Fact, FactKind, Provenance
from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.ballots import Voter, cast_open, cast_secret
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import Facts, Stated
from tests.contract.building import a_person, a_subject
from tests.contract.test_ballots import RIGHT, announced, casting
from tests.contract.test_inviting import a_link
from tests.integration.http.live import Answered, Live
from tests.integration.http.surveyed import Box, moved
from tests.unit.surveys.building import CITY, END, OTHER_CITY, START

OPERATOR = cast.OPERATORS[0].oid
AT_ONCE = timedelta(0)
_serials = iter(range(8_000_000, 9_000_000))


async def people(live: Live, place: str, number: int) -> list[Voter]:
    """Registered and living there."""
    fact = Fact(FactKind.RESIDENCE, place, Provenance.ESIA_DECLARED, START)
    known = Facts(residence=Stated(place, Provenance.ESIA_DECLARED))
    made: list[Voter] = []
    async with live.container.transactions()() as tx:
        for _ in range(number):
            person = evolve(a_person(), subject=a_subject(next(_serials)), facts=(fact,))
            saved = await tx.participants.save(person)
            made.append(Voter(participant_id=saved.id, name="Житель", facts=known))
    return made


async def a_survey(live: Live, secrecy: Secrecy = Secrecy.OPEN, **more: Any) -> Survey:
    return await announced(Box(live.container.transactions()), secrecy, **more)  # type: ignore[arg-type]


async def voted(
    live: Live, survey: Survey, voters: list[Voter], answers: Sheet = RIGHT, after: timedelta = AT_ONCE
) -> None:
    async with live.container.transactions()() as tx:
        for voter in voters:
            given = casting(answers, at=START + after)
            if survey.content.secrecy is Secrecy.OPEN:
                await tx.ballots.cast(cast_open(survey, voter, given)[0])
            else:
                await tx.ballots.cast_secret(*cast_secret(survey, voter, given)[:2])


async def closed(live: Live, survey: Survey) -> Survey:
    """Counted and published by the worker."""
    await moved(live, survey, stage=Stage.CLOSED)
    assert await live.container.close_surveys()() == 1
    async with live.container.transactions()() as tx:
        found: Survey = await tx.surveys.by_id(survey.id)
        return found


async def looked(live: Live, survey: Survey, oid: str = OPERATOR) -> Answered:
    return await (await live.as_(oid))("GET", f"/api/v1/surveys/{survey.number}/anomalies")


@pytest.mark.abuse(6)
@pytest.mark.clause("9-participate")
async def test_a_burst_and_a_skew_are_told(live: Live) -> None:
    survey = await a_survey(live)
    city, town = await people(live, CITY, 60), await people(live, OTHER_CITY, 60)
    await voted(live, survey, city[:1])
    for first, hours in ((1, 30), (25, 40)):
        await voted(live, survey, city[first : first + 24], after=timedelta(hours=hours))
    await moved(live, survey, stage=Stage.OPEN)
    got = await looked(live, survey)
    assert got.status == 200, got.body
    assert got.body["span_minutes"] == 10
    found = [(burst["begins_at"], burst["ballots"]) for burst in got.body["bursts"]]
    assert found == [((START + timedelta(hours=hours)).isoformat(), 24) for hours in (30, 40)]
    assert {skew["municipality"]: skew["ballots"] for skew in got.body["skews"]} == {CITY: 49, OTHER_CITY: 0}
    assert "ЕСИА" in got.body["skews_note"]
    assert (got.body["bursts_note"], len(town)) == (None, 60)
    for word in (b"participant", b"name", str(city[0].participant_id).encode()):
        assert word not in got.raw


@pytest.mark.abuse(6)
async def test_even_answers_are_no_anomaly(live: Live) -> None:
    survey = await a_survey(live)
    voters = [*await people(live, CITY, 20), *await people(live, OTHER_CITY, 20)]
    for n, voter in enumerate(voters):
        await voted(live, survey, [voter], after=timedelta(hours=4 * n))
    await moved(live, survey, stage=Stage.OPEN)
    got = await looked(live, survey)
    assert (got.body["bursts"], got.body["skews"]) == ([], [])


@pytest.mark.abuse(6)
@pytest.mark.clause("9-participate")
async def test_of_secret_ballots_nobody_knows_when_and_only_announced_places(live: Live) -> None:
    tables = (Table("q0", Dimension.MUNICIPALITY),)
    survey = await a_survey(live, Secrecy.SECRET, tables=tables)
    city, town = await people(live, CITY, 60), await people(live, OTHER_CITY, 60)
    await voted(live, survey, [*city[:45], *town[:2]], after=timedelta(hours=1))
    await moved(live, survey, stage=Stage.OPEN)
    running = (await looked(live, survey)).body
    assert (running["bursts"], running["span_minutes"], running["skews"]) == ([], None, [])
    assert "не хранится" in running["bursts_note"]
    assert "после публикации" in running["skews_note"]
    told = (await looked(live, await closed(live, survey))).body
    assert (told["bursts"], told["span_minutes"]) == ([], None)
    assert all(skew["ballots"] >= 5 for skew in told["skews"])
    assert OTHER_CITY not in {skew["municipality"] for skew in told["skews"]}
    bare = await a_survey(live, Secrecy.SECRET)
    await voted(live, bare, city[:30], after=timedelta(hours=1))
    await moved(live, bare, stage=Stage.OPEN)
    none = (await looked(live, bare)).body
    assert none["skews"] == []
    assert "не объявлены" in none["skews_note"]


@pytest.mark.abuse(6)
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_a_crowd_by_one_link_is_told_in_numbers(live: Live, secrecy: Secrecy) -> None:
    survey = await a_survey(live, secrecy)
    inviter, *crowd = await people(live, CITY, 31)
    link = a_link(survey, inviter.participant_id, survey.number.lower())
    async with live.container.transactions()() as tx:
        await tx.survey_links.save(link)
        for guest in crowd:
            await tx.survey_links.came(link, guest.participant_id)
    await voted(live, survey, crowd[:19])
    await moved(live, survey, stage=Stage.OPEN)
    assert (await looked(live, survey)).body["crowds"] == []
    await voted(live, survey, crowd[19:25])
    got = await looked(live, survey)
    assert got.body["crowds"] == [{"came": 30, "took_part": 25}]
    assert str(inviter.participant_id).encode() not in got.raw


async def test_only_the_operator_looks_and_each_look_is_in_the_trail(live: Live) -> None:
    survey = await a_survey(live)
    await moved(live, survey, stage=Stage.OPEN)
    for oid in (cast.CITIZEN.oid, cast.MODERATOR.oid, cast.CITY_OFFICIAL.oid, cast.TECHNICAL.oid):
        refused = await looked(live, survey, oid)
        assert (refused.status, refused.body["code"]) == (403, "role-required")
    operator = await live.as_(OPERATOR)
    assert (await looked(live, survey)).status == 200
    (entry,) = (await operator("GET", "/api/v1/audit?limit=1")).body["items"]
    assert (entry["action"], entry["object_id"]) == ("survey.anomalies", survey.number)
    assert entry["grant"] is not None
    await moved(live, survey, stage=Stage.ANNOUNCED)
    early = await looked(live, survey)
    assert (early.status, early.body["code"]) == (409, "survey-not-begun")
    await moved(live, survey, stage=Stage.DRAFT)
    assert (await looked(live, survey)).body["code"] == "survey-not-found"
    assert END > START
