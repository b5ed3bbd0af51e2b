"""Migrations lead to the tables of the code, on both databases, however often they are run."""

import asyncio
from pathlib import Path

from niktokromenas.adapters.sql.migrations.migrate import differences, migrate
from tests import databases


async def test_migrated_sqlite_has_the_tables_of_the_code(tmp_path: Path) -> None:
    url = await databases.sqlite_url(tmp_path)
    for _ in range(2):
        await asyncio.to_thread(migrate, url)
    assert await asyncio.to_thread(differences, url) == []


async def test_migrated_postgresql_has_the_tables_of_the_code() -> None:
    async with databases.postgresql_url() as url:
        for _ in range(2):
            await asyncio.to_thread(migrate, url)
        assert await asyncio.to_thread(differences, url) == []
