"""Copies of a database: taken at one instant while others write, and put where nothing is."""

import glob
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import sqlalchemy as sa
from attrs import frozen

from niktokromenas.adapters.backup.manifest import BackupRefused, State

Tell = Callable[[int], None]
REVISION = "SELECT version_num FROM alembic_version"
LAST_SEAL = "SELECT number, head FROM audit_seals ORDER BY number DESC LIMIT 1"
_PAGES = 1024
"""Copied at a time."""


def count_of(table: str) -> str:
    """`table` is one of the product's own, never a word from outside."""
    return f'SELECT count(*) FROM "{table}"'


class DatabaseCopies(Protocol):
    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        ...

    async def take(self, target: Path, tell: Tell) -> State:
        """Write a copy to `target`; what it holds. Raises `BackupRefused`."""
        ...

    async def is_empty(self) -> bool: ...

    async def put(self, source: Path, promised: State) -> None:
        """All of the copy or nothing, into an empty place. Raises `BackupRefused`, also for another state."""
        ...


def compare(promised: State, found: State) -> None:
    """Raises `BackupRefused`: the hashes held, so the copy was never what it says."""
    if promised != found:
        raise BackupRefused(f"база данных в копии не та, что в описи: {found}, а должно быть {promised}")


def copies_of(url: str, tables: tuple[str, ...], tools: Path | None = None) -> DatabaseCopies:
    """`tables` are counted; `tools` is where pg_dump and pg_restore are, if not on the PATH."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        assert address.database
        return SqliteCopies(Path(address.database), tables)
    from niktokromenas.adapters.backup.postgresql import PostgresqlCopies, PostgresqlTools

    return PostgresqlCopies(address, tables, PostgresqlTools(tools))


@frozen
class SqliteCopies:
    path: Path
    tables: tuple[str, ...]
    kind: str = "sqlite"

    async def take(self, target: Path, tell: Tell) -> State:
        try:
            self._copy(target, tell)  # a file that is not there is an error, too: it is opened for reading
            return _state(target, self.tables)
        except sqlite3.Error as error:
            raise BackupRefused(f"база данных не копируется: {error}") from error

    def _copy(self, target: Path, tell: Tell) -> None:
        """SQLite's online backup over a reading transaction: writers go on, the copy is of one instant."""
        with (
            closing(sqlite3.connect(f"file:{quote(str(self.path))}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            source.backup(copy, pages=_PAGES, progress=lambda _, left, total: tell(total - left))
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it

    async def is_empty(self) -> bool:
        return not any(self.path.parent.glob(f"{glob.escape(self.path.name)}*"))

    async def put(self, source: Path, promised: State) -> None:
        try:
            compare(promised, _state(source, self.tables))
        except sqlite3.Error as error:
            raise BackupRefused(f"база данных в копии не читается: {error}") from error
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self.path.with_name(f".{self.path.name}.restoring")
        shutil.copyfile(source, aside)
        aside.chmod(0o600)
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        os.link(aside, self.path)
        aside.unlink()


def _state(path: Path, tables: tuple[str, ...]) -> State:
    with closing(sqlite3.connect(path)) as connection:
        (sound,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if sound != "ok":
            raise sqlite3.DatabaseError(sound)
        (revision,) = connection.execute(REVISION).fetchone()
        there = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        counts = {t: connection.execute(count_of(t)).fetchone()[0] for t in tables if t in there}
        return State(revision=revision, counts=counts, last_seal=connection.execute(LAST_SEAL).fetchone())
