"""An organisation that ESIA says is liquidated holds no more surveys (Положение, разд. 9)."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from attrs import evolve
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.esia.emulator.people import SEEDED
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.people import Participant, ended
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.live import Client, over
from tests.integration.http.test_surveys import SURVEYS, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BUSINESS = {"kind": "business", "authority": cast.CITY}
(WITNESS,) = (person for person in SEEDED if any(role.liquidated for role in person.roles))
"""Whoever led the organisation that is no more."""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    clock = SettableClock(NOON)
    folder = tmp_path_factory.mktemp("ended")
    async with over(request.param, folder, clock=providers.Object(clock)) as live:
        yield Stage(live, clock)


async def account(stage: Stage, company: Client) -> Participant:
    """Of the organisation that the client acts for."""
    (held,) = (await company("GET", "/api/v1/me")).body["organisations"]
    async with stage.live.container.transactions()() as tx:
        found = await tx.participants.by_subject(Subject(stage.live.container.issuer(), held["oid"]))
        assert found is not None
        return found


async def saved(stage: Stage, organisation: Participant) -> Participant:
    async with stage.live.container.transactions()() as tx:
        stored: Participant = await tx.participants.save(organisation)
        return stored


@pytest.mark.clause("9-business")
async def test_a_word_of_esia_at_a_sign_in_freezes_what_was_not_announced(stage: Stage) -> None:
    company = await stage.company()
    number = await stage.draft(company, initiator=BUSINESS)
    first = await account(stage, company)
    (role,) = WITNESS.roles
    await saved(stage, evolve(first, subject=Subject(first.subject.issuer, role.oid)))
    await stage.live.drain()
    assert (await stage.seen(company, number))["inside"]["freeze_reason"] is None
    for _ in range(2):  # the second sign-in tells nothing new
        await stage.live.sign_in(WITNESS.oid)
    await stage.live.drain()
    seen = await stage.seen(company, number)
    assert (seen["stage"], seen["inside"]["freeze_reason"]) == ("draft", "business-ended")
    refused = await company("POST", SURVEYS, {"initiator": BUSINESS, "content": {"title": "Кафе"}})
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "organisation-ended")
    entries = await stage.live.container.audit_register().entries(None, 100)
    assert [entry.object_id for entry in entries if entry.action == "organisation.end"] == [str(first.id)]
    assert (await stage.act(company, number, "submit")).status == 409


@pytest.mark.clause("9-business")
async def test_who_signed_in_before_the_end_acts_for_it_no_more_until_esia_names_it_anew(
    stage: Stage,
) -> None:
    company = await stage.company()
    number = await stage.draft(company, initiator=BUSINESS)
    known = await account(stage, company)
    await saved(stage, ended(known, at=stage.clock.at))
    await stage.live.drain()
    assert (await stage.seen(company, number))["inside"]["freeze_reason"] == "business-ended"
    refused = await company("PUT", "/api/v1/me/organisation", {"oid": known.subject.oid})
    assert (refused.status, refused.body["code"]) == (403, "not-your-organisation")
    await stage.later(minutes=1)
    again = await stage.company()
    await stage.live.drain()
    assert (await stage.seen(again, number))["inside"]["freeze_reason"] is None
