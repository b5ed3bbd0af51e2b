"""News of surveys on its way to many people, in SQL."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.participants import participant_of
from niktokromenas.adapters.sql.tables import announcements, participants
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.surveys.announcing import Announcement

_a = announcements.c
_ADD = sa.text(
    "INSERT INTO announcements (event_id, kind, survey_id, at, begins_at, by_participant, after)"
    " VALUES (:event_id, :kind, :survey_id, :at, :begins_at, :by_participant, :after)"
    " ON CONFLICT (event_id, kind) DO NOTHING"
).bindparams(
    *(bindparam(name, type_=Id) for name in ("event_id", "survey_id", "by_participant", "after")),
    *(bindparam(name, type_=UtcDateTime()) for name in ("at", "begins_at")),
)
_TAKE = (
    select(announcements)
    .where(_a.begins_at <= bindparam("now"))
    .order_by(_a.begins_at, _a.event_id, _a.kind)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE_BUT = _TAKE.where(_a.event_id.not_in(bindparam("passing", expanding=True)))
_ONE = (_a.event_id == bindparam("the_event"), _a.kind == bindparam("the_kind"))
_MOVE = sa.update(announcements).where(*_ONE)
_FINISH = sa.delete(announcements).where(*_ONE)
_EVERYBODY = (
    select(participants)
    .where(participants.c.id > bindparam("after_id"))
    .order_by(participants.c.id)
    .limit(bindparam("limit"))
)
_NOBODY = UUID(int=0)


def _announcement_of(row: Any) -> Announcement:
    return Announcement(
        event_id=row.event_id,
        kind=NoticeKind(row.kind),
        survey_id=SurveyId(row.survey_id),
        at=row.at,
        begins_at=row.begins_at,
        by_participant=ParticipantId(row.by_participant) if row.by_participant else None,
        after=ParticipantId(row.after) if row.after else None,
    )


def _one(announcement: Announcement) -> dict[str, Any]:
    return {"the_event": announcement.event_id, "the_kind": announcement.kind.value}


@frozen
class SqlAnnouncements:
    connection: Connection

    async def add(self, announcement: Announcement) -> None:
        row = {
            "event_id": announcement.event_id,
            "kind": announcement.kind.value,
            "survey_id": announcement.survey_id,
            "at": announcement.at,
            "begins_at": announcement.begins_at,
            "by_participant": announcement.by_participant,
            "after": announcement.after,
        }
        await self.connection.execute(_ADD, row)

    async def take(self, at: datetime, passing: Collection[UUID] = ()) -> Announcement | None:
        if passing:
            found = await self.connection.execute(_TAKE_BUT, {"now": at, "passing": list(passing)})
        else:
            found = await self.connection.execute(_TAKE, {"now": at})
        row = found.first()
        return None if row is None else _announcement_of(row)

    async def move(self, announcement: Announcement, after: ParticipantId) -> None:
        await self.connection.execute(_MOVE, {**_one(announcement), "after": after})

    async def finish(self, announcement: Announcement) -> None:
        await self.connection.execute(_FINISH, _one(announcement))

    async def everybody(self, after: ParticipantId | None, limit: int) -> tuple[Participant, ...]:
        found = await self.connection.rows(_EVERYBODY, {"after_id": after or _NOBODY, "limit": limit})
        return tuple(map(participant_of, found))
