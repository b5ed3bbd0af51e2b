"""Signing in, staying in, being put out, and acting from elsewhere (abuse cases 24, 25, 26, 27, 37)."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import aiohttp
import pytest
import pytest_asyncio
from attrs import define, field

from niktokromenas.adapters import cast
from niktokromenas.adapters.platform import application, endpoints_of
from niktokromenas.domain.notices import NoticeKind
from tests.integration.http.asking import a_ground, rows, who_may
from tests.integration.http.documented import OPERATIONS
from tests.integration.http.ground import Ground
from tests.integration.http.live import Client, Live
from tests.integration.http.test_sign_in_rules import invited, through
from tests.integration.http.test_signing_in import _code, _exchange, _token

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ground]:
    async with a_ground(request.param, tmp_path_factory.mktemp("sessions")) as found:
        yield found


ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%0d%0aLocation: //evil.example".replace("%0d%0a", "\r\n"),
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "@evil.example",
    ".evil.example",
    "evil.example",
    "/a\u2028b",
    "/\uff0fevil.example",
    "/" + "a" * 5000,
)


@pytest.mark.abuse(24)
@pytest.mark.parametrize("return_to", ELSEWHERE)
async def test_signing_in_leads_back_here_whatever_the_link_asked_for(ground: Ground, return_to: str) -> None:
    """The way there leads to ESIA alone, the way back to our own start page."""
    client = ground.live.browser()
    begun = await client("GET", f"/auth/esia/login?return_to={quote(return_to)}&state=x&redirect_uri=//evil")
    assert "evil" not in begun.headers["Location"]
    esia = urlsplit(begun.headers["Location"])
    assert (esia.scheme, esia.hostname) == ("http", "127.0.0.1")
    chosen = await client("POST", begun.headers["Location"], data={"oid": cast.CITIZEN.oid})
    back = await client("GET", chosen.headers["Location"])
    assert (back.status, back.headers["Location"]) == (302, "/")
    assert "Refresh" not in back.headers


@pytest.mark.abuse(24)
async def test_what_is_within_the_platform_is_come_back_to(ground: Ground) -> None:
    """So that the rule above is no rule that everything leads to the start page."""
    inside = "/m/26-000001?a=b#c"
    client = ground.live.browser()
    assert await through(client, f"return_to={quote(inside, safe='')}", oid=cast.CITIZEN.oid) == inside


UNSAFE = sorted(name for name, (_, method) in OPERATIONS.items() if method not in ("get", "head"))
FORGED: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "", "Sec-Fetch-Site": "same-site"},
)


@pytest.mark.abuse(27)
@pytest.mark.parametrize("name", UNSAFE)
async def test_another_site_acts_with_nobodys_cookie_whatever_the_address(ground: Ground, name: str) -> None:
    """With all a form could send and all a script could know: only where it comes from is wrong."""
    await ground.nobody_blocked()
    player, (path, method) = who_may(name), OPERATIONS[name]
    client, stand = await ground.live.as_(player.oid), await ground.make(name, player)
    version = {"If-Match": f'"{stand.version}"'}
    before = await rows(ground.live)
    for forged in FORGED:
        if name == "uploadAttachment":
            form = aiohttp.FormData()
            form.add_field("file", stand.body["file"], filename="a.jpg")
            refused = await client(method.upper(), path, data=form, headers={**version, **forged})
        else:
            headers = {**version, **forged}
            refused = await client(method.upper(), path.format(**stand.path), stand.body, headers=headers)
        assert (refused.status, refused.body["code"]) == (403, "cross-site"), forged
    assert await rows(ground.live) == before


async def test_every_address_that_changes_something_stands_among_these(ground: Ground) -> None:
    """Beside the documented: signing out, which looks where it is asked from, and two without a cookie."""
    live = ground.live
    documented = {(e.method, e.path.replace("{number:", "{number")) for e in endpoints_of(live.container)}
    others = {
        (route.method, route.resource.canonical)
        for route in application(live.container).router.routes()
        if route.method not in ("GET", "HEAD", "OPTIONS") and route.resource is not None
    }
    known = {path for _, path in documented}
    assert {each for each in others if each[1] not in known} == {
        ("POST", "/auth/logout"),
        ("POST", "/auth/token"),
        ("POST", "/unsubscribe/{token}"),
    }


OFFICE = "/api/v1/office"


@define(eq=False)
class WaysIn:
    """What an official had before their power ended."""

    live: Live
    browser: Client
    other_browser: Client
    bearer: dict[str, str]
    refresh: str
    grant: str
    kept: dict[str, Any] = field(factory=dict)

    async def statuses(self) -> dict[str, int]:
        bare = self.live.browser()
        fresh = await self.live.sign_in(cast.OTHER_CITIZEN.oid)
        pair = await _token(bare, grant_type="refresh_token", refresh_token=self.refresh)
        renewed = {"Authorization": f"Bearer {pair.body.get('access_token')}"}
        named = {"Acting-Grant": self.grant}
        return {
            "the browser": (await self.browser("GET", OFFICE)).status,
            "the browser, naming the grant": (await self.browser("GET", OFFICE, headers=named)).status,
            "another browser": (await self.other_browser("GET", OFFICE)).status,
            "an app": (await bare("GET", OFFICE, headers=self.bearer)).status,
            "an app, naming the grant": (await bare("GET", OFFICE, headers={**self.bearer, **named})).status,
            "an app that renewed its token": (await bare("GET", OFFICE, headers=renewed)).status,
            "signing in anew": (await fresh("GET", OFFICE)).status,
            "choosing the grant": (await fresh("PUT", "/api/v1/me/grant", {"grant": self.grant})).status,
            "a file": (await fresh("GET", "/api/v1/office/export.csv?list=inbox")).status,
        }


async def given(live: Live, oid: str) -> dict[str, Any]:
    """A power of an official, confirmed by a second person."""
    technical, operator = await live.as_(cast.TECHNICAL.oid), await live.as_(cast.OPERATORS[0].oid)
    act = {"title": "Приказ", "number": "7", "date": "2026-01-12"}
    terms = {"role": "official", "body": cast.ROADS, "legal_act": act, "valid_from": "2026-01-12", "oid": oid}
    proposed = await technical("POST", "/api/v1/grants", terms)
    path, version = f"/api/v1/grants/{proposed.body['id']}/confirm", {"If-Match": proposed.etag}
    confirmed = await operator("POST", path, headers=version)
    assert confirmed.status == 200, confirmed.body
    return dict(confirmed.body)


@pytest.mark.clause("5.4")
@pytest.mark.abuse(26)
async def test_whose_power_ended_gets_in_no_way_at_all(ground: Ground) -> None:
    live, oid = ground.live, cast.OTHER_CITIZEN.oid
    browser, other = await live.sign_in(oid), await live.sign_in(oid)
    grant = await given(live, oid)
    assert (await browser("PUT", "/api/v1/me/grant", {"grant": grant["id"]})).status == 204
    client, code = await _code(live, oid)
    pair = (await _exchange(client, code)).body
    bearer = {"Authorization": f"Bearer {pair['access_token']}"}
    assert (await live.browser()("GET", OFFICE, headers=bearer)).status == 200
    ways = WaysIn(live, browser, other, bearer, pair["refresh_token"], grant["id"])
    operator = await live.as_(cast.OPERATORS[0].oid)
    path = f"/api/v1/grants/{grant['id']}"
    version = {"If-Match": (await operator("GET", path)).etag}
    assert (await operator("POST", f"{path}/end", {"reason": "Уволен"}, headers=version)).status == 200
    statuses = await ways.statuses()
    assert statuses == dict.fromkeys(statuses, 403)
    me = (await browser("GET", "/api/v1/me")).body
    assert "official" not in me["roles"]


@pytest.mark.abuse(25)
async def test_an_invitation_that_waited_too_long_gives_nothing(ground: Ground) -> None:
    _, secret = await invited(ground.live)
    now = ground.clock.now()
    try:
        ground.clock.forward(days=14)
        client = ground.live.browser()
        late = await through(client, f"invitation={secret}", oid=cast.OTHER_CITIZEN.oid)
        assert late == "/?invitation=refused"
        assert (await client("GET", "/api/v1/me")).body["roles"] == ["user"]
    finally:
        ground.clock.at = now


@pytest.mark.abuse(37)
async def test_a_link_under_a_letter_switches_off_one_kind_of_one_person_and_opens_nothing(
    ground: Ground,
) -> None:
    """It has no account and no end, for an old letter must be stoppable; so it can do no more than that."""
    live = ground.live
    person, other = await live.as_(cast.CITIZEN.oid), await live.as_(cast.OTHER_CITIZEN.oid)
    me = (await person("GET", "/api/v1/me")).body["id"]
    kind = NoticeKind.MESSAGE_ROUTED
    link = urlsplit(live.container.unsubscribe_links().link(UUID(me), kind)).path
    assert len(link.rpartition("/")[2]) > 64
    before = [await settings(person), await settings(other)]
    holder = live.browser()
    asked = await holder("GET", link)
    assert asked.status == 200
    assert await settings(person) == before[0], "a letter's reader that looks at links changes nothing"
    for signed in (link[:-1], link[:-1] + ("A" if link[-1] != "A" else "B"), "/unsubscribe/" + "A" * 80):
        for method in ("GET", "POST"):
            refused = await holder(method, signed)
            assert refused.status in (403, 404, 422), (signed, refused.raw)
    assert await settings(person) == before[0]
    for _ in range(2):
        assert (await holder("POST", link)).status == 200
        assert await settings(person) == {**before[0], kind.value: "off"}
    assert await settings(other) == before[1]
    assert (await holder("GET", "/api/v1/me")).status == 401
    assert "Set-Cookie" not in asked.headers


async def settings(client: Client) -> dict[str, str]:
    items = (await client("GET", "/api/v1/me/notice-settings")).body["items"]
    return {item["kind"]: item["mode"] for item in items}


@pytest.mark.abuse(37)
async def test_no_other_address_holds_a_secret(ground: Ground) -> None:
    """Answers are rated, questions answered and files opened by session alone: there is no link to guess."""
    routes = application(ground.live.container).router.routes()
    parts = {
        part
        for route in routes
        if route.resource is not None
        for part in route.resource.canonical.split("/")
        if part.startswith("{")
    }
    assert parts == {
        "{number}", "{attachment}", "{assignment}", "{id}", "{code}", "{kind}", "{name}", "{token}",
        "{dimension}", "{topic}", "{link}",
    }  # fmt: skip
    of_tokens = {
        r.resource.canonical for r in routes if r.resource is not None and "token}" in r.resource.canonical
    }
    assert of_tokens == {"/unsubscribe/{token}"}


@pytest.mark.abuse(37)
@pytest.mark.parametrize("name", ["rateAnswer", "clarifyMessage", "answerPublicityProposal", "reopenMessage"])
async def test_nobody_speaks_for_the_author_who_only_knows_the_address(ground: Ground, name: str) -> None:
    stand, (path, method) = await ground.make(name, cast.CITIZEN), OPERATIONS[name]
    headers, url = {"If-Match": f'"{stand.version}"'}, path.format(**stand.path)
    expected = {"": {401}, cast.OTHER_CITIZEN.oid: {403, 404}, cast.MODERATOR.oid: {403}}
    for oid, statuses in expected.items():
        client = await (ground.live.as_(oid) if oid else ground.live.guest())
        for query in ("", "?token=1", "?key=1"):
            refused = await client(method.upper(), url + query, stand.body, headers=headers)
            assert refused.status in (statuses if not query else {*statuses, 422}), (oid, query)
    author = await ground.live.as_(cast.CITIZEN.oid)
    assert (await author(method.upper(), url, stand.body, headers=headers)).status == 200
