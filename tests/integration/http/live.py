"""A whole platform over a real socket: database, imitation of ESIA, letters as files, people of each role."""

import atexit
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
from aiohttp import web
from attrs import define, field
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dependency_injector import providers
from jose.backends import cryptography_backend
from limits import RateLimitItemPerMinute

from niktokromenas.adapters.cast import Cast, a_cast
from niktokromenas.adapters.container import Container
from niktokromenas.adapters.esia import signers
from niktokromenas.adapters.esia.config import RS256
from niktokromenas.adapters.esia.emulator import keys as emulator_keys
from niktokromenas.adapters.esia.emulator.keys import demo_client_keys, token_key
from niktokromenas.adapters.geo.late import LateLocator
from niktokromenas.adapters.http.pace import Pace
from niktokromenas.adapters.platform import application, make_worker, opened_platform, opened_storage
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


_loaded = lru_cache(maxsize=64)(load_pem_private_key)


@contextmanager
def keys_checked_once() -> Iterator[None]:
    """Whether a private key is sound takes a while to see: of the same bytes it is seen once."""
    with (
        patch.object(signers, "load_pem_private_key", _loaded),
        patch.object(emulator_keys, "load_pem_private_key", _loaded),
        patch.object(cryptography_backend, "load_pem_private_key", _loaded),
    ):
        yield


@asynccontextmanager
async def running(
    settings: Settings, is_peopled: bool = False, **replaced: providers.Provider[Any]
) -> AsyncIterator[Live]:
    """Over a database that is migrated; its people come unless it is peopled already."""
    parts = {
        "pace": providers.Object(Pace(most=RateLimitItemPerMinute(100_000))),
        "region": providers.Object(a_region()),
        "locator": providers.Object(a_locator()),
        **replaced,
    }
    with_keys(settings.data, _now(replaced).date())
    with keys_checked_once():
        async with opened_platform(settings, **parts) as container:
            people = Cast(container, container.issuer()) if is_peopled else await a_cast(container)
            runner = web.AppRunner(application(container), access_log=None, shutdown_timeout=1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", settings.http.port).start()
            live = Live(container, people, settings.base_url)
            try:
                yield live
            finally:
                await live.close()
                await runner.cleanup()


def _now(replaced: Mapping[str, providers.Provider[Any]]) -> datetime:
    return replaced["clock"]().now() if "clock" in replaced else datetime.now(UTC)


FRESH = timedelta(seconds=20)
"""So long ago, by the machine's clock, people may have come: no test would see a slower start."""
_peopled: dict[str, datetime] = {}


def a_peopled_key(**replaced: providers.Provider[Any]) -> str:
    """Of databases to which the cast came now: on a clock of the test's at that very instant."""
    now = _now(replaced)
    if "clock" in replaced:
        return f"peopled_{now:%Y%m%d%H%M%S%f}"
    key = "peopled"
    made = _peopled.get(key)
    if made is None or now - made > FRESH or now.date() != made.date():
        databases.forget(key)
        _peopled[key] = now
    return key


def peopling(**replaced: providers.Provider[Any]) -> databases.Prepare:
    """Migrates, and lets the cast come."""

    async def people(url: str) -> None:
        await migrated(url)
        parts = {"region": providers.Object(a_region()), **replaced}
        with tempfile.TemporaryDirectory(prefix="nk-people-") as folder:
            async with opened_storage(settings_for(Path(folder), url), **parts) as container:
                await a_cast(container)

    return people


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
    clock = {name: part for name, part in replaced.items() if name == "clock"}
    async with (
        peopled(name, folder, **clock) as url,
        running(settings_for(folder / "data", url), is_peopled=True, **replaced) as live,
    ):
        yield live


@asynccontextmanager
async def peopled(name: str, folder: Path, **clock: providers.Provider[Any]) -> AsyncIterator[str]:
    """The address of a fresh database with the cast in it. Of the parts the clock alone is replaced."""
    assert set(clock) <= {"clock"}
    prepare, key = peopling(**clock), a_peopled_key(**clock)
    if name == "sqlite":
        yield await databases.sqlite_url(folder, prepare, key)
    else:
        async with databases.postgresql_url(prepare, key) as url:
            yield url
