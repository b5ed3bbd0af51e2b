"""Joining and following over the API: one per person, counts for all, nothing of what is not public."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from niktokromenas.adapters import cast
from tests.integration.http.live import Live, over
from tests.integration.http.test_first_paragraph import accepted, submitted

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOBODY = {"joined": 0, "followed": 0, "has_joined": False, "follows": False}
OTHER = cast.OTHER_CITIZEN


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path_factory.mktemp("following")) as found:
        yield found


async def a_public_one(live: Live) -> str:
    number = await submitted(live)
    await accepted(live, number)
    return f"/api/v1/messages/{number}"


async def standing(live: Live, path: str, oid: str | None) -> dict[str, Any]:
    client = await (live.as_(oid) if oid else live.guest())
    seen = (await client("GET", path)).body
    return {name: seen[name] for name in NOBODY}


@pytest.mark.clause("3.5")
@pytest.mark.abuse(1, 2)
async def test_fifty_requests_at_once_join_once_and_all_are_answered_alike(live: Live) -> None:
    path, client = await a_public_one(live), await live.as_(OTHER.oid)
    answers = await asyncio.gather(*(client("PUT", f"{path}/joining") for _ in range(50)))
    expected = {"number": path[-9:], **NOBODY, "joined": 1, "has_joined": True}
    assert [(a.status, a.body) for a in answers] == [(200, expected)] * 50
    assert await standing(live, path, None) == {**NOBODY, "joined": 1}
    assert await standing(live, path, OTHER.oid) == {**NOBODY, "joined": 1, "has_joined": True}
    journal = (await (await live.guest())("GET", "/api/v1/messages")).body["items"]
    assert [(i["joined"], i["followed"]) for i in journal if i["number"] == path[-9:]] == [(1, 0)]
    for _ in range(2):
        left = await client("DELETE", f"{path}/joining")
        assert (left.status, left.body) == (200, {"number": path[-9:], **NOBODY})


async def test_a_guest_who_kept_the_page_is_told_when_the_counts_have_changed(live: Live) -> None:
    path, client, guest = await a_public_one(live), await live.as_(OTHER.oid), await live.guest()
    kept = {"If-None-Match": (await guest("GET", path)).etag}
    assert (await guest("GET", path, headers=kept)).status == 304
    before = await client("GET", path)
    await client("PUT", f"{path}/following")
    assert (await guest("GET", path, headers=kept)).body["followed"] == 1
    assert (await client("GET", path)).etag == before.etag, "nobody's decision has become stale"


@pytest.mark.abuse(8, 29)
async def test_what_is_hidden_is_followed_no_more_and_shown_to_no_follower(live: Live) -> None:
    path, client = await a_public_one(live), await live.as_(OTHER.oid)
    for what in ("joining", "following"):
        assert (await client("PUT", f"{path}/{what}")).status == 200
    listed = (await client("GET", "/api/v1/me/followed")).body["items"]
    assert (listed[0]["message"]["number"], listed[0]["has_joined"], listed[0]["follows"]) == (
        path[-9:], True, True,
    )  # fmt: skip
    moderator = await live.as_(cast.MODERATOR.oid)
    hidden = {"publicity": "non-public", "reason": "Сведения о семье"}
    assert (await moderator.act(path[-9:], "set-publicity", hidden)).status == 200
    assert path[-9:] not in (await client("GET", "/api/v1/me/followed")).raw.decode()
    for method in ("PUT", "DELETE"):
        for what in ("joining", "following"):
            got = await client(method, f"{path}/{what}")
            assert (got.status, got.body["code"]) == (404, "message-not-found")
    seen = await moderator("PUT", f"{path}/following")
    assert (seen.status, seen.body["code"]) == (409, "not-public")


async def test_of_what_is_answered_one_can_hear_but_not_join_it(live: Live) -> None:
    path, client = await a_public_one(live), await live.as_(OTHER.oid)
    number, official = path[-9:], await live.as_(cast.CITY_OFFICIAL.oid)
    moderator = await live.as_(cast.MODERATOR.oid)
    target = {"targets": [{"authority": cast.CITY, "is_lead": True}]}
    assert (await moderator.act(number, "route", target)).status == 200
    assert (await client("PUT", f"{path}/joining")).status == 200
    (one,) = (await official("GET", path)).body["assignments"]
    work = f"assignments/{one['id']}"
    assert (await official.act(number, f"{work}/take")).status == 200
    answer = {"text": "Заделали", "outcome": {"kind": "done"}}
    assert (await official.act(number, f"{work}/prepare", answer)).status == 200
    approver = await live.as_(cast.CITY_APPROVER.oid)
    assert (await approver.act(number, f"{work}/approve")).status == 200
    assert (await moderator.act(number, "place")).status == 200
    assert (await client("PUT", f"{path}/joining")).status == 200, "joined before: nothing changes"
    late = await moderator("PUT", f"{path}/joining")
    assert (late.status, late.body["code"]) == (409, "too-late-to-join")
    assert (await client("PUT", f"{path}/following")).status == 200
    assert (await client("DELETE", f"{path}/joining")).status == 200
    assert (await client("PUT", f"{path}/joining")).status == 409
