"""The contract of joining and following: one per person by the store, counts that never drift (п. 3 (5))."""

import asyncio
import random
from datetime import timedelta

import pytest

from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages import moderating
from niktokromenas.domain.messages.following import FollowingKind
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.participants.people import Participant
from niktokromenas.ports.following import Standing
from niktokromenas.ports.messages import JournalFilter
from tests.contract.building import MODERATOR, a_message, accepted, arrived, doing, routed
from tests.contract.stores import NOON, Stores

JOIN, FOLLOW = FollowingKind


async def a_public_one(stores: Stores, author: Participant, number: str = "26-000001") -> Message:
    async with stores.transactions() as tx:
        return await tx.messages.add(accepted(a_message(author, number)))


async def took_up(
    stores: Stores, message: Message, person: Participant, kind: FollowingKind, minutes: int = 0
) -> bool:
    async with stores.transactions() as tx:
        at = NOON + timedelta(minutes=minutes)
        return bool(await tx.followings.add(message.id, person.id, kind, at))


async def let_go(stores: Stores, message: Message, person: Participant, kind: FollowingKind) -> bool:
    async with stores.transactions() as tx:
        return bool(await tx.followings.remove(message.id, person.id, kind))


async def check_one_person_joins_once_however_often_they_ask_at_once(stores: Stores) -> None:
    author, other = await arrived(stores, 1), await arrived(stores, 2)
    message = await a_public_one(stores, author)
    taken = await asyncio.gather(*(took_up(stores, message, other, JOIN) for _ in range(50)))
    assert sorted(taken) == [False] * 49 + [True]
    assert await stores.followed.standing(message.id, other.id) == Standing(joined=1, has_joined=True)
    async with stores.transactions() as tx:
        assert await tx.followings.people(message.id, None, 10) == (other.id,)


@pytest.mark.abuse(1)
@pytest.mark.abuse(2)
async def test_one_person_joins_once_however_often_they_ask_at_once(stores: Stores) -> None:
    await check_one_person_joins_once_however_often_they_ask_at_once(stores)


async def test_many_people_at_once_are_all_counted(stores: Stores) -> None:
    author = await arrived(stores, 1)
    message = await a_public_one(stores, author)
    people = [await arrived(stores, 10 + n) for n in range(12)]
    await asyncio.gather(
        *(took_up(stores, message, person, kind) for person in people for kind in FollowingKind)
    )
    assert await stores.followed.standing(message.id, None) == Standing(joined=12, followed=12)
    await asyncio.gather(*(let_go(stores, message, person, JOIN) for person in people for _ in range(2)))
    assert await stores.followed.standing(message.id, None) == Standing(joined=0, followed=12)


@pytest.mark.parametrize("seed", range(4))
async def test_counts_are_those_of_the_rows_whatever_was_done_and_undone(stores: Stores, seed: int) -> None:
    chance = random.Random(seed)
    author = await arrived(stores, 1)
    people = [await arrived(stores, 10 + n) for n in range(4)]
    message = await a_public_one(stores, author)
    model: set[tuple[ParticipantId, FollowingKind]] = set()
    for _ in range(60):
        person, kind = chance.choice(people), chance.choice(list(FollowingKind))
        key = (person.id, kind)
        match chance.choice(("add", "remove", "fail", "save")):
            case "add":
                assert await took_up(stores, message, person, kind) is (key not in model)
                model.add(key)
            case "remove":
                assert await let_go(stores, message, person, kind) is (key in model)
                model.discard(key)
            case "fail":
                with pytest.raises(ZeroDivisionError):  # noqa: PT012
                    async with stores.transactions() as tx:
                        await tx.followings.add(message.id, person.id, kind, NOON)
                        raise ZeroDivisionError
            case _:
                async with stores.transactions() as tx:
                    message = await tx.messages.save(await tx.messages.by_id(message.id))
        joined = sum(kind is JOIN for _, kind in model)
        expected = Standing(
            joined=joined,
            followed=len(model) - joined,
            has_joined=(people[0].id, JOIN) in model,
            follows=(people[0].id, FOLLOW) in model,
        )
        async with stores.transactions() as tx:
            assert await tx.followings.standing(message.id, people[0].id) == expected
            assert await tx.followings.joined(message.id) == joined
            assert await tx.followings.people(message.id, None, 10) == tuple(sorted({p for p, _ in model}))
        assert await stores.followed.standing(message.id, people[0].id) == expected


async def test_joining_leaves_the_message_as_it_was_and_saving_leaves_the_counts(stores: Stores) -> None:
    author, other = await arrived(stores, 1), await arrived(stores, 2)
    message = await a_public_one(stores, author)
    await took_up(stores, message, other, JOIN)
    await took_up(stores, message, other, FOLLOW)
    async with stores.transactions() as tx:
        assert await tx.messages.by_id(message.id) == message
        await tx.messages.save(routed(message))
    page = await stores.journal.public(JournalFilter(), None, 10)
    assert [(item.joined, item.followed) for item in page.items] == [(1, 1)]


async def test_people_come_page_by_page_each_once(stores: Stores) -> None:
    author = await arrived(stores, 1)
    message, elsewhere = await a_public_one(stores, author), await a_public_one(stores, author, "26-000002")
    people = [await arrived(stores, 10 + n) for n in range(5)]
    for person in people:
        await took_up(stores, message, person, JOIN)
        await took_up(stores, message, person, FOLLOW)
    await took_up(stores, elsewhere, author, FOLLOW)
    found: list[ParticipantId] = []
    async with stores.transactions() as tx:
        while page := await tx.followings.people(message.id, found[-1] if found else None, 2):
            found += page
    assert found == sorted(person.id for person in people)


async def test_ones_list_is_newest_first_page_by_page(stores: Stores) -> None:
    author, other = await arrived(stores, 1), await arrived(stores, 2)
    messages = [await a_public_one(stores, author, f"26-00000{n}") for n in range(5)]
    for n, message in enumerate(messages):
        await took_up(stores, message, other, JOIN if n % 2 else FOLLOW, minutes=n // 2)
    await took_up(stores, messages[0], author, FOLLOW)
    seen: list[object] = []
    after = None
    while True:
        page = await stores.followed.page(other.id, after, 2)
        seen += [(item.since, item.message.id) for item in page.items]
        assert all(item.has_joined is not item.follows for item in page.items)
        if (after := page.next) is None:
            break
    expected = [(NOON + timedelta(minutes=n // 2), m.id) for n, m in enumerate(messages)]
    assert seen == sorted(expected, reverse=True)


async def check_what_is_not_public_any_more_leaves_the_list(stores: Stores) -> None:
    author, other = await arrived(stores, 1), await arrived(stores, 2)
    message, stays = await a_public_one(stores, author), await a_public_one(stores, author, "26-000002")
    for one in (message, stays):
        await took_up(stores, one, other, FOLLOW)
    async with stores.transactions() as tx:
        hidden = moderating.set_publicity(message, Publicity.NON_PUBLIC, "Семья", doing(MODERATOR))
        await tx.messages.save(hidden)
    page = await stores.followed.page(other.id, None, 10)
    assert [item.message.number for item in page.items] == [stays.number]


@pytest.mark.abuse(8)
async def test_what_is_not_public_any_more_leaves_the_list(stores: Stores) -> None:
    await check_what_is_not_public_any_more_leaves_the_list(stores)


async def shared(stores: Stores, of: Message, to: Message, author: Participant) -> None:
    async with stores.transactions() as tx:
        await tx.followings.share(of.id, to.id, author.id)


async def test_whoever_follows_one_follows_the_other_too_once_and_without_its_author(stores: Stores) -> None:
    author, joiner, follower, both = [await arrived(stores, n) for n in range(1, 5)]
    original, duplicate = [await a_public_one(stores, author, f"26-00000{n}") for n in (1, 2)]
    for person, kind in ((joiner, JOIN), (both, JOIN), (author, JOIN), (author, FOLLOW)):
        await took_up(stores, duplicate, person, kind, minutes=1)
    await took_up(stores, duplicate, follower, FOLLOW, minutes=3)
    await took_up(stores, original, both, FOLLOW, minutes=2)
    for _ in range(2):
        await shared(stores, duplicate, original, author)
        assert await stores.followed.standing(original.id, author.id) == Standing(joined=2, followed=2)
    standing = await stores.followed.standing(original.id, both.id)
    assert (standing.has_joined, standing.follows) == (True, True)
    [item] = [i for i in (await stores.followed.page(both.id, None, 10)).items if i.message.id == original.id]
    assert item.since == NOON + timedelta(minutes=1)
    assert await stores.followed.standing(duplicate.id, None) == Standing(joined=3, followed=2)


async def test_whoever_joins_while_followers_are_shared_is_counted(stores: Stores) -> None:
    author = await arrived(stores, 1)
    original, duplicate = [await a_public_one(stores, author, f"26-00000{n}") for n in (1, 2)]
    people = [await arrived(stores, 10 + n) for n in range(8)]
    for person in people[:5]:
        await took_up(stores, duplicate, person, JOIN)
    await asyncio.gather(
        *(took_up(stores, original, person, kind) for person in people for kind in FollowingKind),
        *(shared(stores, duplicate, original, author) for _ in range(4)),
    )
    assert await stores.followed.standing(original.id, None) == Standing(joined=8, followed=8)


async def test_whoever_is_joining_when_followers_are_shared_is_counted_once(stores: Stores) -> None:
    author, joiner, follower = [await arrived(stores, n) for n in range(1, 4)]
    original, duplicate = [await a_public_one(stores, author, f"26-00000{n}") for n in (1, 2)]
    await took_up(stores, duplicate, follower, JOIN)
    added = asyncio.Event()

    async def sharing() -> None:
        await added.wait()
        await shared(stores, duplicate, original, author)

    meanwhile = asyncio.create_task(sharing())
    async with stores.transactions() as tx:
        await tx.followings.add(original.id, joiner.id, JOIN, NOON)
        added.set()
        await asyncio.sleep(0.2)  # the other comes as far as it can
    await meanwhile
    assert await stores.followed.standing(original.id, None) == Standing(joined=2)
