"""Letters leave at most once, are tried again only where surely nobody took them, and are never forgotten."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from attrs import define, evolve, field

from niktokromenas.adapters.memory.mail import Answering, MemoryMail
from niktokromenas.application.notices import LETTERS_AT_ONCE, DeliverLetters
from niktokromenas.domain.notices import LEASE, PAUSES, Delivery, Letter, LetterState
from tests.unit.application.breaking import Broken
from tests.unit.application.life import Life, a_life

A_SECOND = timedelta(seconds=1)


async def with_letters() -> Life:
    """Three letters wait: one to the author, two to the moderators."""
    life = await a_life()
    life.store.letters.rows.clear()
    await life.submit()
    await life.tell()
    return life


def mail_of(life: Life) -> MemoryMail:
    mail: MemoryMail = life.platform.mail_sender()
    return mail


def states(life: Life) -> list[LetterState]:
    return [o.delivery.state for o in life.letters()]


def delivery_of(life: Life) -> Delivery:
    return next(iter(o.delivery for o in life.letters()))


@define
class Watching:
    """Takes every letter and writes down what the store said about it at that moment."""

    life: Life
    seen: list[tuple[LetterState, int]] = field(factory=list)

    async def send(self, letter: Letter) -> None:
        row = self.life.store.letters.rows[letter.id]
        self.seen.append((row.delivery.state, row.delivery.attempts))


@pytest.mark.clause("3.8")
async def test_a_claim_is_committed_before_the_server_hears_of_the_letter() -> None:
    life = await with_letters()
    watching = Watching(life)
    assert await evolve(life.worker.deliver_letters, sender=watching)() == 3
    assert watching.seen == [(LetterState.CLAIMED, 1)] * 3
    assert states(life) == [LetterState.SENT] * 3


async def test_what_was_sent_is_not_sent_again() -> None:
    life = await with_letters()
    assert await life.worker.deliver_letters() == 3
    life.clock.forward(days=30)
    assert await life.worker.deliver_letters() == 0
    assert len(mail_of(life).letters) == 3


@pytest.mark.clause("3.8")
async def test_a_letter_whose_reply_was_lost_is_unknown_and_never_sent_again_by_itself() -> None:
    life = await with_letters()
    mail_of(life).answering = Answering.LOSES_REPLIES
    assert await life.worker.deliver_letters() == 0
    mail_of(life).answering = Answering.ACCEPTS
    life.clock.forward(days=30)
    assert await life.worker.deliver_letters() == await life.worker.deliver_letters.give_up_claims() == 0
    assert len(mail_of(life).letters) == 3
    assert states(life) == [LetterState.UNKNOWN] * 3
    assert len(await life.platform.letter_register().troubled(10)) == 3


@pytest.mark.clause("3.8")
async def test_a_refused_letter_is_tried_again_with_growing_pauses_and_then_dead() -> None:
    life = await with_letters()
    mail_of(life).answering = Answering.REFUSES
    for attempt, pause in enumerate(PAUSES, start=1):
        await life.worker.deliver_letters()
        assert (delivery_of(life).state, delivery_of(life).attempts) == (LetterState.PENDING, attempt)
        life.clock.at += pause - A_SECOND
        await life.worker.deliver_letters()
        assert delivery_of(life).attempts == attempt
        life.clock.at += A_SECOND
    await life.worker.deliver_letters()
    assert states(life) == [LetterState.DEAD] * 3
    assert len(await life.platform.letter_register().troubled(10)) == 3


async def test_a_letter_refused_for_good_is_dead_at_once() -> None:
    life = await with_letters()
    mail_of(life).answering = Answering.REFUSES_FOR_GOOD
    await life.worker.deliver_letters()
    assert [(o.delivery.state, o.delivery.attempts) for o in life.letters()] == [(LetterState.DEAD, 1)] * 3


@define
class Reading:
    """Refuses for a while and writes down the Message-ID of every attempt."""

    refusals: Iterator[bool]
    inner: MemoryMail
    ids: dict[Any, list[str]] = field(factory=dict)

    async def send(self, letter: Letter) -> None:
        self.ids.setdefault(letter.id, []).append(letter.message_id)
        self.inner.answering = Answering.REFUSES if next(self.refusals) else Answering.ACCEPTS
        await self.inner.send(letter)


async def test_the_message_id_stays_the_same_over_all_attempts() -> None:
    life = await with_letters()
    reading = Reading(iter([True] * 6 + [False] * 3), mail_of(life))
    deliver = evolve(life.worker.deliver_letters, sender=reading)
    for pause in PAUSES[:3]:
        await deliver()
        life.clock.at += pause
    assert [len(ids) for ids in reading.ids.values()] == [3] * 3
    assert [len(set(ids)) for ids in reading.ids.values()] == [1] * 3
    assert len({ids[0] for ids in reading.ids.values()}) == 3
    assert states(life) == [LetterState.SENT] * 3


@define
class BreaksOnce:
    inner: MemoryMail
    broke: bool = False

    async def send(self, letter: Letter) -> None:
        if not self.broke:
            self.broke = True
            raise Broken
        await self.inner.send(letter)


async def test_a_letter_whose_sending_breaks_down_holds_up_no_other_and_becomes_unknown() -> None:
    life = await with_letters()
    deliver: DeliverLetters = evolve(life.worker.deliver_letters, sender=BreaksOnce(mail_of(life)))
    with pytest.raises(ExceptionGroup) as broken:
        await deliver()
    assert [type(error) for error in broken.value.exceptions] == [Broken]
    assert sorted(states(life)) == [LetterState.CLAIMED, LetterState.SENT, LetterState.SENT]
    life.clock.at += LEASE + A_SECOND
    assert await deliver() == 0
    assert await deliver.give_up_claims() == 1
    assert sorted(states(life)) == [LetterState.SENT, LetterState.SENT, LetterState.UNKNOWN]


async def test_a_claim_whose_sender_may_still_be_at_it_is_left_alone() -> None:
    life = await with_letters()
    async with life.platform.transactions()() as tx:
        first = (await tx.letters.due(life.clock.at, 1))[0]
        await tx.letters.save(first.delivery.claim(life.clock.at))
    life.clock.at += LEASE
    assert await life.worker.deliver_letters.give_up_claims() == 0
    life.clock.at += A_SECOND
    assert await life.worker.deliver_letters.give_up_claims() == 1
    assert states(life).count(LetterState.UNKNOWN) == 1


async def test_a_round_sends_some_letters_and_leaves_the_rest_to_the_next() -> None:
    life = await with_letters()
    await life.submit()
    await life.tell()
    assert await life.worker.deliver_letters() == LETTERS_AT_ONCE
    assert await life.worker.deliver_letters() == 6 - LETTERS_AT_ONCE
