"""Tables for testing units of work alone, apart from the product's own."""

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.types import Id, Json, UtcDateTime
from niktokromenas.adapters.sql.units import Units
from tests.databases import creating

metadata = sa.MetaData()
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text),
)
values = sa.Table(
    "stored_values",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime),
    sa.Column("id", Id),
    sa.Column("facts", Json),
)
promises = sa.Table(
    "promises",  # the product has no deferred constraints: this one makes a COMMIT fail
    metadata,
    sa.Column("number", sa.ForeignKey("notes.number", deferrable=True, initially="DEFERRED")),
)
create = creating(metadata)

ADD = sa.insert(notes)
NUMBERS = sa.select(notes.c.number).order_by(notes.c.number)


async def add(connection: Connection, *numbers: int, text: str = "яма") -> None:
    for number in numbers:
        await connection.execute(ADD, {"number": number, "text": text})


async def add_in_a_unit(units: Units, *numbers: int) -> None:
    async with units.unit() as connection:
        await add(connection, *numbers)


async def committed(units: Units) -> Sequence[int]:
    async with units.reading() as connection:
        return (await connection.execute(NUMBERS)).scalars().all()


async def outcomes(*tasks: "asyncio.Future[None]") -> list[type[BaseException] | None]:
    """The kind of exception each ended with."""
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    return [None if end is None else type(end) for end in ended]
