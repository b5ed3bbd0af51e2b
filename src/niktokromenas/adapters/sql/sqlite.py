"""SQLite: one writing connection with group commit, one for short reads, a few for long ones."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
from attrs import define, field

from niktokromenas.adapters.sql.connection import Connection, SyncConnection
from niktokromenas.adapters.sql.group_commit import GroupCommit
from niktokromenas.adapters.sql.sqlite_faults import translated, unavailable
from niktokromenas.adapters.sql.sqlite_files import SqliteFile, raw_of
from niktokromenas.adapters.sql.sqlite_long_reads import LongReads

_READ_WAIT_MILLISECONDS = 50
_PING = sa.text("SELECT count(*) FROM sqlite_schema")


@define(eq=False)
class _Opened:
    writer: GroupCommit
    reader: sa.Connection
    raw_reader: sqlite3.Connection
    long_reads: LongReads

    async def close(self) -> None:
        self.long_reads.close()
        self.reader.close()
        await self.writer.close()


@define(eq=False)
class SqliteUnits:
    """`Units` over the file at `path`. One process may write much; others get in between batches.

    Times in seconds: `busy_timeout` is how long a unit waits for its turn and the lock before `Unavailable`,
    `max_batch_seconds` how long a batch may hold the lock.
    """

    path: Path = field(converter=Path)
    busy_timeout: float = field(default=5.0, kw_only=True)
    max_batch_seconds: float = field(default=0.05, kw_only=True)
    long_readers: int = field(default=2, kw_only=True)
    _opened: _Opened | None = field(default=None, init=False)

    async def start(self) -> None:
        with translated():
            engine = SqliteFile(self.path, self.busy_timeout).engine()
            writer = GroupCommit(
                engine.connect(), busy_timeout=self.busy_timeout, max_batch_seconds=self.max_batch_seconds
            )
            long_reads = LongReads(lambda: _read_only(engine), self.long_readers)
            reader = _read_only(engine)
            self._opened = _Opened(writer, reader, raw_of(reader), long_reads)

    async def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened:
            await opened.close()

    async def ping(self) -> None:
        async with self.reading() as connection:
            await connection.execute(_PING)

    async def sweep(self, tables: tuple[str, ...]) -> bool:
        return await self._parts().writer.empty_log()

    def unit(self) -> AbstractAsyncContextManager[Connection]:
        return self._parts().writer.unit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        with translated():
            opened = self._parts()
            yield SyncConnection(opened.reader, opened.raw_reader)

    def long_reading(self) -> AbstractAsyncContextManager[Connection]:
        return self._parts().long_reads.reading()

    def _parts(self) -> _Opened:
        if self._opened is None:
            raise unavailable()
        return self._opened


def _read_only(engine: sa.Engine) -> sa.Connection:
    connection = engine.connect()
    raw = raw_of(connection)
    raw.execute("PRAGMA query_only=ON")
    raw.execute(f"PRAGMA busy_timeout={_READ_WAIT_MILLISECONDS}")
    return connection
