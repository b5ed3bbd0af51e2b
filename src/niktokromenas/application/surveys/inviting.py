"""Drawing others into a survey by a link of one's own (Положение, разд. 9).

Coming is a unit apart from casting, and no ballot knows of it.
"""

from attrs import field, frozen

from niktokromenas.application.surveys.facts import answerer
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.secrets import fingerprint
from niktokromenas.domain.surveys.links import (
    NothingToInviteTo,
    OwnAttracted,
    SurveyLink,
    link_to,
    require_inviting,
    shown_to_inviter,
)
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.inviting import SurveyArrivals
from niktokromenas.ports.surveys import SurveyJournal, SurveyNotFound
from niktokromenas.ports.tokens import NewSecret
from niktokromenas.ports.transactions import Transactions


@frozen(kw_only=True)
class MadeLink:
    """The secret is told once: only its fingerprint is kept."""

    secret: str = field(repr=False)
    attracted: OwnAttracted


@frozen(kw_only=True)
class OwnLink:
    """`link` is `None` where none was made."""

    link: SurveyLink | None
    attracted: OwnAttracted


@frozen
class InviteToSurvey:
    transactions: Transactions
    clock: Clock
    new_secret: NewSecret
    journal: SurveyJournal
    arrivals: SurveyArrivals

    async def make(self, actor: Actor, number: str) -> MadeLink:
        """In place of the earlier one; who came by that still counts.

        Raises `SignInRequired`, `SurveyNotFound`, `NothingToInviteTo`.
        """
        inviter, secret = _inviter(actor), self.new_secret()
        async with self.transactions() as tx:
            survey = _public(await tx.surveys.by_number(number))
            link = link_to(survey, inviter, fingerprint(secret), at=self.clock.now())
            await tx.survey_links.save(link)
        return MadeLink(secret=secret, attracted=await self._attracted(survey, inviter))

    async def come(self, actor: Actor, number: str, secret: str) -> bool:
        """Whether it counts: once a participant, nobody by their own link, nobody who took part before.

        Raises `SignInRequired`, `SurveyNotFound`, `SurveyLinkUnknown`.
        """
        who = answerer(actor)
        async with self.transactions() as tx:
            survey = _public(await tx.surveys.by_number(number))
            link = await tx.survey_links.by(survey.id, fingerprint(secret))
            try:
                require_inviting(survey, self.clock.now())
            except NothingToInviteTo:
                return False
            if not link.counts(who.participant_id) or not link.counts(who.acted_by or who.participant_id):
                return False
            if await tx.ballots.participated(who.participant_id, (survey.id,)):
                return False
            return await tx.survey_links.came(link, who.participant_id)

    async def own(self, actor: Actor, number: str) -> OwnLink:
        """Raises `SignInRequired`, `SurveyNotFound`."""
        inviter = _inviter(actor)
        survey = _public(await self.journal.one(number))
        return OwnLink(
            link=await self.arrivals.link_of(survey.id, inviter),
            attracted=await self._attracted(survey, inviter),
        )

    async def _attracted(self, survey: Survey, inviter: ParticipantId) -> OwnAttracted:
        now = self.clock.now()
        return shown_to_inviter(await self.arrivals.attracted(survey.id, inviter), survey, now)

    async def came(self, number: str) -> int:
        """By everybody's links. Raises `SurveyNotFound`."""
        return await self.arrivals.came(_public(await self.journal.one(number)).id)


def _inviter(actor: Actor) -> ParticipantId:
    actor.require(Permission.INVITE_TO_SURVEY)
    assert actor.participant_id is not None
    return actor.participant_id


def _public(survey: Survey) -> Survey:
    if not survey.is_public:
        raise SurveyNotFound("Такого опроса нет")
    return survey
