"""News of surveys on its way to many people, in memory."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.surveys.announcing import Announcement


def _key(announcement: Announcement) -> tuple[UUID, str]:
    return announcement.event_id, announcement.kind


@frozen
class MemoryAnnouncements:
    store: MemoryStore

    async def add(self, announcement: Announcement) -> None:
        if self.store.announcements.get(_key(announcement)) is None:
            self.store.announcements.put(_key(announcement), announcement)

    async def take(self, at: datetime, passing: Collection[UUID] = ()) -> Announcement | None:
        begun: list[Announcement] = [
            each
            for each in self.store.announcements.seen()
            if each.begins_at <= at and each.event_id not in passing
        ]
        return min(begun, key=lambda each: (each.begins_at, *_key(each)), default=None)

    async def move(self, announcement: Announcement, after: ParticipantId) -> None:
        self.store.announcements.put(_key(announcement), evolve(announcement, after=after))

    async def finish(self, announcement: Announcement) -> None:
        self.store.announcements.drop(_key(announcement))

    async def everybody(self, after: ParticipantId | None, limit: int) -> tuple[Participant, ...]:
        found: list[Participant] = [
            each for each in self.store.participants.seen() if after is None or each.id > after
        ]
        return tuple(sorted(found, key=lambda each: each.id)[:limit])
