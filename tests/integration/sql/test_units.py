"""What holds for units of work on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from asyncpg.exceptions import DataError  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, IntegrityError

from niktokromenas.adapters.sql.open import open_units
from niktokromenas.adapters.sql.units import NestedUnit, Units
from niktokromenas.domain.errors import Conflict, Unavailable
from tests.databases import postgresql, sqlite
from tests.integration.sql.notes import (
    ADD,
    NUMBERS,
    add,
    add_in_a_unit,
    committed,
    create,
    notes,
    outcomes,
    values,
)

TITLED = sa.select(notes.c.number).where(notes.c.text == sa.bindparam("text"))
SLEEP = sa.select(sa.func.pg_sleep(5).label("nothing"))
BUSY = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
)
IN_TRANSACTION = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
)


@pytest.fixture(params=[sqlite, postgresql], ids=lambda opener: opener.__name__)
async def units(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Units]:
    async with request.param(tmp_path, create, "notes") as opened:
        yield opened


async def test_what_a_unit_did_is_committed_when_it_is_left(units: Units) -> None:
    async with units.unit() as connection:
        await add(connection, 1, 2)
    assert await committed(units) == [1, 2]


async def test_a_unit_sees_what_it_did_itself(units: Units) -> None:
    async with units.unit() as connection:
        await add(connection, 1)
        assert (await connection.execute(NUMBERS)).scalars().all() == [1]


async def test_nobody_sees_uncommitted_work(units: Units) -> None:
    async with units.unit() as connection:
        await add(connection, 1)
        assert await asyncio.create_task(committed(units)) == []
        async with units.long_reading() as elsewhere:
            assert (await elsewhere.execute(NUMBERS)).all() == []


async def test_a_unit_that_fails_leaves_nothing_and_its_exception_passes_through(units: Units) -> None:
    refusal = Conflict("нельзя")
    with pytest.raises(Conflict) as raised:  # noqa: PT012
        async with units.unit() as connection:
            await add(connection, 1)
            raise refusal
    assert raised.value is refusal
    assert await committed(units) == []


async def test_an_os_error_of_the_callers_own_is_not_taken_for_the_databases(units: Units) -> None:
    with pytest.raises(FileNotFoundError):
        async with units.unit():
            raise FileNotFoundError


async def test_a_failing_unit_in_a_batch_of_64_fails_alone(units: Units) -> None:
    async def one(number: int) -> None:
        async with units.unit() as connection:
            await add(connection, number)
            if number == 37:
                raise Conflict("нельзя")

    ended = await outcomes(*(asyncio.ensure_future(one(number)) for number in range(64)))
    assert [number for number, end in enumerate(ended) if end] == [37]
    assert await committed(units) == [number for number in range(64) if number != 37]


async def test_a_refused_constraint_is_an_integrity_error_of_that_unit(units: Units) -> None:
    await add_in_a_unit(units, 1)
    with pytest.raises(IntegrityError):
        await add_in_a_unit(units, 2, 1)
    assert await committed(units) == [1]


async def test_a_mistake_in_a_statement_is_not_called_unavailable(units: Units) -> None:
    with pytest.raises(DBAPIError):
        async with units.unit() as connection:
            await connection.execute(sa.text("SELECT nothing_of_the_kind FROM notes"))


async def test_nor_is_a_value_that_the_driver_refuses(tmp_path: Path) -> None:
    async with postgresql(tmp_path, create, "notes") as units:
        with pytest.raises(DataError):
            async with units.unit() as connection:
                await connection.rows(TITLED, {"text": 7})


async def test_a_unit_inside_a_unit_is_an_error_and_the_outer_one_goes_on(units: Units) -> None:
    async with units.unit() as connection:
        with pytest.raises(NestedUnit):
            async with units.unit():
                pass
        await add(connection, 1)
    assert await committed(units) == [1]


async def test_a_unit_in_a_task_that_a_unit_waits_for_is_an_error_too(units: Units) -> None:
    async with units.unit():
        with pytest.raises(NestedUnit):
            await asyncio.create_task(add_in_a_unit(units, 1))


async def test_a_task_begun_in_a_unit_may_open_one_when_that_is_over(units: Units) -> None:
    over = asyncio.Event()

    async def later() -> None:
        await over.wait()
        await add_in_a_unit(units, 1)

    async with units.unit():
        task = asyncio.create_task(later())
    over.set()
    await task
    assert await committed(units) == [1]


async def test_a_unit_that_awaits_something_foreign_corrupts_nothing(units: Units) -> None:
    go_on = asyncio.Event()

    async def dawdling() -> None:
        async with units.unit() as connection:
            await add(connection, 1)
            await go_on.wait()
            await add(connection, 2)

    dawdler = asyncio.create_task(dawdling())
    others = [asyncio.create_task(add_in_a_unit(units, number)) for number in (3, 4, 5)]
    await asyncio.sleep(0.05)
    assert not {1, 2} & set(await committed(units))
    go_on.set()
    await asyncio.gather(dawdler, *others)
    assert await committed(units) == [1, 2, 3, 4, 5]


async def test_a_unit_cancelled_in_its_block_leaves_nothing_and_others_go_on(units: Units) -> None:
    async def endless() -> None:
        async with units.unit() as connection:
            await add(connection, 1)
            await asyncio.Event().wait()

    cancelled = asyncio.create_task(endless())
    other = asyncio.create_task(add_in_a_unit(units, 2))
    await asyncio.sleep(0.05)
    cancelled.cancel()
    assert await outcomes(cancelled, other) == [asyncio.CancelledError, None]
    assert await committed(units) == [2]


async def steps(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("again", [None, 1, 4, 15], ids="again-after-{}".format)
async def test_a_unit_cancelled_at_any_moment_is_whole_or_absent(units: Units, again: int | None) -> None:
    """Once, or a second time while it is being undone; those who come after it notice nothing."""
    moments = range(0, 120, 2)
    acknowledged: set[int] = set()
    for moment in moments:
        task = asyncio.create_task(add_in_a_unit(units, 2 * moment, 2 * moment + 1))
        await steps(moment)
        task.cancel()
        if again is not None:
            await steps(again)
            task.cancel()
        (ended,) = await outcomes(task)
        assert ended in (None, asyncio.CancelledError)
        if ended is None:
            acknowledged |= {2 * moment, 2 * moment + 1}
        await add_in_a_unit(units, 1000 + moment)
    found = set(await committed(units))
    assert found >= acknowledged | {1000 + moment for moment in moments}
    assert not [moment for moment in moments if len(found & {2 * moment, 2 * moment + 1}) == 1]


async def test_a_connection_whose_transaction_may_not_have_begun_is_not_used_again(tmp_path: Path) -> None:
    async with postgresql(tmp_path, create, "notes") as units:
        for moment in range(60):
            task = asyncio.create_task(add_in_a_unit(units, moment))
            await steps(moment)
            task.cancel()
            await outcomes(task)
        await nothing_goes_on(units)


@pytest.mark.parametrize("again", [1, 2, 3, 5, 8], ids="again-after-{}".format)
async def test_a_connection_whose_transaction_may_not_be_undone_is_not_used_again(
    tmp_path: Path, again: int
) -> None:
    """The driver sends ROLLBACK when the server has let the statement go: it is cancelled before that."""
    async with postgresql(tmp_path, create, "notes") as units:

        async def asleep() -> None:
            async with units.unit() as connection:
                await connection.rows(SLEEP, {})

        task = asyncio.create_task(asleep())
        await asyncio.sleep(0.2)
        task.cancel()
        await steps(again)
        task.cancel()
        assert await outcomes(task) == [asyncio.CancelledError]
        await nothing_goes_on(units)


async def nothing_goes_on(units: Units) -> None:
    async with asyncio.timeout(5), units.reading() as connection:
        while (await connection.execute(BUSY)).scalar_one():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert (await connection.execute(IN_TRANSACTION)).scalar_one() == 0


@pytest.mark.parametrize("way", ["reading", "long_reading"])
async def test_a_reading_cannot_write(units: Units, way: str) -> None:
    with pytest.raises(Unavailable):
        async with getattr(units, way)() as connection:
            await add(connection, 1)
    assert await committed(units) == []


async def test_a_result_outlives_its_unit(units: Units) -> None:
    await add_in_a_unit(units, *range(50))
    async with units.unit() as connection:
        result = await connection.execute(NUMBERS)
        first = result.fetchone()
        await connection.execute(sa.delete(notes))
    assert first is not None
    assert [first[0], *result.scalars()] == list(range(50))


async def test_many_rows_in_one_statement_and_how_many_it_touched(units: Units) -> None:
    async with units.unit() as connection:
        await connection.execute(ADD, [{"number": n, "text": "яма"} for n in range(3)])
        touched = await connection.execute(sa.update(notes).where(notes.c.number > 0).values(text="люк"))
    assert touched.rowcount == 2


async def test_returned_values_of_an_insert_are_there(units: Units) -> None:
    async with units.unit() as connection:
        found = await connection.execute(ADD.returning(notes.c.number), {"number": 7, "text": "яма"})
        assert found.scalar_one() == 7


async def test_closed_units_are_unavailable(units: Units) -> None:
    await units.ping()
    await units.close()
    with pytest.raises(Unavailable):
        await add_in_a_unit(units, 1)
    with pytest.raises(Unavailable):
        await units.ping()


async def test_the_dialect_is_named(units: Units, request: pytest.FixtureRequest) -> None:
    async with units.reading() as connection:
        assert connection.dialect_name in request.node.name


moments = st.datetimes(timezones=st.timezones()).filter(lambda at: 1 < at.year < 9999)
plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
)
facts = st.recursive(
    plain, lambda inner: st.lists(inner) | st.dictionaries(st.text("ключ"), inner), max_leaves=5
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.none() | moments, st.none() | st.uuids(), facts), min_size=1, max_size=5))
async def test_values_come_back_as_they_went(units: Units, rows: list[tuple[Any, Any, Any]]) -> None:
    stored = [
        {"number": number, "at": at, "id": identifier, "facts": fact}
        for number, (at, identifier, fact) in enumerate(rows)
    ]
    async with units.unit() as connection:
        await connection.execute(sa.delete(values))
        await connection.execute(sa.insert(values), stored)
        found = (await connection.execute(sa.select(values).order_by(values.c.number))).mappings().all()
    # in UTC, for an hour that a clock shows twice equals nothing in another zone
    expected = [{**row, "at": row["at"] and row["at"].astimezone(UTC)} for row in stored]
    assert [dict(row) for row in found] == expected
    assert all(row.at is None or row.at.utcoffset() == UTC.utcoffset(None) for row in map(_record, found))


def _record(row: Any) -> Any:
    return type("Record", (), dict(row))


async def test_instants_and_identifiers_sort_as_they_are(units: Units) -> None:
    instants = [datetime(2026, 1, 1, 12, 0, 0, micro, tzinfo=UTC) for micro in (0, 1, 999_999)]
    instants = [datetime(1, 1, 1, tzinfo=UTC), *instants, datetime(9999, 12, 31, tzinfo=UTC)]
    identifiers = [UUID(int=number) for number in (0, 9, 10, 255, 256, 2**128 - 1)][:5]
    rows = [
        {"number": n, "at": at, "id": i} for n, (at, i) in enumerate(zip(instants, identifiers, strict=True))
    ]
    async with units.unit() as connection:
        await connection.execute(sa.insert(values), rows[::-1])
    async with units.reading() as connection:
        for column in (values.c.at, values.c.id):
            found = await connection.execute(sa.select(values.c.number).order_by(column))
            assert found.scalars().all() == [0, 1, 2, 3, 4]
        later = await connection.execute(sa.select(values.c.number).where(values.c.at > instants[3]))
        assert later.scalars().all() == [4]


async def test_an_instant_without_an_offset_is_refused(units: Units) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a UTC offset"):
        async with units.unit() as connection:
            await connection.execute(sa.insert(values), {"number": 1, "at": datetime(2026, 1, 1)})


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_an_address_we_cannot_use_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="can use"):
        open_units(url)
