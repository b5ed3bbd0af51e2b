"""The table of moves of a survey: what may follow what, by whom. What is not here is refused (разд. 9)."""

from collections.abc import Callable, Mapping, Set
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.domain.errors import Conflict, Forbidden
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.actors import SYSTEM, Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.rulebook import SurveyRules
from niktokromenas.domain.surveys.stages import BEFORE_ANNOUNCEMENT, Act, Stage
from niktokromenas.domain.surveys.survey import HistoryEntry, Survey, SurveyActed


class IllegalMove(Conflict):
    """The act does not follow from where the survey stands; `members["possible"]` lists what does."""

    code: ClassVar[str] = "illegal-move"
    basis: ClassVar[str | None] = "Положение, разд. 9"


class OwnSurvey(Forbidden):
    """Nobody decides on a survey that they created, edited or submitted, or of a group that they lead."""

    code: ClassVar[str] = "own-survey"
    basis: ClassVar[str | None] = "Положение, разд. 9"


class NotTheInitiator(Forbidden):
    code: ClassVar[str] = "not-the-initiator"
    basis: ClassVar[str | None] = "Положение, разд. 9"


class NotTheAuthority(Forbidden):
    """The business named another authority."""

    code: ClassVar[str] = "not-the-authority"
    basis: ClassVar[str | None] = "Положение, разд. 9"


Guard = Callable[[Survey, datetime], str | None]
"""Why the move cannot be made now, in Russian; `None` where it can."""


@frozen
class Move:
    """Where an act leads (`None`: the stage stays) and which roles may do it."""

    to: Stage | None
    by: frozenset[Role]
    guard: Guard | None = None


def _is_not_frozen(survey: Survey, _: datetime) -> str | None:
    return (
        "Черновик заморожен: группа, организация или согласие больше не действуют"
        if (survey.freeze_reason is not None)
        else None
    )


def _is_frozen(survey: Survey, _: datetime) -> str | None:
    return None if survey.freeze_reason is not None else "Черновик не заморожен"


def _starts_later(survey: Survey, at: datetime) -> str | None:
    return None if at < survey.starts_at else "Время начала уже прошло"


def _is_within_consent(survey: Survey, at: datetime) -> str | None:
    return "Срок согласования уже прошёл" if _is_past_consent(survey, at) is None else None


def _is_past_consent(survey: Survey, at: datetime) -> str | None:
    due = survey.consent_due
    return None if due is not None and at >= due else "Срок согласования ещё не прошёл"


def _is_past_moderation(survey: Survey, at: datetime) -> str | None:
    if survey.is_late:
        return "Просрочка уже отмечена"
    due = survey.moderation_due
    return None if due is not None and at >= due else "Срок модерации ещё не прошёл"


def _is_announced_now(survey: Survey, at: datetime) -> str | None:
    announce_at = survey.content.announce_at
    if announce_at is None or at < announce_at:
        return "Время объявления ещё не наступило"
    return _starts_later(survey, at)


def _has_started(survey: Survey, at: datetime) -> str | None:
    return None if at >= survey.starts_at else "Время начала ещё не наступило"


def _has_ended(survey: Survey, at: datetime) -> str | None:
    return None if at >= survey.ends_at else "Время окончания ещё не наступило"


def _ends_later(survey: Survey, at: datetime) -> str | None:
    return None if at < survey.ends_at else "Время окончания уже прошло"


def _is_unsealed(survey: Survey, _: datetime) -> str | None:
    return None if survey.head is None else "Журнал уже запечатан"


def _awaits_follow_up(survey: Survey, at: datetime) -> str | None:
    due = survey.follow_up_due
    return None if due is not None and at >= due else "Время напоминания ещё не наступило"


_MODERATOR, _OFFICIAL, _OPERATOR = (
    frozenset({Role.MODERATOR}),
    frozenset({Role.OFFICIAL}),
    frozenset({Role.OPERATOR}),
)
_REFUSING = frozenset({Role.MODERATOR, Role.OPERATOR, Role.TECHNICAL})
_SYSTEM = frozenset({Role.SYSTEM})
_INITIATOR = frozenset({Role.USER, Role.OFFICIAL, Role.OPERATOR, Role.COORDINATOR, Role.TECHNICAL})

INITIATORS_ACTS = frozenset({Act.EDIT, Act.SUBMIT, Act.REVISE, Act.TAKE_BACK, Act.WITHDRAW, Act.FOLLOW_UP})

AUTHORS_ACTS = frozenset({Act.CREATE, Act.EDIT, Act.SUBMIT})

MOVES: Mapping[tuple[Act, Stage], Move] = MappingProxyType(
    {
        (Act.EDIT, Stage.DRAFT): Move(None, _INITIATOR, _is_not_frozen),
        (Act.SUBMIT, Stage.DRAFT): Move(Stage.SUBMITTED, _INITIATOR, _is_not_frozen),
        (Act.CONSENT, Stage.AWAITING_CONSENT): Move(Stage.SUBMITTED, _OFFICIAL, _is_within_consent),
        (Act.DECLINE, Stage.AWAITING_CONSENT): Move(Stage.REFUSED, _OFFICIAL, _is_within_consent),
        (Act.LAPSE_CONSENT, Stage.AWAITING_CONSENT): Move(Stage.DRAFT, _SYSTEM, _is_past_consent),
        (Act.APPROVE, Stage.SUBMITTED): Move(Stage.APPROVED, _MODERATOR, _starts_later),
        (Act.REFUSE, Stage.SUBMITTED): Move(Stage.REFUSED, _REFUSING),
        (Act.REFUSE, Stage.APPROVED): Move(Stage.REFUSED, _REFUSING),
        (Act.MARK_OVERDUE, Stage.SUBMITTED): Move(None, _SYSTEM, _is_past_moderation),
        (Act.REVISE, Stage.REFUSED): Move(Stage.DRAFT, _INITIATOR),
        (Act.TAKE_BACK, Stage.SUBMITTED): Move(Stage.DRAFT, _INITIATOR),
        (Act.TAKE_BACK, Stage.APPROVED): Move(Stage.DRAFT, _INITIATOR),
        (Act.ANNOUNCE, Stage.APPROVED): Move(Stage.ANNOUNCED, _SYSTEM, _is_announced_now),
        (Act.MISS_START, Stage.APPROVED): Move(Stage.DRAFT, _SYSTEM, _has_started),
        **{
            (Act.WITHDRAW, stage): Move(Stage.WITHDRAWN, _INITIATOR)
            for stage in Stage
            if stage in BEFORE_ANNOUNCEMENT
        },
        (Act.WITHDRAW, Stage.ANNOUNCED): Move(Stage.WITHDRAWN, _INITIATOR, _starts_later),
        (Act.OPEN, Stage.ANNOUNCED): Move(Stage.OPEN, _SYSTEM, _has_started),
        (Act.CLOSE, Stage.OPEN): Move(Stage.CLOSED, _SYSTEM, _has_ended),
        (Act.STOP, Stage.ANNOUNCED): Move(Stage.STOPPED, _OPERATOR, _ends_later),
        (Act.STOP, Stage.OPEN): Move(Stage.STOPPED, _OPERATOR, _ends_later),
        (Act.SEAL, Stage.STOPPED): Move(None, _SYSTEM, _is_unsealed),
        (Act.SEAL, Stage.ANNULLED): Move(None, _SYSTEM, _is_unsealed),
        (Act.PUBLISH, Stage.CLOSED): Move(Stage.PUBLISHED, _SYSTEM),
        (Act.ANNUL, Stage.CLOSED): Move(Stage.ANNULLED, _OPERATOR),
        (Act.ANNUL, Stage.PUBLISHED): Move(Stage.ANNULLED, _OPERATOR),
        (Act.FOLLOW_UP, Stage.PUBLISHED): Move(None, _INITIATOR),
        (Act.REMIND_FOLLOW_UP, Stage.PUBLISHED): Move(None, _SYSTEM, _awaits_follow_up),
        **{
            (Act.FREEZE, stage): Move(Stage.DRAFT, _SYSTEM, _is_not_frozen)
            for stage in Stage
            if stage in BEFORE_ANNOUNCEMENT
        },
        (Act.UNFREEZE, Stage.DRAFT): Move(None, _SYSTEM, _is_frozen),
    }
)


def possible_acts(
    survey: Survey, by: Acting, at: datetime, *, led_by: Set[ParticipantId] = frozenset()
) -> list[Act]:
    """What they may do to it now, in the order of the table; `led_by` as in `Doing`."""
    return [
        act
        for (act, stage), move in MOVES.items()
        if stage is survey.stage
        and by.role in move.by
        and _refused_to(survey, act, by, led_by) is None
        and (move.guard is None or move.guard(survey, at) is None)
    ]


def _refused_to(survey: Survey, act: Act, by: Acting, led_by: Set[ParticipantId]) -> Forbidden | None:
    """Why it is not for them, whatever the stage."""
    initiator = survey.initiator
    if act in INITIATORS_ACTS:
        return (
            None if initiator.is_acting(by) else NotTheInitiator("Это может сделать только инициатор опроса")
        )
    if by.role is Role.SYSTEM:
        return None
    if survey.is_own_of(by.participant_id) or by.participant_id in led_by:
        return OwnSurvey("По своему опросу решений не принимают")
    if act in (Act.CONSENT, Act.DECLINE) and (by.body is None or by.body != initiator.authority):
        return NotTheAuthority("Инициатор назвал другой орган")
    return None


@frozen(kw_only=True)
class Doing:
    """How an act is written down: by whom, when, in what words, under which documents."""

    by: Acting
    at: datetime
    rules: SurveyRules
    words: str | None = None
    document: str | None = None
    content: Content | None = None
    due: datetime | None = None
    led_by: Set[ParticipantId] = frozenset()
    """Owner and deputies of the group whose survey it is: they do not decide on it."""


def moved(survey: Survey, act: Act, doing: Doing, *, to: Stage | None = None) -> Survey:
    """The survey after the act, by the table; `to` where the initiator decides the stage.

    Moderation that missed its term is marked before, where the ticker did not come first.
    Raises `Forbidden`, `NotTheInitiator`, `OwnSurvey`, `NotTheAuthority`, `IllegalMove`, in this order: how
    far the survey is concerns only those who may do this at some stage.
    """
    ever = frozenset[Role]().union(*(move.by for (each, _), move in MOVES.items() if each is act))
    if doing.by.role not in ever:
        raise Forbidden("Эта роль так не действует")
    if (refusal := _refused_to(survey, act, doing.by, doing.led_by)) is not None:
        raise refusal
    move = MOVES.get((act, survey.stage))
    if move is None or doing.by.role not in move.by:
        raise _illegal(survey, doing, "Сейчас с опросом так поступить нельзя")
    if move.guard is not None and (why := move.guard(survey, doing.at)) is not None:
        raise _illegal(survey, doing, why)
    if act is not Act.MARK_OVERDUE:
        survey = _marked_late(survey, doing)
    return recorded(evolve(survey, stage=to or move.to or survey.stage), act, survey.stage, doing)


def _marked_late(survey: Survey, doing: Doing) -> Survey:
    """The ticker only records what is already true: what it was too late for is recorded now."""
    move = MOVES.get((Act.MARK_OVERDUE, survey.stage))
    if move is None or move.guard is None or move.guard(survey, doing.at) is not None:
        return survey
    system = Doing(by=SYSTEM, at=doing.at, rules=doing.rules, due=survey.moderation_due)
    return marked_overdue(recorded(survey, Act.MARK_OVERDUE, survey.stage, system))


def marked_overdue(survey: Survey) -> Survey:
    return evolve(survey, overdue_rounds=(*survey.overdue_rounds, survey.round))


def recorded(survey: Survey, act: Act, before: Stage | None, doing: Doing) -> Survey:
    """With the act in the history and its event for the outbox; who wrote something of it is kept."""
    who, authors = doing.by.participant_id, survey.authors
    if act in AUTHORS_ACTS and who is not None and who not in authors:
        authors = (*authors, who)
    entry = HistoryEntry(
        act=act.value,
        from_stage=before,
        to_stage=survey.stage,
        by=doing.by,
        at=doing.at,
        words=doing.words,
        document=doing.document or doing.rules.regulation_words,
        round=survey.round,
        content=doing.content,
    )
    event = SurveyActed(
        at=doing.at,
        subject_id=survey.id,
        number=survey.number,
        act=act.value,
        by_role=doing.by.role,
        by_participant=doing.by.participant_id,
        words=doing.words,
        due=doing.due,
    )
    return evolve(survey, authors=authors, entries=(*survey.entries, entry), events=(*survey.events, event))


def _illegal(survey: Survey, doing: Doing, why: str) -> IllegalMove:
    possible = possible_acts(survey, doing.by, doing.at, led_by=doing.led_by)
    return IllegalMove(why, members={"stage": survey.stage, "possible": [act.value for act in possible]})
