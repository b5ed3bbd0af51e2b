"""Social groups: users who may hold surveys among themselves, moderated like a publication (разд. 9)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Forbidden, refuse
from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import ParticipantId, SocialGroupId
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.participants.actors import SYSTEM, Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.grounds import Ground
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.surveys.rulebook import SurveyRules
from niktokromenas.domain.values import is_blank

NAME_LIMIT = 200
ABOUT_LIMIT = 2000
DEPUTIES_LIMIT = 10
_BASIS = "Положение, разд. 9"


class Joining(StrEnum):
    OPEN = "open"
    BY_APPROVAL = "by-approval"


class GroupStage(StrEnum):
    SUBMITTED = "submitted"
    ACTIVE = "active"
    REFUSED = "refused"
    ENDED = "ended"


class GroupAct(StrEnum):
    CREATE = "create"
    APPROVE = "approve"
    REFUSE = "refuse"
    REVISE = "revise"
    NAME_DEPUTY = "name-deputy"
    DISMISS_DEPUTY = "dismiss-deputy"
    HAND_OVER = "hand-over"
    END = "end"
    MARK_OVERDUE = "mark-overdue"


class IllegalGroupMove(Conflict):
    """The act does not follow from where the group stands; `members["possible"]` lists what does."""

    code: ClassVar[str] = "illegal-move"
    basis: ClassVar[str | None] = _BASIS


class NotTheOwner(Forbidden):
    code: ClassVar[str] = "not-the-owner"
    basis: ClassVar[str | None] = _BASIS


class OwnGroup(Forbidden):
    """Nobody decides on their own group."""

    code: ClassVar[str] = "own-group"
    basis: ClassVar[str | None] = _BASIS


class SurveysOpen(Conflict):
    """A group ends only when no survey of its own is announced or open; `members["surveys"]` counts them."""

    code: ClassVar[str] = "surveys-open"
    basis: ClassVar[str | None] = _BASIS


@frozen(kw_only=True)
class GroupContent:
    name: str
    about: str = ""
    joining: Joining = Joining.OPEN


@frozen(kw_only=True)
class GroupActed(Event):
    kind: ClassVar[str] = "group-acted"
    act: str
    by_role: str
    by_participant: ParticipantId | None
    about_participant: ParticipantId | None = None
    words: str | None = None


@frozen(kw_only=True)
class GroupEntry:
    """One act as it stays for ever."""

    act: str
    from_stage: str | None
    to_stage: str
    by: Acting
    at: datetime
    words: str | None = None
    document: str | None = None
    content: GroupContent | None = None


@frozen(kw_only=True)
class GroupRefusal:
    grounds: tuple[str, ...]
    words: str
    at: datetime


@frozen(kw_only=True)
class SocialGroup:
    """Immutable: each act returns the next state. Members are aggregates of their own: see `membership`."""

    id: SocialGroupId
    content: GroupContent
    owner_id: ParticipantId
    created_at: datetime
    deputies: tuple[ParticipantId, ...] = ()
    stage: GroupStage = GroupStage.SUBMITTED
    known_as: str | None = None
    """Its name as last approved: what others are told while another one is moderated, or was refused."""
    moderation_due: datetime | None = None
    overdue_at: datetime | None = None
    refusal: GroupRefusal | None = None
    ended_at: datetime | None = None
    version: int = 0
    events: tuple[Event, ...] = field(default=(), eq=False, repr=False)
    entries: tuple[GroupEntry, ...] = field(default=(), eq=False, repr=False)
    """History not saved yet, like `events`."""

    @property
    def is_active(self) -> bool:
        return self.stage is GroupStage.ACTIVE

    @property
    def has_ended(self) -> bool:
        """Its members are nobody's target any more; while it is moderated anew, they still are."""
        return self.stage is GroupStage.ENDED

    @property
    def leaders(self) -> frozenset[ParticipantId]:
        """The owner and the deputies invite, admit and exclude."""
        return frozenset((self.owner_id, *self.deputies))

    def is_led_by(self, participant_id: ParticipantId | None) -> bool:
        return participant_id in self.leaders


Guard = Callable[[SocialGroup, datetime], str | None]


@frozen
class GroupMove:
    """Where an act leads (`None`: the stage stays) and which roles may; a user's is the owner's alone."""

    to: GroupStage | None
    by: frozenset[Role]
    guard: Guard | None = None


def _is_past_moderation(group: SocialGroup, at: datetime) -> str | None:
    if group.overdue_at is not None:
        return "Просрочка уже отмечена"
    due = group.moderation_due
    return None if due is not None and at >= due else "Срок модерации ещё не прошёл"


_OWNER, _MODERATOR, _SYSTEM = (
    frozenset({Role.USER}),
    frozenset({Role.MODERATOR}),
    frozenset({Role.SYSTEM}),
)
_LIVING = (GroupStage.SUBMITTED, GroupStage.ACTIVE, GroupStage.REFUSED)

GROUP_MOVES: Mapping[tuple[GroupAct, GroupStage], GroupMove] = MappingProxyType(
    {
        (GroupAct.APPROVE, GroupStage.SUBMITTED): GroupMove(GroupStage.ACTIVE, _MODERATOR),
        (GroupAct.REFUSE, GroupStage.SUBMITTED): GroupMove(GroupStage.REFUSED, _MODERATOR),
        (GroupAct.REFUSE, GroupStage.ACTIVE): GroupMove(GroupStage.REFUSED, _MODERATOR),
        (GroupAct.MARK_OVERDUE, GroupStage.SUBMITTED): GroupMove(None, _SYSTEM, _is_past_moderation),
        (GroupAct.REVISE, GroupStage.REFUSED): GroupMove(GroupStage.SUBMITTED, _OWNER),
        (GroupAct.REVISE, GroupStage.ACTIVE): GroupMove(GroupStage.SUBMITTED, _OWNER),
        **{
            (act, stage): GroupMove(None, _OWNER)
            for act in (GroupAct.NAME_DEPUTY, GroupAct.DISMISS_DEPUTY, GroupAct.HAND_OVER)
            for stage in _LIVING
        },
        **{(GroupAct.END, stage): GroupMove(GroupStage.ENDED, _OWNER) for stage in _LIVING},
    }
)


def possible_group_acts(group: SocialGroup, by: Acting, at: datetime) -> list[GroupAct]:
    """What they may do to it now, in the order of the table."""
    return [
        act
        for (act, stage), move in GROUP_MOVES.items()
        if stage is group.stage
        and by.role in move.by
        and _refused_to(group, by) is None
        and (move.guard is None or move.guard(group, at) is None)
    ]


def _refused_to(group: SocialGroup, by: Acting) -> Forbidden | None:
    is_owner = by.participant_id == group.owner_id and by.organisation_id is None
    if by.role is Role.USER and not is_owner:
        return NotTheOwner("Это может сделать только владелец группы")
    if by.role not in (Role.USER, Role.SYSTEM) and group.is_led_by(by.participant_id):
        return OwnGroup("По своей группе решений не принимают")
    return None


@frozen(kw_only=True)
class GroupDoing:
    """How an act is written down."""

    by: Acting
    at: datetime
    rules: SurveyRules
    words: str | None = None
    document: str | None = None
    content: GroupContent | None = None
    about: ParticipantId | None = None


def _moved(group: SocialGroup, act: GroupAct, doing: GroupDoing) -> SocialGroup:
    """Moderation that missed its term is marked before, where the ticker did not come first.

    Raises `Forbidden`, `NotTheOwner`, `OwnGroup`, `IllegalGroupMove`, in this order.
    """
    ever = frozenset[Role]().union(*(move.by for (each, _), move in GROUP_MOVES.items() if each is act))
    if doing.by.role not in ever:
        raise Forbidden("Эта роль так не действует")
    if (refusal := _refused_to(group, doing.by)) is not None:
        raise refusal
    move = GROUP_MOVES.get((act, group.stage))
    why = "Сейчас с группой так поступить нельзя" if move is None else None
    if move is not None and move.guard is not None:
        why = move.guard(group, doing.at)
    if move is None or why is not None:
        possible = [each.value for each in possible_group_acts(group, doing.by, doing.at)]
        raise IllegalGroupMove(why or "", members={"stage": group.stage, "possible": possible})
    if act is not GroupAct.MARK_OVERDUE:
        group = tick_group(group, doing.rules, at=doing.at)
    return _recorded(evolve(group, stage=move.to or group.stage), act, group.stage, doing)


def _recorded(group: SocialGroup, act: GroupAct, before: GroupStage | None, doing: GroupDoing) -> SocialGroup:
    entry = GroupEntry(
        act=act.value,
        from_stage=before,
        to_stage=group.stage,
        by=doing.by,
        at=doing.at,
        words=doing.words,
        document=doing.document or doing.rules.regulation_words,
        content=doing.content,
    )
    event = GroupActed(
        at=doing.at,
        subject_id=group.id,
        act=act.value,
        by_role=doing.by.role,
        by_participant=doing.by.participant_id,
        about_participant=doing.about,
        words=doing.words,
    )
    return evolve(group, entries=(*group.entries, entry), events=(*group.events, event))


def _content_faults(content: GroupContent) -> Iterator[Fault]:
    if is_blank(content.name):
        yield Fault("/name", "no-name", "Назовите группу", _BASIS)
    if len(content.name) > NAME_LIMIT:
        yield Fault("/name", "too-long", f"Не длиннее {NAME_LIMIT} знаков")
    yield from hidden_faults(content.name, "/name", is_line=True)
    yield from hidden_faults(content.about, "/about")
    if len(content.about) > ABOUT_LIMIT:
        yield Fault("/about", "too-long", f"Не длиннее {ABOUT_LIMIT} знаков")


def create_group(group_id: SocialGroupId, content: GroupContent, doing: GroupDoing) -> SocialGroup:
    """A group of a person's, seen by others once it is approved. Raises `Invalid`, `Forbidden`."""
    if doing.by.role is not Role.USER or doing.by.participant_id is None or doing.by.organisation_id:
        raise Forbidden("Группу создаёт физическое лицо")
    refuse(list(_content_faults(content)))
    group = SocialGroup(
        id=group_id,
        content=content,
        owner_id=doing.by.participant_id,
        created_at=doing.at,
        moderation_due=doing.rules.moderation_due(doing.at),
    )
    return _recorded(group, GroupAct.CREATE, None, evolve(doing, content=content))


def approve_group(group: SocialGroup, doing: GroupDoing) -> SocialGroup:
    after = _moved(group, GroupAct.APPROVE, evolve(doing, document=doing.rules.moderation_words))
    return evolve(after, moderation_due=None, refusal=None, known_as=group.content.name)


def refuse_group(
    group: SocialGroup, grounds: tuple[Ground, ...], words: str | None, doing: GroupDoing
) -> SocialGroup:
    """By grounds and in words; an active one too, where a ground is found later."""
    nothing = [] if grounds else [Fault("/grounds", "no-grounds", "Назовите основание отказа", _BASIS)]
    said = words_or_refuse(words, "/words", "Объясните отказ владельцу своими словами", beside=nothing)
    document = doing.rules.moderation_words
    after = _moved(group, GroupAct.REFUSE, evolve(doing, words=said, document=document))
    codes = tuple(ground.code for ground in grounds)
    return evolve(after, moderation_due=None, refusal=GroupRefusal(grounds=codes, words=said, at=doing.at))


def revise_group(group: SocialGroup, content: GroupContent, doing: GroupDoing) -> SocialGroup:
    """Another name, description or way of joining: checked again, with a term of its own; members stay."""
    after = _moved(group, GroupAct.REVISE, evolve(doing, content=content))
    refuse(list(_content_faults(content)))
    due = doing.rules.moderation_due(doing.at)
    return evolve(after, content=content, moderation_due=due, overdue_at=None)


def name_deputy(
    group: SocialGroup, participant_id: ParticipantId, *, is_member: bool, doing: GroupDoing
) -> SocialGroup:
    """A member helps the owner. Raises `Invalid`."""
    after = _moved(group, GroupAct.NAME_DEPUTY, evolve(doing, about=participant_id))
    _require_member(group, participant_id, is_member=is_member)
    if participant_id in group.deputies:
        refuse([Fault("/participant", "repeated", "Это уже заместитель")])
    if len(group.deputies) >= DEPUTIES_LIMIT:
        refuse([Fault("/participant", "too-many", f"Не больше {DEPUTIES_LIMIT} заместителей")])
    return evolve(after, deputies=(*group.deputies, participant_id))


def _require_member(group: SocialGroup, participant_id: ParticipantId, *, is_member: bool) -> None:
    if participant_id == group.owner_id or not is_member:
        refuse([Fault("/participant", "not-a-member", "Выберите участника группы", _BASIS)])


def dismiss_deputy(group: SocialGroup, participant_id: ParticipantId, doing: GroupDoing) -> SocialGroup:
    """Raises `Invalid` where it is none."""
    after = _moved(group, GroupAct.DISMISS_DEPUTY, evolve(doing, about=participant_id))
    if participant_id not in group.deputies:
        refuse([Fault("/participant", "not-a-deputy", "Это не заместитель")])
    return _without(after, participant_id)


def deputy_gone(group: SocialGroup, participant_id: ParticipantId, doing: GroupDoing) -> SocialGroup:
    """Whoever left or was excluded is no deputy any more, in whatever stage the group is.

    `doing`: who left, or who excluded them. The same group where they were none.
    """
    if participant_id not in group.deputies:
        return group
    without = _without(group, participant_id)
    return _recorded(without, GroupAct.DISMISS_DEPUTY, group.stage, evolve(doing, about=participant_id))


def _without(group: SocialGroup, participant_id: ParticipantId) -> SocialGroup:
    return evolve(group, deputies=tuple(each for each in group.deputies if each != participant_id))


def hand_over(
    group: SocialGroup, participant_id: ParticipantId, *, is_member: bool, doing: GroupDoing
) -> SocialGroup:
    """Another member owns it from now on; the owner before stays a member. Raises `Invalid`."""
    after = _moved(group, GroupAct.HAND_OVER, evolve(doing, about=participant_id))
    _require_member(group, participant_id, is_member=is_member)
    return evolve(_without(after, participant_id), owner_id=participant_id)


def end_group(group: SocialGroup, *, open_surveys: int, doing: GroupDoing) -> SocialGroup:
    """`open_surveys`: how many of its own are announced or open. Raises `SurveysOpen`.

    Its drafts freeze, see `surveys.ticking.freeze`.
    """
    after = _moved(group, GroupAct.END, doing)
    if open_surveys:
        raise SurveysOpen(
            "Группа завершается, когда её опросы закончились", members={"surveys": open_surveys}
        )
    return evolve(after, moderation_due=None, ended_at=doing.at)


def tick_group(group: SocialGroup, rules: SurveyRules, *, at: datetime) -> SocialGroup:
    """A missed term of moderation is marked, once a round; the same group where there is none."""
    due = group.moderation_due
    if due is None or at < due or group.overdue_at is not None:
        return group
    after = _moved(group, GroupAct.MARK_OVERDUE, GroupDoing(by=SYSTEM, at=at, rules=rules))
    return evolve(after, overdue_at=at)
