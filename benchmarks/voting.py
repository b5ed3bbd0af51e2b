"""Votes on one survey by 32 clients at once: floors without our code and the product's use case, in turn.

A floor puts the same two rows of a secret vote into the product's own tables: on SQLite one writer thread,
a batch a COMMIT at synchronous=FULL; on PostgreSQL two writers, each a batch a transaction, one statement a
table. In this process everything is measured but the HTTP face: clients, use case, driver.
"""

import asyncio
import gc
import os
import queue
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from attrs import evolve, frozen

from niktokromenas.adapters.regions.pack import bundled_region, load_region
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.adapters.sql.surveys import SqlSurveyJournal
from niktokromenas.adapters.sql.tables import participants
from niktokromenas.adapters.sql.transactions import SqlTransactions
from niktokromenas.adapters.sql.units import Units
from niktokromenas.adapters.system import SystemClock, new_id, new_secret
from niktokromenas.adapters.text.stems import RussianStems
from niktokromenas.application.messages.submitting import rulebook
from niktokromenas.application.surveys.casting import CastBallot, CastBallotHandler
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.application.surveys.together import UNITS_AT_ONCE
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.participants.actors import Acting, Actor, Channel
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.answers import Chosen
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.initiating import NewSurvey, create
from niktokromenas.domain.surveys.questions import One, Option, Question
from niktokromenas.domain.surveys.stages import InitiatorKind, Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Initiator, Survey

CLIENTS = 32
SECONDS = 1.0
PEOPLE = 400_000
_BATCH = 128
_ANSWERS = b'{"support":{"chosen":["for"]}}'
Vote = Callable[[Any], Awaitable[object]]


@frozen(kw_only=True)
class Measured:
    """Of one round: ballots a second, CPU of this process a ballot (microseconds), latencies (seconds)."""

    rate: float
    cpu_us: float
    took: tuple[float, ...]


@frozen(kw_only=True)
class Polled:
    floor: tuple[Measured, ...]
    product: tuple[Measured, ...]
    ballots: int
    participants: int
    cast: int

    @property
    def share(self) -> float:
        """Of the floor's rate: the median of the rounds' own."""
        return median(high.rate / low.rate for low, high in zip(self.floor, self.product, strict=True))

    @property
    def cpu_ratio(self) -> float:
        return median(high.cpu_us / low.cpu_us for low, high in zip(self.floor, self.product, strict=True))

    def __str__(self) -> str:
        sides = ("floor", self.floor), ("product", self.product)
        return "; ".join(
            f"{name} {median(m.rate for m in found):.0f} ballots/s, {median(m.cpu_us for m in found):.0f} us"
            f" CPU, p50 {_cut(found, 50):.1f} ms, p99 {_cut(found, 99):.1f} ms"
            for name, found in sides
        )


def _cut(found: tuple[Measured, ...], percent: int) -> float:
    took = sorted(each for one in found for each in one.took)
    return took[len(took) * percent // 100] * 1e3


async def _round(vote: Vote, people: list[Any]) -> Measured:
    end, took = time.perf_counter() + SECONDS, list[float]()

    async def client() -> None:
        while time.perf_counter() < end:
            began = time.perf_counter()
            await vote(people.pop())
            took.append(time.perf_counter() - began)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    spent, cpu = time.perf_counter() - began, time.process_time() - cpu
    return Measured(rate=len(took) / spent, cpu_us=cpu / len(took) * 1e6, took=tuple(took))


def open_vote(now: datetime, region: Region) -> Survey:
    """A secret vote of everybody, open now."""
    by = Acting(role=Role.OPERATOR, participant_id=ParticipantId(new_id()), body="vo-kit")
    assert by.participant_id is not None
    options = tuple(Option(code=code, words=code) for code in ("for", "against", "abstain"))
    content = Content(
        kind=SurveyKind.VOTE,
        title="Парк",
        questions=(Question(code="support", words="Поддерживаете?", kind=One(options=options)),),
        announce_at=now - timedelta(days=2),
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        secrecy=Secrecy.SECRET,
        is_changeable=True,
    )
    initiator = Initiator(kind=InitiatorKind.OPERATOR, participant_id=by.participant_id, body=by.body)
    new = NewSurvey(id=SurveyId(new_id()), number="S-26-000001", initiator=initiator, content=content)
    draft = create(new, by, survey_rules(region), at=now - timedelta(days=9))
    return evolve(draft, stage=Stage.OPEN, announced_at=now - timedelta(days=2))


async def poll(url: str, rounds: int = 5) -> Polled:
    """The database is migrated and empty. One round of each warms up and is not counted."""
    units = open_units(url)
    await units.start()
    try:
        region = load_region(bundled_region("volgograd"))
        transactions = SqlTransactions(units, rulebook(region), new_id, RussianStems())
        people = await _people(units)
        surveys = {}
        for side in ("floor", "product"):
            made = evolve(open_vote(datetime.now(UTC), region), number=f"S-26-00000{len(surveys) + 1}")
            async with transactions() as tx:
                surveys[side] = await tx.surveys.add(made)
        journal, at_once = SqlSurveyJournal(units), 1 if url.startswith("sqlite") else UNITS_AT_ONCE
        handler = CastBallotHandler(transactions, SystemClock(), new_id, new_secret, region, journal, at_once)
        consent = region.documents[DocumentKind.CONSENT].version

        commands = [
            CastBallot(
                actor=Actor(
                    channel=Channel.API,
                    participant_id=ParticipantId(person),
                    name="Житель",
                    agreed_to=frozenset({consent}),
                ),
                number=surveys["product"].number,
                answers={"support": Chosen(("for",))},
                change_secret=new_secret(),
            )
            for person in people["product"]
        ]
        gc.collect()
        gc.freeze()  # a server does not hold in memory everybody who will come
        async with _floor(url, surveys["floor"].id) as floor:
            measured: dict[str, list[Measured]] = {"floor": [], "product": []}
            for turn in range(rounds + 1):
                for side, vote, ready in (
                    ("floor", floor, people["floor"]),
                    ("product", handler, commands),
                ):
                    found = await _round(vote, ready)
                    if turn:
                        measured[side].append(found)
        async with units.reading() as connection:
            ballots, took_part = [
                int(
                    (
                        await connection.execute(
                            sa.text(f"SELECT count(*) FROM {table} WHERE survey_id = :id").bindparams(
                                sa.bindparam("id", type_=participants.c.id.type)
                            ),
                            {"id": surveys["product"].id},
                        )
                    ).scalar_one()
                )
                for table in ("secret_ballots", "participations")
            ]
        return Polled(
            floor=tuple(measured["floor"]),
            product=tuple(measured["product"]),
            ballots=ballots,
            participants=took_part,
            cast=PEOPLE // 2 - len(commands),
        )
    finally:
        await units.close()


async def _people(units: Units) -> dict[str, list[UUID]]:
    ids = [new_id() for _ in range(PEOPLE)]
    for first in range(0, PEOPLE, 5000):
        rows = [
            {
                "id": one,
                "kind": "person",
                "issuer": "bench",
                "oid": str(first + place),
                "name": "Житель",
                "facts": [],
                "consents": [],
                "version": 1,
            }
            for place, one in enumerate(ids[first : first + 5000])
        ]
        async with units.unit() as connection:
            await connection.execute(sa.insert(participants), rows)
    return {"floor": ids[: PEOPLE // 2], "product": ids[PEOPLE // 2 :]}


@asynccontextmanager
async def _floor(url: str, survey_id: SurveyId) -> AsyncIterator[Vote]:
    if url.startswith("sqlite"):
        with _one_writer(Path(sa.make_url(url).database or ""), survey_id) as vote:
            yield vote
    else:
        async with _two_writers(url, survey_id) as vote:
            yield vote


class _one_writer:
    """A thread of its own takes what waits, a batch a COMMIT."""

    def __init__(self, path: Path, survey_id: SurveyId) -> None:
        self.path, self.survey = path, survey_id.bytes
        self.waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.write, daemon=True)

    def __enter__(self) -> Vote:
        self.thread.start()
        return self.vote

    def __exit__(self, *_: object) -> None:
        self.waiting.put(None)
        self.thread.join()

    async def vote(self, person: UUID) -> object:
        loop = asyncio.get_running_loop()
        told = loop.create_future()
        self.waiting.put((loop, told, person.bytes, uuid4().bytes, os.urandom(32), os.urandom(32)))
        return await told

    def write(self) -> None:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        while (first := self.waiting.get()) is not None:
            batch = [first]
            while len(batch) < _BATCH:
                try:
                    more = self.waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    self.waiting.put(None)
                    break
                batch.append(more)
            told = []
            connection.execute("BEGIN IMMEDIATE")
            for _, future, person, key, salt, leaf in batch:
                took_part = connection.execute(
                    "INSERT INTO participations VALUES (?, ?) ON CONFLICT DO NOTHING", (self.survey, person)
                )
                if took_part.rowcount == 1:
                    connection.execute(
                        "INSERT INTO secret_ballots VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        (self.survey, key, _ANSWERS, salt, leaf, "{}", "0" * 64),
                    )
                told.append((future, took_part.rowcount == 1))
            connection.execute("COMMIT")
            batch[0][0].call_soon_threadsafe(_tell, told)
        connection.close()


def _tell(told: list[tuple["asyncio.Future[bool]", bool]]) -> None:
    for future, is_cast in told:
        future.set_result(is_cast)


_TAKE_PART = (
    "INSERT INTO participations (survey_id, participant_id) SELECT $1, p FROM unnest($2::uuid[]) AS x (p)"
    " ON CONFLICT DO NOTHING RETURNING participant_id"
)
_CAST = (
    "INSERT INTO secret_ballots (survey_id, id, answers, salt, leaf, marks, change_lock)"
    " SELECT $1, x.id, $2, x.salt, x.leaf, '{}'::jsonb, $3"
    " FROM unnest($4::uuid[], $5::bytea[], $6::bytea[]) AS x (id, salt, leaf) ON CONFLICT DO NOTHING"
)


@asynccontextmanager
async def _two_writers(url: str, survey_id: SurveyId) -> AsyncIterator[Vote]:
    import asyncpg

    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    pool = await asyncpg.create_pool(address, min_size=2, max_size=2)
    waiting: asyncio.Queue[Any] = asyncio.Queue()

    async def write() -> None:
        while True:
            batch = [await waiting.get()]
            while len(batch) < _BATCH and not waiting.empty():
                batch.append(waiting.get_nowait())
            async with pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(_TAKE_PART, survey_id, [one[1] for one in batch])
                new = {row["participant_id"] for row in rows}
                cast = [one for one in batch if one[1] in new]
                await connection.execute(
                    _CAST,
                    survey_id,
                    _ANSWERS,
                    "0" * 64,
                    [one[2] for one in cast],
                    [one[3] for one in cast],
                    [one[4] for one in cast],
                )
            _tell([(one[0], one[1] in new) for one in batch])

    async def vote(person: UUID) -> object:
        told = asyncio.get_running_loop().create_future()
        waiting.put_nowait((told, person, uuid4(), os.urandom(32), os.urandom(32)))
        return await told

    writers = [asyncio.create_task(write()) for _ in range(2)]
    try:
        yield vote
    finally:
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)
        await pool.close()
