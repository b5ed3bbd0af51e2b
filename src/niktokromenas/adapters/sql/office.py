"""Awaited answers in SQL: keyset pages over the open assignments, and numbers over one authority's."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.tables import assignments, authorities, messages
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units, reading_of
from niktokromenas.domain.ids import AssignmentId, MessageId, ParticipantId
from niktokromenas.domain.messages.stages import AssignmentStage
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.office import AwaitedAnswer, Figures, Moment, Watch

_a = assignments.c
_NOW = bindparam("now", type_=UtcDateTime())
_TODAY_ENDS = bindparam("today_ends", type_=UtcDateTime())
_SOON_ENDS = bindparam("soon_ends", type_=UtcDateTime())
_EDGE = tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id))
_FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
_WATCHED: dict[Watch, sa.ColumnElement[bool]] = {
    Watch.DUE: _a.due_at > _NOW,
    Watch.TODAY: sa.and_(_a.due_at > _NOW, _a.due_at <= _TODAY_ENDS),
    Watch.SOON: sa.and_(_a.due_at > _NOW, _a.due_at <= _SOON_ENDS),
    Watch.OVERDUE: _a.due_at <= _NOW,
    Watch.INCOMPLETE: _a.send_back_words.is_not(None),
    Watch.NOT_TAKEN: _a.taken_by.is_(None),
}
_INSTANTS: dict[Watch, tuple[str, ...]] = {
    Watch.DUE: ("now",),
    Watch.TODAY: ("now", "today_ends"),
    Watch.SOON: ("now", "soon_ends"),
    Watch.OVERDUE: ("now",),
    Watch.INCOMPLETE: (),
    Watch.NOT_TAKEN: (),
}
"""What of the moment each statement is given."""
_AWAITED = (_a.is_open == sa.true(), _a.stage != AssignmentStage.READY.value)


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
            *_AWAITED,
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
        self, watch: Watch, authority: str | None, at: Moment, after: Cursor | None, limit: int
    ) -> Page[AwaitedAnswer]:
        since, after_id = (after.at, after.id) if after else _FIRST
        parameters: dict[str, Any] = {"at": since, "after_id": after_id, "limit": limit + 1}
        parameters |= {name: getattr(at, name) for name in _INSTANTS[watch]}
        if authority is not None:
            parameters["authority"] = authority
        async with reading_of(self.units, limit) as connection:
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


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """None in the row of an authority that has no assignment at all."""
    return sa.func.sum(sa.case((sa.and_(_a.id.is_not(None), condition), 1), else_=0))


_FIGURES = [
    _how_many(sa.true()).label("awaited"),
    *(_how_many(shown).label(w.name.lower()) for w, shown in _WATCHED.items() if w is not Watch.DUE),
]
_OF_ONE = (
    select(_a.authority, *_FIGURES)
    .where(_a.authority == bindparam("authority"), *_AWAITED)
    .group_by(_a.authority)
)
_BY_OFFICIAL = (
    select(_a.taken_by, *_FIGURES)
    .where(_a.authority == bindparam("authority"), *_AWAITED)
    .group_by(_a.taken_by)
)
_registered = (
    select(authorities.c.code)
    .where(authorities.c.code > bindparam("after_code"))
    .order_by(authorities.c.code)
    .limit(bindparam("limit"))
    .subquery("registered")
)
_OF_ALL = (
    select(_registered.c.code, *_FIGURES)
    .join_from(
        _registered,
        assignments,
        sa.and_(_a.authority == _registered.c.code, *_AWAITED),
        isouter=True,
    )
    .group_by(_registered.c.code)
    .order_by(_registered.c.code)
)


def _of_moment(at: Moment) -> dict[str, Any]:
    return {"now": at.now, "today_ends": at.today_ends, "soon_ends": at.soon_ends}


@frozen
class SqlOfficeFigures:
    units: Units

    async def of_authority(self, authority: str, at: Moment) -> Figures:
        async with self.units.reading() as connection:
            rows = await connection.rows(_OF_ONE, {"authority": authority, **_of_moment(at)})
        return _figures(rows[0]) if rows else Figures()

    async def of_all(self, after: str | None, at: Moment, limit: int) -> tuple[tuple[str, Figures], ...]:
        parameters = {"after_code": after or "", "limit": limit, **_of_moment(at)}
        async with self.units.long_reading() as connection:
            rows = await connection.rows(_OF_ALL, parameters)
        return tuple((row[0], _figures(row)) for row in rows)

    async def by_official(self, authority: str, at: Moment) -> Mapping[ParticipantId | None, Figures]:
        async with self.units.reading() as connection:
            rows = await connection.rows(_BY_OFFICIAL, {"authority": authority, **_of_moment(at)})
        return {row[0]: _figures(row) for row in rows}


def _figures(row: Any) -> Figures:
    """Behind whose they are."""
    return Figures(*(int(number) for number in row[1:]))
