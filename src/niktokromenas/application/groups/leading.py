"""What the owner does with a social group: creates it, changes it, hands it over, ends it (разд. 9)."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from attrs import frozen

from niktokromenas.application.groups.seeing import held_group
from niktokromenas.application.messages.submitting import require_consent
from niktokromenas.application.powers import refuse_blocked
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.groups.group import (
    GroupContent,
    GroupDoing,
    SocialGroup,
    create_group,
    dismiss_deputy,
    end_group,
    hand_over,
    name_deputy,
    revise_group,
)
from niktokromenas.domain.groups.membership import founding
from niktokromenas.domain.ids import ParticipantId, SocialGroupId
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.transactions import Transaction, Transactions


@frozen
class CreateGroupHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def __call__(
        self, actor: Actor, content: GroupContent, request_key: RequestKey | None = None
    ) -> SocialGroup:
        """Its owner is its first member.

        Raises `SignInRequired`, `ConsentRequired`, `Forbidden`, `Invalid`.
        """
        acting, now = actor.acting(Permission.FORM_GROUP), self.clock.now()
        require_consent(actor, self.region)
        async with self.transactions() as tx:
            await refuse_blocked(tx, acting, Permission.FORM_GROUP, now)
            if request_key is not None:
                made = await tx.idempotency.recall(request_key, now)
                if made is not None:
                    return await tx.groups.by_id(SocialGroupId(UUID(made)))
            doing = GroupDoing(by=acting, at=now, rules=survey_rules(self.region))
            created = create_group(SocialGroupId(self.new_id()), content, doing)
            saved = await tx.groups.add(created)
            await tx.groups.add_member(founding(created))
            if request_key is not None:
                await tx.idempotency.remember(request_key, str(saved.id), now)
            return saved


Change = Callable[[Transaction, SocialGroup, GroupDoing], Awaitable[SocialGroup]]


@frozen
class LeadGroupHandler:
    """By the owner alone. All raise `GroupNotFound`, `NotTheOwner`, `IllegalGroupMove`, `Invalid`."""

    transactions: Transactions
    clock: Clock
    region: Region

    async def revise(
        self,
        actor: Actor,
        group_id: SocialGroupId,
        content: GroupContent,
        *,
        expected_version: int | None = None,
    ) -> SocialGroup:
        """Others see it again once it is approved."""

        async def change(tx: Transaction, group: SocialGroup, doing: GroupDoing) -> SocialGroup:
            await refuse_blocked(tx, doing.by, Permission.FORM_GROUP, doing.at)
            return revise_group(group, content, doing)

        return await self._changed(actor, group_id, expected_version, change)

    async def name_deputy(
        self,
        actor: Actor,
        group_id: SocialGroupId,
        participant_id: ParticipantId,
        *,
        expected_version: int | None = None,
    ) -> SocialGroup:
        async def change(tx: Transaction, group: SocialGroup, doing: GroupDoing) -> SocialGroup:
            is_member = await _is_member(tx, group, participant_id)
            return name_deputy(group, participant_id, is_member=is_member, doing=doing)

        return await self._changed(actor, group_id, expected_version, change)

    async def dismiss_deputy(
        self,
        actor: Actor,
        group_id: SocialGroupId,
        participant_id: ParticipantId,
        *,
        expected_version: int | None = None,
    ) -> SocialGroup:
        async def change(tx: Transaction, group: SocialGroup, doing: GroupDoing) -> SocialGroup:
            return dismiss_deputy(group, participant_id, doing)

        return await self._changed(actor, group_id, expected_version, change)

    async def hand_over(
        self,
        actor: Actor,
        group_id: SocialGroupId,
        participant_id: ParticipantId,
        *,
        expected_version: int | None = None,
    ) -> SocialGroup:
        async def change(tx: Transaction, group: SocialGroup, doing: GroupDoing) -> SocialGroup:
            is_member = await _is_member(tx, group, participant_id)
            return hand_over(group, participant_id, is_member=is_member, doing=doing)

        return await self._changed(actor, group_id, expected_version, change)

    async def end(
        self, actor: Actor, group_id: SocialGroupId, *, expected_version: int | None = None
    ) -> SocialGroup:
        """Surveys are announced under the same hold, so none is while it ends. Raises `SurveysOpen`."""

        async def change(tx: Transaction, group: SocialGroup, doing: GroupDoing) -> SocialGroup:
            running = await tx.surveys.running_of_group(group.id)
            return end_group(group, open_surveys=running, doing=doing)

        return await self._changed(actor, group_id, expected_version, change)

    async def _changed(
        self, actor: Actor, group_id: SocialGroupId, expected_version: int | None, change: Change
    ) -> SocialGroup:
        acting = actor.acting(Permission.FORM_GROUP)
        async with self.transactions() as tx:
            group = await held_group(tx, actor, group_id, expected_version)
            doing = GroupDoing(by=acting, at=self.clock.now(), rules=survey_rules(self.region))
            return await tx.groups.save(await change(tx, group, doing))


async def _is_member(tx: Transaction, group: SocialGroup, participant_id: ParticipantId) -> bool:
    found = await tx.groups.member(group.id, participant_id)
    return found is not None and found.is_member
