"""Statements as the driver takes them: compiled once by SQLAlchemy, then run without it.

For the few statements that most requests make. SQLAlchemy's own way from a statement to rows takes several
times what such a statement takes itself.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

Processor = Callable[[Any], Any]
Rows = Sequence[Mapping[str, Any]]


class Prepared:
    """`given` names the parameters that will come: of an insert, its columns."""

    __slots__ = ("_binds", "_converted", "_row", "sql")

    def __init__(self, dialect: Dialect, statement: Any, given: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(given))
        self.sql = str(compiled)
        self._binds = tuple(_bind(compiled.binds[name], dialect) for name in compiled.positiontup)
        columns = getattr(statement, "exported_columns", ())
        self._row: Any = namedtuple("Row", [c.key for c in columns], rename=True)  # type: ignore[misc]
        self._converted = _conversions(columns, dialect)

    def values(self, parameters: Mapping[str, Any]) -> list[Any]:
        """In the order of the statement. Raises `KeyError` for one that is missing."""
        return [
            constant if name is None else parameters[name] if to is None else to(parameters[name])
            for name, to, constant in self._binds
        ]

    def rows(self, found: list[tuple[Any, ...]]) -> list[Any]:
        """Named tuples of Python values."""
        make, converted = self._row._make, self._converted
        if not converted:
            return [make(row) for row in found]
        rows = []
        for row in found:
            values = list(row)
            for place, to in converted:
                if (value := values[place]) is not None:
                    values[place] = to(value)
            rows.append(make(values))
        return rows


def _conversions(columns: Any, dialect: Dialect) -> tuple[tuple[int, Processor], ...]:
    """Of the places that need one. asyncpg brings Python's own values."""
    if dialect.name != "sqlite":
        return ()
    each = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    return tuple((place, processor) for place, processor in enumerate(each) if processor is not None)


def _bind(parameter: sa.BindParameter[Any], dialect: Dialect) -> tuple[str | None, Processor | None, Any]:
    """(name, how to convert, None), or (None, None, the constant) for what the statement itself holds."""
    to = parameter.type.dialect_impl(dialect).bind_processor(dialect)
    if parameter.required:
        return parameter.key, to, None
    return None, None, parameter.value if to is None else to(parameter.value)


prepare = lru_cache(maxsize=1024)(Prepared)
"""Statements are module-level constants: the bound is for the mistake of building one for each request."""


def rows(
    raw: sqlite3.Connection, dialect: Dialect, statement: Any, parameters: Mapping[str, Any]
) -> list[Any]:
    prepared = prepare(dialect, statement, tuple(parameters))
    return prepared.rows(raw.execute(prepared.sql, prepared.values(parameters)).fetchall())


def put(raw: sqlite3.Connection, dialect: Dialect, statement: sa.TextClause, written: Rows) -> list[bool]:
    """Which of them changed the table. Raises as `write` does."""
    prepared = prepare(dialect, statement, tuple(written[0]))
    values = [prepared.values(row) for row in written]
    try:
        raw.execute("SAVEPOINT at_once")
        if raw.executemany(prepared.sql, values).rowcount == len(values):
            return [True] * len(values)
        raw.execute("ROLLBACK TO at_once")  # some are there already: which, is told one by one
        return [raw.execute(prepared.sql, each).rowcount == 1 for each in values]
    except sqlite3.IntegrityError as error:
        raise sa.exc.IntegrityError(prepared.sql, None, error) from error


def write(raw: sqlite3.Connection, dialect: Dialect, statement: Any, written: Rows) -> None:
    """Raises `sqlalchemy.exc.IntegrityError`, without the values: they are what people wrote."""
    prepared = prepare(dialect, statement, tuple(written[0]))
    try:
        for row in written:
            raw.execute(prepared.sql, prepared.values(row))
    except sqlite3.IntegrityError as error:
        raise sa.exc.IntegrityError(prepared.sql, None, error) from error
