"""The contract of `Messages`, `MessageNumbers` and `Uploads`."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.sql.transactions import SqlNumbers
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import AttachmentId, MessageId
from niktokromenas.domain.messages import authoring, merging, moderating
from niktokromenas.domain.messages.content import Found, check
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.ticking import next_tick
from niktokromenas.ports.messages import MessageNotFound, StaleVersion, Upload, UploadNotFound
from tests.contract.building import (
    CITY,
    MODERATOR,
    ROADS,
    a_draft,
    a_message,
    accepted,
    an_attachment,
    arrived,
    author_of,
    closed,
    doing,
    placed,
    ready,
    routed,
)
from tests.contract.stores import NOON, Stores, a_region, a_rulebook


async def stored(stores: Stores, message: Message) -> Message:
    async with stores.transactions() as tx:
        return await (tx.messages.add(message) if message.version == 0 else tx.messages.save(message))


async def test_the_authors_of_merged_messages_are_known_by_their_messages(stores: Stores) -> None:
    people = [await arrived(stores, n) for n in (1, 2, 3)]
    original = accepted(a_message(people[0]))
    duplicates = [a_message(person, f"26-00000{n}") for n, person in enumerate(people[1:], 2)]
    async with stores.transactions() as tx:
        original = await tx.messages.add(original)
        duplicates = [await tx.messages.add(each) for each in duplicates]
    for duplicate in reversed(duplicates):
        async with stores.transactions() as tx:
            pair = merging.merge(duplicate, await tx.messages.by_id(original.id), "Одно", doing(MODERATOR))
            await tx.messages.save(pair[1])
            await tx.messages.save(pair[0])
    async with stores.transactions() as tx:
        found = await tx.messages.merged_authors(original.id)
        none = await tx.messages.merged_authors(duplicates[0].id)
    assert [(m.number, m.participant_id) for m in found] == [
        (each.number, each.author.participant_id) for each in duplicates
    ]
    assert none == ()
    assert (await stores.journal.one("26-000001")).duplicates == tuple(d.id for d in reversed(duplicates))


async def test_a_message_is_read_as_it_was_saved(stores: Stores) -> None:
    message = await stored(stores, a_message(await arrived(stores), attachments=(an_attachment(),)))
    assert message.version == 1
    assert (message.events, message.entries) == ((), ())
    async with stores.transactions() as tx:
        assert await tx.messages.by_number(message.number) == message
        assert await tx.messages.by_id(message.id) == message
    assert await stores.journal.one(message.number) == message


async def test_an_unknown_message_is_not_found(stores: Stores) -> None:
    async with stores.transactions() as tx:
        with pytest.raises(MessageNotFound):
            await tx.messages.by_number("26-999999")
        with pytest.raises(MessageNotFound):
            await tx.messages.by_id(MessageId(new_id()))
    with pytest.raises(MessageNotFound):
        await stores.journal.one("26-999999")


async def check_stale_saves_are_refused(stores: Stores) -> None:
    message = await stored(stores, a_message(await arrived(stores)))
    moved = await stored(stores, accepted(message))
    try:
        await stored(stores, accepted(message))
    except StaleVersion:
        assert await stores.journal.one(message.number) == moved
    else:
        raise AssertionError("a stale message was saved over a newer one")


async def test_a_message_moved_on_elsewhere_is_not_overwritten(stores: Stores) -> None:
    await check_stale_saves_are_refused(stores)


async def test_a_whole_life_is_stored_step_by_step(stores: Stores) -> None:
    message = await stored(stores, a_message(await arrived(stores)))
    for step in (accepted, lambda m: routed(m, CITY, ROADS), ready, placed):
        message = await stored(stores, step(message))
        assert await stores.journal.one(message.number) == message
    history = await stores.journal.history(message.id)
    acts = ["submit", "accept", "route", "assign", "assign", "take", "prepare", "place"]
    assert [entry.act for entry in history] == acts
    assert history[0].content == message.content
    assert history[1].by == MODERATOR
    assert history[1].document == a_rulebook().moderation_words


async def test_history_keeps_every_edition(stores: Stores) -> None:
    message = await stored(stores, a_message(await arrived(stores)))
    asked = moderating.ask_clarification(message, "Где именно?", doing(MODERATOR))
    asked = await stored(stores, asked)
    await stored(stores, _clarified(asked))
    history = await stores.journal.history(message.id)
    texts = [entry.content.text for entry in history if entry.content is not None]
    assert texts == ["Яма на дороге", "Яма у дома 5"]
    assert [entry.edition for entry in history] == [1, 1, 2]


def _clarified(message: Message) -> Message:
    draft = a_draft(text="Яма у дома 5")
    checked = check(draft, a_region(), Found(municipality="18701000"), at=NOON)
    return authoring.clarify(message, checked, doing(author_of(message)))


async def test_events_go_to_the_outbox_in_order_with_their_term(stores: Stores) -> None:
    message = await stored(stores, a_message(await arrived(stores)))
    message = await stored(stores, routed(accepted(message)))
    async with stores.transactions() as tx:
        events = await tx.outbox.take(10)
    assert [event.facts["act"] for event in events] == ["submit", "accept", "route", "assign"]
    assert events[2].facts["authority"] == CITY
    assert message.answer_due is not None
    assert events[2].facts["due"] == message.answer_due.isoformat()


async def test_messages_due_to_the_ticker_come_the_longest_due_first(stores: Stores) -> None:
    person = await arrived(stores)
    late = await stored(stores, a_message(person, "26-000001", NOON + timedelta(days=3)))
    early = await stored(stores, a_message(person, "26-000002", NOON))
    done = await stored(stores, closed(await stored(stores, a_message(person, "26-000003", NOON))))
    assert next_tick(done, a_rulebook()) is None
    due = next_tick(early, a_rulebook())
    assert due is not None
    async with stores.transactions() as tx:
        assert await tx.messages.due_to_tick(due - timedelta(seconds=1), 10) == ()
        assert await tx.messages.due_to_tick(due, 10) == (early.id,)
        month = due + timedelta(days=30)
        assert await tx.messages.due_to_tick(month, 10) == (early.id, late.id)
        assert await tx.messages.due_to_tick(month, 1) == (early.id,)


async def test_open_messages_of_an_authority_are_found_page_by_page(stores: Stores) -> None:
    person = await arrived(stores)
    ids: list[Any] = []
    for number in range(3):
        message = await stored(stores, a_message(person, f"26-00000{number}"))
        ids.append((await stored(stores, routed(accepted(message)))).id)
    elsewhere = await stored(stores, a_message(person, "26-000009"))
    await stored(stores, routed(accepted(elsewhere), ROADS))
    async with stores.transactions() as tx:
        first = await tx.messages.open_at(CITY, None, 2)
        assert first == tuple(sorted(ids)[:2])
        assert await tx.messages.open_at(CITY, first[-1], 2) == tuple(sorted(ids)[2:])


async def check_numbers_are_unique(stores: Stores) -> None:
    given = await asyncio.gather(*(stores.numbers.next(2026) for _ in range(50)))
    assert len(set(given)) == 50, "a public number was given twice"
    assert all(number.startswith("26-") and len(number) == 9 for number in given)


async def test_numbers_are_unique_whoever_asks_at_once(stores: Stores) -> None:
    await check_numbers_are_unique(stores)
    assert (await stores.numbers.next(2027)).startswith("27-")


async def test_two_processes_never_give_the_same_number(stores: Stores) -> None:
    others = SqlNumbers(stores.units) if stores.units is not None else stores.numbers
    mine = [await stores.numbers.next(2026) for _ in range(25)]
    theirs = [await others.next(2026) for _ in range(25)]
    assert not set(mine) & set(theirs)


async def uploaded(stores: Stores, person: Any, at: Any = NOON) -> Any:
    attachment = an_attachment()
    async with stores.transactions() as tx:
        await tx.uploads.add(Upload(attachment=attachment, participant_id=person.id, uploaded_at=at))
    return attachment


async def check_an_upload_is_taken_once(stores: Stores) -> None:
    person = await arrived(stores)
    one, two = await uploaded(stores, person), await uploaded(stores, person)
    async with stores.transactions() as tx:
        assert await tx.uploads.waiting(person.id) == 2
        assert await tx.uploads.take((two.id, one.id), person.id) == (two, one)
    try:
        async with stores.transactions() as tx:
            await tx.uploads.take((one.id,), person.id)
    except UploadNotFound:
        return
    raise AssertionError("an upload was taken twice")


async def test_an_upload_is_taken_once_in_the_order_asked_for(stores: Stores) -> None:
    await check_an_upload_is_taken_once(stores)


async def test_an_upload_belongs_to_whoever_brought_it(stores: Stores) -> None:
    owner, stranger = await arrived(stores, 1), await arrived(stores, 2)
    attachment = await uploaded(stores, owner)
    with pytest.raises(UploadNotFound):
        async with stores.transactions() as tx:
            await tx.uploads.take((attachment.id,), stranger.id)
    with pytest.raises(UploadNotFound):
        async with stores.transactions() as tx:
            await tx.uploads.take((attachment.id, AttachmentId(new_id())), owner.id)
    async with stores.transactions() as tx:
        assert await tx.uploads.take((attachment.id,), owner.id) == (attachment,)


async def test_of_two_who_take_an_upload_at_once_one_wins(stores: Stores) -> None:
    owner = await arrived(stores)
    attachment = await uploaded(stores, owner)

    async def take() -> bool:
        try:
            async with stores.transactions() as tx:
                await tx.uploads.take((attachment.id,), owner.id)
        except UploadNotFound:
            return False
        return True

    assert sorted(await asyncio.gather(take(), take())) == [False, True]


async def test_uploads_nobody_took_are_forgotten_after_a_day(stores: Stores) -> None:
    owner = await arrived(stores)
    old, new = await uploaded(stores, owner, NOON), await uploaded(stores, owner, NOON + timedelta(hours=20))
    async with stores.transactions() as tx:
        assert await tx.uploads.abandoned(NOON + timedelta(hours=1), 10) == (old,)
        assert await tx.uploads.abandoned(NOON + timedelta(hours=1), 10) == ()
        assert await tx.uploads.take((new.id,), owner.id) == (new,)


async def test_a_message_of_an_organisation_keeps_both_names(stores: Stores) -> None:
    person, body = await arrived(stores, 1), await arrived(stores, 2)
    message = a_message(person)
    message = evolve(message, author=evolve(message.author, organisation_id=body.id))
    saved = await stored(stores, message)
    assert (await stores.journal.one(saved.number)).author.organisation_id == body.id
