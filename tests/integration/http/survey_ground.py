"""Surveys in every stage, made through the use cases, for operations of the API to find."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve, frozen

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.application.surveys import deciding, initiating
from niktokromenas.application.surveys.initiating import AsBody, AsBusiness, CreateSurvey, InitiatedAs
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.questions import FreeText, One, Option, Question, Scale
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Survey
from tests.contract.stores import SettableClock
from tests.integration.http.live import Live

OPTIONS = tuple(
    Option(code=code, words=words)
    for code, words in (("for", "За"), ("against", "Против"), ("abstain", "Воздержусь"))
)
QUESTIONS = (
    Question(code="lights", words="Нужен ли новый свет в парке?", kind=One(options=OPTIONS)),
    Question(code="mark", words="Оцените парк", kind=Scale(low=1, high=5)),
    Question(code="wish", words="Чего не хватает?", kind=FreeText(), is_required=False),
)
REFUSAL = {"grounds": ["no_substance"], "words": "Второй вопрос подсказывает ответ"}


@frozen
class SurveyGround:
    """Begins at the clock's time: announced in an hour, open in two, over in a day."""

    live: Live
    clock: SettableClock

    def content(self, **more: Any) -> Content:
        now = self.clock.now().replace(microsecond=0)
        content = Content(
            kind=SurveyKind.SURVEY,
            title="Парк у набережной",
            about="Решаем, что сделать весной",
            questions=QUESTIONS,
            announce_at=now + timedelta(hours=1),
            starts_at=now + timedelta(hours=2),
            ends_at=now + timedelta(hours=26),
            secrecy=Secrecy.OPEN,
        )
        return evolve(content, **more)

    def vote(self, **more: Any) -> Content:
        return self.content(kind=SurveyKind.VOTE, questions=QUESTIONS[:1], **more)

    async def organisation(self) -> Actor:
        """The second citizen, acting for the company that they lead."""
        client = await self.live.sign_in(cast.OTHER_CITIZEN.oid)
        (held,) = (await client("GET", "/api/v1/me")).body["organisations"]
        done = await client("PUT", "/api/v1/me/organisation", {"oid": held["oid"]})
        assert done.status == 204, done.body
        actor = await self.live.cast.actor(cast.OTHER_CITIZEN.oid)
        async with self.live.container.transactions()() as tx:
            found = await tx.participants.by_subject(evolve(actor.subject or _missing(), oid=held["oid"]))
        assert found is not None
        return evolve(actor, organisation_id=found.id, name=found.name)

    async def draft(
        self,
        player: Player | Actor = cast.CITY_OFFICIAL,
        content: Content | None = None,
        as_: InitiatedAs | None = None,
    ) -> Survey:
        actor = player if isinstance(player, Actor) else await self.live.cast.actor(player.oid)
        command = CreateSurvey(actor=actor, initiated_as=as_ or AsBody(), content=content or self.content())
        made: Survey = await self.live.container.create_survey()(command)
        return made

    async def act(self, player: Player | Actor, survey: Survey, command: Any) -> Survey:
        actor = player if isinstance(player, Actor) else await self.live.cast.actor(player.oid)
        saved: Survey = await self.live.container.act_on_survey()(actor, survey.number, command)
        return saved

    async def submitted(self, player: Player = cast.CITY_OFFICIAL, **more: Any) -> Survey:
        return await self.act(player, await self.draft(player, **more), initiating.SubmitSurvey())

    async def awaiting_consent(self, **more: Any) -> Survey:
        company = await self.organisation()
        made = await self.draft(company, as_=AsBusiness(authority=cast.CITY), **more)
        return await self.act(company, made, initiating.SubmitSurvey())

    async def refused(self, player: Player = cast.CITY_OFFICIAL) -> Survey:
        command = deciding.RefuseSurvey(grounds=("no_substance",), words="Второй вопрос подсказывает ответ")
        return await self.act(cast.MODERATOR, await self.submitted(player), command)

    async def approved(self, **more: Any) -> Survey:
        return await self.act(cast.MODERATOR, await self.submitted(**more), deciding.ApproveSurvey())

    async def announced(self, **more: Any) -> Survey:
        return await self._later(await self.approved(**more), timedelta(minutes=61), Stage.ANNOUNCED)

    async def opened(self, **more: Any) -> Survey:
        return await self._later(await self.approved(**more), timedelta(minutes=121), Stage.OPEN)

    async def closed(self, **more: Any) -> Survey:
        return await self._later(await self.opened(**more), timedelta(hours=25), Stage.CLOSED)

    async def published(self, **more: Any) -> Survey:
        survey = await self.closed(**more)
        await self.live.container.close_surveys()()
        return await self.again(survey)

    async def again(self, survey: Survey) -> Survey:
        found: Survey = await self.live.container.survey_journal().one(survey.number)
        return found

    async def _later(self, survey: Survey, span: timedelta, stage: Stage) -> Survey:
        self.clock.at += span
        await self.live.container.tick_surveys()()
        found = await self.again(survey)
        assert found.stage is stage, found.stage
        return found


def _missing() -> Any:
    raise LookupError("the actor has no account")


State = Callable[[SurveyGround], Awaitable[Survey]]


def _of(made: Callable[..., Awaitable[Survey]], **more: Any) -> State:
    async def state(ground: SurveyGround) -> Survey:
        return await made(ground, **more)

    return state


WORDS = {"words": "Так решили жители"}
OF_SURVEY: Mapping[str, tuple[State, Any]] = {
    "readSurvey": (_of(SurveyGround.announced), None),
    "readSurveyHistory": (_of(SurveyGround.announced), None),
    "editSurvey": (_of(SurveyGround.draft), {"title": "Парк у реки"}),
    "submitSurvey": (_of(SurveyGround.draft), None),
    "reviseSurvey": (_of(SurveyGround.refused), None),
    "takeBackSurvey": (_of(SurveyGround.submitted), None),
    "withdrawSurvey": (_of(SurveyGround.draft), WORDS),
    "followUpSurvey": (_of(SurveyGround.published), WORDS),
    "consentToSurvey": (_of(SurveyGround.awaiting_consent), None),
    "declineSurvey": (_of(SurveyGround.awaiting_consent), WORDS),
    "approveSurvey": (_of(SurveyGround.submitted), None),
    "refuseSurvey": (_of(SurveyGround.submitted), REFUSAL),
    "stopSurvey": (_of(SurveyGround.announced), WORDS),
    "annulSurvey": (_of(SurveyGround.published), WORDS),
}
"""What each operation on a survey succeeds with, and its body."""
