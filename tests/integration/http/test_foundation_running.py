"""Health, logs, and stopping without losing a request."""

import asyncio
import io
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from niktokromenas.adapters.http.config import HttpConfig
from niktokromenas.adapters.http.health import Probe
from niktokromenas.adapters.http.logs import configure_logging
from niktokromenas.adapters.http.problems import Problem
from niktokromenas.domain.errors import Unavailable
from tests.integration.http.sample import SECRET, sample_app


async def well() -> None:
    return None


async def soon() -> str:
    return "производственный календарь кончается через 90 дней"


async def away() -> None:
    raise Unavailable("база не отвечает")


async def refused() -> None:
    raise ConnectionRefusedError("secret-host:5432")


async def stuck() -> None:
    await asyncio.sleep(60)


async def test_readiness_names_every_part() -> None:
    probes = [
        Probe(name="calendar", check=soon),
        Probe(name="database", check=away),
        Probe(name="files", check=refused),
        Probe(name="mail", check=stuck, seconds=0.05),
        Probe(name="outbox", check=well),
    ]
    async with TestClient(TestServer(sample_app(probes=probes))) as client:
        async with client.get("/health/ready") as answer:
            told = await answer.json()
            assert answer.status == 503
        assert [(check["name"], check["status"]) for check in told["checks"]] == [
            ("calendar", "warning"),
            ("database", "failed"),
            ("files", "failed"),
            ("mail", "failed"),
            ("outbox", "ok"),
        ]
        assert "secret-host" not in json.dumps(told)
        async with client.get("/health/live") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_a_warning_does_not_take_the_server_away() -> None:
    server = TestServer(sample_app(probes=[Probe(name="calendar", check=soon)]))
    async with TestClient(server) as client, client.get("/health/ready") as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "warning")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    configure_logging(stream)
    yield stream
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


async def test_a_line_for_each_request_says_nothing_personal(lines: io.StringIO) -> None:
    async with TestClient(TestServer(sample_app(config=HttpConfig()))) as client:
        address = "/api/v1/notes/26-000001?phone=79001234567"
        async with client.get(address, headers={"X-Request-Id": "caller-0001", "X-Name": "Иванов"}):
            pass
    (line,) = [json.loads(each) for each in lines.getvalue().splitlines()]
    assert line.pop("ms") >= 0
    assert line.pop("bytes") > 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "caller-0001",
        "method": "GET",
        "route": "/api/v1/notes/{number}",
        "status": 422,
    }


async def test_a_defect_is_logged_with_its_traceback_and_request(lines: io.StringIO) -> None:
    server, sent = TestServer(sample_app(config=HttpConfig())), {"X-Request-Id": "caller-0001"}
    async with TestClient(server) as client, client.get("/api/v1/broken", headers=sent):
        pass
    told, access = [json.loads(each) for each in lines.getvalue().splitlines()]
    assert (told["level"], told["request_id"], told["route"]) == ("error", "caller-0001", "/api/v1/broken")
    assert "in break_down" in told["exception"]
    assert SECRET in lines.getvalue()  # Russian stays readable
    assert access["status"] == 500


async def test_the_standard_library_logs_the_same_way(lines: io.StringIO) -> None:
    logging.getLogger("aiohttp.server").warning("внимание %s", "раз")
    line = json.loads(lines.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("внимание раз", "warning", "aiohttp.server")


@pytest.mark.abuse(40)
async def test_a_request_that_cannot_be_read_leaves_none_of_its_bytes_in_the_log(lines: io.StringIO) -> None:
    async with TestServer(sample_app(config=HttpConfig())) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        cookie = "session=of-a-person" + "A" * 9000
        writer.write(f"GET /api/v1/me HTTP/1.1\r\nHost: here\r\nCookie: {cookie}\r\n\r\n".encode())
        assert b" 400 " in await reader.readline()
        writer.close()
    [line] = [json.loads(each) for each in lines.getvalue().splitlines()]
    assert (line["level"], "LineTooLong" in line["event"]) == ("error", True)
    assert "of-a-person" not in lines.getvalue()


async def test_pages_tell_problems_to_people() -> None:
    async def page(request: web.Request, problem: Problem) -> web.Response:
        return web.Response(text=f"<h1>{problem.title}</h1>", content_type="text/html", status=problem.status)

    async with TestClient(TestServer(sample_app(html_problem=page))) as client:
        browser = {"Accept": "text/html,*/*"}
        async with client.get("/m/26-000001", headers=browser) as answer:
            assert (answer.status, await answer.text()) == (404, "<h1>Такого адреса нет</h1>")
        async with client.get("/api/v1/nothing", headers=browser) as answer:
            assert answer.content_type == "application/problem+json"
        async with client.get("/m/26-000001") as answer:
            assert answer.content_type == "application/problem+json"


RUN = """
import asyncio
from tests.integration.http.sample import Notes, sample_app
from niktokromenas.adapters.http import server
from niktokromenas.adapters.http.logs import configure_logging

configure_logging()
server.serve(sample_app(), "127.0.0.1", 0, shutdown_timeout=5)
print("stopped", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_server_answers_what_it_has_begun(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN,
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    port = json.loads(await asyncio.wait_for(process.stderr.readline(), 20))["port"]
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        running = asyncio.create_task(session.get("/api/v1/slow"))
        await asyncio.sleep(0.3)
        process.send_signal(number)
        await asyncio.sleep(0.2)
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("/health/live")
        async with await running as answer:
            assert (answer.status, await answer.json()) == (200, {"done": True})
    out, _ = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, out) == (0, b"stopped\n")
