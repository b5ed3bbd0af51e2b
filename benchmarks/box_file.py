"""A migrated SQLite database with one secret survey that has just closed: made once, kept as `journal_file` is."""

import asyncio
import hashlib
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import gettempdir
from uuid import UUID

import orjson

from benchmarks.journal_file import TOWNS, key
from niktokromenas.adapters.sql.migrations import migrate as migrations
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.adapters.sql.surveys import SqlSurveys
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.surveys.content import Content, Dimension, Table
from niktokromenas.domain.surveys.questions import Number, One, Option, Question, Scale
from niktokromenas.domain.surveys.stages import InitiatorKind, Secrecy, Stage
from niktokromenas.domain.surveys.survey import Initiator, Survey

NUMBER, SURVEY = "S-26-000001", SurveyId(UUID(int=1))
BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
_AT_ONCE = 10_000


def a_survey() -> Survey:
    """Three questions: nearly all ballots differ. Tables by municipality and by age."""
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    begun = end - timedelta(days=7)
    votes = tuple(Option(code=code, words=code) for code in ("for", "against", "abstain"))
    content = Content(
        title="Парк у набережной",
        questions=(
            Question(code="q0", words="Нужен ли свет?", kind=One(options=votes)),
            Question(code="q1", words="Оцените парк", kind=Scale(low=1, high=5)),
            Question(code="q2", words="Сколько раз были?", kind=Number(low=Decimal(0), high=Decimal(1000))),
        ),
        announce_at=begun - timedelta(days=1),
        starts_at=begun,
        ends_at=end,
        secrecy=Secrecy.SECRET,
        tables=tuple(Table(code, dimension) for code in ("q0", "q1") for dimension in Dimension),
    )
    return Survey(
        id=SURVEY,
        number=NUMBER,
        initiator=Initiator(
            kind=InitiatorKind.AUTHORITY, participant_id=ParticipantId(UUID(int=1)), body="adm-18701"
        ),
        content=content,
        created_at=begun - timedelta(days=3),
        stage=Stage.CLOSED,
        announced_at=begun - timedelta(days=1),
    )


def box_file(rows: int) -> Path:
    path = Path(gettempdir()) / f"nk-bench-box-{key(Path(__file__))}-{rows}.db"
    if path.exists():
        return path
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    migrations.migrate(f"sqlite:///{partial}")
    asyncio.run(_with_survey(partial))
    connection = sqlite3.connect(partial)
    connection.execute("PRAGMA synchronous=OFF")
    for statement, made in (
        (
            "INSERT INTO participants (id, kind, issuer, oid, name, facts, consents, version)"
            " VALUES (?, 'person', 'bench', ?, 'А', '[]', '[]', 1)",
            ((_person(n), str(n)) for n in range(rows)),
        ),
        (
            "INSERT INTO participations (survey_id, participant_id) VALUES (?, ?)",
            ((SURVEY.bytes, _person(n)) for n in range(rows)),
        ),
        (
            "INSERT INTO secret_ballots (survey_id, id, answers, salt, leaf, marks) VALUES (?, ?, ?, ?, ?, ?)",
            _ballots(rows),
        ),
    ):
        connection.executemany(statement, made)
        connection.commit()
    connection.close()
    partial.rename(path)
    return path


async def _with_survey(path: Path) -> None:
    units = open_units(f"sqlite:///{path}")
    await units.start()
    async with units.unit() as connection:
        await SqlSurveys(connection, new_id).add(a_survey())
    await units.close()


def _person(n: int) -> bytes:
    return UUID(int=(n + 1) << 64).bytes


def _ballots(rows: int) -> Iterator[tuple[object, ...]]:
    """Towns of a long tail, marks of the middle."""
    chance = random.Random(1)
    towns = chance.choices(TOWNS, [1 / (place + 1) for place in range(len(TOWNS))], k=_AT_ONCE)
    for n in range(rows):
        vote = ("for", "for", "against", "abstain")[chance.getrandbits(2)]
        mark, times = 1 + int(chance.random() * 5), int(chance.random() * 1001)
        said = {"q0": {"chosen": [vote]}, "q1": {"scaled": mark}, "q2": {"amount": str(times)}}
        answers, salt = orjson.dumps(said), chance.randbytes(32)
        marks = {"municipality": towns[n % _AT_ONCE], "age-band": BANDS[n % len(BANDS)]}
        yield (
            SURVEY.bytes,
            chance.randbytes(16),
            answers,
            salt,
            hashlib.sha256(salt + answers).digest(),
            orjson.dumps(marks).decode(),
        )
