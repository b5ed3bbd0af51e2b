"""Through ESIA and back: browsers and apps (Положение, п. 1.3, 3 (4))."""

import base64
import hashlib
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from niktokromenas.adapters import cast
from niktokromenas.adapters.esia.emulator.people import SEEDED
from tests.integration.http.live import APP, Answered, Client, Live

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.clause("1.3-user")
@pytest.mark.abuse(25)
async def test_signing_in_makes_a_new_session_and_ends_the_one_before(live: Live) -> None:
    client = await live.sign_in(cast.CITIZEN.oid)
    first = {c.key: c.value for c in client.session.cookie_jar}["session"]
    begun = await client("GET", "/auth/esia/login")
    chosen = await client("POST", begun.headers["Location"], data={"oid": cast.CITIZEN.oid})
    await client("GET", chosen.headers["Location"])
    second = {c.key: c.value for c in client.session.cookie_jar}["session"]
    assert first != second
    old = live.browser()
    stolen = await old("GET", "/api/v1/me", headers={"Cookie": f"session={first}"})
    assert stolen.status == 401
    replayed = await client("GET", chosen.headers["Location"])
    assert replayed.status == 409


@pytest.mark.abuse(24)
@pytest.mark.parametrize(
    "return_to",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "\t//evil"],
)
async def test_nobody_is_sent_elsewhere_after_signing_in(live: Live, return_to: str) -> None:
    client = live.browser()
    begun = await client("GET", f"/auth/esia/login?return_to={quote(return_to)}")
    chosen = await client("POST", begun.headers["Location"], data={"oid": cast.CITIZEN.oid})
    back = await client("GET", chosen.headers["Location"])
    assert back.headers["Location"] == "/"


@pytest.mark.abuse(24, 25)
async def test_an_answer_to_another_browsers_attempt_is_refused(live: Live) -> None:
    mine, other = live.browser(), live.browser()
    begun = await mine("GET", "/auth/esia/login")
    chosen = await mine("POST", begun.headers["Location"], data={"oid": cast.CITIZEN.oid})
    stolen = await other("GET", chosen.headers["Location"])
    assert stolen.status == 403
    assert (await other("GET", "/api/v1/me")).status == 401


@pytest.mark.abuse(5)
async def test_only_confirmed_people_become_users(live: Live) -> None:
    refused = [p for p in SEEDED if p.level != "PR" or p.status.upper() != "REGISTERED"]
    assert refused
    for person in refused:
        client = live.browser()
        begun = await client("GET", "/auth/esia/login")
        chosen = await client("POST", begun.headers["Location"], data={"oid": person.oid})
        location = chosen.headers.get("Location")
        if location is not None:
            assert (await client("GET", location)).status == 403
        assert (await client("GET", "/api/v1/me")).status == 401


@pytest.mark.abuse(27)
async def test_another_site_cannot_act_with_the_cookie(live: Live) -> None:
    client = await live.as_(cast.CITIZEN.oid)
    forged = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await client("POST", "/api/v1/me/notices/read", headers=forged)).status == 403
    assert (await client("POST", "/auth/logout", headers=forged)).status == 403
    assert (await client("POST", "/api/v1/me/notices/read")).status == 200


async def test_sessions_are_listed_and_ended_one_by_one(live: Live) -> None:
    here, there = await live.sign_in(cast.CITIZEN.oid), await live.sign_in(cast.CITIZEN.oid)
    listed = (await here("GET", "/api/v1/me/sessions")).body["items"]
    other = next(item for item in listed if not item["is_this"])
    assert (await here("DELETE", f"/api/v1/me/sessions/{other['id']}")).status == 204
    assert (await there("GET", "/api/v1/me")).status == 401
    assert (await here("GET", "/api/v1/me")).status == 200
    stranger = await live.as_(cast.OTHER_CITIZEN.oid)
    mine = next(item for item in listed if item["is_this"])
    assert (await stranger("DELETE", f"/api/v1/me/sessions/{mine['id']}")).status == 404
    assert (await here("POST", "/auth/logout")).status == 303
    assert (await here("GET", "/api/v1/me")).status == 401


async def test_one_acts_for_the_organisation_esia_named(live: Live) -> None:
    client = await live.as_(cast.OTHER_CITIZEN.oid)
    (body,) = (await client("GET", "/api/v1/me")).body["organisations"]
    assert (await client("PUT", "/api/v1/me/organisation", {"oid": body["oid"]})).status == 204
    assert (await client("GET", "/api/v1/me")).body["organisation"] == body["short_name"]
    refused = await client("PUT", "/api/v1/me/organisation", {"oid": "42"})
    assert (refused.status, refused.body["code"]) == (403, "not-your-organisation")


def _login(**changes: str) -> str:
    query = {
        "client_id": APP.client_id,
        "redirect_uri": APP.redirect_uris[0],
        "response_type": "code",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "s1",
        **changes,
    }
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())


async def _code(live: Live, oid: str = cast.CITIZEN.oid) -> tuple[Client, str]:
    client = await live.sign_in(oid, _login())
    begun = await client("GET", f"/auth/esia/login?{_login()}")
    chosen = await client("POST", begun.headers["Location"], data={"oid": oid})
    back = await client("GET", chosen.headers["Location"])
    answer = parse_qs(urlsplit(back.headers["Location"]).query)
    assert answer["state"] == ["s1"]
    return client, answer["code"][0]


async def _token(client: Client, **form: str) -> Answered:
    return await client("POST", "/auth/token", data={"client_id": APP.client_id, **form})


async def _exchange(client: Client, code: str, **changes: str) -> Answered:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": APP.redirect_uris[0],
        "code_verifier": VERIFIER,
        **changes,
    }
    return await _token(client, **form)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "stranger"},
        {"redirect_uri": APP.redirect_uris[0] + "/more"},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
    ],
)
async def test_apps_come_only_as_they_are_registered(live: Live, changes: dict[str, str]) -> None:
    begun = await live.browser()("GET", f"/auth/esia/login?{_login(**changes)}")
    assert begun.status == 422


@pytest.mark.clause("3.4")
@pytest.mark.abuse(13, 37)
async def test_an_app_trades_its_code_once_and_a_spent_refresh_token_ends_the_family(live: Live) -> None:
    client, code = await _code(live)
    pair = await _exchange(client, code)
    assert pair.status == 200, pair.body
    assert (await _exchange(client, code)).body["error"] == "invalid_grant"
    bare = live.browser()
    bearer = {"Authorization": f"Bearer {pair.body['access_token']}"}
    assert (await bare("GET", "/api/v1/me", headers=bearer)).status == 200
    refresh = {"grant_type": "refresh_token", "refresh_token": pair.body["refresh_token"]}
    rotated = await _token(bare, **refresh)
    assert rotated.status == 200
    assert (await _token(bare, **refresh)).status == 400
    assert (await bare("GET", "/api/v1/me", headers=bearer)).status == 401
    newest = {"grant_type": "refresh_token", "refresh_token": rotated.body["refresh_token"]}
    assert (await _token(bare, **newest)).status == 400
    tampered = {"Authorization": bearer["Authorization"][:-4] + "AAAA"}
    assert (await bare("GET", "/api/v1/about", headers=tampered)).status == 401


async def test_a_code_needs_its_verifier(live: Live) -> None:
    client, code = await _code(live)
    wrong = await _exchange(client, code, code_verifier="w" * 64)
    assert (wrong.status, wrong.body["error"]) == (400, "invalid_grant")
