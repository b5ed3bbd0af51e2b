"""What a repository runs its statements on: the same few words for PostgreSQL and SQLite."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine.cursor import CursorFetchStrategy, FullyBufferedCursorFetchStrategy

from niktokromenas.adapters.sql import prepared

Reading: TypeAlias = sa.Select[Any] | sa.TextualSelect
"""A text has its columns named."""
Parameters: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Connection(Protocol):
    """Rows are fetched before `execute` returns: a result holds nothing open.

    Raises `sqlalchemy.exc.IntegrityError` where a constraint refuses. Any other trouble of the database
    becomes a family of `domain.errors` when it leaves the block that opened the connection.
    """

    @property
    def dialect_name(self) -> str:
        """`sqlite` or `postgresql`."""
        ...

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]: ...

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """All rows of a module-level statement without lists among its parameters: the short way.

        They are tuples, and have the columns' names. Named parameters alone may change. What is written by it
        must leave alone what is there already: a refused constraint is the driver's own error here.
        """
        ...

    async def write(self, statement: sa.Insert, written: Sequence[Mapping[str, Any]]) -> None:
        """Insert these rows, at least one, of the same columns each: the short way."""
        ...

    async def put(self, statement: sa.TextClause, written: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        """Run an insert that may leave the table as it is, for each of these rows, at least one: the short
        way. Which of them were written."""
        ...


def fetched(result: sa.CursorResult[Any]) -> sa.CursorResult[Any]:
    """Read the rows now, so that no cursor stays open across units and commits."""
    if result.returns_rows and type(result.cursor_strategy) is CursorFetchStrategy:
        result.cursor_strategy = FullyBufferedCursorFetchStrategy(result.cursor)
    return result


class SyncConnection:
    """A synchronous connection, run in the event loop: a thread hop costs more than most statements."""

    __slots__ = ("_connection", "_raw")

    def __init__(self, connection: sa.Connection, raw: sqlite3.Connection) -> None:
        self._connection, self._raw = connection, raw

    @property
    def dialect_name(self) -> str:
        return "sqlite"

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]:
        return fetched(self._connection.execute(statement, parameters))

    async def rows(self, statement: Reading, parameters: Mapping[str, Any]) -> Sequence[Any]:
        return prepared.rows(self._raw, self._connection.dialect, statement, parameters)

    async def write(self, statement: sa.Insert, written: Sequence[Mapping[str, Any]]) -> None:
        prepared.write(self._raw, self._connection.dialect, statement, written)

    async def put(self, statement: sa.TextClause, written: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        return prepared.put(self._raw, self._connection.dialect, statement, written)
