"""What holds for units of work on SQLite alone: group commit, its faults, and other processes."""

import asyncio
import contextlib
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.sqlite import SqliteUnits
from niktokromenas.domain.errors import Conflict, Unavailable
from tests.databases import sqlite_url
from tests.integration.sql.notes import (
    NUMBERS,
    add,
    add_in_a_unit,
    committed,
    create,
    outcomes,
    promises,
)
from tests.integration.sql.watching import Watched, watching


@frozen
class Opened:
    units: SqliteUnits
    writer: Watched
    path: Path

    def elsewhere(self, timeout: float = 0) -> sqlite3.Connection:
        """A connection that knows nothing of ours, as another process would have."""
        return sqlite3.connect(self.path, isolation_level=None, timeout=timeout)


async def fresh_file(folder: Path) -> Path:
    return Path((await sqlite_url(folder, create, "notes")).removeprefix("sqlite:///"))


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    path = await fresh_file(tmp_path)
    units = SqliteUnits(path, busy_timeout=0.3)
    with watching() as connections:
        await units.start()
    yield Opened(units, connections[0], path)
    await units.close()


async def lock_is_free(opened: Opened) -> None:
    async with asyncio.timeout(5):
        while True:
            other = opened.elsewhere()
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                await asyncio.sleep(0.005)
            else:
                return
            finally:
                other.close()


async def test_the_writing_connection_is_durable_and_minds_foreign_keys(opened: Opened) -> None:
    async with opened.units.unit() as connection:
        for pragma, value in (("synchronous", 2), ("foreign_keys", 1), ("journal_mode", "wal")):
            found = await connection.execute(sa.text(f"PRAGMA {pragma}"))
            assert found.scalar_one() == value


async def test_a_unit_sends_its_own_statements_and_five_words_more(opened: Opened) -> None:
    opened.writer.statements.clear()
    await add_in_a_unit(opened.units, 1)
    insert = "INSERT INTO notes (number, text) VALUES (1, 'яма')"
    assert opened.writer.statements == [
        "BEGIN IMMEDIATE",
        "SAVEPOINT unit",
        insert,
        "RELEASE unit",
        "COMMIT",
    ]


async def test_32_units_at_once_share_one_commit(opened: Opened) -> None:
    await asyncio.gather(*(add_in_a_unit(opened.units, number) for number in range(32)))
    assert opened.writer.count("COMMIT") == 1
    assert await committed(opened.units) == list(range(32))


async def test_a_unit_is_answered_only_after_its_commit(opened: Opened) -> None:
    """Another connection, asked at the very moment of the answer, has it."""
    seen: list[int] = []
    other = opened.elsewhere()

    async def one(number: int) -> None:
        await add_in_a_unit(opened.units, number)
        seen.extend(other.execute("SELECT number FROM notes WHERE number = ?", [number]).fetchone())

    await asyncio.gather(*(one(number) for number in range(20)))
    other.close()
    assert sorted(seen) == list(range(20))


async def test_a_failed_unit_ends_with_rollback_to_and_release(opened: Opened) -> None:
    opened.writer.statements.clear()
    with pytest.raises(Conflict):
        async with opened.units.unit():
            raise Conflict("нельзя")
    await lock_is_free(opened)
    ends = ["ROLLBACK TO unit", "RELEASE unit", "COMMIT"]
    assert opened.writer.statements == ["BEGIN IMMEDIATE", "SAVEPOINT unit", *ends]


@pytest.mark.parametrize("fault", [None, Conflict("нельзя"), asyncio.CancelledError()])
async def test_every_unit_failed_or_not_schedules_the_flush(
    opened: Opened, fault: BaseException | None
) -> None:
    async def one() -> None:
        async with opened.units.unit() as connection:
            await add(connection, 1)
            if fault:
                raise fault

    await outcomes(asyncio.ensure_future(one()))
    await lock_is_free(opened)
    assert opened.writer.count("COMMIT") == 1


async def roll_back_by_a_trigger(connection: Connection, opened: Opened) -> None:
    await connection.execute(sa.text("INSERT INTO notes (number, text) VALUES (666, 'беда')"))


async def interrupt_a_write(connection: Connection, opened: Opened) -> None:
    opened.writer.raw.create_function("interrupt", 0, lambda: opened.writer.raw.interrupt() or 0)
    many = "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)"
    await connection.execute(sa.text(f"INSERT INTO notes (number) {many} SELECT i + interrupt() FROM n"))


async def end_the_transaction(connection: Connection, opened: Opened) -> None:
    await connection.execute(sa.text("ROLLBACK"))


LOSSES = pytest.mark.parametrize("lose", [roll_back_by_a_trigger, interrupt_a_write, end_the_transaction])


def rolling_back_on_trouble(opened: Opened) -> None:
    other = opened.elsewhere()
    other.execute(
        "CREATE TRIGGER trouble BEFORE INSERT ON notes WHEN new.text = 'беда'"
        " BEGIN SELECT RAISE(ROLLBACK, 'trouble'); END"
    )
    other.close()


@LOSSES
async def test_after_a_lost_transaction_those_who_wait_are_refused_and_later_units_work(
    opened: Opened, lose: type
) -> None:
    rolling_back_on_trouble(opened)

    async def losing() -> None:
        async with opened.units.unit() as connection:
            await lose(connection, opened)

    before = [asyncio.ensure_future(add_in_a_unit(opened.units, number)) for number in (1, 2, 3)]
    loser = asyncio.ensure_future(losing())
    after = asyncio.ensure_future(add_in_a_unit(opened.units, 4))
    ended = await outcomes(*before, loser, after)
    assert ended[:3] == [Unavailable] * 3
    assert ended[3] in (Unavailable, IntegrityError)
    assert ended[4] is None
    assert await committed(opened.units) == [4]


@LOSSES
async def test_a_unit_that_overlooks_the_loss_writes_nothing_outside_a_transaction(
    opened: Opened, lose: type
) -> None:
    rolling_back_on_trouble(opened)
    with pytest.raises(Unavailable):  # noqa: PT012
        async with opened.units.unit() as connection:
            await outcomes(asyncio.ensure_future(lose(connection, opened)))
            await add(connection, 1)
    assert await committed(opened.units) == []


async def test_a_unit_that_loses_the_transaction_last_of_all_is_not_acknowledged(opened: Opened) -> None:
    with pytest.raises(Unavailable):  # noqa: PT012
        async with opened.units.unit() as connection:
            await add(connection, 1)
            await end_the_transaction(connection, opened)
    await add_in_a_unit(opened.units, 2)
    assert await committed(opened.units) == [2]


async def test_after_a_failed_commit_those_who_wait_are_refused_and_later_units_work(opened: Opened) -> None:
    async def promising() -> None:
        async with opened.units.unit() as connection:
            await connection.execute(sa.insert(promises), {"number": 999})

    first = [asyncio.ensure_future(add_in_a_unit(opened.units, number)) for number in (1, 2)]
    assert await outcomes(*first, asyncio.ensure_future(promising())) == [Unavailable] * 3
    await add_in_a_unit(opened.units, 3)
    assert await committed(opened.units) == [3]


async def test_a_full_disk_is_unavailable_and_passes_when_there_is_room_again(opened: Opened) -> None:
    (pages,) = opened.writer.raw.execute("PRAGMA page_count").fetchone()
    opened.writer.raw.execute(f"PRAGMA max_page_count={pages}")

    async def large() -> None:
        async with opened.units.unit() as connection:
            await add(connection, 1, text="яма" * 50_000)

    assert await outcomes(asyncio.ensure_future(large())) == [Unavailable]
    opened.writer.raw.execute("PRAGMA max_page_count=100000")
    await large()
    assert await committed(opened.units) == [1]


async def test_a_locked_database_is_unavailable_and_neither_hangs_nor_stops_the_loop(opened: Opened) -> None:
    other = opened.elsewhere()
    other.execute("BEGIN IMMEDIATE")
    began, ticks = time.monotonic(), 0
    waiting = [asyncio.ensure_future(add_in_a_unit(opened.units, number)) for number in range(8)]
    while not all(unit.done() for unit in waiting):
        await asyncio.sleep(0.005)
        ticks += 1
    assert await outcomes(*waiting) == [Unavailable] * 8
    assert time.monotonic() - began < 8 * 0.3
    assert ticks >= 10
    other.execute("COMMIT")
    other.close()
    await add_in_a_unit(opened.units, 1)
    assert await committed(opened.units) == [1]


async def test_a_unit_waits_for_the_lock_while_it_is_worth_it(opened: Opened) -> None:
    other = opened.elsewhere()
    other.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.05, other.execute, "COMMIT")
    await add_in_a_unit(opened.units, 1)
    other.close()
    assert await committed(opened.units) == [1]


async def test_no_batch_holds_the_lock_longer_than_it_may(opened: Opened) -> None:
    """Units of at least 5 ms each, so at most eleven begin within the 50 ms of a batch."""

    async def slow(number: int) -> None:
        async with opened.units.unit() as connection:
            await add(connection, number)
            time.sleep(0.005)  # noqa: ASYNC251

    await asyncio.gather(*(slow(number) for number in range(40)))
    batches = " ".join(opened.writer.statements).split("COMMIT")
    assert max(batch.count("SAVEPOINT") for batch in batches) <= 11


WRITE_BESIDE = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
for number in range(1_000_000, 1_000_005):
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO notes (number, text) VALUES (?, 'люк')", [number])
    other.execute("COMMIT")
"""


async def test_another_process_gets_in_beside_a_flood_of_units(opened: Opened) -> None:
    is_over = False

    async def flood(worker: int) -> int:
        written = 0
        while not is_over:
            await add_in_a_unit(opened.units, worker * 10_000 + written)
            written += 1
        return written

    flooding = [asyncio.ensure_future(flood(worker)) for worker in range(32)]
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITE_BESIDE, opened.path)
    failed = await other.wait()
    is_over = True
    written = sum(await asyncio.gather(*flooding))
    assert not failed
    assert len(await committed(opened.units)) == written + 5


async def test_the_lock_lies_free_for_a_while_beside_units_that_leave_no_gap(tmp_path: Path) -> None:
    """Units of 5 ms each, 200 ms a batch: who looks each millisecond finds it free in between, each time."""
    path, is_over, got_in = await fresh_file(tmp_path), threading.Event(), 0
    units = SqliteUnits(path, max_batch_seconds=0.2)
    await units.start()

    def look() -> None:
        nonlocal got_in
        other = sqlite3.connect(path, isolation_level=None, timeout=0)
        while not is_over.is_set():
            with contextlib.suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")
                got_in += 1
            time.sleep(0.001)
        other.close()

    async def slow(number: int) -> None:
        async with units.unit() as connection:
            await add(connection, number)
            time.sleep(0.005)  # noqa: ASYNC251

    looking = asyncio.create_task(asyncio.to_thread(look))
    await asyncio.gather(*(slow(number) for number in range(200)))
    is_over.set()
    await looking
    await units.close()
    assert got_in >= 20


WRITE_UNTIL_KILLED = """
import asyncio, itertools, sys
import sqlalchemy as sa
from niktokromenas.adapters.sql.sqlite import SqliteUnits

async def main():
    units = SqliteUnits(sys.argv[1])
    await units.start()
    numbers = itertools.count()
    async def one():
        while True:
            number = next(numbers)
            async with units.unit() as connection:
                statement = sa.text("INSERT INTO notes (number, text) VALUES (:number, 'яма')")
                await connection.execute(statement, {"number": number})
            print(number, flush=True)
    await asyncio.gather(*(one() for _ in range(16)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_kill_9(opened: Opened) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITE_UNTIL_KILLED, opened.path, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout
    acknowledged = [int(await program.stdout.readline()) for _ in range(300)]
    program.kill()
    rest = await program.stdout.read()
    await program.wait()
    acknowledged += [int(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    assert set(acknowledged) <= set(await committed(opened.units))


async def while_committing(opened: Opened, seconds: float = 0.1) -> asyncio.Event:
    """Make each COMMIT take `seconds`. The event is set when the first one begins."""
    loop, begun = asyncio.get_running_loop(), asyncio.Event()

    def dawdle(statement: str) -> None:
        if statement == "COMMIT":
            loop.call_soon_threadsafe(begun.set)
            time.sleep(seconds)

    opened.writer.before = dawdle
    return begun


async def test_the_loop_goes_on_while_a_commit_runs(opened: Opened) -> None:
    begun = await while_committing(opened)
    unit = asyncio.ensure_future(add_in_a_unit(opened.units, 1))
    await begun.wait()
    assert await committed(opened.units) == []
    assert not unit.done()
    await unit


async def test_a_unit_cancelled_in_the_middle_of_its_commit_takes_nobody_along(opened: Opened) -> None:
    begun = await while_committing(opened)
    together = [asyncio.ensure_future(add_in_a_unit(opened.units, number)) for number in (1, 2, 3)]
    await begun.wait()
    together[1].cancel()
    later = asyncio.ensure_future(add_in_a_unit(opened.units, 4))
    assert await outcomes(*together, later) == [None, asyncio.CancelledError, None, None]
    assert await committed(opened.units) == [1, 2, 3, 4]


async def test_a_unit_cancelled_while_it_commits_an_older_batch_keeps_its_turn_till_the_end(
    tmp_path: Path,
) -> None:
    """With no time for a batch at all, each unit first commits the one before it."""
    path = await fresh_file(tmp_path)
    units = SqliteUnits(path, max_batch_seconds=0)
    with watching() as connections:
        await units.start()
    opened = Opened(units, connections[0], path)
    begun = await while_committing(opened)
    first, second, third = (asyncio.ensure_future(add_in_a_unit(units, number)) for number in (1, 2, 3))
    await begun.wait()
    second.cancel()
    assert await outcomes(first, second, third) == [None, asyncio.CancelledError, None]
    assert await committed(units) == [1, 3]
    await units.close()


async def test_a_unit_cancelled_before_its_turn_does_nothing(opened: Opened) -> None:
    begun = await while_committing(opened)
    first = asyncio.ensure_future(add_in_a_unit(opened.units, 1))
    await begun.wait()
    second = asyncio.ensure_future(add_in_a_unit(opened.units, 2))
    third = asyncio.ensure_future(add_in_a_unit(opened.units, 3))
    await asyncio.sleep(0)
    second.cancel()
    assert await outcomes(first, second, third) == [None, asyncio.CancelledError, None]
    assert await committed(opened.units) == [1, 3]


async def test_closing_commits_what_waits_and_folds_the_log_into_the_file(opened: Opened) -> None:
    waiting = [asyncio.ensure_future(add_in_a_unit(opened.units, number)) for number in range(5)]
    await asyncio.sleep(0)
    await opened.units.close()
    assert await outcomes(*waiting) == [None] * 5
    assert not Path(f"{opened.path}-wal").exists()  # noqa: ASYNC240
    other = opened.elsewhere()
    assert other.execute("SELECT count(*) FROM notes").fetchone() == (5,)
    other.close()


async def test_a_connection_is_of_no_use_after_its_unit(opened: Opened) -> None:
    async with opened.units.unit() as connection:
        pass
    with pytest.raises(RuntimeError, match="over"):
        await connection.execute(NUMBERS)


ENDLESS = sa.text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")


async def test_a_long_reading_lets_others_work_and_ends_soon_when_cancelled(opened: Opened) -> None:
    async def endless() -> None:
        async with opened.units.long_reading() as connection:
            await connection.execute(ENDLESS)

    reading = [asyncio.ensure_future(endless()) for _ in range(3)]
    await asyncio.sleep(0.05)
    await add_in_a_unit(opened.units, 1)
    assert await committed(opened.units) == [1]
    for one in reading:
        one.cancel()
    async with asyncio.timeout(5):
        assert await outcomes(*reading) == [asyncio.CancelledError] * 3
        async with opened.units.long_reading() as connection:
            assert (await connection.execute(NUMBERS)).scalars().all() == [1]


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await SqliteUnits(tmp_path / "nowhere" / "x.sqlite").start()


@frozen
class Script:
    """What one unit does: its numbers (a taken one is refused), pauses between them, and how it ends."""

    numbers: tuple[int, ...]
    pauses: int
    is_refused: bool


scripts = st.builds(
    Script,
    numbers=st.lists(st.integers(0, 9), max_size=3).map(tuple),
    pauses=st.integers(0, 2),
    is_refused=st.booleans(),
)


async def play(units: SqliteUnits, script: Script) -> None:
    async with units.unit() as connection:
        for number in script.numbers:
            await add(connection, number)
            for _ in range(script.pauses):
                await asyncio.sleep(0)
        if script.is_refused:
            raise Conflict("нельзя")


def model(played: list[Script]) -> tuple[set[int], list[type[BaseException] | None]]:
    """Units come one after another, in the order they were asked for, each wholly or not at all."""
    kept: set[int] = set()
    ended: list[type[BaseException] | None] = []
    for script in played:
        clashes = bool(kept & set(script.numbers)) or len(set(script.numbers)) < len(script.numbers)
        if clashes or script.is_refused:
            ended.append(IntegrityError if clashes else Conflict)
        else:
            kept |= set(script.numbers)
            ended.append(None)
    return kept, ended


@settings(max_examples=60, deadline=None)
@given(played=st.lists(scripts, min_size=1, max_size=8), max_batch_seconds=st.sampled_from([0, 0.0005, 0.05]))
async def test_interleaved_units_end_as_if_one_followed_another(
    played: list[Script], max_batch_seconds: float
) -> None:
    with tempfile.TemporaryDirectory(prefix="nk-units-") as folder:
        units = SqliteUnits(await fresh_file(Path(folder)), max_batch_seconds=max_batch_seconds)
        await units.start()
        ended = await outcomes(*(asyncio.ensure_future(play(units, script)) for script in played))
        found = set(await committed(units))
        await units.close()
    assert (found, ended) == model(played)
