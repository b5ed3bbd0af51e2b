"""The contract of threads: what was written stays, in order, with its message (Положение, п. 2.1)."""

from datetime import timedelta

import pytest

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import AttachmentId, PostId
from niktokromenas.domain.messages import answering
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.thread import NewPost, Post, PostKind, told_by_act, write
from tests.contract.building import (
    MODERATOR,
    OFFICIAL,
    a_message,
    accepted,
    an_attachment,
    arrived,
    author_of,
    doing,
    lead_id,
    routed,
)
from tests.contract.stores import NOON, Stores


async def a_thread(stores: Stores, number: str = "26-000001", person: int = 1) -> Message:
    message = routed(accepted(a_message(await arrived(stores, person), number)))
    message = answering.take(message, lead_id(message), doing(OFFICIAL))
    async with stores.transactions() as tx:
        return await tx.messages.add(message)


def posts_of(message: Message) -> list[Post]:
    new = [NewPost(id=PostId(new_id()), text=f"Слово {n}", attachments=(an_attachment(),)) for n in range(3)]
    lead = lead_id(message)
    return [
        write(message, new[0], author_of(message), at=NOON),
        told_by_act(message, PostKind.QUESTION, new[1], lead, OFFICIAL, at=NOON + timedelta(minutes=1)),
        write(message, new[2], MODERATOR, at=NOON + timedelta(minutes=2)),
    ]


async def added(stores: Stores, *posts: Post) -> None:
    for post in posts:
        async with stores.transactions() as tx:
            await tx.posts.add(post)


async def check_a_thread_holds_what_was_written_the_oldest_first(stores: Stores) -> None:
    message, other = await a_thread(stores), await a_thread(stores, "26-000002", 2)
    posts = posts_of(message)
    await added(stores, *posts, *posts_of(other))
    page = await stores.threads.page(message.id, None, 10)
    assert list(page.items) == posts
    assert page.next is None


@pytest.mark.clause("2.1-dialogue")
async def test_a_thread_holds_what_was_written_the_oldest_first(stores: Stores) -> None:
    await check_a_thread_holds_what_was_written_the_oldest_first(stores)


async def test_a_thread_is_read_page_by_page(stores: Stores) -> None:
    message = await a_thread(stores)
    posts = posts_of(message)
    await added(stores, *posts)
    first = await stores.threads.page(message.id, None, 2)
    rest = await stores.threads.page(message.id, first.next, 2)
    assert [*first.items, *rest.items] == posts
    assert rest.next is None


async def check_a_word_is_told_with_what_was_written(stores: Stores) -> None:
    message = await a_thread(stores)
    async with stores.transactions() as tx:
        await tx.outbox.take(100)
    await added(stores, *posts_of(message))
    async with stores.transactions() as tx:
        told = await tx.outbox.take(100)
    assert [(e.kind, e.subject_id, e.facts["words"]) for e in told] == [
        ("post-written", message.id, "Слово 0"),
        ("post-written", message.id, "Слово 2"),
    ]


async def test_a_word_is_told_with_what_was_written(stores: Stores) -> None:
    """Questions are told by the act that they belong to."""
    await check_a_word_is_told_with_what_was_written(stores)


async def test_an_attachment_is_found_in_its_own_thread_alone(stores: Stores) -> None:
    message, other = await a_thread(stores), await a_thread(stores, "26-000002", 2)
    posts = posts_of(message)
    await added(stores, *posts)
    [attachment] = posts[1].attachments
    written = posts[1].at
    for since in (None, written):
        assert await stores.threads.attachment(message.id, attachment.id, since) == attachment
    later = written + timedelta(microseconds=1)
    assert await stores.threads.attachment(message.id, attachment.id, later) is None
    assert await stores.threads.attachment(other.id, attachment.id, None) is None
    assert await stores.threads.attachment(message.id, AttachmentId(new_id()), None) is None


async def test_what_a_failed_unit_wrote_nobody_reads(stores: Stores) -> None:
    message = await a_thread(stores)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with stores.transactions() as tx:
            await tx.posts.add(posts_of(message)[0])
            raise ZeroDivisionError
    assert (await stores.threads.page(message.id, None, 10)).items == ()
