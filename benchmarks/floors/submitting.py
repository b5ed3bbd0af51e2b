"""What one submission reads and writes on both databases, and how it is answered."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
import uuid_utils.compat
from aiohttp import web

PERSON, SESSION = UUID(int=1), UUID(int=2)
NUMBERS_AT_ONCE = 20
WRITTEN = ("messages", "message_history", "outbox", "audit")
RESERVE = sa.text(
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


def dumped(value: Any) -> str:
    return orjson.dumps(value).decode()


SQLITE = Written(lambda one: one.bytes, _text, dumped)
POSTGRESQL = Written(_same, _same, _same)


def reflected(connection: sa.Connection) -> sa.MetaData:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return metadata


def known_by(metadata: sa.MetaData) -> sa.Select[Any]:
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


def person_row(w: Written) -> dict[str, Any]:
    return {
        "id": w.identifier(PERSON), "kind": "person", "issuer": "i", "oid": "1", "name": "Анна Волкова",
        "facts": w.json([{"kind": "name", "value": "Анна", "provenance": "esia_verified", "at": "2026-01-01"}]),
        "consents": w.json([{"version": "1", "at": "2026-01-01"}]), "version": 1,
    }  # fmt: skip


def session_row(w: Written) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": w.identifier(SESSION), "kind": "app", "participant_id": w.identifier(PERSON), "secret_hash": "",
        "began_at": w.instant(now), "expires_at": w.instant(now + timedelta(days=1)), "device": "bench",
        "organisations": w.json([]), "generation": 0, "version": 1,
    }  # fmt: skip


def rows_of(sent: dict[str, Any], number: str, w: Written) -> list[dict[str, Any]]:
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


def submitting_app(post: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    app = web.Application()
    app.router.add_post("/api/v1/messages", post)
    return app


def answer(number: str) -> web.Response:
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
