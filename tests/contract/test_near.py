"""The contract of messages near a place and a time: what may be a duplicate of what."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from niktokromenas.domain.messages import moderating
from niktokromenas.domain.messages.masks import Masks, Span
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.values import Point
from niktokromenas.ports.messages import Box
from niktokromenas.ports.near import Around
from tests.contract.building import HERE, MODERATOR, a_message, accepted, arrived, doing
from tests.contract.stores import NOON, Stores, a_region

BOX = Box(south_west=Point(48.70, 44.51), north_east=Point(48.72, 44.53))
ELSEWHERE = Point(48.80, 44.60)


async def kept(stores: Stores, message: Message) -> str:
    async with stores.transactions() as tx:
        return (await tx.messages.add(message)).number


def around(at: datetime = NOON, **changes: object) -> Around:
    given: dict[str, object] = {"box": BOX, "municipality": "18701000", **changes}
    return Around(since=at - timedelta(days=30), until=at + timedelta(days=30), **given)  # type: ignore[arg-type]


async def check_only_public_ones_are_for_everyone(stores: Stores) -> None:
    author = await arrived(stores)
    shown = await kept(stores, accepted(a_message(author, "26-000001")))
    hidden = await kept(stores, accepted(a_message(author, "26-000002"), public=False))
    new = await kept(stores, a_message(author, "26-000003"))
    for place in ({}, {"box": None}):
        found = await stores.near.public(around(**place), 10)
        assert [each.number for each in found] == [shown]
        living = await stores.near.living(around(**place), 10)
        assert sorted(each.number for each in living) == [shown, hidden, new]


@pytest.mark.clause("6.1-nondisclosure")
async def test_only_public_ones_are_for_everyone(stores: Stores) -> None:
    await check_only_public_ones_are_for_everyone(stores)


async def test_rejected_ones_live_no_more(stores: Stores) -> None:
    author = await arrived(stores)
    ground = next(iter(a_region().grounds.values()))
    await kept(stores, moderating.reject(a_message(author), (ground,), "Неясно", doing(MODERATOR)))
    assert await stores.near.living(around(), 10) == ()


async def test_place_and_time_bound_what_is_near(stores: Stores) -> None:
    author = await arrived(stores)
    here = await kept(stores, accepted(a_message(author, "26-000001")))
    there = await kept(stores, accepted(a_message(author, "26-000002", point=ELSEWHERE)))
    old = NOON - timedelta(days=31)
    await kept(stores, accepted(a_message(author, "26-000003", old), at=old))
    edge = NOON - timedelta(days=30)
    on_edge = await kept(stores, accepted(a_message(author, "26-000004", edge), at=edge))
    assert [each.number for each in await stores.near.public(around(), 10)] == [here, on_edge]
    everywhere = await stores.near.public(around(box=None), 10)
    assert sorted(each.number for each in everywhere) == [here, there, on_edge]
    assert await stores.near.public(around(box=None, municipality="18710000"), 10) == ()


async def test_the_newest_come_first_and_no_more_than_asked_for(stores: Stores) -> None:
    author = await arrived(stores)
    for n in range(4):
        at = NOON + timedelta(hours=n)
        await kept(stores, accepted(a_message(author, f"26-00000{n}", at), at=at))
    for place in ({}, {"box": None}):
        found = await stores.near.public(around(**place), 2)
        assert [each.number for each in found] == ["26-000003", "26-000002"]


async def test_a_candidate_tells_what_is_compared(stores: Stores) -> None:
    author = await arrived(stores)
    await kept(stores, accepted(a_message(author, text="Яма  у\nдома")))
    (found,) = await stores.near.living(around(), 10)
    assert (found.excerpt, found.category, found.point) == ("Яма у дома", "roads.pothole", HERE)
    assert (found.address, found.words) == ("ул. Мира, 5", None)
    assert (found.begins_at, found.submitted_at) == (NOON - timedelta(hours=5), NOON)
    assert (found.stage, found.publicity) == ("accepted", "public")


@pytest.mark.clause("6.1-nondisclosure")
async def test_what_is_masked_is_not_told(stores: Stores) -> None:
    author = await arrived(stores)
    message = accepted(a_message(author, text="Яма у Иванова", place_words="У калитки Иванова"))
    masked = evolve(message, masks=Masks(text=(Span(6, 13),), hides_place_words=True))
    await kept(stores, masked)
    for found in (await stores.near.public(around(), 10), await stores.near.living(around(), 10)):
        assert [(n.excerpt, n.address, n.words) for n in found] == [("Яма у ███████", None, None)]
