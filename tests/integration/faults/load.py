"""Clients that load the platform over HTTP and write down what it acknowledged."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import aiohttp
from attrs import define, field

from niktokromenas.adapters import cast
from tests.integration.http.ground import BODY, a_picture

PICTURE = a_picture()
ACTS: Mapping[int, tuple[str, Mapping[str, Any]]] = {
    1: ("accept", {"category": "roads.pothole", "publicity": "public"}),
    2: ("route", {"targets": [{"authority": cast.CITY, "is_lead": True}, {"authority": cast.ROADS}]}),
}
"""What the moderator does to a message of that version."""
LAST_VERSION = 3
AUTHORS = (cast.CITIZEN.oid, cast.OTHER_CITIZEN.oid)
GONE = (aiohttp.ClientError, ConnectionError, TimeoutError)
BUSY = 503
UPLOADS = 0.3
"""The share of submissions with a picture."""


class Refused(AssertionError):
    """The platform answered what this load never gives cause for."""


@define
class Sent:
    """A submission; without an answer (`number`) nobody knows whether it is there."""

    author: str
    body: dict[str, Any]
    number: str | None = None


@define(eq=False)
class Ledger:
    """What the clients know: acknowledged is what was answered with 2xx."""

    sent: dict[str, Sent] = field(factory=dict)
    """By `Idempotency-Key`."""
    versions: dict[str, int] = field(factory=dict)
    """Of messages, as last acknowledged."""
    doubtful_acts: set[str] = field(factory=set)
    """Numbers of messages an unanswered act was tried on."""
    waiting: dict[str, deque[str]] = field(factory=lambda: {a: deque() for a in AUTHORS})
    """Acknowledged uploads that are in no submission yet, by author."""
    doubtful_uploads: Counter[str] = field(factory=Counter)
    unfinished: deque[str] = field(factory=deque)
    """Numbers the moderator has something to do with."""
    replays: int = 0
    answers: int = 0
    """Of every kind, while the platform was loaded."""
    busy: int = 0
    """Answers 503: neither acknowledged nor done."""

    def acknowledged(self, key: str, number: str) -> None:
        sent = self.sent[key]
        if sent.number is None:
            sent.number = number
            self.versions.setdefault(number, 1)
            self.unfinished.append(number)
        elif sent.number != number:
            raise Refused(f"{key} was {sent.number} and is {number}")

    @property
    def acts(self) -> int:
        """Of the moderator."""
        return sum(version - 1 for version in self.versions.values())

    @property
    def doubtful(self) -> list[str]:
        return [key for key, sent in self.sent.items() if sent.number is None]


@define(eq=False)
class Clients:
    """Each method goes on until the server is gone."""

    base: str
    session: aiohttp.ClientSession
    tokens: Mapping[str, str]
    ledger: Ledger
    chance: random.Random
    uploads: float = UPLOADS

    async def load(self) -> None:
        """Several at once for each author, and one moderator."""
        workers = [self.author(oid) for oid in AUTHORS * 2]
        await asyncio.gather(*workers, self.moderator())

    async def load_until_gone(self) -> None:
        """`settle`, then `load`: the server may die in either."""
        try:
            await self.settle()
        except GONE:
            return
        await self.load()

    async def settle(self) -> None:
        """Ask again what was never answered: the keys make the answers the same."""
        for key in self.ledger.doubtful:
            await self._submit(key)
            self.ledger.replays += 1

    async def author(self, oid: str) -> None:
        try:
            while True:
                await self.submit_anew(oid)
        except GONE:
            return

    async def submit_anew(self, oid: str) -> None:
        """Twice under one key, at times with a picture."""
        ledger = self.ledger
        if not ledger.waiting[oid] and self.chance.random() < self.uploads:
            await self.upload(oid)
        taken = [ledger.waiting[oid].popleft()] if ledger.waiting[oid] else []
        key = uuid4().hex
        ledger.sent[key] = Sent(oid, {**BODY, "text": f"Яма {key}", "attachments": taken})
        await self._submit(key)
        await self._submit(key)

    async def moderator(self) -> None:
        ledger = self.ledger
        try:
            while True:
                if not ledger.unfinished:
                    await asyncio.sleep(0.02)
                    await self._ask("GET", "/health/live")
                    continue
                number = ledger.unfinished.popleft()
                await self._finish(number)
        except GONE:
            return

    async def _finish(self, number: str) -> None:
        ledger = self.ledger
        while (version := ledger.versions[number]) in ACTS:
            act, body = ACTS[version]
            ledger.doubtful_acts.add(number)
            status, answer = await self._ask(
                "POST",
                f"/api/v1/messages/{number}/{act}",
                json=body,
                headers={**self._as(cast.MODERATOR.oid), "If-Match": f'"{version}"'},
            )
            ledger.doubtful_acts.discard(number)
            if status == BUSY:
                ledger.busy += 1
                ledger.unfinished.append(number)
                return
            if status != 200:
                raise Refused(f"{act} of {number} at {version}: {status} {answer}")
            ledger.versions[number] = version + 1

    async def upload(self, oid: str) -> None:
        form = aiohttp.FormData()
        form.add_field("file", PICTURE, filename="яма.jpg", content_type="image/jpeg")
        self.ledger.doubtful_uploads[oid] += 1
        status, answer = await self._ask("POST", "/api/v1/attachments", data=form, headers=self._as(oid))
        self.ledger.doubtful_uploads[oid] -= 1
        if status == 201:
            self.ledger.waiting[oid].append(answer["id"])
        elif status == BUSY:
            self.ledger.busy += 1
        else:
            raise Refused(f"upload: {status} {answer}")

    async def _submit(self, key: str) -> None:
        sent = self.ledger.sent[key]
        headers = {**self._as(sent.author), "Idempotency-Key": key}
        status, answer = await self._ask("POST", "/api/v1/messages", json=sent.body, headers=headers)
        if status == 201:
            self.ledger.acknowledged(key, answer["number"])
        elif status == BUSY:
            self.ledger.busy += 1
        else:
            raise Refused(f"submit: {status} {answer}")

    def _as(self, oid: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[oid]}"}

    async def _ask(self, method: str, path: str, **kwargs: Any) -> tuple[int, Any]:
        async with self.session.request(method, self.base + path, **kwargs) as answer:
            told = answer.status, await answer.json(content_type=None)
        self.ledger.answers += 1
        return told
