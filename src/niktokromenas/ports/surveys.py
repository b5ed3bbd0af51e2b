"""Surveys and votes as one unit of work sees them, and as readers do (Положение, разд. 9)."""

from datetime import datetime
from typing import ClassVar, NamedTuple, Protocol

from attrs import frozen

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.messages.numbers import public_number
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.content import Series
from niktokromenas.domain.surveys.stages import InitiatorKind, Stage
from niktokromenas.domain.surveys.survey import BODIES, HistoryEntry, Initiator, Survey
from niktokromenas.ports.messages import Cursor, Page


class SurveyNotFound(NotFound):
    code: ClassVar[str] = "survey-not-found"


class Surveys(Protocol):
    """Surveys of one unit. Contract: tests/contract/test_surveys.py.

    `add` stores a new one; `save` stores the next state, its history and its events, and returns the
    survey as stored (version + 1, nothing pending), or raises `StaleVersion`.
    """

    async def by_number(self, number: str) -> Survey:
        """Raises `SurveyNotFound`."""
        ...

    async def by_id(self, survey_id: SurveyId) -> Survey:
        """Raises `SurveyNotFound`."""
        ...

    async def to_answer(self, survey_id: SurveyId) -> Survey:
        """As `by_id`, for a unit that casts a ballot: `to_count` waits until it is over.

        Look at the clock after it. Raises `SurveyNotFound`.
        """
        ...

    async def to_count(self, survey_id: SurveyId) -> Survey:
        """As `by_id`, for a unit that closes the log: every ballot cast under `to_answer` is there.

        Later units that ask to answer wait until this one is over. Raises `SurveyNotFound`.
        """
        ...

    async def add(self, survey: Survey) -> Survey: ...

    async def save(self, survey: Survey) -> Survey: ...

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[SurveyId, ...]:
        """Surveys about which time has something to record at `at`, the longest due first."""
        ...

    async def to_seal(self, limit: int) -> tuple[SurveyId, ...]:
        """Ended ones without a signed head: closed ones to publish, stopped and annulled ones to seal. By id.

        Ballots are rewritten and swept before the head is saved: what a kill interrupts is found here again.
        """
        ...

    async def running_of_group(self, group_id: SocialGroupId) -> int:
        """How many surveys of the social group are announced or open."""
        ...

    async def waiting_of(
        self, whose: SocialGroupId | str, after: SurveyId | None, limit: int
    ) -> tuple[SurveyId, ...]:
        """Surveys of this social group or owner (`owner_of`) on the way to be announced, by id."""
        ...

    async def waiting_under(
        self, authority: str, after: SurveyId | None, limit: int, *, frozen: bool
    ) -> tuple[SurveyId, ...]:
        """Surveys of business under this authority on the way to be announced, frozen or not, by id."""
        ...

    async def acted_for(
        self, survey_id: SurveyId, organisation_id: ParticipantId
    ) -> tuple[ParticipantId, ...]:
        """Who acted on the survey for the organisation, by id; also before, in the same unit."""
        ...

    async def last_round(self, series: Series) -> Survey | None:
        """The round of the series that was published last."""
        ...


class SurveyNumbers(Protocol):
    """Public numbers: unique, rising, gaps allowed. Contract: tests/contract/test_surveys.py."""

    async def next(self, year: int) -> str:
        """The next number of that year, such as `S-26-000123`. Called outside a unit."""
        ...


def survey_number(year: int, ordinal: int) -> str:
    """Of surveys and votes; messages have the same without the letter."""
    return f"S-{public_number(year, ordinal)}"


def business_owner(organisation_id: ParticipantId | None) -> str:
    return f"business:{organisation_id}"


def owner_of(initiator: Initiator) -> str:
    """Whose survey it is, in one word: who acts for one survey of an owner acts for all of them."""
    match initiator.kind:
        case InitiatorKind.GROUP:
            return f"person:{initiator.participant_id}"
        case InitiatorKind.BUSINESS:
            return business_owner(initiator.organisation_id)
        case kind:
            return f"{kind}:{initiator.body}"


def owner_acting(by: Acting) -> str | None:
    """The owner for whom they act; `None` where nobody can be."""
    if by.role is Role.USER:
        if by.organisation_id is not None:
            return f"business:{by.organisation_id}"
        return None if by.participant_id is None else f"person:{by.participant_id}"
    kind = BODIES.get(by.role)
    return None if kind is None or by.body is None else f"{kind}:{by.body}"


@frozen(kw_only=True)
class SurveyFilter:
    """What of the public list to show; all given parts must hold."""

    kind: str | None = None
    stage: str | None = None
    topic: str | None = None
    """Of a satisfaction round."""
    municipality: str | None = None
    """Of a satisfaction round (OKTMO)."""
    initiator: str | None = None
    """Code of the authority or governing body."""
    group_id: SocialGroupId | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Starts in [since, until)."""


class SurveyItem(NamedTuple):
    """A survey as lists show it; nothing of who formed it but the body."""

    id: SurveyId
    number: str
    title: str
    kind: str
    stage: str
    secrecy: str
    is_changeable: bool
    initiator_kind: str
    body: str | None
    group_id: SocialGroupId | None
    topic: str | None
    municipality: str | None
    created_at: datetime
    announced_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    is_late: bool
    """The moderation of its present round missed its term."""
    is_frozen: bool


@frozen(kw_only=True)
class SurveyDeskItem:
    """What waits for a decision, until when."""

    survey: SurveyItem
    due: datetime


def survey_item(survey: Survey) -> SurveyItem:
    """How a survey appears in lists, for adapters that hold whole ones."""
    content, initiator, series = survey.content, survey.initiator, survey.content.series
    return SurveyItem(
        id=survey.id,
        number=survey.number,
        title=content.title,
        kind=content.kind.value,
        stage=survey.stage.value,
        secrecy=content.secrecy.value,
        is_changeable=content.is_changeable,
        initiator_kind=initiator.kind.value,
        body=initiator.body,
        group_id=initiator.group_id,
        topic=series.topic.value if series else None,
        municipality=series.municipality if series else None,
        created_at=survey.created_at,
        announced_at=survey.announced_at,
        starts_at=content.starts_at,
        ends_at=content.ends_at,
        is_late=survey.is_late,
        is_frozen=survey.freeze_reason is not None,
    )


MODERATORS = "moderator"


def desk_of(survey: Survey) -> tuple[str, datetime] | None:
    """Who has to decide about it now, and until when: moderators, or the authority that a business named."""
    if survey.stage is Stage.SUBMITTED and survey.moderation_due is not None:
        return MODERATORS, survey.moderation_due
    if survey.stage is Stage.AWAITING_CONSENT and survey.consent_due is not None:
        return f"authority:{survey.initiator.authority}", survey.consent_due
    return None


def awaits_seal(survey: Survey) -> bool:
    """It ended, and no head is signed yet."""
    return survey.stage in (Stage.CLOSED, Stage.STOPPED, Stage.ANNULLED) and survey.head is None


class SurveyJournal(Protocol):
    """Reading surveys outside a unit: only what is committed. Contract: tests/contract/test_surveys.py.

    Every list is a keyset page in the stated order; none loads an aggregate.
    """

    async def public(self, chosen: SurveyFilter, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        """Those that everyone may know of, the latest start first."""
        ...

    async def own(self, owner: str, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        """Of this owner (`owner_acting`), in every stage, the newest first."""
        ...

    async def to_moderate(
        self, after: Cursor | None, limit: int, *, late: bool = False
    ) -> Page[SurveyDeskItem]:
        """The moderators' queue, the first due first; `late`: what missed its term, for the operator."""
        ...

    async def to_consent(self, authority: str, after: Cursor | None, limit: int) -> Page[SurveyDeskItem]:
        """Surveys of business that wait for this authority, the first due first."""
        ...

    async def one(self, number: str) -> Survey:
        """Raises `SurveyNotFound`."""
        ...

    async def history(self, survey_id: SurveyId) -> tuple[HistoryEntry, ...]:
        """Every act, in order."""
        ...
