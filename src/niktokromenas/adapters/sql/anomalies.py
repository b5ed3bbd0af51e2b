"""Counts of a survey in SQL."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.tables import open_ballots, participants, participations, survey_arrivals
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.participants.people import ParticipantKind
from niktokromenas.domain.surveys.links import Attracted

_o, _p, _a = open_ballots.c, participants.c, survey_arrivals.c
_SECOND = {
    "sqlite": sa.cast(sa.func.strftime("%s", sa.func.substr(_o.cast_at, 1, 19)), sa.BigInteger),
    "postgresql": sa.cast(sa.func.floor(sa.func.extract("epoch", _o.cast_at)), sa.BigInteger),
}
"""Whole ones since 1970, what is beyond them cut off."""


def _paced(second: sa.ColumnElement[int]) -> sa.Select[int, int]:
    since = bindparam("since", type_=sa.BigInteger)
    span = bindparam("span", type_=sa.BigInteger)
    place = sa.cast((second - since), sa.BigInteger).op("/", return_type=sa.BigInteger)(span).label("place")
    return (
        select(place, sa.func.count())
        .where(_o.survey_id == bindparam("survey_id"))
        .group_by(sa.text("place"))
        .order_by(sa.text("place"))
    )


_PACED = {dialect: _paced(second) for dialect, second in _SECOND.items()}
_PEOPLE = (_p.kind == ParticipantKind.PERSON.value, _p.residence.is_not(None))
_RESIDENCES = (
    select(_p.residence, sa.func.count())
    .join_from(open_ballots, participants, _p.id == _o.participant_id)
    .where(_o.survey_id == bindparam("survey_id"), *_PEOPLE)
    .group_by(_p.residence)
)
_REGISTERED = select(_p.residence, sa.func.count()).where(*_PEOPLE).group_by(_p.residence)


def _of_arrival(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.survey_id == _a.survey_id, table.c.participant_id == _a.participant_id)


_came = sa.func.count()
_took_part = sa.func.count(sa.func.coalesce(_o.participant_id, participations.c.participant_id))
_BY_LINK = (
    select(_came, _took_part)
    .select_from(
        survey_arrivals.outerjoin(open_ballots, _of_arrival(open_ballots)).outerjoin(
            participations, _of_arrival(participations)
        )
    )
    .where(_a.survey_id == bindparam("survey_id"))
    .group_by(_a.inviter_id)
    .order_by(_took_part.desc(), _came.desc())
    .limit(bindparam("limit"))
)


@frozen
class SqlSurveyFigures:
    units: Units

    async def paced(
        self, survey_id: SurveyId, since: datetime, span: timedelta
    ) -> tuple[tuple[datetime, int], ...]:
        first, length = int(since.timestamp()), int(span.total_seconds())
        parameters = {"survey_id": survey_id, "since": first, "span": length}
        async with self.units.long_reading() as connection:
            rows: Sequence[Any] = (
                await connection.execute(_PACED[connection.dialect_name], parameters)
            ).all()
        return tuple(
            (datetime.fromtimestamp(first + place * length, UTC), int(count)) for place, count in rows
        )

    async def residences(self, survey_id: SurveyId) -> Mapping[str, int]:
        return await self._counted(_RESIDENCES, {"survey_id": survey_id})

    async def by_link(self, survey_id: SurveyId, limit: int) -> tuple[Attracted, ...]:
        async with self.units.long_reading() as connection:
            parameters = {"survey_id": survey_id, "limit": limit}
            rows: Sequence[Any] = (await connection.execute(_BY_LINK, parameters)).all()
        return tuple(Attracted(came=came, took_part=took_part) for came, took_part in rows)

    async def registered(self) -> Mapping[str, int]:
        return await self._counted(_REGISTERED, {})

    async def _counted(self, statement: sa.Select[Any, int], parameters: Mapping[str, Any]) -> dict[str, int]:
        async with self.units.long_reading() as connection:
            rows: Sequence[Any] = (await connection.execute(statement, parameters)).all()
        return {str(place): int(count) for place, count in rows}
