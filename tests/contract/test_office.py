"""The contract of awaited answers: what is due, overdue and incomplete (Положение, п. 1.3, 4.5)."""

from datetime import timedelta

import pytest

from niktokromenas.domain.messages import answering, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done
from niktokromenas.domain.messages.message import Message
from niktokromenas.ports.office import Watch
from tests.contract.building import (
    CITY,
    MODERATOR,
    OFFICIAL,
    ROADS,
    a_message,
    accepted,
    arrived,
    doing,
    routed,
)
from tests.contract.stores import NOON, Stores

LATER = NOON + timedelta(days=60)


async def kept(stores: Stores, message: Message) -> Message:
    async with stores.transactions() as tx:
        return await tx.messages.add(message)


async def numbers(stores: Stores, watch: Watch, authority: str | None = CITY, at: object = NOON) -> list[str]:
    page = await stores.awaited.page(watch, authority, at, None, 10)
    return [item.number for item in page.items]


def sent_back(message: Message) -> Message:
    """An answer that the moderator wants mended."""
    lead = message.lead
    assert lead is not None
    message = answering.take(message, lead.id, doing(OFFICIAL))
    draft = AnswerDraft(text="Сделали", outcome=Done())
    message = answering.prepare(message, lead.id, draft, needs_approval=False, doing=doing(OFFICIAL))
    return moderating.return_answer(message, lead.id, "Нет фото", doing(MODERATOR))


async def check_answers_are_watched_each_by_its_own_authority(stores: Stores) -> None:
    author = await arrived(stores)
    here = await kept(stores, routed(accepted(a_message(author, "26-000001"))))
    there = await kept(stores, routed(accepted(a_message(author, "26-000002")), ROADS))
    assert await numbers(stores, Watch.DUE, CITY) == [here.number]
    assert await numbers(stores, Watch.DUE, ROADS) == [there.number]


async def test_answers_are_watched_each_by_its_own_authority(stores: Stores) -> None:
    await check_answers_are_watched_each_by_its_own_authority(stores)


@pytest.mark.clause("1.3-office")
async def test_answers_are_due_then_overdue_and_incomplete_when_sent_back(stores: Stores) -> None:
    author = await arrived(stores)
    plain = await kept(stores, routed(accepted(a_message(author, "26-000001"))))
    mended = await kept(stores, sent_back(routed(accepted(a_message(author, "26-000002")))))
    await kept(stores, accepted(a_message(author, "26-000003")))
    assert sorted(await numbers(stores, Watch.DUE)) == [plain.number, mended.number]
    assert await numbers(stores, Watch.OVERDUE) == []
    assert sorted(await numbers(stores, Watch.OVERDUE, at=LATER)) == [plain.number, mended.number]
    assert await numbers(stores, Watch.DUE, at=LATER) == []
    assert await numbers(stores, Watch.INCOMPLETE) == [mended.number]
    (item,) = (await stores.awaited.page(Watch.INCOMPLETE, CITY, NOON, None, 10)).items
    assert (item.is_lead, item.is_taken, item.send_back_words) == (True, True, "Нет фото")
    assert await numbers(stores, Watch.DUE, ROADS) == []
    assert sorted(await numbers(stores, Watch.DUE, None)) == [plain.number, mended.number]


async def test_what_is_ready_placed_or_given_up_is_awaited_no_more(stores: Stores) -> None:
    author = await arrived(stores)
    message = routed(accepted(a_message(author)))
    lead = message.lead
    assert lead is not None
    message = answering.take(message, lead.id, doing(OFFICIAL))
    draft = AnswerDraft(text="Сделали", outcome=Done())
    ready = answering.prepare(message, lead.id, draft, needs_approval=False, doing=doing(OFFICIAL))
    stored = await kept(stores, ready)
    assert await numbers(stores, Watch.DUE) == []
    async with stores.transactions() as tx:
        await tx.messages.save(moderating.place(stored, doing(MODERATOR)))
    for watch in Watch:
        assert await numbers(stores, watch, None, LATER) == []


async def test_pages_follow_the_due_instant(stores: Stores) -> None:
    author = await arrived(stores)
    for n in range(5):
        await kept(stores, routed(accepted(a_message(author, f"26-00000{n}"))))
    seen: list[str] = []
    after = None
    while True:
        page = await stores.awaited.page(Watch.DUE, None, NOON, after, 2)
        seen += [item.number for item in page.items]
        if (after := page.next) is None:
            break
    assert sorted(seen) == [f"26-00000{n}" for n in range(5)]
