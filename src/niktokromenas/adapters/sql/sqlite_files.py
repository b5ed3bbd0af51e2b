"""Opening an SQLite file."""

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.pool import NullPool


@frozen
class SqliteFile:
    path: Path
    busy_timeout: float
    """Seconds."""

    def engine(self) -> sa.Engine:
        """Its connections are in autocommit: only our own words begin, save and end transactions.

        SQLAlchemy believes in one transaction that never ends and sends nothing for it.
        """
        return sa.create_engine(
            "sqlite+pysqlite://",
            creator=self._open,
            poolclass=NullPool,
            pool_reset_on_return=None,
            hide_parameters=True,
        )

    def _open(self) -> sqlite3.Connection:
        raw = sqlite3.connect(
            self.path,
            isolation_level=None,
            timeout=self.busy_timeout,
            check_same_thread=False,
            cached_statements=512,
        )
        raw.execute(f"PRAGMA busy_timeout={round(self.busy_timeout * 1000)}")
        (mode,) = raw.execute("PRAGMA journal_mode=WAL").fetchone()
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA synchronous=FULL")
        if mode != "wal":
            raw.close()
            raise ValueError(f"{self.path} cannot keep a write-ahead log (journal mode {mode})")
        return raw


def raw_of(connection: sa.Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw
