"""A log that cannot be written breaks no request: its lines are dropped and counted."""

import asyncio
import io
import json
import logging
import os
import resource
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from niktokromenas.adapters.http.logs import LINES_DROPPED, SparingStream, access_line, configure_logging
from tests.integration.faults.points import Part
from tests.integration.faults.processes import Commands, answering
from tests.integration.faults.world import a_world, environment_of
from tests.integration.http.live import free_port

NOWHERE = Path("/dev/full")
"""Linux's own full disk."""

SAMPLE = """
import sys
from niktokromenas.adapters.http import server
from niktokromenas.adapters.http.config import HttpConfig
from niktokromenas.adapters.http.logs import configure_logging
from tests.integration.http.sample import sample_app

configure_logging()
server.serve(sample_app(config=HttpConfig()), "127.0.0.1", int(sys.argv[1]), shutdown_timeout=5)
"""


def dropped() -> float:
    (family,) = LINES_DROPPED.collect()
    return next(sample.value for sample in family.samples if sample.name.endswith("_total"))


class Full(io.StringIO):
    """Takes nothing; `ends` is what happens instead."""

    def __init__(self, ends: Exception) -> None:
        super().__init__()
        self.ends = ends

    def write(self, text: str) -> int:
        raise self.ends


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "ends", [OSError(28, "no space"), BrokenPipeError(), BlockingIOError(), ValueError("closed")], ids=repr
)
def test_each_way_to_write_a_line_drops_it_where_it_cannot(restored: None, ends: Exception) -> None:
    configure_logging(Full(ends))
    before = dropped()
    structlog.get_logger("worker").error("job failed", job="tell")
    access_line()({"status": 200})
    logging.getLogger("aiohttp.server").error("a line of the library")
    assert dropped() == before + 3


def test_what_is_no_fault_of_the_disk_is_not_hidden() -> None:
    with pytest.raises(RuntimeError):
        SparingStream(Full(RuntimeError())).write("a line")


def test_a_line_of_what_json_cannot_hold_is_written_all_the_same(restored: None) -> None:
    stream, before = io.StringIO(), dropped()
    configure_logging(stream)
    try:
        raise RuntimeError("half of a pair: \ud83d")
    except RuntimeError as error:
        structlog.get_logger("http").error("request failed", size=2**70, exc_info=error)
    (line,) = [json.loads(each) for each in stream.getvalue().splitlines()]
    assert (line["event"], line["size"]) == ("request failed", 2**70)
    assert "\ud83d" in line["exception"]
    assert dropped() == before


@asynccontextmanager
async def sampled(stderr: Any) -> AsyncIterator[tuple[Process, aiohttp.ClientSession]]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SAMPLE, str(port), cwd=Path(__file__).parents[3], stdout=DEVNULL, stderr=stderr
    )
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            async with asyncio.timeout(30):
                while not await _listens(session):
                    assert process.returncode is None
                    await asyncio.sleep(0.05)
            yield process, session
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def _listens(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/health/live") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def _statuses(session: aiohttp.ClientSession) -> list[int]:
    """Of a good request, a refused one and a defect that is logged with its traceback."""
    found = []
    for path in ("/health/live", "/api/v1/nothing", "/api/v1/broken"):
        async with session.get(path) as answer:
            await answer.read()
            found.append(answer.status)
    return found


async def _dropped_of(session: aiohttp.ClientSession) -> float:
    async with session.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("log_lines_dropped_total"))


async def test_a_full_disk_of_logs_changes_no_answer_and_is_counted() -> None:
    full = os.open(NOWHERE, os.O_WRONLY)
    async with sampled(full) as (process, session):
        os.close(full)
        assert [await _statuses(session) for _ in range(2)] == [[200, 404, 500]] * 2
        assert await _dropped_of(session) >= 8
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_a_reader_of_logs_that_has_gone_changes_no_answer() -> None:
    async with sampled(PIPE) as (process, session):
        assert process.stderr is not None
        process.stderr._transport.close()  # type: ignore[attr-defined]
        await process.stderr.read()  # until it is closed: a line before that is not dropped
        assert [await _statuses(session) for _ in range(2)] == [[200, 404, 500]] * 2
        assert await _dropped_of(session) >= 8


def _whole(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except json.JSONDecodeError:
        return False


async def test_lines_are_written_again_and_whole_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("ab") as log:
        async with sampled(log) as (process, session):
            room = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            limit = path.stat().st_size + 100
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, room[1]))
            assert await _statuses(session) == [200, 404, 500]
            assert await _dropped_of(session) > 0
            assert path.stat().st_size <= limit
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, room)
            for n in range(2):
                async with session.get(
                    "/health/live", headers={"X-Request-Id": f"there-is-room-{n}"}
                ) as answer:
                    assert answer.status == 200
            assert await _dropped_of(session) == await _dropped_of(session)
    lines = [line for line in path.read_text().splitlines() if line]
    whole = [json.loads(line) for line in lines if _whole(line)]
    assert len(whole) >= len(lines) - 1, "more than the one line that met the end of the room is torn"
    assert {"there-is-room-0", "there-is-room-1"} <= {line.get("request_id") for line in whole}


@pytest.mark.timeout(300)
async def test_serve_goes_on_and_stops_in_order_with_both_its_streams_full(tmp_path: Path) -> None:
    async with a_world("sqlite", tmp_path) as world:
        commands, clients = Commands(environment_of(world.settings), NOWHERE), world.clients
        try:
            serve = await commands.start(Part.SERVE)
            await answering(world.settings.base_url, serve, world.http)
            load = asyncio.create_task(clients.load())
            async with asyncio.timeout(60):
                while len(world.ledger.versions) < 6:
                    assert not load.done(), load
                    await asyncio.sleep(0.01)
            os.kill(serve.pid, signal.SIGTERM)
            assert await serve.end() == 0
        finally:
            await commands.end()
        await load
        found = await world.checks(world.ledger, world.delivered(), 0)
    assert found.messages >= 6
    assert found.orphans == 0
