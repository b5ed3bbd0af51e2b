"""Floors: programs that run the same statements in the same scheme behind bare aiohttp, without our code.

Only the tables come from our migrations; they are read back from the database, so that types, rows, units
of work and connections are a plain program's own.
"""

import asyncio
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
import uuid_utils.compat
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from niktokromenas.adapters.sql.migrations.migrate import migrate

PERSON, SESSION = UUID(int=1), UUID(int=2)
NUMBERS_AT_ONCE = 20
_WRITTEN = ("messages", "message_history", "outbox", "audit")
_RESERVE = sa.text(
    "INSERT INTO message_numbers (year, last) VALUES (:year, :count)"
    " ON CONFLICT (year) DO UPDATE SET last = message_numbers.last + :count RETURNING last"
)
_NOT_AN_APPEAL = "Сообщение не является обращением в значении закона 59-ФЗ. " * 4
Plain = Callable[[Any], Any]


class Written:
    """How this database is given ids, instants and JSON."""

    def __init__(self, identifier: Plain, instant: Plain, json: Plain) -> None:
        self.identifier, self.instant, self.json = identifier, instant, json


def _same(value: Any) -> Any:
    return value


def _text(at: datetime) -> str:
    return at.isoformat("T", "microseconds")[:26] + "Z"


def _dumped(value: Any) -> str:
    return orjson.dumps(value).decode()


SQLITE = Written(lambda one: one.bytes, _text, _dumped)
POSTGRESQL = Written(_same, _same, _same)


def _reflected(connection: sa.Connection) -> sa.MetaData:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return metadata


def _known(metadata: sa.MetaData) -> sa.Select[Any]:
    """Who stands behind a session: it, the person, the organisation, the confirmed grants."""
    sessions, people, grants = (metadata.tables[n] for n in ("sessions", "participants", "grants"))
    bodies = people.alias("organisations")
    parts = {"s": sessions, "p": people, "o": bodies, "g": grants}
    is_theirs = sa.and_(
        grants.c.issuer == people.c.issuer, grants.c.oid == people.c.oid, grants.c.stage == "confirmed"
    )
    return (
        sa.select(*(c.label(f"{prefix}_{c.name}") for prefix, table in parts.items() for c in table.c))
        .select_from(
            sessions.join(people, people.c.id == sessions.c.participant_id)
            .outerjoin(bodies, bodies.c.id == sessions.c.organisation_id)
            .outerjoin(grants, is_theirs)
        )
        .where(sessions.c.id == sa.bindparam("id"))
        .order_by(grants.c.id)
    )


def _person(w: Written) -> dict[str, Any]:
    return {
        "id": w.identifier(PERSON), "kind": "person", "issuer": "i", "oid": "1", "name": "Анна Волкова",
        "facts": w.json([{"kind": "name", "value": "Анна", "provenance": "esia_verified", "at": "2026-01-01"}]),
        "consents": w.json([{"version": "1", "at": "2026-01-01"}]), "version": 1,
    }  # fmt: skip


def _session(w: Written) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": w.identifier(SESSION), "kind": "app", "participant_id": w.identifier(PERSON), "secret_hash": "",
        "began_at": w.instant(now), "expires_at": w.instant(now + timedelta(days=1)), "device": "bench",
        "organisations": w.json([]), "generation": 0, "version": 1,
    }  # fmt: skip


def _rows(sent: dict[str, Any], number: str, w: Written) -> list[dict[str, Any]]:
    """The rows that one submission writes, as the product fills them."""
    now, new = datetime.now(UTC), uuid_utils.compat.uuid7
    message, person, at = w.identifier(new()), w.identifier(PERSON), w.instant(now)
    text, place = sent["text"], sent["occasion"]["place"]
    begins = datetime.fromisoformat(sent["occasion"]["begins_at"])
    content = {
        "text": text,
        "occasion": {
            "begins_at": begins.isoformat(),
            "place": {"municipality": "18701000", "point": place["point"], "address": place["address"]},
        },
    }
    facts = {
        "number": number, "act": "submit", "by_role": "user", "by_participant": str(PERSON),
        "assignment_id": None, "authority": None, "words": None, "due": now.isoformat(),
    }  # fmt: skip
    return [
        {
            "id": message, "number": number, "author_id": person, "organisation_id": None,
            "esia_name": "Анна Волкова", "author_details": w.json({}), "text": text,
            "begins_at": w.instant(begins), "ends_at": None, "lat": place["point"]["lat"],
            "lon": place["point"]["lon"], "address": place["address"], "municipality": "18701000",
            "place_words": None, "attachments": w.json([]), "channel": "api", "submitted_at": at,
            "category": sent["category"], "edition": 1, "stage": "submitted", "publicity": "undecided",
            "publicity_reason": None, "is_publicity_proposed": False, "wish_reason": None, "question": None,
            "clarifications": 0, "revisions": 0, "rejection": None, "round": 1, "returns": 0,
            "is_with_coordinator": False, "reopenings": 0, "accepted_at": None, "moderation_due": at,
            "clarification_due": None, "routing_due": None, "answer_due": None, "answered_at": None,
            "rating_due": None, "reopening_due": None, "desk_overdue_at": None, "version": 1,
            "is_public": False, "category_group": "roads", "authority": None, "outcome": None, "rating": None,
            "is_overdue": False, "excerpt": text, "thumbnail": None, "desk": "moderator",
            "desk_task": "moderate", "desk_due": at, "tick_at": at,
        },
        {
            "message_id": message, "position": 1000, "act": "submit", "from_stage": None,
            "to_stage": "submitted", "at": at, "role": "user", "participant_id": person, "grant_id": None,
            "body": None, "organisation_id": None, "words": None, "document": "rules 1",
            "assignment_id": None, "authority": None, "edition": 1, "content": w.json(content),
        },
        {
            "id": w.identifier(new()), "kind": "message-acted", "subject_id": message, "at": at,
            "facts": w.json(facts),
        },
        {
            "id": w.identifier(new()), "at": at, "action": "message.submit", "object_kind": "message",
            "object_id": number, "participant_id": person, "session_id": w.identifier(SESSION),
            "grant_id": None, "facts": w.json({}), "seal": None,
        },
    ]  # fmt: skip


def _app(post: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    app = web.Application()
    app.router.add_post("/api/v1/messages", post)
    return app


def _answer(number: str) -> web.Response:
    now = datetime.now(UTC)
    answer = {
        "number": number,
        "version": 1,
        "submitted_at": now,
        "moderation_due": now,
        "message": _NOT_AN_APPEAL,
    }
    return web.Response(status=201, body=orjson.dumps(answer), content_type="application/json")


class Numbers:
    """Reserved some at a time, in a unit of their own."""

    def __init__(self, reserve: Callable[[], Awaitable[int]]) -> None:
        self.reserve, self.left, self.turn = reserve, list[int](), asyncio.Lock()

    async def next(self) -> str:
        async with self.turn:
            if not self.left:
                last = await self.reserve()
                self.left = list(range(last - NUMBERS_AT_ONCE + 1, last + 1))
            return f"26-{self.left.pop(0):06d}"


class SharedCommits:
    """Units one after another on one connection, a SAVEPOINT each, many to a COMMIT made in a thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self.connection = engine.connect()
        self.raw = self.connection.connection.dbapi_connection
        self.turn = asyncio.Lock()
        self.thread = ThreadPoolExecutor(1)
        self.waiting: list[asyncio.Future[None]] = []
        self.flush: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[sa.Connection]:
        loop = asyncio.get_running_loop()
        async with self.turn:
            if not self.waiting:
                self.raw.execute("BEGIN IMMEDIATE")
                self.flush = loop.create_task(self.commit())
            self.waiting.append(done := loop.create_future())
            self.raw.execute("SAVEPOINT unit")
            try:
                yield self.connection
            except BaseException:
                self.raw.execute("ROLLBACK TO unit")
                raise
            finally:
                self.raw.execute("RELEASE unit")
        await done

    async def commit(self) -> None:
        """Waits for its turn as units do: those before it share it."""
        async with self.turn:
            batch, self.waiting = self.waiting, []
            await asyncio.get_running_loop().run_in_executor(self.thread, self.raw.execute, "COMMIT")
        for done in batch:
            done.set_result(None)


def _opened(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        raw.execute(f"PRAGMA {pragma}").fetchall()
    return raw


async def sqlite_submit(folder: Path, _: str) -> web.Application:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "floor.db"
    await asyncio.to_thread(migrate, f"sqlite:///{path}")
    engine = sa.create_engine(
        "sqlite://", creator=lambda: _opened(path), poolclass=NullPool, pool_reset_on_return=None
    )
    units, reader = SharedCommits(engine), engine.connect()
    metadata = _reflected(reader)
    known, inserts = _known(metadata), [sa.insert(metadata.tables[name]) for name in _WRITTEN]
    async with units.unit() as connection:
        connection.execute(sa.insert(metadata.tables["participants"]), _person(SQLITE))
        connection.execute(sa.insert(metadata.tables["sessions"]), _session(SQLITE))
    session = SQLITE.identifier(SESSION)

    async def reserve() -> int:
        async with units.unit() as connection:
            return int(connection.execute(_RESERVE, {"year": 2026, "count": NUMBERS_AT_ONCE}).scalar_one())

    numbers = Numbers(reserve)

    async def post(request: web.Request) -> web.Response:
        sent = orjson.loads(await request.read())
        reader.execute(known, {"id": session}).all()
        number = await numbers.next()
        rows = _rows(sent, number, SQLITE)
        async with units.unit() as connection:
            for statement, row in zip(inserts, rows, strict=True):
                connection.execute(statement, row)
        return _answer(number)

    return _app(post)


def _server(url: str, isolation_level: str) -> AsyncEngine:
    return create_async_engine(
        sa.make_url(url).set(drivername="postgresql+asyncpg"),
        isolation_level=isolation_level,
        pool_size=8,
        max_overflow=0,
        skip_autocommit_rollback=True,
        json_serializer=_dumped,
        json_deserializer=orjson.loads,
        connect_args={"server_settings": {"jit": "off"}},
    )


async def postgresql_submit(_: Path, url: str) -> web.Application:
    """Native SQLAlchemy Core and asyncpg, a pool for units and one for questions."""
    await asyncio.to_thread(migrate, url)
    writing, reading = _server(url, "READ COMMITTED"), _server(url, "AUTOCOMMIT")
    async with writing.begin() as connection:
        metadata = await connection.run_sync(_reflected)
        await connection.execute(sa.insert(metadata.tables["participants"]), _person(POSTGRESQL))
        await connection.execute(sa.insert(metadata.tables["sessions"]), _session(POSTGRESQL))
    known, inserts = _known(metadata), [sa.insert(metadata.tables[name]) for name in _WRITTEN]

    async def reserve() -> int:
        async with writing.begin() as connection:
            found = await connection.execute(_RESERVE, {"year": 2026, "count": NUMBERS_AT_ONCE})
            return int(found.scalar_one())

    numbers = Numbers(reserve)

    async def post(request: web.Request) -> web.Response:
        sent = orjson.loads(await request.read())
        async with reading.connect() as connection:
            (await connection.execute(known, {"id": SESSION})).all()
        number = await numbers.next()
        rows = _rows(sent, number, POSTGRESQL)
        async with writing.begin() as connection:
            for statement, row in zip(inserts, rows, strict=True):
                await connection.execute(statement, row)
        return _answer(number)

    return _app(post)


_PAGE = (
    "SELECT id, number, excerpt, category, municipality, address, lat, lon, authority, stage, outcome,"
    " publicity, rating, submitted_at, answer_due, is_overdue, thumbnail"
    " FROM messages WHERE is_public = 1 AND municipality = ? AND category = ?"
    " AND (submitted_at, id) < (?, ?) ORDER BY submitted_at DESC, id DESC LIMIT 21"
)


def _item(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        _, number, excerpt, category, municipality, address, lat, lon, authority, stage, outcome,
        publicity, rating, submitted_at, answer_due, is_overdue, thumbnail,
    ) = row  # fmt: skip
    return {
        "number": number, "excerpt": excerpt, "category": category, "municipality": municipality,
        "address": address, "point": {"lat": lat, "lon": lon}, "authority": authority, "stage": stage,
        "outcome": outcome, "publicity": publicity, "rating": rating, "submitted_at": submitted_at,
        "answer_due": answer_due, "is_overdue": bool(is_overdue), "thumbnail": thumbnail,
    }  # fmt: skip


async def journal(_: Path, url: str) -> web.Application:
    """Raw sqlite3 and orjson, the same answer."""
    connection = sqlite3.connect(f"file:{url}?mode=ro", uri=True, check_same_thread=False)
    end = ("9999-12-31T00:00:00.000000Z", b"\xff" * 16)

    async def get(request: web.Request) -> web.Response:
        query = request.query
        found = connection.execute(_PAGE, (query["municipality"], query["category"], *end)).fetchall()
        last = found[19]
        following = urlsafe_b64encode(orjson.dumps((last[13], str(UUID(bytes=last[0]))))).decode()
        body = orjson.dumps({"items": [_item(row) for row in found[:20]], "next": following})
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/api/v1/messages", get)
    return app


_FOUND = (
    "SELECT m.id, number, excerpt, category, municipality, address, lat, lon, authority, stage, outcome,"
    " publicity, rating, submitted_at, answer_due, is_overdue, thumbnail"
    " FROM plain JOIN messages m ON m.rowid = plain.rowid WHERE plain MATCH ? AND is_public = 1"
    " ORDER BY {} LIMIT 21"
)


async def search(_: Path, url: str) -> web.Application:
    """One plain FTS5 query, the newest first; by bm25 where it is asked for."""
    connection = sqlite3.connect(f"file:{url}?mode=ro", uri=True, check_same_thread=False)
    orders = {"": "plain.rowid DESC", "rank": "plain.rank"}

    async def get(request: web.Request) -> web.Response:
        statement = _FOUND.format(orders[request.query.get("order", "")])
        found = connection.execute(statement, (request.query["q"],)).fetchall()
        body = orjson.dumps({"items": [_item(row) for row in found[:20]], "next": None})
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/api/v1/messages/search", get)
    return app


async def breakdown(_: Path, url: str) -> web.Application:
    """The survey by its number, the table by its key, words and numbers put together."""
    connection = sqlite3.connect(f"file:{url}?mode=ro", uri=True, check_same_thread=False)

    async def get(request: web.Request) -> web.Response:
        number, dimension = request.match_info["number"], request.match_info["dimension"]
        survey_id, stage, content = connection.execute(
            "SELECT id, stage, content FROM surveys WHERE number = ?", (number,)
        ).fetchone()
        (kept,) = connection.execute(
            "SELECT shown FROM survey_breakdowns WHERE survey_id = ? AND dimension = ?",
            (survey_id, dimension),
        ).fetchone()
        questions, shown = orjson.loads(content)["questions"], orjson.loads(kept)
        body = {
            "number": number,
            "stage": stage,
            "groups": [{"code": code, "ballots": n} for code, n in shown["ballots"].items()],
            "tables": [
                {
                    "question": each["code"],
                    "words": each["words"],
                    "rows": [
                        {"group": group, "counts": list(row.values())}
                        for group, row in shown["tables"][each["code"]].items()
                    ],
                }
                for each in questions
                if each["code"] in shown["tables"]
            ],
        }
        return web.Response(body=orjson.dumps(body), content_type="application/json")

    app = web.Application()
    app.router.add_get("/api/v1/surveys/{number}/results/breakdowns/{dimension}", get)
    return app


MAKERS = {
    "search": search,
    "sqlite": sqlite_submit,
    "postgresql": postgresql_submit,
    "journal": journal,
    "breakdown": breakdown,
}
