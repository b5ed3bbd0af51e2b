"""The contract of news on its way to many people: kept until it is finished, wherever a worker dies."""

from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.messages.following import Spread
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.participants.people import Participant
from tests.contract.building import arrived
from tests.contract.stores import NOON, Stores
from tests.contract.test_following import a_public_one


def a_spread(message: Message, by: Participant | None = None, **changes: Any) -> Spread:
    spread = Spread(
        event_id=new_id(),
        kind=NoticeKind.FOLLOWED_ANSWERED,
        message_id=message.id,
        at=NOON,
        by_participant=by.id if by else None,
        facts={"number": message.number, "authority": None},
    )
    return evolve(spread, **changes)


async def begun(stores: Stores, *spreads: Spread) -> None:
    async with stores.transactions() as tx:
        for spread in spreads:
            await tx.spreads.add(spread)


async def first(stores: Stores, passing: tuple[UUID, ...] = ()) -> Spread | None:
    async with stores.transactions() as tx:
        found: Spread | None = await tx.spreads.take(passing)
        return found


async def check_news_stays_until_it_is_finished(stores: Stores) -> None:
    person = await arrived(stores)
    spread = a_spread(await a_public_one(stores, person), person)
    await begun(stores, spread)
    assert await first(stores) == spread
    after = new_id()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with stores.transactions() as tx:
            await tx.spreads.move(spread, after)
            raise ZeroDivisionError
    assert await first(stores) == spread
    async with stores.transactions() as tx:
        await tx.spreads.move(spread, after)
    assert await first(stores) == evolve(spread, after=after)
    async with stores.transactions() as tx:
        await tx.spreads.finish(spread)
    assert await first(stores) is None


async def test_news_stays_until_it_is_finished(stores: Stores) -> None:
    await check_news_stays_until_it_is_finished(stores)


async def test_the_same_news_begins_once_and_does_not_begin_again_half_way(stores: Stores) -> None:
    message = await a_public_one(stores, await arrived(stores))
    spread, after = a_spread(message), new_id()
    await begun(stores, spread)
    async with stores.transactions() as tx:
        await tx.spreads.move(spread, after)
    await begun(stores, spread, evolve(spread, key="18701000|roads"))
    assert await first(stores) == evolve(spread, after=after)
    async with stores.transactions() as tx:
        await tx.spreads.finish(spread)
    assert await first(stores) == evolve(spread, key="18701000|roads")


async def test_what_rests_is_passed_by(stores: Stores) -> None:
    message = await a_public_one(stores, await arrived(stores))
    one, other = a_spread(message), a_spread(message)
    await begun(stores, other, one)
    assert await first(stores) == one
    assert await first(stores, (one.event_id,)) == other
    assert await first(stores, (one.event_id, other.event_id)) is None
