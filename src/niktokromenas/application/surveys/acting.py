"""Everything that is done to an existing survey: one command for each act, one handler for all (разд. 9).

The commands stand in `initiating` and `deciding`; what an act means is the domain's.
"""

import asyncio
from typing import Protocol

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power, refuse_blocked
from niktokromenas.application.surveys.leaders import leaders_of
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.moves import Doing
from niktokromenas.domain.surveys.paths import faults_of
from niktokromenas.domain.surveys.stages import Act
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.visibility import may_see
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.surveys import SurveyNotFound
from niktokromenas.ports.transactions import Transaction, Transactions

_WRITING = frozenset({Act.EDIT, Act.SUBMIT})
"""What a block stops, as it stops creating one."""


@frozen(kw_only=True)
class SurveyScene:
    """Where an act takes place: the unit, how it is written down, what is in force."""

    tx: Transaction
    doing: Doing
    region: Region


class SurveyCommand(Protocol):
    """One act. `acting` chooses the power it takes; `act` raises what the domain raises."""

    @property
    def name(self) -> Act: ...

    def acting(self, actor: Actor, survey: Survey) -> Acting: ...

    async def act(self, survey: Survey, scene: SurveyScene) -> Survey: ...


@frozen
class ActOnSurveyHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def __call__(
        self, actor: Actor, number: str, command: SurveyCommand, *, expected_version: int | None = None
    ) -> Survey:
        """The survey as saved. `expected_version` is what the actor last read.

        Raises `SurveyNotFound` where the actor may not see it, `SignInRequired`, `RoleRequired`,
        `ChooseGrant`, `GrantOver`, `Blocked`, `StaleVersion`, and what the act itself raises.
        """
        if command.name is Act.SUBMIT:
            await self._walk_first(actor, number, command)
        now = self.clock.now()
        async with self.transactions() as tx:
            survey, acting = await _allowed(tx, actor, number, command)
            await confirm_power(tx, acting, now)
            if command.name in _WRITING:
                await refuse_blocked(tx, acting, Permission.FORM_OWN_SURVEY, now)
            if expected_version is not None and expected_version != survey.version:
                raise StaleVersion("Опрос изменился: прочитайте его снова")
            led_by = await leaders_of(tx, survey)
            doing = Doing(by=acting, at=now, rules=survey_rules(self.region), led_by=led_by)
            after = await command.act(survey, SurveyScene(tx=tx, doing=doing, region=self.region))
            saved = await tx.surveys.save(after)
            action = f"survey.{command.name.value}"
            await tx.audit.add(audited(self.new_id(), actor, acting, action, ("survey", number), now))
            return saved

    async def _walk_first(self, actor: Actor, number: str, command: SurveyCommand) -> None:
        """In a thread and before the unit: of a survey with many conditions it takes long."""
        async with self.transactions() as tx:
            survey, _ = await _allowed(tx, actor, number, command)
        await asyncio.to_thread(faults_of, survey.content.questions)


async def _allowed(
    tx: Transaction, actor: Actor, number: str, command: SurveyCommand
) -> tuple[Survey, Acting]:
    """Raises `SurveyNotFound` and what `acting` of the command raises."""
    survey = await tx.surveys.by_number(number)
    if not may_see(survey, actor):
        raise SurveyNotFound("Такого опроса нет")
    return survey, command.acting(actor, survey)
