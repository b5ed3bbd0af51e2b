"""What signing in must never do, and what it must not need (ADR 0003, 0004, 0006, 0009)."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from dependency_injector import providers
from limits import RateLimitItemPerMinute

from niktokromenas.adapters import cast
from niktokromenas.adapters.http.auth import SessionCookie
from niktokromenas.adapters.http.pace import Pace
from niktokromenas.adapters.signatures.keys import KeysExposed, kept_keys
from tests.contract.stores import SettableClock
from tests.integration.http.live import APP, Client, Live, over
from tests.integration.http.test_signing_in import _code, _exchange, _login, _token


async def through(client: Client, query: str, **form: str) -> str:
    """Where the browser ends after ESIA, for one who answers the form so."""
    begun = await client("GET", f"/auth/esia/login?{query}")
    chosen = await client("POST", begun.headers["Location"], data=form)
    back = await client("GET", chosen.headers["Location"])
    assert back.status == 302, back.raw
    return str(back.headers["Location"])


def session_of(client: Client) -> str:
    return {c.key: c.value for c in client.session.cookie_jar}["session"]


@pytest.mark.abuse(25)
async def test_whoever_signs_in_next_in_a_browser_leaves_nobody_signed_in_behind(live: Live) -> None:
    client = await live.sign_in(cast.CITIZEN.oid)
    first = session_of(client)
    await through(client, "return_to=/", oid=cast.OTHER_CITIZEN.oid)
    stolen = await live.browser()("GET", "/api/v1/me", headers={"Cookie": f"session={first}"})
    assert stolen.status == 401


async def test_who_cancels_is_told_so_and_the_attempt_is_over(live: Live) -> None:
    client = live.browser()
    begun = await client("GET", "/auth/esia/login")
    cancelled = await client("POST", begun.headers["Location"], data={"cancel": "1"})
    told = await client("GET", cancelled.headers["Location"])
    assert (told.status, told.body["reason"]) == (403, "cancelled")
    assert (await client("GET", cancelled.headers["Location"])).status == 409


@pytest.mark.abuse(17)
@pytest.mark.parametrize(
    ("description", "status"),
    [("ESIA-007008: busy", 503), ("ESIA-007015: clock", 503), ("ESIA-007055: no", 403), ("<script>", 503)],
)
async def test_what_esia_answers_is_told_by_its_code_and_never_repeated(
    live: Live, description: str, status: int
) -> None:
    client = live.browser()
    begun = await client("GET", "/auth/esia/login")
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    params = {"error": "server_error", "error_description": description, "state": state}
    told = await client("GET", "/auth/esia/callback", params=params)
    assert told.status == status
    assert description.encode() not in told.raw


async def test_an_app_hears_that_its_person_cancelled(live: Live) -> None:
    location = await through(live.browser(), _login(), cancel="1")
    answer = parse_qs(urlsplit(location).query)
    assert location.startswith(APP.redirect_uris[0])
    assert answer == {"error": ["access_denied"], "state": ["s1"]}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded; charset=foo"}, b"grant_type=x"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"grant_type=%ff%fe"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"grant_type=\xff\xfe"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&a=2"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"&".join(b"a%d=1" % n for n in range(99))),
        (
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"client_id=stranger&grant_type=refresh_token",
        ),
    ],
)
async def test_garbage_at_the_token_address_gets_one_clear_answer(
    live: Live, headers: dict[str, str], body: bytes
) -> None:
    answer = await live.browser()("POST", "/auth/token", data=body, headers=headers)
    assert answer.status == 400
    assert answer.body["error"] in ("invalid_request", "invalid_client")
    flood = await live.browser()("POST", "/auth/token", data=b"a=" + b"x" * 20_000, headers=headers)
    assert flood.status == 413


@pytest.mark.abuse(13)
async def test_a_refresh_token_works_for_its_own_app_and_a_bearer_token_is_no_cookie(live: Live) -> None:
    client, code = await _code(live)
    pair = await _exchange(client, code)
    for client_id in ("stranger", ""):
        form = {"grant_type": "refresh_token", "refresh_token": pair.body["refresh_token"]}
        refused = await _token(live.browser(), **{**form, "client_id": client_id})
        assert refused.status == 400
    cookie = session_of(await live.as_(cast.CITIZEN.oid))
    session_id = cookie.partition(".")[0]
    for header in (f"Bearer {cookie}", f"Bearer {session_id}", f"Basic {pair.body['access_token']}"):
        assert (await live.browser()("GET", "/api/v1/me", headers={"Authorization": header})).status == 401


@pytest.mark.abuse(25)
async def test_old_codes_and_old_attempts_open_nothing(tmp_path: Path) -> None:
    clock = SettableClock()
    async with over("sqlite", tmp_path, clock=providers.Object(clock)) as live:
        client, code = await _code(live)
        clock.forward(seconds=61)
        assert (await _exchange(client, code)).body["error"] == "invalid_grant"
        browser = live.browser()
        begun = await browser("GET", "/auth/esia/login")
        chosen = await browser("POST", begun.headers["Location"], data={"oid": cast.CITIZEN.oid})
        clock.forward(minutes=11)
        assert (await browser("GET", chosen.headers["Location"])).status == 403


async def test_sessions_end_by_themselves(tmp_path: Path) -> None:
    clock = SettableClock()
    async with over("sqlite", tmp_path, clock=providers.Object(clock)) as live:
        browser = await live.sign_in(cast.CITIZEN.oid)
        client, code = await _code(live)
        pair = await _exchange(client, code)
        bearer = {"Authorization": f"Bearer {pair.body['access_token']}"}
        bare = live.browser()
        clock.forward(minutes=9, seconds=59)
        assert (await bare("GET", "/api/v1/me", headers=bearer)).status == 200
        clock.forward(seconds=2)
        assert (await bare("GET", "/api/v1/me", headers=bearer)).status == 401
        clock.forward(hours=11, minutes=49)
        assert (await browser("GET", "/api/v1/me")).status == 200
        clock.forward(minutes=2)
        assert (await browser("GET", "/api/v1/me")).status == 401
        refresh = {"grant_type": "refresh_token", "refresh_token": pair.body["refresh_token"]}
        clock.forward(days=61)
        assert (await _token(bare, **refresh)).body["error"] == "invalid_grant"


async def test_an_app_taken_out_of_the_settings_has_no_access_from_that_moment(live: Live) -> None:
    client, code = await _code(live)
    pair = await _exchange(client, code)
    bearer = {"Authorization": f"Bearer {pair.body['access_token']}"}
    authenticator = live.container.authenticator()
    clients = authenticator.clients
    assert (await live.browser()("GET", "/api/v1/me", headers=bearer)).status == 200
    object.__setattr__(authenticator, "clients", ())
    try:
        assert (await live.browser()("GET", "/api/v1/me", headers=bearer)).status == 401
    finally:
        object.__setattr__(authenticator, "clients", clients)


async def invited(live: Live) -> tuple[str, str]:
    """The id of a proposed grant and the link's secret."""
    technical = await live.as_(cast.TECHNICAL.oid)
    body = {
        "role": "official",
        "body": cast.CITY,
        "legal_act": {"title": "Приказ", "number": "7", "date": "2026-01-10"},
        "valid_from": "2026-01-11",
    }
    made = await technical("POST", "/api/v1/grants", body)
    assert made.status == 201, made.body
    assert made.headers["Location"] == f"/api/v1/grants/{made.body['id']}"
    return made.body["id"], parse_qs(urlsplit(made.body["invitation"]).query)["invitation"][0]


@pytest.mark.clause("5.1")
@pytest.mark.abuse(14, 25)
async def test_an_invitation_is_claimed_once_and_shown_to_the_confirmer(live: Live) -> None:
    grant_id, secret = await invited(live)
    operator = await live.as_(cast.OPERATORS[0].oid)
    early = await operator("GET", f"/api/v1/grants/{grant_id}")
    assert (early.body["grantee_oid"], early.body["is_invitation"]) == (None, True)
    refused = await operator("POST", f"/api/v1/grants/{grant_id}/confirm", headers={"If-Match": early.etag})
    assert (refused.status, refused.body["code"]) == (409, "invitation-unclaimed")
    claimant = live.browser()
    assert await through(claimant, f"invitation={secret}", oid=cast.OTHER_CITIZEN.oid) == "/"
    late = live.browser()
    assert await through(late, f"invitation={secret}", oid=cast.CITIZEN.oid) == "/?invitation=refused"
    assert (await late("GET", "/api/v1/me")).status == 200
    seen = await operator("GET", f"/api/v1/grants/{grant_id}")
    assert (seen.body["grantee_oid"], seen.body["grantee"]) == (
        cast.OTHER_CITIZEN.oid,
        str(cast.OTHER_CITIZEN.name),
    )
    assert secret not in seen.raw.decode()
    confirmed = await operator("POST", f"/api/v1/grants/{grant_id}/confirm", headers={"If-Match": seen.etag})
    assert (confirmed.status, confirmed.body["stage"]) == (200, "confirmed")
    assert "official" in (await claimant("GET", "/api/v1/me")).body["roles"]
    ended = await operator(
        "POST", f"/api/v1/grants/{grant_id}/end", {"reason": "Уволен"}, headers={"If-Match": confirmed.etag}
    )
    assert ended.status == 200
    assert "official" not in (await claimant("GET", "/api/v1/me")).body["roles"]


async def test_an_invitation_of_ones_own_or_of_nobody_keeps_nobody_out(live: Live) -> None:
    _, secret = await invited(live)
    for oid, token in ((cast.TECHNICAL.oid, secret), (cast.CITIZEN.oid, "made-up")):
        client = live.browser()
        assert await through(client, f"invitation={token}", oid=oid) == "/?invitation=refused"
        assert (await client("GET", "/api/v1/me")).status == 200
        page = await client("GET", "/?invitation=refused", headers={"Accept": "text/html"})
        assert "приглашение не принято" in page.raw.decode()


@pytest.mark.clause("6.1-nondisclosure")
async def test_contacts_are_kept_only_after_the_consent(live: Live) -> None:
    from niktokromenas.adapters.esia.emulator.people import SEEDED

    person = next(p for p in SEEDED if p.level == "PR" and p.status == "REGISTERED" and p.email)
    client = live.browser()
    await through(client, "return_to=/", oid=person.oid)
    me = (await client("GET", "/api/v1/me")).body
    assert (me["consent_given"], me["facts"]) == (False, [])
    sent = await client("POST", "/api/v1/messages", {"text": "Яма", "confirms_public": True})
    assert (sent.status, sent.body["code"]) == (409, "consent-required")
    wrong = await client("POST", "/api/v1/me/consents", {"version": "1999-01"})
    assert (wrong.status, wrong.body["version"]) == (422, me["consent_version"])
    assert (await client("GET", "/auth/esia/login?consent=1999-01")).status == 422
    await through(client, f"consent={me['consent_version']}", oid=person.oid)
    again = (await client("GET", "/api/v1/me")).body
    assert again["consent_given"]
    assert {fact["kind"] for fact in again["facts"]} >= {"name", "email"}


async def test_an_address_that_begins_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    pace = providers.Object(Pace(most=RateLimitItemPerMinute(3)))
    async with over("sqlite", tmp_path, pace=pace) as live:
        client = live.browser()
        answers = [await client("GET", "/auth/esia/login") for _ in range(4)]
        assert [a.status for a in answers] == [302, 302, 302, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
        assert answers[-1].body["code"] == "too-many-requests"


async def test_a_chosen_grant_must_be_ones_own_and_live(live: Live) -> None:
    official = await live.as_(cast.CITY_OFFICIAL.oid)
    (mine,) = (await official("GET", "/api/v1/me/grants")).body["items"]
    assert (await official("GET", "/api/v1/office", headers={"Acting-Grant": mine["id"]})).status == 200
    foreign = (await (await live.as_(cast.ROAD_OFFICIAL.oid))("GET", "/api/v1/me/grants")).body["items"][0]
    for chosen in (foreign["id"], "0192aaaa-0000-7000-8000-000000000000"):
        refused = await official("GET", "/api/v1/office", headers={"Acting-Grant": chosen})
        assert (refused.status, refused.body["code"]) == (403, "role-required")
    assert (await official("GET", "/api/v1/office", headers={"Acting-Grant": "nonsense"})).status == 400
    assert (await official("PUT", "/api/v1/me/grant", {"grant": foreign["id"]})).status == 403
    assert (await official("PUT", "/api/v1/me/grant", {"grant": mine["id"]})).status == 204
    assert (await official("GET", "/api/v1/me")).body["acting_grant"] == mine["id"]


@pytest.mark.abuse(25)
def test_the_cookie_of_a_real_installation_is_bound_to_its_host() -> None:
    from uuid import uuid4

    from aiohttp import web

    response = web.Response()
    cookie = SessionCookie(is_https=True)
    cookie.write(response, uuid4(), "s" * 43, 3600)  # type: ignore[arg-type]
    written = response.cookies["__Host-session"]
    assert (written["secure"], written["httponly"], written["samesite"], written["path"]) == (
        True,
        True,
        "Lax",
        "/",
    )
    assert not written["domain"]


@pytest.mark.abuse(40)
def test_keys_that_others_can_read_are_not_used(tmp_path: Path) -> None:
    kept_keys(tmp_path)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    (tmp_path / "tokens.pem").chmod(0o644)
    with pytest.raises(KeysExposed):
        kept_keys(tmp_path)


@pytest.mark.clause("6.1-nondisclosure")
async def test_a_birth_date_is_asked_for_only_with_a_consent_of_its_own(live: Live) -> None:
    from niktokromenas.adapters.esia.emulator.people import SEEDED

    person = next(p for p in SEEDED if p.level == "PR" and p.status == "REGISTERED" and p.birth_date)
    client, guest = live.browser(), await live.guest()
    about = (await guest("GET", "/api/v1/about")).body
    both = about["consent_version"], about["birth_consent_version"]
    assert (await client("GET", f"/auth/esia/login?birth_consent={both[0]}")).status == 422

    async def kinds(query: str) -> set[str]:
        await through(client, query, oid=person.oid)
        return {fact["kind"] for fact in (await client("GET", "/api/v1/me")).body["facts"]}

    assert await kinds(f"birth_consent={both[1]}") == set()  # the one does not stand for the other
    without = await kinds(f"consent={both[0]}")
    assert without >= {"name"}
    assert "born" not in without
    assert "born" in await kinds(f"birth_consent={both[1]}")
    assert "born" in await kinds("return_to=/")


@pytest.mark.clause("6.1-nondisclosure")
async def test_a_withdrawn_consent_to_the_birth_date_forgets_it_at_once(live: Live) -> None:
    client, guest = live.browser(), await live.guest()
    about = (await guest("GET", "/api/v1/about")).body
    query = f"consent={about['consent_version']}&birth_consent={about['birth_consent_version']}"

    async def birth() -> tuple[bool, list[bool]]:
        """Whether the date is held; of the consents to it, in their order, whether each was withdrawn."""
        me = (await client("GET", "/api/v1/me")).body
        given = [c for c in me["consents"] if c["kind"] == "birth-date-consent"]
        assert all(c["version"] == about["birth_consent_version"] for c in given)
        return "born" in {f["kind"] for f in me["facts"]}, [c["withdrawn_at"] is not None for c in given]

    await through(client, query, oid=cast.OTHER_CITIZEN.oid)
    assert await birth() == (True, [False])
    late = live.browser()
    begun = await late("GET", f"/auth/esia/login?{query}")
    for _ in range(2):  # a repeat changes nothing
        assert (await client("DELETE", "/api/v1/me/consents/birth-date")).status == 204
        assert await birth() == (False, [True])
    entries = await live.container.audit_register().entries(None, 100)
    withdrawn = [
        (entry.object_kind, entry.object_id) for entry in entries if entry.action == "consent.withdraw"
    ]
    assert withdrawn == [("consent", "birth-date-consent")]
    chosen = await late("POST", begun.headers["Location"], data={"oid": cast.OTHER_CITIZEN.oid})
    assert (await late("GET", chosen.headers["Location"])).status == 302
    assert await birth() == (False, [True])  # a sign-in begun before the withdrawal gives nothing back
    await through(client, "return_to=/", oid=cast.OTHER_CITIZEN.oid)
    assert await birth() == (False, [True])
    assert (await client("GET", "/api/v1/me")).body["consent_given"]
    await through(client, query, oid=cast.OTHER_CITIZEN.oid)
    assert await birth() == (True, [True, False])
