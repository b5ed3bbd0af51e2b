"""A server in its own process: `python -m benchmarks.serving KIND FOLDER [URL [VOTERS]]`; a line when it listens."""

import asyncio
import gc
import os
import socket
import sys
from pathlib import Path
from typing import Any

import orjson
import uvloop
from aiohttp import web

from benchmarks import poll_ground
from niktokromenas.adapters.cast import CITIZEN, Cast, a_cast
from niktokromenas.adapters.http.logs import configure_logging
from niktokromenas.adapters.platform import application, opened_platform
from niktokromenas.adapters.settings import (
    AppSettings,
    DatabaseSettings,
    EsiaSettings,
    HttpSettings,
    LimitSettings,
    Settings,
)
from niktokromenas.adapters.system import search_garbage_seldom
from niktokromenas.domain.participants.roles import Role


async def product(listening: socket.socket, folder: Path, url: str, voters: int = 0) -> None:
    """The whole stack as `serve` runs it, without the worker: it does other work than requests.

    With so many `voters` signed in to an open vote.
    """
    port = listening.getsockname()[1]
    settings = Settings(
        data=folder,
        is_worker_inside=False,
        database=DatabaseSettings(url=url, pool_size=8),
        http=HttpSettings(port=port, base_url=f"http://127.0.0.1:{port}"),
        esia=EsiaSettings(mode="emulator", emulator_port=0),
        apps=[AppSettings(client_id="bench", name="bench", redirect_uris=[])],
        limits=LimitSettings(per_address=10**9, per_person=10**9, submissions=10**9, uploads=10**9),
    )
    async with opened_platform(settings) as container:
        async with container.transactions()() as tx:
            has_people = await tx.grants.hold_role(Role.OPERATOR, container.clock().now())
        if not has_people:
            await a_cast(container)
        if voters:
            await poll_ground.prepare(container, folder, voters)
        gc.freeze()
        await _listen(application(container), listening, await _token(container))


async def _token(container: Any) -> str:
    actor = await Cast(container, container.issuer()).actor(CITIZEN.oid)
    assert actor.participant_id is not None
    async with container.transactions()() as tx:
        session = await poll_ground.signed_in(tx, container, actor.participant_id)
    return str(container.tokens().access(session, container.clock().now()))


async def _listen(app: web.Application, listening: socket.socket, token: str) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    print(orjson.dumps({"port": listening.getsockname()[1], "token": token}).decode(), flush=True)
    await asyncio.Event().wait()


async def floor(kind: str, listening: socket.socket, folder: Path, url: str) -> None:
    from benchmarks import floors

    await _listen(await floors.MAKERS[kind](folder, url), listening, "")


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    url, voters = sys.argv[3] if len(sys.argv) > 3 else "", int(sys.argv[4]) if len(sys.argv) > 4 else 0
    search_garbage_seldom()
    configure_logging(open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - lines cost, but wait for no reader
    listening = socket.create_server(("127.0.0.1", 0))
    work = (
        product(listening, folder, url, voters) if kind == "product" else floor(kind, listening, folder, url)
    )
    uvloop.run(work)


if __name__ == "__main__":
    main()
