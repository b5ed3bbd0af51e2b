"""Submissions on SQLite: statements of SQLAlchemy Core, many units to a COMMIT."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.pool import NullPool

from benchmarks.floors.submitting import (
    NUMBERS_AT_ONCE,
    RESERVE,
    SESSION,
    SQLITE,
    WRITTEN,
    Numbers,
    answer,
    known_by,
    person_row,
    reflected,
    rows_of,
    session_row,
    submitting_app,
)
from niktokromenas.adapters.sql.migrations.migrate import migrate


class SharedCommits:
    """Units one after another on one connection, a SAVEPOINT each, many to a COMMIT made in a thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self.connection = engine.connect()
        self.raw = self.connection.connection.dbapi_connection
        self.turn = asyncio.Lock()
        self.thread = ThreadPoolExecutor(1)
        self.waiting: list[asyncio.Future[None]] = []
        self.flush: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[sa.Connection]:
        loop = asyncio.get_running_loop()
        async with self.turn:
            if not self.waiting:
                self.raw.execute("BEGIN IMMEDIATE")
                self.flush = loop.create_task(self.commit())
            self.waiting.append(done := loop.create_future())
            self.raw.execute("SAVEPOINT unit")
            try:
                yield self.connection
            except BaseException:
                self.raw.execute("ROLLBACK TO unit")
                raise
            finally:
                self.raw.execute("RELEASE unit")
        await done

    async def commit(self) -> None:
        """Waits for its turn as units do: those before it share it."""
        async with self.turn:
            batch, self.waiting = self.waiting, []
            await asyncio.get_running_loop().run_in_executor(self.thread, self.raw.execute, "COMMIT")
        for done in batch:
            done.set_result(None)


def _opened(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        raw.execute(f"PRAGMA {pragma}").fetchall()
    return raw


async def sqlite_submit(folder: Path, _: str) -> web.Application:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "floor.db"
    await asyncio.to_thread(migrate, f"sqlite:///{path}")
    engine = sa.create_engine(
        "sqlite://", creator=lambda: _opened(path), poolclass=NullPool, pool_reset_on_return=None
    )
    units, reader = SharedCommits(engine), engine.connect()
    metadata = reflected(reader)
    known, inserts = known_by(metadata), [sa.insert(metadata.tables[name]) for name in WRITTEN]
    async with units.unit() as connection:
        connection.execute(sa.insert(metadata.tables["participants"]), person_row(SQLITE))
        connection.execute(sa.insert(metadata.tables["sessions"]), session_row(SQLITE))
    session = SQLITE.identifier(SESSION)

    async def reserve() -> int:
        async with units.unit() as connection:
            return int(connection.execute(RESERVE, {"year": 2026, "count": NUMBERS_AT_ONCE}).scalar_one())

    numbers = Numbers(reserve)

    async def post(request: web.Request) -> web.Response:
        sent = orjson.loads(await request.read())
        reader.execute(known, {"id": session}).all()
        number = await numbers.next()
        rows = rows_of(sent, number, SQLITE)
        async with units.unit() as connection:
            for statement, row in zip(inserts, rows, strict=True):
                connection.execute(statement, row)
        return answer(number)

    return submitting_app(post)
