"""A local stand-in for ESIA, for the demo and tests: the same paths, signatures, codes and shapes.

It implements v2/ac + v3/te with raw signatures. It does not implement v1 (PKCS#7), refreshing, tokens of
a system by itself, or consents. See docs/adr/0003-esia.md.
"""

import asyncio
import json
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from attrs import asdict, evolve, frozen

from niktokromenas.adapters.esia.config import is_loopback
from niktokromenas.adapters.esia.emulator import authorise, rest_routes, token_route
from niktokromenas.adapters.esia.emulator.config import EmulatorConfig, NotForUse
from niktokromenas.adapters.esia.emulator.faults import Faults
from niktokromenas.adapters.esia.emulator.imitation import IMITATION, Imitation
from niktokromenas.adapters.esia.emulator.rest_routes import RestError

_COLLECTION = "{collection:ctts|addrs|docs|roles|orgs}"
_ITEMS = "{collection:ctts|addrs|docs}"
_BROKEN = "<html><body><h1>502 Bad Gateway</h1></body></html>"


@frozen
class RunningEmulator:
    """`certificates`: PEM to trust. `retired_certificate`: one whose dates are over, for tests."""

    imitation: Imitation
    _runner: web.AppRunner

    @property
    def base_url(self) -> str:
        return self.imitation.config.base_url

    @property
    def issuer(self) -> str:
        return self.imitation.config.issuer

    @property
    def certificates(self) -> tuple[bytes, ...]:
        return (self.imitation.key.certificate,)

    @property
    def retired_certificate(self) -> bytes:
        return self.imitation.retired.certificate

    @property
    def faults(self) -> Faults:
        return self.imitation.faults

    async def close(self) -> None:
        await self._runner.cleanup()


def make_emulator(config: EmulatorConfig) -> web.Application:
    """The application for a known port (its issuer names the port). Raises `NotForUse`, `ValueError`."""
    if not config.allow:
        raise NotForUse("the imitation of ESIA starts only where a demo or a test allows it")
    if config.port == 0:
        raise ValueError("the issuer holds the port: choose one, or use serve()")
    keys = config.keys or Path(tempfile.mkdtemp(prefix="nkn-esia-"))
    app = web.Application(middlewares=[_only_this_machine, _misbehave])
    app[IMITATION] = Imitation.start(config, keys)
    if config.keys is None:
        app.cleanup_ctx.append(_forget(keys))
    app.add_routes(_routes())
    return app


async def serve(config: EmulatorConfig) -> RunningEmulator:
    """Listen; port 0 takes a free one. Close what comes back."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.create_server((config.host, config.port), family=family)
    try:
        config = evolve(config, port=listening.getsockname()[1])
        app = await asyncio.to_thread(make_emulator, config)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, listening).start()
    except BaseException:
        listening.close()
        raise
    return RunningEmulator(app[IMITATION], runner)


@asynccontextmanager
async def serving(config: EmulatorConfig) -> AsyncIterator[RunningEmulator]:
    emulator = await serve(config)
    try:
        yield emulator
    finally:
        await emulator.close()


def _routes() -> list[web.AbstractRouteDef]:
    oid = "{oid:[0-9]{1,20}}"
    return [
        web.get("/aas/oauth2/v2/ac", authorise.show_login, allow_head=False),
        web.post("/aas/oauth2/v2/ac", authorise.log_in),
        web.post("/aas/oauth2/v3/te", token_route.give_tokens),
        web.get("/idp/ext/Logout", authorise.log_out),
        web.get(f"/rs/prns/{oid}", rest_routes.person),
        web.get(f"/rs/prns/{oid}/{_COLLECTION}", rest_routes.collection),
        web.get(f"/rs/prns/{oid}/{_ITEMS}/{{number:[0-9]+}}", rest_routes.element),
        web.get(f"/rs/orgs/{oid}", rest_routes.organisation),
        web.get("/emulator/faults", _show_faults),
        web.put("/emulator/faults", _set_faults),
        web.delete("/emulator/faults", _clear_faults),
    ]


@web.middleware
async def _only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Also for an application that someone mounts elsewhere, and against names that point here."""
    if not is_loopback(request.remote) or not is_loopback(urlsplit(f"//{request.host}").hostname):
        raise web.HTTPForbidden(text="imitation of ESIA: this machine only")
    return await handler(request)


@web.middleware
async def _misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
    faults = request.app[IMITATION].faults
    if request.path == "/aas/oauth2/v3/te" or request.path.startswith("/rs/"):
        if faults.slow:
            await asyncio.sleep(faults.slow)
        if faults.broken:
            return web.Response(status=502, text=_BROKEN, content_type="text/html")
    try:
        return await handler(request)
    except RestError as error:
        return web.json_response(error.body, status=error.status)


async def _show_faults(request: web.Request) -> web.Response:
    return web.json_response(asdict(request.app[IMITATION].faults))


async def _set_faults(request: web.Request) -> web.Response:
    """A JSON object of switches; those not named stay as they are."""
    try:
        changes = await request.json()
        if not isinstance(changes, dict):
            raise web.HTTPBadRequest(text="an object of switches")
        request.app[IMITATION].faults.set(changes)
    except json.JSONDecodeError:
        raise web.HTTPBadRequest(text="not JSON") from None
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    return await _show_faults(request)


async def _clear_faults(request: web.Request) -> web.Response:
    request.app[IMITATION].faults.clear()
    return await _show_faults(request)


def _forget(keys: Path) -> Callable[[web.Application], AsyncIterator[None]]:
    """Remove keys that nobody asked to keep, when the application ends."""

    async def forget(_: web.Application) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(shutil.rmtree, keys)

    return forget
