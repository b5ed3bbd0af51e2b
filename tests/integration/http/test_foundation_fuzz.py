"""Whatever is sent, nothing breaks: no body, query, header or address gives a 5xx."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.http.test_foundation_requests import ME, Client, client, notes
from tests.integration.http.test_foundation_wire import a_note, mutated, rubbish

__all__ = ["client", "notes"]

among_many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ATTACKS = (
    "' OR 1=1 --",
    "1;DROP TABLE notes",
    '"><script>alert(1)</script>',
    "javascript:alert(1)",
    "%00",
    "../../etc/passwd",
    "${7*7}",
    "{{7*7}}",
    "\r\nSet-Cookie: a=b",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
)
JSON = {"Content-Type": "application/json"}


async def post(client: TestClient[Any, Any], body: bytes) -> int:
    async with client.post("/api/v1/notes", data=body, headers={**ME, **JSON}) as answer:
        assert answer.status in (201, 400, 413, 422), await answer.text()
        json.loads(await answer.read())
        return answer.status


@among_many
@given(st.binary(max_size=200))
async def test_no_bytes_break_it(client: Client, body: bytes) -> None:
    assert await post(client, body) in (400, 422)


@among_many
@given(mutated() | rubbish)
async def test_no_json_breaks_it(client: Client, body: Any) -> None:
    await post(client, json.dumps(body).encode())


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(a_note(title="\ud800")),
        json.dumps(a_note(free=10**4000)),
        "[" * 100_000,
        '{"a":' * 900 + "1" + "}" * 900,
        json.dumps(a_note()).replace('"title"', '"title": "а", "title"'),
        '{"__proto__": {}}',
        "1e400",
        "-0",
        "nul",
    ],
)
async def test_known_stumbling_blocks_of_json_do_not_break_it(client: Client, body: str) -> None:
    await post(client, body.encode())


names = st.sampled_from(
    ["limit", "after", "sort", "colour", "text", "since", "near", "weight", "mine"]
) | st.text(max_size=5)
values = st.text(max_size=12) | st.sampled_from(ATTACKS) | st.integers().map(str) | st.floats().map(str)


@pytest.mark.abuse(17)
@among_many
@given(st.lists(st.tuples(names, values), max_size=4))
async def test_no_query_breaks_it_or_comes_back_as_markup(
    client: Client, pairs: list[tuple[str, str]]
) -> None:
    async with client.get("/api/v1/notes", params=[*pairs]) as answer:
        assert answer.status in (200, 422)
        assert answer.content_type in ("application/json", "application/problem+json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.abuse(11)
@pytest.mark.parametrize("attack", ATTACKS)
async def test_sorting_and_filters_take_only_known_words(client: Client, attack: str) -> None:
    for name in ("sort", "colour", "weight", "limit", "since", "near", "mine", "after"):
        async with client.get("/api/v1/notes", params={name: attack}) as answer:
            assert answer.status == 422
            assert (await answer.json())["errors"][0]["pointer"].startswith("/" + name)


raw_paths = st.text(max_size=20).map(lambda text: quote(text, safe="")) | st.text("%/.:?#[]{}0f", max_size=12)
raw_headers = st.sampled_from(
    [
        "If-Match",
        "If-None-Match",
        "Idempotency-Key",
        "X-Request-Id",
        "Content-Type",
        "Content-Encoding",
        "Origin",
        "Sec-Fetch-Site",
        "X-Forwarded-For",
        "Transfer-Encoding",
        "Content-Length",
        "Expect",
        "Accept",
        "Cookie",
    ]
)


@among_many
@given(
    st.sampled_from(["GET", "POST", "PATCH", "OPTIONS", "HEAD", "BREW", "PUT"]),
    st.sampled_from(["", "api/v1/notes/", "api/v1/files", "api/v1/decisions", "api/docs/"]),
    raw_paths,
    st.lists(st.tuples(raw_headers, st.text(st.characters(max_codepoint=255), max_size=12)), max_size=3),
)
async def test_no_request_line_or_header_breaks_it(
    client: Client, method: str, start: str, path: str, headers: list[tuple[str, str]]
) -> None:
    lines = [f"{method} /{start}{path} HTTP/1.1", "Host: x", "X-Name: y", "Connection: close"]
    lines += [f"{name}: {value.translate(dict.fromkeys(range(32)))}" for name, value in headers]
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write("\r\n".join([*lines, "", "{}"]).encode("latin-1", "replace"))
    writer.write_eof()
    first = await reader.readline()
    writer.close()
    assert first == b"" or int(first.split()[1]) < 500, first


@among_many
@given(
    st.lists(
        st.binary(max_size=40)
        | st.sampled_from(
            [
                b"--x\r\n",
                b"--x--\r\n",
                b"\r\n\r\n",
                b"Content-Disposition: form-data; name=file; filename=a\r\n",
                b"Content-Length: 3\r\n",
                b"Content-Transfer-Encoding: base64\r\n",
                b"Content-Type: multipart/mixed\r\n",
            ]
        ),
        max_size=6,
    )
)
async def test_no_form_breaks_an_upload(client: Client, pieces: list[bytes]) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with client.post("/api/v1/files", data=b"".join(pieces), headers=headers) as answer:
        assert answer.status in (201, 400, 422), await answer.text()
