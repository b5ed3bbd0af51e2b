"""One file at a time, counted as it comes."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import FormData

from tests.integration.http.sample import Notes
from tests.integration.http.test_foundation_requests import Client, client, notes, open_socket

__all__ = ["client", "notes"]


def a_form(size: int, *, files: int = 1) -> FormData:
    form = FormData(quote_fields=False)
    for _ in range(files):
        form.add_field("file", io.BytesIO(b"x" * size), filename="яма.jpg")
    return form


async def test_a_file_comes_through_in_portions(client: Client, notes: Notes) -> None:
    async with client.post("/api/v1/files", data=a_form(100_000)) as answer:
        assert (answer.status, await answer.json()) == (201, {"name": "яма.jpg", "size": 100_000})


@pytest.mark.parametrize("tells_length", [True, False])
async def test_one_byte_too_many_is_refused(client: Client, notes: Notes, tells_length: bool) -> None:
    form = a_form(100_001)
    payload: Any = form()
    data: Any = payload if tells_length else chunked_of(await bytes_of(payload))
    headers = {} if tells_length else {"Content-Type": payload.headers["Content-Type"]}
    async with client.post("/api/v1/files", data=data, headers=headers) as answer:
        assert answer.status == 413
        assert (await answer.json())["limit"] == 100_000


async def test_a_far_too_great_file_is_refused_before_it_is_read(client: Client, notes: Notes) -> None:
    async with client.post("/api/v1/files", data=a_form(5_000_000)) as answer:
        assert answer.status == 413
    assert notes.uploaded == 0


async def bytes_of(payload: Any) -> bytes:
    return bytes(await payload.as_bytes())


async def chunked_of(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{}", "application/json", 415, "unsupported-media-type"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422, "invalid"),
        (b"--x\r\n", "multipart/form-data", 400, "unreadable"),
        (b"rubbish", "multipart/form-data; boundary=x", 400, "unreadable"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno name\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            422,
            "invalid",
        ),
    ],
)
async def test_what_is_no_file_is_refused(
    client: Client, body: bytes, kind: str, status: int, code: str
) -> None:
    async with client.post("/api/v1/files", data=body, headers={"Content-Type": kind}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (status, code)


async def test_a_second_file_is_refused(client: Client) -> None:
    async with client.post("/api/v1/files", data=a_form(10, files=2)) as answer:
        (fault,) = (await answer.json())["errors"]
        assert (answer.status, fault["code"]) == (422, "one-file")


HEAD = (
    b"POST /api/v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    b"Content-Length: 50000\r\n\r\n"
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
)


async def test_a_file_that_stops_coming_is_not_waited_for(client: Client) -> None:
    reader, writer = await open_socket(client)
    writer.write(HEAD + b"x" * 1000)
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()


async def test_a_sender_who_leaves_ends_the_reading(client: Client, notes: Notes) -> None:
    _, writer = await open_socket(client)
    writer.write(HEAD + b"x" * 20_000)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()
    await asyncio.sleep(0.1)
    assert notes.uploaded < 50_000
    async with client.get("/metrics") as answer:
        text = await answer.text()
    assert "http_requests_in_flight 1.0" in text  # only the question itself
    assert 'route="/api/v1/files",status="499"' in text
