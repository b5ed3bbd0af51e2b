"""The audit trail, its seals, and idempotency keys in SQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import asdict, frozen
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.tables import audit, requests, seals
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.audit import AuditEntry, Seal
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId
from niktokromenas.ports.audit import Extent, Sealed
from niktokromenas.ports.idempotency import KEY_LIFE, KeyReused, RequestKey, RequestRunning

_ADD = sa.insert(audit)
_UNSEALED = (
    select(audit)
    .where(audit.c.seal.is_(None))
    .order_by(audit.c.id)
    .limit(bindparam("limit"))
    .with_for_update()
)
_SEAL = sa.insert(seals)
_MARK = (
    sa.update(audit).where(audit.c.id.in_(bindparam("ids", expanding=True))).values(seal=bindparam("number"))
)
_LAST_SEAL = select(seals).order_by(seals.c.number.desc()).limit(1)
_LAST_NUMBER = select(sa.func.max(seals.c.number))
_SEALED_ENTRIES = select(
    sa.func.max(audit.c.seal).label("last"), sa.func.count(audit.c.seal).label("entries")
)
_ONE_SEAL = select(seals).where(seals.c.number == bindparam("number"))
_BEHIND = select(audit).where(audit.c.seal == bindparam("number")).order_by(audit.c.id)
_NEWEST = select(audit).order_by(audit.c.id.desc()).limit(bindparam("limit"))
_OLDER = _NEWEST.where(audit.c.id < bindparam("before"))
_OLDEST_UNSEALED = select(audit.c.at).where(audit.c.seal.is_(None)).order_by(audit.c.id).limit(1)


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        action=row.action,
        object_kind=row.object_kind,
        object_id=row.object_id,
        participant_id=ParticipantId(row.participant_id) if row.participant_id else None,
        session_id=SessionId(row.session_id) if row.session_id else None,
        grant_id=GrantId(row.grant_id) if row.grant_id else None,
        facts=row.facts,
    )


def _seal(row: Any) -> Seal:
    return Seal(
        number=row.number,
        previous=row.previous,
        head=row.head,
        count=row.count,
        sealed_at=row.sealed_at,
        signature=row.signature,
    )


@frozen
class SqlAuditTrail:
    connection: Connection

    async def add(self, entry: AuditEntry) -> None:
        await self.connection.write(_ADD, [{**asdict(entry, recurse=False), "seal": None}])

    async def unsealed(self, limit: int) -> tuple[AuditEntry, ...]:
        return tuple(map(_entry, (await self.connection.execute(_UNSEALED, {"limit": limit})).all()))

    async def seal(self, seal: Seal, entries: tuple[AuditEntry, ...]) -> None:
        await self.connection.execute(_SEAL, asdict(seal))
        await self.connection.execute(_MARK, {"ids": [e.id for e in entries], "number": seal.number})

    async def last_seal(self) -> Seal | None:
        row = (await self.connection.execute(_LAST_SEAL)).one_or_none()
        return None if row is None else _seal(row)


@frozen
class SqlAuditRegister:
    units: Units

    async def sealed(self, number: int) -> Sealed | None:
        async with self.units.reading() as connection:
            row = (await connection.execute(_ONE_SEAL, {"number": number})).one_or_none()
            if row is None:
                return None
            behind = (await connection.execute(_BEHIND, {"number": number})).all()
            return Sealed(_seal(row), tuple(map(_entry, behind)))

    async def entries(self, before: UUID | None, limit: int) -> tuple[AuditEntry, ...]:
        async with self.units.reading() as connection:
            if before is None:
                found = await connection.execute(_NEWEST, {"limit": limit})
            else:
                found = await connection.execute(_OLDER, {"limit": limit, "before": before})
            return tuple(map(_entry, found.all()))

    async def extent(self) -> Extent:
        async with self.units.long_reading() as connection:
            last = (await connection.execute(_LAST_NUMBER)).scalar_one_or_none() or 0
            behind = (await connection.execute(_SEALED_ENTRIES)).one()
        return Extent(max(last, behind.last or 0), behind.entries)

    async def oldest_unsealed(self) -> datetime | None:
        async with self.units.reading() as connection:
            found: datetime | None = (await connection.execute(_OLDEST_UNSEALED)).scalar_one_or_none()
            return found


_RECALL = select(requests).where(
    requests.c.participant_id == bindparam("participant_id"),
    requests.c.route == bindparam("route"),
    requests.c.key == bindparam("key"),
)
_REMEMBER = sa.insert(requests)
_FORGET_ONE = sa.delete(requests).where(
    requests.c.participant_id == bindparam("participant_id"),
    requests.c.route == bindparam("the_route"),
    requests.c.key == bindparam("the_key"),
)
_FORGET = sa.delete(requests).where(requests.c.at < bindparam("instant"))


@frozen
class SqlIdempotency:
    connection: Connection

    async def recall(self, key: RequestKey, at: datetime) -> str | None:
        parameters = {"participant_id": key.participant_id, "route": key.route, "key": key.key}
        row = (await self.connection.execute(_RECALL, parameters)).one_or_none()
        if row is None:
            return None
        if row.at + KEY_LIFE <= at:
            old = {"participant_id": key.participant_id, "the_route": key.route, "the_key": key.key}
            await self.connection.execute(_FORGET_ONE, old)
            return None
        if row.body_hash != key.body_hash:
            raise KeyReused("Этот Idempotency-Key уже пришёл с другим содержанием")
        return str(row.result)

    async def remember(self, key: RequestKey, result: str, at: datetime) -> None:
        try:
            await self.connection.execute(_REMEMBER, {**asdict(key), "result": result, "at": at})
        except IntegrityError as error:
            raise RequestRunning("Такой же запрос ещё выполняется") from error

    async def forget_before(self, instant: datetime) -> int:
        return int((await self.connection.execute(_FORGET, {"instant": instant})).rowcount)
