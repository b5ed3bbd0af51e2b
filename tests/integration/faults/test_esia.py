"""ESIA is down, slow or answers garbage while people sign in: they are told so, and nobody else notices."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
from attrs import define, evolve

from niktokromenas.adapters import cast, platform
from niktokromenas.adapters.esia.emulator import app as emulator
from niktokromenas.adapters.esia.emulator.app import RunningEmulator
from tests.integration.faults.answers import is_refused_for_now, submit
from tests.integration.http.live import Answered, Client, Live, over

pytestmark = pytest.mark.timeout(300)
PEOPLE = (cast.CITIZEN.oid, cast.OTHER_CITIZEN.oid, cast.MODERATOR.oid)
Writes = Callable[[asyncio.StreamWriter], Awaitable[None]]


@define(eq=False)
class Provider:
    """The imitation of ESIA that the platform asks; it can go, and come back at its address."""

    running: RunningEmulator
    serve: Callable[..., Awaitable[RunningEmulator]]

    async def go(self) -> None:
        await self.running.close()

    async def come_back(self) -> None:
        self.running = await self.serve(self.running.imitation.config)

    @asynccontextmanager
    async def writing(self, write: Writes) -> AsyncIterator[None]:
        """Something else listens there, which writes so to whoever asks."""
        await self.go()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                await write(writer)
                await writer.drain()
            writer.close()

        port = self.running.imitation.config.port
        server = await asyncio.start_server(answer, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()
        await self.come_back()


@define(eq=False)
class Scene:
    live: Live
    provider: Provider

    async def arriving(self, oid: str) -> tuple[Client, str]:
        """A browser that ESIA has just sent back, and the address it was sent to."""
        client = self.live.browser()
        begun = await client("GET", "/auth/esia/login")
        chosen = await client("POST", begun.headers["Location"], data={"oid": oid})
        return client, chosen.headers["Location"]

    async def life_goes_on(self, anna: Client, key: str) -> None:
        """For whoever is signed in, and for guests."""
        assert (await anna("GET", "/api/v1/me")).status == 200
        assert (await submit(anna, key)).status == 201
        assert (await (await self.live.guest())("GET", "/api/v1/messages")).status == 200


@pytest.fixture
def patience() -> float:
    """Seconds that the platform waits for ESIA."""
    return 0.5


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: float) -> AsyncIterator[Scene]:
    started, serve, config = list[RunningEmulator](), emulator.serve, platform._config

    async def watched(*args: Any) -> RunningEmulator:
        started.append(await serve(*args))
        return started[-1]

    monkeypatch.setattr(emulator, "serve", watched)
    monkeypatch.setattr(platform, "_config", lambda *args: evolve(config(*args), timeout=patience))
    async with over("sqlite", tmp_path) as live:
        provider = Provider(started[0], serve)
        with structlog.testing.capture_logs():
            yield Scene(live, provider)
        await provider.go()


def is_told_to_try_later(answer: Answered) -> bool:
    return is_refused_for_now(answer) and answer.body["code"] == "identity-unavailable"


async def _each_can_sign_in(scene: Scene) -> None:
    for oid in PEOPLE:
        client = await scene.live.sign_in(oid)
        assert (await client("GET", "/api/v1/me")).status == 200


async def _all_are_told(scene: Scene, arriving: list[tuple[Client, str]]) -> None:
    """At once; the answer to the same address again is clear too, and nobody is signed in."""
    told = await asyncio.gather(*(client("GET", address) for client, address in arriving))
    assert [is_told_to_try_later(answer) for answer in told] == [True] * len(told), told
    for client, address in arriving:
        assert (await client("GET", address)).status == 409
        assert (await client("GET", "/api/v1/me")).status == 401


async def test_while_esia_is_down_people_are_told_and_can_sign_in_afterwards(scene: Scene) -> None:
    anna = await scene.live.as_(cast.CITIZEN.oid)
    faults: dict[str, dict[str, object]] = {"broken": {"broken": True}, "slow": {"slow": 60.0}, "gone": {}}
    for key, fault in faults.items():
        arriving = [await scene.arriving(oid) for oid in PEOPLE]
        if fault:
            scene.provider.running.faults.set(fault)
        else:
            await scene.provider.go()
        await _all_are_told(scene, arriving)
        assert (await scene.live.browser()("GET", "/auth/esia/login")).status == 302
        await scene.life_goes_on(anna, key)
        if fault:
            scene.provider.running.faults.clear()
        else:
            await scene.provider.come_back()
        await _each_can_sign_in(scene)
        assert (await anna("GET", "/api/v1/me")).status == 200


async def test_a_person_sees_a_page_that_says_what_to_do(scene: Scene) -> None:
    client, address = await scene.arriving(cast.CITIZEN.oid)
    await scene.provider.go()
    page = await client("GET", address, headers={"Accept": "text/html"})
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "Вход через Госуслуги сейчас не работает. Попробуйте позже" in page.raw.decode()
    assert "session" not in {cookie.key for cookie in client.session.cookie_jar}
    await scene.provider.come_back()
    await _each_can_sign_in(scene)


@pytest.mark.parametrize("patience", [60.0])
async def test_while_esia_thinks_everybody_else_is_served(scene: Scene) -> None:
    anna = await scene.live.as_(cast.CITIZEN.oid)
    arriving = [await scene.arriving(oid) for oid in PEOPLE]
    asked, thought = asyncio.Semaphore(0), asyncio.Event()

    async def think(_: asyncio.StreamWriter) -> None:
        asked.release()
        await thought.wait()

    async with scene.provider.writing(think):
        waiting = [asyncio.create_task(client("GET", address)) for client, address in arriving]
        for _ in waiting:
            await asked.acquire()
        await scene.life_goes_on(anna, "meanwhile")
        assert not any(task.done() for task in waiting)
        thought.set()
        told = await asyncio.gather(*waiting)
    assert [is_told_to_try_later(answer) for answer in told] == [True] * len(told), told
    await _each_can_sign_in(scene)


def _http(body: bytes, kind: str = "application/json", more: str = "") -> Writes:
    async def write(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)

    return write


async def _nothing(writer: asyncio.StreamWriter) -> None:
    """Hangs up."""


async def _noise(writer: asyncio.StreamWriter) -> None:
    writer.write(os.urandom(5000))


async def _half(writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{"acc')


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    for _ in range(10_000):
        writer.write(b"1," * 10_000)
        await writer.drain()


async def _drops(writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" * 1000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


GARBAGE: dict[str, Writes] = {
    "nothing": _nothing,
    "noise": _noise,
    "half": _half,
    "endless": _endless,
    "drops": _drops,
    "page": _http(b"<html>", "text/html"),
    "list": _http(b"[1]"),
    "broken": _http(b'{"access_token": '),
    "squeezed": _http(b"\x1f\x8b\x00\xff", more="Content-Encoding: gzip\r\n"),
    "charset": _http(b"{}", "application/json; charset=no-such-thing", "X-\xff: \xfe\r\n"),
}


async def test_garbage_from_esia_signs_nobody_in_and_the_next_try_works(scene: Scene) -> None:
    anna = await scene.live.as_(cast.CITIZEN.oid)
    for kind, write in GARBAGE.items():
        arriving = [await scene.arriving(oid) for oid in PEOPLE[1:]]
        async with scene.provider.writing(write):
            told = await asyncio.gather(*(client("GET", address) for client, address in arriving))
            await scene.life_goes_on(anna, kind)
        assert all(map(is_told_to_try_later, told)), (kind, told)
        for client, _ in arriving:
            assert (await client("GET", "/api/v1/me")).status == 401
        signed_in = await scene.live.sign_in(PEOPLE[1])
        assert (await signed_in("GET", "/api/v1/me")).status == 200
