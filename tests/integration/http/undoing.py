"""Whether a request changed anything at all, and everything as it was before it (SQLite)."""

import asyncio
import sqlite3
from typing import Any

import sqlalchemy as sa
from attrs import define, field


@define(eq=False)
class Undoing:
    """Connections of its own to the file that the platform works on."""

    url: str
    _file: sqlite3.Connection = field(init=False)
    _kept: sqlite3.Connection = field(init=False)

    def __attrs_post_init__(self) -> None:
        database = str(sa.make_url(self.url).database)
        self._file = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA synchronous=OFF")
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)

    def seen(self) -> int:
        """Another number after each commit of the platform's; none of it is too small to show."""
        return int(self._file.execute("PRAGMA data_version").fetchone()[0])

    def keep(self) -> None:
        """What `undo` goes back to from now on."""
        self._file.backup(self._kept)

    async def undo(self) -> None:
        """In a thread: the platform may have to end a unit before the file is free."""
        await asyncio.to_thread(self._kept.backup, self._file, sleep=0.001)

    def differing(self) -> set[str]:
        """Tables that are not as they were kept."""
        tables = [name for (name,) in self._kept.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {name for name in tables if self._rows(self._file, name) != self._rows(self._kept, name)}

    def _rows(self, database: sqlite3.Connection, table: str) -> Any:
        return database.execute(f'SELECT * FROM "{table}"').fetchall()

    def close(self) -> None:
        self._file.close()
        self._kept.close()
