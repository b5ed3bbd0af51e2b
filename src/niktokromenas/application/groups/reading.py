"""Reading social groups: everyone those that are active, their leaders the people in them (разд. 9)."""

from attrs import evolve, frozen

from niktokromenas.application.groups.seeing import unknown_group
from niktokromenas.application.powers import audited
from niktokromenas.domain.groups.group import GroupEntry, SocialGroup, possible_group_acts
from niktokromenas.domain.groups.membership import (
    NAMED,
    GroupLink,
    Membership,
    NotForThem,
    Standing,
    newcomer_to,
    own_member_acts,
)
from niktokromenas.domain.groups.visibility import leads, may_see, may_see_history
from niktokromenas.domain.ids import ParticipantId, SocialGroupId
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.groups import (
    GroupItem,
    GroupPage,
    GroupPerson,
    GroupRegister,
    NameCursor,
    OwnGroupItem,
    name_key,
)
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.transactions import Transactions


@frozen(kw_only=True)
class GroupView:
    """A group as one reader may see it."""

    group: SocialGroup
    members: int
    standing: Standing
    """The reader's own."""
    is_owner: bool
    is_leader: bool
    sees_history: bool
    possible: tuple[str, ...]
    """Acts that the reader may do now."""


@frozen
class ReadGroups:
    register: GroupRegister
    transactions: Transactions
    clock: Clock
    new_id: NewId

    async def public(self, actor: Actor, name: str, after: NameCursor | None, limit: int) -> GroupPage:
        """Active groups whose name begins so, by name."""
        actor.require(Permission.READ_PUBLIC)
        return await self.register.public(name_key(name), after, limit)

    async def own(
        self, actor: Actor, standing: Standing, after: Cursor | None, limit: int
    ) -> Page[OwnGroupItem]:
        """Groups to which the actor stands so, the latest change first. Raises `SignInRequired`."""
        return await self.register.own(_participant(actor), standing, after, limit)

    async def to_moderate(
        self, actor: Actor, after: Cursor | None, limit: int, *, late: bool = False
    ) -> Page[GroupItem]:
        """What waits for a decision, the first due first. Raises `RoleRequired`."""
        actor.require(Permission.MODERATE_GROUP)
        return await self.register.to_moderate(after, limit, late=late)

    async def one(self, actor: Actor, group_id: SocialGroupId) -> GroupView:
        """Raises `GroupNotFound`."""
        group, members = await self._seen(actor, group_id)
        membership = await self._membership(actor, group)
        return GroupView(
            group=group,
            members=members,
            standing=membership.standing if membership else Standing.NONE,
            is_owner=leads(group, actor) and group.owner_id == actor.participant_id,
            is_leader=leads(group, actor),
            sees_history=may_see_history(group, actor),
            possible=self._possible(actor, group, membership),
        )

    async def _seen(self, actor: Actor, group_id: SocialGroupId) -> tuple[SocialGroup, int]:
        actor.require(Permission.READ_PUBLIC)
        group, members = await self.register.one(group_id)
        if not may_see(group, actor):
            raise unknown_group()
        return group, members

    async def _membership(self, actor: Actor, group: SocialGroup) -> Membership | None:
        """Of a person: an organisation belongs to no group."""
        if actor.participant_id is None or actor.organisation_id is not None:
            return None
        found = await self.register.member(group.id, actor.participant_id)
        return found or newcomer_to(group.id, actor.participant_id, at=self.clock.now())

    def _possible(self, actor: Actor, group: SocialGroup, membership: Membership | None) -> tuple[str, ...]:
        roles = [role for role in (Role.USER, Role.MODERATOR) if role in actor.roles()]
        acts = [
            act.value
            for role in roles
            for act in possible_group_acts(group, _under(actor, role), self.clock.now())
        ]
        own = own_member_acts(membership, group) if membership is not None else []
        return (*acts, *(act.value for act in own))

    async def people(
        self, actor: Actor, group_id: SocialGroupId, standing: Standing, after: Cursor | None, limit: int
    ) -> Page[GroupPerson]:
        """For the leaders, named where they came of themselves; the look is written down (152-FZ).

        Raises `GroupNotFound`, `NotForThem`.
        """
        await self._led(actor, group_id)
        found = await self.register.people(group_id, standing, after, limit)
        shown = ", ".join(str(person.participant_id) for person in found.items)
        async with self.transactions() as tx:
            facts = {"standing": standing.value, "participants": shown}
            thing = ("group", str(group_id))
            entry = audited(self.new_id(), actor, None, "group.people", thing, self.clock.now(), facts)
            await tx.audit.add(entry)
        if standing in NAMED:
            return found
        return evolve(found, items=tuple(person._replace(name=None) for person in found.items))

    async def links(self, actor: Actor, group_id: SocialGroupId) -> tuple[GroupLink, ...]:
        """For the leaders. Raises `GroupNotFound`, `NotForThem`."""
        await self._led(actor, group_id)
        return await self.register.links(group_id)

    async def _led(self, actor: Actor, group_id: SocialGroupId) -> SocialGroup:
        group, _ = await self._seen(actor, group_id)
        if not leads(group, actor):
            raise NotForThem("Это видят владелец группы и заместители")
        return group

    async def history(self, actor: Actor, group_id: SocialGroupId) -> tuple[GroupEntry, ...]:
        """For the leaders and the moderators. Raises `GroupNotFound`, `NotForThem`."""
        group, _ = await self._seen(actor, group_id)
        if not may_see_history(group, actor):
            raise NotForThem("Это видят владелец группы, заместители и модераторы")
        return await self.register.history(group_id)


def _participant(actor: Actor) -> ParticipantId:
    actor.require(Permission.JOIN_GROUP)
    assert actor.participant_id is not None
    return actor.participant_id


def _under(actor: Actor, role: Role) -> Acting:
    if role is Role.USER:
        return Acting(role=role, participant_id=actor.participant_id, organisation_id=actor.organisation_id)
    return Acting(role=role, participant_id=actor.participant_id)
