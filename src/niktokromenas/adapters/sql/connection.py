"""What a repository runs its statements on: the same few words for PostgreSQL and SQLite."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine.cursor import CursorFetchStrategy, FullyBufferedCursorFetchStrategy

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


def fetched(result: sa.CursorResult[Any]) -> sa.CursorResult[Any]:
    """Read the rows now, so that no cursor stays open across units and commits."""
    if result.returns_rows and type(result.cursor_strategy) is CursorFetchStrategy:
        result.cursor_strategy = FullyBufferedCursorFetchStrategy(result.cursor)
    return result


class SyncConnection:
    """A synchronous connection, run in the event loop: a thread hop costs more than most statements."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @property
    def dialect_name(self) -> str:
        return "sqlite"

    async def execute(
        self, statement: sa.Executable, parameters: Parameters | None = None
    ) -> sa.CursorResult[Any]:
        return fetched(self._connection.execute(statement, parameters))
