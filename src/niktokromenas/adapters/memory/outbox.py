"""The outbox in memory."""

from collections.abc import Collection, Iterable

from attrs import frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import EventId
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.outbox import StoredEvent, facts_of


def publish(store: MemoryStore, events: Iterable[Event], new_id: NewId) -> None:
    """Put events in, in their order; they appear when the unit is committed."""
    for event in events:
        event_id = EventId(new_id())
        stored = StoredEvent(
            id=event_id, kind=event.kind, subject_id=event.subject_id, at=event.at, facts=facts_of(event)
        )
        store.events.put(event_id, stored)


@frozen
class MemoryOutbox:
    store: MemoryStore

    async def take(self, limit: int, passing: Collection[EventId] = ()) -> tuple[StoredEvent, ...]:
        found: list[StoredEvent] = [e for e in self.store.events.seen() if e.id not in passing]
        waiting = sorted(found, key=lambda e: e.id)
        for event in waiting[:limit]:
            self.store.events.drop(event.id)
        return tuple(waiting[:limit])

    async def waiting(self) -> int:
        return sum(1 for _ in self.store.events.seen())
