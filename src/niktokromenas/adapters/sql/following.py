"""Who joined and who follows messages, in SQL: one row a person and message, counts beside the message."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.journal import ITEM, item_of
from niktokromenas.adapters.sql.tables import followings, messages
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import MessageId, ParticipantId
from niktokromenas.domain.messages.following import FollowingKind
from niktokromenas.ports.following import FollowedItem, Standing
from niktokromenas.ports.messages import Cursor, Page

_f, _m = followings.c, messages.c
_COLUMN = {FollowingKind.JOIN: _f.has_joined, FollowingKind.FOLLOW: _f.follows}
_COUNT = {FollowingKind.JOIN: _m.joined_count, FollowingKind.FOLLOW: _m.followed_count}


def _add(column: str) -> sa.TextClause:
    return sa.text(
        "INSERT INTO followings (message_id, participant_id, since, has_joined, follows)"
        f" VALUES (:message_id, :participant_id, :at, {column == 'has_joined'}, {column == 'follows'})"
        f" ON CONFLICT (message_id, participant_id) DO UPDATE SET {column} = TRUE"
        f" WHERE NOT followings.{column}"
    ).bindparams(
        bindparam("message_id", type_=Id),
        bindparam("participant_id", type_=Id),
        bindparam("at", type_=UtcDateTime()),
    )


_OWN = (_f.message_id == bindparam("the_message"), _f.participant_id == bindparam("the_participant"))
_ADD: Mapping[FollowingKind, Any] = {kind: _add(column.name) for kind, column in _COLUMN.items()}
_REMOVE: Mapping[FollowingKind, Any] = {
    kind: sa.update(followings).where(*_OWN, column == sa.true()).values({column: False})
    for kind, column in _COLUMN.items()
}
_FORGET = sa.delete(followings).where(*_OWN, _f.has_joined == sa.false(), _f.follows == sa.false())
_MORE: Mapping[FollowingKind, Any] = {
    kind: sa.update(messages).where(_m.id == bindparam("the_message")).values({count: count + 1})
    for kind, count in _COUNT.items()
}
_FEWER: Mapping[FollowingKind, Any] = {
    kind: sa.update(messages).where(_m.id == bindparam("the_message")).values({count: count - 1})
    for kind, count in _COUNT.items()
}
_SHARE = sa.text(
    "INSERT INTO followings (message_id, participant_id, since, has_joined, follows)"
    " SELECT :to, participant_id, since, has_joined, follows FROM followings"
    " WHERE message_id = :of AND participant_id <> :author"
    " ON CONFLICT (message_id, participant_id) DO UPDATE SET"
    " since = CASE WHEN excluded.since < followings.since THEN excluded.since ELSE followings.since END,"
    " has_joined = followings.has_joined OR excluded.has_joined,"
    " follows = followings.follows OR excluded.follows"
).bindparams(bindparam("of", type_=Id), bindparam("to", type_=Id), bindparam("author", type_=Id))
_HOLD = select(_m.id).where(_m.id == bindparam("the_message")).with_for_update(key_share=True)
_COUNT_ANEW = (
    sa.update(messages)
    .where(_m.id == bindparam("the_message"))
    .values(
        {
            count: select(sa.func.count())
            .where(_f.message_id == bindparam("the_message"), _COLUMN[kind] == sa.true())
            .scalar_subquery()
            for kind, count in _COUNT.items()
        }
    )
)
_JOINED = select(_m.joined_count).where(_m.id == bindparam("message_id"))
_COUNTS = select(_m.joined_count, _m.followed_count).where(_m.id == bindparam("message_id"))
_STANDING = (
    select(_m.joined_count, _m.followed_count, _f.has_joined, _f.follows)
    .select_from(
        messages.outerjoin(
            followings,
            (_f.message_id == _m.id) & (_f.participant_id == bindparam("participant_id", type_=Id)),
        )
    )
    .where(_m.id == bindparam("message_id"))
)
_PEOPLE = (
    select(_f.participant_id)
    .where(_f.message_id == bindparam("message_id"), _f.participant_id > bindparam("after"))
    .order_by(_f.participant_id)
    .limit(bindparam("limit"))
)
_PAGE = (
    select(*ITEM, _f.since, _f.has_joined, _f.follows)
    .join_from(followings, messages, _m.id == _f.message_id)
    .where(
        _f.participant_id == bindparam("participant_id"),
        tuple_(_f.since, _f.message_id)
        < tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id)),
        _m.is_public == sa.true(),
    )
    .order_by(_f.since.desc(), _f.message_id.desc())
    .limit(bindparam("limit"))
)
_LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC)
_NOBODY, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)


async def _standing(
    connection: Connection, message_id: MessageId, participant_id: ParticipantId | None
) -> Standing:
    if participant_id is None:
        [row] = await connection.rows(_COUNTS, {"message_id": message_id})
        return Standing(joined=row[0], followed=row[1])
    parameters = {"message_id": message_id, "participant_id": participant_id}
    [row] = await connection.rows(_STANDING, parameters)
    return Standing(joined=row[0], followed=row[1], has_joined=bool(row[2]), follows=bool(row[3]))


@frozen
class SqlFollowings:
    connection: Connection

    async def add(
        self, message_id: MessageId, participant_id: ParticipantId, kind: FollowingKind, at: datetime
    ) -> bool:
        row = {"message_id": message_id, "participant_id": participant_id, "at": at}
        if (await self.connection.execute(_ADD[kind], row)).rowcount != 1:
            return False
        await self.connection.execute(_MORE[kind], {"the_message": message_id})
        return True

    async def remove(self, message_id: MessageId, participant_id: ParticipantId, kind: FollowingKind) -> bool:
        own = {"the_message": message_id, "the_participant": participant_id}
        if (await self.connection.execute(_REMOVE[kind], own)).rowcount != 1:
            return False
        await self.connection.execute(_FORGET, own)
        await self.connection.execute(_FEWER[kind], {"the_message": message_id})
        return True

    async def share(self, of: MessageId, to: MessageId, author: ParticipantId) -> None:
        """Counted anew when nobody else can be counting: whoever adds a row waits for the message then."""
        await self.connection.execute(_SHARE, {"of": of, "to": to, "author": author})
        await self.connection.execute(_HOLD, {"the_message": to})
        await self.connection.execute(_COUNT_ANEW, {"the_message": to})

    async def standing(self, message_id: MessageId, participant_id: ParticipantId) -> Standing:
        return await _standing(self.connection, message_id, participant_id)

    async def joined(self, message_id: MessageId) -> int:
        found = await self.connection.rows(_JOINED, {"message_id": message_id})
        return int(found[0][0]) if found else 0

    async def people(
        self, message_id: MessageId, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        parameters = {"message_id": message_id, "after": after or _NOBODY, "limit": limit}
        found = await self.connection.rows(_PEOPLE, parameters)
        return tuple(ParticipantId(row[0]) for row in found)


@frozen
class SqlFollowedMessages:
    units: Units

    async def standing(self, message_id: MessageId, participant_id: ParticipantId | None) -> Standing:
        async with self.units.reading() as connection:
            return await _standing(connection, message_id, participant_id)

    async def page(
        self, participant_id: ParticipantId, after: Cursor | None, limit: int
    ) -> Page[FollowedItem]:
        at, after_id = (after.at, after.id) if after else (_LAST_MOMENT, _LAST_ID)
        parameters = {
            "participant_id": participant_id,
            "at": at,
            "after_id": after_id,
            "limit": limit + 1,
        }
        async with self.units.reading() as connection:
            rows = await connection.rows(_PAGE, parameters)
        items = tuple(
            FollowedItem(
                message=item_of(row), since=row.since, has_joined=row.has_joined, follows=row.follows
            )
            for row in rows[:limit]
        )
        last = items[-1] if len(rows) > limit else None
        return Page(items, Cursor(at=last.since, id=last.message.id) if last else None)
