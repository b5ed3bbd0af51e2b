"""A gateway and an imitation of ESIA that talk over a loopback socket."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import aiohttp
from attrs import define, field, frozen

from niktokromenas.adapters.esia.config import GOST, RS256, EsiaConfig
from niktokromenas.adapters.esia.emulator.app import RunningEmulator, serving
from niktokromenas.adapters.esia.emulator.config import EmulatorConfig
from niktokromenas.adapters.esia.emulator.keys import client_key_file, demo_client_keys
from niktokromenas.adapters.esia.gateway import EsiaGateway
from niktokromenas.adapters.esia.signers import GostSigner, RsaSigner
from niktokromenas.adapters.esia.tokens import JoseTokenVerifier
from niktokromenas.domain.participants.identity import Identity
from niktokromenas.ports.identity import Attempt
from niktokromenas.ports.signatures import Signer

NOON = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
CLIENT = "VLGPLATFORM"
CALLBACK = "https://platform.example/auth/esia/callback"
HOME = "https://platform.example/"


@define
class HandClock:
    instant: datetime = NOON

    def now(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@frozen
class Stand:
    """`visited`: every address our side asked for, in order."""

    emulator: RunningEmulator
    gateway: EsiaGateway
    browser: aiohttp.ClientSession
    clock: HandClock
    visited: list[str]

    def attempt(self) -> Attempt:
        return Attempt(state=str(uuid4()), code_verifier=secrets.token_urlsafe(48), began_at=self.clock.now())

    async def choose(self, oid: str, attempt: Attempt) -> dict[str, str]:
        """What comes back to our callback when the person with `oid` signs in."""
        return await self.submit(await self.gateway.authorisation_url(attempt), {"oid": oid})

    async def submit(self, url: str, form: dict[str, str]) -> dict[str, str]:
        async with self.browser.post(url, data=form, allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            location = response.headers["Location"]
        assert location.startswith(CALLBACK + "?")
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    async def identify(self, oid: str) -> Identity:
        attempt = self.attempt()
        answer = await self.choose(oid, attempt)
        assert answer["state"] == attempt.state
        return await self.gateway.identify(answer["code"], attempt)


@frozen(kw_only=True)
class Setting:
    """How a stand differs from the usual one."""

    is_gost: bool = False
    gateway: dict[str, object] = field(factory=dict)
    emulator: dict[str, object] = field(factory=dict)


@asynccontextmanager
async def standing(
    keys: Path, setting: Setting | None = None, clock: HandClock | None = None
) -> AsyncIterator[Stand]:
    setting, clock = setting or Setting(), clock or HandClock()
    algorithm = GOST if setting.is_gost else RS256
    client = demo_client_keys(keys, clock, algorithm)
    usual: dict[str, object] = {
        "allow": True,
        "client_id": CLIENT,
        "redirect_uris": (CALLBACK,),
        "logout_redirect_uris": (HOME,),
        "client_certificate": client.certificate,
        "signing": "gost-raw" if setting.is_gost else "rsa-raw",
        "algorithm": algorithm,
        "clock": clock,
        "keys": keys,
    }
    async with serving(EmulatorConfig(**(usual | setting.emulator))) as emulator:  # type: ignore[arg-type]
        visited: list[str] = []
        async with _session(visited) as ours, aiohttp.ClientSession() as browser:
            config = _config(emulator, setting, algorithm)
            signer = _signer(keys, client.certificate_hash, is_gost=setting.is_gost)
            verifier = JoseTokenVerifier(config, clock)
            gateway = EsiaGateway(config, signer, verifier, clock, ours, lambda: str(uuid4()))
            yield Stand(emulator, gateway, browser, clock, visited)


def _config(emulator: RunningEmulator, setting: Setting, algorithm: str) -> EsiaConfig:
    usual: dict[str, object] = {
        "base_url": emulator.base_url,
        "issuer": emulator.issuer,
        "client_id": CLIENT,
        "redirect_uri": CALLBACK,
        "logout_redirect_uri": HOME,
        "algorithm": algorithm,
        "trusted_certificates": emulator.certificates,
    }
    return EsiaConfig(**(usual | setting.gateway))  # type: ignore[arg-type]


def _signer(keys: Path, certificate_hash: str, *, is_gost: bool) -> Signer:
    if is_gost:
        return GostSigner(client_key_file(keys, GOST), certificate_hash)
    return RsaSigner.from_file(client_key_file(keys, RS256), certificate_hash)


def _session(visited: list[str]) -> aiohttp.ClientSession:
    async def note(_: object, __: object, params: aiohttp.TraceRequestStartParams) -> None:
        visited.append(str(params.url))

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(note)
    return aiohttp.ClientSession(trace_configs=[trace], cookie_jar=aiohttp.DummyCookieJar())
