"""Reading messages in SQL: keyset pages, each an index search; no count, no OFFSET."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.messages import load_by_number
from niktokromenas.adapters.sql.rows import history_of
from niktokromenas.adapters.sql.tables import assignments, history, messages
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units, reading_of
from niktokromenas.domain.ids import AssignmentId, MessageId, ParticipantId
from niktokromenas.domain.messages.message import HistoryEntry, Message
from niktokromenas.domain.values import Point
from niktokromenas.ports.messages import (
    Cursor,
    DeskItem,
    InboxItem,
    JournalFilter,
    JournalItem,
    Page,
)

_m = messages.c
ITEM = (
    _m.id,
    _m.number,
    _m.excerpt,
    _m.category,
    _m.municipality,
    _m.shown_address,
    _m.lat,
    _m.lon,
    _m.authority,
    _m.stage,
    _m.outcome,
    _m.publicity,
    _m.rating,
    _m.submitted_at,
    _m.answer_due,
    _m.is_overdue,
    _m.thumbnail,
    _m.joined_count,
    _m.followed_count,
)
_LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC)
_LAST_ID = UUID(int=2**128 - 1)
SMALL_BOX_DEGREES = 0.2
"""Boxes up to this size are read by place and sorted; larger ones by time and sifted."""


def item_of(row: Any) -> JournalItem:
    """By position: a name looked up in a row costs more than all the rest of a list."""
    (
        message_id,
        number,
        excerpt,
        category,
        municipality,
        address,
        lat,
        lon,
        authority,
        stage,
        outcome,
        publicity,
        rating,
        submitted_at,
        answer_due,
        is_overdue,
        thumbnail,
        joined,
        followed,
        *_,
    ) = row
    return JournalItem(
        message_id,
        number,
        excerpt,
        category,
        municipality,
        address,
        Point(lat, lon) if lat is not None else None,
        authority,
        stage,
        outcome,
        publicity,
        rating,
        submitted_at,
        answer_due,
        is_overdue,
        thumbnail,
        joined,
        followed,
    )


_EQUALITIES = {
    "topic": _m.category,
    "group": _m.category_group,
    "municipality": _m.municipality,
    "authority": _m.authority,
    "stage": _m.stage,
    "outcome": _m.outcome,
}


@cache
def public_page(chosen: frozenset[str]) -> sa.Select[Any]:
    """The statement for these filters: built once for each combination, so that it compiles once."""
    edge = tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id))
    statement = filtered(
        select(*ITEM)
        .where(_m.is_public == sa.true(), tuple_(_m.submitted_at, _m.id) < edge)
        .limit(bindparam("limit")),
        chosen,
    )
    if "small-box" in chosen:
        # and here from walking the whole journal by time
        by_time = sa.type_coerce(_m.submitted_at, sa.Text) + sa.literal_column("''")
        return statement.order_by(by_time.desc(), _m.id.desc())
    return statement.order_by(_m.submitted_at.desc(), _m.id.desc())


def filtered(statement: sa.Select[Any], chosen: frozenset[str]) -> sa.Select[Any]:
    """Of messages, those that pass these filters."""
    for name, column in _EQUALITIES.items():
        if name in chosen:
            statement = statement.where(column == bindparam(name))
    if "since" in chosen:
        statement = statement.where(_m.submitted_at >= bindparam("since"))
    if "until" in chosen:
        statement = statement.where(_m.submitted_at < bindparam("until"))
    if "small-box" in chosen or "box" in chosen:
        # an expression in place of the column keeps the planner from reading a large box by place
        lat = _m.lat if "small-box" in chosen else _m.lat + sa.literal_column("0")
        statement = statement.where(
            lat.between(bindparam("south"), bindparam("north")),
            _m.lon.between(bindparam("west"), bindparam("east")),
        )
    return statement


def parameters_of(chosen: JournalFilter) -> tuple[frozenset[str], dict[str, Any]]:
    """Which filters are given, and the parameters of their statement."""
    found = {
        "municipality": chosen.municipality,
        "authority": chosen.authority,
        "stage": chosen.stage,
        "outcome": chosen.outcome,
        "since": chosen.since,
        "until": chosen.until,
        "topic" if "." in (chosen.category or "") else "group": chosen.category,
    }
    parameters: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    shape = set(parameters)
    if (box := chosen.box) is not None:
        low, high = box.south_west, box.north_east
        parameters |= {"south": low.lat, "north": high.lat, "west": low.lon, "east": high.lon}
        is_small = max(high.lat - low.lat, high.lon - low.lon) <= SMALL_BOX_DEGREES
        shape.add("small-box" if is_small else "box")
    return frozenset(shape), parameters


@frozen
class SqlJournal:
    units: Units

    async def public(self, chosen: JournalFilter, after: Cursor | None, limit: int) -> Page[JournalItem]:
        shape, parameters = parameters_of(chosen)
        edge = (after.at, after.id) if after else (_LAST_MOMENT, _LAST_ID)
        parameters |= {"at": edge[0], "after_id": edge[1], "limit": limit + 1}
        async with reading_of(self.units, limit) as connection:
            rows = await connection.rows(public_page(shape), parameters)
        items = tuple(item_of(row) for row in rows[:limit])
        return Page(items, _next_by_time(items, more=len(rows) > limit))

    async def own(
        self,
        participant_id: ParticipantId,
        organisation_id: ParticipantId | None,
        after: Cursor | None,
        limit: int,
    ) -> Page[JournalItem]:
        at, after_id = (after.at, after.id) if after else (_LAST_MOMENT, _LAST_ID)
        parameters = {"author": participant_id, "at": at, "after_id": after_id, "limit": limit + 1}
        statement = _OWN if organisation_id is None else _OWN_FOR
        if organisation_id is not None:
            parameters["organisation"] = organisation_id
        async with self.units.reading() as connection:
            rows = await connection.rows(statement, parameters)
        items = tuple(item_of(row) for row in rows[:limit])
        return Page(items, _next_by_time(items, more=len(rows) > limit))

    async def desk(self, desk: str, after: Cursor | None, limit: int) -> Page[DeskItem]:
        at, after_id = (after.at, after.id) if after else (_FIRST_MOMENT, UUID(int=0))
        parameters = {"desk": desk, "at": at, "after_id": after_id, "limit": limit + 1}
        async with self.units.reading() as connection:
            rows = await connection.rows(_DESK, parameters)
        items = tuple(DeskItem(message=item_of(r), due=r.desk_due, task=r.desk_task) for r in rows[:limit])
        last = items[-1] if len(rows) > limit else None
        return Page(items, Cursor(at=last.due, id=last.message.id) if last else None)

    async def inbox(self, authority: str, after: Cursor | None, limit: int) -> Page[InboxItem]:
        at, after_id = (after.at, after.id) if after else (_FIRST_MOMENT, UUID(int=0))
        parameters = {"authority": authority, "at": at, "after_id": after_id, "limit": limit + 1}
        async with reading_of(self.units, limit) as connection:
            rows = await connection.rows(_INBOX, parameters)
        items = tuple(_inbox_item(row) for row in rows[:limit])
        last = items[-1] if len(rows) > limit else None
        return Page(items, Cursor(at=last.due, id=MessageId(last.assignment_id)) if last else None)

    async def one(self, number: str) -> Message:
        async with self.units.reading() as connection:
            return await load_by_number(connection, number)

    async def history(self, message_id: MessageId) -> tuple[HistoryEntry, ...]:
        async with self.units.reading() as connection:
            rows = await connection.rows(_HISTORY, {"message_id": message_id})
        return tuple(map(history_of, rows))


def _next_by_time(items: tuple[JournalItem, ...], *, more: bool) -> Cursor | None:
    return Cursor(at=items[-1].submitted_at, id=items[-1].id) if more else None


def _inbox_item(row: Any) -> InboxItem:
    return InboxItem(
        message=item_of(row),
        assignment_id=AssignmentId(row.assignment_id),
        stage=row.assignment_stage,
        is_lead=row.is_lead,
        due=row.due_at,
        taken_by=row.taken_by,
        is_overdue=row.overdue_at is not None,
    )


_FIRST_MOMENT = datetime(1, 1, 1, tzinfo=UTC)
_BY_TIME = (
    select(*ITEM)
    .where(
        _m.author_id == bindparam("author"),
        tuple_(_m.submitted_at, _m.id)
        < tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id)),
    )
    .order_by(_m.submitted_at.desc(), _m.id.desc())
    .limit(bindparam("limit"))
)
_OWN = _BY_TIME.where(_m.organisation_id.is_(None))
_OWN_FOR = _BY_TIME.where(_m.organisation_id == bindparam("organisation"))
_DESK = (
    select(*ITEM, _m.desk_due, _m.desk_task)
    .where(
        _m.desk == bindparam("desk"),
        tuple_(_m.desk_due, _m.id)
        > tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id)),
    )
    .order_by(_m.desk_due, _m.id)
    .limit(bindparam("limit"))
)
_a = assignments.c
_open_ones = (
    select(_a.id, _a.message_id, _a.stage, _a.is_lead, _a.due_at, _a.taken_by, _a.overdue_at)
    .where(
        _a.authority == bindparam("authority"),
        _a.is_open == sa.true(),
        tuple_(_a.due_at, _a.id)
        > tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id)),
    )
    .order_by(_a.due_at, _a.id)
    .limit(bindparam("limit"))
    .subquery("open_ones")
)
"""The page is cut before the join, so that the planner cannot begin with the messages."""
_o = _open_ones.c
_INBOX = (
    select(
        *ITEM,
        _o.id.label("assignment_id"),
        _o.stage.label("assignment_stage"),
        _o.is_lead,
        _o.due_at,
        _o.taken_by,
        _o.overdue_at,
    )
    .join_from(_open_ones, messages, _m.id == _o.message_id)
    .order_by(_o.due_at, _o.id)
)
_HISTORY = select(history).where(history.c.message_id == bindparam("message_id")).order_by(history.c.position)
