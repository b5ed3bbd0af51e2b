"""Social groups in memory."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import cast

from attrs import evolve, frozen

from niktokromenas.adapters.memory.messages import keyset_page
from niktokromenas.adapters.memory.outbox import publish
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.groups.group import GroupEntry, SocialGroup
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
    group_item,
    is_unsettled,
    name_key,
    next_tick,
)
from niktokromenas.ports.messages import Cursor, Page, StaleVersion


@frozen
class MemoryGroups:
    store: MemoryStore
    new_id: NewId

    async def by_id(self, group_id: SocialGroupId) -> SocialGroup:
        group = self.store.groups.get(group_id)
        if group is None:
            raise GroupNotFound("Такой группы нет")
        return group

    async def hold(self, group_id: SocialGroupId) -> SocialGroup:
        return await self.by_id(group_id)

    async def add(self, group: SocialGroup) -> SocialGroup:
        return await self.save(group)

    async def save(self, group: SocialGroup) -> SocialGroup:
        known = self.store.groups.get(group.id)
        if group.version != (known.version if known else 0):
            raise StaleVersion("Группа изменилась: прочитайте её снова")
        for entry in group.entries:
            self.store.group_history.put(self.new_id(), (group.id, entry))
        publish(self.store, group.events, self.new_id)
        stored = evolve(group, version=group.version + 1, events=(), entries=())
        self.store.groups.put(stored.id, stored)
        self.store.unsettled_groups.put(stored.id, is_unsettled(stored))
        return stored

    async def names(self, ids: Collection[SocialGroupId]) -> Mapping[SocialGroupId, str]:
        return {g.id: g.known_as or g.content.name for g in self.store.groups.seen() if g.id in ids}

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[SocialGroupId, ...]:
        ticks = ((next_tick(group), group.id) for group in self.store.groups.seen())
        due = sorted((tick, group_id) for tick, group_id in ticks if tick is not None and tick <= at)
        return tuple(group_id for _, group_id in due[:limit])

    async def unsettled(self, limit: int) -> tuple[SocialGroupId, ...]:
        every = (group.id for group in self.store.groups.seen())
        return tuple(sorted(each for each in every if self.store.unsettled_groups.get(each))[:limit])

    async def settled(self, group_id: SocialGroupId) -> None:
        self.store.unsettled_groups.put(group_id, False)

    async def member(self, group_id: SocialGroupId, participant_id: ParticipantId) -> Membership | None:
        return self.store.group_members.get((group_id, participant_id))

    async def add_member(self, membership: Membership) -> Membership:
        return await self.save_member(membership)

    async def save_member(self, membership: Membership) -> Membership:
        key = (membership.group_id, membership.participant_id)
        known = self.store.group_members.get(key)
        if membership.version != (known.version if known else 0):
            raise StaleVersion("Запись изменилась: прочитайте её снова")
        publish(self.store, membership.events, self.new_id)
        stored = evolve(membership, version=membership.version + 1, events=())
        self.store.group_members.put(key, stored)
        return stored

    async def members(
        self, group_id: SocialGroupId, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        found = sorted(
            m.participant_id
            for m in self.store.group_members.seen()
            if m.group_id == group_id and m.is_member and (after is None or m.participant_id > after)
        )
        return tuple(found[:limit])

    async def groups_of(self, participant_id: ParticipantId) -> frozenset[SocialGroupId]:
        own = (m for m in self.store.group_members.seen() if m.participant_id == participant_id)
        ended = {group.id for group in self.store.groups.seen() if group.has_ended}
        return frozenset(m.group_id for m in own if m.is_member and m.group_id not in ended)

    async def add_link(self, link: GroupLink) -> None:
        self.store.group_links.put(link.id, link)

    async def link(self, link_id: GroupLinkId) -> GroupLink:
        found = self.store.group_links.get(link_id)
        if found is None:
            raise LinkUnknown("Ссылка не действует")
        return found

    async def link_by(self, fingerprint: str) -> GroupLink:
        for link in self.store.group_links.seen():
            if link.fingerprint == fingerprint:
                return link
        raise LinkUnknown("Ссылка не действует")

    async def save_link(self, link: GroupLink) -> None:
        self.store.group_links.put(link.id, link)


@frozen
class MemoryGroupRegister:
    store: MemoryStore

    async def public(self, prefix: str, after: NameCursor | None, limit: int) -> GroupPage:
        found = sorted(
            (key, group.id, group)
            for group in self.store.groups.committed()
            if group.is_active and (key := name_key(group.content.name)).startswith(prefix)
        )
        if after is not None:
            found = [row for row in found if row[:2] > (after.key, after.id)]
        shown, more = found[:limit], len(found) > limit
        last = shown[-1] if more else None
        return GroupPage(
            items=tuple(self._item(group) for _, _, group in shown),
            next=NameCursor(key=last[0], id=last[1]) if last else None,
        )

    def _item(self, group: SocialGroup) -> GroupItem:
        return group_item(group, self._count(group.id))

    def _count(self, group_id: SocialGroupId) -> int:
        return sum(m.is_member for m in self._memberships() if m.group_id == group_id)

    def _memberships(self) -> Iterator[Membership]:
        return self.store.group_members.committed()

    def _group(self, group_id: SocialGroupId) -> SocialGroup:
        found = self.store.groups.rows.get(group_id)
        if found is None:
            raise GroupNotFound("Такой группы нет")
        return found

    async def own(
        self, participant_id: ParticipantId, standing: Standing, after: Cursor | None, limit: int
    ) -> Page[OwnGroupItem]:
        rows = [
            (m.since, MessageId(m.group_id), _own_item(m, self._group(m.group_id), self._count(m.group_id)))
            for m in self._memberships()
            if m.participant_id == participant_id and m.standing is standing
        ]
        return cast("Page[OwnGroupItem]", keyset_page(rows, after, limit, newest_first=True))

    async def to_moderate(self, after: Cursor | None, limit: int, *, late: bool = False) -> Page[GroupItem]:
        rows = [
            (group.moderation_due, MessageId(group.id), self._item(group))
            for group in self.store.groups.committed()
            if group.moderation_due is not None and (group.overdue_at is not None or not late)
        ]
        return cast("Page[GroupItem]", keyset_page(rows, after, limit, newest_first=False))

    async def people(
        self, group_id: SocialGroupId, standing: Standing, after: Cursor | None, limit: int
    ) -> Page[GroupPerson]:
        rows = [
            (m.since, MessageId(m.participant_id), self._person(m))
            for m in self._memberships()
            if m.group_id == group_id and m.standing is standing
        ]
        return cast("Page[GroupPerson]", keyset_page(rows, after, limit, newest_first=False))

    def _person(self, membership: Membership) -> GroupPerson:
        return GroupPerson(
            participant_id=membership.participant_id,
            name=self.store.participants.rows[membership.participant_id].name,
            standing=membership.standing.value,
            since=membership.since,
        )

    async def one(self, group_id: SocialGroupId) -> tuple[SocialGroup, int]:
        return self._group(group_id), self._count(group_id)

    async def member(self, group_id: SocialGroupId, participant_id: ParticipantId) -> Membership | None:
        return self.store.group_members.rows.get((group_id, participant_id))

    async def names(self, ids: Collection[SocialGroupId]) -> Mapping[SocialGroupId, str]:
        return {g.id: g.known_as or g.content.name for g in self.store.groups.committed() if g.id in ids}

    async def links(self, group_id: SocialGroupId) -> tuple[GroupLink, ...]:
        found = [link for link in self.store.group_links.committed() if link.group_id == group_id]
        return tuple(sorted(found, key=lambda link: link.id, reverse=True)[:100])

    async def history(self, group_id: SocialGroupId) -> tuple[GroupEntry, ...]:
        rows = self.store.group_history.committed()
        return tuple(entry for of, entry in rows if of == group_id)


def _own_item(membership: Membership, group: SocialGroup, members: int) -> OwnGroupItem:
    return OwnGroupItem(
        group=group_item(group, members),
        standing=membership.standing.value,
        since=membership.since,
        is_owner=membership.participant_id == group.owner_id,
        is_deputy=membership.participant_id in group.deputies,
    )
