"""A whole platform over a real socket: database, imitation of ESIA, letters as files, people of each role."""

import atexit
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from attrs import define, field
from dependency_injector import providers
from limits import RateLimitItemPerMinute

from niktokromenas.adapters.cast import Cast, a_cast
from niktokromenas.adapters.container import Container
from niktokromenas.adapters.esia.config import RS256
from niktokromenas.adapters.esia.emulator.keys import demo_client_keys, token_key
from niktokromenas.adapters.geo.late import LateLocator
from niktokromenas.adapters.http.pace import Pace
from niktokromenas.adapters.platform import application, make_worker, opened_platform
from niktokromenas.adapters.regions.pack import bundled_region
from niktokromenas.adapters.settings import (
    AppSettings,
    DatabaseSettings,
    EsiaSettings,
    HttpSettings,
    LimitSettings,
    Settings,
)
from niktokromenas.adapters.signatures.keys import kept_keys
from niktokromenas.adapters.worker.worker import drain
from tests import databases
from tests.contract.stores import SettableClock, a_region, migrated

APP = AppSettings(client_id="pocket", name="Карман", redirect_uris=["http://127.0.0.1/back"])

UNHURRIED = LimitSettings(per_address=10**6, per_person=10**6, submissions=10**6, uploads=10**6)
"""Tests write more in a minute than people do."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@define(eq=False)
class Answered:
    status: int
    headers: Any
    raw: bytes
    body: Any

    @property
    def etag(self) -> str:
        return str(self.headers["ETag"])


@define(eq=False)
class Client:
    """One browser: its cookies, same-origin headers like a browser's own."""

    base: str
    session: aiohttp.ClientSession

    async def __call__(self, method: str, path: str, body: Any = None, **kwargs: Any) -> Answered:
        headers = {"Origin": self.base, "Sec-Fetch-Site": "same-origin", **kwargs.pop("headers", {})}
        if body is not None:
            kwargs["json"] = body
        url = path if path.startswith("http") else self.base + path
        async with self.session.request(
            method, url, headers=headers, allow_redirects=False, **kwargs
        ) as response:
            raw = await response.read()
            media = response.headers.get("Content-Type", "").partition(";")[0]
            is_json = media == "application/json" or media.endswith("+json")
            found = await response.json(content_type=None) if is_json and raw else None
            return Answered(response.status, response.headers.copy(), raw, found)

    async def act(self, number: str, path: str, body: Any = None) -> Answered:
        """An act on a message at the version this client sees."""
        seen = await self("GET", f"/api/v1/messages/{number}")
        headers = {"If-Match": seen.etag} if "ETag" in seen.headers else {"If-Match": '"1"'}
        return await self("POST", f"/api/v1/messages/{number}/{path}", body, headers=headers)


@define(eq=False)
class Live:
    container: Container
    cast: Cast
    base: str
    clients: dict[str, Client] = field(factory=dict)

    def browser(self) -> Client:
        jar = aiohttp.CookieJar(unsafe=True)
        client = Client(self.base, aiohttp.ClientSession(cookie_jar=jar))
        self.clients[str(id(client))] = client
        return client

    async def sign_in(self, oid: str, query: str = "return_to=/") -> Client:
        """A fresh browser, signed in through the imitation of ESIA as a person would be."""
        client = self.browser()
        begun = await client("GET", f"/auth/esia/login?{query}")
        assert begun.status == 302, begun.raw
        chosen = await client("POST", begun.headers["Location"], data={"oid": oid})
        assert chosen.status in (302, 303), chosen.raw
        back = await client("GET", chosen.headers["Location"])
        assert back.status == 302, back.raw
        return client

    async def as_(self, oid: str) -> Client:
        """The one browser of that person."""
        if oid not in self.clients:
            self.clients[oid] = await self.sign_in(oid)
        return self.clients[oid]

    async def guest(self) -> Client:
        if "guest" not in self.clients:
            self.clients["guest"] = self.browser()
        return self.clients["guest"]

    async def drain(self) -> None:
        await drain(make_worker(self.container))

    async def close(self) -> None:
        for client in {id(c): c for c in self.clients.values()}.values():
            await client.session.close()


@cache
def a_locator() -> LateLocator:
    """Its boundaries are read once, for every platform."""
    return LateLocator(bundled_region("volgograd") / "municipalities.geojson")


_keys: dict[date, Path] = {}


def with_keys(data: Path, today: date) -> None:
    """Those an installation makes at its first start, which take a while: one set a day serves all tests."""
    if (data / "keys").exists():
        return
    if today not in _keys:
        folder = Path(tempfile.mkdtemp(prefix="nk-keys-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        noon = datetime.combine(today, time(12), UTC)
        demo_client_keys(folder / "keys" / "esia", SettableClock(noon))
        token_key(folder / "keys" / "esia", noon, RS256)
        kept_keys(folder / "keys")
        _keys[today] = folder
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copytree(_keys[today] / "keys", data / "keys")


@asynccontextmanager
async def running(settings: Settings, **replaced: providers.Provider[Any]) -> AsyncIterator[Live]:
    parts = {
        "pace": providers.Object(Pace(most=RateLimitItemPerMinute(100_000))),
        "region": providers.Object(a_region()),
        "locator": providers.Object(a_locator()),
        **replaced,
    }
    now = replaced["clock"]().now() if "clock" in replaced else datetime.now(UTC)
    with_keys(settings.data, now.date())
    async with opened_platform(settings, **parts) as container:
        cast = await a_cast(container)
        runner = web.AppRunner(application(container), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", settings.http.port).start()
        live = Live(container, cast, settings.base_url)
        try:
            yield live
        finally:
            await live.close()
            await runner.cleanup()


def settings_for(folder: Path, database: str) -> Settings:
    port = free_port()
    return Settings(
        data=folder,
        database=DatabaseSettings(url=database),
        http=HttpSettings(port=port, base_url=f"http://127.0.0.1:{port}"),
        esia=EsiaSettings(mode="emulator", emulator_port=free_port()),
        apps=[APP],
        limits=UNHURRIED,
    )


@asynccontextmanager
async def over(name: str, folder: Path, **replaced: providers.Provider[Any]) -> AsyncIterator[Live]:
    """The platform over one of the databases."""
    if name == "sqlite":
        url = await databases.sqlite_url(folder, migrated, "migrated")
        async with running(settings_for(folder / "data", url), **replaced) as live:
            yield live
    else:
        async with (
            databases.postgresql_url(migrated, "migrated") as url,
            running(settings_for(folder / "data", url), **replaced) as live,
        ):
            yield live
