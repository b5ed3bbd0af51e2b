"""Links to surveys and who came by them, in SQL: of an arrival neither time nor ballot is there."""

from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.tables import open_ballots, participations, survey_arrivals, survey_links
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.surveys.links import Attracted, SurveyLink
from niktokromenas.ports.inviting import SurveyLinkUnknown

_l, _a = survey_links.c, survey_arrivals.c
_SAVE = sa.text(
    "INSERT INTO survey_links (survey_id, inviter_id, fingerprint, made_at)"
    " VALUES (:survey_id, :inviter_id, :fingerprint, :made_at)"
    " ON CONFLICT (survey_id, inviter_id)"
    " DO UPDATE SET fingerprint = excluded.fingerprint, made_at = excluded.made_at"
).bindparams(*(bindparam(column.name, type_=column.type) for column in survey_links.c))
_BY = select(survey_links).where(
    _l.survey_id == bindparam("survey_id"), _l.fingerprint == bindparam("fingerprint")
)
_LINK_OF = select(survey_links).where(
    _l.survey_id == bindparam("survey_id"), _l.inviter_id == bindparam("inviter_id")
)
_COME = sa.text(
    "INSERT INTO survey_arrivals (survey_id, participant_id, inviter_id)"
    " VALUES (:survey_id, :participant_id, :inviter_id) ON CONFLICT DO NOTHING"
).bindparams(*(bindparam(column.name, type_=column.type) for column in survey_arrivals.c))
_CAME = select(sa.func.count()).select_from(survey_arrivals).where(_a.survey_id == bindparam("survey_id"))
_CAME_BY = _CAME.where(_a.inviter_id == bindparam("inviter_id"))


def _and_took_part(table: sa.Table) -> sa.Select[Any]:
    """A survey has ballots of one kind."""
    taking = sa.and_(table.c.survey_id == _a.survey_id, table.c.participant_id == _a.participant_id)
    return (
        select(sa.func.count())
        .select_from(survey_arrivals.join(table, taking))
        .where(_a.survey_id == bindparam("survey_id"), _a.inviter_id == bindparam("inviter_id"))
    )


_TOOK_PART = tuple(map(_and_took_part, (participations, open_ballots)))


def link_columns(link: SurveyLink) -> dict[str, Any]:
    return {
        "survey_id": link.survey_id,
        "inviter_id": link.inviter_id,
        "fingerprint": link.fingerprint,
        "made_at": link.made_at,
    }


def link_of(row: Any) -> SurveyLink:
    return SurveyLink(
        survey_id=SurveyId(row.survey_id),
        inviter_id=ParticipantId(row.inviter_id),
        fingerprint=row.fingerprint,
        made_at=row.made_at,
    )


@frozen
class SqlSurveyLinks:
    connection: Connection

    async def save(self, link: SurveyLink) -> None:
        await self.connection.execute(_SAVE, link_columns(link))

    async def by(self, survey_id: SurveyId, fingerprint: str) -> SurveyLink:
        found = await self.connection.rows(_BY, {"survey_id": survey_id, "fingerprint": fingerprint})
        if not found:
            raise SurveyLinkUnknown("Такой ссылки нет")
        return link_of(found[0])

    async def came(self, link: SurveyLink, participant_id: ParticipantId) -> bool:
        row = {
            "survey_id": link.survey_id,
            "participant_id": participant_id,
            "inviter_id": link.inviter_id,
        }
        return (await self.connection.execute(_COME, row)).rowcount == 1


@frozen
class SqlSurveyArrivals:
    units: Units

    async def came(self, survey_id: SurveyId) -> int:
        async with self.units.long_reading() as connection:
            return int((await connection.execute(_CAME, {"survey_id": survey_id})).scalar_one())

    async def attracted(self, survey_id: SurveyId, inviter_id: ParticipantId) -> Attracted:
        whose = {"survey_id": survey_id, "inviter_id": inviter_id}
        async with self.units.long_reading() as connection:
            came, *took_part = [
                int((await connection.execute(each, whose)).scalar_one()) for each in (_CAME_BY, *_TOOK_PART)
            ]
        return Attracted(came=came, took_part=sum(took_part))

    async def link_of(self, survey_id: SurveyId, inviter_id: ParticipantId) -> SurveyLink | None:
        async with self.units.reading() as connection:
            found = await connection.rows(_LINK_OF, {"survey_id": survey_id, "inviter_id": inviter_id})
        return link_of(found[0]) if found else None
