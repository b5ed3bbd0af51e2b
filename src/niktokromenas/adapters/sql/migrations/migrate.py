"""Bringing a database to the present tables, and checking that migrations and tables agree."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from niktokromenas.adapters.sql import tables
from niktokromenas.domain.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Run every migration that is missing. Blocks; call it in a thread. Raises `Unavailable`."""

    def upgrade(connection: sa.Connection) -> None:
        if revision == "head" and _revision_of(connection) == newest_revision():
            return
        from alembic import command  # most starts find nothing to migrate and need not carry it

        command.upgrade(_config(connection), revision)

    _with_connection(url, upgrade)


def newest_revision() -> str:
    """What this program brings a database to. Files are called `vNNNN_what`, revisions NNNN."""
    newest = max(path.stem for path in (Path(__file__).parent / "versions").glob("v*.py"))
    return newest[1:].partition("_")[0]


def _revision_of(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found


def revise(url: str, message: str) -> None:
    """Write a new revision from the difference between the database and the tables."""
    from alembic import command

    _with_connection(
        url, lambda connection: command.revision(_config(connection), message=message, autogenerate=True)
    )


def is_compared(_: Any, name: str | None, kind: str, reflected: bool, __: Any) -> bool:
    """All but what migrations make in a database's own words: FTS5 and its shadow tables, the GIN index."""
    return not (reflected and kind in ("table", "index") and str(name).startswith("search_stems"))


def differences(url: str) -> list[Any]:
    """What a migrated database lacks or has too much of against the tables; empty where they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    found: list[Any] = []

    def compare(connection: sa.Connection) -> None:
        context = MigrationContext.configure(
            connection, opts={"compare_type": False, "include_object": is_compared}
        )
        found.extend(compare_metadata(context, tables.messages.metadata))

    _with_connection(url, compare)
    return found


def _with_connection(url: str, work: Any) -> None:
    address = sa.make_url(url)
    try:
        if address.get_backend_name() == "sqlite":
            if address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            engine = sa.create_engine(address, poolclass=NullPool)
            with engine.begin() as connection:
                work(connection)
        else:
            asyncio.run(_on_postgresql(address, work))
    except (sa.exc.OperationalError, OSError) as error:
        raise Unavailable("База данных недоступна") from error


async def _on_postgresql(address: sa.URL, work: Any) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(address.set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(sa.text("SELECT pg_advisory_xact_lock(6742020)"))
        await connection.run_sync(work)
    await engine.dispose()
