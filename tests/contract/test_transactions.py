"""Units of work, whatever they are over."""

import asyncio

import pytest

from niktokromenas.ports.participants import ParticipantNotFound
from tests.contract.building import a_person, arrived
from tests.contract.stores import Stores


async def test_what_a_unit_did_is_there_after_it(stores: Stores) -> None:
    person = await arrived(stores)
    async with stores.transactions() as tx:
        assert await tx.participants.get(person.id) == person


async def test_an_error_undoes_the_whole_unit(stores: Stores) -> None:
    person = a_person()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with stores.transactions() as tx:
            await tx.participants.save(person)
            raise ZeroDivisionError
    async with stores.transactions() as tx:
        with pytest.raises(ParticipantNotFound):
            await tx.participants.get(person.id)


async def test_a_unit_sees_its_own_work(stores: Stores) -> None:
    async with stores.transactions() as tx:
        person = await tx.participants.save(a_person())
        assert await tx.participants.by_subject(person.subject) == person


async def test_units_do_not_nest(stores: Stores) -> None:
    with pytest.raises(RuntimeError):
        async with stores.transactions(), stores.transactions():
            pass
    assert (await arrived(stores)).version == 1


async def test_many_units_at_once_are_all_done(stores: Stores) -> None:
    people = await asyncio.gather(*(arrived(stores, number) for number in range(40)))
    async with stores.transactions() as tx:
        assert [await tx.participants.get(person.id) for person in people] == people


async def test_a_cancelled_unit_leaves_nothing_and_bothers_nobody(stores: Stores) -> None:
    person, begun = a_person(7), asyncio.Event()

    async def slow() -> None:
        async with stores.transactions() as tx:
            await tx.participants.save(person)
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(slow())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await arrived(stores, 8)
    async with stores.transactions() as tx:
        assert await tx.participants.by_subject(person.subject) is None
