"""Floors: programs that run the same statements in the same scheme behind bare aiohttp, without our code."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
import uuid_utils.compat
from aiohttp import web
from sqlalchemy.ext.asyncio import create_async_engine

from niktokromenas.adapters.sql import tables
from niktokromenas.adapters.sql.migrations.migrate import migrate
from niktokromenas.adapters.sql.sessions import _KNOWN
from niktokromenas.adapters.sql.sqlite import SqliteUnits

PERSON, SESSION = UUID(int=1), UUID(int=2)
_STATEMENTS = [sa.insert(t) for t in (tables.messages, tables.history, tables.outbox, tables.audit)]
_PERSON = {
    "id": PERSON, "kind": "person", "issuer": "i", "oid": "1", "name": "Анна", "facts": [], "consents": [],
    "version": 1,
}  # fmt: skip
_SESSION = {
    "id": SESSION, "kind": "app", "participant_id": PERSON, "secret_hash": "", "began_at": datetime.now(UTC),
    "expires_at": datetime.now(UTC) + timedelta(days=1), "device": "bench", "organisations": [],
    "generation": 0, "version": 1,
}  # fmt: skip
_counter = iter(range(1, 10**9))


def _rows(text: str) -> list[dict[str, Any]]:
    """The rows that one submission writes, as the product fills them."""
    now, new = datetime.now(UTC), uuid_utils.compat.uuid7
    message, number = new(), f"26-{next(_counter):06d}"
    content = {
        "text": text,
        "occasion": {"begins_at": now.isoformat(), "place": {"municipality": "18701000"}},
    }
    return [
        {
            "id": message, "number": number, "author_id": PERSON, "organisation_id": None, "esia_name": "Анна",
            "author_details": {}, "text": text, "begins_at": now, "ends_at": None, "lat": 48.7, "lon": 44.5,
            "address": "ул. Мира, 5", "municipality": "18701000", "place_words": None, "attachments": [],
            "channel": "api", "submitted_at": now, "category": "roads.pothole", "edition": 1,
            "stage": "submitted", "publicity": "undecided", "publicity_reason": None,
            "is_publicity_proposed": False, "wish_reason": None, "question": None, "clarifications": 0,
            "revisions": 0, "rejection": None, "round": 1, "returns": 0, "is_with_coordinator": False,
            "reopenings": 0, "accepted_at": None, "moderation_due": now, "clarification_due": None,
            "routing_due": None, "answer_due": None, "answered_at": None, "rating_due": None,
            "reopening_due": None, "desk_overdue_at": None, "version": 1, "is_public": False,
            "category_group": "roads", "authority": None, "outcome": None, "rating": None,
            "is_overdue": False, "excerpt": text, "thumbnail": None, "desk": "moderator",
            "desk_task": "moderate", "desk_due": now, "tick_at": now,
        },
        {
            "message_id": message, "position": 1000, "act": "submit", "from_stage": None,
            "to_stage": "submitted", "at": now, "role": "user", "participant_id": PERSON, "grant_id": None,
            "body": None, "organisation_id": None, "words": None, "document": "regulation 2026-11",
            "assignment_id": None, "authority": None, "edition": 1, "content": content,
        },
        {
            "id": new(), "kind": "message-acted", "subject_id": message, "at": now,
            "facts": {
                "number": number, "act": "submit", "by_role": "user", "by_participant": str(PERSON),
                "assignment_id": None, "authority": None, "words": None, "due": now.isoformat(),
            },
        },
        {
            "id": new(), "at": now, "action": "message.submit", "object_kind": "message", "object_id": number,
            "participant_id": PERSON, "session_id": SESSION, "grant_id": None, "facts": {}, "seal": None,
        },
    ]  # fmt: skip


def _app(post: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    app = web.Application()
    app.router.add_post("/api/v1/messages", post)
    return app


def _answer(number: str) -> web.Response:
    body = orjson.dumps({"number": number, "submitted_at": datetime.now(UTC)})
    return web.Response(status=201, body=body, content_type="application/json")


async def sqlite_submit(folder: Path, url: str) -> web.Application:
    """SqliteUnits is the scheme: a SAVEPOINT each, COMMIT shared, `synchronous=FULL`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "floor.db"
    await asyncio.to_thread(migrate, f"sqlite:///{path}")
    units = SqliteUnits(path)
    await units.start()
    async with units.unit() as connection:
        await connection.execute(sa.insert(tables.participants), _PERSON)
        await connection.execute(sa.insert(tables.sessions), _SESSION)

    async def post(request: web.Request) -> web.Response:
        text = orjson.loads(await request.read())["text"]
        async with units.reading() as connection:
            (await connection.execute(_KNOWN, {"id": SESSION})).all()
        rows = _rows(text)
        async with units.unit() as connection:
            for statement, row in zip(_STATEMENTS, rows, strict=True):
                await connection.execute(statement, row)
        return _answer(rows[0]["number"])

    return _app(post)


async def postgresql_submit(_: Path, url: str) -> web.Application:
    """Native SQLAlchemy Core and asyncpg."""
    await asyncio.to_thread(migrate, url)
    address = sa.make_url(url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(address, pool_size=8, max_overflow=0)
    reader = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.begin() as connection:
        await connection.execute(sa.insert(tables.participants), _PERSON)
        await connection.execute(sa.insert(tables.sessions), _SESSION)

    async def post(request: web.Request) -> web.Response:
        text = orjson.loads(await request.read())["text"]
        async with reader.connect() as connection:
            (await connection.execute(_KNOWN, {"id": SESSION})).all()
        rows = _rows(text)
        async with engine.begin() as connection:
            for statement, row in zip(_STATEMENTS, rows, strict=True):
                await connection.execute(statement, row)
        return _answer(rows[0]["number"])

    return _app(post)


_COLUMNS = (
    "id", "number", "excerpt", "category", "municipality", "address", "lat", "lon", "authority", "stage",
    "outcome", "publicity", "rating", "submitted_at", "answer_due", "is_overdue", "thumbnail",
)  # fmt: skip
_PAGE = (
    f"SELECT {', '.join(_COLUMNS)} FROM messages WHERE is_public = 1 AND municipality = ? AND category = ?"
    " AND (submitted_at, id) < (?, ?) ORDER BY submitted_at DESC, id DESC LIMIT 21"
)


async def journal(_: Path, url: str) -> web.Application:
    """Raw sqlite3 and orjson, the same row shape."""
    connection = sqlite3.connect(f"file:{url}?mode=ro", uri=True, check_same_thread=False)
    last = ("9999-12-31T00:00:00.000000Z", b"\xff" * 16)

    async def get(request: web.Request) -> web.Response:
        query = request.query
        found = connection.execute(_PAGE, (query["municipality"], query["category"], *last)).fetchall()
        items = [
            {**dict(zip(_COLUMNS, row, strict=True)), "id": row[0].hex(), "thumbnail": None} for row in found
        ]
        return web.Response(body=orjson.dumps({"items": items[:20]}), content_type="application/json")

    app = web.Application()
    app.router.add_get("/api/v1/messages", get)
    return app


MAKERS = {"sqlite": sqlite_submit, "postgresql": postgresql_submit, "journal": journal}
