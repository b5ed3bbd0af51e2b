"""The words of a survey's life (Положение, разд. 9)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class SurveyKind(StrEnum):
    """A vote has one question, a satisfaction round a series, a legislative vote is open (п. 2.1, 2.2)."""

    SURVEY = "survey"
    VOTE = "vote"
    SATISFACTION = "satisfaction"
    LEGISLATIVE = "legislative"


VOTES = frozenset({SurveyKind.VOTE, SurveyKind.LEGISLATIVE})


class Secrecy(StrEnum):
    OPEN = "open"
    SECRET = "secret"


class Stage(StrEnum):
    DRAFT = "draft"
    AWAITING_CONSENT = "awaiting-consent"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    ANNULLED = "annulled"


class Act(StrEnum):
    CREATE = "create"
    EDIT = "edit"
    SUBMIT = "submit"
    CONSENT = "consent"
    DECLINE = "decline"
    LAPSE_CONSENT = "lapse-consent"
    APPROVE = "approve"
    REFUSE = "refuse"
    REVISE = "revise"
    TAKE_BACK = "take-back"
    ANNOUNCE = "announce"
    MISS_START = "miss-start"
    WITHDRAW = "withdraw"
    OPEN = "open"
    CLOSE = "close"
    STOP = "stop"
    SEAL = "seal"
    PUBLISH = "publish"
    ANNUL = "annul"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    FOLLOW_UP = "follow-up"
    REMIND_FOLLOW_UP = "remind-follow-up"
    MARK_OVERDUE = "mark-overdue"


BEFORE_ANNOUNCEMENT = frozenset(
    {Stage.DRAFT, Stage.AWAITING_CONSENT, Stage.SUBMITTED, Stage.APPROVED, Stage.REFUSED}
)
ANNOUNCED_STAGES = frozenset(Stage) - BEFORE_ANNOUNCEMENT - {Stage.WITHDRAWN}
"""Everyone sees it; a withdrawn one only where it was announced before."""


class InitiatorKind(StrEnum):
    """Who may form surveys (п. 9): bodies, users in their group, socially oriented business."""

    AUTHORITY = "authority"
    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    TECHNICAL = "technical"
    GROUP = "group"
    BUSINESS = "business"


class FreezeReason(StrEnum):
    GROUP_ENDED = "group-ended"
    BUSINESS_ENDED = "business-ended"
    CONSENT_ENDED = "consent-ended"


FREEZE_WORDS: Mapping[FreezeReason, str] = MappingProxyType(
    {
        FreezeReason.GROUP_ENDED: "Социальная группа больше не действует",
        FreezeReason.BUSINESS_ENDED: "По данным ЕСИА организация ликвидирована",
        FreezeReason.CONSENT_ENDED: "Согласие органа больше не действует",
    }
)
"""What the history and the letter say."""


class Topic(StrEnum):
    """What residents are asked about regularly (п. 2.2)."""

    TRANSPORT = "transport"
    ROADS = "roads"
    HEATING = "heating"
    WATER = "water"
    ELECTRICITY = "electricity"
    GAS = "gas"
