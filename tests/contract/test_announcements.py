"""The contract of news of surveys on its way: nobody twice, nobody left out, wherever a worker dies."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from attrs import define, evolve

from niktokromenas.adapters.container import in_memory
from niktokromenas.adapters.system import new_id
from niktokromenas.application.surveys import announcing
from niktokromenas.application.surveys.announcing import AnnounceSurveys
from niktokromenas.application.telling import DIGEST_HOUR, Telling
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.participants.people import Participant, newcomer
from niktokromenas.domain.surveys import initiating, moderating, ticking
from niktokromenas.domain.surveys.announcing import Announcement
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import LivesIn, Target
from tests.contract.building import an_identity, arrived
from tests.contract.stores import NOON, Stores, a_region
from tests.contract.test_surveys import added, fresh
from tests.unit.surveys.building import (
    ANNOUNCE,
    AUTHOR,
    CITY,
    MODERATOR,
    MUNICIPALITIES,
    OTHER_CITY,
    RULES,
    START,
    doing,
)


def news_of(survey: Survey, **changes: Any) -> Announcement:
    news = Announcement(
        event_id=new_id(), kind=NoticeKind.SURVEY_OPEN, survey_id=survey.id, at=NOON, begins_at=NOON
    )
    return evolve(news, **changes)


async def begun(stores: Stores, *news: Announcement) -> None:
    async with stores.transactions() as tx:
        for each in news:
            await tx.announcements.add(each)


async def first(stores: Stores, at: datetime = NOON, passing: tuple[UUID, ...] = ()) -> Announcement | None:
    async with stores.transactions() as tx:
        found: Announcement | None = await tx.announcements.take(at, passing)
        return found


async def check_news_stays_until_it_is_finished(stores: Stores) -> None:
    person = await arrived(stores)
    news = news_of(await added(stores, fresh()), by_participant=person.id)
    await begun(stores, news)
    assert await first(stores) == news
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with stores.transactions() as tx:
            await tx.announcements.move(news, person.id)
            raise ZeroDivisionError
    assert await first(stores) == news
    async with stores.transactions() as tx:
        await tx.announcements.move(news, person.id)
    await begun(stores, news)
    assert await first(stores) == evolve(news, after=person.id), "it does not begin again half way"
    async with stores.transactions() as tx:
        await tx.announcements.finish(news)
    assert await first(stores) is None


async def test_news_stays_until_it_is_finished(stores: Stores) -> None:
    await check_news_stays_until_it_is_finished(stores)


async def test_news_waits_for_its_time_and_what_began_first_goes_first(stores: Stores) -> None:
    await check_news_waits_for_its_time(stores)


async def check_news_waits_for_its_time(stores: Stores) -> None:
    survey = await added(stores, fresh())
    later = news_of(survey, begins_at=NOON + timedelta(microseconds=1))
    last_day = evolve(later, kind=NoticeKind.SURVEY_LAST_DAY, begins_at=NOON + timedelta(days=1))
    first_of_all = news_of(survey)
    await begun(stores, later, last_day, first_of_all)
    assert await first(stores, NOON - timedelta(microseconds=1)) is None
    assert await first(stores) == first_of_all
    assert await first(stores, passing=(first_of_all.event_id,)) is None
    tomorrow = NOON + timedelta(days=1)
    assert await first(stores, tomorrow, (first_of_all.event_id,)) == later
    async with stores.transactions() as tx:
        await tx.announcements.finish(later)
    assert await first(stores, tomorrow, (first_of_all.event_id,)) == last_day, "of one event, each kind"


async def check_everybody_is_walked_once_by_id(stores: Stores) -> None:
    people = [await arrived(stores, number) for number in range(1, 8)]
    found: list[Participant] = []
    async with stores.transactions() as tx:
        for _ in range(4):
            found += await tx.announcements.everybody(found[-1].id if found else None, 3)
    assert found == sorted(people, key=lambda person: person.id)


async def test_everybody_is_walked_once_by_id(stores: Stores) -> None:
    await check_everybody_is_walked_once_by_id(stores)


SETTLED = ((CITY, 5), (OTHER_CITY, 2), (None, 2))
"""How many live where, in turn: inside, outside, unknown."""


async def an_open_one(stores: Stores) -> Survey:
    """Open to whoever lives in the city, at its start."""
    drafted = await added(stores, fresh(AUTHOR))
    submitted = initiating.submit(drafted, MUNICIPALITIES, doing(AUTHOR))
    approved = moderating.approve(submitted, doing(MODERATOR))
    opened = ticking.tick(ticking.tick(approved, RULES, at=ANNOUNCE), RULES, at=START)
    target = Target(predicate=LivesIn((CITY,)))
    async with stores.transactions() as tx:
        stored = await tx.surveys.save(evolve(opened, content=evolve(opened.content, target=target)))
        while await tx.outbox.take(100):
            pass
        return stored


async def settled(stores: Stores) -> dict[str, set[UUID]]:
    """People by where they live."""
    found: dict[str, set[UUID]] = {}
    number = 100
    for turn in range(max(count for _, count in SETTLED)):
        for place, count in SETTLED:
            if turn < count:
                number += 1
                found.setdefault(place or "", set()).add(await moved_in(stores, place, number))
    return found


async def moved_in(stores: Stores, place: str | None, number: int) -> UUID:
    identity = an_identity(number)
    person = newcomer(ParticipantId(new_id()), identity, place, at=NOON, consent="2025-11")
    async with stores.transactions() as tx:
        await tx.participants.save(person)
    return person.id


@cache
def _templates() -> Any:
    return in_memory().templates()


def announcing_in(stores: Stores, transactions: Any = None) -> AnnounceSurveys:
    telling = Telling(_templates(), stores.clock, new_id, a_region(), DIGEST_HOUR)
    return AnnounceSurveys(transactions or stores.transactions, stores.clock, telling)


class _Killed(BaseException):
    pass


@define(eq=False)
class Dying:
    """Units in which the worker is killed before the call of any repository with this number."""

    transactions: Any
    left: int

    @asynccontextmanager
    async def __call__(self) -> Any:
        async with self.transactions() as tx:
            yield _Part(tx, self)
            self.dies()

    def dies(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise _Killed


@define(eq=False)
class _Part:
    honest: Any
    dying: Dying

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.honest, name)
        if not callable(found):
            return _Part(found, self.dying)

        async def called(*args: Any) -> Any:
            self.dying.dies()
            return await found(*args)

        return called


async def heard(stores: Stores) -> list[UUID]:
    async with stores.transactions() as tx:
        people = await tx.announcements.everybody(None, 100)
    found = []
    for person in people:
        found += [n.recipient_id for n in await stores.notice_feed.page(person.id, None, 100)]
    return found


async def written(stores: Stores) -> list[str]:
    async with stores.transactions() as tx:
        due = await tx.letters.due(stores.clock.at, 100)
    return sorted(outgoing.letter.to for outgoing in due)


@pytest.mark.clause("9-inform-upcoming")
async def test_a_worker_killed_at_every_point_of_every_batch_tells_each_person_once(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "PEOPLE_AT_ONCE", 2)
    people = await settled(stores)
    survey, stores.clock.at = await an_open_one(stores), START
    await begun(stores, news_of(survey, at=START, begins_at=START))
    killed, left, rounds = 0, 1, 0
    while True:
        try:
            looked = await announcing_in(stores, Dying(stores.transactions, left))()
        except _Killed:
            killed, left = killed + 1, left + 1
            continue
        rounds, left = rounds + 1, 1
        if not looked:
            break
    assert (rounds, killed > 5 * 8) == (6, True), "five batches, each interrupted everywhere"
    assert sorted(await heard(stores)) == sorted(people[CITY])
    assert len(await written(stores)) == len(people[CITY])


async def test_workers_side_by_side_tell_each_person_once(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "PEOPLE_AT_ONCE", 2)
    people = await settled(stores)
    survey, stores.clock.at = await an_open_one(stores), START
    await begun(stores, news_of(survey, at=START, begins_at=START))

    async def work() -> None:
        worker = announcing_in(stores)
        while await first(stores, START) is not None:
            await worker()

    await asyncio.gather(*(work() for _ in range(3)))
    assert sorted(await heard(stores)) == sorted(people[CITY])


async def test_surveys_take_turns_and_whoever_comes_meanwhile_is_told(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "PEOPLE_AT_ONCE", 2)
    people = await settled(stores)
    one, other = await an_open_one(stores), await an_open_one(stores)
    stores.clock.at = START
    await begun(stores, *(news_of(each, at=START, begins_at=START) for each in (one, other)))
    announce = announcing_in(stores)
    for _ in range(2):
        assert await announce() == 2
    async with stores.transactions() as tx:
        waiting = [await tx.announcements.take(START)]
        waiting.append(await tx.announcements.take(START, [each.event_id for each in waiting if each]))
    assert all(each is not None and each.after is not None for each in waiting), "both have begun"
    late = await moved_in(stores, CITY, 300)
    while await announce():
        pass
    assert sorted(await heard(stores)) == sorted([*people[CITY], late] * 2)
