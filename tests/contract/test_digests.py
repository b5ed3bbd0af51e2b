"""The contract of what waits for the letter of the day: once per person and day (Положение, п. 3 (8))."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import define

from niktokromenas.adapters.container import in_memory
from niktokromenas.adapters.system import new_id
from niktokromenas.application.digests import SendDigests
from niktokromenas.application.telling import DIGEST_HOUR, Telling
from niktokromenas.domain.notices import Letter, Notice, NoticeKind
from niktokromenas.domain.participants.people import Participant
from tests.contract.building import arrived
from tests.contract.stores import NOON, Stores, a_region
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


def sending(stores: Stores, transactions: Any = None) -> SendDigests:
    templates: Any = in_memory().templates()
    telling = Telling(templates, stores.clock, new_id, a_region(), DIGEST_HOUR)
    return SendDigests(transactions or stores.transactions, stores.clock, telling)


async def written(stores: Stores) -> list[Letter]:
    async with stores.transactions() as tx:
        found = await tx.letters.due(stores.clock.at + timedelta(days=9), 100)
        return [o.letter for o in found]


@define(eq=False)
class Dying:
    """Units in which one step of one repository never ends well, as if the worker were killed there."""

    transactions: Any
    part: str
    step: str
    dies_after: bool

    @asynccontextmanager
    async def __call__(self) -> Any:
        async with self.transactions() as tx:
            yield _Part(tx, self, is_unit=True)


class _Killed(Exception):
    pass


@define(eq=False)
class _Part:
    honest: Any
    dying: Dying
    is_unit: bool

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.honest, name)
        if self.is_unit and name == self.dying.part:
            return _Part(found, self.dying, is_unit=False)
        if self.is_unit or name != self.dying.step:
            return found

        async def killed(*args: Any) -> Any:
            if self.dying.dies_after:
                await found(*args)
            raise _Killed

        return killed


STEPS = [("digests", "begin"), ("digests", "take"), ("participants", "get"), ("letters", "add")]


@pytest.mark.clause("3.8")
@pytest.mark.parametrize(("part", "step"), STEPS)
@pytest.mark.parametrize("dies_after", [False, True])
async def test_a_worker_killed_at_any_step_loses_no_news_and_sends_no_second_letter(
    stores: Stores, part: str, step: str, dies_after: bool
) -> None:
    person = await arrived(stores)
    for number in ("26-000001", "26-000002"):
        facts = {"number": number, "message_url": f"http://localhost:8080/m/{number}"}
        await waiting(stores, person, facts=facts)
    dying = Dying(stores.transactions, part, step, dies_after)
    with pytest.raises(ExceptionGroup):
        await sending(stores, dying)()
    assert await written(stores) == []
    assert await sending(stores)() == 1
    assert await sending(stores)() == 0
    [letter] = await written(stores)
    assert ("26-000001" in letter.text, "26-000002" in letter.text) == (True, True)


@pytest.mark.clause("3.8")
async def test_workers_side_by_side_write_one_letter_a_person(stores: Stores) -> None:
    people = [await arrived(stores, number) for number in range(1, 6)]
    for person in people:
        await waiting(stores, person)
    done = await asyncio.gather(*(sending(stores)() for _ in range(4)))
    assert sum(done) == len(people)
    assert sorted(letter.to for letter in await written(stores)) == [f"p{n}@example.org" for n in range(1, 6)]
