"""PostgreSQL by its own pg_dump and pg_restore: no shell, and no password among the arguments."""

import asyncio
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa
from attrs import field, frozen

from niktokromenas.adapters.backup.databases import LAST_SEAL, REVISION, Tell, compare, count_of
from niktokromenas.adapters.backup.manifest import BackupRefused, State

_RELATIONS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


@frozen
class PostgresqlTools:
    folder: Path | None = None

    async def run(self, name: str, environment: Mapping[str, str], server: int, *arguments: str) -> None:
        """Raises `BackupRefused` where the tool is missing, older than the server, or fails."""
        tool = shutil.which(name, path=None if self.folder is None else str(self.folder))
        if tool is None:
            raise BackupRefused(f"{name} не найден: поставьте клиент PostgreSQL или укажите --pg-bin")
        told, _ = await _output(tool, "--version", environment={})
        found = re.search(r"\) (\d+)", told)
        if found is None or int(found[1]) < server:
            raise BackupRefused(f"{name} старше сервера: {told.strip()}, а сервер {server}")
        _, complaint = await _output(tool, *arguments, environment=environment)
        if complaint is not None:
            raise BackupRefused(f"{name}: {complaint}")


async def _output(tool: str, *arguments: str, environment: Mapping[str, str]) -> tuple[str, str | None]:
    """What it said, and its complaint if it failed."""
    process = await asyncio.create_subprocess_exec(
        tool,
        *arguments,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    lines = complaint.decode(errors="replace").strip().splitlines() or ["без объяснений"]
    return said.decode(errors="replace"), lines[0] if process.returncode else None


@frozen
class PostgresqlCopies:
    address: sa.URL = field(repr=False)
    tables: tuple[str, ...]
    tools: PostgresqlTools
    kind: str = "postgresql"

    async def take(self, target: Path, tell: Tell) -> State:
        """pg_dump reads the snapshot in which the rows are counted."""
        async with (
            _Connected(self.address) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            state = await _state(connection, self.tables)
            tell(0)
            await self._run(
                connection,
                "pg_dump",
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                "--no-password",
                f"--snapshot={snapshot}",
                f"--file={target}",
            )
        return state

    async def is_empty(self) -> bool:
        async with _Connected(self.address) as connection:
            return int(await connection.fetchval(_RELATIONS)) == 0

    async def put(self, source: Path, promised: State) -> None:
        async with _Connected(self.address) as connection:
            await self._run(
                connection,
                "pg_restore",
                "--exit-on-error",
                "--single-transaction",
                "--no-owner",
                "--no-privileges",
                "--no-password",
                f"--dbname={self.address.database}",
                str(source),
            )
            compare(promised, await _state(connection, self.tables))

    async def _run(self, connection: Any, tool: str, *arguments: str) -> None:
        server = connection.get_server_version().major
        await self.tools.run(tool, _environment(self.address), server, *arguments)


def _environment(address: sa.URL) -> dict[str, str]:
    """libpq's own variables; a password goes no other way (`~/.pgpass` serves where there is none)."""
    asked = address.query
    named = {
        "PGHOST": address.host or asked.get("host"),
        "PGPORT": str(address.port) if address.port else asked.get("port"),
        "PGUSER": address.username or asked.get("user"),
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
        "PGSSLMODE": asked.get("sslmode") or asked.get("ssl"),
    }
    return {name: value for name, value in named.items() if isinstance(value, str) and value}


async def _state(connection: Any, tables: tuple[str, ...]) -> State:
    revision = await connection.fetchval(REVISION)
    there = [t for t in tables if await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", t)]
    counts = {table: await connection.fetchval(count_of(table)) for table in there}
    seal = await connection.fetchrow(LAST_SEAL)
    return State(revision=revision, counts=counts, last_seal=(seal["number"], seal["head"]) if seal else None)


@frozen
class _Connected:
    """Raises `BackupRefused` for whatever the server does not do, its words among ours."""

    address: sa.URL = field(repr=False)
    _opened: list[Any] = field(factory=list, init=False)

    async def __aenter__(self) -> Any:
        plain = self.address.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            self._opened.append(await asyncpg.connect(plain))
        except (OSError, asyncpg.PostgresError) as error:
            raise BackupRefused("база данных недоступна") from error
        return self._opened[0]

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        await self._opened[0].close()
        if isinstance(error, asyncpg.PostgresError):
            raise BackupRefused(f"база данных: {error}") from error
