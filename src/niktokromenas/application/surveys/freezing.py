"""What was not announced waits where its group or its consent ended; what was announced goes on (разд. 9).

A group that ends for good is remembered as unsettled until all its surveys on the way are frozen;
authorities are compared with what stands under them. Both find again what a kill interrupted.
"""

from contextlib import suppress

from attrs import frozen

from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.groups.group import GroupStage
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.stages import BEFORE_ANNOUNCEMENT, FreezeReason
from niktokromenas.domain.surveys.survey import Initiator, Survey
from niktokromenas.domain.surveys.ticking import freeze, unfreeze
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import AuthorityRegister
from niktokromenas.ports.transactions import Transaction, Transactions

BATCH = 100


async def what_ended(tx: Transaction, initiator: Initiator) -> FreezeReason | None:
    """Why a survey of this initiator may not go on to be announced.

    Its group is held: a unit that begins, submits or announces after asking cannot meet its end half-way.
    """
    if initiator.group_id is not None:
        group = await tx.groups.hold(initiator.group_id)
        return FreezeReason.GROUP_ENDED if group.stage is GroupStage.ENDED else None
    if initiator.authority is not None:
        authority = await tx.authorities.get(initiator.authority)
        is_connected = authority is not None and not authority.is_not_connected
        return None if is_connected else FreezeReason.CONSENT_ENDED
    return None


@frozen
class FreezeSurveys:
    transactions: Transactions
    clock: Clock
    region: Region
    register: AuthorityRegister

    async def __call__(self) -> int:
        """How many surveys froze or thawed. Raises the errors of the others together at the end."""
        failed = list[Exception]()
        changed = await self._groups(failed) + await self._authorities(failed)
        if failed:
            raise ExceptionGroup("surveys that could not be frozen", failed)
        return changed

    async def _groups(self, failed: list[Exception]) -> int:
        async with self.transactions() as tx:
            ended = await tx.groups.unsettled(BATCH)
        return sum([await self._settle(group_id, failed) for group_id in ended])

    async def _settle(self, group_id: SocialGroupId, failed: list[Exception]) -> int:
        """A pass that found nothing to do settles the group."""
        failures, changed, after = len(failed), 0, None
        while True:
            async with self.transactions() as tx:
                found = await tx.surveys.waiting_of(group_id, after, BATCH)
            for survey_id in found:
                changed += await self._put_right(survey_id, failed)
            if len(found) < BATCH:
                break
            after = found[-1]
        if not changed and len(failed) == failures:
            async with self.transactions() as tx:
                await tx.groups.settled(group_id)
        return changed

    async def _authorities(self, failed: list[Exception]) -> int:
        changed = 0
        for authority, _ in await self.register.all_at_work(self.clock.now()):
            changed += await self._under(authority.code, failed, frozen=not authority.is_not_connected)
        return changed

    async def _under(self, authority: str, failed: list[Exception], *, frozen: bool) -> int:
        changed, after = 0, None
        while True:
            async with self.transactions() as tx:
                found = await tx.surveys.waiting_under(authority, after, BATCH, frozen=frozen)
            for survey_id in found:
                changed += await self._put_right(survey_id, failed)
            if len(found) < BATCH:
                return changed
            after = found[-1]

    async def _put_right(self, survey_id: SurveyId, failed: list[Exception]) -> bool:
        """Whether it was not as it should be and is now. One survey's trouble is noted, not raised."""
        try:
            with suppress(StaleVersion):  # somebody acted first; the next round looks again
                async with self.transactions() as tx:
                    survey = await tx.surveys.by_id(survey_id)
                    after = self._right(survey, await what_ended(tx, survey.initiator))
                    if after is not survey:
                        await tx.surveys.save(after)
                return after is not survey
        except Exception as error:
            error.add_note(f"survey {survey_id}")
            failed.append(error)
        return False

    def _right(self, survey: Survey, ended: FreezeReason | None) -> Survey:
        rules, now = survey_rules(self.region), self.clock.now()
        if survey.stage not in BEFORE_ANNOUNCEMENT:
            return survey
        if ended is not None and survey.freeze_reason is None:
            return freeze(survey, ended, rules, at=now)
        if ended is None and survey.freeze_reason is FreezeReason.CONSENT_ENDED:
            return unfreeze(survey, rules, at=now)
        return survey
