"""The contract of awaited answers: what is due, overdue and incomplete (Положение, п. 1.3, 4.5)."""

from datetime import datetime, timedelta

import pytest

from niktokromenas.application.messages.watching import moment
from niktokromenas.domain.messages import answering, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.participants.people import Participant
from niktokromenas.ports.office import Figures, Moment, Watch
from tests.contract.building import (
    CITY,
    MODERATOR,
    OFFICIAL,
    ROADS,
    a_message,
    accepted,
    an_authority,
    arrived,
    doing,
    ready,
    routed,
)
from tests.contract.stores import NOON, Stores, a_region

LATER = NOON + timedelta(days=60)


async def kept(stores: Stores, message: Message) -> Message:
    async with stores.transactions() as tx:
        return await tx.messages.add(message)


def at(now: datetime = NOON) -> Moment:
    return moment(now, a_region().calendar)


async def numbers(
    stores: Stores, watch: Watch, authority: str | None = CITY, now: datetime = NOON
) -> list[str]:
    page = await stores.awaited.page(watch, authority, at(now), None, 10)
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
    assert sorted(await numbers(stores, Watch.OVERDUE, now=LATER)) == [plain.number, mended.number]
    assert await numbers(stores, Watch.DUE, now=LATER) == []
    assert await numbers(stores, Watch.INCOMPLETE) == [mended.number]
    (item,) = (await stores.awaited.page(Watch.INCOMPLETE, CITY, at(), None, 10)).items
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
        page = await stores.awaited.page(Watch.DUE, None, at(), after, 2)
        seen += [item.number for item in page.items]
        if (after := page.next) is None:
            break
    assert sorted(seen) == [f"26-00000{n}" for n in range(5)]


async def _since(stores: Stores, author: Participant, number: str, days: int, lead: str = CITY) -> Message:
    """Routed that many days ago."""
    then = NOON - timedelta(days=days)
    return await kept(stores, routed(accepted(a_message(author, number, then), at=then), lead, at=then))


async def check_an_authority_knows_how_much_is_awaited(stores: Stores) -> None:
    """Between the fifth of March and the eleventh lie a weekend and a holiday."""
    author = await arrived(stores)
    await _since(stores, author, "26-000001", 10)
    await _since(stores, author, "26-000002", 7)
    await _since(stores, author, "26-000003", 0)
    await kept(stores, sent_back(routed(accepted(a_message(author, "26-000004")))))
    await kept(stores, ready(routed(accepted(a_message(author, "26-000005")))))
    await _since(stores, author, "26-000006", 40)
    await _since(stores, author, "26-000007", 0, ROADS)
    assert await stores.figures.of_authority(CITY, at()) == Figures(
        awaited=5, today=1, soon=2, overdue=1, incomplete=1, not_taken=4
    )
    assert await numbers(stores, Watch.TODAY) == ["26-000001"]
    assert await numbers(stores, Watch.SOON) == ["26-000001", "26-000002"]
    assert await numbers(stores, Watch.OVERDUE) == ["26-000006"]
    assert sorted(await numbers(stores, Watch.NOT_TAKEN)) == [f"26-00000{n}" for n in (1, 2, 3, 6)]
    assert await stores.figures.of_authority("vo-vet", at()) == Figures()


@pytest.mark.clause("1.3-office")
@pytest.mark.clause("4.5")
async def test_an_authority_knows_how_much_is_awaited(stores: Stores) -> None:
    await check_an_authority_knows_how_much_is_awaited(stores)


async def test_the_numbers_of_all_registered_authorities_are_pages_by_code(stores: Stores) -> None:
    author = await arrived(stores)
    await _since(stores, author, "26-000001", 0)
    await _since(stores, author, "26-000002", 40, ROADS)
    async with stores.transactions() as tx:
        for code in (ROADS, CITY, "vo-vet"):
            await tx.authorities.save(an_authority(code))
    city = (CITY, Figures(awaited=1, not_taken=1))
    roads = (ROADS, Figures(awaited=1, overdue=1, not_taken=1))
    assert await stores.figures.of_all(None, at(), 10) == (city, roads, ("vo-vet", Figures()))
    assert await stores.figures.of_all(None, at(), 1) == (city,)
    assert await stores.figures.of_all(CITY, at(), 1) == (roads,)
    assert await stores.figures.of_all("vo-vet", at(), 1) == ()


async def test_it_is_known_who_has_taken_how_much(stores: Stores) -> None:
    author = await arrived(stores)
    await _since(stores, author, "26-000001", 0)
    await kept(stores, sent_back(routed(accepted(a_message(author, "26-000002")))))
    await _since(stores, author, "26-000003", 0, ROADS)
    assert await stores.figures.by_official(CITY, at()) == {
        None: Figures(awaited=1, not_taken=1),
        OFFICIAL.participant_id: Figures(awaited=1, incomplete=1),
    }
    assert await stores.figures.by_official("vo-vet", at()) == {}
