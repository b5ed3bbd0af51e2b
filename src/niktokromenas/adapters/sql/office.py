"""Awaited answers in SQL: keyset pages over the open assignments."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.tables import assignments, messages
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import AssignmentId, MessageId
from niktokromenas.domain.messages.stages import AssignmentStage
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.office import AwaitedAnswer, Watch

_a = assignments.c
_NOW = bindparam("now", type_=UtcDateTime())
_EDGE = tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id))
_FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
_WATCHED: dict[Watch, sa.ColumnElement[bool]] = {
    Watch.DUE: _a.due_at > _NOW,
    Watch.OVERDUE: _a.due_at <= _NOW,
    Watch.INCOMPLETE: _a.send_back_words.is_not(None),
}


@cache
def awaited_page(watch: Watch, *, of_one: bool) -> sa.Select[Any]:
    """The page is cut before the join, so that the planner cannot begin with the messages."""
    chosen = (
        select(
            _a.id,
            _a.message_id,
            _a.authority,
            _a.is_lead,
            _a.stage,
            _a.due_at,
            _a.taken_by,
            _a.send_back_words,
        )
        .where(
            _a.is_open == sa.true(),
            _a.stage != AssignmentStage.READY.value,
            _WATCHED[watch],
            tuple_(_a.due_at, _a.id) > _EDGE,
        )
        .order_by(_a.due_at, _a.id)
        .limit(bindparam("limit"))
    )
    if of_one:
        chosen = chosen.where(_a.authority == bindparam("authority"))
    page = chosen.subquery("open_ones")
    joined = page.join(messages, messages.c.id == page.c.message_id)
    return select(page, messages.c.number).select_from(joined).order_by(page.c.due_at, page.c.id)


@frozen
class SqlAwaitedAnswers:
    units: Units

    async def page(
        self, watch: Watch, authority: str | None, now: datetime, after: Cursor | None, limit: int
    ) -> Page[AwaitedAnswer]:
        at, after_id = (after.at, after.id) if after else _FIRST
        parameters: dict[str, Any] = {"at": at, "after_id": after_id, "limit": limit + 1}
        if watch is not Watch.INCOMPLETE:
            parameters["now"] = now
        if authority is not None:
            parameters["authority"] = authority
        async with self.units.reading() as connection:
            statement = awaited_page(watch, of_one=authority is not None)
            rows = (await connection.execute(statement, parameters)).all()
        items = tuple(map(_awaited, rows[:limit]))
        more = Cursor(at=items[-1].due, id=MessageId(items[-1].assignment_id)) if len(rows) > limit else None
        return Page(items, more)


def _awaited(row: Any) -> AwaitedAnswer:
    return AwaitedAnswer(
        number=row.number,
        assignment_id=AssignmentId(row.id),
        authority=row.authority,
        is_lead=row.is_lead,
        stage=row.stage,
        due=row.due_at,
        is_taken=row.taken_by is not None,
        send_back_words=row.send_back_words,
    )
