"""News on its way to many, subscriptions, and what waits for the letter of the day, in SQL."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.notices import notice_of
from niktokromenas.adapters.sql.stored import read, write
from niktokromenas.adapters.sql.tables import digest_queue, digests, notices, spreads, subscriptions
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime
from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.ids import MessageId, ParticipantId
from niktokromenas.domain.messages.following import Spread
from niktokromenas.domain.messages.subscriptions import MOST, Scope, Subscription, TooManySubscriptions
from niktokromenas.domain.notices import Notice, NoticeKind

_p = spreads.c
_ADD = sa.text(
    "INSERT INTO spreads (event_id, kind, key, message_id, at, by_participant, facts, after)"
    " VALUES (:event_id, :kind, :key, :message_id, :at, :by_participant, :facts, NULL)"
    " ON CONFLICT (event_id, kind, key) DO NOTHING"
).bindparams(
    bindparam("event_id", type_=Id),
    bindparam("message_id", type_=Id),
    bindparam("at", type_=UtcDateTime()),
    bindparam("by_participant", type_=Id),
    bindparam("facts", type_=Json),
)
_TAKE = select(spreads).order_by(_p.event_id, _p.kind, _p.key).limit(1).with_for_update(skip_locked=True)
_TAKE_BUT = _TAKE.where(_p.event_id.not_in(bindparam("passing", expanding=True)))
_ONE = (
    _p.event_id == bindparam("the_event"),
    _p.kind == bindparam("the_kind"),
    _p.key == bindparam("the_key"),
)
_MOVE = sa.update(spreads).where(*_ONE)
_FINISH = sa.delete(spreads).where(*_ONE)


def _spread_of(row: Any) -> Spread:
    return Spread(
        event_id=row.event_id,
        kind=NoticeKind(row.kind),
        key=row.key,
        message_id=MessageId(row.message_id),
        at=row.at,
        by_participant=ParticipantId(row.by_participant) if row.by_participant else None,
        facts=row.facts,
        after=row.after,
    )


def _one(spread: Spread) -> dict[str, Any]:
    return {"the_event": spread.event_id, "the_kind": spread.kind.value, "the_key": spread.key}


@frozen
class SqlSpreads:
    connection: Connection

    async def add(self, spread: Spread) -> None:
        row = {
            "event_id": spread.event_id,
            "kind": spread.kind.value,
            "key": spread.key,
            "message_id": spread.message_id,
            "at": spread.at,
            "by_participant": spread.by_participant,
            "facts": dict(spread.facts),
        }
        await self.connection.execute(_ADD, row)

    async def take(self, passing: Collection[UUID] = ()) -> Spread | None:
        if passing:
            found = await self.connection.execute(_TAKE_BUT, {"passing": list(passing)})
        else:
            found = await self.connection.execute(_TAKE)
        row = found.first()
        return None if row is None else _spread_of(row)

    async def move(self, spread: Spread, after: UUID) -> None:
        await self.connection.execute(_MOVE, {**_one(spread), "after": after})

    async def finish(self, spread: Spread) -> None:
        await self.connection.execute(_FINISH, _one(spread))


_s = subscriptions.c
_OF = select(subscriptions).where(_s.participant_id == bindparam("participant_id")).order_by(_s.id)
_SUBSCRIBE = sa.insert(subscriptions)
_UNSUBSCRIBE = sa.delete(subscriptions).where(
    _s.participant_id == bindparam("the_participant"), _s.id == bindparam("the_id")
)
_USED = select(_s.key).where(_s.key.in_(bindparam("keys", expanding=True))).distinct()
_WITH_KEY = (
    select(subscriptions)
    .where(_s.key == bindparam("key"), _s.id > bindparam("after"))
    .order_by(_s.id)
    .limit(bindparam("limit"))
)
_NOBODY = UUID(int=0)


def subscription_of(row: Any) -> Subscription:
    return Subscription(
        id=row.id,
        participant_id=ParticipantId(row.participant_id),
        scope=read(row.scope, Scope),
        at=row.at,
    )


@frozen
class SqlSubscriptions:
    connection: Connection

    async def of(self, participant_id: ParticipantId) -> tuple[Subscription, ...]:
        found = await self.connection.rows(_OF, {"participant_id": participant_id})
        return tuple(map(subscription_of, found))

    async def add(self, subscription: Subscription) -> bool:
        scope = subscription.scope
        own = await self.connection.rows(_OF, {"participant_id": subscription.participant_id})
        if any(row.words == scope.words for row in own):
            return False
        free = sorted(set(range(MOST)) - {row.slot for row in own})
        if not free:
            raise TooManySubscriptions(f"Подписок может быть не больше {MOST}")
        row = {
            "id": subscription.id,
            "participant_id": subscription.participant_id,
            "slot": free[0],
            "words": scope.words,
            "key": scope.key,
            "scope": write(scope),
            "at": subscription.at,
        }
        try:
            await self.connection.write(_SUBSCRIBE, [row])
        except IntegrityError as error:
            raise Conflict("Подписки только что изменились: попробуйте ещё раз") from error
        return True

    async def remove(self, participant_id: ParticipantId, subscription_id: UUID) -> bool:
        own = {"the_participant": participant_id, "the_id": subscription_id}
        return bool((await self.connection.execute(_UNSUBSCRIBE, own)).rowcount == 1)

    async def used(self, keys: frozenset[str]) -> frozenset[str]:
        found = await self.connection.execute(_USED, {"keys": sorted(keys)})
        return frozenset(row.key for row in found.all())

    async def with_key(self, key: str, after: UUID | None, limit: int) -> tuple[Subscription, ...]:
        parameters = {"key": key, "after": after or _NOBODY, "limit": limit}
        return tuple(map(subscription_of, await self.connection.rows(_WITH_KEY, parameters)))


_q, _d = digest_queue.c, digests.c
_PUT = sa.insert(digest_queue)
_DUE = (
    select(_q.recipient_id)
    .where(
        _q.recipient_id > bindparam("after"),
        _q.day <= bindparam("last_day"),
        ~sa.exists().where(_d.participant_id == _q.recipient_id, _d.day == bindparam("day")),
    )
    .distinct()
    .order_by(_q.recipient_id)
    .limit(bindparam("limit"))
)
_BEGIN = sa.text(
    "INSERT INTO digests (participant_id, day) VALUES (:participant_id, :day)"
    " ON CONFLICT (participant_id, day) DO NOTHING"
).bindparams(bindparam("participant_id", type_=Id), bindparam("day", type_=sa.Date))
_WAITING = (
    select(notices)
    .join_from(digest_queue, notices, notices.c.id == _q.notice_id)
    .where(_q.recipient_id == bindparam("participant_id"))
    .order_by(notices.c.at, notices.c.id)
)
_WAITS_NO_MORE = sa.delete(digest_queue).where(
    _q.recipient_id == bindparam("the_recipient"), _q.notice_id.in_(bindparam("ids", expanding=True))
)


@frozen
class SqlDigests:
    connection: Connection

    async def put(self, notice: Notice, day: date) -> None:
        row = {"recipient_id": notice.recipient_id, "notice_id": notice.id, "day": day}
        await self.connection.write(_PUT, [row])

    async def due(
        self, day: date, until: date, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        parameters = {"day": day, "last_day": until, "after": after or _NOBODY, "limit": limit}
        found = await self.connection.rows(_DUE, parameters)
        return tuple(ParticipantId(row[0]) for row in found)

    async def begin(self, participant_id: ParticipantId, day: date) -> bool:
        done = await self.connection.execute(_BEGIN, {"participant_id": participant_id, "day": day})
        return bool(done.rowcount == 1)

    async def take(self, participant_id: ParticipantId) -> tuple[Notice, ...]:
        rows = await self.connection.rows(_WAITING, {"participant_id": participant_id})
        if rows:
            taken = {"the_recipient": participant_id, "ids": [row.id for row in rows]}
            await self.connection.execute(_WAITS_NO_MORE, taken)
        return tuple(map(notice_of, rows))
