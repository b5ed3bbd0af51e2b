"""Who is told of what happens to a social group and to those who belong to it (Положение, разд. 9, п. 3 (8)).

A letter names the group and nobody else: who asks to join is seen by its leaders on the platform.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from niktokromenas.application.addressing import Facts, Recipient, of_kind
from niktokromenas.domain.groups.group import GroupAct, SocialGroup
from niktokromenas.domain.groups.membership import MemberAct, Standing
from niktokromenas.domain.ids import ParticipantId, SocialGroupId
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.participants.roles import Role
from niktokromenas.ports.outbox import StoredEvent
from niktokromenas.ports.transactions import Transaction

_K = NoticeKind

TOLD_OWNER: Mapping[str, NoticeKind] = {
    GroupAct.APPROVE: _K.GROUP_APPROVED,
    GroupAct.REFUSE: _K.GROUP_REFUSED,
    GroupAct.MARK_OVERDUE: _K.GROUP_DELAYED,
    GroupAct.HAND_OVER: _K.GROUP_HANDED_OVER,
}
"""Whoever owns it then: after handing over, the new owner."""

TOLD_MEMBER: Mapping[str, NoticeKind] = {
    MemberAct.INVITE: _K.GROUP_INVITED,
    MemberAct.ADMIT: _K.GROUP_ADMITTED,
    MemberAct.TURN_DOWN: _K.GROUP_TURNED_DOWN,
    MemberAct.EXCLUDE: _K.GROUP_EXCLUDED,
}


def _facts(group: SocialGroup, event: StoredEvent) -> Facts:
    return {
        "group": " ".join(group.content.name.split()),
        "words": event.facts.get("words"),
        "due": group.moderation_due.isoformat() if group.moderation_due else None,
    }


async def recipients_of_group(tx: Transaction, event: StoredEvent, at: datetime) -> tuple[Recipient, ...]:
    """Nobody is told of their own act: owners act, others are told, and the reverse."""
    group, act = await tx.groups.by_id(SocialGroupId(event.subject_id)), event.facts.get("act") or ""
    told = _Told(tx, event, group)
    if (kind := TOLD_OWNER.get(act)) is not None:
        await told.person(group.owner_id, kind)
    if act in (GroupAct.CREATE, GroupAct.REVISE):
        await told.role(Role.MODERATOR, _K.GROUP_RECEIVED, at)
    if act == GroupAct.MARK_OVERDUE:
        for role in (Role.MODERATOR, Role.OPERATOR):
            await told.role(role, _K.GROUP_OVERDUE, at)
    return tuple(told.found)


async def recipients_of_member(tx: Transaction, event: StoredEvent) -> tuple[Recipient, ...]:
    """The person of whom leaders decided; the leaders, where somebody asks to be admitted."""
    group, act = await tx.groups.by_id(SocialGroupId(event.subject_id)), event.facts.get("act") or ""
    told = _Told(tx, event, group)
    if (kind := TOLD_MEMBER.get(act)) is not None:
        await told.person(ParticipantId(UUID(event.facts["participant_id"])), kind)
    if act == MemberAct.JOIN and event.facts.get("standing") == Standing.ASKED:
        for leader in (group.owner_id, *group.deputies):
            await told.person(leader, _K.GROUP_JOINING_ASKED)
    return tuple(told.found)


class _Told:
    def __init__(self, tx: Transaction, event: StoredEvent, group: SocialGroup) -> None:
        self.tx, self.facts = tx, _facts(group, event)
        self.group = group
        self.found: list[Recipient] = []

    async def person(self, participant_id: ParticipantId, kind: NoticeKind) -> None:
        person = await self.tx.participants.get(participant_id)
        self._add(person.id, person.verified_email, kind)

    async def role(self, role: Role, kind: NoticeKind, at: datetime) -> None:
        """But not those who lead it: nobody decides on their own group."""
        for grant, person in await self.tx.grants.live_holders(role, None, at):
            if not self.group.is_led_by(person.id):
                self._add(person.id, grant.terms.work_email, kind)

    def _add(self, participant_id: ParticipantId, address: str | None, kind: NoticeKind) -> None:
        facts = of_kind(kind, self.facts)
        self.found.append(Recipient(participant_id=participant_id, address=address, kind=kind, facts=facts))
