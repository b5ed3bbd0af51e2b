"""Templates of surveys, and drafts begun from what is there: a template, a topic, another survey (п. 2.2)."""

from uuid import UUID

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.application.surveys.initiating import CreateSurvey, CreateSurveyHandler, InitiatedAs
from niktokromenas.application.surveys.names import names_for
from niktokromenas.application.surveys.reading import ReadSurveys
from niktokromenas.domain.ids import SurveyTemplateId
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission, permitted
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.stages import Topic
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import Names
from niktokromenas.domain.surveys.templates import (
    TEMPLATES_LIMIT,
    SurveyTemplate,
    TooManySurveyTemplates,
    keeper_acting,
    round_of,
    template_of,
    undated,
)
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.survey_templates import (
    SurveyTemplateItem,
    SurveyTemplateNotFound,
    SurveyTemplateRegister,
)
from niktokromenas.ports.transactions import Transaction, Transactions

_KEEP = Permission.KEEP_SURVEY_TEMPLATE


def keeping_power(template: SurveyTemplate, actor: Actor) -> Acting:
    """The power under which the template is the actor's; others' do not exist for them.

    Raises `SignInRequired`, `RoleRequired`, `SurveyTemplateNotFound`.
    """
    actor.require(_KEEP)
    for power in actor.powers():
        if power.role in permitted(_KEEP) and keeper_acting(power) == template.keeper:
            return power
    raise SurveyTemplateNotFound("Такого шаблона нет")


@frozen
class KeepSurveyTemplates:
    """For oneself, the organisation one acts for, or one's body."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    read_surveys: ReadSurveys

    async def save(
        self, actor: Actor, number: str, name: str, request_key: RequestKey | None = None
    ) -> SurveyTemplateItem:
        """A survey that the actor may see, without its dates.

        Raises `RoleRequired`, `ChooseGrant`, `GrantOver`, `SurveyNotFound`, `Invalid`,
        `TooManySurveyTemplates`, `KeyReused`, `RequestRunning`.
        """
        acting, now = actor.acting(_KEEP), self.clock.now()
        seen = await self.read_surveys(actor, number)
        keeper = keeper_acting(acting)
        assert acting.participant_id is not None
        made = template_of(
            SurveyTemplateId(self.new_id()),
            name,
            seen.survey.content,
            owner_id=acting.participant_id if isinstance(keeper, str) else keeper,
            body=acting.body,
        )
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            if request_key is not None:
                earlier = await tx.idempotency.recall(request_key, now)
                if earlier is not None:
                    return _read(earlier)
            if await tx.survey_templates.count(keeper, TEMPLATES_LIMIT) >= TEMPLATES_LIMIT:
                raise TooManySurveyTemplates(f"Шаблонов не больше {TEMPLATES_LIMIT}: удалите лишние")
            await tx.survey_templates.save(made)
            await self._audit(tx, actor, acting, "survey-template.save", made.id)
            saved = SurveyTemplateItem(id=made.id, name=made.name, kind=made.content.kind.value)
            if request_key is not None:
                await tx.idempotency.remember(request_key, _written(saved), now)
            return saved

    async def delete(self, actor: Actor, template_id: SurveyTemplateId) -> None:
        """Raises `RoleRequired`, `GrantOver`, `SurveyTemplateNotFound`."""
        actor.require(_KEEP)
        async with self.transactions() as tx:
            template = await tx.survey_templates.get(template_id)
            acting = keeping_power(template, actor)
            await confirm_power(tx, acting, self.clock.now())
            await tx.survey_templates.delete(template_id)
            await self._audit(tx, actor, acting, "survey-template.delete", template_id)

    async def _audit(
        self, tx: Transaction, actor: Actor, acting: Acting, action: str, template_id: SurveyTemplateId
    ) -> None:
        """What is done for a body; what people keep for themselves is theirs."""
        if acting.grant_id is not None:
            thing = ("survey-template", str(template_id))
            await tx.audit.add(audited(self.new_id(), actor, acting, action, thing, self.clock.now()))


def _written(item: SurveyTemplateItem) -> str:
    """The template may be deleted meanwhile: the answer is kept whole."""
    return "|".join((str(item.id), item.kind, item.name))


def _read(written: str) -> SurveyTemplateItem:
    template_id, kind, name = written.split("|", 2)
    return SurveyTemplateItem(id=SurveyTemplateId(UUID(template_id)), name=name, kind=kind)


@frozen
class ReadSurveyTemplates:
    register: SurveyTemplateRegister
    transactions: Transactions
    region: Region

    async def __call__(
        self, actor: Actor, before: SurveyTemplateId | None, limit: int
    ) -> tuple[SurveyTemplateItem, ...]:
        """One's own or one's body's, the newest first. Raises `RoleRequired`, `ChooseGrant`."""
        return await self.register.of(keeper_acting(actor.acting(_KEEP)), before, limit)

    async def one(self, actor: Actor, template_id: SurveyTemplateId) -> SurveyTemplate:
        """Raises `RoleRequired`, `SurveyTemplateNotFound`."""
        actor.require(_KEEP)
        template = await self.register.one(template_id)
        keeping_power(template, actor)
        return template

    async def named(self, actor: Actor, template_id: SurveyTemplateId) -> tuple[SurveyTemplate, Names]:
        """As `one`, with what the codes in its target group are called."""
        template = await self.one(actor, template_id)
        async with self.transactions() as tx:
            return template, await names_for(tx, self.region, template.content.target)


@frozen
class BeginSurvey:
    """A draft of the actor's from what is there. Raises also what `CreateSurveyHandler` raises."""

    create_survey: CreateSurveyHandler
    read_surveys: ReadSurveys
    read_templates: ReadSurveyTemplates
    region: Region

    async def copy(
        self, actor: Actor, number: str, initiated_as: InitiatedAs, request_key: RequestKey | None = None
    ) -> Survey:
        """Of any survey that the actor may see. Raises `SurveyNotFound`."""
        survey = (await self.read_surveys(actor, number)).survey
        return await self.create_survey(
            CreateSurvey(
                actor=actor,
                initiated_as=initiated_as,
                content=undated(survey.content),
                copied_from=survey.id,
                request_key=request_key,
            )
        )

    async def of_template(
        self,
        actor: Actor,
        template_id: SurveyTemplateId,
        initiated_as: InitiatedAs,
        request_key: RequestKey | None = None,
    ) -> Survey:
        """Raises `SurveyTemplateNotFound`."""
        template = await self.read_templates.one(actor, template_id)
        return await self.create_survey(
            CreateSurvey(
                actor=actor, initiated_as=initiated_as, content=template.content, request_key=request_key
            )
        )

    async def of_topic(
        self,
        actor: Actor,
        topic: Topic,
        oktmo: str | None,
        initiated_as: InitiatedAs,
        request_key: RequestKey | None = None,
    ) -> Survey:
        """A satisfaction round in a municipality, or in the whole region. Raises `Invalid`."""
        place = None if oktmo is None else self.region.municipality(oktmo)
        content = round_of(
            self.region.topics[topic],
            place.oktmo if place else None,
            place.short_name if place else self.region.name,
        )
        return await self.create_survey(
            CreateSurvey(actor=actor, initiated_as=initiated_as, content=content, request_key=request_key)
        )
