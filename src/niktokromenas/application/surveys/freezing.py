"""What was not announced waits where its group or its consent ended; what was announced goes on (разд. 9).

A group or an organisation that ends is remembered as unsettled until all its surveys on the way are frozen;
authorities are compared with what stands under them. All find again what a kill interrupted.
"""

from collections.abc import Awaitable, Callable

from attrs import define, field, frozen

from niktokromenas.application.surveys.initiating import has_ended
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.groups.group import GroupStage
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.stages import BEFORE_ANNOUNCEMENT, FreezeReason
from niktokromenas.domain.surveys.survey import Initiator, Survey
from niktokromenas.domain.surveys.ticking import freeze, unfreeze
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import AuthorityRegister
from niktokromenas.ports.surveys import business_owner
from niktokromenas.ports.transactions import Transaction, Transactions

BATCH = 100
_MAY_COME_BACK = frozenset({FreezeReason.CONSENT_ENDED, FreezeReason.BUSINESS_ENDED})
"""An authority is connected again, or ESIA names an organisation anew that it had called liquidated."""
Waiting = Callable[[Transaction, SurveyId | None], Awaitable[tuple[SurveyId, ...]]]


async def what_ended(tx: Transaction, initiator: Initiator) -> FreezeReason | None:
    """Why a survey of this initiator may not go on to be announced.

    Its group is held: a unit that begins, submits or announces after asking cannot meet its end half-way.
    """
    if initiator.group_id is not None:
        group = await tx.groups.hold(initiator.group_id)
        return FreezeReason.GROUP_ENDED if group.stage is GroupStage.ENDED else None
    if await has_ended(tx, initiator):
        return FreezeReason.BUSINESS_ENDED
    if initiator.authority is not None:
        authority = await tx.authorities.get(initiator.authority)
        is_connected = authority is not None and not authority.is_not_connected
        return None if is_connected else FreezeReason.CONSENT_ENDED
    return None


@define
class _Round:
    """What came of one."""

    changed: int = 0
    missed: int = 0
    """Somebody acted first: the next round looks again."""
    failed: list[Exception] = field(factory=list[Exception])

    @property
    def is_clean(self) -> bool:
        """Everything is as it should be, and was so before."""
        return not (self.changed or self.missed or self.failed)


@frozen
class FreezeSurveys:
    transactions: Transactions
    clock: Clock
    region: Region
    register: AuthorityRegister

    async def __call__(self) -> int:
        """How many surveys froze or thawed. Raises the errors of the others together at the end."""
        rounds = [*await self._groups(), *await self._organisations(), *await self._authorities()]
        failed = [error for each in rounds for error in each.failed]
        if failed:
            raise ExceptionGroup("surveys that could not be frozen", failed)
        return sum(each.changed for each in rounds)

    async def _groups(self) -> list[_Round]:
        async with self.transactions() as tx:
            ended = await tx.groups.unsettled(BATCH)
        return [await self._settle(group_id) for group_id in ended]

    async def _settle(self, group_id: SocialGroupId) -> _Round:
        def waiting(tx: Transaction, after: SurveyId | None) -> Awaitable[tuple[SurveyId, ...]]:
            return tx.surveys.waiting_of(group_id, after, BATCH)

        done = await self._pass(waiting)
        if done.is_clean:
            async with self.transactions() as tx:
                await tx.groups.settled(group_id)
        return done

    async def _organisations(self) -> list[_Round]:
        async with self.transactions() as tx:
            ended = await tx.participants.unsettled(BATCH)
        return [await self._settle_business(organisation_id) for organisation_id in ended]

    async def _settle_business(self, organisation_id: ParticipantId) -> _Round:
        def waiting(tx: Transaction, after: SurveyId | None) -> Awaitable[tuple[SurveyId, ...]]:
            return tx.surveys.waiting_of(business_owner(organisation_id), after, BATCH)

        done = await self._pass(waiting)
        if done.is_clean:
            async with self.transactions() as tx:
                await tx.participants.settled(organisation_id)
        return done

    async def _authorities(self) -> list[_Round]:
        known = await self.register.all_at_work(self.clock.now())
        return [
            await self._under(authority.code, frozen=not authority.is_not_connected) for authority, _ in known
        ]

    async def _under(self, authority: str, *, frozen: bool) -> _Round:
        def waiting(tx: Transaction, after: SurveyId | None) -> Awaitable[tuple[SurveyId, ...]]:
            return tx.surveys.waiting_under(authority, after, BATCH, frozen=frozen)

        return await self._pass(waiting)

    async def _pass(self, waiting: Waiting) -> _Round:
        """Once through all that wait, a batch at a time."""
        done, after = _Round(), None
        while True:
            async with self.transactions() as tx:
                found = await waiting(tx, after)
            for survey_id in found:
                await self._put_right(survey_id, done)
            if len(found) < BATCH:
                return done
            after = found[-1]

    async def _put_right(self, survey_id: SurveyId, done: _Round) -> None:
        """One survey's trouble is noted, not raised."""
        try:
            async with self.transactions() as tx:
                survey = await tx.surveys.by_id(survey_id)
                after = self._right(survey, await what_ended(tx, survey.initiator))
                if after is not survey:
                    await tx.surveys.save(after)
        except StaleVersion:
            done.missed += 1
        except Exception as error:
            error.add_note(f"survey {survey_id}")
            done.failed.append(error)
        else:
            done.changed += after is not survey

    def _right(self, survey: Survey, ended: FreezeReason | None) -> Survey:
        rules, now = survey_rules(self.region), self.clock.now()
        if survey.stage not in BEFORE_ANNOUNCEMENT:
            return survey
        if ended is not None and survey.freeze_reason is None:
            return freeze(survey, ended, rules, at=now)
        if ended is None and survey.freeze_reason in _MAY_COME_BACK:
            return unfreeze(survey, rules, at=now)
        return survey
