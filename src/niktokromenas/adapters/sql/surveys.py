"""Surveys in SQL: an aggregate is its row and history that only grows; lists are keyset pages."""

from collections.abc import Set
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.messages import HISTORY_STRIDE
from niktokromenas.adapters.sql.outbox import publish
from niktokromenas.adapters.sql.saving import save_versioned
from niktokromenas.adapters.sql.survey_rows import (
    SURVEY,
    survey_columns,
    survey_history_columns,
    survey_history_of,
    survey_of,
)
from niktokromenas.adapters.sql.tables import survey_history, surveys
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units, reading_of
from niktokromenas.domain.ids import MessageId, ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.surveys.content import Series
from niktokromenas.domain.surveys.stages import BEFORE_ANNOUNCEMENT, Stage
from niktokromenas.domain.surveys.survey import HistoryEntry, Survey
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.surveys import (
    MODERATORS,
    SurveyDeskItem,
    SurveyFilter,
    SurveyItem,
    SurveyNotFound,
    survey_number,
)

_s = surveys.c


def _is_at(stages: Set[Stage]) -> sa.ColumnElement[bool]:
    return sa.or_(*(_s.stage == stage.value for stage in sorted(stages)))


_BY_ID = select(*SURVEY).where(_s.id == bindparam("id"))
_BY_NUMBER = select(*SURVEY).where(_s.number == bindparam("number"))
_TO_ANSWER = _BY_ID.with_for_update(key_share=True, read=True)
_TO_COUNT = _BY_ID.with_for_update()
"""These two exclude each other; SQLite, whose units never run at once, is not told."""
_INSERT_HISTORY = sa.insert(survey_history)
_ACTED_FOR = (
    select(survey_history.c.participant_id)
    .distinct()
    .where(
        survey_history.c.survey_id == bindparam("survey_id"),
        survey_history.c.organisation_id == bindparam("organisation_id"),
        survey_history.c.participant_id.is_not(None),
    )
    .order_by(survey_history.c.participant_id)
)
_DUE = (
    select(_s.id)
    .where(_s.tick_at.is_not(None), _s.tick_at <= bindparam("at"))
    .order_by(_s.tick_at, _s.id)
    .limit(bindparam("limit"))
)
_TO_SEAL = select(_s.id).where(_s.awaits_seal == sa.true()).order_by(_s.id).limit(bindparam("limit"))
_RUNNING = (
    select(sa.func.count())
    .select_from(surveys)
    .where(
        _s.group_id == bindparam("group_id"),
        _is_at({Stage.ANNOUNCED, Stage.OPEN}),
    )
)
_WAITING = (
    select(_s.id)
    .where(_is_at(BEFORE_ANNOUNCEMENT), _s.id > bindparam("after"))
    .order_by(_s.id)
    .limit(bindparam("limit"))
)
_WAITING_OF_GROUP = _WAITING.where(_s.group_id == bindparam("group_id"))
_WAITING_OF_OWNER = _WAITING.where(_s.owner == bindparam("owner_word"))
_WAITING_UNDER = _WAITING.where(_s.authority == bindparam("authority"))
_UNFROZEN_UNDER = _WAITING_UNDER.where(_s.freeze_reason.is_(None))
_FROZEN_UNDER = _WAITING_UNDER.where(_s.freeze_reason.is_not(None))
_LAST_ROUND = (
    select(*SURVEY)
    .where(
        _s.is_public == sa.true(),
        _s.topic == bindparam("topic"),
        _s.stage == Stage.PUBLISHED.value,
    )
    .order_by(_s.published_at.desc(), _s.id.desc())
    .limit(1)
)
_LAST_ROUND_AT = _LAST_ROUND.where(_s.municipality == bindparam("municipality"))
_LAST_ROUND_EVERYWHERE = _LAST_ROUND.where(_s.municipality.is_(None))
_NOBODY = UUID(int=0)


async def _load(connection: Connection, statement: Any, parameters: dict[str, Any]) -> Survey:
    """Raises `SurveyNotFound`."""
    found = await connection.rows(statement, parameters)
    if not found:
        raise SurveyNotFound("Такого опроса нет")
    return survey_of(found[0])


@frozen
class SqlSurveys:
    connection: Connection
    new_id: NewId

    async def by_number(self, number: str) -> Survey:
        return await _load(self.connection, _BY_NUMBER, {"number": number})

    async def by_id(self, survey_id: SurveyId) -> Survey:
        return await _load(self.connection, _BY_ID, {"id": survey_id})

    async def to_answer(self, survey_id: SurveyId) -> Survey:
        return await _load(self.connection, _TO_ANSWER, {"id": survey_id})

    async def to_count(self, survey_id: SurveyId) -> Survey:
        return await _load(self.connection, _TO_COUNT, {"id": survey_id})

    async def add(self, survey: Survey) -> Survey:
        return await self.save(survey)

    async def save(self, survey: Survey) -> Survey:
        stored = evolve(survey, version=survey.version + 1)
        await save_versioned(self.connection, surveys, survey_columns(stored))
        first = stored.version * HISTORY_STRIDE
        rows = [survey_history_columns(survey.id, first + n, e) for n, e in enumerate(survey.entries)]
        if rows:
            await self.connection.write(_INSERT_HISTORY, rows)
        await publish(self.connection, survey.events, self.new_id)
        return evolve(stored, events=(), entries=())

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[SurveyId, ...]:
        found = await self.connection.rows(_DUE, {"at": at, "limit": limit})
        return tuple(SurveyId(row.id) for row in found)

    async def to_seal(self, limit: int) -> tuple[SurveyId, ...]:
        found = await self.connection.rows(_TO_SEAL, {"limit": limit})
        return tuple(SurveyId(row.id) for row in found)

    async def running_of_group(self, group_id: SocialGroupId) -> int:
        return int((await self.connection.execute(_RUNNING, {"group_id": group_id})).scalar_one())

    async def waiting_of(
        self, whose: SocialGroupId | str, after: SurveyId | None, limit: int
    ) -> tuple[SurveyId, ...]:
        parameters: dict[str, Any] = {"after": after or _NOBODY, "limit": limit}
        if isinstance(whose, str):
            parameters["owner_word"] = whose
            found = await self.connection.execute(_WAITING_OF_OWNER, parameters)
        else:
            found = await self.connection.execute(_WAITING_OF_GROUP, {**parameters, "group_id": whose})
        return tuple(SurveyId(row.id) for row in found.all())

    async def waiting_under(
        self, authority: str, after: SurveyId | None, limit: int, *, frozen: bool
    ) -> tuple[SurveyId, ...]:
        parameters = {"authority": authority, "after": after or _NOBODY, "limit": limit}
        found = await self.connection.rows(_FROZEN_UNDER if frozen else _UNFROZEN_UNDER, parameters)
        return tuple(SurveyId(row.id) for row in found)

    async def acted_for(
        self, survey_id: SurveyId, organisation_id: ParticipantId
    ) -> tuple[ParticipantId, ...]:
        parameters = {"survey_id": survey_id, "organisation_id": organisation_id}
        found = await self.connection.rows(_ACTED_FOR, parameters)
        return tuple(ParticipantId(row.participant_id) for row in found)

    async def last_round(self, series: Series) -> Survey | None:
        parameters = {"topic": series.topic.value}
        if series.municipality is None:
            found = await self.connection.execute(_LAST_ROUND_EVERYWHERE, parameters)
        else:
            parameters["municipality"] = series.municipality
            found = await self.connection.execute(_LAST_ROUND_AT, parameters)
        row = found.one_or_none()
        return None if row is None else survey_of(row)


_NEXT = sa.text(
    "INSERT INTO survey_numbers (year, last) VALUES (:year, 1)"
    " ON CONFLICT (year) DO UPDATE SET last = survey_numbers.last + 1 RETURNING last"
)


@frozen
class SqlSurveyNumbers:
    units: Units

    async def next(self, year: int) -> str:
        async with self.units.unit() as connection:
            last = int((await connection.execute(_NEXT, {"year": year})).scalar_one())
        return survey_number(year, last)


_ITEM = (
    _s.id,
    _s.number,
    _s.title,
    _s.kind,
    _s.stage,
    _s.secrecy,
    _s.is_changeable,
    _s.initiator_kind,
    _s.body,
    _s.group_id,
    _s.topic,
    _s.municipality,
    _s.created_at,
    _s.announced_at,
    _s.starts_at,
    _s.ends_at,
    _s.is_late,
    _s.freeze_reason,
)
"""In the order of `SurveyItem`; the last tells whether it is frozen."""
_LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC)
_LAST_ID = UUID(int=2**128 - 1)
_FIRST_MOMENT = datetime(1, 1, 1, tzinfo=UTC)
_EDGE = tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id))
_EQUALITIES = {
    "kind": _s.kind,
    "stage": _s.stage,
    "topic": _s.topic,
    "municipality": _s.municipality,
    "initiator": _s.body,
    "group_id": _s.group_id,
}


@cache
def public_surveys_page(chosen: frozenset[str]) -> sa.Select[Any]:
    """The statement for these filters: built once for each combination."""
    statement = (
        select(*_ITEM)
        .where(_s.is_public == sa.true(), tuple_(_s.starts_at, _s.id) < _EDGE)
        .order_by(_s.starts_at.desc(), _s.id.desc())
        .limit(bindparam("limit"))
    )
    for name, column in _EQUALITIES.items():
        if name in chosen:
            statement = statement.where(column == bindparam(name))
    if "since" in chosen:
        statement = statement.where(_s.starts_at >= bindparam("since"))
    if "until" in chosen:
        statement = statement.where(_s.starts_at < bindparam("until"))
    return statement


_OWN = (
    select(*_ITEM)
    .where(_s.owner == bindparam("owner_word"), tuple_(_s.created_at, _s.id) < _EDGE)
    .order_by(_s.created_at.desc(), _s.id.desc())
    .limit(bindparam("limit"))
)
_DESK = (
    select(*_ITEM, _s.desk_due)
    .where(_s.desk == bindparam("desk"), tuple_(_s.desk_due, _s.id) > _EDGE)
    .order_by(_s.desk_due, _s.id)
    .limit(bindparam("limit"))
)
_LATE = _DESK.where(_s.is_late == sa.true())
_HISTORY = (
    select(*(column for column in survey_history.c if column is not survey_history.c.content))
    .where(survey_history.c.survey_id == bindparam("survey_id"))
    .order_by(survey_history.c.position)
)


def _item_of(row: Any) -> SurveyItem:
    *shown, freeze_reason = row[: len(_ITEM)]
    return SurveyItem._make((*shown, freeze_reason is not None))


@frozen
class SqlSurveyJournal:
    units: Units

    async def public(self, chosen: SurveyFilter, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        names = (*_EQUALITIES, "since", "until")
        given = {name: value for name in names if (value := getattr(chosen, name)) is not None}
        statement = public_surveys_page(frozenset(given))
        items, more = await self._items(statement, given, after, limit)
        last = items[-1] if more else None
        return Page(items, _cursor(last.starts_at, last.id) if last and last.starts_at else None)

    async def own(self, owner: str, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        items, more = await self._items(_OWN, {"owner_word": owner}, after, limit)
        return Page(items, _cursor(items[-1].created_at, items[-1].id) if more else None)

    async def _items(
        self, statement: sa.Select[Any], given: dict[str, Any], after: Cursor | None, limit: int
    ) -> tuple[tuple[SurveyItem, ...], bool]:
        """Newest first, and whether there are more."""
        at, after_id = (after.at, after.id) if after else (_LAST_MOMENT, _LAST_ID)
        parameters = {**given, "at": at, "after_id": after_id, "limit": limit + 1}
        async with reading_of(self.units, limit) as connection:
            rows = await connection.rows(statement, parameters)
        return tuple(map(_item_of, rows[:limit])), len(rows) > limit

    async def to_moderate(
        self, after: Cursor | None, limit: int, *, late: bool = False
    ) -> Page[SurveyDeskItem]:
        return await self._desk(_LATE if late else _DESK, MODERATORS, after, limit)

    async def to_consent(self, authority: str, after: Cursor | None, limit: int) -> Page[SurveyDeskItem]:
        return await self._desk(_DESK, f"authority:{authority}", after, limit)

    async def _desk(
        self, statement: sa.Select[Any], desk: str, after: Cursor | None, limit: int
    ) -> Page[SurveyDeskItem]:
        at, after_id = (after.at, after.id) if after else (_FIRST_MOMENT, _NOBODY)
        parameters = {"desk": desk, "at": at, "after_id": after_id, "limit": limit + 1}
        async with self.units.reading() as connection:
            rows = await connection.rows(statement, parameters)
        items = tuple(SurveyDeskItem(survey=_item_of(row), due=row.desk_due) for row in rows[:limit])
        last = items[-1] if len(rows) > limit else None
        return Page(items, _cursor(last.due, last.survey.id) if last else None)

    async def one(self, number: str) -> Survey:
        async with self.units.reading() as connection:
            return await _load(connection, _BY_NUMBER, {"number": number})

    async def history(self, survey_id: SurveyId) -> tuple[HistoryEntry, ...]:
        async with self.units.reading() as connection:
            rows = await connection.rows(_HISTORY, {"survey_id": survey_id})
        return tuple(map(survey_history_of, rows))


def _cursor(at: datetime, survey_id: SurveyId) -> Cursor:
    return Cursor(at=at, id=MessageId(survey_id))
