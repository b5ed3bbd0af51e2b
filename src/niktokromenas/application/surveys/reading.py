"""Reading surveys: the list for all, one as far as its reader may see, the desks (Положение, разд. 9)."""

from datetime import datetime

from attrs import frozen

from niktokromenas.application.powers import audited
from niktokromenas.application.surveys.leaders import leaders_of
from niktokromenas.application.surveys.names import names_for
from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.moves import possible_acts
from niktokromenas.domain.surveys.stages import Act
from niktokromenas.domain.surveys.survey import HistoryEntry, Initiator, Survey
from niktokromenas.domain.surveys.target import Names
from niktokromenas.domain.surveys.visibility import deciding_power, is_initiator, may_see
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.surveys import (
    SurveyDeskItem,
    SurveyFilter,
    SurveyItem,
    SurveyJournal,
    SurveyNotFound,
    owner_acting,
)
from niktokromenas.ports.transactions import Transaction, Transactions

PUBLIC_ACTS = frozenset(
    act.value
    for act in (
        Act.ANNOUNCE,
        Act.OPEN,
        Act.CLOSE,
        Act.STOP,
        Act.SEAL,
        Act.PUBLISH,
        Act.ANNUL,
        Act.FOLLOW_UP,
        Act.WITHDRAW,
    )
)
"""What everyone reads of the history of a public survey."""


@frozen(kw_only=True)
class SeenSurvey:
    """A survey and what its reader gets of it besides what is announced to everyone."""

    survey: Survey
    names: Names
    initiator_name: str | None
    """Of the organisation or the social group that holds it."""
    is_initiator: bool
    is_deciding: bool
    possible: tuple[Act, ...]
    """What the reader may do to it now."""

    @property
    def is_insider(self) -> bool:
        """They see rounds, terms and refusals."""
        return self.is_initiator or self.is_deciding


@frozen
class ReadSurveys:
    journal: SurveyJournal
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def __call__(self, actor: Actor, number: str) -> SeenSurvey:
        """Raises `SurveyNotFound` also where the actor may not know of it.

        A look of those who decide about what is not for everybody yet is audited.
        """
        actor.require(Permission.READ_PUBLIC)
        survey = await self.journal.one(number)
        if not may_see(survey, actor):
            raise SurveyNotFound("Такого опроса нет")
        owns, power = is_initiator(survey, actor), deciding_power(survey, actor)
        async with self.transactions() as tx:
            names = await names_for(tx, self.region, survey.content.target)
            initiator_name = await _name_of(tx, survey.initiator)
            led_by = await leaders_of(tx, survey)
            if power is not None and not owns and not survey.is_public:
                thing = ("survey", number)
                await tx.audit.add(
                    audited(self.new_id(), actor, power, "survey.look", thing, self.clock.now())
                )
        return SeenSurvey(
            survey=survey,
            names=names,
            initiator_name=initiator_name,
            is_initiator=owns,
            is_deciding=power is not None,
            possible=tuple(_possible(survey, actor, self.clock.now(), led_by)),
        )

    async def history(self, actor: Actor, number: str) -> tuple[SeenSurvey, tuple[HistoryEntry, ...]]:
        """The survey with what was done to it, in order; of a public one everyone reads `PUBLIC_ACTS`."""
        seen = await self(actor, number)
        entries = await self.journal.history(seen.survey.id)
        if not seen.is_insider:
            entries = tuple(entry for entry in entries if entry.act in PUBLIC_ACTS)
        return seen, entries

    async def public(
        self, actor: Actor, chosen: SurveyFilter, after: Cursor | None, limit: int
    ) -> Page[SurveyItem]:
        """What everyone may know of, the latest start first. Raises `Invalid` for an unknown place."""
        actor.require(Permission.READ_PUBLIC)
        if chosen.municipality is not None:
            self.region.municipality(chosen.municipality)
        if chosen.initiator is not None and chosen.initiator not in self.region.authorities:
            detail = "Такого органа нет в справочнике"
            raise Invalid(detail, faults=(Fault("/initiator", "unknown-authority", detail),))
        return await self.journal.public(chosen, after, limit)

    async def own(self, actor: Actor, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        """The user's own surveys, or those of the organisation they act for, the newest first."""
        actor.require(Permission.FORM_OWN_SURVEY)
        as_user = Acting(
            role=Role.USER, participant_id=actor.participant_id, organisation_id=actor.organisation_id
        )
        return await self._of(as_user, after, limit)

    async def of_body(self, actor: Actor, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        """Of the body whose grant the actor acts under. Raises `RoleRequired`, `ChooseGrant`."""
        return await self._of(actor.acting(Permission.FORM_SURVEY), after, limit)

    async def _of(self, acting: Acting, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        owner = owner_acting(acting)
        assert owner is not None
        return await self.journal.own(owner, after, limit)

    async def to_moderate(
        self, actor: Actor, after: Cursor | None, limit: int, *, late: bool
    ) -> Page[SurveyDeskItem]:
        """What awaits moderation, the first due first; `late`: what missed its term."""
        actor.require(Permission.READ_SURVEY_QUEUE)
        return await self.journal.to_moderate(after, limit, late=late)

    async def to_consent(self, actor: Actor, after: Cursor | None, limit: int) -> Page[SurveyDeskItem]:
        """Surveys of business that wait for the official's authority. Raises `ChooseGrant`."""
        acting = actor.acting(Permission.CONSENT_TO_SURVEY)
        assert acting.body is not None
        return await self.journal.to_consent(acting.body, after, limit)


async def _name_of(tx: Transaction, initiator: Initiator) -> str | None:
    if initiator.organisation_id is not None:
        return (await tx.participants.get(initiator.organisation_id)).name
    if initiator.group_id is not None:
        return (await tx.groups.names((initiator.group_id,))).get(initiator.group_id)
    return None


def _possible(
    survey: Survey, actor: Actor, at: datetime, led_by: frozenset[ParticipantId]
) -> dict[Act, None]:
    """Under any of their powers, each once."""
    return dict.fromkeys(
        act for power in actor.powers() for act in possible_acts(survey, power, at, led_by=led_by)
    )
