"""The contracts of the feed and of letters on their way (Положение, п. 3 (8))."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import define, evolve, field

from niktokromenas.adapters.memory.mail import Answering, MemoryMail
from niktokromenas.adapters.system import new_id
from niktokromenas.application.notices import DeliverLetters
from niktokromenas.domain.notices import (
    Delivery,
    Letter,
    LetterState,
    Notice,
    NoticeKind,
    NoticeMode,
    NoticeSettings,
)
from tests.contract.building import arrived
from tests.contract.stores import NOON, Stores


def a_notice(recipient: Any, **changes: Any) -> Notice:
    notice = Notice(
        id=new_id(),
        event_id=new_id(),
        recipient_id=recipient.id,
        kind=NoticeKind.MESSAGE_ANSWERED,
        facts={"number": "26-000001", "words": None},
        at=NOON,
    )
    return evolve(notice, **changes)


async def test_a_person_is_told_of_an_event_once(stores: Stores) -> None:
    person, other = await arrived(stores, 1), await arrived(stores, 2)
    notice = a_notice(person)
    async with stores.transactions() as tx:
        assert await tx.notices.add(notice)
        assert not await tx.notices.add(evolve(notice, id=new_id()))
        assert await tx.notices.add(evolve(notice, id=new_id(), recipient_id=other.id))
        assert await tx.notices.add(evolve(notice, id=new_id(), kind=NoticeKind.MESSAGE_CLOSED))
    assert len(await stores.notice_feed.page(person.id, None, 10)) == 2


async def test_the_feed_is_newest_first_page_by_page(stores: Stores) -> None:
    person = await arrived(stores)
    notices = [a_notice(person, at=NOON + timedelta(minutes=n % 4)) for n in range(9)]
    async with stores.transactions() as tx:
        for notice in notices:
            await tx.notices.add(notice)
    expected = sorted(notices, key=lambda n: (n.at, n.id), reverse=True)
    shown: list[Notice] = []
    before: tuple[Any, UUID] | None = None
    while page := await stores.notice_feed.page(person.id, before, 4):
        shown += page
        before = (page[-1].at, page[-1].id)
    assert shown == expected
    assert await stores.notice_feed.unread(person.id) == 9
    async with stores.transactions() as tx:
        assert await tx.notices.mark_read(person.id, NOON + timedelta(minutes=1), NOON) == 5
    assert await stores.notice_feed.unread(person.id) == 4


async def test_settings_are_kept_for_each_person(stores: Stores) -> None:
    person, other = await arrived(stores, 1), await arrived(stores, 2)
    chosen = NoticeSettings({NoticeKind.MESSAGE_ACCEPTED: NoticeMode.OFF})
    async with stores.transactions() as tx:
        await tx.notices.save_settings(person.id, NoticeSettings())
        await tx.notices.save_settings(person.id, chosen)
        assert await tx.notices.settings((person.id, other.id)) == {person.id: chosen}
    assert await stores.notice_feed.settings(person.id) == chosen
    assert await stores.notice_feed.settings(other.id) == NoticeSettings()


async def a_letter(stores: Stores) -> Letter:
    letter = Letter(
        id=new_id(),
        notice_id=new_id(),
        kind=NoticeKind.MESSAGE_ANSWERED,
        to="anna@example.org",
        subject="Есть ответ",
        text="Текст",
        html="<p>Текст</p>",
        message_id="<1@example.org>",
    )
    async with stores.transactions() as tx:
        await tx.letters.add(letter, Delivery.begun(letter.id, at=stores.clock.now()))
    return letter


def deliver(stores: Stores, sender: Any) -> DeliverLetters:
    return DeliverLetters(stores.transactions, stores.clock, sender)


@pytest.mark.clause("3.8")
async def test_a_letter_is_sent_once(stores: Stores) -> None:
    letter, mail = await a_letter(stores), MemoryMail()
    assert await deliver(stores, mail)() == 1
    stores.clock.forward(days=3)
    assert await deliver(stores, mail)() == 0
    assert mail.letters == [letter]


async def test_a_refused_letter_is_tried_again_after_its_pause(stores: Stores) -> None:
    letter, mail = await a_letter(stores), MemoryMail(answering=Answering.REFUSES)
    assert await deliver(stores, mail)() == 0
    mail.answering = Answering.ACCEPTS
    assert await deliver(stores, mail)() == 0, "tried again before its pause"
    stores.clock.forward(minutes=2)
    assert await deliver(stores, mail)() == 1
    assert mail.letters == [letter]


async def test_a_letter_without_a_reply_is_unknown_and_never_sent_again(stores: Stores) -> None:
    letter, mail = await a_letter(stores), MemoryMail(answering=Answering.LOSES_REPLIES)
    await deliver(stores, mail)()
    mail.answering = Answering.ACCEPTS
    stores.clock.forward(days=10)
    await deliver(stores, mail)()
    assert mail.letters == [letter]
    (troubled,) = await stores.letter_register.troubled(10)
    assert (troubled.letter, troubled.delivery.state) == (letter, LetterState.UNKNOWN)


async def test_a_letter_refused_for_good_is_dead(stores: Stores) -> None:
    await a_letter(stores)
    await deliver(stores, MemoryMail(answering=Answering.REFUSES_FOR_GOOD))()
    (troubled,) = await stores.letter_register.troubled(10)
    assert troubled.delivery.state is LetterState.DEAD


async def check_only_letters_in_trouble_are_listed(stores: Stores) -> None:
    sent, unknown, dead, pending = [await a_letter(stores) for _ in range(4)]
    now = stores.clock.now()
    async with stores.transactions() as tx:
        claimed = {o.letter.id: o.delivery.claim(now) for o in await tx.letters.due(now, 10)}
        await tx.letters.save(claimed[sent.id].sent())
        await tx.letters.save(claimed[unknown.id].lost("тишина"))
        await tx.letters.save(claimed[dead.id].refused(now, "550", is_permanent=True))
        await tx.letters.save(claimed[pending.id].refused(now, "451"))
    listed = await stores.letter_register.troubled(10)
    assert [o.letter for o in listed] == [dead, unknown], "not the letters that somebody must look at"
    assert await stores.letter_register.troubled(1) == listed[:1]


async def test_only_letters_in_trouble_are_listed_newest_first(stores: Stores) -> None:
    await check_only_letters_in_trouble_are_listed(stores)


@define
class Watching:
    """Looks into the store while it sends, and dies or dawdles if told to."""

    stores: Stores
    claimed: list[UUID] = field(factory=list)
    sent: list[UUID] = field(factory=list)

    async def send(self, letter: Letter) -> None:
        self.sent.append(letter.id)
        await asyncio.sleep(0.01)
        async with self.stores.transactions() as tx:
            held = await tx.letters.claimed_before(self.stores.clock.now() + timedelta(seconds=1), 10)
        self.claimed += [outgoing.letter.id for outgoing in held]


async def test_the_claim_is_committed_before_the_server_hears_of_the_letter(stores: Stores) -> None:
    letter, sender = await a_letter(stores), Watching(stores)
    await deliver(stores, sender)()
    assert sender.claimed == [letter.id]


async def check_two_workers_never_send_one_letter_twice(stores: Stores) -> None:
    letters = [await a_letter(stores) for _ in range(7)]
    sender = Watching(stores)
    workers = [deliver(stores, sender) for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(worker() for worker in workers))
    assert sorted(sender.sent) == sorted(letter.id for letter in letters), "a letter was sent twice"


async def test_two_workers_at_once_never_send_one_letter_twice(stores: Stores) -> None:
    await check_two_workers_never_send_one_letter_twice(stores)


async def test_a_claim_whose_sender_died_becomes_unknown_after_its_lease(stores: Stores) -> None:
    await a_letter(stores)
    async with stores.transactions() as tx:
        (due,) = await tx.letters.due(stores.clock.now(), 10)
        await tx.letters.save(due.delivery.claim(stores.clock.now()))
    mail = MemoryMail()
    stores.clock.forward(minutes=5)
    assert await deliver(stores, mail).give_up_claims() == 0
    stores.clock.forward(minutes=30)
    assert await deliver(stores, mail).give_up_claims() == 1
    assert await deliver(stores, mail)() == 0
    (troubled,) = await stores.letter_register.troubled(10)
    assert troubled.delivery.state is LetterState.UNKNOWN
