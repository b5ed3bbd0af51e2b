"""Servers in child processes, a bounded load on loopback, CPU of the server a request."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import aiohttp
import orjson
import psutil
from attrs import frozen

CONNECTIONS = 16


@frozen
class Server:
    process: psutil.Process
    port: int
    token: str

    def cpu(self) -> float:
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)

    def memory(self) -> float:
        """Resident, MiB."""
        return float(self.process.memory_info().rss) / 2**20


@contextmanager
def serving(kind: str, port: int, folder: Path, url: str = "") -> Iterator[Server]:
    command = [sys.executable, "-m", "benchmarks.serving", kind, str(port), str(folder), url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        while not (line := process.stdout.readline()).startswith(b'{"token"'):
            if process.poll() is not None:
                raise RuntimeError(f"{kind} did not start")
        yield Server(psutil.Process(process.pid), port, orjson.loads(line)["token"])
    finally:
        process.terminate()
        process.wait(20)


@frozen
class Round:
    cpu_us: float
    """Of the server, a request."""
    rate: float
    """Requests a second, wall clock."""


async def _loaded(server: Server, method: str, path: str, body: bytes | None, seconds: float) -> Round:
    headers = {"Content-Type": "application/json"} if body else {}
    if server.token:
        headers["Authorization"] = f"Bearer {server.token}"
    done, until = 0, time.perf_counter() + seconds
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)

    async def one(session: aiohttp.ClientSession) -> None:
        nonlocal done
        while time.perf_counter() < until:
            url = f"http://127.0.0.1:{server.port}{path}"
            async with session.request(method, url, data=body, headers=headers) as answer:
                await answer.read()
                if answer.status >= 300:
                    raise RuntimeError(f"{answer.status}: {await answer.text()}")
                done += 1

    async with aiohttp.ClientSession(connector=connector) as session:
        before, began = server.cpu(), time.perf_counter()
        await asyncio.gather(*(one(session) for _ in range(CONNECTIONS)))
        spent, wall = server.cpu() - before, time.perf_counter() - began
    return Round(spent / done * 1e6, done / wall)


def compared(
    floor: Server,
    product: Server,
    method: str,
    path: str,
    body: bytes | None,
    *,
    rounds: int = 5,
    seconds: float = 2.0,
) -> tuple[Round, Round]:
    """Floor and product in turn, medians of the rounds after a warm-up."""
    found: tuple[list[Round], list[Round]] = ([], [])
    for turn in range(rounds + 1):
        for server, kept in zip((floor, product), found, strict=True):
            measured = asyncio.run(_loaded(server, method, path, body, seconds))
            if turn:
                kept.append(measured)
    middle = [Round(median(r.cpu_us for r in kept), median(r.rate for r in kept)) for kept in found]
    return middle[0], middle[1]


def told(name: str, measure: str, value: float, goal: float, detail: str = "") -> None:
    """One line a goal; what is only reported stands below it."""
    verdict = "pass" if value <= goal else "fail"
    print(f"{name} {measure} {value:.2f} goal<={goal} {verdict}", flush=True)
    if detail:
        print(f"   {detail}", flush=True)
