"""The feed and the letters on their way, in memory."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.notices import Delivery, Letter, LetterState, Notice, NoticeSettings
from niktokromenas.ports.notices import Outgoing


@frozen
class MemoryNotices:
    store: MemoryStore

    async def add(self, notice: Notice) -> bool:
        key = (notice.event_id, notice.recipient_id, notice.kind)
        if self.store.notices.get(key) is not None:
            return False
        self.store.notices.put(key, notice)
        return True

    async def settings(self, ids: tuple[ParticipantId, ...]) -> Mapping[ParticipantId, NoticeSettings]:
        found = {i: self.store.notice_settings.get(i) for i in ids}
        return {i: settings for i, settings in found.items() if settings is not None}

    async def save_settings(self, participant_id: ParticipantId, settings: NoticeSettings) -> None:
        self.store.notice_settings.put(participant_id, settings)

    async def mark_read(self, participant_id: ParticipantId, until: datetime, at: datetime) -> int:
        new: list[Notice] = [
            n
            for n in self.store.notices.seen()
            if n.recipient_id == participant_id and n.at <= until and n.read_at is None
        ]
        for notice in new:
            key = (notice.event_id, notice.recipient_id, notice.kind)
            self.store.notices.put(key, evolve(notice, read_at=at))
        return len(new)


@frozen
class MemoryDigests:
    store: MemoryStore

    async def put(self, notice: Notice, day: date) -> None:
        self.store.digest_queue.put(notice.id, (notice, day))

    async def due(
        self, day: date, until: date, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        waiting = {n.recipient_id for n, waits_for in self.store.digest_queue.seen() if waits_for <= until}
        found = sorted(
            ParticipantId(person)
            for person in waiting
            if self.store.digests.get((person, day)) is None and (after is None or person > after)
        )
        return tuple(found[:limit])

    async def begin(self, participant_id: ParticipantId, day: date) -> bool:
        if self.store.digests.get((participant_id, day)) is not None:
            return False
        self.store.digests.put((participant_id, day), (participant_id, day))
        return True

    async def take(self, participant_id: ParticipantId) -> tuple[Notice, ...]:
        waiting: list[Notice] = [
            n for n, _ in self.store.digest_queue.seen() if n.recipient_id == participant_id
        ]
        for notice in waiting:
            self.store.digest_queue.drop(notice.id)
        return tuple(sorted(waiting, key=lambda n: (n.at, n.id)))


@frozen
class MemoryNoticeFeed:
    store: MemoryStore

    async def page(
        self, participant_id: ParticipantId, before: tuple[datetime, UUID] | None, limit: int
    ) -> tuple[Notice, ...]:
        own = [n for n in self.store.notices.committed() if n.recipient_id == participant_id]
        ordered = sorted(own, key=lambda n: (n.at, n.id), reverse=True)
        return tuple([n for n in ordered if before is None or (n.at, n.id) < before][:limit])

    async def unread(self, participant_id: ParticipantId) -> int:
        own = [n for n in self.store.notices.committed() if n.recipient_id == participant_id]
        return min(100, sum(notice.read_at is None for notice in own))

    async def settings(self, participant_id: ParticipantId) -> NoticeSettings:
        found: NoticeSettings | None = self.store.notice_settings.rows.get(participant_id)
        return found or NoticeSettings()


@frozen
class MemoryLetters:
    store: MemoryStore

    async def add(self, letter: Letter, delivery: Delivery) -> None:
        self.store.letters.put(letter.id, Outgoing(letter, delivery))

    async def due(self, at: datetime, limit: int) -> tuple[Outgoing, ...]:
        found = [
            o
            for o in self.store.letters.seen()
            if o.delivery.state is LetterState.PENDING and o.delivery.next_at <= at
        ]
        return tuple(sorted(found, key=lambda o: (o.delivery.next_at, o.letter.id))[:limit])

    async def claimed_before(self, instant: datetime, limit: int) -> tuple[Outgoing, ...]:
        found = [
            o
            for o in self.store.letters.seen()
            if o.delivery.state is LetterState.CLAIMED and o.delivery.claimed_at < instant
        ]
        return tuple(sorted(found, key=lambda o: o.letter.id)[:limit])

    async def save(self, delivery: Delivery) -> None:
        stored = self.store.letters.get(delivery.letter_id)
        if stored is not None:
            self.store.letters.put(delivery.letter_id, evolve(stored, delivery=delivery))


@frozen
class MemoryLetterRegister:
    store: MemoryStore

    async def troubled(self, limit: int) -> tuple[Outgoing, ...]:
        states = (LetterState.UNKNOWN, LetterState.DEAD)
        found = [o for o in self.store.letters.committed() if o.delivery.state in states]
        return tuple(sorted(found, key=lambda o: o.letter.id, reverse=True)[:limit])
