"""Seeing what SQLite is told: the statements of each connection, as the database itself reports them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field
from sqlalchemy import event
from sqlalchemy.pool import Pool


@define
class Watched:
    raw: sqlite3.Connection
    statements: list[str] = field(factory=list)
    before: Callable[[str], None] = lambda statement: None
    """Called in the thread that runs the statement, just before it runs."""

    def heard(self, statement: str) -> None:
        self.statements.append(statement)
        self.before(statement)

    def count(self, statement: str) -> int:
        return self.statements.count(statement)


@contextmanager
def watching() -> Iterator[list[Watched]]:
    """Every SQLite connection opened meanwhile, in order: the writing one of `SqliteUnits` is the first."""
    opened: list[Watched] = []

    def watch(raw: sqlite3.Connection, _record: Any) -> None:
        opened.append(watched := Watched(raw))
        raw.set_trace_callback(watched.heard)

    event.listen(Pool, "connect", watch)
    try:
        yield opened
    finally:
        event.remove(Pool, "connect", watch)
