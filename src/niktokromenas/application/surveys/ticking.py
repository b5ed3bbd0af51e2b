"""The ticker of surveys: records what time has already made true, survey by survey."""

from contextlib import suppress
from datetime import datetime

from attrs import field, frozen

from niktokromenas.application.resting import Resting
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.ticking import tick
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.transactions import Transaction, Transactions

BATCH = 100


@frozen
class TickSurveys:
    transactions: Transactions
    clock: Clock
    region: Region
    _resting: Resting[SurveyId] = field(factory=Resting[SurveyId], init=False, eq=False, repr=False)

    async def __call__(self) -> int:
        """Announce, open, close, mark overdue and remind whatever is due; how many surveys changed.

        A survey that fails rests (`Resting`) and the others go on. Raises the errors together at the end.
        """
        now = self.clock.now()
        resting = self._resting.still(now)
        async with self.transactions() as tx:
            due = await tx.surveys.due_to_tick(now, BATCH + len(resting))
        changed, failed = 0, list[Exception]()
        for survey_id in due:
            if survey_id in resting:
                continue
            try:
                changed += await self._ticked(survey_id)
            except Exception as error:
                self._resting.lay(survey_id, now)
                error.add_note(f"survey {survey_id}")
                failed.append(error)
        if failed:
            raise ExceptionGroup("surveys that time could not be recorded of", failed)
        return changed

    async def _ticked(self, survey_id: SurveyId) -> bool:
        with suppress(StaleVersion):  # somebody acted first; the next round looks again
            async with self.transactions() as tx:
                survey = await tx.surveys.by_id(survey_id)
                now = self.clock.now()
                if not await may_go_on(tx, survey, now):
                    return False
                after = tick(survey, survey_rules(self.region), at=now)
                if after is not survey:
                    await tx.surveys.save(after)
            return after is not survey
        return False


async def may_go_on(tx: Transaction, survey: Survey, at: datetime) -> bool:
    """A survey of a group is announced only while the group is active, which is held until that is saved.

    One whose start has passed goes back to its initiator in any case.
    """
    group_id = survey.initiator.group_id
    if survey.stage is not Stage.APPROVED or group_id is None or survey.starts_at <= at:
        return True
    return (await tx.groups.hold(group_id)).is_active
