"""What others decide about a survey: consent, moderation, stopping, annulling (Положение, разд. 9)."""

from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.application.surveys.acting import SurveyScene
from niktokromenas.application.surveys.freezing import what_ended
from niktokromenas.application.surveys.ticking import may_announce
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.grounds import Ground
from niktokromenas.domain.surveys import moderating
from niktokromenas.domain.surveys.stages import Act
from niktokromenas.domain.surveys.survey import Survey, SurveyActed
from niktokromenas.domain.surveys.ticking import tick


class _ByPermission:
    """Acts of one power, whoever's survey it is."""

    permission: ClassVar[Permission]

    def acting(self, actor: Actor, survey: Survey) -> Acting:
        return actor.acting(self.permission)


class _ByTheAuthority:
    """Acts of the authority that the business named."""

    def acting(self, actor: Actor, survey: Survey) -> Acting:
        return actor.acting(Permission.CONSENT_TO_SURVEY, body=survey.initiator.authority)


@frozen
class ConsentToSurvey(_ByTheAuthority):
    name: ClassVar[Act] = Act.CONSENT

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return moderating.consent(survey, scene.doing)


@frozen(kw_only=True)
class DeclineSurvey(_ByTheAuthority):
    name: ClassVar[Act] = Act.DECLINE
    words: str | None

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return moderating.decline(survey, self.words, scene.doing)


@frozen
class ApproveSurvey(_ByPermission):
    """Where moderation lasted beyond the moment of announcement, the survey is announced with it."""

    name: ClassVar[Act] = Act.APPROVE
    permission: ClassVar[Permission] = Permission.APPROVE_SURVEY

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        approved = moderating.approve(survey, scene.doing)
        if await what_ended(scene.tx, survey.initiator) is not None:
            return approved
        if not await may_announce(scene.tx, survey.initiator):
            return approved
        return tick(approved, scene.doing.rules, at=scene.doing.at)


@frozen(kw_only=True)
class RefuseSurvey(_ByPermission):
    """The event names the grounds, too: by the time it is told the survey may be a draft again."""

    name: ClassVar[Act] = Act.REFUSE
    permission: ClassVar[Permission] = Permission.REFUSE_SURVEY
    grounds: tuple[str, ...]
    words: str | None

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        try:
            grounds = scene.region.resolve_survey_grounds(self.grounds)
        except Invalid as unknown:
            moderating.refusal_words(self.words, beside=unknown.faults)
            raise
        refused = moderating.refuse_publication(survey, grounds, self.words, scene.doing)
        return _told_why(refused, grounds)


def _told_why(survey: Survey, grounds: tuple[Ground, ...]) -> Survey:
    names = "; ".join(ground.name for ground in grounds)
    events = tuple(
        evolve(event, words=f"{names}. {event.words or ''}")
        if isinstance(event, SurveyActed) and event.act == Act.REFUSE
        else event
        for event in survey.events
    )
    return evolve(survey, events=events)


@frozen(kw_only=True)
class StopSurvey(_ByPermission):
    name: ClassVar[Act] = Act.STOP
    permission: ClassVar[Permission] = Permission.STOP_SURVEY
    words: str | None
    at_demand_of: str | None = None

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return moderating.stop(survey, self.words, self.at_demand_of, scene.doing)


@frozen(kw_only=True)
class AnnulSurvey(_ByPermission):
    name: ClassVar[Act] = Act.ANNUL
    permission: ClassVar[Permission] = Permission.STOP_SURVEY
    words: str | None

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey:
        return moderating.annul(survey, self.words, scene.doing)
