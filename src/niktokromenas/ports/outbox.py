"""Events that were committed with what they tell of, and wait for their consumers."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import fields, frozen

from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import EventId


@frozen(kw_only=True)
class StoredEvent:
    """An event as the outbox keeps it; `facts` are plain words by name."""

    id: EventId
    kind: str
    subject_id: UUID
    at: datetime
    facts: Mapping[str, str | None]


class Outbox(Protocol):
    """Repositories put events in as they save. Contract: tests/contract/test_outbox.py."""

    async def take(self, limit: int, passing: Collection[EventId] = ()) -> tuple[StoredEvent, ...]:
        """The oldest events nobody has handled, for this unit alone: other units skip them.

        They are handled once the unit is committed, and come again if it fails. Those in `passing` stay.
        """
        ...

    async def waiting(self) -> int:
        """How many events wait; counted up to 10 000."""
        ...


def facts_of(event: Event) -> Mapping[str, str | None]:
    """What an event tells beyond its instant and subject, as plain words by name."""
    told = {f.name: getattr(event, f.name) for f in fields(type(event)) if f.name not in ("at", "subject_id")}
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)
