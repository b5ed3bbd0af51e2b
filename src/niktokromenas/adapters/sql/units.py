"""Units of work: what happens in one is committed together or not at all."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from contextvars import ContextVar
from typing import Protocol

from niktokromenas.adapters.sql.connection import Connection


class NestedUnit(RuntimeError):
    """A unit was opened inside a unit: a mistake in our code, and on SQLite it would wait for itself."""


class Units(Protocol):
    """A database, opened. Tests: tests/integration/sql/test_units.py.

    `Unavailable` stands for whatever may pass by itself: a locked or full database, a lost connection.
    """

    def unit(self) -> AbstractAsyncContextManager[Connection]:
        """One transaction. Leaving the block returns once it is durable; an exception in the block undoes
        it and passes through.

        Raises `Unavailable` where it could not be begun or committed, `Conflict` where another unit changed
        the same rows first and the database noticed, and `NestedUnit`.
        """
        ...

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """Short questions, each answered from what is committed. Writing fails. Raises `Unavailable`."""
        ...

    def long_reading(self) -> AbstractAsyncContextManager[Connection]:
        """As `reading`, for search and export: others are served while a statement runs."""
        ...

    async def start(self) -> None:
        """Open the database. Raises `Unavailable`."""
        ...

    async def close(self) -> None:
        """Commit what waits and let go of every connection. Later units raise `Unavailable`."""
        ...

    async def sweep(self, tables: tuple[str, ...]) -> bool:
        """Let go of earlier versions of these tables' rows: PostgreSQL's dead rows, SQLite's log.

        `False` where a reader holds them. Raises `Unavailable`.
        """
        ...

    async def ping(self) -> None:
        """Ask the database for something small. Raises `Unavailable`."""
        ...


SHORT_PAGE = 100
"""Rows of the longest page that a request shows; longer ones are for files."""


def reading_of(units: Units, limit: int) -> AbstractAsyncContextManager[Connection]:
    """Where to read a page of so many rows, so that nobody waits for a file to be read."""
    return units.reading() if limit <= SHORT_PAGE else units.long_reading()


class _Mark:
    __slots__ = ("is_open",)

    def __init__(self) -> None:
        self.is_open = True


_inside: ContextVar[_Mark | None] = ContextVar("unit_of_work", default=None)


@contextmanager
def not_nested() -> Iterator[None]:
    """Mark this task, and tasks it starts meanwhile, as inside a unit. Raises `NestedUnit`."""
    outer = _inside.get()
    if outer is not None and outer.is_open:
        raise NestedUnit("a unit of work was opened inside another one")
    mark = _Mark()
    _inside.set(mark)
    try:
        yield
    finally:
        mark.is_open = False
