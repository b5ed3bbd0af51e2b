"""The contract of what waits for the letter of the day: once per person and day (Положение, п. 3 (8))."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.notices import Notice, NoticeKind
from niktokromenas.domain.participants.people import Participant
from tests.contract.building import arrived
from tests.contract.stores import NOON, Stores
from tests.contract.test_letters import a_notice

TODAY, TOMORROW = date(2026, 3, 5), date(2026, 3, 6)


async def waiting(stores: Stores, person: Participant, day: date = TODAY, **changes: Any) -> Notice:
    notice = a_notice(person, kind=NoticeKind.MESSAGE_CLOSED, **changes)
    async with stores.transactions() as tx:
        assert await tx.notices.add(notice)
        await tx.digests.put(notice, day)
    return notice


async def due(stores: Stores, day: date, until: date | None = None) -> set[Any]:
    async with stores.transactions() as tx:
        return set(await tx.digests.due(day, until or day, None, 100))


async def check_a_letter_of_the_day_is_begun_once_however_many_begin_it(stores: Stores) -> None:
    person = await arrived(stores)

    async def begin() -> bool:
        async with stores.transactions() as tx:
            return bool(await tx.digests.begin(person.id, TODAY))

    assert sorted(await asyncio.gather(*(begin() for _ in range(10)))) == [False] * 9 + [True]
    async with stores.transactions() as tx:
        assert await tx.digests.begin(person.id, TOMORROW)


@pytest.mark.clause("3.8")
async def test_a_letter_of_the_day_is_begun_once_however_many_begin_it(stores: Stores) -> None:
    await check_a_letter_of_the_day_is_begun_once_however_many_begin_it(stores)


async def test_what_waits_is_due_from_its_day_on_and_not_after_that_days_letter(stores: Stores) -> None:
    person, other = await arrived(stores, 1), await arrived(stores, 2)
    await waiting(stores, person)
    await waiting(stores, other, TOMORROW)
    assert await due(stores, TODAY) == {person.id}
    assert await due(stores, TOMORROW) == {person.id, other.id}
    assert await due(stores, TODAY, date.max) == {person.id, other.id}
    async with stores.transactions() as tx:
        await tx.digests.begin(person.id, TODAY)
    assert await due(stores, TODAY) == set()
    assert await due(stores, TOMORROW) == {person.id, other.id}


async def test_what_is_taken_waits_no_more_unless_the_unit_fails(stores: Stores) -> None:
    person, other = await arrived(stores, 1), await arrived(stores, 2)
    later = await waiting(stores, person, at=NOON + timedelta(minutes=1))
    first = await waiting(stores, person)
    theirs = await waiting(stores, other)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with stores.transactions() as tx:
            assert await tx.digests.begin(person.id, TODAY)
            assert await tx.digests.take(person.id) == (first, later)
            raise ZeroDivisionError
    async with stores.transactions() as tx:
        assert await tx.digests.begin(person.id, TODAY)
        assert await tx.digests.take(person.id) == (first, later)
        assert await tx.digests.take(person.id) == ()
    async with stores.transactions() as tx:
        assert await tx.digests.take(person.id) == ()
        assert await tx.digests.take(other.id) == (theirs,)


async def test_people_are_due_page_by_page_each_once(stores: Stores) -> None:
    people = [await arrived(stores, number) for number in range(1, 6)]
    for person in people:
        await waiting(stores, person)
        await waiting(stores, person, event_id=new_id())
    found: list[Any] = []
    async with stores.transactions() as tx:
        while page := await tx.digests.due(TODAY, TODAY, found[-1] if found else None, 2):
            found += page
    assert found == sorted(person.id for person in people)
