"""Deleting rows so that nothing of them stays in the file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa

from niktokromenas.adapters.sql.connection import Connection

_IS_OVERWRITTEN = sa.text("PRAGMA secure_delete")
_OVERWRITE = sa.text("PRAGMA secure_delete=1")
_AS_BEFORE = {mode: sa.text(f"PRAGMA secure_delete={mode}") for mode in (0, 1, 2)}


@asynccontextmanager
async def overwriting(connection: Connection) -> AsyncIterator[None]:
    """What is deleted from a file of SQLite stays in its free space otherwise."""
    if connection.dialect_name != "sqlite":
        yield
        return
    before = int((await connection.execute(_IS_OVERWRITTEN)).scalar_one())
    await connection.execute(_OVERWRITE)
    try:
        yield
    finally:
        await connection.execute(_AS_BEFORE[before])
