"""Social groups, their members and links, as units of work and readers need them (Положение, разд. 9)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar, NamedTuple, Protocol

from attrs import frozen

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.groups.group import GroupEntry, GroupStage, SocialGroup
from niktokromenas.domain.groups.membership import GroupLink, Membership, Standing
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId
from niktokromenas.ports.messages import Cursor, Page


class GroupNotFound(NotFound):
    code: ClassVar[str] = "group-not-found"


class Groups(Protocol):
    """Social groups of one unit, with members and links. Contract: tests/contract/test_groups.py.

    `add` and `save` store a group, `add_member` and `save_member` how somebody stands to it: the next
    state, its history and its events; they return it as stored (version + 1, nothing pending), or raise
    `StaleVersion`. Group and participant together are unique among memberships.
    """

    async def by_id(self, group_id: SocialGroupId) -> SocialGroup:
        """Raises `GroupNotFound`."""
        ...

    async def hold(self, group_id: SocialGroupId) -> SocialGroup:
        """As `by_id`; other units that hold it wait until this one is over.

        What depends on how the group stands holds it: acts of its leaders and members, and whatever begins,
        submits or announces a survey of it. Raises `GroupNotFound`.
        """
        ...

    async def add(self, group: SocialGroup) -> SocialGroup: ...

    async def save(self, group: SocialGroup) -> SocialGroup: ...

    async def names(self, ids: Collection[SocialGroupId]) -> Mapping[SocialGroupId, str]:
        """Of those that are known: as last approved, or as written where they never were."""
        ...

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[SocialGroupId, ...]:
        """Groups whose moderation missed its term and was not marked, the longest due first."""
        ...

    async def unsettled(self, limit: int) -> tuple[SocialGroupId, ...]:
        """Ended groups whose surveys on the way were not frozen yet, by id."""
        ...

    async def settled(self, group_id: SocialGroupId) -> None:
        """Nothing of the ended group is on the way any more."""
        ...

    async def member(self, group_id: SocialGroupId, participant_id: ParticipantId) -> Membership | None: ...

    async def add_member(self, membership: Membership) -> Membership: ...

    async def save_member(self, membership: Membership) -> Membership: ...

    async def members(
        self, group_id: SocialGroupId, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        """Its members by id, after the given one."""
        ...

    async def groups_of(self, participant_id: ParticipantId) -> frozenset[SocialGroupId]:
        """Groups that they are a member of now and that did not end: a fact that target groups ask for.

        Moderation of a changed group leaves its members where they are: its announced surveys go on.
        """
        ...

    async def add_link(self, link: GroupLink) -> None: ...

    async def link(self, link_id: GroupLinkId) -> GroupLink:
        """Raises `LinkUnknown`."""
        ...

    async def link_by(self, fingerprint: str) -> GroupLink:
        """Raises `LinkUnknown`."""
        ...

    async def save_link(self, link: GroupLink) -> None: ...


@frozen(kw_only=True)
class NameCursor:
    """Sort key of the last group shown."""

    key: str
    id: SocialGroupId


@frozen(kw_only=True)
class GroupPage:
    items: tuple["GroupItem", ...]
    next: NameCursor | None


class GroupItem(NamedTuple):
    """A group as lists show it; nothing of who leads it."""

    id: SocialGroupId
    name: str
    about: str
    joining: str
    stage: str
    created_at: datetime
    moderation_due: datetime | None
    overdue_at: datetime | None
    members: int


class OwnGroupItem(NamedTuple):
    """A group and how one person stands to it."""

    group: GroupItem
    standing: str
    since: datetime
    is_owner: bool
    is_deputy: bool

    @property
    def is_shown(self) -> bool:
        """What a group says that is not active concerns its leaders alone."""
        return self.group.stage == GroupStage.ACTIVE or self.is_owner or self.is_deputy


class GroupPerson(NamedTuple):
    """Somebody who stands to a group in some way, by their name of ESIA: for its leaders.

    Without a name they are shown to those who may not be told it.
    """

    participant_id: ParticipantId
    name: str | None
    standing: str
    since: datetime


def name_key(name: str) -> str:
    """What groups are ordered and found by: case, spaces around and the dots of «ё» do not matter."""
    return " ".join(name.casefold().replace("ё", "е").split())


def next_tick(group: SocialGroup) -> datetime | None:
    """When its moderation is late, unless that is marked."""
    return group.moderation_due if group.overdue_at is None else None


def is_unsettled(group: SocialGroup) -> bool:
    """Surveys of it on the way to be announced have to freeze, see `Groups.unsettled`."""
    return group.stage is GroupStage.ENDED


def group_item(group: SocialGroup, members: int) -> GroupItem:
    """How a group appears in lists, for adapters that hold whole ones."""
    return GroupItem(
        id=group.id,
        name=group.content.name,
        about=group.content.about,
        joining=group.content.joining.value,
        stage=group.stage.value,
        created_at=group.created_at,
        moderation_due=group.moderation_due,
        overdue_at=group.overdue_at,
        members=members,
    )


class GroupRegister(Protocol):
    """Reading groups outside a unit: only what is committed. Contract: tests/contract/test_groups.py.

    Every list is a keyset page in the stated order; none loads an aggregate.
    """

    async def public(self, prefix: str, after: NameCursor | None, limit: int) -> GroupPage:
        """Active groups whose name begins so (`name_key` of it), by name."""
        ...

    async def own(
        self, participant_id: ParticipantId, standing: Standing, after: Cursor | None, limit: int
    ) -> Page[OwnGroupItem]:
        """Groups to which the person stands so, of every stage, the latest change first."""
        ...

    async def to_moderate(self, after: Cursor | None, limit: int, *, late: bool = False) -> Page[GroupItem]:
        """The moderators' queue, the first due first; `late`: what missed its term."""
        ...

    async def people(
        self, group_id: SocialGroupId, standing: Standing, after: Cursor | None, limit: int
    ) -> Page[GroupPerson]:
        """Who stands so to the group, the longest first."""
        ...

    async def one(self, group_id: SocialGroupId) -> tuple[SocialGroup, int]:
        """With how many members it has. Raises `GroupNotFound`."""
        ...

    async def member(self, group_id: SocialGroupId, participant_id: ParticipantId) -> Membership | None: ...

    async def names(self, ids: Collection[SocialGroupId]) -> Mapping[SocialGroupId, str]:
        """Of those that are known: as last approved, or as written where they never were."""
        ...

    async def links(self, group_id: SocialGroupId) -> tuple[GroupLink, ...]:
        """The last hundred, the newest first."""
        ...

    async def history(self, group_id: SocialGroupId) -> tuple[GroupEntry, ...]:
        """Every act, in order."""
        ...
