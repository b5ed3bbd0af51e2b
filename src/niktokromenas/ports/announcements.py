"""News of surveys on its way to many people, and everybody it may concern."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.surveys.announcing import Announcement


class Announcements(Protocol):
    """What is to go round, in one unit. Contract: tests/contract/test_announcements.py.

    Of one event there is one of each kind.
    """

    async def add(self, announcement: Announcement) -> None:
        """Nothing where it is on its way already."""
        ...

    async def take(self, at: datetime, passing: Collection[UUID] = ()) -> Announcement | None:
        """The one that began first, of those begun by `at` whose event is not in `passing`.

        For this unit alone: others skip it. It stays.
        """
        ...

    async def move(self, announcement: Announcement, after: ParticipantId) -> None:
        """Whoever comes up to this id has been looked at."""
        ...

    async def finish(self, announcement: Announcement) -> None: ...

    async def everybody(self, after: ParticipantId | None, limit: int) -> tuple[Participant, ...]:
        """Every account by id, after the given one."""
        ...
