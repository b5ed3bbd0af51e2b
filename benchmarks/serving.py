"""A server in its own process: `python -m benchmarks.serving KIND PORT FOLDER [URL]`; a line when ready."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import uvloop
from aiohttp import web

from niktokromenas.adapters.cast import CITIZEN, a_cast
from niktokromenas.adapters.platform import application, opened_platform
from niktokromenas.adapters.settings import (
    AppSettings,
    DatabaseSettings,
    EsiaSettings,
    HttpSettings,
    Settings,
)
from niktokromenas.domain.ids import SessionId
from niktokromenas.domain.participants.sessions import Session, SessionKind


async def product(port: int, folder: Path, url: str) -> None:
    """The whole stack, as `serve` runs it without the worker; its log goes nowhere."""
    settings = Settings(
        data=folder,
        is_worker_inside=False,
        database=DatabaseSettings(url=url, pool_size=8),
        http=HttpSettings(port=port, base_url=f"http://127.0.0.1:{port}"),
        esia=EsiaSettings(mode="emulator", emulator_port=port + 1),
        apps=[AppSettings(client_id="bench", name="bench", redirect_uris=[])],
    )
    async with opened_platform(settings) as container:
        token = ""
        if not await _has_people(container):
            await a_cast(container)
            token = await _token(container)
        await _listen(application(container), port, token)


async def _has_people(container: Any) -> bool:
    from niktokromenas.domain.participants.roles import Role

    async with container.transactions()() as tx:
        return bool(await tx.grants.hold_role(Role.OPERATOR, container.clock().now()))


async def _token(container: Any) -> str:
    from niktokromenas.adapters.cast import Cast

    actor = await Cast(container, container.issuer()).actor(CITIZEN.oid)
    now = container.clock().now()
    session = Session(
        id=SessionId(container.new_id()()),
        kind=SessionKind.APP,
        participant_id=actor.participant_id,
        secret_hash="",
        began_at=now,
        expires_at=now + timedelta(days=1),
        device="bench",
        client_id="bench",
    )
    async with container.transactions()() as tx:
        saved = await tx.sessions.save(session)
    return str(container.tokens().access(saved, now))


async def _listen(app: web.Application, port: int, token: str) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(orjson.dumps({"token": token}).decode(), flush=True)
    os.dup2(
        os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
    )  # lines of the log cost, but wait for no reader
    await asyncio.Event().wait()


async def floor(kind: str, port: int, folder: Path, url: str) -> None:
    from benchmarks import floors

    app = await floors.MAKERS[kind](folder, url)
    await _listen(app, port, "")


def main() -> None:
    kind, port, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    url = sys.argv[4] if len(sys.argv) > 4 else ""
    work = product(port, folder, url) if kind == "product" else floor(kind, port, folder, url)
    uvloop.run(work)


if __name__ == "__main__":
    main()
