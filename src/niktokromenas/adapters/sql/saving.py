"""Optimistic concurrency: a row is written only over the version it was read at."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.ports.messages import StaleVersion


@cache
def _statements(table: sa.Table, key: str) -> tuple[sa.Insert, sa.Update]:
    update = sa.update(table).where(
        table.c[key] == bindparam("the_key"), table.c.version == bindparam("the_version")
    )
    return sa.insert(table), update


async def save_versioned(
    connection: Connection, table: sa.Table, columns: dict[str, Any], *, key: str = "id"
) -> None:
    """Insert version 1, update any later one. Raises `StaleVersion`."""
    insert, update = _statements(table, key)
    if columns["version"] == 1:
        try:
            await connection.execute(insert, columns)
        except IntegrityError as error:
            raise StaleVersion("Такая запись уже есть") from error
        return
    changed = {k: v for k, v in columns.items() if k != key}
    changed |= {"the_key": columns[key], "the_version": columns["version"] - 1}
    if (await connection.execute(update, changed)).rowcount != 1:
        raise StaleVersion("Запись изменилась: прочитайте её снова")
