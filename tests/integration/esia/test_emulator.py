"""The imitation judges requests as ESIA does, so that a client that passes here has a chance there."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from niktokromenas.adapters.esia.emulator.keys import demo_client_keys
from niktokromenas.adapters.esia.oauth import OAuthRequests
from niktokromenas.ports.identity import Attempt
from niktokromenas.ports.signatures import TokenRefused, TokenUse
from tests.integration.esia.support import CALLBACK, HandClock, Setting, Stand, standing

ANNA = "1000000001"


def requests(stand: Stand) -> OAuthRequests:
    gateway = stand.gateway
    return OAuthRequests(gateway.config, gateway.signer, stand.clock, gateway.new_state)


def address(stand: Stand, fields: dict[str, str]) -> str:
    return f"{stand.emulator.base_url}/aas/oauth2/v2/ac?{urlencode(fields)}"


async def fields_of(stand: Stand, attempt: Attempt | None = None) -> dict[str, str]:
    return await requests(stand).authorisation(attempt or stand.attempt())


async def signed(stand: Stand, fields: dict[str, str], code: str = "") -> dict[str, str]:
    """`fields` under a fresh signature of our own, by the order of the specification."""
    order = ("client_id", "scope", "scope_org", "timestamp", "state", "redirect_uri")
    message = "".join(fields.get(name, "") for name in order) + code
    signature = await stand.gateway.signer.sign(message.encode())
    return fields | {"client_secret": base64.urlsafe_b64encode(signature).decode()}


async def error_of(stand: Stand, fields: dict[str, str]) -> str:
    answer = await stand.submit(address(stand, fields), {"oid": ANNA})
    assert "code" not in answer
    return answer["error_description"][5:11]


WRONG = [
    ({"client_certificate_hash": "00" * 32}, "007053"),
    ({"client_certificate_hash": "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"}, "007053"),
    ({"client_secret": "AAAA"}, "007053"),
    ({"client_secret": "не base64"}, "007053"),
    ({"state": "another-state"}, "007053"),
    ({"timestamp": "2026-03-05T12:00:00+03:00"}, "007015"),
    ({"timestamp": "2026.03.05 12:00:00"}, "007015"),
    ({"timestamp": "2026.03.05 12:05:01 +0300"}, "007015"),
    ({"timestamp": ""}, "007014"),
    ({"scope": ""}, "007014"),
    ({"response_type": "token"}, "007012"),
    ({"access_type": "always"}, "007003"),
    ({"code_challenge_method": "plain"}, "007003"),
]


@pytest.mark.parametrize(("spoilt", "code"), WRONG, ids=str)
async def test_a_wrong_parameter_comes_back_with_its_code(
    stand: Stand, spoilt: dict[str, str], code: str
) -> None:
    assert await error_of(stand, await fields_of(stand) | spoilt) == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"scope": "openid fullname everything"}, "007006"),
        ({"scope": "openid  fullname"}, "007006"),
        ({"scope": "openid fullname snils"}, "007019"),
        ({"scope_org": "org_inn"}, "007006"),
        ({"scope_org": "org_inn?org_oid=1000100001"}, "007019"),
    ],
    ids=str,
)
async def test_a_scope_unknown_or_not_granted_is_told_apart(
    stand: Stand, changed: dict[str, str], code: str
) -> None:
    assert await error_of(stand, await signed(stand, await fields_of(stand) | changed)) == code


@pytest.mark.parametrize(
    ("minutes", "seconds", "is_taken"), [(5, 0, True), (5, 1, False), (-5, 0, True), (-5, -1, False)]
)
async def test_the_page_takes_a_request_of_the_last_and_next_five_minutes(
    stand: Stand, minutes: int, seconds: int, is_taken: bool
) -> None:
    url = await stand.gateway.authorisation_url(stand.attempt())
    stand.clock.advance(minutes * 60 + seconds)
    async with stand.browser.get(url, allow_redirects=False) as response:
        assert response.status == (200 if is_taken else 302)
        if not is_taken:
            assert "ESIA-007015" in response.headers["Location"]


async def test_a_person_may_take_a_quarter_of_an_hour_to_choose(stand: Stand) -> None:
    attempt = stand.attempt()
    fields = await fields_of(stand, attempt)
    stand.clock.advance(900)
    assert "code" in await stand.submit(address(stand, fields), {"oid": ANNA})
    stand.clock.advance(301)
    assert await error_of(stand, fields) == "007015"


async def test_a_request_signed_by_another_key_is_refused(keys: Path) -> None:
    other = demo_client_keys(keys / "other", HandClock())
    setting = Setting(emulator={"client_certificate": other.certificate})
    async with standing(keys, setting) as stand:
        fields = await fields_of(stand) | {"client_certificate_hash": other.certificate_hash}
        assert await error_of(stand, fields) == "007053"


async def test_an_ended_client_certificate_is_refused(stand: Stand) -> None:
    stand.clock.advance(400 * 86400)
    assert await error_of(stand, await fields_of(stand)) == "007053"


@pytest.mark.abuse(24)
@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"redirect_uri": "https://evil.example/"}, "007023"),
        ({"redirect_uri": CALLBACK + "/"}, "007023"),
        ({"redirect_uri": CALLBACK + "?next=1"}, "007023"),
        ({"redirect_uri": ""}, "007014"),
        ({"client_id": "OTHER"}, "007005"),
    ],
    ids=str,
)
async def test_nobody_is_sent_to_an_address_that_is_not_registered(
    stand: Stand, spoilt: dict[str, str], code: str
) -> None:
    url = address(stand, await signed(stand, await fields_of(stand) | spoilt))
    for method in ("GET", "POST"):
        async with stand.browser.request(method, url, data={"oid": ANNA}, allow_redirects=False) as response:
            assert response.status == 400
            assert "Location" not in response.headers
            assert f"ESIA-{code}" in await response.text()


async def test_a_doubled_parameter_is_refused(stand: Stand) -> None:
    fields = await fields_of(stand)
    url = address(stand, fields) + "&state=second"
    answer = await stand.submit(url, {"oid": ANNA})
    assert answer["error_description"].startswith("ESIA-007003")


async def token_answer(stand: Stand, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    async with stand.browser.post(f"{stand.emulator.base_url}/aas/oauth2/v3/te", data=form) as response:
        return response.status, await response.json()


async def token_form(stand: Stand) -> dict[str, str]:
    attempt = stand.attempt()
    answer = await stand.choose(ANNA, attempt)
    return await requests(stand).token(answer["code"], attempt)


async def test_a_code_buys_tokens_once(stand: Stand) -> None:
    form = await token_form(stand)
    status, answer = await token_answer(stand, form)
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3600)
    assert answer["state"] == form["state"]
    assert "refresh_token" not in answer
    status, answer = await token_answer(stand, form)
    assert (status, answer["error"], answer["state"]) == (400, "invalid_grant", form["state"])
    assert answer["error_description"].startswith("ESIA-007011")


async def test_a_code_dies_after_two_minutes(stand: Stand) -> None:
    form = await token_form(stand)
    stand.clock.advance(121)
    _, answer = await token_answer(stand, form)
    assert answer["error_description"].startswith("ESIA-007011")


TOKEN_WRONG = [
    ({"code": "another"}, "007053", False),
    ({"code": "another"}, "007011", True),
    ({"code": ""}, "007014", False),
    ({"scope": "openid fullname"}, "007011", True),
    ({"grant_type": "client_credentials"}, "007009", False),
    ({"token_type": "MAC"}, "007003", False),
    ({"code_verifier": "x" * 43}, "007040", False),
    ({"code_verifier": ""}, "007040", False),
    ({"timestamp": "2026.03.05 11:54:59 +0300"}, "007015", False),
    ({"redirect_uri": "https://evil.example/"}, "007023", True),
]


@pytest.mark.parametrize(("spoilt", "code", "is_signed_anew"), TOKEN_WRONG, ids=str)
async def test_a_wrong_token_request_is_told_its_code(
    stand: Stand, spoilt: dict[str, str], code: str, is_signed_anew: bool
) -> None:
    form = await token_form(stand) | spoilt
    if is_signed_anew:
        form = await signed(stand, form, form["code"])
    status, answer = await token_answer(stand, form)
    assert status == 400
    assert answer["error_description"].startswith(f"ESIA-{code}")


async def test_a_verifier_without_a_challenge_is_refused(keys: Path) -> None:
    async with standing(keys, Setting(gateway={"use_pkce": False})) as stand:
        form = await token_form(stand)
        assert "code_verifier" not in form
        _, answer = await token_answer(stand, form | {"code_verifier": "x" * 43})
        assert answer["error_description"].startswith("ESIA-007039")
        assert (await stand.identify(ANNA)).subject.oid == ANNA


async def test_offline_access_brings_a_refresh_token(stand: Stand) -> None:
    attempt = stand.attempt()
    fields = await fields_of(stand, attempt) | {"access_type": "offline"}
    answer = await stand.submit(address(stand, fields), {"oid": ANNA})
    _, tokens = await token_answer(stand, await requests(stand).token(answer["code"], attempt))
    assert re.fullmatch("[0-9a-f-]{36}", tokens["refresh_token"])


async def bearer(stand: Stand, oid: str = ANNA) -> str:
    await stand.identify(oid)
    return list(stand.emulator.imitation.accesses)[-1]


async def rest(stand: Stand, path: str, token: str) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}"}
    async with stand.browser.get(f"{stand.emulator.base_url}/rs{path}", headers=headers) as response:
        return response.status, await response.json()


async def test_collections_are_links_unless_elements_are_asked_for(stand: Stand) -> None:
    token = await bearer(stand)
    for name, count in (("ctts", 2), ("addrs", 2)):
        _, links = await rest(stand, f"/prns/{ANNA}/{name}", token)
        _, whole = await rest(stand, f"/prns/{ANNA}/{name}?embed=(elements)", token)
        assert links["size"] == whole["size"] == count
        assert links["stateFacts"] == ["hasSize"]
        for link, element in zip(links["elements"], whole["elements"], strict=True):  # type: ignore[call-overload]
            assert link.startswith(f"{stand.emulator.base_url}/rs/prns/{ANNA}/{name}/")
            assert await rest(stand, urlsplit(link).path.removeprefix("/rs"), token) == (200, element)


async def test_a_person_can_be_read_with_all_collections_in_one_call(stand: Stand) -> None:
    token = await bearer(stand)
    path = f"/prns/{ANNA}?embed=(contacts.elements,addresses.elements,documents.elements)"
    _, person = await rest(stand, path, token)
    assert person["contacts"]["size"] == 2  # type: ignore[index]
    assert person["addresses"]["elements"][0]["region"] == "Волгоградская обл"  # type: ignore[index]
    assert "documents" not in person, "its scope was not granted"
    assert "snils" not in person
    assert person["status"] == "REGISTERED"


async def test_rest_refuses_others_resources_unknown_tokens_and_old_ones(stand: Stand) -> None:
    token = await bearer(stand)
    assert (await rest(stand, "/prns/1000000002", token))[0] == 403
    assert (await rest(stand, f"/prns/{ANNA}/docs", token))[1]["code"] == "ESIA-005029"
    assert (await rest(stand, "/orgs/1000100001", token))[0] == 403
    status, error = await rest(stand, f"/prns/{ANNA}", token + "x")
    assert (status, error["code"]) == (401, "ESIA-005011")
    stand.clock.advance(3601)
    status, error = await rest(stand, f"/prns/{ANNA}", token)
    assert (status, error["code"]) == (401, "ESIA-005013")


async def test_an_organisation_opens_to_its_employee_by_its_own_scopes(keys: Path) -> None:
    granted = ("openid", "fullname", "usr_org", "org_shortname", "org_inn")
    setting = Setting(
        gateway={"scopes": ("openid", "fullname", "usr_org")}, emulator={"granted_scopes": granted}
    )
    wanted = "org_shortname?org_oid=1000100001 http://esia.gosuslugi.ru/org_inn?org_oid=1000100001"
    async with standing(keys, setting) as stand:
        attempt = stand.attempt()
        fields = await signed(stand, await fields_of(stand, attempt) | {"scope_org": wanted})
        stranger = await stand.submit(address(stand, fields), {"oid": ANNA})
        assert stranger["error_description"].startswith("ESIA-007194")
        head = await stand.submit(address(stand, fields), {"oid": "1000000011"})
        form = await requests(stand).token(head["code"], attempt) | {"scope_org": wanted}
        _, tokens = await token_answer(stand, await signed(stand, form, head["code"]))
        status, shown = await rest(stand, "/orgs/1000100001", tokens["access_token"])
        assert (status, shown["shortName"], shown["inn"]) == (200, 'ООО "Пример"', "3400000001")
        assert "fullName" not in shown
        _, orgs = await rest(stand, "/prns/1000000011/orgs", tokens["access_token"])
        assert orgs["elements"] == [f"{stand.emulator.base_url}/rs/orgs/1000100001"]


async def test_two_imitations_stand_side_by_side_under_their_own_names(keys: Path) -> None:
    async with standing(keys) as one, standing(keys) as two:
        assert one.emulator.issuer != two.emulator.issuer
        form = await token_form(one)
        _, refusal = await token_answer(two, form)
        assert refusal["error_description"].startswith("ESIA-007011")
        _, answer = await token_answer(one, form)
        assert await one.gateway.verifier.verify(answer["access_token"], TokenUse.ACCESS)
        with pytest.raises(TokenRefused):
            await two.gateway.verifier.verify(answer["access_token"], TokenUse.ACCESS)


async def test_the_challenge_is_the_digest_of_the_verifier(stand: Stand) -> None:
    attempt = stand.attempt()
    query = dict(parse_qsl(urlsplit(await stand.gateway.authorisation_url(attempt)).query))
    digest = hashlib.sha256(attempt.code_verifier.encode()).digest()
    assert query["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert attempt.code_verifier not in query.values()
    assert "%2B0300" in await stand.gateway.authorisation_url(attempt)
