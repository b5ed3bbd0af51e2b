"""Closing: an ended survey is swept of traces, counted, signed and published, or sealed without a tally.

Every step before the last can be done again without harm, and the last is one unit: what a kill interrupts
is found again by `to_seal`, and comes to the same.
"""

import asyncio
from contextlib import suppress
from typing import ClassVar
from uuid import UUID

from attrs import field, frozen

from niktokromenas.application.resting import Resting
from niktokromenas.application.surveys.remarks import begin_remarks
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys import ticking
from niktokromenas.domain.surveys.announcing import day_that_counts
from niktokromenas.domain.surveys.counting import CountedSurvey, Counting, counted_survey
from niktokromenas.domain.surveys.log import GrowingRoot, Head
from niktokromenas.domain.surveys.published import content_digest
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.ballots import BallotRegister, BallotTraces, Kept
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.heads import HeadSigner
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.surveys import awaits_seal
from niktokromenas.ports.targets import TargetSizes
from niktokromenas.ports.transactions import Transactions

BATCH = 20
ROWS_A_UNIT = 500
"""Rewritten at once: no unit holds the database long."""
SWEEPS = 20
SWEEP_PAUSE = 0.05
"""Seconds between tries, while somebody reads what should go."""


class BallotsDiffer(Conflict):
    """Those who took part, the ballots and what was counted are not one number: nothing is published."""

    code: ClassVar[str] = "ballots-differ"
    basis: ClassVar[str | None] = "Положение, разд. 9"


@frozen
class CloseSurveys:
    transactions: Transactions
    clock: Clock
    region: Region
    register: BallotRegister
    traces: BallotTraces
    signer: HeadSigner
    sizes: TargetSizes
    _resting: Resting[SurveyId] = field(factory=Resting[SurveyId], init=False, eq=False, repr=False)
    _rewritten: set[SurveyId] = field(factory=set[SurveyId], init=False, eq=False, repr=False)
    """What waits for its sweep alone; after a restart it is rewritten again."""

    async def __call__(self) -> int:
        """How many surveys got their signed head.

        One that fails, or that somebody's reading holds up, rests (`Resting`) and the others go on. Raises
        the errors together at the end.
        """
        now = self.clock.now()
        resting = self._resting.still(now)
        async with self.transactions() as tx:
            ended = await tx.surveys.to_seal(BATCH + len(resting))
        closed, failed = 0, list[Exception]()
        for survey_id in ended:
            if survey_id in resting:
                continue
            try:
                if await self._close(survey_id):
                    closed += 1
                else:
                    self._resting.lay(survey_id, now)
            except Exception as error:
                error.add_note(f"survey {survey_id}")
                failed.append(error)
                self._resting.lay(survey_id, now)
        if failed:
            raise ExceptionGroup("surveys that could not be closed", failed)
        return closed

    async def _close(self, survey_id: SurveyId) -> bool:
        """`False` where it has to wait, or another worker was first."""
        async with self.transactions() as tx:
            survey = await tx.surveys.to_count(survey_id)  # every ballot that was in time is there now
        if not awaits_seal(survey):
            return False
        if survey.content.secrecy is Secrecy.SECRET and not await self._swept(survey):
            return False
        growing, counting = await self._counted(survey)
        counted = None
        if survey.stage is Stage.CLOSED:
            last_day = self.region.calendar.local_date(day_that_counts(survey, self.clock.now()))
            target_size = await self.sizes.count(survey.content.target, last_day)
            counted = await asyncio.to_thread(counted_survey, survey_id, counting, target_size)
        return await self._saved(survey, growing, counted)

    async def _swept(self, survey: Survey) -> bool:
        """Whether nothing tells any more in which order ballots came."""
        if survey.id not in self._rewritten:
            for kept in Kept:
                await self._rewrite(survey.id, kept)
            self._rewritten.add(survey.id)
        for _ in range(SWEEPS):
            if await self.traces.sweep():
                return True
            await asyncio.sleep(SWEEP_PAUSE)
        return False

    async def _rewrite(self, survey_id: SurveyId, kept: Kept) -> None:
        after: UUID | None = None
        while True:
            async with self.transactions() as tx:
                after = await tx.ballots.rewrite_in_key_order(survey_id, kept, after, ROWS_A_UNIT)
            if after is None:
                return

    async def _counted(self, survey: Survey) -> tuple[GrowingRoot, Counting]:
        """Raises `BallotsDiffer`, `RepeatedLeaf`."""
        growing = GrowingRoot()
        counting = Counting(survey.content, tuple(self.region.municipalities))
        async for vote in self.register.votes(survey.id):
            growing.add(vote.leaf)
            counting.add(vote.answers, vote.marks)
        box = await self.register.count(survey.id)
        if not growing.size == box.ballots == box.participants:
            raise BallotsDiffer(
                f"Голосов {box.ballots}, участников {box.participants}, подсчитано {growing.size}"
            )
        return growing, counting

    async def _saved(self, survey: Survey, growing: GrowingRoot, counted: CountedSurvey | None) -> bool:
        """`False` where somebody acted on the survey meanwhile: what they did is looked at first."""
        at, rules = self.clock.now(), survey_rules(self.region)
        head = Head(
            survey_id=survey.id,
            size=growing.size,
            root=growing.root,
            content=content_digest(survey),
            sealed_at=at,
        )
        signed = self.signer.sign(head)
        with suppress(StaleVersion):
            async with self.transactions() as tx:
                if counted is None:
                    await tx.surveys.save(ticking.seal(survey, signed, rules, at=at))
                else:
                    published = await tx.surveys.save(ticking.publish(survey, signed, rules, at=at))
                    await tx.results.add(published, counted)
                    await begin_remarks(tx, published)
            self._rewritten.discard(survey.id)
            return True
        return False
