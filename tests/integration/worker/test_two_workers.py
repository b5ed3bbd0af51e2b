"""Workers side by side over PostgreSQL tell nobody twice, send nothing twice, mark no term twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from niktokromenas.adapters.container import in_memory
from niktokromenas.adapters.system import new_id
from niktokromenas.adapters.worker.worker import Worker, drain
from niktokromenas.application.digests import SendDigests
from niktokromenas.application.notices import DeliverLetters, TellParticipants
from niktokromenas.application.spreading import SpreadNews
from niktokromenas.application.telling import DIGEST_HOUR, Telling
from niktokromenas.application.ticking import MarkOrphans, TickMessages
from niktokromenas.domain.notices import Letter, NoticeKind
from niktokromenas.domain.participants.people import Participant
from tests.contract.building import a_message, arrived
from tests.contract.stores import Stores, a_region, opened
from tests.contract.test_messages import stored

MESSAGES = 30


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with opened("postgresql", tmp_path) as found:
        yield found


@define
class SlowMail:
    """A server that lets the others run before it takes a letter."""

    taken: list[Letter] = field(factory=list)

    async def send(self, letter: Letter) -> None:
        await asyncio.sleep(0)
        self.taken.append(letter)


async def _nothing() -> int:
    return 0


def a_worker(stores: Stores, mail: SlowMail) -> Worker:
    transactions, clock, region = stores.transactions, stores.clock, a_region()
    templates: Any = in_memory().templates()
    telling = Telling(templates, clock, new_id, region, DIGEST_HOUR)
    return Worker(
        TellParticipants(transactions, clock, new_id, region, templates, "http://localhost:8080"),
        SpreadNews(transactions, clock, telling),
        SendDigests(transactions, clock, telling),
        DeliverLetters(transactions, clock, mail),
        TickMessages(transactions, clock, region),
        MarkOrphans(transactions, clock, region, stores.authority_register),
        _nothing,  # type: ignore[arg-type]
        _nothing,  # type: ignore[arg-type]
        _nothing,  # type: ignore[arg-type]
        clock,
    )


async def _submitted(stores: Stores) -> list[Participant]:
    people = [await arrived(stores, number) for number in range(1, 6)]
    for number in range(MESSAGES):
        await stored(stores, a_message(people[number % 5], f"26-{number:06d}"))
    return people


@pytest.mark.clause("2.2-intake")
@pytest.mark.clause("3.8")
async def test_workers_side_by_side_tell_and_send_everything_once(stores: Stores) -> None:
    people = await _submitted(stores)
    mail = SlowMail()
    await asyncio.gather(*(drain(a_worker(stores, mail)) for _ in range(3)))
    await drain(a_worker(stores, mail))  # a round that found all rows held by others ends early
    told: Counter[Any] = Counter()
    for person in people:
        told.update(n.facts["number"] for n in await stores.notice_feed.page(person.id, None, 100))
    assert told == Counter({f"26-{number:06d}": 1 for number in range(MESSAGES)})
    assert {letter.kind for letter in mail.taken} == {NoticeKind.MESSAGE_SUBMITTED}
    assert len({letter.message_id for letter in mail.taken}) == len(mail.taken) == MESSAGES


@pytest.mark.clause("1.3-office")
async def test_workers_side_by_side_mark_a_missed_term_once(stores: Stores) -> None:
    people = await _submitted(stores)
    await drain(a_worker(stores, SlowMail()))
    stores.clock.forward(days=31)
    ticked = await asyncio.gather(*(a_worker(stores, SlowMail()).tick_messages() for _ in range(3)))
    assert sum(ticked) == MESSAGES
    async with stores.transactions() as tx:
        events = await tx.outbox.take(100)
    assert Counter(e.facts["number"] for e in events) == {f"26-{n:06d}": 1 for n in range(MESSAGES)}
    assert people
