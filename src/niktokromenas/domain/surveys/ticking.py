"""What time alone does to a survey, and what the system does when it ends (Положение, разд. 9)."""

from datetime import datetime

from attrs import evolve

from niktokromenas.domain.participants.actors import SYSTEM
from niktokromenas.domain.surveys.initiating import at_rest
from niktokromenas.domain.surveys.log import SignedHead
from niktokromenas.domain.surveys.moves import Doing, marked_overdue, moved
from niktokromenas.domain.surveys.rulebook import SurveyRules
from niktokromenas.domain.surveys.stages import FREEZE_WORDS, Act, FreezeReason, Stage
from niktokromenas.domain.surveys.survey import Survey


def next_tick(survey: Survey) -> datetime | None:
    """The first instant at which there is something to record about the survey."""
    pending = _pending(survey)
    return None if pending is None else pending[0]


def _pending(survey: Survey) -> tuple[datetime, Act] | None:
    match survey.stage:
        case Stage.AWAITING_CONSENT if survey.consent_due is not None:
            return survey.consent_due, Act.LAPSE_CONSENT
        case Stage.SUBMITTED if survey.moderation_due is not None and not survey.is_late:
            return survey.moderation_due, Act.MARK_OVERDUE
        case Stage.APPROVED:
            announce_at = survey.content.announce_at
            assert announce_at is not None
            return announce_at, Act.ANNOUNCE
        case Stage.ANNOUNCED:
            return survey.starts_at, Act.OPEN
        case Stage.OPEN:
            return survey.ends_at, Act.CLOSE
        case Stage.PUBLISHED if survey.follow_up_due is not None:
            return survey.follow_up_due, Act.REMIND_FOLLOW_UP
        case _:
            return None


def tick(survey: Survey, rules: SurveyRules, *, at: datetime) -> Survey:
    """Record everything that is true at `at`; the same survey where nothing is.

    One that was approved and not announced before its start goes back to its initiator.
    """
    doing = Doing(by=SYSTEM, at=at, rules=rules)
    while (pending := _pending(survey)) is not None and pending[0] <= at:
        due, act = pending
        if act is Act.ANNOUNCE and survey.starts_at <= at:
            act, due = Act.MISS_START, survey.starts_at
        survey = _recorded(survey, act, evolve(doing, due=due))
    return survey


def _recorded(survey: Survey, act: Act, doing: Doing) -> Survey:
    after = moved(survey, act, doing)
    match act:
        case Act.LAPSE_CONSENT | Act.MISS_START:
            return at_rest(after)
        case Act.MARK_OVERDUE:
            return marked_overdue(after)
        case Act.ANNOUNCE:
            return evolve(after, announced_at=doing.at)
        case Act.REMIND_FOLLOW_UP:
            return evolve(after, follow_up_due=None)
        case _:
            return after


def publish(survey: Survey, head: SignedHead, rules: SurveyRules, *, at: datetime) -> Survey:
    """The tally is there and the root over its ballots signed; the initiator owes what follows from it."""
    _require_own(survey, head)
    after = moved(survey, Act.PUBLISH, Doing(by=SYSTEM, at=at, rules=rules))
    return evolve(after, head=head, published_at=at, follow_up_due=rules.follow_up_due(at))


def seal(survey: Survey, head: SignedHead, rules: SurveyRules, *, at: datetime) -> Survey:
    """The log of one that was stopped, or annulled before it was counted, is sealed without a tally."""
    _require_own(survey, head)
    after = moved(survey, Act.SEAL, Doing(by=SYSTEM, at=at, rules=rules))
    return evolve(after, head=head)


def _require_own(survey: Survey, head: SignedHead) -> None:
    if head.head.survey_id != survey.id:
        raise ValueError("the head is another survey's")


def freeze(survey: Survey, reason: FreezeReason, rules: SurveyRules, *, at: datetime) -> Survey:
    """The group, the business or the consent ended: what was not announced waits as a draft."""
    after = moved(survey, Act.FREEZE, Doing(by=SYSTEM, at=at, rules=rules, words=FREEZE_WORDS[reason]))
    return evolve(at_rest(after), freeze_reason=reason)


def unfreeze(survey: Survey, rules: SurveyRules, *, at: datetime) -> Survey:
    after = moved(survey, Act.UNFREEZE, Doing(by=SYSTEM, at=at, rules=rules))
    return evolve(after, freeze_reason=None)
