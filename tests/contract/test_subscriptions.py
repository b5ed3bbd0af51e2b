"""The contract of subscriptions: no two alike and no more than twenty a person, by the store (п. 3 (5))."""

import asyncio
from typing import Any

import pytest

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.messages.subscriptions import (
    MOST,
    Circle,
    Scope,
    Subscription,
    TooManySubscriptions,
)
from niktokromenas.domain.participants.people import Participant
from tests.contract.building import HERE, arrived
from tests.contract.stores import NOON, Stores

SCOPES = (
    Scope(municipality="18701000"),
    Scope(category="roads"),
    Scope(municipality="18701000", category="roads.pothole"),
    Scope(circle=Circle(centre=HERE, metres=5000), category="roads"),
    Scope(circle=Circle(centre=HERE, metres=100)),
)


def a_subscription(person: Participant, scope: Scope) -> Subscription:
    return Subscription(id=new_id(), participant_id=person.id, scope=scope, at=NOON)


async def add(stores: Stores, subscription: Subscription) -> bool:
    async with stores.transactions() as tx:
        return bool(await tx.subscriptions.add(subscription))


async def own(stores: Stores, person: Participant) -> tuple[Subscription, ...]:
    async with stores.transactions() as tx:
        found: tuple[Subscription, ...] = await tx.subscriptions.of(person.id)
        return found


async def test_subscriptions_are_read_back_and_end(stores: Stores) -> None:
    person, other = await arrived(stores, 1), await arrived(stores, 2)
    made = tuple(a_subscription(person, scope) for scope in SCOPES)
    for subscription in made:
        assert await add(stores, subscription)
    theirs = a_subscription(other, SCOPES[0])
    assert await add(stores, theirs)
    assert await own(stores, person) == made
    async with stores.transactions() as tx:
        assert not await tx.subscriptions.remove(other.id, made[0].id)
        assert await tx.subscriptions.remove(person.id, made[0].id)
        assert not await tx.subscriptions.remove(person.id, made[0].id)
    assert await own(stores, person) == made[1:]
    assert await own(stores, other) == (theirs,)


async def check_no_two_of_a_person_are_alike(stores: Stores) -> None:
    person = await arrived(stores)
    assert await add(stores, a_subscription(person, SCOPES[0]))
    assert not await add(stores, a_subscription(person, SCOPES[0]))
    assert len(await own(stores, person)) == 1


async def test_no_two_of_a_person_are_alike(stores: Stores) -> None:
    await check_no_two_of_a_person_are_alike(stores)


@pytest.mark.abuse(2)
async def test_no_person_has_more_than_twenty_however_many_are_made_at_once(stores: Stores) -> None:
    person = await arrived(stores)

    async def one(number: int) -> Any:
        scope = Scope(circle=Circle(centre=HERE, metres=100 + number))
        try:
            return await add(stores, a_subscription(person, scope))
        except TooManySubscriptions:
            return "full"
        except Conflict:
            return "again"

    outcomes = [await asyncio.gather(*(one(n) for n in range(30))) for _ in range(8)]
    assert len(await own(stores, person)) == MOST
    assert "full" in outcomes[-1]


async def test_those_with_a_key_come_page_by_page(stores: Stores) -> None:
    people = [await arrived(stores, number) for number in range(1, 6)]
    made = [a_subscription(person, SCOPES[0]) for person in people]
    for subscription in made:
        await add(stores, subscription)
    await add(stores, a_subscription(people[0], SCOPES[1]))
    key, found = SCOPES[0].key, list[Subscription]()
    async with stores.transactions() as tx:
        keys = frozenset({key, SCOPES[1].key, "nobody's|*"})
        assert await tx.subscriptions.used(keys) == {key, SCOPES[1].key}
        while page := await tx.subscriptions.with_key(key, found[-1].id if found else None, 2):
            found += page
    assert found == made
