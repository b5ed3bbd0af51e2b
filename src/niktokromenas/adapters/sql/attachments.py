"""Which files are referred to: whatever any JSON column of these tables holds under a key and a digest."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy import bindparam, select, tuple_

from niktokromenas.adapters.sql.tables import assignments, history, messages, posts, uploads
from niktokromenas.adapters.sql.types import Json
from niktokromenas.adapters.sql.units import Units
from niktokromenas.ports.files import ReferredFile

_PAGE = 500


def _values(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if isinstance(column.type, Json)]


def _pages_of(table: sa.Table, number: sa.ColumnElement[Any], joined: sa.FromClause) -> sa.Select[Any]:
    key = list(table.primary_key)
    edge = [bindparam(f"after_{column.name}", type_=column.type) for column in key]
    return (
        select(number.label("message_number"), *key, *_values(table))
        .select_from(joined)
        .where(tuple_(*key) > tuple_(*edge))
        .order_by(*key)
        .limit(_PAGE)
    )


def _with_numbers(table: sa.Table) -> sa.Select[Any]:
    joined = table.join(messages, messages.c.id == table.c.message_id)
    return _pages_of(table, messages.c.number, joined)


IN_ORDER: Mapping[sa.Table, sa.Select[Any]] = {
    uploads: _pages_of(uploads, sa.null(), uploads),
    messages: _pages_of(messages, messages.c.number, messages),
    posts: _with_numbers(posts),
    assignments: _with_numbers(assignments),
    history: _with_numbers(history),
}
"""As files are handed on: from uploads to messages, answers and posts, from messages to their history.
Who reads in this order misses none that moves meanwhile."""


@frozen
class SqlAttachmentRegister:
    units: Units

    async def referred(self) -> AsyncIterator[ReferredFile]:
        for table in IN_ORDER:
            async for row in self._rows(table):
                for column in _values(table):
                    for file in _files_in(row[column.name], row["message_number"]):
                        yield file

    async def _rows(self, table: sa.Table) -> AsyncIterator[sa.RowMapping]:
        """By the primary key, a page at a time, each in a short reading of its own."""
        key = list(table.primary_key)
        edge: dict[str, Any] = {
            f"after_{c.name}": -1 if isinstance(c.type, sa.Integer) else UUID(int=0) for c in key
        }
        while True:
            async with self.units.reading() as connection:
                rows = (await connection.execute(IN_ORDER[table], edge)).mappings().all()
            for row in rows:
                yield row
            if len(rows) < _PAGE:
                return
            edge = {f"after_{column.name}": rows[-1][column.name] for column in key}


def _files_in(value: Any, number: str | None) -> Iterator[ReferredFile]:
    match value:
        case {"key": str(key), "size": int(size), "sha256": str(sha256)}:
            yield ReferredFile(key=key, number=number, size=size, sha256=sha256)
            if thumbnail := value.get("thumbnail_key"):
                yield ReferredFile(key=thumbnail, number=number)
        case dict():
            for inner in value.values():
                yield from _files_in(inner, number)
        case list():
            for inner in value:
                yield from _files_in(inner, number)
