"""Social groups as operations of the API find them, made through the use cases."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.application.groups.joining import MoveMember
from niktokromenas.domain.groups.group import GroupContent, Joining, SocialGroup
from niktokromenas.domain.groups.membership import MemberAct
from niktokromenas.domain.ids import ParticipantId
from tests.integration.http.live import Live

REFUSAL = {"grounds": ["ads"], "words": "Похоже на рекламу"}
REVISED = {"name": "Соседи по двору", "about": "Дома 3 и 5", "joining": "by-approval"}


def other_than(player: Player) -> Player:
    return cast.OTHER_CITIZEN if player.oid != cast.OTHER_CITIZEN.oid else cast.CITIZEN


@frozen(kw_only=True)
class GroupStand:
    group: SocialGroup
    body: Any = None
    link: str | None = None


@frozen
class GroupGround:
    live: Live
    moderator: Player = cast.OTHER_MODERATOR
    """Nobody's player here."""

    async def submitted(
        self, owner: Player, joining: Joining = Joining.OPEN, name: str = "Соседи"
    ) -> SocialGroup:
        content = GroupContent(name=name, about="Двор на набережной", joining=joining)
        actor = await self.live.cast.actor(owner.oid)
        made: SocialGroup = await self.live.container.create_group()(actor, content)
        return made

    async def active(
        self, owner: Player, joining: Joining = Joining.OPEN, name: str = "Соседи"
    ) -> SocialGroup:
        made = await self.submitted(owner, joining, name)
        actor = await self.live.cast.actor(self.moderator.oid)
        approved: SocialGroup = await self.live.container.moderate_group().approve(actor, made.id)
        return approved

    async def refused(self, owner: Player, name: str = "Соседи") -> SocialGroup:
        made = await self.submitted(owner, name=name)
        actor = await self.live.cast.actor(self.moderator.oid)
        moderate = self.live.container.moderate_group()
        refused: SocialGroup = await moderate.refuse(actor, made.id, ("ads",), "Реклама")
        return refused

    async def id_of(self, player: Player) -> ParticipantId:
        found = (await self.live.cast.actor(player.oid)).participant_id
        assert found is not None
        return ParticipantId(found)

    async def move(self, by: Player, group: SocialGroup, act: MemberAct, of: Player | None = None) -> None:
        actor = await self.live.cast.actor(by.oid)
        whom = await self.id_of(of) if of is not None else None
        command = MoveMember(
            actor=actor, group_id=group.id, act=act, participant_id=whom, words="Мешает остальным"
        )
        await self.live.container.move_member()(command)

    async def joined(self, owner: Player, by: Player, joining: Joining = Joining.OPEN) -> SocialGroup:
        group = await self.active(owner, joining)
        await self.move(by, group, MemberAct.JOIN)
        return group

    async def invited(self, owner: Player, whom: Player) -> SocialGroup:
        group = await self.active(owner)
        await self.move(owner, group, MemberAct.INVITE, whom)
        return group

    async def linked(self, owner: Player) -> tuple[SocialGroup, str, str]:
        """With the id of the link and its secret."""
        group = await self.active(owner)
        actor = await self.live.cast.actor(owner.oid)
        link, secret = await self.live.container.link_into_group().make(actor, group.id)
        return group, str(link.id), secret

    async def about(self, player: Player, **more: Any) -> dict[str, Any]:
        return {"participant": str(await self.id_of(player)), **more}


Maker = Callable[[GroupGround, Player], Awaitable[GroupStand]]


async def _active(ground: GroupGround, player: Player) -> GroupStand:
    return GroupStand(group=await ground.active(player))


async def _to_approve(ground: GroupGround, player: Player) -> GroupStand:
    return GroupStand(group=await ground.submitted(other_than(player)))


async def _to_refuse(ground: GroupGround, player: Player) -> GroupStand:
    return GroupStand(group=await ground.submitted(other_than(player)), body=REFUSAL)


async def _to_revise(ground: GroupGround, player: Player) -> GroupStand:
    return GroupStand(group=await ground.refused(player), body=REVISED)


async def _with_a_member(ground: GroupGround, player: Player) -> GroupStand:
    member = other_than(player)
    return GroupStand(group=await ground.joined(player, member), body=await ground.about(member))


async def _with_a_deputy(ground: GroupGround, player: Player) -> GroupStand:
    member = other_than(player)
    group, body = await ground.joined(player, member), await ground.about(member)
    actor = await ground.live.cast.actor(player.oid)
    lead = ground.live.container.lead_group()
    named = await lead.name_deputy(actor, group.id, await ground.id_of(member))
    return GroupStand(group=named, body=body)


async def _to_exclude_from(ground: GroupGround, player: Player) -> GroupStand:
    member = other_than(player)
    body = await ground.about(member, words="Мешает остальным")
    return GroupStand(group=await ground.joined(player, member), body=body)


async def _asked(ground: GroupGround, player: Player) -> GroupStand:
    other = other_than(player)
    group = await ground.joined(player, other, Joining.BY_APPROVAL)
    return GroupStand(group=group, body=await ground.about(other))


async def _to_invite_into(ground: GroupGround, player: Player) -> GroupStand:
    return GroupStand(group=await ground.active(player), body=await ground.about(other_than(player)))


async def _of_another(ground: GroupGround, player: Player) -> GroupStand:
    return GroupStand(group=await ground.active(other_than(player)))


async def _invited(ground: GroupGround, player: Player) -> GroupStand:
    return GroupStand(group=await ground.invited(other_than(player), player))


async def _joined(ground: GroupGround, player: Player) -> GroupStand:
    return GroupStand(group=await ground.joined(other_than(player), player))


async def _linked(ground: GroupGround, player: Player) -> GroupStand:
    group, link, _ = await ground.linked(player)
    return GroupStand(group=group, link=link)


async def _with_a_secret(ground: GroupGround, player: Player) -> GroupStand:
    group, _, secret = await ground.linked(other_than(player))
    return GroupStand(group=group, body={"secret": secret})


async def _to_create(ground: GroupGround, player: Player) -> GroupStand:
    body = {"name": "Соседи", "about": "Двор на набережной", "joining": "open"}
    return GroupStand(group=await ground.submitted(player), body=body)


OF_GROUP: Mapping[str, Maker] = {
    "createGroup": _to_create,
    "readGroup": _active,
    "readGroupPeople": _active,
    "readGroupHistory": _active,
    "approveGroup": _to_approve,
    "refuseGroup": _to_refuse,
    "reviseGroup": _to_revise,
    "nameGroupDeputy": _with_a_member,
    "dismissGroupDeputy": _with_a_deputy,
    "handGroupOver": _with_a_member,
    "endGroup": _active,
    "joinGroup": _of_another,
    "acceptGroupInvitation": _invited,
    "declineGroupInvitation": _invited,
    "leaveGroup": _joined,
    "inviteToGroup": _to_invite_into,
    "admitToGroup": _asked,
    "turnDownGroupRequest": _asked,
    "excludeFromGroup": _to_exclude_from,
    "joinGroupByLink": _with_a_secret,
    "makeGroupLink": _active,
    "readGroupLinks": _linked,
    "revokeGroupLink": _linked,
}
"""What each operation on a group succeeds with, for the one who asks."""
EVERYONES = frozenset({"readGroups", "readGroup"})
MODERATORS = frozenset({"readGroupQueue", "approveGroup", "refuseGroup"})
USERS = frozenset(OF_GROUP) - MODERATORS | {"readOwnGroups"}
