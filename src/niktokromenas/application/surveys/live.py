"""Live numbers: open ballots counted in the background, shown in steps that are nobody's alone (разд. 9)."""

from collections.abc import AsyncIterator
from contextlib import suppress

from attrs import field, frozen

from niktokromenas.application.resting import Resting
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.counting import Counting
from niktokromenas.domain.surveys.live import LiveNumbers, live_numbers, step_after
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import Cursor, StaleVersion
from niktokromenas.ports.results import ResultRegister, RunningBallots
from niktokromenas.ports.surveys import SurveyFilter, SurveyItem, SurveyJournal
from niktokromenas.ports.transactions import Transactions

PAGE = 100
NOTHING = LiveNumbers(tally={})


@frozen
class UpdateLive:
    transactions: Transactions
    clock: Clock
    journal: SurveyJournal
    register: ResultRegister
    running: RunningBallots
    _resting: Resting[SurveyId] = field(factory=Resting[SurveyId], init=False, eq=False, repr=False)
    _not_live: set[SurveyId] = field(factory=set[SurveyId], init=False, eq=False, repr=False)
    """Announced so: that does not change."""

    async def __call__(self) -> int:
        """How many surveys have new numbers.

        One that fails rests (`Resting`) and the others go on. Raises the errors together at the end.
        """
        now = self.clock.now()
        resting = self._resting.still(now)
        moved, failed = 0, list[Exception]()
        async for item in self._open():
            if item.id in resting or item.id in self._not_live:
                continue
            try:
                moved += await self._updated(await self.journal.one(item.number))
            except Exception as error:
                error.add_note(f"survey {item.id}")
                failed.append(error)
                self._resting.lay(item.id, now)
        if failed:
            raise ExceptionGroup("surveys whose live numbers could not be counted", failed)
        return moved

    async def _open(self) -> AsyncIterator[SurveyItem]:
        after: Cursor | None = None
        while True:
            page = await self.journal.public(SurveyFilter(stage=Stage.OPEN.value), after, PAGE)
            for item in page.items:
                if item.secrecy == Secrecy.OPEN.value:
                    yield item
            if page.next is None:
                return
            after = page.next

    async def _updated(self, survey: Survey) -> bool:
        if not survey.content.is_live:
            self._not_live.add(survey.id)
            return False
        shown = await self.register.live(survey.id) or NOTHING
        if await self.running.count(survey.id) - shown.ballots < step_after(shown):
            return False
        counting = Counting(survey.content)
        async for answers in self.running.each(survey.id):
            counting.add(answers, {})
        with suppress(StaleVersion):  # another worker was first
            return await self._shown(survey.id, counting)
        return False

    async def _shown(self, survey_id: SurveyId, counting: Counting) -> bool:
        async with self.transactions() as tx:
            before = await tx.results.live(survey_id)
            shown = before or NOTHING
            step = step_after(shown)
            after = live_numbers(shown, counting.tally, ballots=counting.ballots, step=step)
            if after is shown:
                return False
            await tx.results.show(survey_id, before, after)
        return True
