"""Who belongs to a social group: joining, asking, invitations, leaving (Положение, разд. 9)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from attrs import evolve, field, frozen

from niktokromenas.domain import secrets
from niktokromenas.domain.errors import Conflict, Forbidden, NotFound
from niktokromenas.domain.events import Event
from niktokromenas.domain.groups.group import Joining, SocialGroup
from niktokromenas.domain.ids import GroupLinkId, ParticipantId, SocialGroupId
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role

LINK_LIFE = timedelta(days=90)
_BASIS = "Положение, разд. 9"


class Standing(StrEnum):
    """`NONE`: never had to do with the group."""

    NONE = "none"
    ASKED = "asked"
    INVITED = "invited"
    MEMBER = "member"
    LEFT = "left"
    DECLINED = "declined"
    EXCLUDED = "excluded"


NAMED = frozenset({Standing.ASKED, Standing.MEMBER, Standing.LEFT, Standing.EXCLUDED})
"""Whom the leaders are told by name: whoever came of themselves, not whom somebody invited."""


class MemberAct(StrEnum):
    JOIN = "join"
    INVITE = "invite"
    ACCEPT = "accept"
    DECLINE = "decline"
    ADMIT = "admit"
    TURN_DOWN = "turn-down"
    LEAVE = "leave"
    EXCLUDE = "exclude"


class IllegalMemberMove(Conflict):
    """The act does not follow from how they stand; `members["possible"]` lists what the actor may do."""

    code: ClassVar[str] = "illegal-move"
    basis: ClassVar[str | None] = _BASIS


class NotForThem(Forbidden):
    """Only the participant, or only the owner and the deputies."""

    code: ClassVar[str] = "not-for-them"
    basis: ClassVar[str | None] = _BASIS


class OwnerStays(Conflict):
    """The owner hands the group over or ends it; nobody excludes the owner."""

    code: ClassVar[str] = "owner-stays"
    basis: ClassVar[str | None] = _BASIS


class GroupNotActive(Conflict):
    code: ClassVar[str] = "group-not-active"
    basis: ClassVar[str | None] = _BASIS


class LinkUnknown(NotFound):
    """No such link, or it was revoked, or its time is over."""

    code: ClassVar[str] = "link-unknown"


@frozen(kw_only=True)
class MemberActed(Event):
    kind: ClassVar[str] = "group-member-acted"
    participant_id: ParticipantId
    act: str
    standing: str
    """How they stand now: joining leads to asking where the group takes members by approval."""
    by_participant: ParticipantId | None
    words: str | None = None


@frozen(kw_only=True)
class Membership:
    """How one participant stands to one group; unique for the two."""

    group_id: SocialGroupId
    participant_id: ParticipantId
    standing: Standing = Standing.NONE
    since: datetime
    invited_by: ParticipantId | None = None
    is_invited_again: bool = False
    """They declined or left, and were invited once more since: that is all, until they come themselves."""
    version: int = 0
    events: tuple[Event, ...] = field(default=(), eq=False, repr=False)

    @property
    def is_member(self) -> bool:
        return self.standing is Standing.MEMBER


class By(StrEnum):
    SELF = "self"
    LEADERS = "leaders"
    """The owner and the deputies."""


@frozen
class MemberMove:
    """`to` of joining is `ASKED` where the group takes members by approval."""

    to: Standing
    by: By
    needs_active: bool = True


MEMBER_MOVES: Mapping[tuple[MemberAct, Standing], MemberMove] = MappingProxyType(
    {
        **{
            (MemberAct.JOIN, standing): MemberMove(Standing.MEMBER, By.SELF)
            for standing in (Standing.NONE, Standing.LEFT, Standing.DECLINED)
        },
        **{
            (MemberAct.INVITE, standing): MemberMove(Standing.INVITED, By.LEADERS)
            for standing in (Standing.NONE, Standing.LEFT, Standing.DECLINED, Standing.EXCLUDED)
        },
        (MemberAct.ACCEPT, Standing.INVITED): MemberMove(Standing.MEMBER, By.SELF),
        (MemberAct.DECLINE, Standing.INVITED): MemberMove(Standing.DECLINED, By.SELF, needs_active=False),
        (MemberAct.ADMIT, Standing.ASKED): MemberMove(Standing.MEMBER, By.LEADERS),
        (MemberAct.TURN_DOWN, Standing.ASKED): MemberMove(Standing.DECLINED, By.LEADERS),
        (MemberAct.LEAVE, Standing.MEMBER): MemberMove(Standing.LEFT, By.SELF, needs_active=False),
        (MemberAct.LEAVE, Standing.ASKED): MemberMove(Standing.LEFT, By.SELF, needs_active=False),
        (MemberAct.EXCLUDE, Standing.MEMBER): MemberMove(Standing.EXCLUDED, By.LEADERS, needs_active=False),
    }
)


_GONE = frozenset({Standing.LEFT, Standing.DECLINED})
"""Whoever was asked and does not stay is invited once more at most."""


def newcomer_to(group_id: SocialGroupId, participant_id: ParticipantId, *, at: datetime) -> Membership:
    return Membership(group_id=group_id, participant_id=participant_id, since=at)


def founding(group: SocialGroup) -> Membership:
    """The owner is a member from the beginning."""
    return Membership(
        group_id=group.id,
        participant_id=group.owner_id,
        standing=Standing.MEMBER,
        since=group.created_at,
    )


def member_moved(
    membership: Membership,
    group: SocialGroup,
    act: MemberAct,
    by: Acting,
    *,
    at: datetime,
    words: str | None = None,
) -> Membership:
    """How they stand after the act; excluding owes words.

    Raises `NotForThem`, `OwnerStays`, `IllegalMemberMove`, `GroupNotActive`, `Invalid`, in this order.
    """
    if membership.group_id != group.id:
        raise ValueError("a membership of another group")
    _require_for_them(membership, group, act, by)
    if membership.participant_id == group.owner_id and act in (MemberAct.LEAVE, MemberAct.EXCLUDE):
        raise OwnerStays(
            "Группа завершена: выходить из неё не нужно"
            if group.has_ended
            else "Сначала передайте группу другому участнику или завершите её"
        )
    move = MEMBER_MOVES.get((act, membership.standing))
    why = "Сейчас так поступить нельзя" if move is None else None
    if act is MemberAct.INVITE and _was_invited_enough(membership):
        why = "Приглашение уже повторяли: теперь этот человек может вступить только сам"
    if move is None or why is not None:
        possible = [each.value for each in possible_member_acts(membership, group, by)]
        raise IllegalMemberMove(why or "", members={"possible": possible})
    if move.needs_active and not group.is_active:
        raise GroupNotActive("Группа сейчас не принимает участников")
    said = None
    if act is MemberAct.EXCLUDE:
        said = words_or_refuse(words, "/words", "Объясните участнику, за что он исключён")
    asks = act is MemberAct.JOIN and group.content.joining is Joining.BY_APPROVAL
    standing = Standing.ASKED if asks else move.to
    event = MemberActed(
        at=at,
        subject_id=group.id,
        participant_id=membership.participant_id,
        act=act.value,
        standing=standing.value,
        by_participant=by.participant_id,
        words=said,
    )
    return evolve(
        membership,
        standing=standing,
        since=at,
        invited_by=by.participant_id if act is MemberAct.INVITE else membership.invited_by,
        is_invited_again=_is_invited_again(membership, act),
        events=(*membership.events, event),
    )


def _require_for_them(membership: Membership, group: SocialGroup, act: MemberAct, by: Acting) -> None:
    sides = {move.by for (each, _), move in MEMBER_MOVES.items() if each is act}
    _require_person(by)
    is_self = by.participant_id == membership.participant_id
    if By.SELF in sides and not is_self:
        raise NotForThem("Это может сделать только сам участник")
    if By.LEADERS in sides and (is_self or not group.is_led_by(by.participant_id)):
        raise NotForThem("Это может сделать владелец группы или заместитель, и не для себя")


def _require_person(by: Acting) -> None:
    if by.role is not Role.USER or by.organisation_id is not None:
        raise NotForThem("В группах состоят физические лица")


def _was_invited_enough(membership: Membership) -> bool:
    return membership.standing in _GONE and membership.is_invited_again


def _is_invited_again(before: Membership, act: MemberAct) -> bool:
    match act:
        case MemberAct.INVITE:
            return before.standing in _GONE
        case MemberAct.JOIN | MemberAct.ACCEPT:
            return False
        case _:
            return before.is_invited_again


def possible_member_acts(membership: Membership, group: SocialGroup, by: Acting) -> list[MemberAct]:
    """What they may do about this participant now, in the order of the table."""
    is_self = by.participant_id == membership.participant_id
    if by.role is not Role.USER or by.organisation_id is not None:
        return []
    if not (is_self or group.is_led_by(by.participant_id)):
        return []
    side = By.SELF if is_self else By.LEADERS
    is_owner = membership.participant_id == group.owner_id
    return [
        act
        for (act, standing), move in MEMBER_MOVES.items()
        if standing is membership.standing
        and move.by is side
        and (group.is_active or not move.needs_active)
        and not (is_owner and act in (MemberAct.LEAVE, MemberAct.EXCLUDE))
        and not (act is MemberAct.INVITE and _was_invited_enough(membership))
    ]


def own_member_acts(membership: Membership, group: SocialGroup) -> list[MemberAct]:
    """What they themselves may do now."""
    own = Acting(role=Role.USER, participant_id=membership.participant_id)
    return possible_member_acts(membership, group, own)


@frozen(kw_only=True)
class GroupLink:
    """Leads to the group whoever has it; into one by approval it leads only to asking."""

    id: GroupLinkId
    group_id: SocialGroupId
    by: ParticipantId
    fingerprint: str = field(repr=False)
    expires_at: datetime
    revoked_at: datetime | None = None

    @property
    def made_at(self) -> datetime:
        return self.expires_at - LINK_LIFE

    def require_valid(self, secret: str, *, at: datetime) -> None:
        """Raises `LinkUnknown`, whatever is wrong."""
        is_alive = self.revoked_at is None and at < self.expires_at
        if not (secrets.is_same(secret, self.fingerprint) and is_alive):
            raise LinkUnknown("Ссылка не действует")

    def revoked(self, *, at: datetime) -> "GroupLink":
        return self if self.revoked_at is not None else evolve(self, revoked_at=at)


def link_into(
    group: SocialGroup, link_id: GroupLinkId, secret: str, by: Acting, *, at: datetime
) -> GroupLink:
    """Raises `NotForThem`, `GroupNotActive`."""
    _require_person(by)
    if by.participant_id is None or not group.is_led_by(by.participant_id):
        raise NotForThem("Ссылку даёт владелец группы или заместитель")
    if not group.is_active:
        raise GroupNotActive("Группа сейчас не принимает участников")
    return GroupLink(
        id=link_id,
        group_id=group.id,
        by=by.participant_id,
        fingerprint=secrets.fingerprint(secret),
        expires_at=at + LINK_LIFE,
    )
