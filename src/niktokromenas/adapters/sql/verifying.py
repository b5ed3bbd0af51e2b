"""Checks of what only SQL keeps: columns derived for lists, and what waits to be taken."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.rows import assignment_columns, message_columns, message_of
from niktokromenas.adapters.sql.tables import assignments, letters, messages, outbox
from niktokromenas.adapters.sql.types import Json
from niktokromenas.adapters.sql.units import Units
from niktokromenas.application.verifying import Finding
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.notices import LetterState
from niktokromenas.ports.clock import Clock

Tell = Callable[[int], None]
_BATCH = 500
_NEXT_IDS = (
    select(messages.c.id)
    .where(messages.c.id > bindparam("after"))
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
)
_ids: sa.BindParameter[Any] = bindparam("ids", expanding=True)
_ROWS = select(messages).where(messages.c.id.in_(_ids)).order_by(messages.c.id)
_THEIR_ASSIGNMENTS = (
    select(assignments).where(assignments.c.message_id.in_(_ids)).order_by(assignments.c.position)
)
_VERSIONS = select(messages.c.id, messages.c.version).where(messages.c.id.in_(_ids))


@frozen
class DerivedColumnsCheck:
    """Reads every message, derives its columns anew and compares them with those that are kept."""

    units: Units
    rules: Rulebook
    name: str = "производные столбцы"

    async def findings(self, tell: Tell) -> AsyncIterator[Finding]:
        after, looked = UUID(int=0), 0
        while ids := await self._ids(after):
            after = ids[-1]
            async for row, theirs in self._settled(ids):
                for subject, columns in self._differing(row, theirs):
                    yield Finding(check=self.name, subject=subject, detail=", ".join(columns))
                tell(looked := looked + 1)

    async def _ids(self, after: UUID) -> list[UUID]:
        async with self.units.long_reading() as connection:
            found = await connection.execute(_NEXT_IDS, {"after": after, "limit": _BATCH})
            return list(found.scalars())

    async def _settled(self, ids: list[UUID]) -> AsyncIterator[tuple[Any, Sequence[Any]]]:
        """Messages with their assignments; one that was saved between the two readings is read again."""
        while ids:
            async with self.units.long_reading() as connection:
                rows = (await connection.execute(_ROWS, {"ids": ids})).all()
                theirs = _by_message((await connection.execute(_THEIR_ASSIGNMENTS, {"ids": ids})).all())
                versions = await _versions(connection, ids)
            for row in rows:
                if versions[row.id] == row.version:
                    yield row, theirs.get(row.id, [])
            ids = [row.id for row in rows if versions[row.id] != row.version]

    def _differing(self, row: Any, theirs: Sequence[Any]) -> Iterable[tuple[str, list[str]]]:
        message = message_of(row, theirs)
        if names := _differing(messages, row, message_columns(message, self.rules)):
            yield row.number, names
        for position, (kept, assignment) in enumerate(zip(theirs, message.assignments, strict=True)):
            if names := _differing(assignments, kept, assignment_columns(assignment, message.id, position)):
                yield f"{row.number}, поручение {kept.authority}", names


async def _versions(connection: Connection, ids: list[UUID]) -> dict[UUID, int]:
    return {row.id: row.version for row in (await connection.execute(_VERSIONS, {"ids": ids})).all()}


def _by_message(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found


def _differing(table: sa.Table, row: Any, derived: Mapping[str, Any]) -> list[str]:
    """JSON columns hold what nothing is derived from, in whichever way they were once written."""
    kept = row._mapping
    plain = [c.name for c in table.c if c.name in derived and not isinstance(c.type, Json)]
    return [name for name in plain if kept[name] != derived[name]]


_OLD_EVENTS = (
    select(outbox.c.id, outbox.c.kind, outbox.c.at)
    .where(outbox.c.at < bindparam("before"))
    .order_by(outbox.c.id)
    .limit(bindparam("limit"))
)
_STUCK_LETTERS = (
    select(letters.c.id, letters.c.state)
    .where(
        sa.or_(
            sa.and_(letters.c.state == LetterState.PENDING.value, letters.c.next_at < bindparam("before")),
            sa.and_(letters.c.state == LetterState.CLAIMED.value, letters.c.claimed_at < bindparam("before")),
        )
    )
    .order_by(letters.c.id)
    .limit(bindparam("limit"))
)
_SHOWN = 1000


@frozen
class OutboxCheck:
    """Events nobody took, and letters nobody sent or finished, although a worker has had the time."""

    units: Units
    clock: Clock
    patience: timedelta = timedelta(minutes=15)
    name: str = "очередь"

    async def findings(self, tell: Tell) -> AsyncIterator[Finding]:
        parameters = {"before": self.clock.now() - self.patience, "limit": _SHOWN}
        async with self.units.long_reading() as connection:
            events = (await connection.execute(_OLD_EVENTS, parameters)).all()
            stuck = (await connection.execute(_STUCK_LETTERS, parameters)).all()
        tell(len(events) + len(stuck))
        for event in events:
            detail = f"событие {event.kind} ждёт с {event.at:%Y-%m-%d %H:%M} UTC"
            yield Finding(check=self.name, subject=str(event.id), detail=detail)
        words = {
            LetterState.PENDING: "письмо давно пора отправить",
            LetterState.CLAIMED: "письмо отправляют слишком долго",
        }
        for letter in stuck:
            yield Finding(check=self.name, subject=str(letter.id), detail=words[LetterState(letter.state)])
