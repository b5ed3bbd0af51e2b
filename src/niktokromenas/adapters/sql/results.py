"""Results of surveys in SQL: what a reader asks for is one row, found by its key."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.exc import IntegrityError

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.stored import read, write
from niktokromenas.adapters.sql.tables import (
    live_numbers,
    open_ballots,
    survey_breakdowns,
    survey_results,
    surveys,
)
from niktokromenas.adapters.sql.types import Id, UtcDateTime
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import MessageId, SurveyId
from niktokromenas.domain.surveys.breakdowns import Breakdown, Counted
from niktokromenas.domain.surveys.content import Dimension, Series
from niktokromenas.domain.surveys.counting import Breakdowns, CountedSurvey, Totals
from niktokromenas.domain.surveys.live import LiveNumbers
from niktokromenas.domain.surveys.rounds import Mean
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import Tally
from niktokromenas.ports.messages import Cursor, Page, StaleVersion
from niktokromenas.ports.results import REGION, ResultsNotFound, Round, RoundFilter

PAGE = 500
"""Ballots in memory at a time."""
_EXACT = 2**53
"""JSON of both databases keeps whole numbers below it."""

_r, _b, _l, _o, _s = survey_results.c, survey_breakdowns.c, live_numbers.c, open_ballots.c, surveys.c
_ADD = sa.insert(survey_results)
_ADD_BREAKDOWN = sa.insert(survey_breakdowns)
_TOTALS = select(_r.ballots, _r.target_size, _r.tally, _r.means).where(_r.survey_id == bindparam("survey_id"))
_BREAKDOWNS = select(survey_breakdowns).where(_b.survey_id == bindparam("survey_id"))
_SHOWN = select(_b.shown).where(
    _b.survey_id == bindparam("survey_id"), _b.dimension == bindparam("dimension")
)
_LIVE = select(_l.ballots, _l.tally).where(_l.survey_id == bindparam("survey_id"))
_SHOW_FIRST = sa.text(
    "INSERT INTO live_numbers (survey_id, ballots, tally) VALUES (:survey_id, :ballots, :tally)"
    " ON CONFLICT DO NOTHING"
).bindparams(*(bindparam(column.name, type_=column.type) for column in live_numbers.c))
_SHOW = sa.update(live_numbers).where(
    _l.survey_id == bindparam("the_survey"), _l.ballots == bindparam("the_ballots")
)


def written_tally(tally: Tally) -> dict[str, dict[str, int | str]]:
    """Sums of squares may be longer than JSON's whole numbers: such are words."""
    return {
        code: {cell: count if -_EXACT < count < _EXACT else str(count) for cell, count in counts.items()}
        for code, counts in tally.items()
    }


def read_tally(written: Mapping[str, Mapping[str, int | str]]) -> Tally:
    return {code: {cell: int(n) for cell, n in counts.items()} for code, counts in written.items()}


def _none() -> ResultsNotFound:
    return ResultsNotFound("Итогов этого опроса нет")


def _totals_of(row: Any) -> Totals:
    return Totals(
        ballots=row.ballots,
        target_size=row.target_size,
        tally=read_tally(row.tally),
        means=read(row.means, tuple[Mean, ...]),
    )


def _shown_of(written: Mapping[str, Any]) -> Breakdown:
    """Its numbers and words are JSON's own: nothing is converted."""
    return Breakdown(ballots=written["ballots"], tables=written["tables"])


def _live_of(row: Any) -> LiveNumbers:
    return LiveNumbers(ballots=row.ballots, tally=read_tally(row.tally))


def _live_columns(survey_id: SurveyId, live: LiveNumbers) -> dict[str, Any]:
    tally = written_tally(live.tally)
    return {"survey_id": survey_id, "ballots": live.ballots, "tally": tally}


@frozen
class SqlResults:
    connection: Connection

    async def add(self, survey: Survey, counted: CountedSurvey) -> None:
        totals = counted.totals
        series = None if totals.is_withheld else survey.content.series
        columns = {
            "survey_id": survey.id,
            "ballots": totals.ballots,
            "target_size": totals.target_size,
            "tally": written_tally(totals.tally),
            "means": write(totals.means),
            "published_at": survey.published_at,
            "topic": series.topic.value if series else None,
            "municipality": (series.municipality or REGION) if series else None,
        }
        try:
            await self.connection.execute(_ADD, columns)
        except IntegrityError as error:
            raise StaleVersion("Итоги этого опроса уже подведены") from error
        for dimension, breakdowns in counted.breakdowns.items():
            await self.connection.execute(
                _ADD_BREAKDOWN,
                {
                    "survey_id": survey.id,
                    "dimension": dimension.value,
                    "counted": write(breakdowns.counted),
                    "shown": write(breakdowns.shown),
                },
            )

    async def of(self, survey_id: SurveyId) -> CountedSurvey:
        found = await self.connection.rows(_TOTALS, {"survey_id": survey_id})
        if not found:
            raise _none()
        rows = await self.connection.rows(_BREAKDOWNS, {"survey_id": survey_id})
        return CountedSurvey(
            survey_id=survey_id,
            totals=_totals_of(found[0]),
            breakdowns={
                Dimension(row.dimension): Breakdowns(
                    counted=read(row.counted, Mapping[str, Counted]),  # type: ignore[type-abstract]
                    shown=_shown_of(row.shown),
                )
                for row in rows
            },
        )

    async def live(self, survey_id: SurveyId) -> LiveNumbers | None:
        found = await self.connection.rows(_LIVE, {"survey_id": survey_id})
        return _live_of(found[0]) if found else None

    async def show(self, survey_id: SurveyId, before: LiveNumbers | None, after: LiveNumbers) -> None:
        columns = _live_columns(survey_id, after)
        if before is None:
            written = await self.connection.execute(_SHOW_FIRST, columns)
        else:
            columns |= {"the_survey": columns.pop("survey_id"), "the_ballots": before.ballots}
            written = await self.connection.execute(_SHOW, columns)
        if written.rowcount != 1:
            raise StaleVersion("Числа уже изменились")


_EDGE = tuple_(bindparam("at", type_=UtcDateTime()), bindparam("after_id", type_=Id))
_ROUND = (
    select(
        _r.survey_id,
        _s.number,
        _s.title,
        _r.topic,
        _r.municipality,
        _s.starts_at,
        _s.ends_at,
        _r.published_at,
        _r.ballots,
        _r.means,
    )
    .join_from(survey_results, surveys, _s.id == _r.survey_id)
    .where(
        _r.topic.is_not(None),
        _s.stage == Stage.PUBLISHED.value,
        tuple_(_r.published_at, _r.survey_id) < _EDGE,
    )
    .order_by(_r.published_at.desc(), _r.survey_id.desc())
    .limit(bindparam("limit"))
)
_EQUALITIES = {"topic": _r.topic, "municipality": _r.municipality}
_LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC)
_FIRST_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)


@cache
def rounds_page(chosen: frozenset[str]) -> sa.Select[Any]:
    """The statement for these filters: built once for each combination."""
    statement = _ROUND
    for name, column in _EQUALITIES.items():
        if name in chosen:
            statement = statement.where(column == bindparam(name))
    return statement


def _round_of(row: Any) -> Round:
    *first, means = row
    found = Round._make((*first, read(means, tuple[Mean, ...])))
    return found._replace(municipality=None if found.municipality == REGION else found.municipality)


@frozen
class SqlResultRegister:
    units: Units

    async def totals(self, survey_id: SurveyId) -> Totals:
        return _totals_of(await self._one(_TOTALS, {"survey_id": survey_id}))

    async def breakdown(self, survey_id: SurveyId, dimension: Dimension) -> Breakdown:
        row = await self._one(_SHOWN, {"survey_id": survey_id, "dimension": dimension.value})
        return _shown_of(row.shown)

    async def _one(self, statement: sa.Select[Any], parameters: dict[str, Any]) -> Any:
        async with self.units.reading() as connection:
            found = await connection.rows(statement, parameters)
        if not found:
            raise _none()
        return found[0]

    async def live(self, survey_id: SurveyId) -> LiveNumbers | None:
        async with self.units.reading() as connection:
            found = await connection.rows(_LIVE, {"survey_id": survey_id})
        return _live_of(found[0]) if found else None

    async def rounds(self, chosen: RoundFilter, after: Cursor | None, limit: int) -> Page[Round]:
        at, after_id = (after.at, after.id) if after else (_LAST_MOMENT, _LAST_ID)
        rounds = await self._rounds(chosen, at, after_id, limit + 1)
        last = rounds[limit - 1] if len(rounds) > limit else None
        following = Cursor(at=last.published_at, id=MessageId(last.survey_id)) if last else None
        return Page(rounds[:limit], following)

    async def round_before(self, series: Series, published_at: datetime) -> Round | None:
        chosen = RoundFilter(topic=series.topic, municipality=series.municipality or REGION)
        found = await self._rounds(chosen, published_at, _FIRST_ID, 1)
        return found[0] if found else None

    async def _rounds(
        self, chosen: RoundFilter, at: datetime, after_id: UUID, limit: int
    ) -> tuple[Round, ...]:
        given: dict[str, Any] = {}
        if chosen.topic is not None:
            given["topic"] = chosen.topic.value
        if chosen.municipality is not None:
            given["municipality"] = chosen.municipality
        parameters = {**given, "at": at, "after_id": after_id, "limit": limit}
        async with self.units.reading() as connection:
            rows = await connection.rows(rounds_page(frozenset(given)), parameters)
        return tuple(map(_round_of, rows))


_CAST = select(sa.func.count()).where(_o.survey_id == bindparam("survey_id"))
_EACH = (
    select(_o.participant_id, _o.answers)
    .where(_o.survey_id == bindparam("survey_id"), _o.participant_id > bindparam("after"))
    .order_by(_o.participant_id)
    .limit(bindparam("limit"))
)
"""By participant: a ballot that is changed keeps its place, so that none is met twice or missed."""


@frozen
class SqlRunningBallots:
    units: Units

    async def count(self, survey_id: SurveyId) -> int:
        async with self.units.long_reading() as connection:
            return int((await connection.execute(_CAST, {"survey_id": survey_id})).scalar_one())

    async def each(self, survey_id: SurveyId) -> AsyncIterator[bytes]:
        after = _FIRST_ID
        while True:
            async with self.units.long_reading() as connection:
                rows = await connection.rows(_EACH, {"survey_id": survey_id, "after": after, "limit": PAGE})
            for row in rows:
                yield row.answers
            if len(rows) < PAGE:
                return
            after = rows[-1].participant_id
