"""No request and no round of the worker reads a whole table: every query is a search in an index (G5).

SQLite has no statistics here, as on an installation, where nobody runs ANALYZE. PostgreSQL gathers its own,
over rows that look like a region's.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from niktokromenas.adapters.sql.tables import messages
from tests import databases
from tests.contract.stores import migrated
from tests.integration.sql.plans import (
    ON_POSTGRESQL,
    ON_SQLITE,
    Query,
    faults_in,
    postgresql_plans,
    postgresql_way,
    sqlite_plans,
)

ROWS = 20_000
_REGION = (
    "INSERT INTO participants (id, kind, issuer, oid, name, facts, consents, version)"
    " SELECT gen_random_uuid(), 'person', 'esia', n::text, 'Анна', '[]', '[]', 1"
    " FROM generate_series(1, 500) n",
    "INSERT INTO messages (id, number, author_id, esia_name, author_details, text, begins_at, lat, lon,"
    " municipality, attachments, channel, submitted_at, category, category_group, edition, stage, publicity,"
    " is_publicity_proposed, clarifications, revisions, round, returns, is_with_coordinator, reopenings,"
    " version, is_public, authority, outcome, is_overdue, excerpt, desk, desk_task, desk_due, tick_at)"
    " SELECT gen_random_uuid(), 'n' || n, p.id, 'Анна', '{}', 'Яма', at, 48 + random() * 3,"
    " 42 + random() * 5, (18701000 + n % 38 * 1000)::text, '[]', 'web', at,"
    " 'group' || n % 12 || '.' || n % 97, 'group' || n % 12, 1, 'closed', 'public', false, 0, 0, 1,"
    " 0, false, 0, 3, n % 10 > 1,"
    " 'authority-' || n % 60, CASE n % 4 WHEN 0 THEN 'done' WHEN 1 THEN 'explained' END, false, 'Яма',"
    " CASE WHEN n % 10 = 0 THEN 'moderator' END, CASE WHEN n % 10 = 0 THEN 'moderate' END,"
    " CASE WHEN n % 10 = 0 THEN at END, CASE WHEN n % 10 = 0 THEN at END"
    " FROM (SELECT n, timestamptz '2025-01-01' + n * interval '37 minutes' AS at"
    f" FROM generate_series(1, {ROWS}) n) AS numbered JOIN participants p ON p.oid = (n % 500 + 1)::text",
    "INSERT INTO assignments (id, message_id, position, authority, is_lead, round, stage, assigned_at,"
    " due_at, working_days, prolongations, is_open) SELECT gen_random_uuid(), id, 0, authority, true,"
    " 1, 'taken',"
    " submitted_at, submitted_at, 20, 0, edition = 1 FROM messages",
    "INSERT INTO message_history (message_id, position, act, to_stage, at, role, edition)"
    " SELECT id, 1000 * k, 'submit', 'submitted', submitted_at, 'user', 1"
    " FROM messages, generate_series(1, 3) k",
    "INSERT INTO followings (message_id, participant_id, since, has_joined, follows)"
    " SELECT m.id, p.id, m.submitted_at, true, true FROM messages m JOIN participants p"
    " ON p.oid <> '1' AND (p.oid::int + m.edition) % 50 = ascii(substr(m.number, 2)) % 50 LIMIT 100000",
    "INSERT INTO surveys (id, number, initiator, content, created_at, stage, round, overdue_rounds,"
    " follow_ups, version, title, kind, secrecy, is_changeable, starts_at, ends_at, owner, initiator_kind,"
    " body, group_id, topic, municipality, is_public, is_late, desk, desk_due, tick_at, awaits_seal)"
    " SELECT gen_random_uuid(), 'n' || n, '{}', '{}', at, 'published', 1, '[]', '[]', 3, 'Дороги',"
    " CASE n % 2 WHEN 0 THEN 'vote' ELSE 'survey' END, 'secret', false, at, at, 'authority:' || n % 60,"
    " 'authority', 'adm-' || n % 60, CASE WHEN n % 3 = 0 THEN gen_random_uuid() END,"
    " CASE WHEN n % 5 = 0 THEN 'roads' || n % 6 END, (18701000 + n % 38 * 1000)::text, n % 10 > 1, false,"
    " CASE WHEN n % 10 = 0 THEN 'moderator' END, CASE WHEN n % 10 = 0 THEN at END,"
    " CASE WHEN n % 10 = 0 THEN at END, n % 100 = 0"
    " FROM (SELECT n, timestamptz '2025-01-01' + n * interval '37 minutes' AS at"
    f" FROM generate_series(1, {ROWS}) n) AS numbered",
    "INSERT INTO social_groups (id, name, about, joining, owner_id, deputies, created_at, stage,"
    " moderation_due, version, name_key, tick_at, is_unsettled)"
    " SELECT gen_random_uuid(), 'Двор ' || n, '', 'open', p.id, '[]', at,"
    " CASE WHEN n % 10 = 0 THEN 'submitted' ELSE 'active' END, CASE WHEN n % 10 = 0 THEN at END, 2,"
    " 'двор ' || n, CASE WHEN n % 10 = 0 THEN at END, n % 100 = 0"
    " FROM (SELECT n, timestamptz '2025-01-01' + n * interval '37 minutes' AS at"
    " FROM generate_series(1, 4000) n) AS numbered JOIN participants p ON p.oid = (n % 500 + 1)::text",
    "INSERT INTO social_group_members (group_id, participant_id, standing, since, version)"
    " SELECT g.id, p.id, CASE WHEN p.oid::int % 9 = 0 THEN 'asked' ELSE 'member' END, g.created_at, 1"
    " FROM social_groups g JOIN participants p ON (p.oid::int + g.members) % 20 = ascii(g.name_key) % 20",
    "INSERT INTO social_group_links (id, group_id, by, fingerprint, expires_at)"
    " SELECT gen_random_uuid(), id, owner_id, id::text, created_at FROM social_groups",
    "INSERT INTO search_docs (place, message_id, stems, fingerprint)"
    " SELECT row_number() OVER (), id, ('ям дорог n' || right(number, 3))::tsvector, '' FROM messages",
    "ANALYZE",
)  # fmt: skip


def _told(plans: dict[str, list[str]], queries: Mapping[str, Query]) -> dict[str, list[str]]:
    found = {name: faults_in(queries[name], plan) for name, plan in plans.items()}
    return {name: [*faults, *plans[name]] for name, faults in found.items() if faults}


@pytest.mark.abuse(34)
async def test_on_sqlite_every_query_is_an_index_search_without_statistics(tmp_path: Path) -> None:
    url = await databases.sqlite_url(tmp_path, migrated, "migrated")
    assert _told(sqlite_plans(Path(sa.make_url(url).database or "")), ON_SQLITE) == {}


@pytest.mark.abuse(34)
async def test_on_postgresql_an_index_serves_every_query() -> None:
    async with databases.postgresql_url(migrated, "migrated") as url:
        await _settled(url)
        assert _told(await postgresql_plans(url), ON_POSTGRESQL) == {}
        rare, common = [await postgresql_way(url, wanted) for wanted in ("'n123'", "'ям' & 'дорог'")]
        assert "Bitmap Index Scan on search_stems" in rare, "a rare word is looked up"
        assert "Index Scan Backward using search_docs_pkey" in common, "of a common one the newest are read"


async def _settled(url: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        for statement in _REGION:
            await connection.execute(statement)
    finally:
        await connection.close()


_everything = sa.select(messages.c.id)
BAD = {
    "scans": Query(_everything),
    "sorts": Query(_everything.where(messages.c.author_id == "x").order_by(messages.c.text)),
    "counts": Query(sa.select(sa.func.count()).select_from(messages)),
    "skips": Query(_everything.where(messages.c.number == "x").offset(bindparam("skipped"))),
}


@pytest.mark.parametrize("fault", BAD)
async def test_the_check_sees_each_fault(tmp_path: Path, fault: str) -> None:
    url = await databases.sqlite_url(tmp_path, migrated, "migrated")
    plan = sqlite_plans(Path(sa.make_url(url).database or ""), BAD)[fault]
    assert any(told.startswith(fault) for told in faults_in(BAD[fault], plan))
