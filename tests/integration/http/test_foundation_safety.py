"""Headers, other origins, forged requests, addresses, and who may read the metrics."""

from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from niktokromenas.adapters.http.addresses import CrossSite, client_address, require_same_origin
from niktokromenas.adapters.http.config import HttpConfig
from tests.integration.http.sample import sample_app
from tests.integration.http.test_foundation_requests import ME, Client, client, notes

__all__ = ["client", "notes"]
SITE = "https://nkn.example"


async def test_every_answer_carries_the_safety_headers(client: Client) -> None:
    for path in ("/api/v1/notes", "/nothing", "/api/v1/broken", "/health/live", "/api/docs/swagger-ui.css"):
        async with client.get(path) as answer:
            headers = answer.headers
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "geolocation=(self), camera=(self)" in headers["Permissions-Policy"]
            assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
            assert headers["Server"] == "niktokromenas"
            assert "Strict-Transport-Security" not in headers
    async with client.get("/api/v1/notes") as answer:
        assert answer.headers["Cache-Control"] == "no-store"


async def test_only_a_secure_site_promises_to_stay_secure() -> None:
    server = TestServer(sample_app(config=HttpConfig(base_url=SITE)))
    async with TestClient(server) as client, client.get("/api/v1/notes") as answer:
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("base_url", ["nkn.example", "ftp://nkn.example", "https://nkn.example/path", ""])
def test_a_base_url_is_a_site(base_url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        HttpConfig(base_url=base_url)


async def test_a_listed_origin_may_call_and_another_may_not() -> None:
    config = HttpConfig(allowed_origins=("https://app.example",), access_log=False)
    async with TestClient(TestServer(sample_app(config=config))) as client:
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
        async with client.options("/api/v1/notes/26-000001", headers=asked) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
            assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
            assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
        for origin in ("https://app.example.evil.test", "https://evil.test", "null"):
            async with client.get("/api/v1/notes", headers={"Origin": origin}) as answer:
                assert "Access-Control-Allow-Origin" not in answer.headers
                assert answer.headers["Vary"] == "Origin"


async def test_no_origin_is_ever_allowed_to_bring_cookies() -> None:
    server, asked = TestServer(sample_app(config=HttpConfig(allowed_origins=("*",)))), {"Origin": SITE}
    async with TestClient(server) as client, client.get("/api/v1/notes", headers=asked) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_without_a_setting_no_origin_is_allowed(client: Client) -> None:
    async with client.get("/api/v1/notes", headers={"Origin": "https://any.test"}) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


def a_request(method: str, **headers: str) -> Any:
    return make_mocked_request(method, "/", headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.abuse(27)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        {"Origin": "http://nkn.example"},
        {"Origin": "https://nkn.example:8443"},
        {"Origin": "https://nkn.example.evil.test"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Origin": SITE},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.test"},
    ],
)
def test_a_request_from_elsewhere_is_refused(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(CrossSite):
        require_same_origin(a_request(method, **headers), SITE)


@pytest.mark.abuse(27)
def test_a_request_from_our_own_pages_passes() -> None:
    require_same_origin(a_request("POST", Origin=SITE), SITE)
    require_same_origin(a_request("POST", Origin=SITE), SITE + ":443")
    require_same_origin(a_request("POST", Sec_Fetch_Site="same-origin"), SITE)
    require_same_origin(a_request("POST", Origin="http://[::1]:8080"), "http://[::1]:8080")
    require_same_origin(a_request("GET", Sec_Fetch_Site="cross-site", Origin="https://evil.test"), SITE)


class Wire:
    """As much of a transport as an address needs."""

    def __init__(self, peer: object) -> None:
        self.peer = peer

    def get_extra_info(self, name: str) -> object:
        return self.peer if name == "peername" else None


def from_peer(peer: object, forwarded: str | None = None) -> Any:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return make_mocked_request("GET", "/", headers=headers, transport=Wire(peer))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (("203.0.113.9", 5), "198.51.100.1", "203.0.113.9"),
        (("10.0.0.2", 5), None, "10.0.0.2"),
        (("10.0.0.2", 5), "198.51.100.1", "198.51.100.1"),
        (("10.0.0.2", 5), "1.1.1.1, 198.51.100.1, 10.0.0.3", "198.51.100.1"),
        (("10.0.0.2", 5), "1.1.1.1, rubbish", "10.0.0.2"),
        (("::ffff:10.0.0.2", 5, 0, 0), "2001:db8::1", "2001:db8::1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_only_trusted_proxies_are_believed(peer: object, forwarded: str | None, address: str) -> None:
    assert client_address(from_peer(peer, forwarded), (ip_network("10.0.0.0/8"),)) == address


async def test_metrics_count_by_route_and_are_shown_on_this_machine_only(client: Client) -> None:
    for number in ("26-000001", "26-000002"):
        async with client.get(f"/api/v1/notes/{number}", headers=ME):
            pass
    for n in range(3):
        async with client.get(f"/no/{n}"):
            pass
    async with client.get("/metrics") as answer:
        text = await answer.text()
    assert 'http_requests_total{method="GET",route="/api/v1/notes/{number}",status="200"} 2.0' in text
    assert 'http_requests_total{method="GET",route="",status="404"} 3.0' in text
    assert 'http_request_seconds_count{method="GET",route="/api/v1/notes/{number}"} 2.0' in text
    assert "26-000001" not in text
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        async with client.get("/metrics", headers={header: "127.0.0.1"}) as answer:
            assert answer.status == 404
