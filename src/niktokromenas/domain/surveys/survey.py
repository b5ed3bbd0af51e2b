"""The survey: from an idea to a result, and all that happened to it on the way (Положение, разд. 9)."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from attrs import field, frozen

from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.log import SignedHead
from niktokromenas.domain.surveys.stages import ANNOUNCED_STAGES, FreezeReason, InitiatorKind, Stage

BODIES: Mapping[Role, InitiatorKind] = MappingProxyType(
    {
        Role.OFFICIAL: InitiatorKind.AUTHORITY,
        Role.OPERATOR: InitiatorKind.OPERATOR,
        Role.COORDINATOR: InitiatorKind.COORDINATOR,
        Role.TECHNICAL: InitiatorKind.TECHNICAL,
    }
)
"""As what each role initiates for its body (Положение, разд. 9); all others do so as users."""
_ROLES = {kind: role for role, kind in BODIES.items()}


@frozen(kw_only=True)
class SurveyActed(Event):
    """Something was done to a survey; notices follow from it."""

    kind: ClassVar[str] = "survey-acted"
    number: str
    act: str
    by_role: str
    by_participant: ParticipantId | None
    words: str | None = None
    due: datetime | None = None
    """The term that whoever is told should know."""


@frozen(kw_only=True)
class HistoryEntry:
    """One act as it stays for ever: who, under which grant, when, why, by which documents."""

    act: str
    from_stage: str | None
    to_stage: str
    by: Acting
    at: datetime
    words: str | None = None
    document: str | None = None
    round: int = 0
    content: Content | None = None
    """What the survey says from this entry on, where the act changed it."""


@frozen(kw_only=True)
class Initiator:
    """Who it belongs to. A body's survey is any of its people's, a group's its author's alone."""

    kind: InitiatorKind
    participant_id: ParticipantId
    """The person who formed it."""
    body: str | None = None
    """Code of the authority or governing body."""
    group_id: SocialGroupId | None = None
    organisation_id: ParticipantId | None = None
    authority: str | None = None
    """Of a business: code of the authority that controls it."""

    def is_acting(self, by: Acting) -> bool:
        """Whether who acts does so for the initiator."""
        if by.role is not _ROLES.get(self.kind, Role.USER):
            return False
        if self.kind is InitiatorKind.BUSINESS:
            return self.organisation_id is not None and by.organisation_id == self.organisation_id
        if self.kind is InitiatorKind.GROUP:
            return by.organisation_id is None and by.participant_id == self.participant_id
        return by.body is not None and by.body == self.body


@frozen(kw_only=True)
class Refusal:
    """Why it may not be published: grounds and words, sent to the initiator."""

    grounds: tuple[str, ...]
    words: str
    by_role: Role
    at: datetime


@frozen(kw_only=True)
class Ending:
    """Why it came to no result: withdrawn, stopped or annulled, in public words."""

    words: str
    at: datetime
    at_demand_of: str | None = None
    """Code of the consenting authority that demanded the stop."""


@frozen(kw_only=True)
class FollowUp:
    """What was done with the result, by the initiator."""

    words: str
    at: datetime


@frozen(kw_only=True)
class Survey:
    """Immutable: each act returns the next state with its event and history added."""

    id: SurveyId
    number: str
    initiator: Initiator
    content: Content
    created_at: datetime
    stage: Stage = Stage.DRAFT
    authors: tuple[ParticipantId, ...] = ()
    """Whoever created, edited or submitted it, in the order they first did: none of them decides on it."""
    round: int = 0
    """How often it was submitted; each time has a term of its own."""
    consent_due: datetime | None = None
    moderation_due: datetime | None = None
    overdue_rounds: tuple[int, ...] = ()
    """Rounds whose moderation was late: the mark stays."""
    refusal: Refusal | None = None
    freeze_reason: FreezeReason | None = None
    announced_at: datetime | None = None
    ending: Ending | None = None
    head: SignedHead | None = None
    published_at: datetime | None = None
    follow_up_due: datetime | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    copied_from: SurveyId | None = None
    version: int = 0
    events: tuple[Event, ...] = field(default=(), eq=False, repr=False)
    entries: tuple[HistoryEntry, ...] = field(default=(), eq=False, repr=False)
    """History not saved yet, like `events`."""

    @property
    def starts_at(self) -> datetime:
        """Of one that has been submitted."""
        assert self.content.starts_at is not None
        return self.content.starts_at

    @property
    def ends_at(self) -> datetime:
        """Of one that has been submitted."""
        assert self.content.ends_at is not None
        return self.content.ends_at

    @property
    def is_public(self) -> bool:
        """Everyone may know of it."""
        was_announced = self.stage is Stage.WITHDRAWN and self.announced_at is not None
        return self.stage in ANNOUNCED_STAGES or was_announced

    def is_own_of(self, participant_id: ParticipantId | None) -> bool:
        """They formed it, or had a hand in what it says."""
        return participant_id in (self.initiator.participant_id, *self.authors)

    @property
    def is_late(self) -> bool:
        """The moderation of the present round missed its term."""
        return self.round in self.overdue_rounds
