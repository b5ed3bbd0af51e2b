"""Joining and leaving a social group, inviting, admitting, excluding, links (Положение, разд. 9)."""

from attrs import frozen

from niktokromenas.application.groups.seeing import held_group, unknown_group
from niktokromenas.application.messages.submitting import require_consent
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.groups.group import GroupDoing, SocialGroup, deputy_gone
from niktokromenas.domain.groups.membership import (
    GroupLink,
    LinkUnknown,
    MemberAct,
    Membership,
    NotForThem,
    Standing,
    link_into,
    member_moved,
    newcomer_to,
)
from niktokromenas.domain.groups.visibility import leads, may_see
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.people import ParticipantKind
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.secrets import fingerprint
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.participants import ParticipantNotFound
from niktokromenas.ports.tokens import NewSecret
from niktokromenas.ports.transactions import Transaction, Transactions

_GOING = frozenset({MemberAct.LEAVE, MemberAct.DECLINE})
"""What whoever stands to the group may always do, though it is not shown any more."""
_COMING = frozenset({MemberAct.JOIN, MemberAct.ACCEPT})


@frozen(kw_only=True)
class MoveMember:
    """`participant_id`: of whom leaders decide; the actor, where it is left out."""

    actor: Actor
    group_id: SocialGroupId
    act: MemberAct
    participant_id: ParticipantId | None = None
    words: str | None = None


@frozen
class MoveMemberHandler:
    """No version is asked for: each act follows from how the person stands, one row of the two."""

    transactions: Transactions
    clock: Clock
    region: Region

    async def __call__(self, command: MoveMember) -> Membership:
        """Raises `SignInRequired`, `ConsentRequired`, `GroupNotFound`, `ParticipantNotFound`, and what
        `member_moved` does.
        """
        actor = command.actor
        acting = actor.acting(Permission.JOIN_GROUP)
        if command.act in _COMING:
            require_consent(actor, self.region)
        whom = command.participant_id or actor.participant_id
        assert whom is not None
        async with self.transactions() as tx:
            group = await tx.groups.hold(command.group_id)
            known = await tx.groups.member(group.id, whom)
            may_go = known is not None and whom == actor.participant_id and command.act in _GOING
            if not (may_see(group, actor) or may_go):
                raise unknown_group()
            return await self._moved(tx, group, known, command, acting)

    async def _moved(
        self,
        tx: Transaction,
        group: SocialGroup,
        known: Membership | None,
        command: MoveMember,
        acting: Acting,
    ) -> Membership:
        now = self.clock.now()
        whom = command.participant_id or command.actor.participant_id
        assert whom is not None
        before = known or newcomer_to(group.id, whom, at=now)
        after = member_moved(before, group, command.act, acting, at=now, words=command.words)
        if command.act is MemberAct.INVITE and known is None:
            await _require_person(tx, whom)
        saved = await (tx.groups.save_member(after) if known else tx.groups.add_member(after))
        if not saved.is_member and whom in group.deputies:
            doing = GroupDoing(by=acting, at=now, rules=survey_rules(self.region))
            await tx.groups.save(deputy_gone(group, whom, doing))
        return saved

    async def by_link(self, actor: Actor, secret: str) -> Membership:
        """Join, or ask to, by a link somebody gave; repeating changes nothing.

        Raises `SignInRequired`, `ConsentRequired`, `LinkUnknown`, `IllegalMemberMove`, `NotForThem`.
        """
        acting = actor.acting(Permission.JOIN_GROUP)
        require_consent(actor, self.region)
        assert actor.participant_id is not None
        async with self.transactions() as tx:
            link = await tx.groups.link_by(fingerprint(secret))
            link.require_valid(secret, at=self.clock.now())
            group = await tx.groups.hold(link.group_id)
            if not group.is_active:
                raise LinkUnknown("Ссылка не действует")
            known = await tx.groups.member(group.id, actor.participant_id)
            if known is not None and known.standing in (Standing.MEMBER, Standing.ASKED):
                return known
            is_invited = known is not None and known.standing is Standing.INVITED
            act = MemberAct.ACCEPT if is_invited else MemberAct.JOIN
            command = MoveMember(actor=actor, group_id=group.id, act=act)
            return await self._moved(tx, group, known, command, acting)


async def _require_person(tx: Transaction, participant_id: ParticipantId) -> None:
    if (await tx.participants.get(participant_id)).kind is not ParticipantKind.PERSON:
        raise ParticipantNotFound("Такого участника нет")


@frozen
class LinkIntoGroupHandler:
    """Links are the leaders'. Both raise `SignInRequired`, `GroupNotFound`, `NotForThem`."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    new_secret: NewSecret

    async def make(self, actor: Actor, group_id: SocialGroupId) -> tuple[GroupLink, str]:
        """The link and its secret, shown this once. Raises also `GroupNotActive`."""
        acting = actor.acting(Permission.FORM_GROUP)
        secret = self.new_secret()
        async with self.transactions() as tx:
            group = await held_group(tx, actor, group_id)
            link = link_into(group, GroupLinkId(self.new_id()), secret, acting, at=self.clock.now())
            await tx.groups.add_link(link)
            return link, secret

    async def revoke(self, actor: Actor, group_id: SocialGroupId, link_id: GroupLinkId) -> GroupLink:
        """Repeating changes nothing. Raises also `LinkUnknown`."""
        actor.require(Permission.FORM_GROUP)
        async with self.transactions() as tx:
            group = await held_group(tx, actor, group_id)
            if not leads(group, actor):
                raise NotForThem("Ссылку отзывает владелец группы или заместитель")
            link = await tx.groups.link(link_id)
            if link.group_id != group.id:
                raise LinkUnknown("Ссылка не действует")
            revoked = link.revoked(at=self.clock.now())
            await tx.groups.save_link(revoked)
            return revoked
