"""News of a survey for those it asks: what they hear, when, and how long it is news (Положение, разд. 9)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.notices import NoticeKind, NoticeMode
from niktokromenas.domain.surveys.opening import is_open
from niktokromenas.domain.surveys.stages import Act, Stage
from niktokromenas.domain.surveys.survey import Survey

LAST_DAY = timedelta(hours=24)
"""How long before a term it is called near."""

ANNOUNCING: Mapping[str, NoticeKind] = MappingProxyType(
    {
        Act.ANNOUNCE: NoticeKind.SURVEY_UPCOMING,
        Act.OPEN: NoticeKind.SURVEY_OPEN,
        Act.PUBLISH: NoticeKind.SURVEY_RESULTS,
        Act.WITHDRAW: NoticeKind.SURVEY_WITHDRAWN,
        Act.STOP: NoticeKind.SURVEY_STOPPED,
        Act.ANNUL: NoticeKind.SURVEY_ANNULLED,
    }
)
"""What people hear of, by act."""

_WHILE: Mapping[NoticeKind, Stage] = MappingProxyType(
    {
        NoticeKind.SURVEY_RESULTS: Stage.PUBLISHED,
        NoticeKind.SURVEY_WITHDRAWN: Stage.WITHDRAWN,
        NoticeKind.SURVEY_STOPPED: Stage.STOPPED,
        NoticeKind.SURVEY_ANNULLED: Stage.ANNULLED,
    }
)
_ENDINGS = frozenset(_WHILE)
_WITHOUT_BALLOTS = frozenset({NoticeKind.SURVEY_WITHDRAWN})


@frozen(kw_only=True)
class Announcement:
    """News on its way to many people, some at a time. `after`: where the last batch ended."""

    event_id: UUID
    kind: NoticeKind
    survey_id: SurveyId
    at: datetime
    """What the feed shows: when it happened, or began to be true."""
    begins_at: datetime
    """Nobody is told before."""
    by_participant: ParticipantId | None = None
    after: ParticipantId | None = None


def last_day_of(survey: Survey) -> datetime | None:
    """When the last day begins; of one that lasts under two days none is told: it has just opened."""
    is_long = survey.ends_at - survey.starts_at >= 2 * LAST_DAY
    return survey.ends_at - LAST_DAY if is_long else None


def announcements_of(
    survey: Survey, act: str, *, event_id: UUID, at: datetime, by: ParticipantId | None, due: datetime | None
) -> tuple[Announcement, ...]:
    """What is to go round after the act; nothing of what nobody outside knows of.

    `due`: the term that the act set. The last day follows from the opening and the term of consent from the
    submission: nothing of them moves any more, and what is past its time is no news (`is_news`).
    """
    kind = ANNOUNCING.get(act)
    if act == Act.SUBMIT and survey.initiator.authority is not None and due is not None:
        kind, at = NoticeKind.CONSENT_DUE_SOON, max(at, due - LAST_DAY)
    elif kind is None or not survey.is_public:
        return ()
    first = Announcement(
        event_id=event_id, kind=kind, survey_id=survey.id, at=at, begins_at=at, by_participant=by
    )
    last_day = last_day_of(survey) if act == Act.OPEN else None
    if last_day is None:
        return (first,)
    return first, evolve(first, kind=NoticeKind.SURVEY_LAST_DAY, at=last_day, begins_at=last_day)


def is_news(kind: NoticeKind, survey: Survey, at: datetime) -> bool:
    """Whether it is still worth telling: each step of a survey's life takes the place of the one before."""
    match kind:
        case NoticeKind.CONSENT_DUE_SOON:
            due = survey.consent_due
            return survey.stage is Stage.AWAITING_CONSENT and due is not None and due - LAST_DAY <= at < due
        case NoticeKind.SURVEY_UPCOMING:
            return survey.stage is Stage.ANNOUNCED and at < survey.starts_at
        case NoticeKind.SURVEY_OPEN:
            last_day = last_day_of(survey) if is_open(survey, at) else at
            return last_day is None or at < last_day
        case NoticeKind.SURVEY_LAST_DAY:
            return is_open(survey, at)
        case _:
            return survey.is_public and survey.stage is _WHILE.get(kind)


def still_matters(kind: NoticeKind, survey: Survey, at: datetime) -> bool:
    """Whether the letter of the day tells it: of one to come or running, while it can be answered."""
    if kind is NoticeKind.ANY_SURVEY_RESULTS:
        kind = NoticeKind.SURVEY_RESULTS
    if kind in _ENDINGS:
        return is_news(kind, survey, at)
    return survey.stage in (Stage.ANNOUNCED, Stage.OPEN) and at < survey.ends_at


def asks_who_took_part(kind: NoticeKind) -> bool:
    """While a survey runs nobody's taking part decides what they hear: feeds would tell when they did."""
    return kind in _ENDINGS - _WITHOUT_BALLOTS


def told_to(kind: NoticeKind, *, is_inside: bool, took_part: bool, mode: NoticeMode) -> NoticeKind | None:
    """As what kind a person hears of it, if at all.

    `is_inside`: of the target group; unknown is not inside. `mode`: what they chose for results of surveys in
    which they could have taken part: those come to whoever asked for them.
    """
    if took_part:
        return kind
    if not is_inside:
        return None
    if kind is NoticeKind.SURVEY_RESULTS:
        return None if mode is NoticeMode.OFF else NoticeKind.ANY_SURVEY_RESULTS
    return kind


def day_that_counts(survey: Survey, at: datetime) -> datetime:
    """At which instant people are looked at: when they can answer, at the latest when they could have."""
    return min(max(at, survey.starts_at), survey.ends_at - timedelta.resolution)
