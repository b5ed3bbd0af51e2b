"""Whatever the provider does wrong, nobody gets in and nothing leaks."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from attrs import evolve, field, frozen
from structlog.testing import capture_logs

from niktokromenas.adapters.esia.backchannel import BackChannel
from niktokromenas.adapters.esia.config import RS256, EsiaConfig
from niktokromenas.adapters.esia.oauth import OAuthRequests
from niktokromenas.adapters.esia.profile import verified_email
from niktokromenas.adapters.esia.rest import PersonResources
from niktokromenas.adapters.esia.tokens import JoseTokenVerifier
from niktokromenas.ports.identity import Attempt, IdentityRefused, IdentityUnavailable
from niktokromenas.ports.signatures import SigningFailed
from tests.integration.esia.support import CALLBACK, CLIENT, HOME, HandClock, Setting, Stand, standing

ANNA = "1000000001"

REFUSALS: list[tuple[dict[str, object], str]] = [
    ({"wrong_state": True}, "bad-answer"),
    ({"expired_code": True}, "expired"),
    ({"replayed_code": True}, "expired"),
    ({"clock_skew": 120}, "bad-answer"),
    ({"clock_skew": -120}, "bad-answer"),
    ({"tampered_token": True}, "bad-answer"),
    ({"algorithm": "none"}, "bad-answer"),
    ({"algorithm": "HS256"}, "bad-answer"),
    ({"foreign_audience": True}, "bad-answer"),
    ({"other_subject": True}, "bad-answer"),
    ({"retired_key": True}, "bad-answer"),
    ({"demoted": True}, "not-confirmed"),
    ({"foreign_links": True}, "bad-answer"),
    ({"rest_status": 401}, "expired"),
    ({"rest_status": 403}, "bad-answer"),
]


def leaks(stand: Stand, error: BaseException, logs: object) -> list[str]:
    told = "".join(traceback.format_exception(error)) + repr(logs) + repr(stand.gateway)
    secrets = [*stand.emulator.imitation.accesses, "eyJ"]
    return [secret for secret in secrets if secret in told]


@pytest.mark.parametrize(("switches", "reason"), REFUSALS, ids=lambda value: str(value))
async def test_a_wrong_answer_is_refused_and_leaks_nothing(
    stand: Stand, switches: dict[str, object], reason: str
) -> None:
    stand.emulator.faults.set(switches)
    with capture_logs() as logs, pytest.raises(IdentityRefused) as refusal:
        await stand.identify(ANNA)
    assert refusal.value.members == {"reason": reason}
    assert leaks(stand, refusal.value, logs) == []
    assert all(url.startswith(stand.emulator.base_url + "/") for url in stand.visited)
    stand.emulator.faults.clear()
    assert (await stand.identify(ANNA)).subject.oid == ANNA


@pytest.mark.parametrize("switches", [{"slow": 5}, {"broken": True}], ids=str)
async def test_a_provider_that_does_not_answer_is_unavailable(
    keys: Path, switches: dict[str, object]
) -> None:
    async with standing(keys, Setting(gateway={"timeout": 0.3})) as stand:
        stand.emulator.faults.set(switches)
        with pytest.raises(IdentityUnavailable):
            await stand.identify(ANNA)


async def test_a_provider_that_is_not_there_is_unavailable(keys: Path) -> None:
    async with standing(keys) as stand:
        attempt = stand.attempt()
        answer = await stand.choose(ANNA, attempt)
        await stand.emulator.close()
        with pytest.raises(IdentityUnavailable):
            await stand.gateway.identify(answer["code"], attempt)


async def test_a_person_who_cancels_comes_back_without_a_code(stand: Stand) -> None:
    stand.emulator.faults.cancel = True
    attempt = stand.attempt()
    answer = await stand.choose(ANNA, attempt)
    assert answer["error"] == "access_denied"
    assert answer["error_description"].startswith("ESIA-007004")
    assert answer["state"] == attempt.state
    assert "code" not in answer


async def test_a_clock_far_off_is_told_at_the_sign_in_page(stand: Stand) -> None:
    stand.emulator.faults.clock_skew = 3600
    answer = await stand.choose(ANNA, stand.attempt())
    assert answer["error_description"].startswith("ESIA-007015")


async def test_a_retired_key_is_refused_even_while_its_certificate_is_still_listed(keys: Path) -> None:
    async with standing(keys) as first:
        retired, current = first.emulator.retired_certificate, first.emulator.certificates[0]
        first.emulator.faults.retired_key = True
        config = evolve(first.gateway.config, trusted_certificates=(retired, current))
        verifier = JoseTokenVerifier(config, first.clock)
        gateway = evolve(first.gateway, config=config, verifier=verifier)
        attempt = first.attempt()
        answer = await first.choose(ANNA, attempt)
        with pytest.raises(IdentityRefused):
            await gateway.identify(answer["code"], attempt)
        first.emulator.faults.clear()
        attempt = first.attempt()
        answer = await first.choose(ANNA, attempt)
        assert (await gateway.identify(answer["code"], attempt)).subject.oid == ANNA


@pytest.mark.abuse(25)
async def test_a_code_serves_once(stand: Stand) -> None:
    attempt = stand.attempt()
    answer = await stand.choose(ANNA, attempt)
    await stand.gateway.identify(answer["code"], attempt)
    with pytest.raises(IdentityRefused) as refusal:
        await stand.gateway.identify(answer["code"], attempt)
    assert refusal.value.members == {"reason": "expired"}


@pytest.mark.abuse(25)
async def test_a_code_of_another_attempt_is_refused(stand: Stand) -> None:
    mine, theirs = stand.attempt(), stand.attempt()
    answer = await stand.choose(ANNA, theirs)
    with pytest.raises(IdentityRefused) as refusal:
        await stand.gateway.identify(answer["code"], mine)
    assert refusal.value.members == {"reason": "bad-answer"}


async def test_two_people_at_once_do_not_mix(stand: Stand) -> None:
    oids = [str(1_000_000_006 + n) for n in range(8)]
    found = await asyncio.gather(*map(stand.identify, oids))
    assert [identity.subject.oid for identity in found] == oids
    assert len({identity.esia_session for identity in found}) == len(oids)


async def test_an_old_sign_in_at_the_provider_counts_only_if_configured(keys: Path) -> None:
    async with standing(keys, Setting(gateway={"login_age": 600})) as stand:
        stand.emulator.faults.clock_skew = -240
        late = evolve(stand.gateway.config, login_age=0)
        attempt = stand.attempt()
        answer = await stand.choose(ANNA, attempt)
        identity = await stand.gateway.identify(answer["code"], attempt)
        assert identity.authenticated_at == stand.clock.now() - timedelta(seconds=240)
        attempt = stand.attempt()
        answer = await stand.choose(ANNA, attempt)
        with pytest.raises(IdentityRefused):
            await evolve(stand.gateway, config=late).identify(answer["code"], attempt)


@pytest.mark.parametrize("code", ["", "x" * 4097])
async def test_a_code_no_provider_would_give_is_not_even_sent(stand: Stand, code: str) -> None:
    with pytest.raises(IdentityRefused):
        await stand.gateway.identify(code, stand.attempt())
    assert stand.visited == []


async def test_a_signer_that_fails_makes_sign_in_unavailable(stand: Stand) -> None:
    class Broken:
        certificate_hash = "00"

        async def sign(self, message: bytes) -> bytes:
            raise SigningFailed("no signer")

    gateway = evolve(stand.gateway, signer=Broken())
    with pytest.raises(IdentityUnavailable):
        await gateway.authorisation_url(stand.attempt())
    with pytest.raises(IdentityUnavailable):
        await gateway.identify("code", stand.attempt())


def test_logout_goes_to_the_registered_address_under_its_own_name(stand: Stand) -> None:
    address, _, query = stand.gateway.logout_url().partition("?")
    assert address == f"{stand.emulator.base_url}/idp/ext/Logout"
    assert parse_qs(query) == {"client_id": [CLIENT], "redirect_url": [HOME]}


Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def provider(handle: Handle) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _json(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="application/json")


CANCELLED = '{"error_description": "ESIA-007004: refused"}'
ANSWERS = {
    "refusal-called-html": web.Response(text=CANCELLED, content_type="text/html", status=400),
    "refusal-of-a-broken-server": _json(CANCELLED, 503),
    "refusal-as-a-redirect": _json(CANCELLED, 307),
    "html-with-200": web.Response(text="<html>", content_type="text/html"),
    "nothing": web.Response(),
    "not-json": _json("{"),
    "not-an-object": _json("[]"),
    "not-utf8": web.Response(body=b'{"state": "\xff"}', content_type="application/json"),
    "endless-nesting": _json("[" * 200_000),
    "too-long": _json('{"a": "' + "x" * 300_000 + '"}'),
    "redirect": web.Response(status=302, headers={"Location": "/elsewhere"}, content_type="application/json"),
    "400-without-code": _json("{}", 400),
    "400-our-clock": _json('{"error_description": "ESIA-007015: bad time"}', 400),
    "400-overloaded": _json('{"error_description": "ESIA-007008: overloaded"}', 400),
}


@pytest.mark.abuse(28)
@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_that_says_nothing_about_the_person_is_unavailable(stand: Stand, name: str) -> None:
    asked = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        original = ANSWERS[name]
        return web.Response(body=original.body, status=original.status, headers=original.headers.copy())

    async with provider(answer) as address:
        config = evolve(stand.gateway.config, base_url=address)
        with pytest.raises(IdentityUnavailable) as refusal:
            await evolve(stand.gateway, config=config).identify("code", stand.attempt())
    assert asked == ["/aas/oauth2/v3/te"]
    assert "overloaded" not in str(refusal.value)


@pytest.mark.parametrize(
    ("code", "reason"),
    [("007004", "cancelled"), ("007011", "expired"), ("007040", "bad-answer"), ("007055", "not-confirmed")],
)
async def test_codes_about_the_person_become_reasons_and_their_text_is_not_shown(
    stand: Stand, code: str, reason: str
) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        described = f"ESIA-{code}: <script>alert(1)</script>"
        return web.json_response({"error": "x", "error_description": described}, status=400)

    async with provider(answer) as address:
        config = evolve(stand.gateway.config, base_url=address)
        with pytest.raises(IdentityRefused) as refusal:
            await evolve(stand.gateway, config=config).identify("code", stand.attempt())
    assert refusal.value.members == {"reason": reason}
    assert "script" not in refusal.value.detail


@pytest.mark.abuse(28)
@pytest.mark.parametrize(
    "link",
    [
        "http://169.254.169.254/rs/prns/1/ctts/1",
        "{base}.evil.example/rs/prns/1000000001/ctts/1",
        "{base}@evil.example/rs/prns/1000000001/ctts/1",
        "{base}/rs/prns/1000000002/ctts/1",
        "{base}/rs/prns/1000000001/ctts/../../1000000002",
        "{base}/rs/prns/1000000001/ctts/1?x=1",
        "file:///etc/passwd",
    ],
)
async def test_a_link_in_a_collection_is_never_followed_as_given(stand: Stand, link: str) -> None:
    with pytest.raises(IdentityRefused):
        await identify_with_contacts(stand, [link])
    assert all("ctts/" not in url for url in stand.visited)


async def test_a_link_to_the_persons_own_element_is_built_anew(stand: Stand) -> None:
    contacts = {"type": "EML", "vrfStu": "VERIFIED", "value": "own@example.ru"}
    email = await identify_with_contacts(stand, ["{base}/rs/prns/1000000001/ctts/7"], {"7": contacts})
    assert email == "own@example.ru"


async def test_more_links_than_any_person_needs_are_refused(stand: Stand) -> None:
    links = [f"{{base}}/rs/prns/1000000001/ctts/{n}" for n in range(30)]
    elements = {str(n): {"type": "OTHER"} for n in range(30)}
    with pytest.raises(IdentityRefused):
        await identify_with_contacts(stand, links, elements)


async def identify_with_contacts(
    stand: Stand, links: list[str], elements: dict[str, dict[str, str]] | None = None
) -> str | None:
    """Sign in while REST is another server, whose contacts are `links` (`{base}` is its address)."""
    bases: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        name = request.path.rpartition("/")[2]
        if name == "ctts":
            return web.json_response({"elements": [link.replace("{base}", bases[0]) for link in links]})
        return web.json_response((elements or {})[name])

    async with provider(answer) as base:
        bases.append(base)
        channel = BackChannel(evolve(stand.gateway.config, base_url=base), stand.gateway.session)
        return verified_email(await PersonResources(channel, ANNA, "token").elements("ctts"))


@frozen
class Recording:
    certificate_hash: str = "AB" * 32
    messages: list[bytes] = field(factory=list)

    async def sign(self, message: bytes) -> bytes:
        self.messages.append(message)
        return b"\xff" * 64


def test_the_signed_string_is_that_of_the_worked_example() -> None:
    """Reference: esia.md, section 12."""
    clock = HandClock(datetime(2026, 3, 5, 7, 15, tzinfo=UTC))
    config = EsiaConfig(
        base_url="https://esia-portal1.test.gosuslugi.ru",
        issuer="http://esia-portal1.test.gosuslugi.ru/",
        client_id=CLIENT,
        redirect_uri=CALLBACK,
        logout_redirect_uri=HOME,
        algorithm=RS256,
        trusted_certificates=(b"-",),
    )
    signer = Recording()
    state = "6f1c2a54-0f0e-4b7b-9a55-3c1f6f0a7d21"
    requests = OAuthRequests(config, signer, clock, lambda: "second-state")
    attempt = Attempt(state=state, code_verifier="v" * 43, began_at=clock.now())
    fields = asyncio.run(requests.authorisation(attempt))
    asyncio.run(requests.token("the-code", attempt))
    scope, moment = "openid fullname email mobile addresses usr_org", "2026.03.05 10:15:00 +0300"
    assert signer.messages == [
        f"{CLIENT}{scope}{moment}{state}{CALLBACK}".encode(),
        f"{CLIENT}{scope}{moment}second-state{CALLBACK}the-code".encode(),
    ]
    assert fields["client_secret"] == "_" * 85 + "w"
    assert fields["timestamp"] == moment


@pytest.mark.abuse(28)
@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://esia.gosuslugi.ru"},
        {"base_url": "https://esia.gosuslugi.ru/aas"},
        {"base_url": "https://user@esia.gosuslugi.ru"},
        {"base_url": "file:///etc"},
        {"base_url": "//esia.gosuslugi.ru"},
        {"redirect_uri": "/auth/esia/callback"},
        {"logout_redirect_uri": "javascript:alert(1)"},
        {"scopes": ("fullname",)},
        {"scopes": ("openid", "fullname email")},
        {"algorithm": "HS256"},
        {"trusted_certificates": ()},
        {"timeout": 0},
    ],
    ids=str,
)
def test_a_setting_that_would_be_unsafe_stops_the_start(stand: Stand, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        evolve(stand.gateway.config, **wrong)
