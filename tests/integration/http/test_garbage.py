"""Whatever is sent to the platform, its pages included: never a 5xx, and a refusal as it was asked for."""

import json
import re
import socket
from typing import Any
from urllib.parse import quote

import pytest
from attrs import frozen

from niktokromenas.adapters import cast
from tests.integration.http.documented import OPERATIONS, Documented, answering, described

__all__ = ["answering"]
PROBLEM, HTML = "application/problem+json", "text/html"
ATTACKS = (
    "' OR 1=1 --",
    "1;DROP TABLE messages",
    '"><script>alert(1)</script>',
    "../../../../etc/passwd",
    "..\\..\\windows",
    "${7*7}{{7*7}}",
    "javascript:alert(1)",
    "//evil.example/",
    "\r\nSet-Cookie: a=b",
    "\0",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "٤٢",
    "А" * 600,
)
"""Said by people who mean no good, or who mean nothing at all."""
NAMES = (
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Cookie",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "Origin",
    "Range",
    "Sec-Fetch-Site",
    "X-Forwarded-For",
    "X-Request-Id",
    "Content-Type",
    "Upgrade",
)
RAW = (
    "%00",
    "%",
    "%zz",
    "%ff%fe",
    "%c0%ae%c0%ae%2f",
    "%ed%a0%80",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%0d%0aSet-Cookie:%20a=b",
    "a" * 7000,
    "\xff\xfe",
    ";a=b",
    "..;/",
)
"""Written into the request line as it is."""
FACES = (
    "/",
    "/m/",
    "/m/26-000001",
    "/unsubscribe/",
    "/demo/mail",
    "/demo/mail/",
    "/assets/",
    "/assets/style.css",
    "/auth/esia/login",
    "/auth/esia/callback",
    "/auth/logout",
    "/api/docs",
    "/api/docs/",
    "/api/v1/openapi.json",
    "/api/v1/messages/",
    "/health/ready",
    "/metrics",
)


@frozen
class Raw:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media(self) -> str:
        return self.headers.get("content-type", "").split(";")[0]


def sent(answering: Documented, request: bytes) -> Raw | None:
    """The answer to these bytes; `None` where the connection was closed without one."""
    host, port = answering.ground.live.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            pass
    if not received:
        return None
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Raw(int(first.split()[1]), headers, body)


def asked(
    answering: Documented, target: str, *, method: str = "GET", accept: str = "*/*", more: str = ""
) -> Raw | None:
    lines = f"{method} {target} HTTP/1.1\r\nHost: here\r\nConnection: close\r\nAccept: {accept}\r\n{more}\r\n"
    return sent(answering, lines.encode("latin-1", "replace"))


def told_well(answer: Raw | None, target: str, accept: str) -> None:
    """No defect, and a refusal as a problem or as a page; only aiohttp's own parser speaks plain text."""
    assert answer is not None, target
    assert answer.status < 500, (target, answer)
    assert b"<script>alert" not in answer.body
    assert "a=b" not in answer.headers.get("set-cookie", "")
    if answer.status >= 400 and answer.headers["server"] == "niktokromenas":
        wanted = {HTML if accept == HTML and not target.startswith("/api/") else PROBLEM}
        if target.startswith("/m/"):
            wanted.add(HTML)  # people come here from letters
        assert answer.media in wanted, answer
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    elif answer.status >= 400:
        assert (answer.status, answer.media) == (400, "text/plain"), answer


@pytest.mark.abuse(17)
@pytest.mark.abuse(21)
@pytest.mark.parametrize("face", FACES)
def test_no_address_breaks_it_or_comes_back_as_markup(answering: Documented, face: str) -> None:
    for wild in (*RAW, *(quote(attack, safe="") for attack in ATTACKS)):
        for target in (face + wild, f"{face}?{wild}", f"{face}?state={wild}&code={wild}&return_to={wild}"):
            for accept in ("*/*", HTML):
                told_well(asked(answering, target, accept=accept), target, accept)


@pytest.mark.parametrize("path", ["/", "/m/26-000001", "/auth/esia/login", "/api/v1/me", "/api/v1/messages"])
def test_no_header_breaks_it(answering: Documented, path: str) -> None:
    cookie = str(answering.session(cast.CITIZEN).headers["Cookie"])
    for more in (
        *(f"{name}: \xff\xfe" for name in NAMES),
        *(f"{name}: {'a' * 7000}" for name in NAMES),
        f"Cookie: {cookie}\r\nActing-Grant: \xff",
        "Cookie: session=\xff; =; ;;\x01",
        "Cookie: session=00000000-0000-0000-0000-000000000000." + "a" * 40,
        "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
        "X-Forwarded-For: 1.1.1.1, %00, [::",
        "Host: [::",
        "\r\n".join(f"X-{number}: {'a' * 100}" for number in range(300)),
        "Transfer-Encoding: chunked, chunked",
        "Content-Length: -1",
        "no colon at all",
    ):
        answer = asked(answering, path, more=more + "\r\n")
        assert answer is None or answer.status < 500, (more, answer)


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW", "get", "A" * 300]
)
def test_no_method_breaks_it(answering: Documented, method: str) -> None:
    for target in (*FACES, "*", "//", "http://evil.example/", "?", "#"):
        answer = asked(answering, target, method=method)
        assert answer is None or answer.status < 500, (target, answer)


BODIES = (
    b"",
    b"\xff\xfe",
    b"nul",
    b"[" * 100_000,
    b'{"a":' * 3000,
    b'{"text":"\\ud800"}',
    b'{"text":"\\u0000"}',
    b'{"text":' + b"1" * 5000 + b"}",
    b"1e999",
    b'{"text":NaN}',
    b"a=b&" * 2000,
    b"a=%ff%00",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\nabc\r\n--x--\r\n',
    b"--x\r\nContent-Transfer-Encoding: foo\r\nContent-Type: a/b; charset=foo\r\n\r\nabc\r\n--x--",
)
MEDIA = (
    "application/json",
    "application/json; charset=foo",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded; charset=foo",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x; charset=foo",
    "multipart/form-data; boundary=" + "a" * 80,
    "\xff",
    ";;",
)


@pytest.mark.parametrize(
    "path", ["/api/v1/messages", "/api/v1/attachments", "/auth/logout", "/unsubscribe/abc"]
)
def test_no_body_breaks_it(answering: Documented, path: str) -> None:
    whose = None if path == "/auth/logout" else cast.CITIZEN
    base, session = answering.ground.live.base, answering.session(whose)
    for media in MEDIA:
        for body in BODIES:
            lines = (
                f"POST {path} HTTP/1.1",
                "Host: here",
                "Connection: close",
                f"Origin: {base}",
                f"Cookie: {session.headers.get('Cookie', 'a=b')}",
                f"Content-Type: {media}",
                f"Content-Length: {len(body)}",
                "",
                "",
            )
            answer = sent(answering, "\r\n".join(lines).encode("latin-1") + body)
            assert answer is None or answer.status < 500, (media, body[:40], answer)


def test_other_methods_of_a_documented_address_are_refused_by_name(answering: Documented) -> None:
    for path in sorted({path for path, _ in OPERATIONS.values()}):
        methods = _methods_of(path)
        address = path.replace("{number}", "26-000001").replace("{kind}", "consent")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = asked(answering, address.replace("{", "").replace("}", ""), method=method)
            assert answer is not None
            assert (answer.status, answer.media) == (405, PROBLEM), (method, path)
            assert methods <= set(answer.headers["allow"].split(",")) <= {*methods, "HEAD"}


def _methods_of(path: str) -> set[str]:
    """Of every template that this address fits: `near` could be a number, too."""
    return {
        method.upper()
        for template, method in OPERATIONS.values()
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path)
    }


def _places(body: Any) -> list[dict[str, Any]]:
    """Every object of a body."""
    if isinstance(body, list):
        return [place for each in body for place in _places(each)]
    if not isinstance(body, dict):
        return []
    return [body, *(place for each in body.values() for place in _places(each))]


BODIED = sorted(
    name
    for name, (path, method) in OPERATIONS.items()
    if "application/json" in described()["paths"][path][method].get("requestBody", {}).get("content", {})
)


TRUSTED = {"saveFilter": cast.CITY_OFFICIAL}
"""The terms of a filter are read by its list, after the right to keep one."""


NAMED_BY_CODES = {
    ("saveFilter", 1): "unknown-term",
    **dict.fromkeys((("castBallot", 1), ("changeMyBallot", 1), ("changeSecretBallot", 1)), "wrong-type"),
}
"""What is told where a body names things by codes of their own: terms of filters; answers, by question."""


@pytest.mark.abuse(33)
@pytest.mark.parametrize("name", BODIED)
def test_no_field_that_is_not_asked_for_gets_in(answering: Documented, name: str) -> None:
    path, method = OPERATIONS[name]
    player = TRUSTED.get(name, cast.CITIZEN)
    stand = answering.do(answering.ground.make(name, player))
    headers = {"If-Match": f'"{stand.version}"'}
    url = answering.ground.live.base + path.format(**stand.path)
    for number in range(len(_places(stand.body))):
        for field in ("author_id", "stage", "is_admin", "confirmed_by", "__proto__"):
            body = json.loads(json.dumps(stand.body))
            _places(body)[number][field] = "closed"
            answer = answering.session(player).request(method, url, json=body, headers=headers)
            told = {fault["code"] for fault in answer.json().get("errors", ())}
            expected = {NAMED_BY_CODES.get((name, number), "unknown-field")}
            assert (answer.status_code, told) == (422, expected), (body, answer.text)


QUERIED = sorted(name for name, (_, method) in OPERATIONS.items() if method == "get")


@pytest.mark.abuse(10)
@pytest.mark.abuse(11)
@pytest.mark.parametrize("name", QUERIED)
def test_filters_and_order_are_taken_from_a_list(answering: Documented, name: str) -> None:
    path, method = OPERATIONS[name]
    stand = answering.do(answering.ground.make(name, cast.CITIZEN))
    path_values = {"kind": "consent", **stand.path}
    url, session = answering.ground.live.base + path.format(**path_values), answering.session(cast.CITIZEN)
    parameters = described()["paths"][path][method]["parameters"]
    needed = {
        each["name"]: "яма" for each in parameters if each.get("in") == "query" and each.get("required")
    }
    for unknown in ("sort", "order", "author", "author_id", "phone", "id[]", "category__like", "offset", "'"):
        answer = session.get(url, params={**needed, unknown: "1"})
        assert answer.status_code == 422, (unknown, answer.text)
        assert [fault["code"] for fault in answer.json()["errors"]] == ["unknown-parameter"]
    for known in [each["name"] for each in parameters if each.get("in") == "query"]:
        for attack in ATTACKS:
            answer = session.get(url, params={**needed, known: attack})
            assert answer.status_code in (200, 403, 422), (known, attack, answer.text)
            assert answer.headers["Content-Type"] in (PROBLEM, "application/json"), answer.headers
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            if answer.status_code == 200:
                assert answer.json()["items"] == [], (known, attack)
