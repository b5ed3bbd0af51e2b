"""The short way of the busiest statements (`rows`, `write`) does what `execute` does."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError

from niktokromenas.adapters.sql.units import Units
from tests.databases import postgresql, sqlite
from tests.integration.sql.notes import ADD, committed, create, notes, values

EAST = timezone(timedelta(hours=3))
ROWS: list[dict[str, Any]] = [
    {
        "number": 1,
        "at": datetime(2026, 11, 20, 8, 30, tzinfo=EAST),
        "id": UUID(int=7),
        "facts": {"ключ": [1]},
    },
    {"number": 2, "at": None, "id": None, "facts": None},
]
_FROM = sa.select(values).where(values.c.number >= bindparam("first")).order_by(values.c.number).limit(2)


@pytest.fixture(params=[sqlite, postgresql], ids=lambda opener: opener.__name__)
async def units(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Units]:
    async with request.param(tmp_path, create, "notes") as opened:
        yield opened


async def test_rows_are_what_execute_finds_by_place_and_by_name(units: Units) -> None:
    async with units.unit() as connection:
        await connection.write(sa.insert(values), ROWS)
        inside = await connection.rows(_FROM, {"first": 1})
    async with units.reading() as connection:
        usual = (await connection.execute(_FROM, {"first": 1})).all()
        short = await connection.rows(_FROM, {"first": 1})
    async with units.long_reading() as connection:
        long = await connection.rows(_FROM, {"first": 1})
    assert [tuple(row) for row in usual] == [tuple(row) for row in short] == [tuple(row) for row in long]
    assert [tuple(row) for row in inside] == [tuple(row.values()) for row in ROWS]
    assert [row.facts for row in short] == [{"ключ": [1]}, None]


async def test_parameters_change_from_one_time_to_the_next(units: Units) -> None:
    async with units.unit() as connection:
        await connection.write(sa.insert(values), ROWS)
    async with units.reading() as connection:
        found = [await connection.rows(_FROM, {"first": first}) for first in (1, 2, 3)]
    assert [len(rows) for rows in found] == [2, 1, 0]


async def test_columns_that_are_not_given_stay_empty(units: Units) -> None:
    async with units.unit() as connection:
        await connection.write(sa.insert(values), [{"number": 1}])
        await connection.write(sa.insert(values), [{"number": 2, "id": UUID(int=2)}])
        found = await connection.rows(_FROM, {"first": 1})
    assert [(row.number, row.at, row.id) for row in found] == [(1, None, None), (2, None, UUID(int=2))]


async def test_a_refused_row_fails_its_unit_alone(units: Units) -> None:
    with pytest.raises(IntegrityError):
        async with units.unit() as connection:
            await connection.write(ADD, [{"number": 1, "text": "яма"}, {"number": 1, "text": "яма"}])
    async with units.unit() as connection:
        await connection.write(ADD, [{"number": 2, "text": "яма"}])
    assert await committed(units) == [2]


async def test_on_sqlite_a_refusal_does_not_tell_what_was_written(tmp_path: Path) -> None:
    async with sqlite(tmp_path, create, "notes") as units:
        with pytest.raises(IntegrityError) as refused:
            async with units.unit() as connection:
                await connection.write(ADD, [{"number": 1, "text": "тайна"}] * 2)
    assert "тайна" not in str(refused.value)


async def test_a_unit_that_is_over_neither_writes_nor_reads(tmp_path: Path) -> None:
    async with sqlite(tmp_path, create, "notes") as units:
        async with units.unit() as connection:
            pass
        with pytest.raises(RuntimeError):
            await connection.write(ADD, [{"number": 1, "text": ""}])
        with pytest.raises(RuntimeError):
            await connection.rows(sa.select(notes), {})
        assert await committed(units) == []
