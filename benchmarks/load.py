"""Servers in child processes, a bounded load on loopback, CPU of the server a request."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import aiohttp
import orjson
import psutil
from attrs import frozen

from benchmarks.poll_ground import ballot

CONNECTIONS = 16
VOTERS_AT_ONCE = 32


@frozen
class Server:
    process: psutil.Process
    port: int
    token: str = ""

    def cpu(self) -> float:
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)

    def memory(self) -> float:
        """Resident, MiB."""
        return float(self.process.memory_info().rss) / 2**20


@contextmanager
def serving(kind: str, folder: Path, url: str = "", voters: int = 0) -> Iterator[Server]:
    """A floor or the product, on a free port."""
    with _running(["benchmarks.serving", kind, str(folder), url, str(voters)], {}, '{"port"') as (
        process,
        line,
    ):
        told = orjson.loads(line)
        yield Server(process, told["port"], told["token"])


@contextmanager
def plainly_served(folder: Path) -> Iterator[Server]:
    """`niktokromenas serve` with nothing but a folder and free ports."""
    chosen = {
        "NIKTOKROMENAS_DATA": str(folder),
        "NIKTOKROMENAS_HTTP_PORT": "0",
        "NIKTOKROMENAS_ESIA_MODE": "emulator",
        "NIKTOKROMENAS_ESIA_EMULATOR_PORT": "0",
    }
    with _running(["niktokromenas.adapters.cli", "serve"], chosen, '"event":"ready"') as (process, line):
        yield Server(process, orjson.loads(line)["port"])


@contextmanager
def _running(
    module: list[str], chosen: Mapping[str, str], ready: str
) -> Iterator[tuple[psutil.Process, str]]:
    """A child, and the line by which it told that it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **chosen},
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        while ready not in (line := process.stdout.readline()):
            said.append(line)
            if not line and process.poll() is not None:
                raise RuntimeError(f"{module} did not start:\n{''.join(said[-20:])}")
        yield psutil.Process(process.pid), line
    finally:
        process.terminate()
        process.communicate(timeout=20)


@frozen
class Round:
    cpu_us: float
    """CPU microseconds of the server, a request."""
    rate: float
    """Requests a second, wall clock."""


@frozen(kw_only=True)
class Asked:
    """What the load asks for, again and again."""

    method: str
    path: str
    body: bytes | None = None
    is_signed_in: bool = False


async def loaded(server: Server, asked: Asked, seconds: float) -> Round:
    headers = {"Content-Type": "application/json"} if asked.body else {}
    if asked.is_signed_in and server.token:
        headers["Authorization"] = f"Bearer {server.token}"
    done, until = 0, time.perf_counter() + seconds
    url = f"http://127.0.0.1:{server.port}{asked.path}"

    async def one(session: aiohttp.ClientSession) -> None:
        nonlocal done
        while time.perf_counter() < until:
            async with session.request(asked.method, url, data=asked.body, headers=headers) as answer:
                await answer.read()
                if answer.status >= 300:
                    raise RuntimeError(f"{answer.status}: {await answer.text()}")
                done += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        before, began = server.cpu(), time.perf_counter()
        await asyncio.gather(*(one(session) for _ in range(CONNECTIONS)))
        spent, wall = server.cpu() - before, time.perf_counter() - began
    return Round(spent / done * 1e6, done / wall)


async def lasting(server: Server, asked: Asked, writers: int, seconds: float) -> list[float]:
    """Seconds that each request took, of `writers` at a time."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {server.token}"}
    took, until = list[float](), time.perf_counter() + seconds
    url = f"http://127.0.0.1:{server.port}{asked.path}"

    async def one(session: aiohttp.ClientSession) -> None:
        while (began := time.perf_counter()) < until:
            async with session.request(asked.method, url, data=asked.body, headers=headers) as answer:
                await answer.read()
                if answer.status >= 300:
                    raise RuntimeError(f"{answer.status}: {await answer.text()}")
            took.append(time.perf_counter() - began)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=writers)) as session:
        await asyncio.gather(*(one(session) for _ in range(writers)))
    return took


async def voted(server: Server, number: str, tokens: list[str], seconds: float) -> Round:
    """Ballots of so many people, each their own, `VOTERS_AT_ONCE` at a time."""
    done, until = 0, time.perf_counter() + seconds
    url = f"http://127.0.0.1:{server.port}/api/v1/surveys/{number}/ballots"

    async def one(session: aiohttp.ClientSession) -> None:
        nonlocal done
        while time.perf_counter() < until and tokens:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {tokens.pop()}"}
            async with session.post(url, data=ballot(), headers=headers) as answer:
                await answer.read()
                if answer.status != 201:
                    raise RuntimeError(f"{answer.status}: {await answer.text()}")
                done += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=VOTERS_AT_ONCE)) as session:
        before, began = server.cpu(), time.perf_counter()
        await asyncio.gather(*(one(session) for _ in range(VOTERS_AT_ONCE)))
        spent, wall = server.cpu() - before, time.perf_counter() - began
    return Round(spent / done * 1e6, done / wall)


async def once(server: Server, path: str) -> None:
    url = f"http://127.0.0.1:{server.port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url, raise_for_status=True) as answer:
        await answer.read()


async def times(server: Server, paths: list[str]) -> list[float]:
    """Milliseconds to the whole answer, one request after another on one connection."""
    found: list[float] = []
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        for path in paths:
            began = time.perf_counter()
            async with session.get(path, raise_for_status=True) as answer:
                await answer.read()
            found.append((time.perf_counter() - began) * 1000)
    return found


def in_turn(*sides: tuple[Server, Asked], rounds: int = 5, seconds: float = 2.0) -> list[Round]:
    """Each side in turn, medians of its rounds after a warm-up."""
    found: list[list[Round]] = [[] for _ in sides]
    for turn in range(rounds + 1):
        for (server, asked), kept in zip(sides, found, strict=True):
            measured = asyncio.run(loaded(server, asked, seconds))
            if turn:
                kept.append(measured)
    return [Round(median(r.cpu_us for r in kept), median(r.rate for r in kept)) for kept in found]


def judged(name: str, measure: str, value: float, goal: float, detail: str = "") -> None:
    """One line a goal; what is only said about it stands below."""
    print(f"{name} {measure} {value:.2f} goal<={goal} {'pass' if value <= goal else 'fail'}", flush=True)
    _below(detail)


def reported(name: str, measure: str, value: float, detail: str = "") -> None:
    """A figure without a goal."""
    print(f"{name} {measure} {value:.2f} reported", flush=True)
    _below(detail)


def _below(detail: str) -> None:
    if detail:
        print(f"   {detail}", flush=True)
