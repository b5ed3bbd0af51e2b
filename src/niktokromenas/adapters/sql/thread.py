"""Threads in SQL."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.outbox import publish
from niktokromenas.adapters.sql.rows import acting_columns, acting_of
from niktokromenas.adapters.sql.stored import read_maybe, write
from niktokromenas.adapters.sql.tables import posts
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import AssignmentId, AttachmentId, MessageId, PostId
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.thread import Post, PostKind
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.messages import Cursor, Page

_p = posts.c
_INSERT = sa.insert(posts)
_PAGE = (
    select(posts)
    .where(
        _p.message_id == bindparam("message_id"),
        tuple_(_p.at, _p.id) > tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id)),
    )
    .order_by(_p.at, _p.id)
    .limit(bindparam("limit"))
)
_ATTACHMENTS = select(_p.attachments).where(
    _p.message_id == bindparam("message_id"),
    _p.at >= bindparam("since", type_=UtcDateTime()),
    _p.attachments.is_not(None),
)
_FIRST_MOMENT = datetime(1, 1, 1, tzinfo=UTC)


@frozen
class SqlPosts:
    connection: Connection
    new_id: NewId

    async def add(self, post: Post) -> None:
        await self.connection.write(_INSERT, [post_columns(post)])
        await publish(self.connection, post.events, self.new_id)


@frozen
class SqlThreads:
    units: Units

    async def page(self, message_id: MessageId, after: Cursor | None, limit: int) -> Page[Post]:
        at, after_id = (after.at, after.id) if after else (_FIRST_MOMENT, UUID(int=0))
        parameters = {"message_id": message_id, "at": at, "after_id": after_id, "limit": limit + 1}
        async with self.units.reading() as connection:
            rows = await connection.rows(_PAGE, parameters)
        items = tuple(map(post_of, rows[:limit]))
        last = items[-1] if len(rows) > limit else None
        return Page(items, Cursor(at=last.at, id=MessageId(last.id)) if last else None)

    async def attachment(
        self, message_id: MessageId, attachment_id: AttachmentId, since: datetime | None
    ) -> Attachment | None:
        parameters = {"message_id": message_id, "since": since or _FIRST_MOMENT}
        async with self.units.reading() as connection:
            rows = await connection.rows(_ATTACHMENTS, parameters)
        brought = (a for row in rows for a in read_maybe(row.attachments, tuple[Attachment, ...]) or ())
        return next((a for a in brought if a.id == attachment_id), None)


def post_columns(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "message_id": post.message_id,
        "kind": post.kind.value,
        "at": post.at,
        **acting_columns(post.by),
        "text": post.text,
        "attachments": write(post.attachments) or None,
        "assignment_id": post.assignment_id,
    }


def post_of(row: Any) -> Post:
    return Post(
        id=PostId(row.id),
        message_id=MessageId(row.message_id),
        kind=PostKind(row.kind),
        by=acting_of(row),
        at=row.at,
        text=row.text,
        attachments=read_maybe(row.attachments, tuple[Attachment, ...]) or (),
        assignment_id=AssignmentId(row.assignment_id) if row.assignment_id else None,
    )
