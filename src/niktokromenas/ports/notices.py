"""The feed of each participant and the letters on their way."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.notices import Delivery, Letter, Notice, NoticeSettings


@frozen
class Outgoing:
    """A letter with how far its delivery has come."""

    letter: Letter
    delivery: Delivery


class Notices(Protocol):
    """Notices of one unit. Contract: tests/contract/test_letters.py."""

    async def add(self, notice: Notice) -> bool:
        """Put it into the feed; `False` where this event already told this person this."""
        ...

    async def settings(self, ids: tuple[ParticipantId, ...]) -> Mapping[ParticipantId, NoticeSettings]:
        """What each chose; those who chose nothing are absent."""
        ...

    async def save_settings(self, participant_id: ParticipantId, settings: NoticeSettings) -> None: ...

    async def mark_read(self, participant_id: ParticipantId, until: datetime, at: datetime) -> int:
        """Mark the feed read up to an instant; how many were new."""
        ...


class Digests(Protocol):
    """What waits for the letter of the day, in one unit. Contract: tests/contract/test_digests.py.

    One letter per person and day, by the store.
    """

    async def put(self, notice: Notice, day: date) -> None:
        """Let it wait for the letter of that day, or of a later one where that one has left."""
        ...

    async def due(
        self, day: date, until: date, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        """For whom something waits for a day up to `until`, and whose letter of `day` is unclaimed; by id."""
        ...

    async def begin(self, participant_id: ParticipantId, day: date) -> bool:
        """Claim the person's letter of the day; `False` where it was claimed before."""
        ...

    async def take(self, participant_id: ParticipantId) -> tuple[Notice, ...]:
        """All that waits for the person, oldest first, once: it waits no more when the unit is committed."""
        ...


class NoticeFeed(Protocol):
    """Reading the feed outside a unit. Contract: tests/contract/test_letters.py."""

    async def page(
        self, participant_id: ParticipantId, before: tuple[datetime, UUID] | None, limit: int
    ) -> tuple[Notice, ...]:
        """Newest first."""
        ...

    async def unread(self, participant_id: ParticipantId) -> int:
        """Counted up to 100."""
        ...

    async def settings(self, participant_id: ParticipantId) -> NoticeSettings: ...


class Letters(Protocol):
    """Letters of one unit. Contract: tests/contract/test_letters.py."""

    async def add(self, letter: Letter, delivery: Delivery) -> None: ...

    async def due(self, at: datetime, limit: int) -> tuple[Outgoing, ...]:
        """Pending letters whose time has come, oldest first, for this unit alone: others skip them."""
        ...

    async def claimed_before(self, instant: datetime, limit: int) -> tuple[Outgoing, ...]:
        """Claims that nobody finished: their sender died."""
        ...

    async def save(self, delivery: Delivery) -> None: ...


class LetterRegister(Protocol):
    """Reading deliveries outside a unit, for the operator. Contract: tests/contract/test_letters.py."""

    async def troubled(self, limit: int) -> tuple[Outgoing, ...]:
        """Unknown and dead ones, newest first."""
        ...
