"""Messages of one unit in SQL: an aggregate is its row, its assignments, and history that only grows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.outbox import publish
from niktokromenas.adapters.sql.rows import (
    assignment_columns,
    assignment_of,
    history_columns,
    message_columns,
    message_of,
)
from niktokromenas.adapters.sql.search_index import SqlSearchIndex
from niktokromenas.adapters.sql.stored import read, write
from niktokromenas.adapters.sql.tables import assignments, history, messages, uploads
from niktokromenas.domain.ids import AttachmentId, MessageId, ParticipantId
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.messages.telling import told_events
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.messages import MergedAuthor, MessageNotFound, StaleVersion, Upload, UploadNotFound

_BY_NUMBER = select(messages).where(messages.c.number == bindparam("number"))
_BY_ID = select(messages).where(messages.c.id == bindparam("id"))
_ASSIGNMENTS = (
    select(assignments)
    .where(assignments.c.message_id == bindparam("message_id"))
    .order_by(assignments.c.position)
)
_INSERT = sa.insert(messages)
_UPDATE = sa.update(messages).where(
    messages.c.id == bindparam("the_id"), messages.c.version == bindparam("the_version")
)
_INSERT_ASSIGNMENT = sa.insert(assignments)
_UPDATE_ASSIGNMENT = sa.update(assignments).where(assignments.c.id == bindparam("the_id"))
_INSERT_HISTORY = sa.insert(history)
_MERGED = (
    select(messages.c.number, messages.c.author_id)
    .where(messages.c.merged_into == bindparam("message_id"))
    .order_by(messages.c.id)
)
_DUE = (
    select(messages.c.id)
    .where(messages.c.tick_at.is_not(None), messages.c.tick_at <= bindparam("at"))
    .order_by(messages.c.tick_at, messages.c.id)
    .limit(bindparam("limit"))
)
_OPEN_AT = (
    select(assignments.c.message_id)
    .where(assignments.c.authority == bindparam("authority"), assignments.c.is_open == sa.true())
    .distinct()
    .order_by(assignments.c.message_id)
    .limit(bindparam("limit"))
)
_OPEN_AT_AFTER = _OPEN_AT.where(assignments.c.message_id > bindparam("after"))
HISTORY_STRIDE = 1000
"""Positions of one save start at version x stride: no act writes that many entries."""


async def load(connection: Connection, statement: Any, parameters: dict[str, Any]) -> Message:
    """The message with its assignments, in two statements. Raises `MessageNotFound`."""
    found = await connection.rows(statement, parameters)
    if not found:
        raise MessageNotFound("Такого сообщения нет")
    rows = await connection.rows(_ASSIGNMENTS, {"message_id": found[0].id})
    return message_of(found[0], rows)


async def load_by_number(connection: Connection, number: str) -> Message:
    return await load(connection, _BY_NUMBER, {"number": number})


@frozen
class SqlMessages:
    connection: Connection
    rules: Rulebook
    new_id: NewId
    search_index: SqlSearchIndex

    async def by_number(self, number: str) -> Message:
        return await load_by_number(self.connection, number)

    async def by_id(self, message_id: MessageId) -> Message:
        return await load(self.connection, _BY_ID, {"id": message_id})

    async def add(self, message: Message) -> Message:
        stored = evolve(message, version=message.version + 1)
        await self.connection.write(_INSERT, [message_columns(stored, self.rules)])
        await self._pending(stored, {})
        await self.search_index.add(stored)
        return evolve(stored, events=(), entries=())

    async def save(self, message: Message) -> Message:
        stored = evolve(message, version=message.version + 1)
        columns = message_columns(stored, self.rules)
        columns |= {"the_id": columns.pop("id"), "the_version": message.version}
        changed = await self.connection.execute(_UPDATE, columns)
        if changed.rowcount != 1:
            raise StaleVersion("Сообщение изменилось: прочитайте его снова")
        rows = (await self.connection.execute(_ASSIGNMENTS, {"message_id": message.id})).all()
        await self._pending(stored, {row.id: assignment_of(row) for row in rows})
        await self.search_index.keep(stored)
        return evolve(stored, events=(), entries=())

    async def _pending(self, message: Message, known: Mapping[Any, Assignment]) -> None:
        """Assignments that changed, history and events of the act."""
        new: list[dict[str, Any]] = []
        for position, assignment in enumerate(message.assignments):
            if known.get(assignment.id) != assignment:
                row = assignment_columns(assignment, message.id, position)
                if assignment.id in known:
                    row["the_id"] = row.pop("id")
                    await self.connection.execute(_UPDATE_ASSIGNMENT, row)
                else:
                    new.append(row)
        if new:
            await self.connection.write(_INSERT_ASSIGNMENT, new)
        first = message.version * HISTORY_STRIDE
        entries = [history_columns(message.id, first + n, e) for n, e in enumerate(message.entries)]
        if entries:
            await self.connection.write(_INSERT_HISTORY, entries)
        await publish(self.connection, told_events(message), self.new_id)

    async def merged_authors(self, message_id: MessageId) -> tuple[MergedAuthor, ...]:
        found = await self.connection.execute(_MERGED, {"message_id": message_id})
        return tuple(MergedAuthor(row.number, ParticipantId(row.author_id)) for row in found.all())

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[MessageId, ...]:
        found = await self.connection.execute(_DUE, {"at": at, "limit": limit})
        return tuple(MessageId(row.id) for row in found.all())

    async def open_at(self, authority: str, after: MessageId | None, limit: int) -> tuple[MessageId, ...]:
        parameters: dict[str, Any] = {"authority": authority, "limit": limit}
        if after is None:
            found = await self.connection.execute(_OPEN_AT, parameters)
        else:
            found = await self.connection.execute(_OPEN_AT_AFTER, {**parameters, "after": after})
        return tuple(MessageId(row.message_id) for row in found.all())


_ADD_UPLOAD = sa.insert(uploads)
_WAITING = (
    select(sa.func.count())
    .select_from(uploads)
    .where(uploads.c.participant_id == bindparam("participant_id"))
)
_TAKE = (
    sa.delete(uploads)
    .where(
        uploads.c.id.in_(bindparam("ids", expanding=True)),
        uploads.c.participant_id == bindparam("participant_id"),
    )
    .returning(uploads.c.attachment)
)
_ABANDONED = (
    sa.delete(uploads)
    .where(
        uploads.c.id.in_(
            select(uploads.c.id)
            .where(uploads.c.uploaded_at < bindparam("before"))
            .order_by(uploads.c.uploaded_at)
            .limit(bindparam("limit"))
        )
    )
    .returning(uploads.c.attachment)
)


@frozen
class SqlUploads:
    connection: Connection

    async def add(self, upload: Upload) -> None:
        row = {
            "id": upload.attachment.id,
            "participant_id": upload.participant_id,
            "uploaded_at": upload.uploaded_at,
            "attachment": write(upload.attachment),
        }
        await self.connection.execute(_ADD_UPLOAD, row)

    async def waiting(self, participant_id: ParticipantId) -> int:
        found = await self.connection.execute(_WAITING, {"participant_id": participant_id})
        return int(found.scalar_one())

    async def take(
        self, ids: tuple[AttachmentId, ...], participant_id: ParticipantId
    ) -> tuple[Attachment, ...]:
        found = await self.connection.execute(_TAKE, {"ids": list(ids), "participant_id": participant_id})
        taken = {a.id: a for a in (read(row.attachment, Attachment) for row in found.all())}
        if len(taken) != len(ids):
            raise UploadNotFound("Такого вложения нет или оно уже использовано")
        return tuple(taken[i] for i in ids)

    async def abandoned(self, before: datetime, limit: int) -> tuple[Attachment, ...]:
        found = await self.connection.execute(_ABANDONED, {"before": before, "limit": limit})
        return tuple(read(row.attachment, Attachment) for row in found.all())
