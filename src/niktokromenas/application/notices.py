"""Telling participants what happened: from the outbox into feeds, and out by letter (Положение, п. 3 (8))."""

import asyncio
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from niktokromenas.application.recipients import recipients_of
from niktokromenas.application.resting import Resting
from niktokromenas.application.spreading import spreads_of
from niktokromenas.application.surveys.announcing import announced_by
from niktokromenas.application.telling import DIGEST_HOUR, Telling
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import EventId, ParticipantId
from niktokromenas.domain.notices import (
    LEASE,
    Delivery,
    LetterState,
    Notice,
    NoticeKind,
    NoticeMode,
    NoticeSettings,
)
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.mail import LetterTemplates, MailRefused, MailSender, MailUnknown, UnfitFacts
from niktokromenas.ports.notices import NoticeFeed, Outgoing
from niktokromenas.ports.outbox import StoredEvent
from niktokromenas.ports.transactions import Transaction, Transactions

EVENTS_AT_ONCE = 20
LETTERS_AT_ONCE = 5


@frozen
class Told:
    """How many events were handled, and which letters could not be written (`kind: why`).

    `failed` are the errors of events that stay in the outbox for now, each with a note of its event.
    """

    events: int
    unwritten: tuple[str, ...] = ()
    failed: tuple[Exception, ...] = ()


@frozen
class TellParticipants:
    """Takes events and makes notices and letters of them in the same unit: nothing is told twice.

    Events are told together; where one breaks the unit, one by one. What fails rests (`Resting`), and the
    events behind it are told.
    """

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region
    templates: LetterTemplates
    base_url: str
    digest_hour: int = DIGEST_HOUR
    _resting: Resting[EventId] = field(factory=Resting[EventId], init=False, eq=False, repr=False)

    async def __call__(self) -> Told:
        """A letter that cannot be written never keeps its event, or the next ones, in the outbox."""
        try:
            return await self._together()
        except Exception:  # one of them, or all: asking one by one shows which
            return await self._one_by_one()

    async def _together(self) -> Told:
        unwritten: list[str] = []
        async with self.transactions() as tx:
            events = await tx.outbox.take(EVENTS_AT_ONCE, self._resting.still(self.clock.now()))
            for event in events:
                await self._tell(tx, event, unwritten)
        return Told(len(events), tuple(unwritten))

    async def _one_by_one(self) -> Told:
        unwritten: list[str] = []
        failed: list[Exception] = []
        for told in range(EVENTS_AT_ONCE):
            event: StoredEvent | None = None
            words: list[str] = []
            try:
                async with self.transactions() as tx:
                    taken = await tx.outbox.take(1, self._resting.still(self.clock.now()))
                    if not taken:
                        return Told(told - len(failed), tuple(unwritten), tuple(failed))
                    event = taken[0]
                    await self._tell(tx, event, words)
            except Exception as error:
                if event is None:
                    raise  # no event is to blame
                self._resting.lay(event.id, self.clock.now())
                error.add_note(f"event {event.id}, {event.kind} of {event.subject_id}")
                failed.append(error)
            else:
                unwritten += words
        return Told(EVENTS_AT_ONCE - len(failed), tuple(unwritten), tuple(failed))

    async def _tell(self, tx: Transaction, event: StoredEvent, unwritten: list[str]) -> None:
        for spread in await spreads_of(tx, event, self.region, self.base_url):
            await tx.spreads.add(spread)
        for announcement in await announced_by(tx, event):
            await tx.announcements.add(announcement)
        recipients = await recipients_of(tx, event, self.region, self.base_url, self.clock.now())
        ids = tuple({r.participant_id for r in recipients if r.participant_id is not None})
        chosen = await tx.notices.settings(ids)
        telling = Telling(self.templates, self.clock, self.new_id, self.region, self.digest_hour)
        for recipient in recipients:
            who = recipient.participant_id
            settings = (chosen.get(who) if who is not None else None) or NoticeSettings()
            try:
                await telling.tell(tx, recipient, settings, event_id=event.id, at=event.at)
            except (UnfitFacts, Invalid) as error:
                unwritten.append(f"{recipient.kind.value}: {error}")


@frozen
class DeliverLetters:
    """Sends letters, some at a time and together. Claims are committed before the server hears of them."""

    transactions: Transactions
    clock: Clock
    sender: MailSender

    async def __call__(self) -> int:
        """How many letters left.

        What breaks down while a letter is sent leaves its claim, which becomes `unknown` when its lease is
        over; the other letters go on. Raises those errors together at the end.
        """
        async with self.transactions() as tx:
            claimed = await tx.letters.due(self.clock.now(), LETTERS_AT_ONCE)
            deliveries = [o.delivery.claim(self.clock.now()) for o in claimed]
            for delivery in deliveries:
                await tx.letters.save(delivery)
        outcomes = await asyncio.gather(
            *(self._send(o, delivery) for o, delivery in zip(claimed, deliveries, strict=True)),
            return_exceptions=True,
        )
        if failed := [error for error in outcomes if isinstance(error, Exception)]:
            raise ExceptionGroup("letters whose sending broke down", failed)
        return sum(outcome is True for outcome in outcomes)

    async def _send(self, outgoing: Outgoing, delivery: Delivery) -> bool:
        try:
            await self.sender.send(outgoing.letter)
        except MailRefused as refused:
            after = delivery.refused(self.clock.now(), refused.detail, is_permanent=refused.is_permanent)
        except MailUnknown as unknown:
            after = delivery.lost(unknown.detail)
        else:
            after = delivery.sent()
        async with self.transactions() as tx:
            await tx.letters.save(after)
        return after.state is LetterState.SENT

    async def give_up_claims(self) -> int:
        """Claims whose sender died are `unknown` from now on: nobody knows whether they left."""
        now = self.clock.now()
        async with self.transactions() as tx:
            left = await tx.letters.claimed_before(now - LEASE, 100)
            for outgoing in left:
                await tx.letters.save(outgoing.delivery.abandon(now))
        return len(left)


@frozen
class Feed:
    """A participant's own feed and settings."""

    feed: NoticeFeed
    transactions: Transactions
    clock: Clock

    async def page(
        self, actor: Actor, before: tuple[datetime, UUID] | None, limit: int
    ) -> tuple[Notice, ...]:
        """Newest first. Raises `SignInRequired`."""
        return await self.feed.page(_own(actor), before, limit)

    async def unread(self, actor: Actor) -> int:
        """Counted up to 100."""
        return await self.feed.unread(_own(actor))

    async def mark_read(self, actor: Actor) -> int:
        """Mark all that is there as read; how much was new."""
        now = self.clock.now()
        async with self.transactions() as tx:
            return await tx.notices.mark_read(_own(actor), now, now)

    async def settings(self, actor: Actor) -> NoticeSettings:
        return await self.feed.settings(_own(actor))

    async def switch_off(self, participant_id: ParticipantId, kind: NoticeKind) -> NoticeSettings:
        """Whoever holds the signed link of a letter may switch its kind off (RFC 8058). Raises `Invalid`."""
        async with self.transactions() as tx:
            kept = await tx.notices.settings((participant_id,))
            settings = kept.get(participant_id, NoticeSettings()).choosing(kind, NoticeMode.OFF)
            await tx.notices.save_settings(participant_id, settings)
        return settings

    async def choose(self, actor: Actor, settings: NoticeSettings) -> NoticeSettings:
        """Kinds that are not named stay as they were. Legal notices cannot be switched off."""
        owner = _own(actor)
        async with self.transactions() as tx:
            kept = (await tx.notices.settings((owner,))).get(owner, NoticeSettings())
            chosen = NoticeSettings({**kept.modes, **settings.modes})
            await tx.notices.save_settings(owner, chosen)
        return chosen


def _own(actor: Actor) -> ParticipantId:
    actor.require(Permission.USE_CABINET)
    assert actor.participant_id is not None
    return actor.participant_id
