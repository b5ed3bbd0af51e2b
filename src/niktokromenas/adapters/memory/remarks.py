"""Remarks in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.remarks import Remark, RemarkStage
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.remarks import (
    Gathered,
    Gathering,
    GatheringPhase,
    QueuedRemark,
    RemarkCounts,
    RemarkNotFound,
    RemarkPlace,
)

_WHOLE = frozenset({GatheringPhase.SWEEPING, GatheringPhase.OVER})


@frozen
class MemoryRemarks:
    store: MemoryStore

    async def begin(self, survey_id: SurveyId) -> None:
        if self.store.gatherings.get(survey_id) is None:
            self.store.gatherings.put(survey_id, Gathering(survey_id=survey_id))

    async def gather(self, gathering: Gathering, found: Gathered) -> None:
        known = self.store.gatherings.get(gathering.survey_id)
        if known is None or known.phase is not GatheringPhase.READING or known.after != gathering.after:
            raise StaleVersion("Эти ответы уже собраны")
        after = evolve(known, phase=GatheringPhase.LAYING)
        if found.last_leaf is not None:
            after = evolve(known, after=found.last_leaf)
        self.store.gatherings.put(gathering.survey_id, after)
        for remark in found.remarks:
            self.store.gathered.put(remark.id, remark)
        for (question, municipality), count in found.spots.items():
            key = (gathering.survey_id, question, municipality)
            self.store.remark_spots.put(key, count + (self.store.remark_spots.get(key) or 0))

    async def lay_out(self, survey_id: SurveyId, limit: int) -> int:
        waiting = [remark for remark in self.store.gathered.seen() if remark.survey_id == survey_id]
        chosen = sorted(waiting, key=lambda remark: remark.id)[:limit]
        for remark in chosen:
            self.store.gathered.drop(remark.id)
            self.store.remarks.put(remark.id, evolve(remark, version=1))
        if len(chosen) < limit:
            self._turn(survey_id, GatheringPhase.SWEEPING)
        return len(chosen)

    async def end_gathering(self, survey_id: SurveyId) -> None:
        self._turn(survey_id, GatheringPhase.OVER)

    def _turn(self, survey_id: SurveyId, phase: GatheringPhase) -> None:
        known = self.store.gatherings.get(survey_id)
        if known is not None:
            self.store.gatherings.put(survey_id, evolve(known, phase=phase))

    async def get(self, remark_id: UUID) -> Remark:
        found: Remark | None = self.store.remarks.get(remark_id)
        if found is None:
            raise RemarkNotFound("Такого ответа нет")
        return found

    async def save(self, remark: Remark) -> Remark:
        known: Remark | None = self.store.remarks.get(remark.id)
        if known is None or known.version != remark.version:
            raise StaleVersion("Ответ изменился: прочитайте его снова")
        stored = evolve(remark, version=remark.version + 1)
        self.store.remarks.put(remark.id, stored)
        return stored


@frozen
class MemoryRemarkRegister:
    store: MemoryStore

    async def unfinished(self, limit: int) -> tuple[Gathering, ...]:
        going = [g for g in self.store.gatherings.committed() if g.phase is not GatheringPhase.OVER]
        return tuple(sorted(going, key=lambda gathering: gathering.survey_id)[:limit])

    async def queue(
        self, stage: RemarkStage, survey_id: SurveyId | None, after: RemarkPlace | None, limit: int
    ) -> tuple[QueuedRemark, ...]:
        edge = (after.survey_id, after.id) if after else None
        if survey_id is not None and after is not None:
            edge = (survey_id, after.id)
        found = [
            remark
            for remark in self.store.remarks.committed()
            if remark.stage is stage
            and survey_id in (None, remark.survey_id)
            and (edge is None or (remark.survey_id, remark.id) > edge)
            and self.store.surveys.rows[remark.survey_id].stage is Stage.PUBLISHED
        ]
        in_order = sorted(found, key=lambda remark: (remark.survey_id, remark.id))[:limit]
        return tuple(self._queued(remark) for remark in in_order)

    def _queued(self, remark: Remark) -> QueuedRemark:
        survey = self.store.surveys.rows[remark.survey_id]
        question = survey.content.question(remark.question)
        return QueuedRemark(
            remark=remark,
            number=survey.number,
            title=survey.content.title,
            question_words=question.words if question else remark.question,
        )

    async def shown(
        self, survey_id: SurveyId, question: str, after: UUID | None, limit: int
    ) -> tuple[Remark, ...]:
        found = [
            remark
            for remark in self._of(survey_id)
            if remark.question == question
            and remark.stage is RemarkStage.SHOWN
            and (after is None or remark.id > after)
        ]
        return tuple(sorted(found, key=lambda remark: remark.id)[:limit])

    def _of(self, survey_id: SurveyId) -> Iterator[Remark]:
        return (remark for remark in self.store.remarks.committed() if remark.survey_id == survey_id)

    async def counts(self, survey_id: SurveyId) -> Mapping[str, RemarkCounts]:
        found = Counter((remark.question, remark.stage) for remark in self._of(survey_id))
        return {
            question: RemarkCounts(**{stage.value: found[question, stage] for stage in RemarkStage})
            for question, _ in found
        }

    async def spots(self, survey_id: SurveyId) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for (of, question, municipality), count in self.store.remark_spots.rows.items():
            if of == survey_id:
                found.setdefault(question, {})[municipality] = count
        return found

    async def is_whole(self, survey_id: SurveyId) -> bool:
        known = self.store.gatherings.rows.get(survey_id)
        return known is not None and known.phase in _WHOLE
