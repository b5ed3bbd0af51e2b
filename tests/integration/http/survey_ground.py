"""Surveys in every stage, made through the use cases, for operations of the API to find."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve, frozen

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.adapters.system import new_id
from niktokromenas.application.surveys import deciding, initiating
from niktokromenas.application.surveys.initiating import (
    AsBody,
    AsBusiness,
    AsGroup,
    CreateSurvey,
    InitiatedAs,
)
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.groups.group import (
    GroupContent,
    GroupDoing,
    SocialGroup,
    approve_group,
    create_group,
)
from niktokromenas.domain.groups.membership import founding
from niktokromenas.domain.ids import SocialGroupId
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission, Role, permitted
from niktokromenas.domain.surveys.content import Content, Dimension, Table
from niktokromenas.domain.surveys.questions import FreeText, One, Option, Question, Scale
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import InGroup, Target
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
REFUSAL = {"grounds": ["leading_question"], "words": "Второй вопрос подсказывает ответ"}


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

    async def group(self, owner: Player) -> SocialGroup:
        """An active one, whose only member is its owner."""
        now, rules = self.clock.now(), survey_rules(self.live.container.region())
        user = Acting(role=Role.USER, participant_id=(await self.live.cast.actor(owner.oid)).participant_id)
        moderator = await self.live.cast.actor(cast.OTHER_MODERATOR.oid)
        made = create_group(
            SocialGroupId(new_id()),
            GroupContent(name="Соседи"),
            GroupDoing(by=user, at=now, rules=rules),
        )
        async with self.live.container.transactions()() as tx:
            saved = await tx.groups.add(made)
            await tx.groups.add_member(founding(saved))
            by = moderator.acting(Permission.MODERATE_GROUP)
            return await tx.groups.save(approve_group(saved, GroupDoing(by=by, at=now, rules=rules)))

    async def capacity(self, player: Player) -> tuple[InitiatedAs, Content]:
        """Under a grant of a body that forms surveys, else as a user in a group of theirs."""
        actor = await self.live.cast.actor(player.oid)
        if any(grant.role in permitted(Permission.FORM_SURVEY) for grant in actor.grants):
            return AsBody(), self.content()
        group = await self.group(player)
        return AsGroup(group_id=group.id), self.content(target=Target(predicate=InGroup(group.id)))

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
        self, player: Player = cast.CITY_OFFICIAL, content: Content | None = None, **changes: Any
    ) -> Survey:
        """`changes` are of a content whose dates follow from the clock."""
        initiated_as, own = await self.capacity(player)
        content = evolve(content or own, **changes)
        return await self._draft(await self.live.cast.actor(player.oid), initiated_as, content)

    async def _draft(self, actor: Actor, initiated_as: InitiatedAs, content: Content) -> Survey:
        command = CreateSurvey(actor=actor, initiated_as=initiated_as, content=content)
        made: Survey = await self.live.container.create_survey()(command)
        return made

    async def act(self, player: Player | Actor, survey: Survey, command: Any) -> Survey:
        actor = player if isinstance(player, Actor) else await self.live.cast.actor(player.oid)
        saved: Survey = await self.live.container.act_on_survey()(actor, survey.number, command)
        return saved

    async def submitted(self, player: Player = cast.CITY_OFFICIAL, **more: Any) -> Survey:
        return await self.act(player, await self.draft(player, **more), initiating.SubmitSurvey())

    async def awaiting_consent(self, authority: str = cast.CITY) -> Survey:
        company = await self.organisation()
        made = await self._draft(company, AsBusiness(authority=authority), self.content())
        return await self.act(company, made, initiating.SubmitSurvey())

    async def refused(self, player: Player = cast.CITY_OFFICIAL) -> Survey:
        command = deciding.RefuseSurvey(
            grounds=("leading_question",), words="Второй вопрос подсказывает ответ"
        )
        return await self.act(cast.OTHER_MODERATOR, await self.submitted(player), command)

    async def approved(self, **more: Any) -> Survey:
        return await self.act(cast.OTHER_MODERATOR, await self.submitted(**more), deciding.ApproveSurvey())

    async def announced(self, **more: Any) -> Survey:
        return await self._passed(Stage.ANNOUNCED, timedelta(minutes=61), **more)

    async def opened(self, **more: Any) -> Survey:
        return await self._passed(Stage.OPEN, timedelta(minutes=61), timedelta(minutes=61), **more)

    async def closed(self, **more: Any) -> Survey:
        spans = timedelta(minutes=61), timedelta(minutes=61), timedelta(hours=25)
        return await self._passed(Stage.CLOSED, *spans, **more)

    async def published(self, **more: Any) -> Survey:
        survey = await self.closed(**more)
        await self.live.container.close_surveys()()
        return await self.again(survey)

    async def _passed(self, stage: Stage, *spans: timedelta, **more: Any) -> Survey:
        """Approved so long ago that it has come to that stage by now."""
        now = self.clock.now()
        self.clock.at = now - sum(spans, timedelta())
        try:
            survey = await self.approved(**more)
            for span in spans:
                self.clock.at += span
                await self.live.container.tick_surveys()()
        finally:
            self.clock.at = now
        found = await self.again(survey)
        assert found.stage is stage, found.stage
        return found

    async def again(self, survey: Survey) -> Survey:
        found: Survey = await self.live.container.survey_journal().one(survey.number)
        return found


def _missing() -> Any:
    raise LookupError("the actor has no account")


Maker = Callable[[SurveyGround, Player], Awaitable[Survey]]


async def _own_draft(ground: SurveyGround, player: Player) -> Survey:
    return await ground.draft(player)


async def _own_submitted(ground: SurveyGround, player: Player) -> Survey:
    return await ground.submitted(player)


async def _own_refused(ground: SurveyGround, player: Player) -> Survey:
    return await ground.refused(player)


async def _own_published(ground: SurveyGround, player: Player) -> Survey:
    return await ground.published(player=player)


async def _to_moderate(ground: SurveyGround, _: Player) -> Survey:
    return await ground.submitted()


async def _to_consent(ground: SurveyGround, player: Player) -> Survey:
    return await ground.awaiting_consent()


async def _announced(ground: SurveyGround, _: Player) -> Survey:
    return await ground.announced()


async def _published(ground: SurveyGround, _: Player) -> Survey:
    return await ground.published()


async def _with_tables(ground: SurveyGround, _: Player) -> Survey:
    tables = (Table("mark", Dimension.AGE_BAND), Table("mark", Dimension.MUNICIPALITY))
    return await ground.published(tables=tables)


async def _live(ground: SurveyGround, _: Player) -> Survey:
    return await ground.opened(is_live=True)


def _receipt(survey: Survey) -> dict[str, str]:
    return {"receipt": f"nk1.{survey.id.hex}.{'0' * 64}.{'0' * 64}"}


WORDS = {"words": "Так решили жители"}
OF_SURVEY: Mapping[str, tuple[Maker, Any]] = {
    "readSurvey": (_announced, None),
    "readSurveyHistory": (_announced, None),
    "readResults": (_published, None),
    "readBreakdown": (_with_tables, None),
    "readAnomalies": (_published, None),
    **dict.fromkeys(("exportResultsCsv", "exportResultsXlsx", "exportResultsJson"), (_published, None)),
    "readLiveNumbers": (_live, None),
    "readSurveyLog": (_published, None),
    "readSurveyHead": (_published, None),
    "checkReceipt": (_published, _receipt),
    "editSurvey": (_own_draft, {"title": "Парк у реки"}),
    "submitSurvey": (_own_draft, None),
    "reviseSurvey": (_own_refused, None),
    "takeBackSurvey": (_own_submitted, None),
    "withdrawSurvey": (_own_draft, WORDS),
    "followUpSurvey": (_own_published, WORDS),
    "consentToSurvey": (_to_consent, None),
    "declineSurvey": (_to_consent, WORDS),
    "approveSurvey": (_to_moderate, None),
    "refuseSurvey": (_to_moderate, REFUSAL),
    "stopSurvey": (_announced, WORDS),
    "annulSurvey": (_published, WORDS),
}
"""What each operation on a survey succeeds with, and its body."""


async def survey_to_create(ground: SurveyGround, player: Player) -> dict[str, Any]:
    """A body to send."""
    initiated_as, _ = await ground.capacity(player)
    if isinstance(initiated_as, AsGroup):
        return {"initiator": {"kind": "group", "group_id": str(initiated_as.group_id)}, "content": {}}
    return {"initiator": {"kind": "body"}, "content": {"title": "Парк у набережной"}}
