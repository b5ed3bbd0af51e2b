"""How often one address and one person may write, on every writing endpoint (Положение, п. 5.5)."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import evolve

from niktokromenas.adapters import cast
from niktokromenas.adapters.http.addresses import UNSAFE_METHODS
from niktokromenas.adapters.http.endpoints import Endpoint
from niktokromenas.adapters.platform import endpoints_of
from niktokromenas.adapters.settings import LimitSettings
from tests.integration.http.live import UNHURRIED, Client, Live, peopled, running, settings_for
from tests.integration.http.test_first_paragraph import a_body, uploaded

NUMBERS = {"number": "26-000001", "code": "x", "kind": "consent"}
AN_ID = "0190f3a4-5b6c-7d7e-8f90-a1b2c3d4e5f6"


async def _over(folder: Path, limits: LimitSettings) -> AsyncIterator[Live]:
    async with peopled("sqlite", folder) as url:
        settings = evolve(settings_for(folder / "data", url), limits=limits)
        async with running(settings, is_peopled=True) as live:
            yield live


@pytest.fixture
async def hasty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Live]:
    async for live in _over(tmp_path, evolve(UNHURRIED, **request.param)):
        yield live


def _writing(live: Live) -> list[Endpoint]:
    return [e for e in endpoints_of(live.container) if e.method in UNSAFE_METHODS]


async def _refused_everywhere(live: Live, client: Client) -> None:
    writing = _writing(live)
    assert len(writing) > 30
    for endpoint in writing:
        path = re.sub(r"\{(\w+)[^/]*\}", lambda found: NUMBERS.get(found[1], AN_ID), endpoint.path)
        got = await client(endpoint.method, path)
        assert (got.status, got.body["code"]) == (429, "too-many-requests"), endpoint.name
        assert 1 <= int(got.headers["Retry-After"]) <= 3600, endpoint.name


@pytest.mark.clause("5.5")
@pytest.mark.abuse(32)
@pytest.mark.parametrize("hasty", [{"per_address": 0}], indirect=True)
async def test_an_address_past_its_budget_writes_nowhere(hasty: Live) -> None:
    guest = await hasty.guest()
    await _refused_everywhere(hasty, guest)
    assert (await guest("GET", "/api/v1/messages")).status == 200


@pytest.mark.clause("5.5")
@pytest.mark.abuse(32)
@pytest.mark.parametrize("hasty", [{"per_person": 0}], indirect=True)
async def test_a_person_past_their_budget_writes_nowhere_and_still_reads(hasty: Live) -> None:
    citizen = await hasty.as_(cast.CITIZEN.oid)
    await _refused_everywhere(hasty, citizen)
    assert (await citizen("GET", "/api/v1/me")).status == 200


@pytest.mark.clause("5.5")
@pytest.mark.abuse(32)
@pytest.mark.parametrize("hasty", [{"submissions": 2, "uploads": 1}], indirect=True)
async def test_messages_and_uploads_have_budgets_of_each_person(hasty: Live) -> None:
    citizen, other = await hasty.as_(cast.CITIZEN.oid), await hasty.as_(cast.OTHER_CITIZEN.oid)
    statuses = [(await citizen("POST", "/api/v1/messages", a_body())).status for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert (await other("POST", "/api/v1/messages", a_body())).status == 201
    await uploaded(hasty, cast.CITIZEN.oid)
    again = await citizen("POST", "/api/v1/attachments")
    assert (again.status, again.body["code"]) == (429, "too-many-requests")
