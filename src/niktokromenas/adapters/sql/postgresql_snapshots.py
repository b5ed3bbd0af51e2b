"""Whether somebody still sees rows of PostgreSQL that were changed before now: VACUUM leaves those."""

import asyncio
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

_NOW = sa.text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
_OLDER = sa.text("""
    WITH here AS (
        SELECT backend_xid, backend_xmin FROM pg_stat_activity
        WHERE pid <> pg_backend_pid()
        AND (datid IS NULL OR datid = (SELECT oid FROM pg_database WHERE datname = current_database()))
    ), holding AS (
        SELECT backend_xmin AS since FROM here
        UNION ALL SELECT backend_xid FROM here
        UNION ALL SELECT transaction FROM pg_prepared_xacts WHERE database = current_database()
        UNION ALL SELECT xmin FROM pg_replication_slots
    )
    SELECT EXISTS (
        SELECT 1 FROM holding
        WHERE since IS NOT NULL AND age(since) > age(CAST(CAST(:now AS text) AS xid))
    )
""")
"""Open snapshots and transactions of this database, of any role; standbys that read; prepared ones; slots."""
_PAUSE = 0.02


async def are_older_gone(alone: AsyncConnection, patience: float) -> bool:
    """`alone`: in autocommit. `False` where one that began before the call goes on after so many seconds.

    Units are short: they are waited for, so that a platform at work is swept too.
    """
    now = (await alone.execute(_NOW)).scalar_one()
    for _ in range(max(1, int(patience / _PAUSE))):
        if not await _is_seen(alone, now):
            return True
        await asyncio.sleep(_PAUSE)
    return False


async def _is_seen(alone: AsyncConnection, now: Any) -> bool:
    return bool((await alone.execute(_OLDER, {"now": now})).scalar_one())
