"""Remarks in SQL: first laid down with random keys, then written anew in the order of these keys."""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.overwriting import overwriting
from niktokromenas.adapters.sql.saving import save_versioned
from niktokromenas.adapters.sql.stored import read, write
from niktokromenas.adapters.sql.tables import (
    remark_counts,
    remark_gatherings,
    remark_spots,
    survey_remarks,
    surveys,
)
from niktokromenas.adapters.sql.types import Id
from niktokromenas.adapters.sql.units import Units, reading_of
from niktokromenas.domain.ids import GrantId, ParticipantId, SurveyId
from niktokromenas.domain.surveys.content import Content
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

GATHERED = "gathered"
"""The stage of what is not laid out yet: seen by nobody."""
_r, _g, _c, _p = survey_remarks.c, remark_gatherings.c, remark_counts.c, remark_spots.c
_FIRST = UUID(int=0)


def remark_columns(remark: Remark) -> dict[str, Any]:
    return {
        "id": remark.id,
        "survey_id": remark.survey_id,
        "question": remark.question,
        "words": remark.words,
        "stage": remark.stage.value,
        "grounds": write(remark.grounds),
        "reason": remark.reason,
        "decided_by": remark.decided_by,
        "decided_under": remark.decided_under,
        "version": remark.version,
    }


def remark_of(row: Any) -> Remark:
    return Remark(
        id=row.id,
        survey_id=SurveyId(row.survey_id),
        question=row.question,
        words=row.words,
        stage=RemarkStage(row.stage),
        grounds=read(row.grounds, tuple[str, ...]),
        reason=row.reason,
        decided_by=ParticipantId(row.decided_by) if row.decided_by else None,
        decided_under=GrantId(row.decided_under) if row.decided_under else None,
        version=row.version,
    )


_BEGIN = sa.text(
    "INSERT INTO remark_gatherings (survey_id, after_leaf, phase, is_going)"
    " VALUES (:survey_id, :after_leaf, :phase, :is_going) ON CONFLICT DO NOTHING"
).bindparams(*(bindparam(column.name, type_=column.type) for column in remark_gatherings.c))
_GO_ON = sa.update(remark_gatherings).where(
    _g.survey_id == bindparam("the_survey"),
    _g.after_leaf == bindparam("the_leaf"),
    _g.phase == GatheringPhase.READING.value,
)
_TURN = sa.update(remark_gatherings).where(_g.survey_id == bindparam("the_survey"))
_INSERT = sa.insert(survey_remarks)
_ADD_SPOTS = sa.text(
    "INSERT INTO remark_spots (survey_id, question, municipality, count)"
    " VALUES (:survey_id, :question, :municipality, :count)"
    " ON CONFLICT (survey_id, question, municipality) DO UPDATE SET count = remark_spots.count + :count"
).bindparams(bindparam("survey_id", type_=Id))
_ADD_UNREAD = sa.text(
    "INSERT INTO remark_counts (survey_id, question, unread, shown, hidden)"
    " VALUES (:survey_id, :question, :unread, 0, 0)"
    " ON CONFLICT (survey_id, question) DO UPDATE SET unread = remark_counts.unread + :unread"
).bindparams(bindparam("survey_id", type_=Id))
_CHUNK = (
    select(survey_remarks)
    .where(_r.stage == GATHERED, _r.survey_id == bindparam("survey_id"))
    .order_by(_r.id)
    .limit(bindparam("limit"))
    .with_for_update()
)
_AWAY = sa.delete(survey_remarks).where(
    _r.stage == GATHERED, _r.survey_id == bindparam("the_survey"), _r.id <= bindparam("last")
)
_ONE = select(survey_remarks).where(_r.id == bindparam("id"), _r.stage != GATHERED)
_STAGE = select(_r.stage).where(_r.id == bindparam("id"), _r.version == bindparam("version"))


@cache
def _recount(before: str, after: str) -> sa.Update:
    counts = {before: _c[before] - 1, after: _c[after] + 1}
    where = (_c.survey_id == bindparam("the_survey"), _c.question == bindparam("the_question"))
    return sa.update(remark_counts).where(*where).values(counts)


@frozen
class SqlRemarks:
    connection: Connection

    async def begin(self, survey_id: SurveyId) -> None:
        first = {"after_leaf": b"", "phase": GatheringPhase.READING.value, "is_going": True}
        await self.connection.execute(_BEGIN, {"survey_id": survey_id, **first})

    async def gather(self, gathering: Gathering, found: Gathered) -> None:
        after: dict[str, Any] = {"phase": GatheringPhase.LAYING.value}
        if found.last_leaf is not None:
            after = {"after_leaf": found.last_leaf}
        where = {"the_survey": gathering.survey_id, "the_leaf": gathering.after}
        if (await self.connection.execute(_GO_ON, {**where, **after})).rowcount != 1:
            raise StaleVersion("Эти ответы уже собраны")
        in_order = sorted(found.remarks, key=lambda remark: remark.id)
        if in_order:
            rows = [remark_columns(remark) | {"stage": GATHERED} for remark in in_order]
            await self.connection.write(_INSERT, rows)
        for (question, municipality), count in sorted(found.spots.items()):
            place = {"question": question, "municipality": municipality, "count": count}
            await self.connection.execute(_ADD_SPOTS, {"survey_id": gathering.survey_id, **place})

    async def lay_out(self, survey_id: SurveyId, limit: int) -> int:
        rows = await self.connection.rows(_CHUNK, {"survey_id": survey_id, "limit": limit})
        if rows:
            async with overwriting(self.connection):
                await self.connection.execute(_AWAY, {"the_survey": survey_id, "last": rows[-1].id})
            first = {"stage": RemarkStage.UNREAD.value, "version": 1}
            await self.connection.write(_INSERT, [row._asdict() | first for row in rows])
        for question, unread in sorted(Counter(row.question for row in rows).items()):
            count = {"survey_id": survey_id, "question": question, "unread": unread}
            await self.connection.execute(_ADD_UNREAD, count)
        if len(rows) < limit:
            await self._turn(survey_id, GatheringPhase.SWEEPING)
        return len(rows)

    async def end_gathering(self, survey_id: SurveyId) -> None:
        await self._turn(survey_id, GatheringPhase.OVER)

    async def _turn(self, survey_id: SurveyId, phase: GatheringPhase) -> None:
        after = {"phase": phase.value, "is_going": phase is not GatheringPhase.OVER}
        await self.connection.execute(_TURN, {"the_survey": survey_id, **after})

    async def get(self, remark_id: UUID) -> Remark:
        found = await self.connection.rows(_ONE, {"id": remark_id})
        if not found:
            raise RemarkNotFound("Такого ответа нет")
        return remark_of(found[0])

    async def save(self, remark: Remark) -> Remark:
        before = await self.connection.rows(_STAGE, {"id": remark.id, "version": remark.version})
        if not before:
            raise StaleVersion("Ответ изменился: прочитайте его снова")
        stored = evolve(remark, version=remark.version + 1)
        await save_versioned(self.connection, survey_remarks, remark_columns(stored))
        if before[0].stage != stored.stage.value:
            where = {"the_survey": stored.survey_id, "the_question": stored.question}
            await self.connection.execute(_recount(before[0].stage, stored.stage.value), where)
        return stored


_UNFINISHED = (
    select(_g.survey_id, _g.after_leaf, _g.phase)
    .where(_g.is_going == sa.true())
    .order_by(_g.survey_id)
    .limit(bindparam("limit"))
)
_QUEUE = (
    select(survey_remarks, surveys.c.number, surveys.c.title, surveys.c.content)
    .join_from(survey_remarks, surveys, surveys.c.id == _r.survey_id)
    .where(_r.stage == bindparam("stage"), surveys.c.stage == Stage.PUBLISHED.value)
    .order_by(_r.survey_id, _r.id)
    .limit(bindparam("limit"))
)
_QUEUE_OF_ALL = _QUEUE.where(
    tuple_(_r.survey_id, _r.id) > tuple_(bindparam("after_survey", type_=Id), bindparam("after_id", type_=Id))
)
_QUEUE_OF_ONE = _QUEUE.where(_r.survey_id == bindparam("survey_id"), _r.id > bindparam("after_id"))
_SHOWN = (
    select(survey_remarks)
    .where(
        _r.survey_id == bindparam("survey_id"),
        _r.question == bindparam("question"),
        _r.stage == RemarkStage.SHOWN.value,
        _r.id > bindparam("after"),
    )
    .order_by(_r.id)
    .limit(bindparam("limit"))
)
_COUNTS = select(_c.question, _c.unread, _c.shown, _c.hidden).where(_c.survey_id == bindparam("survey_id"))
_SPOTS = select(_p.question, _p.municipality, _p["count"]).where(_p.survey_id == bindparam("survey_id"))
_PHASE = select(_g.phase).where(_g.survey_id == bindparam("survey_id"))
_WHOLE = {GatheringPhase.SWEEPING.value, GatheringPhase.OVER.value}


@frozen
class SqlRemarkRegister:
    units: Units

    async def unfinished(self, limit: int) -> tuple[Gathering, ...]:
        async with self.units.reading() as connection:
            rows = await connection.rows(_UNFINISHED, {"limit": limit})
        return tuple(
            Gathering(survey_id=SurveyId(of), after=after, phase=GatheringPhase(phase))
            for of, after, phase in rows
        )

    async def queue(
        self, stage: RemarkStage, survey_id: SurveyId | None, after: RemarkPlace | None, limit: int
    ) -> tuple[QueuedRemark, ...]:
        parameters: dict[str, Any] = {"stage": stage.value, "limit": limit}
        parameters["after_id"] = after.id if after else _FIRST
        if survey_id is not None:
            statement, parameters["survey_id"] = _QUEUE_OF_ONE, survey_id
        else:
            statement, parameters["after_survey"] = _QUEUE_OF_ALL, after.survey_id if after else _FIRST
        async with self.units.reading() as connection:
            rows = await connection.rows(statement, parameters)
        contents: dict[UUID, Content] = {}
        return tuple(_queued(row, contents) for row in rows)

    async def shown(
        self, survey_id: SurveyId, question: str, after: UUID | None, limit: int
    ) -> tuple[Remark, ...]:
        parameters = {"survey_id": survey_id, "question": question, "after": after or _FIRST, "limit": limit}
        async with reading_of(self.units, limit) as connection:
            return tuple(map(remark_of, await connection.rows(_SHOWN, parameters)))

    async def counts(self, survey_id: SurveyId) -> Mapping[str, RemarkCounts]:
        async with self.units.reading() as connection:
            rows = await connection.rows(_COUNTS, {"survey_id": survey_id})
        return {
            of: RemarkCounts(unread=unread, shown=shown, hidden=hidden) for of, unread, shown, hidden in rows
        }

    async def spots(self, survey_id: SurveyId) -> Mapping[str, Mapping[str, int]]:
        async with self.units.reading() as connection:
            rows = await connection.rows(_SPOTS, {"survey_id": survey_id})
        found: dict[str, dict[str, int]] = {}
        for question, municipality, count in rows:
            found.setdefault(question, {})[municipality] = count
        return found

    async def is_whole(self, survey_id: SurveyId) -> bool:
        async with self.units.reading() as connection:
            rows = await connection.rows(_PHASE, {"survey_id": survey_id})
        return bool(rows) and rows[0].phase in _WHOLE


def _queued(row: Any, contents: dict[UUID, Content]) -> QueuedRemark:
    content = contents.get(row.survey_id)
    if content is None:
        content = contents[row.survey_id] = read(row.content, Content)
    question = content.question(row.question)
    return QueuedRemark(
        remark=remark_of(row),
        number=row.number,
        title=row.title,
        question_words=question.words if question else row.question,
    )
