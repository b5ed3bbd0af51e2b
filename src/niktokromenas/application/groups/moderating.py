"""Decisions of moderators about social groups (Положение, разд. 9)."""

from collections.abc import Callable

from attrs import evolve, frozen

from niktokromenas.application.groups.seeing import held_group
from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.groups.group import (
    GroupAct,
    GroupActed,
    GroupDoing,
    SocialGroup,
    approve_group,
    refuse_group,
)
from niktokromenas.domain.ids import SocialGroupId
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.grounds import Ground
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.transactions import Transactions


def _told_why(group: SocialGroup, grounds: tuple[Ground, ...]) -> SocialGroup:
    """The event names the grounds, too: by the time it is told the group may have been revised."""
    names = "; ".join(ground.name for ground in grounds)
    events = tuple(
        evolve(event, words=f"{names}. {event.words or ''}")
        if isinstance(event, GroupActed) and event.act == GroupAct.REFUSE
        else event
        for event in group.events
    )
    return evolve(group, events=events)


@frozen
class ModerateGroupHandler:
    """Both raise `RoleRequired`, `GrantOver`, `GroupNotFound`, `OwnGroup`, `IllegalGroupMove`."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def approve(
        self, actor: Actor, group_id: SocialGroupId, *, expected_version: int | None = None
    ) -> SocialGroup:
        return await self._decided(actor, group_id, expected_version, "group.approve", approve_group)

    async def refuse(
        self,
        actor: Actor,
        group_id: SocialGroupId,
        grounds: tuple[str, ...],
        words: str,
        *,
        expected_version: int | None = None,
    ) -> SocialGroup:
        """Raises also `Invalid`."""

        def refused(group: SocialGroup, doing: GroupDoing) -> SocialGroup:
            named = self.region.resolve_grounds(list(grounds))
            return _told_why(refuse_group(group, named, words, doing), named)

        return await self._decided(actor, group_id, expected_version, "group.refuse", refused)

    async def _decided(
        self,
        actor: Actor,
        group_id: SocialGroupId,
        expected_version: int | None,
        action: str,
        decide: Callable[[SocialGroup, GroupDoing], SocialGroup],
    ) -> SocialGroup:
        acting, now = actor.acting(Permission.MODERATE_GROUP), self.clock.now()
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            group = await held_group(tx, actor, group_id, expected_version)
            doing = GroupDoing(by=acting, at=now, rules=survey_rules(self.region))
            saved = await tx.groups.save(decide(group, doing))
            thing = ("group", str(saved.id))
            await tx.audit.add(audited(self.new_id(), actor, acting, action, thing, now))
            return saved
