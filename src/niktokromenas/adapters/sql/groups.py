"""Social groups in SQL: one row a person and group, the number of members beside the group."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.exc import IntegrityError

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.group_rows import (
    group_columns,
    group_history_columns,
    group_history_of,
    group_of,
    link_columns,
    link_of,
    member_columns,
    member_of,
)
from niktokromenas.adapters.sql.messages import HISTORY_STRIDE
from niktokromenas.adapters.sql.outbox import publish
from niktokromenas.adapters.sql.saving import save_versioned
from niktokromenas.adapters.sql.tables import (
    participants,
    social_group_history,
    social_group_links,
    social_group_members,
    social_groups,
)
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.groups.group import GroupEntry, GroupStage, SocialGroup
from niktokromenas.domain.groups.membership import GroupLink, LinkUnknown, Membership, Standing
from niktokromenas.domain.ids import GroupLinkId, MessageId, ParticipantId, SocialGroupId
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.groups import (
    GroupItem,
    GroupNotFound,
    GroupPage,
    GroupPerson,
    NameCursor,
    OwnGroupItem,
)
from niktokromenas.ports.messages import Cursor, Page, StaleVersion

_g, _m, _l, _h = social_groups.c, social_group_members.c, social_group_links.c, social_group_history.c

_BY_ID = select(social_groups).where(_g.id == bindparam("id"))
_HOLD = _BY_ID.with_for_update()
"""Units on SQLite never run at once: it is not told."""
_INSERT_HISTORY = sa.insert(social_group_history)
_NAMES = select(_g.id, sa.func.coalesce(_g.known_as, _g.name).label("name")).where(
    _g.id.in_(bindparam("ids", expanding=True))
)
_DUE = (
    select(_g.id)
    .where(_g.tick_at.is_not(None), _g.tick_at <= bindparam("at"))
    .order_by(_g.tick_at, _g.id)
    .limit(bindparam("limit"))
)
_UNSETTLED = select(_g.id).where(_g.is_unsettled == sa.true()).order_by(_g.id).limit(bindparam("limit"))
_SETTLED = sa.update(social_groups).where(_g.id == bindparam("the_id")).values(is_unsettled=False)
_MEMBER = select(social_group_members).where(
    _m.group_id == bindparam("group_id"), _m.participant_id == bindparam("participant_id")
)
_ADD_MEMBER = sa.insert(social_group_members)
_CHANGE_MEMBER = sa.update(social_group_members).where(
    _m.group_id == bindparam("the_group"),
    _m.participant_id == bindparam("the_participant"),
    _m.version == bindparam("the_version"),
)
_COUNT = (
    sa.update(social_groups)
    .where(_g.id == bindparam("the_group"))
    .values(members=_g.members + bindparam("more", type_=sa.Integer))
)
_GROUPS_OF = (
    select(_m.group_id)
    .join_from(social_group_members, social_groups, _g.id == _m.group_id)
    .where(
        _m.participant_id == bindparam("participant_id"),
        _m.standing == Standing.MEMBER.value,
        _g.stage != GroupStage.ENDED.value,
    )
)
_MEMBERS = (
    select(_m.participant_id)
    .where(
        _m.group_id == bindparam("group_id"),
        _m.standing == Standing.MEMBER.value,
        _m.participant_id > bindparam("after"),
    )
    .order_by(_m.participant_id)
    .limit(bindparam("limit"))
)
_ADD_LINK = sa.insert(social_group_links)
_LINK = select(social_group_links).where(_l.id == bindparam("id"))
_LINK_BY = select(social_group_links).where(_l.fingerprint == bindparam("fingerprint"))
_CHANGE_LINK = sa.update(social_group_links).where(_l.id == bindparam("the_id"))


async def _load(connection: Connection, statement: Any, group_id: SocialGroupId) -> Any:
    """Raises `GroupNotFound`."""
    found = await connection.rows(statement, {"id": group_id})
    if not found:
        raise GroupNotFound("Такой группы нет")
    return found[0]


async def _names(connection: Connection, ids: Collection[SocialGroupId]) -> Mapping[SocialGroupId, str]:
    if not ids:
        return {}
    found = (await connection.execute(_NAMES, {"ids": list(ids)})).all()
    return {SocialGroupId(row.id): row.name for row in found}


async def _member(
    connection: Connection, group_id: SocialGroupId, participant_id: ParticipantId
) -> Membership | None:
    parameters = {"group_id": group_id, "participant_id": participant_id}
    found = await connection.rows(_MEMBER, parameters)
    return member_of(found[0]) if found else None


@frozen
class SqlGroups:
    connection: Connection
    new_id: NewId

    async def by_id(self, group_id: SocialGroupId) -> SocialGroup:
        return group_of(await _load(self.connection, _BY_ID, group_id))

    async def hold(self, group_id: SocialGroupId) -> SocialGroup:
        return group_of(await _load(self.connection, _HOLD, group_id))

    async def add(self, group: SocialGroup) -> SocialGroup:
        return await self.save(group)

    async def save(self, group: SocialGroup) -> SocialGroup:
        stored = evolve(group, version=group.version + 1)
        await save_versioned(self.connection, social_groups, group_columns(stored))
        first = stored.version * HISTORY_STRIDE
        rows = [group_history_columns(group.id, first + n, e) for n, e in enumerate(group.entries)]
        if rows:
            await self.connection.write(_INSERT_HISTORY, rows)
        await publish(self.connection, group.events, self.new_id)
        return evolve(stored, events=(), entries=())

    async def names(self, ids: Collection[SocialGroupId]) -> Mapping[SocialGroupId, str]:
        return await _names(self.connection, ids)

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[SocialGroupId, ...]:
        found = await self.connection.rows(_DUE, {"at": at, "limit": limit})
        return tuple(SocialGroupId(row.id) for row in found)

    async def unsettled(self, limit: int) -> tuple[SocialGroupId, ...]:
        found = await self.connection.rows(_UNSETTLED, {"limit": limit})
        return tuple(SocialGroupId(row.id) for row in found)

    async def settled(self, group_id: SocialGroupId) -> None:
        await self.connection.execute(_SETTLED, {"the_id": group_id})

    async def member(self, group_id: SocialGroupId, participant_id: ParticipantId) -> Membership | None:
        return await _member(self.connection, group_id, participant_id)

    async def add_member(self, membership: Membership) -> Membership:
        return await self.save_member(membership)

    async def save_member(self, membership: Membership) -> Membership:
        stored = evolve(membership, version=membership.version + 1, events=())
        before = await self.member(membership.group_id, membership.participant_id)
        if (before.version if before else 0) != membership.version:
            raise StaleVersion("Запись изменилась: прочитайте её снова")
        await self._write(stored)
        more = int(stored.is_member) - int(before is not None and before.is_member)
        if more:
            await self.connection.execute(_COUNT, {"the_group": membership.group_id, "more": more})
        await publish(self.connection, membership.events, self.new_id)
        return stored

    async def _write(self, stored: Membership) -> None:
        """Two units may have read the same: one row there, and one version over it."""
        columns = member_columns(stored)
        if stored.version == 1:
            try:
                await self.connection.execute(_ADD_MEMBER, columns)
            except IntegrityError as error:
                raise StaleVersion("Такая запись уже есть") from error
            return
        changed = {
            **{name: value for name, value in columns.items() if name not in ("group_id", "participant_id")},
            "the_group": stored.group_id,
            "the_participant": stored.participant_id,
            "the_version": stored.version - 1,
        }
        if (await self.connection.execute(_CHANGE_MEMBER, changed)).rowcount != 1:
            raise StaleVersion("Запись изменилась: прочитайте её снова")

    async def members(
        self, group_id: SocialGroupId, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        parameters = {"group_id": group_id, "after": after or _NOBODY, "limit": limit}
        found = await self.connection.rows(_MEMBERS, parameters)
        return tuple(ParticipantId(row.participant_id) for row in found)

    async def groups_of(self, participant_id: ParticipantId) -> frozenset[SocialGroupId]:
        found = await self.connection.rows(_GROUPS_OF, {"participant_id": participant_id})
        return frozenset(SocialGroupId(row.group_id) for row in found)

    async def add_link(self, link: GroupLink) -> None:
        await self.connection.execute(_ADD_LINK, link_columns(link))

    async def link(self, link_id: GroupLinkId) -> GroupLink:
        return _link(await self.connection.rows(_LINK, {"id": link_id}))

    async def link_by(self, fingerprint: str) -> GroupLink:
        return _link(await self.connection.rows(_LINK_BY, {"fingerprint": fingerprint}))

    async def save_link(self, link: GroupLink) -> None:
        await self.connection.execute(_CHANGE_LINK, {"the_id": link.id, "revoked_at": link.revoked_at})


def _link(found: Any) -> GroupLink:
    if not found:
        raise LinkUnknown("Ссылка не действует")
    return link_of(found[0])


_ITEM = (
    _g.id,
    _g.name,
    _g.about,
    _g.joining,
    _g.stage,
    _g.created_at,
    _g.moderation_due,
    _g.overdue_at,
    _g.members,
)
"""In the order of `GroupItem`."""
_LAST_MOMENT, _FIRST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)
_LAST_ID, _NOBODY = UUID(int=2**128 - 1), UUID(int=0)
_LAST_SIGN = "\U0010ffff"
_EDGE = tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id))

_PUBLIC = (
    select(*_ITEM, _g.name_key)
    .where(
        _g.stage == sa.literal_column(f"'{GroupStage.ACTIVE.value}'"),  # as the index has it
        _g.name_key >= bindparam("prefix"),
        _g.name_key < bindparam("beyond"),
        tuple_(_g.name_key, _g.id) > tuple_(bindparam("after_key"), bindparam("after_id", type_=Id)),
    )
    .order_by(_g.name_key, _g.id)
    .limit(bindparam("limit"))
)
_OWN = (
    select(*_ITEM, _m.standing, _m.since, _g.owner_id, _g.deputies)
    .join_from(social_group_members, social_groups, _g.id == _m.group_id)
    .where(
        _m.participant_id == bindparam("participant_id"),
        _m.standing == bindparam("standing"),
        tuple_(_m.since, _m.group_id) < _EDGE,
    )
    .order_by(_m.since.desc(), _m.group_id.desc())
    .limit(bindparam("limit"))
)
_DESK = (
    select(*_ITEM)
    .where(_g.moderation_due.is_not(None), tuple_(_g.moderation_due, _g.id) > _EDGE)
    .order_by(_g.moderation_due, _g.id)
    .limit(bindparam("limit"))
)
_LATE = _DESK.where(_g.overdue_at.is_not(None))
_PEOPLE = (
    select(_m.participant_id, participants.c.name, _m.standing, _m.since)
    .join_from(social_group_members, participants, participants.c.id == _m.participant_id)
    .where(
        _m.group_id == bindparam("group_id"),
        _m.standing == bindparam("standing"),
        tuple_(_m.since, _m.participant_id) > _EDGE,
    )
    .order_by(_m.since, _m.participant_id)
    .limit(bindparam("limit"))
)
_LINKS = (
    select(social_group_links).where(_l.group_id == bindparam("group_id")).order_by(_l.id.desc()).limit(100)
)
_HISTORY = select(social_group_history).where(_h.group_id == bindparam("group_id")).order_by(_h.position)


@frozen
class SqlGroupRegister:
    units: Units

    async def public(self, prefix: str, after: NameCursor | None, limit: int) -> GroupPage:
        key, after_id = (after.key, after.id) if after else ("", _NOBODY)
        parameters = {
            "prefix": prefix,
            "beyond": prefix + _LAST_SIGN,
            "after_key": key,
            "after_id": after_id,
            "limit": limit + 1,
        }
        rows = await self._rows(_PUBLIC, parameters)
        items = tuple(GroupItem._make(row[: len(_ITEM)]) for row in rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return GroupPage(
            items=items, next=NameCursor(key=last.name_key, id=SocialGroupId(last.id)) if last else None
        )

    async def own(
        self, participant_id: ParticipantId, standing: Standing, after: Cursor | None, limit: int
    ) -> Page[OwnGroupItem]:
        at, after_id = (after.at, after.id) if after else (_LAST_MOMENT, _LAST_ID)
        parameters = {
            "participant_id": participant_id,
            "standing": standing.value,
            "at": at,
            "after_id": after_id,
            "limit": limit + 1,
        }
        rows = await self._rows(_OWN, parameters)
        items = tuple(_own_item(row, participant_id) for row in rows[:limit])
        last = items[-1] if len(rows) > limit else None
        return Page(items, _cursor(last.since, last.group.id) if last else None)

    async def to_moderate(self, after: Cursor | None, limit: int, *, late: bool = False) -> Page[GroupItem]:
        at, after_id = (after.at, after.id) if after else (_FIRST_MOMENT, _NOBODY)
        rows = await self._rows(
            _LATE if late else _DESK, {"at": at, "after_id": after_id, "limit": limit + 1}
        )
        items = tuple(GroupItem._make(row) for row in rows[:limit])
        last = items[-1] if len(rows) > limit else None
        return Page(items, _cursor(last.moderation_due, last.id) if last else None)

    async def people(
        self, group_id: SocialGroupId, standing: Standing, after: Cursor | None, limit: int
    ) -> Page[GroupPerson]:
        at, after_id = (after.at, after.id) if after else (_FIRST_MOMENT, _NOBODY)
        parameters = {
            "group_id": group_id,
            "standing": standing.value,
            "at": at,
            "after_id": after_id,
            "limit": limit + 1,
        }
        rows = await self._rows(_PEOPLE, parameters)
        items = tuple(GroupPerson._make(row) for row in rows[:limit])
        last = items[-1] if len(rows) > limit else None
        return Page(items, _cursor(last.since, last.participant_id) if last else None)

    async def one(self, group_id: SocialGroupId) -> tuple[SocialGroup, int]:
        async with self.units.reading() as connection:
            row = await _load(connection, _BY_ID, group_id)
        return group_of(row), row.members

    async def member(self, group_id: SocialGroupId, participant_id: ParticipantId) -> Membership | None:
        async with self.units.reading() as connection:
            return await _member(connection, group_id, participant_id)

    async def names(self, ids: Collection[SocialGroupId]) -> Mapping[SocialGroupId, str]:
        async with self.units.reading() as connection:
            return await _names(connection, ids)

    async def links(self, group_id: SocialGroupId) -> tuple[GroupLink, ...]:
        return tuple(map(link_of, await self._rows(_LINKS, {"group_id": group_id})))

    async def history(self, group_id: SocialGroupId) -> tuple[GroupEntry, ...]:
        return tuple(map(group_history_of, await self._rows(_HISTORY, {"group_id": group_id})))

    async def _rows(self, statement: sa.Select[Any], parameters: Mapping[str, Any]) -> Any:
        async with self.units.reading() as connection:
            return await connection.rows(statement, parameters)


def _own_item(row: Any, participant_id: ParticipantId) -> OwnGroupItem:
    return OwnGroupItem(
        group=GroupItem._make(row[: len(_ITEM)]),
        standing=row.standing,
        since=row.since,
        is_owner=row.owner_id == participant_id,
        is_deputy=str(participant_id) in row.deputies,
    )


def _cursor(at: datetime | None, last_id: UUID) -> Cursor:
    assert at is not None
    return Cursor(at=at, id=MessageId(last_id))
