"""The feed and the letters on their way, in SQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import asdict, frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.stored import read, write
from niktokromenas.adapters.sql.tables import letters, notice_settings, notices
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.notices import (
    Delivery,
    Letter,
    LetterState,
    Notice,
    NoticeKind,
    NoticeMode,
    NoticeSettings,
)
from niktokromenas.ports.notices import Outgoing

_n = notices.c
_EXISTS = select(_n.id).where(
    _n.event_id == bindparam("event_id"),
    _n.recipient_id == bindparam("recipient_id"),
    _n.kind == bindparam("kind"),
)
_ADD = sa.insert(notices)
_MARK_READ = (
    sa.update(notices)
    .where(_n.recipient_id == bindparam("participant_id"), _n.at <= bindparam("until"), _n.read_at.is_(None))
    .values(read_at=bindparam("now"))
)
_SETTINGS = select(notice_settings).where(
    notice_settings.c.participant_id.in_(bindparam("ids", expanding=True))
)
_FORGET_SETTINGS = sa.delete(notice_settings).where(
    notice_settings.c.participant_id == bindparam("the_participant")
)
_SAVE_SETTINGS = sa.insert(notice_settings)
_FEED = (
    select(notices)
    .where(
        _n.recipient_id == bindparam("participant_id"),
        tuple_(_n.at, _n.id) < tuple_(bindparam("at", type_=UtcDateTime()), bindparam("before_id", type_=Id)),
    )
    .order_by(_n.at.desc(), _n.id.desc())
    .limit(bindparam("limit"))
)
_UNREAD = select(sa.func.count()).select_from(
    select(_n.id)
    .where(_n.recipient_id == bindparam("participant_id"), _n.read_at.is_(None))
    .limit(100)
    .subquery()
)


def notice_of(row: Any) -> Notice:
    return Notice(
        id=row.id,
        event_id=row.event_id,
        recipient_id=row.recipient_id,
        kind=NoticeKind(row.kind),
        facts=row.facts,
        at=row.at,
        read_at=row.read_at,
    )


def _settings_of(row: Any) -> NoticeSettings:
    return NoticeSettings({NoticeKind(kind): NoticeMode(mode) for kind, mode in row.modes.items()})


@frozen
class SqlNotices:
    connection: Connection

    async def add(self, notice: Notice) -> bool:
        key = {
            "event_id": notice.event_id,
            "recipient_id": notice.recipient_id,
            "kind": notice.kind.value,
        }
        if (await self.connection.execute(_EXISTS, key)).first() is not None:
            return False
        row = {**asdict(notice, recurse=False), "kind": notice.kind.value, "facts": dict(notice.facts)}
        await self.connection.execute(_ADD, row)
        return True

    async def settings(self, ids: tuple[ParticipantId, ...]) -> Mapping[ParticipantId, NoticeSettings]:
        rows = (await self.connection.execute(_SETTINGS, {"ids": list(ids)})).all()
        return {ParticipantId(row.participant_id): _settings_of(row) for row in rows}

    async def save_settings(self, participant_id: ParticipantId, settings: NoticeSettings) -> None:
        await self.connection.execute(_FORGET_SETTINGS, {"the_participant": participant_id})
        modes = {kind.value: mode.value for kind, mode in settings.modes.items()}
        row = {"participant_id": participant_id, "modes": modes}
        await self.connection.execute(_SAVE_SETTINGS, row)

    async def mark_read(self, participant_id: ParticipantId, until: datetime, at: datetime) -> int:
        parameters = {"participant_id": participant_id, "until": until, "now": at}
        return int((await self.connection.execute(_MARK_READ, parameters)).rowcount)


_LAST_MOMENT = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
_LAST_ID = UUID(int=2**128 - 1)


@frozen
class SqlNoticeFeed:
    units: Units

    async def page(
        self, participant_id: ParticipantId, before: tuple[datetime, UUID] | None, limit: int
    ) -> tuple[Notice, ...]:
        at, before_id = before or (_LAST_MOMENT, _LAST_ID)
        parameters = {"participant_id": participant_id, "at": at, "before_id": before_id, "limit": limit}
        async with self.units.reading() as connection:
            return tuple(map(notice_of, (await connection.execute(_FEED, parameters)).all()))

    async def unread(self, participant_id: ParticipantId) -> int:
        async with self.units.reading() as connection:
            found = await connection.execute(_UNREAD, {"participant_id": participant_id})
            return int(found.scalar_one())

    async def settings(self, participant_id: ParticipantId) -> NoticeSettings:
        async with self.units.reading() as connection:
            row = (await connection.execute(_SETTINGS, {"ids": [participant_id]})).one_or_none()
        return NoticeSettings() if row is None else _settings_of(row)


_l = letters.c
_ADD_LETTER = sa.insert(letters)
_DUE = (
    select(letters)
    .where(_l.state == LetterState.PENDING.value, _l.next_at <= bindparam("at"))
    .order_by(_l.next_at, _l.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_CLAIMED = (
    select(letters)
    .where(_l.state == LetterState.CLAIMED.value, _l.claimed_at < bindparam("instant"))
    .order_by(_l.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_SAVE_DELIVERY = sa.update(letters).where(_l.id == bindparam("the_id"))
_TROUBLED = (
    select(letters)
    .where(_l.state.in_((LetterState.UNKNOWN.value, LetterState.DEAD.value)))
    .order_by(_l.id.desc())
    .limit(bindparam("limit"))
)


def _delivery_columns(delivery: Delivery) -> dict[str, Any]:
    row = asdict(delivery, recurse=False)
    return {**{k: v for k, v in row.items() if k != "letter_id"}, "state": delivery.state.value}


def outgoing_of(row: Any) -> Outgoing:
    return Outgoing(
        read(row.letter, Letter),
        Delivery(
            letter_id=row.id,
            state=LetterState(row.state),
            attempts=row.attempts,
            next_at=row.next_at,
            claimed_at=row.claimed_at,
            last_error=row.last_error,
        ),
    )


@frozen
class SqlLetters:
    connection: Connection

    async def add(self, letter: Letter, delivery: Delivery) -> None:
        row = {"id": letter.id, "letter": write(letter), **_delivery_columns(delivery)}
        await self.connection.execute(_ADD_LETTER, row)

    async def due(self, at: datetime, limit: int) -> tuple[Outgoing, ...]:
        found = await self.connection.execute(_DUE, {"at": at, "limit": limit})
        return tuple(map(outgoing_of, found.all()))

    async def claimed_before(self, instant: datetime, limit: int) -> tuple[Outgoing, ...]:
        found = await self.connection.execute(_CLAIMED, {"instant": instant, "limit": limit})
        return tuple(map(outgoing_of, found.all()))

    async def save(self, delivery: Delivery) -> None:
        row = {**_delivery_columns(delivery), "the_id": delivery.letter_id}
        await self.connection.execute(_SAVE_DELIVERY, row)


@frozen
class SqlLetterRegister:
    units: Units

    async def troubled(self, limit: int) -> tuple[Outgoing, ...]:
        async with self.units.reading() as connection:
            found = await connection.execute(_TROUBLED, {"limit": limit})
            return tuple(map(outgoing_of, found.all()))
