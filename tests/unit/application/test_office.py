"""The head's view: numbers of an authority, and who of it has how much in hand (Положение, п. 1.3, 4.5)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from niktokromenas.application.messages.watching import Load
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.participants.actors import RoleRequired
from niktokromenas.ports.office import Figures
from tests.unit.application.life import CITY, PEOPLE, ROADS, Life, a_life
from tests.unit.application.test_recipients import ROUTED, TAKEN


async def load(life: Life, who: str) -> Mapping[str | None, Figures]:
    found: tuple[Load, ...] = await life.platform.read_office().load(await actor(life, who), None)
    return {each.name: each.figures for each in found}


async def actor(life: Life, who: str) -> Any:
    return await life.cast.actor(PEOPLE[who].oid)


def name(who: str) -> str:
    person = PEOPLE[who].name
    return f"{person.last} {person.first} {person.middle}"


@pytest.mark.clause("1.3-office")
async def test_the_approver_sees_every_colleague_by_name_and_the_look_is_audited() -> None:
    life = await a_life(*TAKEN)
    assert await load(life, "approver") == {name("official"): Figures(awaited=1), name("approver"): Figures()}
    looks = [e for e, *_ in life.store.audit.committed() if e.object_kind == "office-load"]
    assert [(e.action, e.object_id) for e in looks] == [("personal-data.look", CITY)]


@pytest.mark.clause("1.3-office")
async def test_others_see_how_much_is_theirs_alone() -> None:
    life = await a_life(*TAKEN)
    assert await load(life, "official") == {name("official"): Figures(awaited=1)}
    assert await load(life, "road official") == {name("road official"): Figures()}
    assert not [e for e, *_ in life.store.audit.committed() if e.object_kind == "office-load"]
    with pytest.raises(RoleRequired):
        await load(life, "coordinator")


@pytest.mark.clause("1.3-office")
async def test_work_of_those_who_left_is_not_lost_from_sight() -> None:
    life = await a_life(*TAKEN)
    await life.dismiss("official")
    assert await load(life, "approver") == {name("approver"): Figures(), None: Figures(awaited=1)}


@pytest.mark.clause("1.3-office")
async def test_numbers_are_for_ones_own_authority_and_of_any_for_those_who_monitor() -> None:
    life = await a_life(*ROUTED)
    life.clock.at += timedelta(days=31)
    summary = life.platform.read_office().summary
    late = Figures(awaited=1, overdue=1, not_taken=1)
    assert await summary(await actor(life, "official"), None) == (CITY, late)
    assert await summary(await actor(life, "coordinator"), CITY) == (CITY, late)
    assert await summary(await actor(life, "road official"), None) == (ROADS, Figures())
    with pytest.raises(RoleRequired):
        await summary(await actor(life, "road official"), CITY)
    with pytest.raises(Invalid):
        await summary(await actor(life, "coordinator"), None)
    all_of_them = await life.platform.read_office().summaries(await actor(life, "operator"), None, 10)
    assert dict(all_of_them)[CITY] == late
