"""Pages of lists on SQLite: the journal and search in it."""

import sqlite3
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web

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
