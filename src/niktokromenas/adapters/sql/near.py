"""Messages near a place and a time, in SQL: a small box or a municipality's last days, by an index each."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.stored import read_maybe
from niktokromenas.adapters.sql.tables import messages
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.masks import NO_MASKS, Masks
from niktokromenas.domain.values import Point
from niktokromenas.ports.near import LIVING, Around, NearMessage

_m = messages.c
_NEAR = (
    _m.id,
    _m.number,
    _m.excerpt,
    _m.category,
    _m.municipality,
    _m.lat,
    _m.lon,
    _m.shown_address,
    _m.place_words,
    _m.begins_at,
    _m.submitted_at,
    _m.stage,
    _m.publicity,
    _m.masks,
)


@cache
def near_page(*, public: bool, by_box: bool) -> sa.Select[Any]:
    """The box is small, so it is found by place and sorted; an expression keeps the planner from time."""
    statement = select(*_NEAR).where(
        _m.submitted_at >= bindparam("since"), _m.submitted_at <= bindparam("until")
    )
    if public:
        statement = statement.where(_m.is_public == sa.true())
    else:
        statement = statement.where(_m.stage.in_([sa.literal_column(f"'{s.value}'") for s in LIVING]))
    if by_box:
        by_time = sa.type_coerce(_m.submitted_at, sa.Text) + sa.literal_column("''")
        statement = statement.where(
            _m.lat.between(bindparam("south"), bindparam("north")),
            _m.lon.between(bindparam("west"), bindparam("east")),
        ).order_by(by_time.desc(), _m.id.desc())
    else:
        statement = statement.where(_m.municipality == bindparam("municipality")).order_by(
            _m.submitted_at.desc(), _m.id.desc()
        )
    return statement.limit(bindparam("limit"))


@frozen
class SqlNearMessages:
    units: Units

    async def public(self, around: Around, limit: int) -> tuple[NearMessage, ...]:
        return await self._found(around, limit, public=True)

    async def living(self, around: Around, limit: int) -> tuple[NearMessage, ...]:
        return await self._found(around, limit, public=False)

    async def _found(self, around: Around, limit: int, *, public: bool) -> tuple[NearMessage, ...]:
        parameters: dict[str, Any] = {"since": around.since, "until": around.until, "limit": limit}
        if (box := around.box) is not None:
            low, high = box.south_west, box.north_east
            parameters |= {"south": low.lat, "north": high.lat, "west": low.lon, "east": high.lon}
        else:
            parameters["municipality"] = around.municipality
        async with self.units.reading() as connection:
            rows = await connection.rows(near_page(public=public, by_box=box is not None), parameters)
        return tuple(map(_near, rows))


def _near(row: Any) -> NearMessage:
    masks = read_maybe(row.masks, Masks) or NO_MASKS
    return NearMessage(
        id=MessageId(row.id),
        number=row.number,
        excerpt=row.excerpt,
        category=row.category,
        municipality=row.municipality,
        point=Point(row.lat, row.lon) if row.lat is not None else None,
        address=None if masks.hides_place_words else row.shown_address,
        words=None if masks.hides_place_words else row.place_words,
        begins_at=row.begins_at,
        submitted_at=row.submitted_at,
        stage=row.stage,
        publicity=row.publicity,
    )
