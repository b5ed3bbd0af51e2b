"""Migrations lead to the tables of the code, on both databases, however often they are run."""

import asyncio
import json
import sqlite3
from pathlib import Path
from uuid import UUID

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


async def test_what_surveys_and_groups_have_to_know_is_found_in_what_was_kept(tmp_path: Path) -> None:
    """Who wrote a survey, what waits to be sealed, under which name a group was approved."""
    url = await databases.sqlite_url(tmp_path)
    await asyncio.to_thread(migrate, url, "0013")
    author, editor, moderator = (UUID(int=number) for number in (1, 2, 3))
    database = sqlite3.connect(url.removeprefix("sqlite:///"))
    for number, head in ((1, None), (2, "{}")):
        database.execute(
            "INSERT INTO surveys (id, number, initiator, content, created_at, stage, round, overdue_rounds,"
            " head, follow_ups, version, title, kind, secrecy, is_changeable, owner, initiator_kind,"
            " is_public, is_late, awaits_seal) VALUES (?, ?, '{}', '{}', '', 'annulled', 1, '[]', ?, '[]', 1,"
            " '', 'vote', 'secret', 0, '', 'operator', 1, 0, 0)",
            (UUID(int=number).bytes, str(number), head),
        )
    acts = [
        ("create", author),
        ("edit", editor),
        ("edit", author),
        ("submit", editor),
        ("approve", moderator),
    ]
    for position, (act, who) in enumerate(acts):
        database.execute(
            "INSERT INTO survey_history (survey_id, position, act, to_stage, at, role, participant_id, round)"
            " VALUES (?, ?, ?, 'draft', '', 'operator', ?, 0)",
            (UUID(int=1).bytes, position, act, who.bytes),
        )
    for number, stage in ((1, "active"), (2, "submitted")):
        database.execute(
            "INSERT INTO social_groups (id, name, about, joining, owner_id, deputies, created_at, stage,"
            " version, name_key, is_unsettled) VALUES (?, 'Двор', '', 'open', ?, '[]', '', ?, 1, 'двор', 0)",
            (UUID(int=number).bytes, author.bytes, stage),
        )
    database.commit()
    await asyncio.to_thread(migrate, url)
    written = database.execute("SELECT authors, awaits_seal FROM surveys ORDER BY id").fetchall()
    assert [(json.loads(authors), bool(awaits)) for authors, awaits in written] == [
        ([str(author), str(editor)], True),
        ([], False),
    ]
    names = database.execute("SELECT known_as FROM social_groups ORDER BY id").fetchall()
    assert names == [("Двор",), (None,)]
    database.close()
