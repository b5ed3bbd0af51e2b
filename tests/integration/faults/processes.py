"""Starting real processes quickly, and killing them."""

import asyncio
import base64
import json
import os
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from attrs import define, field

from niktokromenas.adapters.settings import Settings
from tests.integration.faults.points import Part, Point

LONGEST_START = 120.0
LONGEST_LIFE = 120.0
"""Seconds within which a process must be ready, or have come to its point: only a broken one takes them."""


async def ended(pid: int, seconds: float = LONGEST_LIFE) -> None:
    """Wait for the end of a process that may be somebody else's child. Raises `TimeoutError`."""
    handle, over = os.pidfd_open(pid), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, over.set)
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


@define(eq=False)
class Running:
    """A started process. `end` gives its status: minus a signal's number, as `subprocess` does."""

    pid: int
    started_by: Any

    @property
    def is_alive(self) -> bool:
        return psutil.pid_exists(self.pid) and psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE

    async def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert await self.end() == -signal.SIGKILL

    async def end(self, seconds: float = LONGEST_LIFE) -> int:
        await ended(self.pid, seconds)
        return int(await self.started_by.status_of(self.pid))


@define(eq=False)
class Zygote:
    process: asyncio.subprocess.Process
    log: Path
    _turn: asyncio.Lock = field(factory=asyncio.Lock)

    async def start(self, part: Part, settings: Settings, point: Point | None = None) -> Running:
        packed = base64.b64encode(pickle.dumps(settings)).decode()
        asked = {"start": part.value, "settings": packed, "log": str(self.log)}
        told = await self._ask({**asked, "point": point.name if point else None})
        return Running(told["pid"], self)

    async def status_of(self, pid: int) -> int:
        return int((await self._ask({"wait": pid}))["status"])

    async def _ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self._turn:
            self.process.stdin.write(json.dumps(asked).encode() + b"\n")
            told: dict[str, Any] = json.loads(await self.process.stdout.readline())
            return told


@asynccontextmanager
async def a_zygote(folder: Path) -> AsyncIterator[Zygote]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.faults.zygote",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        json.loads(await process.stdout.readline())
        yield Zygote(process, folder / "children.log")
    finally:
        process.stdin.close()
        await process.wait()


@define(eq=False)
class Commands:
    """`niktokromenas serve` and `worker` from their own beginning, settings by the environment."""

    environment: Mapping[str, str]
    log: Path
    _children: dict[int, asyncio.subprocess.Process] = field(factory=dict)

    async def start(self, part: Part) -> Running:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "niktokromenas.adapters.cli",
                part.value,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        self._children[process.pid] = process
        return Running(process.pid, self)

    async def status_of(self, pid: int) -> int:
        return await self._children.pop(pid).wait()

    async def end(self) -> None:
        """Kill what a failed test left running."""
        for pid, child in list(self._children.items()):
            child.kill()
            await self.status_of(pid)


async def answering(base: str, process: Running, session: aiohttp.ClientSession) -> None:
    """Until the server listens. Fails where it ends before."""
    async with asyncio.timeout(LONGEST_START):
        while True:
            try:
                async with session.get(f"{base}/health/live") as answer:
                    assert answer.status == 200
                    return
            except aiohttp.ClientError:
                assert process.is_alive, "the server ended before it listened"
            await asyncio.sleep(0.01)
