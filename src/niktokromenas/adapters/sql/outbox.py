"""The outbox in SQL: rows go in with what they tell of and leave with what came of them."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.tables import outbox
from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import EventId
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.outbox import StoredEvent, facts_of

_INSERT = sa.insert(outbox)
_OLDEST = (
    select(outbox.c.id).order_by(outbox.c.id).limit(bindparam("limit")).with_for_update(skip_locked=True)
)
_OLDEST_BUT = _OLDEST.where(outbox.c.id.not_in(bindparam("passing", expanding=True)))
_TAKE = sa.delete(outbox).where(outbox.c.id.in_(_OLDEST)).returning(*outbox.c)
_TAKE_BUT = sa.delete(outbox).where(outbox.c.id.in_(_OLDEST_BUT)).returning(*outbox.c)
_WAITING = select(sa.func.count()).select_from(select(outbox.c.id).limit(10_000).subquery())


def _columns(event: Event, event_id: EventId) -> dict[str, Any]:
    return {
        "id": event_id,
        "kind": event.kind,
        "subject_id": event.subject_id,
        "at": event.at,
        "facts": dict(facts_of(event)),
    }


async def publish(connection: Connection, events: Iterable[Event], new_id: NewId) -> None:
    """Put events in, in their order; they appear when the unit is committed."""
    if rows := [_columns(event, EventId(new_id())) for event in events]:
        await connection.write(_INSERT, rows)


@frozen
class SqlOutbox:
    connection: Connection

    async def take(self, limit: int, passing: Collection[EventId] = ()) -> tuple[StoredEvent, ...]:
        if passing:
            parameters = {"limit": limit, "passing": list(passing)}
            found = (await self.connection.execute(_TAKE_BUT, parameters)).all()
        else:
            found = (await self.connection.execute(_TAKE, {"limit": limit})).all()
        events = [
            StoredEvent(
                id=EventId(row.id), kind=row.kind, subject_id=row.subject_id, at=row.at, facts=row.facts
            )
            for row in found
        ]
        return tuple(sorted(events, key=lambda e: e.id))

    async def waiting(self) -> int:
        return int((await self.connection.execute(_WAITING)).scalar_one())
