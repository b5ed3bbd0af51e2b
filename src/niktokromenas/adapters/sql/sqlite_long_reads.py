"""Long questions to SQLite: their statements run in threads, on connections of their own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import sqlalchemy as sa

from niktokromenas.adapters.sql import prepared
from niktokromenas.adapters.sql.connection import Connection, Parameters, Reading, SyncConnection, fetched
from niktokromenas.adapters.sql.sqlite_faults import translated
from niktokromenas.adapters.sql.sqlite_files import raw_of
from niktokromenas.adapters.sql.waiting import finished

Found = TypeVar("Found")


class _ThreadConnection(SyncConnection):
    __slots__ = ("_threads",)

    def __init__(self, connection: sa.Connection, threads: ThreadPoolExecutor) -> None:
        super().__init__(connection, raw_of(connection))
        self._threads = threads

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]:
        return await self._in_thread(lambda: fetched(self._connection.execute(statement, parameters)))

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        dialect = self._connection.dialect
        return await self._in_thread(lambda: prepared.rows(self._raw, dialect, statement, parameters))

    async def _in_thread(self, run: Callable[[], Found]) -> Found:
        work = asyncio.get_running_loop().run_in_executor(self._threads, run)
        return await finished(work, stop=self._raw.interrupt)


class LongReads:
    """At most `limit` at a time; the others wait."""

    def __init__(self, connect: Callable[[], sa.Connection], limit: int) -> None:
        self._connect = connect
        self._threads = ThreadPoolExecutor(limit, thread_name_prefix="sqlite-long-read")
        self._places = asyncio.Semaphore(limit)
        self._free: list[sa.Connection] = []

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        async with self._places:
            with translated():
                connection = self._free.pop() if self._free else self._connect()
            try:
                with translated():
                    yield _ThreadConnection(connection, self._threads)
            finally:
                self._free.append(connection)

    def close(self) -> None:
        self._threads.shutdown()
        for connection in self._free:
            connection.close()
