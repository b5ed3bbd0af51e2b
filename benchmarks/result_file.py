"""A migrated SQLite database with one published survey and many shown words: made once, as `journal_file` is."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from uuid import UUID, uuid4

from attrs import evolve

from benchmarks.box_file import NUMBER, SURVEY, a_survey
from benchmarks.journal_file import TOWNS, key
from niktokromenas.adapters.sql.migrations import migrate as migrations
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.adapters.sql.remarks import SqlRemarks
from niktokromenas.adapters.sql.results import SqlResults
from niktokromenas.adapters.sql.surveys import SqlSurveys
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.surveys.counting import Counting, counted_survey
from niktokromenas.domain.surveys.questions import FreeText, Question
from niktokromenas.domain.surveys.stages import Stage

__all__ = ["NUMBER"]
_WORDS = "=Побольше света на набережной, и чтобы скамейки не убирали на зиму. " * 2


def result_file(rows: int) -> Path:
    path = Path(gettempdir()) / f"nk-bench-results-{key(Path(__file__))}-{rows}.db"
    if path.exists():
        return path
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    url = f"sqlite:///{partial}"
    migrations.migrate(url)
    asyncio.run(_published(url))
    connection = sqlite3.connect(partial)
    connection.execute("PRAGMA synchronous=OFF")
    connection.executemany(
        "INSERT INTO survey_remarks (id, survey_id, question, words, stage, grounds, version)"
        " VALUES (?, ?, 'own', ?, 'shown', '[]', 2)",
        ((each, SURVEY.bytes, _WORDS) for each in sorted(uuid4().bytes for _ in range(rows))),
    )
    connection.execute("UPDATE remark_gatherings SET phase = 'over', is_going = 0")
    connection.commit()
    connection.close()
    partial.rename(path)
    return path


async def _published(url: str) -> None:
    survey = a_survey()
    own = Question(code="own", words="=Чего не хватает?", kind=FreeText(), is_required=False)
    content = evolve(survey.content, questions=(*survey.content.questions, own))
    at = datetime(2026, 2, 1, tzinfo=UTC)
    published = evolve(
        survey,
        content=content,
        stage=Stage.PUBLISHED,
        published_at=at,
        follow_up_due=at + timedelta(days=30),
    )
    counted = counted_survey(SURVEY, Counting(content, tuple(TOWNS)), None)
    units = open_units(url)
    await units.start()
    async with units.unit() as connection:
        saved = await SqlSurveys(connection, new_id).add(published)
        await SqlResults(connection).add(saved, counted)
        await SqlRemarks(connection).begin(saved.id)
    await units.close()
    assert isinstance(saved.id, UUID)
