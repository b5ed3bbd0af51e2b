"""Social groups over the API: from founding to the end, on SQLite and PostgreSQL (Положение, разд. 9)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.adapters.sql.tables import audit, social_group_links
from niktokromenas.adapters.system import new_id
from tests.integration.http.live import Answered, Client, Live, over

OWNER, NEIGHBOUR, DEPUTY, MODERATOR = (
    cast.CITIZEN,
    cast.OTHER_CITIZEN,
    cast.ROAD_OFFICIAL,
    cast.MODERATOR,
)
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(params=["sqlite", "postgresql"])
async def live(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path) as opened:
        yield opened


async def who(live: Live, player: Player) -> str:
    return str((await (await live.as_(player.oid))("GET", "/api/v1/me")).body["id"])


async def founded(live: Live, **changes: Any) -> Answered:
    body = {"name": "Наш двор", "about": "Соседи по двору", "joining": "open", **changes}
    made = await (await live.as_(OWNER.oid))("POST", "/api/v1/groups", body)
    assert made.status == 201, made.body
    return made


async def act(live: Live, player: Player, group: str, what: str, body: Any = None) -> Answered:
    """At the version that everyone's reader of it sees."""
    client = await live.as_(player.oid)
    seen = await client("GET", f"/api/v1/groups/{group}")
    headers = {"If-Match": seen.headers.get("ETag", '"1"')}
    return await client("POST", f"/api/v1/groups/{group}/{what}", body, headers=headers)


async def active(live: Live, **changes: Any) -> str:
    group = str((await founded(live, **changes)).body["id"])
    approved = await act(live, MODERATOR, group, "approve")
    assert (approved.status, approved.body["stage"]) == (200, "active"), approved.body
    return group


async def read(live: Live, player: Player | None, path: str) -> Answered:
    client = await (live.guest() if player is None else live.as_(player.oid))
    return await client("GET", path)


def ids(found: Answered) -> list[str]:
    return [item["id"] for item in found.body["items"]]


@pytest.mark.clause("9-term")
async def test_a_group_is_seen_by_others_once_a_moderator_approved_it(live: Live) -> None:
    made = await founded(live)
    group, path = made.body["id"], made.headers["Location"]
    assert path == f"/api/v1/groups/{group}"
    assert made.body["possible"] == ["name-deputy", "dismiss-deputy", "hand-over", "end"]
    for player in (None, NEIGHBOUR, DEPUTY):
        assert (await read(live, player, path)).status == 404
    refused = await act(live, NEIGHBOUR, group, "join")
    assert (refused.status, refused.body["code"]) == (404, "group-not-found")
    queue = await read(live, MODERATOR, "/api/v1/groups/queue")
    assert [item["group"]["id"] for item in queue.body["items"]] == [group]
    assert (await read(live, MODERATOR, "/api/v1/groups/queue?late=true")).body["items"] == []
    words = {"grounds": ["ads"], "words": "Похоже на рекламу"}
    refused = await act(live, MODERATOR, group, "refuse", words)
    assert refused.body["moderation"]["refusal"]["words"] == "Похоже на рекламу"
    own = await read(live, OWNER, path)
    assert (own.body["stage"], own.body["moderation"]["refusal"]["grounds"]) == ("refused", ["ads"])
    assert (await read(live, None, "/api/v1/groups")).body["items"] == []
    revised = await act(live, OWNER, group, "revise", {"name": "Двор", "about": "", "joining": "open"})
    assert (revised.body["stage"], revised.body["name"]) == ("submitted", "Двор")
    approved = await act(live, MODERATOR, group, "approve")
    assert "owner" not in {k for k, v in approved.body.items() if v is not None}
    for player in (None, NEIGHBOUR):
        shown = await read(live, player, path)
        assert (shown.status, shown.body["members"], shown.body["owner"]) == (200, 1, None)
        assert (shown.body["moderation"], shown.body["deputies"]) == (None, [])
        assert ids(await read(live, player, "/api/v1/groups?name=двО")) == [group]
        assert (await read(live, player, "/api/v1/groups?name=нет")).body["items"] == []
    history = await read(live, OWNER, f"{path}/history")
    assert [entry["act"] for entry in history.body["items"]] == ["create", "refuse", "revise", "approve"]
    assert history.body["items"][1]["words"] == "Похоже на рекламу"
    assert (await read(live, MODERATOR, f"{path}/history")).body == history.body
    hidden = await read(live, NEIGHBOUR, f"{path}/history")
    assert (hidden.status, hidden.body["code"]) == (403, "not-for-them")
    await live.drain()


async def test_people_join_leave_and_are_excluded(live: Live) -> None:
    group, neighbour = await active(live), await who(live, NEIGHBOUR)
    joined = await act(live, NEIGHBOUR, group, "join")
    assert (joined.status, joined.body["standing"]) == (200, "member"), joined.body
    again = await act(live, NEIGHBOUR, group, "join")
    assert (again.status, again.body["code"]) == (409, "illegal-move")
    assert (await read(live, NEIGHBOUR, f"/api/v1/groups/{group}")).body["possible"] == ["leave"]
    assert ids(await read(live, NEIGHBOUR, "/api/v1/me/groups")) == [group]
    assert (await act(live, NEIGHBOUR, group, "leave")).body["standing"] == "left"
    assert (await act(live, NEIGHBOUR, group, "join")).body["standing"] == "member"
    excluded = await act(
        live, OWNER, group, "exclude", {"participant": neighbour, "words": "Оскорбляет соседей"}
    )
    assert excluded.body["standing"] == "excluded"
    assert (await act(live, NEIGHBOUR, group, "join")).status == 409
    invited = await act(live, OWNER, group, "invite", {"participant": neighbour})
    assert invited.body["standing"] == "invited"
    assert ids(await read(live, NEIGHBOUR, "/api/v1/me/groups?standing=invited")) == [group]
    assert (await act(live, NEIGHBOUR, group, "accept")).body["standing"] == "member"
    stays = await act(live, OWNER, group, "leave")
    assert (stays.status, stays.body["code"]) == (409, "owner-stays")
    assert (await read(live, None, f"/api/v1/groups/{group}")).body["members"] == 2


async def test_into_a_group_by_approval_one_asks(live: Live) -> None:
    group = await active(live, joining="by-approval")
    neighbour, deputy = await who(live, NEIGHBOUR), await who(live, DEPUTY)
    for player in (NEIGHBOUR, DEPUTY):
        assert (await act(live, player, group, "join")).body["standing"] == "asked"
    asked = await read(live, OWNER, f"/api/v1/groups/{group}/people?standing=asked")
    assert {item["participant"] for item in asked.body["items"]} == {neighbour, deputy}
    assert all(item["name"] for item in asked.body["items"])
    assert (await act(live, OWNER, group, "admit", {"participant": deputy})).body["standing"] == "member"
    for player in (NEIGHBOUR, DEPUTY):
        own = await act(live, player, group, "admit", {"participant": neighbour})
        assert (own.status, own.body["code"]) == (403, "not-for-them")
        people = await read(live, player, f"/api/v1/groups/{group}/people")
        assert (people.status, people.body["code"]) == (403, "not-for-them")
    named = await act(live, OWNER, group, "name-deputy", {"participant": deputy})
    assert named.body["deputies"] == [deputy]
    turned = await act(live, DEPUTY, group, "turn-down", {"participant": neighbour})
    assert turned.body["standing"] == "declined"
    people = await read(live, DEPUTY, f"/api/v1/groups/{group}/people")
    assert [item["participant"] for item in people.body["items"]] == [await who(live, OWNER), deputy]
    assert (await act(live, DEPUTY, group, "leave")).body["standing"] == "left"
    shown = await read(live, OWNER, f"/api/v1/groups/{group}")
    assert (shown.body["deputies"], shown.body["members"]) == ([], 1)


@pytest.mark.abuse(13)
async def test_looks_at_members_are_written_down(live: Live) -> None:
    group = await active(live)
    await act(live, NEIGHBOUR, group, "join")
    await read(live, OWNER, f"/api/v1/groups/{group}/people")
    async with live.container.units().reading() as connection:
        rows = (await connection.execute(sa.select(audit).where(audit.c.action == "group.people"))).all()
    [row] = rows
    assert row.object_id == group
    assert set(row.facts["participants"].split(", ")) == {await who(live, OWNER), await who(live, NEIGHBOUR)}


@pytest.mark.abuse(13, 26)
async def test_who_is_invited_is_not_named_before_they_come_and_is_not_invited_without_end(
    live: Live,
) -> None:
    group, neighbour = await active(live), await who(live, NEIGHBOUR)

    async def shown(standing: str) -> list[tuple[str, bool]]:
        people = await read(live, OWNER, f"/api/v1/groups/{group}/people?standing={standing}")
        return [(item["participant"], item["name"] is not None) for item in people.body["items"]]

    for _ in range(2):
        invited = await act(live, OWNER, group, "invite", {"participant": neighbour})
        assert invited.status == 200, invited.body
        assert await shown("invited") == [(neighbour, False)]
        assert (await act(live, NEIGHBOUR, group, "decline")).status == 200
        assert await shown("declined") == [(neighbour, False)]
    again = await act(live, OWNER, group, "invite", {"participant": neighbour})
    assert (again.status, again.body["code"], again.body["possible"]) == (409, "illegal-move", [])
    assert (await act(live, NEIGHBOUR, group, "join")).body["standing"] == "member"
    assert (neighbour, True) in await shown("member")


@pytest.mark.abuse(37)
async def test_a_link_leads_in_until_it_is_revoked_and_its_secret_is_not_kept(live: Live) -> None:
    group = await active(live)
    owner, neighbour = await live.as_(OWNER.oid), await live.as_(NEIGHBOUR.oid)
    made = await owner("POST", f"/api/v1/groups/{group}/links")
    assert made.headers["Location"] == f"/api/v1/groups/{group}/links"
    assert made.status == 201, made.body
    secret = made.body["secret"]
    foreign = await neighbour("POST", f"/api/v1/groups/{group}/links")
    assert (foreign.status, foreign.body["code"]) == (403, "not-for-them")
    joined = await neighbour("POST", "/api/v1/groups/join-by-link", {"secret": secret})
    assert (joined.status, joined.body["group"], joined.body["standing"]) == (200, group, "member")
    assert (await neighbour("POST", "/api/v1/groups/join-by-link", {"secret": secret})).body == joined.body
    links = await owner("GET", f"/api/v1/groups/{group}/links")
    (link,) = links.body["items"]
    assert set(link) == {"id", "made_by", "made_at", "expires_at", "revoked_at"}
    assert link["made_by"] == await who(live, OWNER)
    async with live.container.units().reading() as connection:
        stored = repr((await connection.execute(sa.select(social_group_links))).all())
    assert secret not in stored
    other = await active(live, name="Другой двор")
    path = f"/api/v1/groups/{other}/links/{made.body['id']}/revoke"
    assert (await owner("POST", path)).body["code"] == "link-unknown"
    revoked = await owner("POST", path.replace(other, group))
    assert revoked.body["revoked_at"] is not None
    deputy = await live.as_(DEPUTY.oid)
    for dead in (secret, "a" * 43):
        gone = await deputy("POST", "/api/v1/groups/join-by-link", {"secret": dead})
        assert (gone.status, gone.body["code"]) == (404, "link-unknown")


async def test_a_group_is_handed_over_and_ended_by_its_owner_alone(live: Live) -> None:
    group, neighbour = await active(live), await who(live, NEIGHBOUR)
    early = await act(live, OWNER, group, "hand-over", {"participant": neighbour})
    assert (early.status, early.body["errors"][0]["code"]) == (422, "not-a-member")
    await act(live, NEIGHBOUR, group, "join")
    foreign = await act(live, NEIGHBOUR, group, "end")
    assert (foreign.status, foreign.body["code"]) == (403, "not-the-owner")
    handed = await act(live, OWNER, group, "hand-over", {"participant": neighbour})
    assert (handed.status, handed.body["is_owner"]) == (200, False)
    assert (await act(live, OWNER, group, "end")).status == 403
    ended = await act(live, NEIGHBOUR, group, "end")
    assert (ended.body["stage"], ended.body["possible"]) == ("ended", [])
    for player in (None, OWNER, DEPUTY):
        assert (await read(live, player, f"/api/v1/groups/{group}")).status == 404
    [own] = (await read(live, OWNER, "/api/v1/me/groups")).body["items"]
    assert (own["id"], own["group"]) == (group, None)
    gone = await act(live, OWNER, group, "leave")
    assert (gone.status, gone.body["standing"]) == (200, "left")
    await live.drain()


async def test_an_act_names_the_version_it_was_decided_on(live: Live) -> None:
    group, owner = await active(live), await live.as_(OWNER.oid)
    path = f"/api/v1/groups/{group}"
    body = {"name": "Двор", "about": "", "joining": "open"}
    assert (await owner("POST", f"{path}/revise", body)).status == 428
    stale = await owner("POST", f"{path}/revise", body, headers={"If-Match": '"1"'})
    assert (stale.status, stale.body["code"]) == (412, "stale-version"), stale.body
    seen = await owner("GET", path)
    done = await owner("POST", f"{path}/revise", body, headers={"If-Match": seen.etag})
    assert (done.status, done.etag) == (200, '"3"')


async def test_a_repeated_founding_founds_one_group(live: Live) -> None:
    owner, body = await live.as_(OWNER.oid), {"name": "Двор"}
    headers = {"Idempotency-Key": "двор-1".encode().hex()}
    first = await owner("POST", "/api/v1/groups", body, headers=headers)
    again = await owner("POST", "/api/v1/groups", body, headers=headers)
    assert (first.status, again.status, first.body["id"]) == (201, 201, again.body["id"])
    other = await owner("POST", "/api/v1/groups", {"name": "Иной"}, headers=headers)
    assert other.status == 422
    assert len((await owner("GET", "/api/v1/me/groups")).body["items"]) == 1


@pytest.mark.abuse(33)
async def test_nobody_sets_what_is_not_theirs_to_set(live: Live) -> None:
    owner = await live.as_(OWNER.oid)
    for extra in ({"stage": "active"}, {"owner": str(new_id())}, {"members": 9}, {"deputies": []}):
        refused = await owner("POST", "/api/v1/groups", {"name": "Двор", **extra})
        assert (refused.status, refused.body["errors"][0]["code"]) == (422, "unknown-field")
    group = await active(live, about="О дворе")
    seen = await owner("GET", f"/api/v1/groups/{group}")
    path, headers = f"/api/v1/groups/{group}/revise", {"If-Match": seen.etag}
    partial = await owner("POST", path, {"name": "Двор"}, headers=headers)
    assert partial.status == 422
    assert {error["pointer"] for error in partial.body["errors"]} == {"/about", "/joining"}
    assert (await owner("GET", f"/api/v1/groups/{group}")).body == seen.body


@pytest.mark.abuse(13)
async def test_an_organisation_and_a_stranger_lead_no_group(live: Live) -> None:
    group = await active(live)
    neighbour = await live.as_(NEIGHBOUR.oid)
    for what, body in (
        ("revise", {"name": "Мой", "about": "", "joining": "open"}),
        ("name-deputy", {"participant": await who(live, NEIGHBOUR)}),
        ("dismiss-deputy", {"participant": await who(live, OWNER)}),
        ("hand-over", {"participant": await who(live, NEIGHBOUR)}),
        ("end", None),
    ):
        refused = await act(live, NEIGHBOUR, group, what, body)
        assert (refused.status, refused.body["code"]) == (403, "not-the-owner"), what
    for what, body in (
        ("invite", {"participant": await who(live, DEPUTY)}),
        ("admit", {"participant": await who(live, DEPUTY)}),
        ("turn-down", {"participant": await who(live, DEPUTY)}),
        ("exclude", {"participant": await who(live, OWNER), "words": "Не нравится"}),
    ):
        refused = await act(live, NEIGHBOUR, group, what, body)
        assert (refused.status, refused.body["code"]) == (403, "not-for-them"), what
    for what, body in (("approve", None), ("refuse", {"grounds": ["ads"], "words": "Реклама"})):
        refused = await act(live, NEIGHBOUR, group, what, body)
        assert (refused.status, refused.body["code"]) == (403, "role-required"), what
    for path in (f"/api/v1/groups/{new_id()}", f"/api/v1/groups/{new_id()}/people"):
        assert (await neighbour("GET", path)).status == 404


@pytest.mark.abuse(16)
async def test_a_script_in_a_group_stays_words(live: Live) -> None:
    """JSON is no HTML, and says so; what was written comes back as it was."""
    group = await active(live, name=SCRIPT, about=SCRIPT)
    for path in (f"/api/v1/groups/{group}", "/api/v1/groups", "/api/v1/me/groups"):
        found = await read(live, OWNER, path)
        assert found.headers["Content-Type"].startswith("application/json")
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        shown = found.body if "name" in found.body else found.body["items"][0]
        shown = shown.get("group") or shown
        assert (shown["name"], shown["about"]) == (SCRIPT, SCRIPT)


async def test_a_moderator_does_not_decide_about_their_own_group(live: Live) -> None:
    moderator = await live.as_(MODERATOR.oid)
    made = await moderator("POST", "/api/v1/groups", {"name": "Двор модератора"})
    refused = await act(live, MODERATOR, made.body["id"], "approve")
    assert (refused.status, refused.body["code"]) == (403, "own-group")
    assert (await act(live, cast.OTHER_MODERATOR, made.body["id"], "approve")).status == 200


async def _pages(client: Client, path: str) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        answered = await client("GET", f"{path}?limit=2{after}")
        found += ids(answered)
        if answered.body["next"] is None:
            return found
        after = f"&after={answered.body['next']}"


async def test_groups_are_listed_a_page_at_a_time(live: Live) -> None:
    made = [await active(live, name=name) for name in ("Яр", "Двор", "ёлки", "Двор", "Зелёный")]
    by_name = [made[n] for n in (1, 3, 2, 4, 0)]
    assert await _pages(await live.guest(), "/api/v1/groups") == by_name
    assert await _pages(await live.as_(OWNER.oid), "/api/v1/me/groups") == made[::-1]
    bad = await read(live, None, "/api/v1/groups?after=abc")
    assert (bad.status, bad.body["errors"][0]["code"]) == (422, "bad-cursor")
