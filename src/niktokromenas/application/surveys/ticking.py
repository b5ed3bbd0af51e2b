"""The ticker of surveys: records what time has already made true, survey by survey."""

from contextlib import suppress
from datetime import datetime
from enum import Enum, auto

from attrs import define, field, frozen

from niktokromenas.application.resting import Resting
from niktokromenas.application.surveys.freezing import what_ended
from niktokromenas.application.surveys.initiating import is_member
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Initiator
from niktokromenas.domain.surveys.ticking import freeze, tick
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.transactions import Transaction, Transactions

BATCH = 100


class _Came(Enum):
    """What came of one."""

    CHANGED = auto()
    NOTHING = auto()
    WAITS = auto()
    """It may not be announced yet, and rests until it is looked at again."""


@define
class _Round:
    changed: int = 0
    failed: list[Exception] = field(factory=list[Exception])


@frozen
class TickSurveys:
    transactions: Transactions
    clock: Clock
    region: Region
    _resting: Resting[SurveyId] = field(factory=Resting[SurveyId], init=False, eq=False, repr=False)

    async def __call__(self) -> int:
        """Announce, open, close, mark overdue and remind whatever is due; how many surveys changed.

        A survey that fails, or may not be announced yet, rests (`Resting`) and the others go on; those that
        only wait take no place in the batch. Raises the errors together at the end.
        """
        now, done = self.clock.now(), _Round()
        while await self._batch(now, done):
            pass
        if done.failed:
            raise ExceptionGroup("surveys that time could not be recorded of", done.failed)
        return done.changed

    async def _batch(self, now: datetime, done: _Round) -> int:
        """How many of it only wait."""
        waiting, resting = 0, self._resting.still(now)
        async with self.transactions() as tx:
            due = await tx.surveys.due_to_tick(now, BATCH + len(resting))
        for survey_id in due:
            if survey_id in resting:
                continue
            try:
                came = await self._ticked(survey_id)
                done.changed += came is _Came.CHANGED
                waiting += came is _Came.WAITS
            except Exception as error:
                self._resting.lay(survey_id, now)
                error.add_note(f"survey {survey_id}")
                done.failed.append(error)
        return waiting

    async def _ticked(self, survey_id: SurveyId) -> _Came:
        with suppress(StaleVersion):  # somebody acted first; the next round looks again
            async with self.transactions() as tx:
                survey = await tx.surveys.by_id(survey_id)
                now, rules = self.clock.now(), survey_rules(self.region)
                ended = None
                if survey.stage is Stage.APPROVED and now < survey.starts_at:
                    ended = await what_ended(tx, survey.initiator)
                    if ended is None and not await may_announce(tx, survey.initiator):
                        self._resting.lay(survey_id, now, until=survey.starts_at)
                        return _Came.WAITS
                after = freeze(survey, ended, rules, at=now) if ended else tick(survey, rules, at=now)
                if after is not survey:
                    await tx.surveys.save(after)
            return _Came.NOTHING if after is survey else _Came.CHANGED
        return _Came.NOTHING


async def may_announce(tx: Transaction, initiator: Initiator) -> bool:
    """A group's survey only while the group is active and its author a member; the group is held meanwhile.

    One whose start passes before that goes back to its initiator.
    """
    if initiator.group_id is None:
        return True
    return await is_member(tx, initiator.group_id, initiator.participant_id)
