"""Submissions on PostgreSQL: native SQLAlchemy Core and asyncpg."""

import asyncio
from pathlib import Path

import orjson
import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.floors.submitting import (
    NUMBERS_AT_ONCE,
    POSTGRESQL,
    RESERVE,
    SESSION,
    WRITTEN,
    Numbers,
    answer,
    dumped,
    known_by,
    person_row,
    reflected,
    rows_of,
    session_row,
    submitting_app,
)
from niktokromenas.adapters.sql.migrations.migrate import migrate


def _server(url: str, isolation_level: str) -> AsyncEngine:
    return create_async_engine(
        sa.make_url(url).set(drivername="postgresql+asyncpg"),
        isolation_level=isolation_level,
        pool_size=8,
        max_overflow=0,
        skip_autocommit_rollback=True,
        json_serializer=dumped,
        json_deserializer=orjson.loads,
        connect_args={"server_settings": {"jit": "off"}},
    )


async def postgresql_submit(_: Path, url: str) -> web.Application:
    """Native SQLAlchemy Core and asyncpg, a pool for units and one for questions."""
    await asyncio.to_thread(migrate, url)
    writing, reading = _server(url, "READ COMMITTED"), _server(url, "AUTOCOMMIT")
    async with writing.begin() as connection:
        metadata = await connection.run_sync(reflected)
        await connection.execute(sa.insert(metadata.tables["participants"]), person_row(POSTGRESQL))
        await connection.execute(sa.insert(metadata.tables["sessions"]), session_row(POSTGRESQL))
    known, inserts = known_by(metadata), [sa.insert(metadata.tables[name]) for name in WRITTEN]

    async def reserve() -> int:
        async with writing.begin() as connection:
            found = await connection.execute(RESERVE, {"year": 2026, "count": NUMBERS_AT_ONCE})
            return int(found.scalar_one())

    numbers = Numbers(reserve)

    async def post(request: web.Request) -> web.Response:
        sent = orjson.loads(await request.read())
        async with reading.connect() as connection:
            (await connection.execute(known, {"id": SESSION})).all()
        number = await numbers.next()
        rows = rows_of(sent, number, POSTGRESQL)
        async with writing.begin() as connection:
            for statement, row in zip(inserts, rows, strict=True):
                await connection.execute(statement, row)
        return answer(number)

    return submitting_app(post)
