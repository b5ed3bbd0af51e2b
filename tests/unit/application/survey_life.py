"""A survey on the small platform of `life`, moved by the domain's own functions, and who is told of it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Any

from attrs import define, evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.identity import OrganisationKind, OrganisationRole
from niktokromenas.domain.participants.people import organisation
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys import initiating, moderating, ticking
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.initiating import NewSurvey, create
from niktokromenas.domain.surveys.moves import Doing
from niktokromenas.domain.surveys.stages import FreezeReason, InitiatorKind
from niktokromenas.domain.surveys.survey import Initiator, Survey
from niktokromenas.domain.surveys.target import WHOEVER, InGroup, Target
from tests.contract.building import a_subject
from tests.unit.application.life import CITY, PEOPLE, Life, a_life
from tests.unit.surveys.building import a_content, a_head

_ROLES = {
    "official": Role.OFFICIAL,
    "approver": Role.OFFICIAL,
    "moderator": Role.MODERATOR,
    "operator": Role.OPERATOR,
    "other operator": Role.OPERATOR,
    "anna": Role.USER,
}
COMPANY = ParticipantId(new_id())
COMPANY_NAME = "ООО «Забота»"
FOR_COMPANY = {"business": "anna", "colleague": "silent"}
"""Who acts for the company, under what name here."""
COMPANY_ROLE = OrganisationRole(
    subject=a_subject(700), kind=OrganisationKind.LEGAL, short_name=COMPANY_NAME, full_name="Забота"
)
GROUP = SocialGroupId(new_id())
INITIATORS = {
    "official": InitiatorKind.AUTHORITY,
    "operator": InitiatorKind.OPERATOR,
    "anna": InitiatorKind.GROUP,
    "business": InitiatorKind.BUSINESS,
}
_numbers = count(1)


@define(eq=False)
class SurveyLife:
    """`survey` is the one its steps are about; it is announced in a week and runs for a week after that."""

    life: Life
    survey: Survey
    who: str = "official"

    async def acting(self, who: str) -> Acting:
        is_business = who in FOR_COMPANY
        actor = await self.life.cast.actor(PEOPLE[FOR_COMPANY.get(who, who)].oid)
        role = Role.USER if is_business else _ROLES[who]
        bodies = [grant.body for grant in actor.grants if grant.role is role]
        return Acting(
            role=role,
            participant_id=actor.participant_id,
            body=bodies[0] if bodies else None,
            organisation_id=COMPANY if is_business else None,
        )

    async def did(self, who: str, act: Callable[[Survey, Doing], Survey]) -> None:
        doing = Doing(by=await self.acting(who), at=self.life.clock.at, rules=self.rules)
        await self.save(act(self.survey, doing))

    @property
    def rules(self) -> Any:
        return survey_rules(self.life.platform.region())

    async def save(self, survey: Survey) -> None:
        async with self.life.platform.transactions()() as tx:
            self.survey = await tx.surveys.save(survey)

    async def tick(self, **span: float) -> None:
        self.life.clock.forward(**span)
        await self.save(ticking.tick(self.survey, self.rules, at=self.life.clock.at))

    async def submit(self) -> None:
        region = self.life.platform.region()
        await self.did(self.who, lambda s, d: initiating.submit(s, region.municipalities, d))

    async def consent(self) -> None:
        await self.did("official", moderating.consent)

    async def decline(self) -> None:
        await self.did("official", lambda s, d: moderating.decline(s, "Не наша тема", d))

    async def approve(self) -> None:
        await self.did("moderator", moderating.approve)

    async def refuse(self) -> None:
        grounds = self.life.platform.region().resolve_survey_grounds(("obscene",))
        await self.did(
            "operator", lambda s, d: moderating.refuse_publication(s, grounds, "Уберите ругань", d)
        )

    async def withdraw(self) -> None:
        await self.did(self.who, lambda s, d: initiating.withdraw(s, "Передумали", d))

    async def lapse(self) -> None:
        await self.tick(days=12)

    async def miss_moderation(self) -> None:
        await self.tick(days=6)

    async def miss_start(self) -> None:
        await self.tick(days=9)

    async def announce(self) -> None:
        await self.tick(days=7)

    async def open(self) -> None:
        await self.tick(days=1)

    async def close(self) -> None:
        await self.tick(days=7)

    async def publish(self) -> None:
        head = a_head(self.survey)
        await self.save(ticking.publish(self.survey, head, self.rules, at=self.life.clock.at))

    async def publish_two_ballots(self) -> None:
        head = a_head(self.survey, b"1" * 32, b"2" * 32)
        await self.save(ticking.publish(self.survey, head, self.rules, at=self.life.clock.at))

    async def remind(self) -> None:
        await self.tick(days=32)

    async def stop(self) -> None:
        await self.did("operator", lambda s, d: moderating.stop(s, "Вопросы с ошибкой", None, d))

    async def annul(self) -> None:
        await self.did("operator", lambda s, d: moderating.annul(s, "Был подлог", d))

    async def freeze(self) -> None:
        at = self.life.clock.at
        await self.save(ticking.freeze(self.survey, FreezeReason.GROUP_ENDED, self.rules, at=at))

    async def unfreeze(self) -> None:
        await self.save(ticking.unfreeze(self.survey, self.rules, at=self.life.clock.at))

    async def spread(self) -> int:
        """Everything told and announced; in how many rounds."""
        while (await self.life.worker.tell_participants()).events:
            pass
        rounds = 0
        while await self.life.platform.announce_surveys()():
            rounds += 1
        return rounds

    def told(self, *kinds: NoticeKind) -> list[Any]:
        return [n for n in self.life.store.notices.committed() if n.kind in kinds]

    def letters(self, kind: NoticeKind) -> list[Any]:
        return [o.letter for o in self.life.letters() if o.letter.kind is kind]


SurveyStep = Callable[[SurveyLife], Awaitable[Any]]
APPROVED: tuple[SurveyStep, ...] = (SurveyLife.submit, SurveyLife.approve)
ANNOUNCED = (*APPROVED, SurveyLife.announce)
OPENED = (*ANNOUNCED, SurveyLife.open)
PUBLISHED = (*OPENED, SurveyLife.close, SurveyLife.publish)


async def a_survey_life(*steps: SurveyStep, who: str = "official", **content: Any) -> SurveyLife:
    """A survey of theirs after these steps, everything about them told already."""
    life = await a_life()
    target = Target(predicate=InGroup(GROUP)) if who == "anna" else WHOEVER
    of_it = SurveyLife(life, await drafted(life, who, a_content(**{"target": target, **content})), who)
    for step in steps:
        await step(of_it)
    await of_it.spread()
    life.forget()
    return of_it


async def drafted(life: Life, who: str, content: Content) -> Survey:
    is_business = who == "business"
    actor = await life.cast.actor(PEOPLE["anna" if is_business else who].oid)
    assert actor.participant_id is not None
    bodies = [grant.body for grant in actor.grants]
    kind = INITIATORS[who]
    initiator = Initiator(
        kind=kind,
        participant_id=actor.participant_id,
        body=bodies[0] if bodies else None,
        group_id=GROUP if kind is InitiatorKind.GROUP else None,
        organisation_id=COMPANY if is_business else None,
        authority=CITY if is_business else None,
    )
    shifted = life.clock.at + timedelta(days=7)
    dated = evolve(
        content,
        announce_at=content.announce_at and shifted,
        starts_at=content.starts_at and shifted + timedelta(days=1),
        ends_at=content.ends_at and shifted + (content.ends_at - (content.announce_at or shifted)),
    )
    number = f"S-26-{next(_numbers):06}"
    new = NewSurvey(id=SurveyId(new_id()), number=number, initiator=initiator, content=dated)
    by = Acting(role=_ROLES["anna" if is_business else who], participant_id=actor.participant_id)
    created = create(new, by, survey_rules(life.platform.region()), at=life.clock.at)
    async with life.platform.transactions()() as tx:
        if is_business:
            await tx.participants.save(organisation(COMPANY, COMPANY_ROLE))
        stored: Survey = await tx.surveys.add(created)
        return stored
