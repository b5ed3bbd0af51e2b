"""Units of work on one SQLite connection: one after another, many to a COMMIT.

A batch is one transaction. Each unit in it has a SAVEPOINT of its own and is answered after the COMMIT,
which runs in a thread. Turns are first come, first served, and the COMMIT takes its turn as units do: those
who came before it share it.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import sqlalchemy as sa
from attrs import define, field

from niktokromenas.adapters.sql.connection import Connection, Parameters, Reading, SyncConnection
from niktokromenas.adapters.sql.sqlite_faults import is_busy, translated, unavailable
from niktokromenas.adapters.sql.sqlite_files import raw_of
from niktokromenas.adapters.sql.units import not_nested
from niktokromenas.adapters.sql.waiting import finished

_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.008
_GAP_SHARE = 0.15
"""Of `max_batch_seconds`: how long in all the lock lies free in so much time, between batches or on purpose.
SQLite cannot tell that another process waits, and that process looks only now and then."""


@define(eq=False)
class _Batch:
    began: float
    waiting: list["asyncio.Future[BaseException | None]"] = field(factory=list)
    """One for each unit that is kept; it gets what went wrong."""

    def end(self, fault: BaseException | None) -> None:
        for waiter in self.waiting:
            if not waiter.done():  # a cancelled unit has left
                waiter.set_result(fault)


class _UnitConnection(SyncConnection):
    """Ends with its unit, or earlier with its transaction: nothing is ever written outside one."""

    __slots__ = ("is_open",)

    def __init__(self, connection: sa.Connection, raw: sqlite3.Connection) -> None:
        super().__init__(connection, raw)
        self.is_open = True

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]:
        self._require_open()
        return await super().execute(statement, parameters)

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        self._require_open()
        return await super().rows(statement, parameters)

    async def write(self, statement: sa.Insert, written: Sequence[Mapping[str, Any]]) -> None:
        self._require_open()
        await super().write(statement, written)

    async def put(self, statement: sa.TextClause, written: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        self._require_open()
        return await super().put(statement, written)

    def _require_open(self) -> None:
        if not self.is_open:
            raise RuntimeError("the unit of work is over")
        if not self._raw.in_transaction:
            raise unavailable()


class GroupCommit:
    """Times in seconds. The connection is its own: nobody else may use it."""

    def __init__(self, connection: sa.Connection, *, busy_timeout: float, max_batch_seconds: float) -> None:
        self._connection, self._raw = connection, raw_of(connection)
        self._raw.execute("PRAGMA busy_timeout=0")  # we wait for the lock without stopping the event loop
        self._raw.execute("PRAGMA temp_store=MEMORY")  # where a SAVEPOINT keeps the pages it would give back
        self._busy_timeout, self._max_batch = busy_timeout, max_batch_seconds
        self._gap = max_batch_seconds * _GAP_SHARE
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._batch: _Batch | None = None
        self._flush: asyncio.Task[None] | None = None
        self._freed = self._counted_since = self._free = 0.0
        self._is_closed = False

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Connection]:
        give_up = monotonic() + self._busy_timeout
        with not_nested():
            async with self._turn:
                batch = await self._open_batch(give_up)
                connection = _UnitConnection(self._connection, self._raw)
                try:
                    with translated():
                        self._raw.execute("SAVEPOINT unit")
                        yield connection
                except BaseException:
                    self._undo(batch)
                    raise
                finally:
                    connection.is_open = False
                committed = self._keep(batch)
            if fault := await committed:
                raise unavailable() from fault

    async def empty_log(self) -> bool:
        """Commit what waits and move the log into the file. `False` where a reader still needs it."""
        with not_nested(), translated():
            async with self._turn:
                await self._commit()
                (busy, *_) = (await self._in_thread("PRAGMA wal_checkpoint(TRUNCATE)")).fetchone()
        return not busy

    async def close(self) -> None:
        """Commit what waits, move the log into the file, close the connection."""
        async with self._turn:
            self._is_closed = True
            await self._commit()
            await self._in_thread("PRAGMA wal_checkpoint(TRUNCATE)")
        if self._flush:
            await asyncio.wait([self._flush])
        self._thread.shutdown()
        self._connection.close()

    def _keep(self, batch: _Batch) -> "asyncio.Future[BaseException | None]":
        waiter = asyncio.get_running_loop().create_future()
        batch.waiting.append(waiter)
        try:
            self._raw.execute("RELEASE unit")
        except sqlite3.Error as error:
            self._lose(batch, error)
        return waiter

    def _undo(self, batch: _Batch) -> None:
        try:
            self._raw.execute("ROLLBACK TO unit")
            self._raw.execute("RELEASE unit")
        except sqlite3.Error as error:
            self._lose(batch, error)

    def _lose(self, batch: _Batch, fault: sqlite3.Error) -> None:
        """The savepoint is gone, and with it the certainty of what the transaction holds."""
        self._batch = None
        batch.end(fault)
        self._roll_back()
        self._freed = monotonic()

    def _roll_back(self) -> None:
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK")

    async def _open_batch(self, give_up: float) -> _Batch:
        """In its turn. Raises `Unavailable` when the lock is not had at `give_up` on the monotonic clock."""
        if self._is_closed:
            raise unavailable()
        if self._batch and monotonic() - self._batch.began >= self._max_batch:
            await self._commit()
        if self._batch is None:
            await self._let_others_in()
            await self._begin(give_up)
            self._batch = _Batch(monotonic())
            self._flush = asyncio.create_task(self._flush_in_turn(self._batch))
        return self._batch

    async def _begin(self, give_up: float) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                self._roll_back()  # what an earlier fault may have left
                self._raw.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if not is_busy(error) or monotonic() >= give_up:
                    raise unavailable() from error
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _let_others_in(self) -> None:
        now = monotonic()
        self._free, self._freed = self._free + now - self._freed, now
        if now - self._counted_since >= self._max_batch:
            if self._free < self._gap:
                await asyncio.sleep(self._gap - self._free)
            self._counted_since, self._free = monotonic(), 0.0

    async def _flush_in_turn(self, batch: _Batch) -> None:
        async with self._turn:
            if self._batch is batch:
                await self._commit()

    async def _commit(self) -> None:
        """In its turn, and no turn ends before the thread has: a cancellation has to wait."""
        if self._batch is None:
            return
        batch, self._batch = self._batch, None
        work = asyncio.get_running_loop().run_in_executor(self._thread, self._commit_or_roll_back)
        work.add_done_callback(lambda done: batch.end(done.exception() or done.result()))
        await finished(work)

    def _commit_or_roll_back(self) -> sqlite3.Error | None:
        """In the thread. What went wrong, if anything did."""
        try:
            self._raw.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            return error
        finally:
            self._freed = monotonic()
        return None

    async def _in_thread(self, sql: str) -> sqlite3.Cursor:
        loop = asyncio.get_running_loop()
        return await finished(loop.run_in_executor(self._thread, self._raw.execute, sql))
