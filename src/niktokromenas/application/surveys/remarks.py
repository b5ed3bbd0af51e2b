"""Words of ballots: gathered after publication, read by a moderator, shown (Положение, разд. 9)."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from attrs import field, frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.application.resting import Resting
from niktokromenas.application.surveys.leaders import leaders_of
from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.messages.hints import Hint
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.grounds import Ground
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.outcome import is_withheld, require_told
from niktokromenas.domain.surveys.questions import Question
from niktokromenas.domain.surveys.remarks import (
    ELSEWHERE,
    Remark,
    RemarkStage,
    are_gathered,
    hide,
    require_decidable,
    show,
    shown_spots,
    spots_of,
    takes_spots,
    takes_words,
    words_of,
)
from niktokromenas.domain.surveys.sheets import read
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.visibility import may_see
from niktokromenas.domain.values import Point
from niktokromenas.ports.ballots import BallotRegister, BallotTraces, Vote
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.locator import Locator
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.remarks import (
    Gathered,
    Gathering,
    GatheringPhase,
    QueuedRemark,
    RemarkCounts,
    RemarkPlace,
    RemarkRegister,
)
from niktokromenas.ports.surveys import SurveyJournal, SurveyNotFound
from niktokromenas.ports.text import TextHints
from niktokromenas.ports.transactions import Transaction, Transactions

BALLOTS_AT_ONCE = 500
SURVEYS_AT_ONCE = 10


async def begin_remarks(tx: Transaction, survey: Survey) -> None:
    """In the unit that publishes the result: from then on its words are gathered, where any may be shown."""
    if not is_withheld(survey) and are_gathered(survey.content.questions):
        await tx.remarks.begin(survey.id)


@frozen
class GatherRemarks:
    """A batch of ballots a unit, each once: the unit that stores their words stores how far they came.

    A kill repeats what was not committed. Once all are read they are laid out anew by their random keys, and
    what the store remembers of the first writing is swept.
    """

    transactions: Transactions
    register: RemarkRegister
    ballots: BallotRegister
    traces: BallotTraces
    locator: Locator
    random_id: NewId
    clock: Clock
    at_once: int = BALLOTS_AT_ONCE
    _resting: Resting[SurveyId] = field(factory=Resting[SurveyId], init=False, eq=False, repr=False)

    async def __call__(self) -> int:
        """One step of each survey that is being gathered; how much was done.

        A survey that fails rests (`Resting`) and the others go on. Raises the errors together at the end.
        """
        now = self.clock.now()
        resting = self._resting.still(now)
        done, failed = 0, list[Exception]()
        for gathering in await self.register.unfinished(SURVEYS_AT_ONCE + len(resting)):
            if gathering.survey_id in resting:
                continue
            try:
                done += await self._step(gathering)
            except Exception as error:
                self._resting.lay(gathering.survey_id, now)
                error.add_note(f"survey {gathering.survey_id}")
                failed.append(error)
        if failed:
            raise ExceptionGroup("surveys whose words could not be gathered", failed)
        return done

    async def _step(self, gathering: Gathering) -> int:
        survey_id = gathering.survey_id
        match gathering.phase:
            case GatheringPhase.READING:
                return await self._read(gathering)
            case GatheringPhase.LAYING:
                async with self.transactions() as tx:
                    return await tx.remarks.lay_out(survey_id, self.at_once) + 1
            case _:
                if not await self.traces.sweep():
                    return 0
                async with self.transactions() as tx:
                    await tx.remarks.end_gathering(survey_id)
                return 1

    async def _read(self, gathering: Gathering) -> int:
        async with self.transactions() as tx:
            survey = await tx.surveys.by_id(gathering.survey_id)
            if survey.stage is not Stage.PUBLISHED or is_withheld(survey):
                await tx.remarks.end_gathering(survey.id)
                return 1
        votes = await self._votes(gathering)
        found = self._gathered(survey.id, votes)
        try:
            async with self.transactions() as tx:
                await tx.remarks.gather(gathering, found)
        except StaleVersion:  # another worker was first
            return 0
        return len(votes) + 1

    async def _votes(self, gathering: Gathering) -> list[Vote]:
        votes: list[Vote] = []
        async for vote in self.ballots.votes(gathering.survey_id, gathering.after):
            votes.append(vote)
            if len(votes) == self.at_once:
                break
        return votes

    def _gathered(self, survey_id: SurveyId, votes: Sequence[Vote]) -> Gathered:
        sheets = [read(json.loads(vote.answers)) for vote in votes]
        remarks = [
            Remark(id=self.random_id(), survey_id=survey_id, question=question, words=words)
            for sheet in sheets
            for question, words in words_of(sheet)
        ]
        spots = Counter((code, self._place(point)) for sheet in sheets for code, point in spots_of(sheet))
        return Gathered(remarks=remarks, spots=spots, last_leaf=votes[-1].leaf if votes else None)

    def _place(self, point: Point) -> str:
        located = self.locator.locate(point)
        return located.municipality if located else ELSEWHERE


@frozen(kw_only=True)
class Picked:
    """A remark as the moderator last read it."""

    id: UUID
    version: int


@frozen
class ModerateRemarksHandler:
    """One or several at once: all of them or none."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def show(self, actor: Actor, picked: Sequence[Picked]) -> tuple[Remark, ...]:
        """Raises `RoleRequired`, `ChooseGrant`, `GrantOver`, `RemarkNotFound`, `StaleVersion`, `OwnSurvey`,
        `RemarksNotOpen`, `AlreadyDecided`.
        """
        return await self._decide(actor, picked, RemarkStage.SHOWN, (), None)

    async def hide(
        self, actor: Actor, picked: Sequence[Picked], grounds: Sequence[str], words: str
    ) -> tuple[Remark, ...]:
        """Raises `Invalid` too."""
        found = self.region.resolve_grounds(grounds)
        return await self._decide(actor, picked, RemarkStage.HIDDEN, found, words)

    async def _decide(
        self,
        actor: Actor,
        picked: Sequence[Picked],
        stage: RemarkStage,
        grounds: tuple[Ground, ...],
        words: str | None,
    ) -> tuple[Remark, ...]:
        now, acting = self.clock.now(), actor.acting(Permission.MODERATE_REMARK)
        _require_once(picked)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            remarks = [await _read(tx, each) for each in picked]
            surveys = {remark.survey_id for remark in remarks}
            numbers = {each: await _number(tx, each, acting) for each in sorted(surveys)}
            saved: dict[UUID, Remark] = {}
            for remark in sorted(remarks, key=lambda r: (r.survey_id, r.question, r.id)):
                if stage is RemarkStage.SHOWN:
                    after = show(remark, acting)
                else:
                    after = hide(remark, grounds, words, acting)
                saved[remark.id] = await tx.remarks.save(after)
                thing, facts = ("remark", str(remark.id)), {"survey": numbers[remark.survey_id]}
                action = "remark.show" if stage is RemarkStage.SHOWN else "remark.hide"
                await tx.audit.add(audited(self.new_id(), actor, acting, action, thing, now, facts))
            return tuple(saved[each.id] for each in picked)


def _require_once(picked: Sequence[Picked]) -> None:
    ids = [each.id for each in picked]
    faults = [
        Fault(f"/remarks/{place}", "repeated", "Ответ указан дважды")
        for place, each in enumerate(ids)
        if each in ids[:place]
    ]
    if faults:
        raise Invalid("Ответ указан дважды", faults=tuple(faults))


async def _read(tx: Transaction, picked: Picked) -> Remark:
    remark = await tx.remarks.get(picked.id)
    if remark.version != picked.version:
        raise StaleVersion("Ответ изменился: прочитайте его снова", members={"remark": str(remark.id)})
    return remark


async def _number(tx: Transaction, survey_id: SurveyId, acting: Acting) -> str:
    survey = await tx.surveys.by_id(survey_id)
    require_decidable(survey, acting, led_by=await leaders_of(tx, survey))
    return survey.number


@frozen(kw_only=True)
class HintedRemark:
    """With what a program noticed in its words; it decides nothing."""

    queued: QueuedRemark
    hints: tuple[Hint, ...]


@frozen(kw_only=True)
class RemarksShown:
    """What everybody sees of one question. `spots` by municipality, `None` where hidden."""

    remarks: tuple[Remark, ...]
    counts: RemarkCounts
    spots: Mapping[str, int | None]
    is_whole: bool
    """All words of the ballots are gathered: no more will come to be moderated."""


@frozen
class ReadRemarks:
    register: RemarkRegister
    journal: SurveyJournal
    transactions: Transactions
    clock: Clock
    new_id: NewId
    hints: TextHints
    region: Region

    async def queue(
        self, actor: Actor, stage: RemarkStage, number: str | None, after: RemarkPlace | None, limit: int
    ) -> tuple[HintedRemark, ...]:
        """For moderators; words may hold somebody's personal data, so each look is audited.

        Raises `SignInRequired`, `RoleRequired`, `ChooseGrant`, `GrantOver`, `SurveyNotFound`.
        """
        now, acting = self.clock.now(), actor.acting(Permission.MODERATE_REMARK)
        survey = await self._seen(actor, number) if number is not None else None
        survey_id = survey.id if survey is not None else None
        found = await self.register.queue(stage, survey_id, after, limit)
        facts = {"remarks": " ".join(str(each.remark.id) for each in found)}
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            thing = ("remarks", number or "all")
            entry = audited(self.new_id(), actor, acting, "personal-data.look", thing, now, facts)
            await tx.audit.add(entry)
        return tuple(HintedRemark(queued=each, hints=self.hints.find(each.remark.words)) for each in found)

    async def _seen(self, actor: Actor, number: str) -> Survey:
        survey = await self.journal.one(number)
        if not may_see(survey, actor):
            raise SurveyNotFound("Такого опроса нет")
        return survey

    async def shown(
        self, actor: Actor, number: str, question: str, after: UUID | None, limit: int
    ) -> RemarksShown:
        """Of a question in own words or on the map.

        Raises `SurveyNotFound`, `NoResultsYet`, `NoResults`, `TooFewBallots`, `Invalid`.
        """
        survey = await self._seen(actor, number)
        require_told(survey)
        asked = survey.content.question(question)
        if asked is None or not (takes_words(asked) or takes_spots(asked)):
            detail = "Такого вопроса нет, или на него не отвечают своими словами"
            raise Invalid(detail, faults=(Fault("/question", "unknown-question", detail),))
        is_whole = await self.register.is_whole(survey.id)
        counts = await self.register.counts(survey.id)
        return RemarksShown(
            remarks=await self.register.shown(survey.id, question, after, limit),
            counts=counts.get(question, RemarkCounts()),
            spots=await self.spots(survey, asked) if is_whole else {},
            is_whole=is_whole,
        )

    async def spots(self, survey: Survey, question: Question) -> Mapping[str, int | None]:
        """Of every municipality and elsewhere; nothing of a question that is not on the map."""
        if not takes_spots(question):
            return {}
        found = (await self.register.spots(survey.id)).get(question.code, {})
        places = [*self.region.municipalities, ELSEWHERE]
        return shown_spots({place: found.get(place, 0) for place in places})
