"""PostgreSQL: one transaction a unit, and connections apart for reading."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
import sqlalchemy as sa
from attrs import define, field
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from niktokromenas.adapters.sql.connection import Connection, Parameters, Reading
from niktokromenas.adapters.sql.postgresql_faults import translated, unavailable, unreachable_is_unavailable
from niktokromenas.adapters.sql.postgresql_snapshots import are_older_gone
from niktokromenas.adapters.sql.prepared import prepare
from niktokromenas.adapters.sql.units import not_nested

_STATEMENTS_KEPT = 500
_LONG_READERS = 4
_READ_ONLY = {"default_transaction_read_only": "on"}
_PLANNED_ANEW = {"plan_cache_mode": "force_custom_plan"}
_PING = sa.text("SELECT 1")


class _PostgresqlConnection:
    __slots__ = ("_connection", "_dialect", "_driver")

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        self._driver: Any = None

    @property
    def dialect_name(self) -> str:
        return "postgresql"

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]:
        with unreachable_is_unavailable():
            return await self._connection.execute(statement, parameters)

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        return (await self.execute(statement, parameters)).all()

    async def write(self, statement: sa.Insert, written: Sequence[Mapping[str, Any]]) -> None:
        await self.execute(statement, written if len(written) > 1 else written[0])

    async def _asked(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """The driver itself: only where a transaction has begun, or nothing has to be begun."""
        prepared = prepare(self._dialect, statement, tuple(parameters))
        if self._driver is None:
            self._driver = (await self._connection.get_raw_connection()).driver_connection
        with unreachable_is_unavailable():
            return prepared.rows(await self._driver.fetch(prepared.sql, *prepared.values(parameters)))

    async def put(self, statement: sa.TextClause, written: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        return [(await self.execute(statement, row)).rowcount == 1 for row in written]


class _UnitConnection(_PostgresqlConnection):
    """The first statement begins the transaction by SQLAlchemy's own way."""

    __slots__ = ("_has_begun",)

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._has_begun = False

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]:
        found = await super().execute(statement, parameters)
        self._has_begun = True
        return found

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        if not self._has_begun:
            return await super().rows(statement, parameters)
        return await self._asked(statement, parameters)


class _ReadingConnection(_PostgresqlConnection):
    """In autocommit nothing has to be begun first."""

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        return await self._asked(statement, parameters)


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
        self._writing = self._engine("READ COMMITTED", {})
        self._reading = self._engine("AUTOCOMMIT", _READ_ONLY)
        self._long_reading = self._engine("AUTOCOMMIT", _READ_ONLY | _PLANNED_ANEW, pool_size=_LONG_READERS)

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
            async with self._connected(self._writing) as connection:
                alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                if not await are_older_gone(alone, self.sweep_patience):
                    return False
                await alone.execute(sa.text(f"VACUUM {', '.join(tables)}"))
        return True

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Connection]:
        with not_nested(), translated():
            async with self._connected(self._writing) as connection, connection.begin():
                yield _UnitConnection(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """In autocommit: neither BEGIN nor ROLLBACK travels."""
        with translated():
            async with self._connected(self._reading) as connection:
                yield _ReadingConnection(connection)

    @asynccontextmanager
    async def long_reading(self) -> AsyncIterator[Connection]:
        with translated():
            async with self._connected(self._long_reading) as connection:
                yield _ReadingConnection(connection)

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        if self._is_closed:
            raise unavailable()
        with unreachable_is_unavailable():
            connection = await engine.connect()
        try:
            yield connection
        finally:
            await asyncio.shield(connection.close())

    def _engine(
        self, isolation_level: str, settings: dict[str, str], pool_size: int | None = None
    ) -> AsyncEngine:
        engine = create_async_engine(
            sa.make_url(self.url).set(drivername="postgresql+asyncpg"),
            isolation_level=isolation_level,
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


def _refuse_closed(dbapi_connection: Any, record: Any, proxy: Any) -> None:
    """The driver sees a server go as soon as the socket closes: no question need be sent ahead of a unit."""
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")
