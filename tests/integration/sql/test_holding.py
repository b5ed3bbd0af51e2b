"""What a unit on PostgreSQL holds, no other gets meanwhile, and nobody waits for a clock to see it.

Units on SQLite and in memory come one after another, so that there is nothing to hold.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from niktokromenas.adapters.sql.tables import grants
from niktokromenas.domain.errors import DomainError
from niktokromenas.domain.participants.grants import Grant
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import ROADS, a_grant, a_message, a_proposal, a_subject, arrived
from tests.contract.stores import NOON, Stores, opened
from tests.contract.test_announcements import begun, news_of
from tests.contract.test_letters import a_letter
from tests.contract.test_messages import stored
from tests.contract.test_participants import saved_grant
from tests.contract.test_surveys import added, fresh


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with opened("postgresql", tmp_path) as found:
        yield found


async def meanwhile(
    stores: Stores, first: Callable[[Any], Awaitable[Any]], second: Callable[[], Awaitable[Any]]
) -> tuple[Any, Any]:
    """What a unit got, and what another got between that unit's act and its end."""
    is_done, is_tried = asyncio.Event(), asyncio.Event()

    async def one() -> Any:
        async with stores.transactions() as tx:
            found = await first(tx)
            is_done.set()
            await is_tried.wait()
            return found

    async def other() -> Any:
        await is_done.wait()
        try:
            return await second()
        finally:
            is_tried.set()

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        both = tasks.create_task(one()), tasks.create_task(other())
    return both[0].result(), both[1].result()


async def _is_free(stores: Stores, grant: Grant, **lock: Any) -> bool:
    assert stores.units is not None
    row = sa.select(grants.c.id).where(grants.c.id == grant.id).with_for_update(nowait=True, **lock)
    try:
        async with stores.units.unit() as connection:
            await connection.execute(row)
    except (DomainError, sa.exc.DBAPIError):
        return False
    return True


async def check_a_held_power_cannot_change(stores: Stores) -> None:
    grant = await saved_grant(stores, a_grant(50))
    _, is_free = await meanwhile(stores, lambda tx: tx.grants.hold(grant.id), lambda: _is_free(stores, grant))
    assert not is_free, "a power could end while a decision rested on it"


async def check_several_may_hold_one_power(stores: Stores) -> None:
    grant = await saved_grant(stores, a_grant(50))
    _, is_free = await meanwhile(
        stores, lambda tx: tx.grants.hold(grant.id), lambda: _is_free(stores, grant, read=True)
    )
    assert is_free, "decisions under one power wait for each other"


async def check_all_powers_of_a_person_are_held(stores: Stores) -> None:
    person = a_subject(80)
    made = [await saved_grant(stores, a_grant(80)), await saved_grant(stores, a_proposal(80, body=ROADS))]
    for grant in made:
        _, is_free = await meanwhile(
            stores,
            lambda tx: tx.grants.hold_confirmed_of(person),
            lambda grant=grant: _is_free(stores, grant),  # type: ignore[misc]
        )
        assert not is_free, "a power of the person could be confirmed meanwhile"


async def check_a_role_is_held(stores: Stores) -> None:
    async def is_free(role: Role) -> bool:
        assert stores.units is not None
        lock = sa.text("SELECT pg_try_advisory_xact_lock(674, hashtext(:role))")
        async with stores.units.unit() as connection:
            return bool((await connection.execute(lock, {"role": role.value})).scalar_one())

    def held(tx: Any) -> Any:
        return tx.grants.hold_role(Role.OPERATOR, NOON)

    assert not (await meanwhile(stores, held, lambda: is_free(Role.OPERATOR)))[1], "a role began twice"
    assert (await meanwhile(stores, held, lambda: is_free(Role.TECHNICAL)))[1], "one role waits for another"


async def check_events_are_for_one_unit_alone(stores: Stores) -> None:
    person = await arrived(stores)
    for number in range(4):
        await stored(stores, a_message(person, f"26-00000{number}"))

    async def another() -> Any:
        async with stores.transactions() as tx:
            return await tx.outbox.take(2)

    mine, others = await meanwhile(stores, lambda tx: tx.outbox.take(2), another)
    assert not {e.id for e in mine} & {e.id for e in others}, "an event was taken by two units"
    assert (len(mine), len(others)) == (2, 2), "a unit waits for events that another one has"


async def check_due_letters_are_for_one_unit_alone(stores: Stores) -> None:
    for _ in range(4):
        await a_letter(stores)

    async def another() -> Any:
        async with stores.transactions() as tx:
            return await tx.letters.due(NOON, 2)

    mine, others = await meanwhile(stores, lambda tx: tx.letters.due(NOON, 2), another)
    assert not {o.letter.id for o in mine} & {o.letter.id for o in others}, "a letter was handed to two units"
    assert (len(mine), len(others)) == (2, 2), "a unit waits for letters that another one has"


async def check_news_of_a_survey_is_for_one_unit_alone(stores: Stores) -> None:
    survey = await added(stores, fresh())
    await begun(stores, *(news_of(survey) for _ in range(2)))

    async def another() -> Any:
        async with stores.transactions() as tx:
            return await tx.announcements.take(NOON)

    mine, others = await meanwhile(stores, lambda tx: tx.announcements.take(NOON), another)
    assert None not in (mine, others), "a unit waits for news that another one has"
    assert mine != others, "news was handed to two units"


CHECKS = (
    check_a_held_power_cannot_change,
    check_several_may_hold_one_power,
    check_all_powers_of_a_person_are_held,
    check_a_role_is_held,
    check_events_are_for_one_unit_alone,
    check_due_letters_are_for_one_unit_alone,
    check_news_of_a_survey_is_for_one_unit_alone,
)


@pytest.mark.clause("5.4")
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
async def test_what_a_unit_holds_no_other_gets(
    stores: Stores, check: Callable[[Stores], Awaitable[None]]
) -> None:
    await check(stores)
