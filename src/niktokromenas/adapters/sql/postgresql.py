"""PostgreSQL: one transaction a unit, and connections apart for reading."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson
import sqlalchemy as sa
from asyncpg.exceptions import InterfaceError, PostgresError  # type: ignore[import-untyped]
from attrs import define, field
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from niktokromenas.adapters.sql.connection import Connection, Parameters, Reading
from niktokromenas.adapters.sql.postgresql_faults import translated, unavailable, unreachable_is_unavailable
from niktokromenas.adapters.sql.postgresql_snapshots import are_older_gone
from niktokromenas.adapters.sql.prepared import prepare
from niktokromenas.adapters.sql.units import not_nested
from niktokromenas.adapters.sql.waiting import finished

_STATEMENTS_KEPT = 500
_LONG_READERS = 4
_READ_ONLY = {"default_transaction_read_only": "on"}
_PLANNED_ANEW = {"plan_cache_mode": "force_custom_plan"}
_PING = sa.text("SELECT 1")


class _PostgresqlConnection:
    """SQLAlchemy begins nothing on it: it is in autocommit, or in a transaction of the driver's own."""

    __slots__ = ("_connection", "_driver")

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection, self._driver = connection, driver

    @property
    def dialect_name(self) -> str:
        return "postgresql"

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]:
        with unreachable_is_unavailable():
            return await self._connection.execute(statement, parameters)

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        prepared = prepare(self._connection.dialect, statement, tuple(parameters))
        with unreachable_is_unavailable():
            return prepared.rows(await self._driver.fetch(prepared.sql, *prepared.values(parameters)))

    async def write(self, statement: sa.Insert, written: Sequence[Mapping[str, Any]]) -> None:
        await self.execute(statement, written if len(written) > 1 else written[0])

    async def put(self, statement: sa.TextClause, written: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        return [(await self.execute(statement, row)).rowcount == 1 for row in written]


@define(eq=False)
class PostgresqlUnits:
    """`Units` over a server. Readings have a pool of their own, so that they never wait behind units; so have
    long ones, whose plans are made for the values asked about: one that fits a common word would for a rare
    one read the whole journal.

    Each pool holds at most `pool_size` connections; `pool_timeout` (seconds) is how long one is waited for
    before `Unavailable`, `connect_timeout` how long the server may take to greet.
    """

    url: str = field(repr=False)
    pool_size: int = field(default=10, kw_only=True)
    pool_timeout: float = field(default=5.0, kw_only=True)
    connect_timeout: float = field(default=5.0, kw_only=True)
    sweep_patience: float = field(default=1.0, kw_only=True)
    _writing: AsyncEngine = field(init=False)
    _reading: AsyncEngine = field(init=False)
    _long_reading: AsyncEngine = field(init=False)
    _is_closed: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._writing = self._engine({})
        self._reading = self._engine(_READ_ONLY)
        self._long_reading = self._engine(_READ_ONLY | _PLANNED_ANEW, pool_size=_LONG_READERS)

    async def start(self) -> None:
        await self.ping()

    async def close(self) -> None:
        self._is_closed = True
        await self._writing.dispose()
        await self._reading.dispose()
        await self._long_reading.dispose()

    async def ping(self) -> None:
        async with self.reading() as connection:
            await connection.execute(_PING)

    async def sweep(self, tables: tuple[str, ...]) -> bool:
        """`False` beside an older snapshot (a dump, a long export): what it sees stays after VACUUM."""
        with not_nested(), translated():
            async with self._connected(self._writing) as (alone, _):
                if not await are_older_gone(alone, self.sweep_patience):
                    return False
                await alone.execute(sa.text(f"VACUUM {', '.join(tables)}"))
        return True

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Connection]:
        with not_nested(), translated():
            async with (
                self._connected(self._writing) as (connection, driver),
                _transaction(connection, driver),
            ):
                yield _PostgresqlConnection(connection, driver)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """In autocommit: neither BEGIN nor ROLLBACK travels."""
        with translated():
            async with self._connected(self._reading) as (connection, driver):
                yield _PostgresqlConnection(connection, driver)

    @asynccontextmanager
    async def long_reading(self) -> AsyncIterator[Connection]:
        with translated():
            async with self._connected(self._long_reading) as (connection, driver):
                yield _PostgresqlConnection(connection, driver)

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[tuple[AsyncConnection, Any]]:
        """A connection of SQLAlchemy, and the driver's own below it."""
        if self._is_closed:
            raise unavailable()
        with unreachable_is_unavailable():
            connection = await engine.connect()
        try:
            yield connection, _driver_of(connection)
        finally:
            await connection.close()  # into the pool: nothing is sent, so nothing is waited for

    def _engine(self, settings: dict[str, str], pool_size: int | None = None) -> AsyncEngine:
        engine = create_async_engine(
            sa.make_url(self.url).set(drivername="postgresql+asyncpg"),
            isolation_level="AUTOCOMMIT",
            pool_size=min(pool_size or self.pool_size, self.pool_size),
            max_overflow=0,
            pool_timeout=self.pool_timeout,
            skip_autocommit_rollback=True,
            json_deserializer=orjson.loads,
            hide_parameters=True,
            connect_args={
                "timeout": self.connect_timeout,
                "prepared_statement_cache_size": _STATEMENTS_KEPT,
                "server_settings": {"application_name": "niktokromenas", "jit": "off"} | settings,
            },
        )
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return engine


@asynccontextmanager
async def _transaction(connection: AsyncConnection, driver: Any) -> AsyncIterator[None]:
    """The driver's own: SQLAlchemy's takes several times what BEGIN and COMMIT do.

    A connection is dropped where it is not sure that its transaction is over (BEGIN, ROLLBACK or COMMIT was
    cancelled or refused): the pool never gets one that is still in it.
    """
    transaction, is_over = driver.transaction(isolation="read_committed"), False
    try:
        with unreachable_is_unavailable():
            await transaction.start()
        try:
            yield
        except BaseException:
            with suppress(InterfaceError, PostgresError, OSError):
                await transaction.rollback()
                is_over = True
            raise
        with unreachable_is_unavailable():
            await transaction.commit()
        is_over = True
    finally:
        if not is_over:
            await finished(asyncio.ensure_future(connection.invalidate()))


def _driver_of(connection: AsyncConnection) -> Any:
    assert connection.sync_connection is not None
    return connection.sync_connection.connection.driver_connection


def _refuse_closed(dbapi_connection: Any, record: Any, proxy: Any) -> None:
    """The driver sees a server go as soon as the socket closes: no question need be sent ahead of a unit."""
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")
