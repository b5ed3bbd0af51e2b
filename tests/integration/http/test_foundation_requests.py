"""Requests through a real socket: what is asked first, what is told, and how refusals look."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from niktokromenas.adapters.http.config import HttpConfig
from tests.integration.http.sample import SECRET, Notes, sample_app
from tests.integration.http.test_foundation_wire import a_note

Client = TestClient[Any, Any]
ME = {"X-Name": "я".encode().hex()}


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
async def client(notes: Notes) -> AsyncIterator[Client]:
    async with TestClient(TestServer(sample_app(notes))) as opened:
        yield opened


async def test_a_created_thing_comes_with_its_address_and_version(client: Client, notes: Notes) -> None:
    key = {"Idempotency-Key": '"0f8c2e6a-1"'}
    async with client.post("/api/v1/notes", json=a_note(), headers={**ME, **key}) as answer:
        assert answer.status == 201
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["Location"] == "/api/v1/notes/26-000001"
        assert await answer.json() == {"number": "26-000001", "place": None}
    (call,) = notes.seen
    assert (call.actor, call.body.title, call.idempotency_key) == (ME["X-Name"], "Яма", "0f8c2e6a-1")
    assert len(call.body_hash) == 64


async def test_who_may_is_asked_before_the_body_is_read(client: Client, notes: Notes) -> None:
    async with client.post("/api/v1/notes", data=io.BytesIO(b"{" * 3_000_000)) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert (await answer.json())["code"] == "unauthenticated"
    assert notes.seen == []


async def test_a_problem_has_the_shape_of_rfc_9457(client: Client) -> None:
    async with client.get("/api/v1/refusals/conflict", headers={"X-Request-Id": "caller-0001"}) as answer:
        assert answer.content_type == "application/problem+json"
        assert await answer.json() == {
            "type": "about:blank",
            "title": "Сейчас это невозможно",
            "status": 409,
            "detail": "Уже закрыто",
            "code": "already-closed",
            "basis": "Положение, п. 4.6",
            "acts": ["reopen"],
            "request_id": "caller-0001",
        }


@pytest.mark.parametrize(
    ("family", "status"),
    [("invalid", 422), ("forbidden", 403), ("not-found", 404), ("conflict", 409), ("unavailable", 503)],
)
async def test_each_family_has_its_status(client: Client, family: str, status: int) -> None:
    async with client.get(f"/api/v1/refusals/{family}") as answer:
        assert answer.status == status
        assert ("Retry-After" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", {}, 400, "unreadable"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
        (b"{}", {"Content-Type": "application/json; charset=koi8-r"}, 415, "unsupported-media-type"),
        (b"{}", {"Content-Encoding": "gzip"}, 415, "unsupported-media-type"),
        (b" " * (1024 * 1024 + 1), {}, 413, "too-large"),
        (b"[]", {}, 422, "invalid"),
        (b"{}", {"Idempotency-Key": "a b"}, 400, "bad-header"),
    ],
)
async def test_what_cannot_be_read_is_told_apart(
    client: Client, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    sent = {"Content-Type": "application/json", **ME, **headers}
    async with client.post("/api/v1/notes", data=io.BytesIO(content), headers=sent) as answer:
        assert (answer.status, (await answer.json())["code"]) == (status, code)


async def test_a_body_that_does_not_tell_its_length_is_bounded_too(client: Client) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    sent = {"Content-Type": "application/json", **ME}
    async with client.post("/api/v1/notes", data=endless(), headers=sent) as answer:
        assert (answer.status, (await answer.json())["code"]) == (413, "too-large")


async def test_a_body_that_does_not_come_is_not_waited_for(notes: Notes) -> None:
    server = TestServer(sample_app(notes, HttpConfig(body_timeout=0.05, access_log=False)))
    async with TestClient(server) as client:
        _, writer = await open_socket(client)
        writer.write(
            b"POST /api/v1/notes HTTP/1.1\r\nHost: x\r\nX-Name: y\r\nContent-Type: application/json\r\n"
            b"Content-Length: 10\r\n\r\n{"
        )
        assert b" 408 " in await _.readline()
        writer.close()


async def open_socket(client: Client) -> Any:
    return await asyncio.open_connection(client.host, client.port)


MALFORMED = ("*", "3", 'W/"3"', '"3", "4"', '"03"')


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (None, 428),
        *((bad, 400) for bad in MALFORMED),
        ('"2"', 412),
        ('"3"', 200),
    ],
)
async def test_a_change_needs_the_version_read(client: Client, sent: str | None, status: int) -> None:
    headers = ME if sent is None else {**ME, "If-Match": sent}
    async with client.patch("/api/v1/notes/26-000001", json={"title": "б"}, headers=headers) as answer:
        assert answer.status == status
        told = await answer.json()
    if status == 412:
        assert (told["version"], told["status"]) == (3, 412)


@pytest.mark.parametrize("tag", ['"3"', 'W/"3"', '"1", W/"3"', "*"])
async def test_what_has_not_changed_is_not_sent_again(client: Client, tag: str) -> None:
    async with client.get("/api/v1/notes/26-000001", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
        assert answer.headers["ETag"] == '"3"'
    async with client.get("/api/v1/notes/26-000001", headers={"If-None-Match": '"33"'}) as answer:
        assert answer.status == 200


async def test_head_answers_as_get_without_a_body(client: Client) -> None:
    async with client.head("/api/v1/notes/26-000001") as answer:
        assert (answer.status, answer.headers["ETag"], await answer.read()) == (200, '"3"', b"")


async def test_options_tell_what_an_address_allows(client: Client) -> None:
    async with client.options("/api/v1/notes/26-000001") as answer:
        assert answer.status == 204
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PATCH"
    async with client.options("/api/v1/nothing") as answer:
        assert answer.status == 404


async def test_unknown_addresses_and_methods_are_problems(client: Client) -> None:
    async with client.get("/api/v1/nothing") as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")
    async with client.delete("/api/v1/notes/26-000001") as answer:
        assert (answer.status, (await answer.json())["code"]) == (405, "method-not-allowed")
        assert "PATCH" in answer.headers["Allow"]
    async with client.get("/api/v1/notes/26-1") as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "not-found")


async def test_a_defect_tells_the_caller_nothing_but_its_number(client: Client) -> None:
    async with client.get("/api/v1/broken") as answer:
        text = await answer.text()
        assert answer.status == 500
        assert (await answer.json())["request_id"] == answer.headers["X-Request-Id"]
    assert SECRET not in text
    assert "Traceback" not in text


async def test_a_defect_after_the_answer_has_begun_ends_the_connection(client: Client) -> None:
    reader, writer = await open_socket(client)
    writer.write(b"GET /api/v1/late HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b"begun\r\n")


BAD_IDS = ("short", "white space here", "a" * 65, "<script>alert(1)", "запрос-номер-1")


@pytest.mark.parametrize("sent", BAD_IDS)
async def test_a_malformed_request_id_is_replaced(client: Client, sent: str) -> None:
    async with client.get("/api/v1/notes", headers={"X-Request-Id": sent}) as answer:
        assert len(answer.headers["X-Request-Id"]) == 36


@pytest.mark.abuse(33)
async def test_fields_nobody_may_set_are_refused(client: Client, notes: Notes) -> None:
    for field in ("status", "owner", "is_public", "kind", "__class__"):
        async with client.post("/api/v1/notes", json=a_note(**{field: "x"}), headers=ME) as answer:
            (fault,) = (await answer.json())["errors"]
            assert (answer.status, fault["pointer"], fault["code"]) == (422, "/" + field, "unknown-field")
    assert notes.seen == []
