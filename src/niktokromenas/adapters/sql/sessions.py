"""Sessions, sign-ins under way and who stands behind a session, in SQL."""

from collections import namedtuple
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.participants import grant_of, participant_of
from niktokromenas.adapters.sql.saving import save_versioned
from niktokromenas.adapters.sql.stored import read, write
from niktokromenas.adapters.sql.tables import app_codes, grants, login_attempts, participants, sessions
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import ParticipantId, SessionId
from niktokromenas.domain.participants.grants import GrantStage
from niktokromenas.domain.participants.identity import OrganisationRole
from niktokromenas.domain.participants.sessions import Session, SessionKind
from niktokromenas.ports.participants import (
    AppCode,
    AttemptUnknown,
    Known,
    LoginAttempt,
    SessionNotFound,
)

_SAME_NAME = (
    "participant_id",
    "secret_hash",
    "began_at",
    "expires_at",
    "device",
    "client_id",
    "organisation_id",
    "acting_grant",
    "generation",
    "ended_at",
    "end_reason",
    "version",
)


def session_columns(session: Session) -> dict[str, Any]:
    return {
        **{name: getattr(session, name) for name in _SAME_NAME},
        "id": session.id,
        "kind": session.kind.value,
        "organisations": write(session.organisations),
    }


def session_of(row: Any) -> Session:
    return Session(
        **{name: getattr(row, name) for name in _SAME_NAME},
        id=SessionId(row.id),
        kind=SessionKind(row.kind),
        organisations=read(row.organisations, tuple[OrganisationRole, ...]),
    )


_SESSION = select(sessions).where(sessions.c.id == bindparam("id"))
_LIVE_OF = (
    select(sessions)
    .where(
        sessions.c.participant_id == bindparam("participant_id"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("at"),
    )
    .order_by(sessions.c.id.desc())
)
_FORGET = sa.delete(sessions).where(
    sa.or_(sessions.c.expires_at < bindparam("instant"), sessions.c.ended_at < bindparam("instant"))
)
_FORGET_ATTEMPTS = (
    sa.delete(login_attempts).where(login_attempts.c.began_at < bindparam("instant")),
    sa.delete(app_codes).where(app_codes.c.expires_at < bindparam("instant")),
)


@frozen
class SqlSessions:
    connection: Connection

    async def get(self, session_id: SessionId) -> Session:
        row = (await self.connection.execute(_SESSION, {"id": session_id})).one_or_none()
        if row is None:
            raise SessionNotFound("Такого сеанса нет")
        return session_of(row)

    async def save(self, session: Session) -> Session:
        stored = evolve(session, version=session.version + 1)
        await save_versioned(self.connection, sessions, session_columns(stored))
        return stored

    async def live_of(self, participant_id: ParticipantId, at: datetime) -> tuple[Session, ...]:
        parameters = {"participant_id": participant_id, "at": at}
        return tuple(map(session_of, (await self.connection.execute(_LIVE_OF, parameters)).all()))

    async def forget_before(self, instant: datetime) -> int:
        return int((await self.connection.execute(_FORGET, {"instant": instant})).rowcount)


_organisations = participants.alias("organisations")
_PREFIXED = {"s": sessions, "p": participants, "o": _organisations, "g": grants}
_KNOWN = (
    select(*(c.label(f"{prefix}_{c.name}") for prefix, table in _PREFIXED.items() for c in table.c))
    .select_from(
        sessions.join(participants, participants.c.id == sessions.c.participant_id)
        .outerjoin(_organisations, _organisations.c.id == sessions.c.organisation_id)
        .outerjoin(
            grants,
            sa.and_(
                grants.c.issuer == participants.c.issuer,
                grants.c.oid == participants.c.oid,
                grants.c.stage == GrantStage.CONFIRMED.value,
            ),
        )
    )
    .where(sessions.c.id == bindparam("id"))
    .order_by(grants.c.id)
)


def _named(table: sa.FromClause) -> Any:
    return namedtuple(f"{table.description.title()}Row", table.c.keys())


_SessionRow, _ParticipantRow, _GrantRow = map(_named, (sessions, participants, grants))
_END_OF_SESSION = len(sessions.c)
_END_OF_PERSON = _END_OF_SESSION + len(participants.c)
_END_OF_BODY = _END_OF_PERSON + len(participants.c)
"""Where each table's columns end in a row of `_KNOWN`."""


@frozen
class SqlSessionRegister:
    units: Units

    async def known(self, session_id: SessionId) -> Known | None:
        async with self.units.reading() as connection:
            rows = await connection.rows(_KNOWN, {"id": session_id})
        if not rows:
            return None
        first = tuple(rows[0])
        body = _ParticipantRow._make(first[_END_OF_PERSON:_END_OF_BODY])
        held = (_GrantRow._make(tuple(row)[_END_OF_BODY:]) for row in rows)
        return Known(
            session=session_of(_SessionRow._make(first[:_END_OF_SESSION])),
            participant=participant_of(_ParticipantRow._make(first[_END_OF_SESSION:_END_OF_PERSON])),
            organisation=participant_of(body) if body.id is not None else None,
            grants=tuple(grant_of(row) for row in held if row.id is not None),
        )


_ADD_ATTEMPT, _ADD_CODE = sa.insert(login_attempts), sa.insert(app_codes)
_TAKE_ATTEMPT = (
    sa.delete(login_attempts)
    .where(login_attempts.c.state == bindparam("state"))
    .returning(login_attempts.c.attempt)
)
_TAKE_CODE = (
    sa.delete(app_codes).where(app_codes.c.code_hash == bindparam("hash")).returning(app_codes.c.code)
)


@frozen
class SqlLoginAttempts:
    connection: Connection

    async def add(self, attempt: LoginAttempt) -> None:
        row = {"state": attempt.state, "began_at": attempt.began_at, "attempt": write(attempt)}
        await self.connection.execute(_ADD_ATTEMPT, row)

    async def take(self, state: str) -> LoginAttempt:
        row = (await self.connection.execute(_TAKE_ATTEMPT, {"state": state})).one_or_none()
        if row is None:
            raise AttemptUnknown("Этот вход уже завершён или не начинался: войдите снова")
        return read(row.attempt, LoginAttempt)

    async def forget_before(self, instant: datetime) -> int:
        forgotten = 0
        for statement in _FORGET_ATTEMPTS:
            forgotten += (await self.connection.execute(statement, {"instant": instant})).rowcount
        return forgotten

    async def add_code(self, code: AppCode) -> None:
        row = {"code_hash": code.code_hash, "expires_at": code.expires_at, "code": write(code)}
        await self.connection.execute(_ADD_CODE, row)

    async def take_code(self, code_hash: str) -> AppCode:
        row = (await self.connection.execute(_TAKE_CODE, {"hash": code_hash})).one_or_none()
        if row is None:
            raise AttemptUnknown("Код уже использован или не выдавался")
        return read(row.code, AppCode)
