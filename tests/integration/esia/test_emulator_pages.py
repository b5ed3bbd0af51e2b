"""What the imitation shows, how it is made to misbehave, and where it refuses to start."""

import os
import re
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.esia.emulator.app import make_emulator, serve
from niktokromenas.adapters.esia.emulator.config import EmulatorConfig, NotForUse
from niktokromenas.adapters.esia.emulator.faults import Faults
from niktokromenas.adapters.esia.emulator.keys import demo_client_keys
from niktokromenas.adapters.esia.emulator.pages import MARK
from niktokromenas.adapters.esia.emulator.people import SEEDED, Person
from tests.integration.esia.support import CALLBACK, CLIENT, HOME, HandClock, Setting, Stand, standing


async def test_the_sign_in_page_names_everyone_and_says_what_it_is(keys: Path) -> None:
    odd = Person(oid="9", last="<b>Злая", first='"Кавычка"', note="<script>")
    async with standing(keys, Setting(emulator={"people": (odd,)})) as stand:
        url = await stand.gateway.authorisation_url(stand.attempt())
        response = await stand.browser.get(url)
        page, headers = await response.text(), response.headers
    assert MARK in page
    assert '<html lang="ru">' in page
    assert "<script" not in page
    assert "<b>Злая" not in page
    assert page.count("<h1>") == 1
    assert set(re.findall(r'name="oid" value="(\d+)"', page)) == {p.oid for p in SEEDED} | {"9"}
    assert all(person.note in page for person in SEEDED)
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


async def test_cancelling_on_the_page_comes_back_as_access_denied(stand: Stand) -> None:
    attempt = stand.attempt()
    answer = await stand.submit(await stand.gateway.authorisation_url(attempt), {"cancel": "1"})
    assert (answer["error"], answer["state"]) == ("access_denied", attempt.state)


async def test_a_choice_of_nobody_shows_the_page_again(stand: Stand) -> None:
    url = await stand.gateway.authorisation_url(stand.attempt())
    async with stand.browser.post(url, data={"oid": "404"}) as response:
        assert response.status == 422
        assert MARK in await response.text()


@pytest.mark.abuse(24)
async def test_logout_leads_only_to_a_registered_address(stand: Stand) -> None:
    async with stand.browser.get(stand.gateway.logout_url(), allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, HOME)
    base = f"{stand.emulator.base_url}/idp/ext/Logout?client_id="
    for query, status in (
        (f"{CLIENT}&redirect_url=https://evil.example/", 400),
        (f"OTHER&redirect_url={HOME}", 400),
        (CLIENT, 200),
    ):
        async with stand.browser.get(base + query, allow_redirects=False) as response:
            assert response.status == status
            assert MARK in await response.text()


async def test_switches_are_seen_set_and_cleared_over_http(stand: Stand) -> None:
    url = f"{stand.emulator.base_url}/emulator/faults"
    async with stand.browser.put(url, json={"slow": 0.01, "algorithm": "none"}) as response:
        assert (await response.json())["algorithm"] == "none"
    assert (stand.emulator.faults.slow, stand.emulator.faults.algorithm) == (0.01, "none")
    wrongs: list[object] = [
        {"unknown": True},
        {"cancel": 1},
        {"algorithm": "RS256"},
        {"rest_status": 200},
        [],
    ]
    for wrong in wrongs:
        async with stand.browser.put(url, json=wrong) as response:
            assert response.status == 400
    async with stand.browser.put(url, data="{") as response:
        assert response.status == 400
    async with stand.browser.delete(url) as response:
        assert response.status == 200
    assert stand.emulator.faults == Faults()


switches = st.sampled_from(["cancel", "slow", "clock_skew", "algorithm", "x"])
settings_of_any_kind = st.integers() | st.booleans() | st.none() | st.text()


@given(st.dictionaries(switches, settings_of_any_kind))
def test_switches_are_changed_all_or_none(changes: dict[str, object]) -> None:
    faults = Faults(broken=True)
    try:
        faults.set(changes)
    except ValueError:
        assert faults == Faults(broken=True)
    else:
        assert all(getattr(faults, name) == value for name, value in changes.items())
        assert faults.broken


async def test_a_request_under_another_name_is_refused(stand: Stand) -> None:
    url = f"{stand.emulator.base_url}/emulator/faults"
    async with stand.browser.get(url, headers={"Host": "evil.example"}) as response:
        assert response.status == 403


def config(keys: Path, **changes: object) -> EmulatorConfig:
    usual: dict[str, object] = {
        "client_id": CLIENT,
        "redirect_uris": (CALLBACK,),
        "client_certificate": demo_client_keys(keys, HandClock()).certificate,
        "clock": HandClock(),
        "keys": keys,
    }
    return EmulatorConfig(**(usual | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "esia.example", "", "127.0.0.1.example"])
def test_it_listens_on_this_machine_only(keys: Path, host: str) -> None:
    with pytest.raises(NotForUse):
        config(keys, host=host, allow=True)


async def test_it_does_not_start_unless_a_demo_or_a_test_allows_it(keys: Path) -> None:
    with pytest.raises(NotForUse):
        await serve(config(keys))
    with pytest.raises(NotForUse):
        make_emulator(config(keys, port=8100))
    with pytest.raises(ValueError, match="port"):
        make_emulator(config(keys, allow=True))


async def test_keys_without_a_folder_do_not_outlive_it(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    emulator = await serve(evolve(config(keys), allow=True, keys=None))
    assert any("esia" in folder for folder in os.listdir(tmp_path))
    await emulator.close()
    assert os.listdir(tmp_path) == []
