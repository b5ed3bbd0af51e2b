"""A block acts at once on a running session, is seen and objected to; sessions end at once (п. 5.4, 5.5)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from niktokromenas.adapters import cast
from niktokromenas.adapters.system import new_id
from tests.integration.http.group_ground import REVISED, GroupGround
from tests.integration.http.live import Answered, Live, over
from tests.integration.http.test_first_paragraph import a_body, accepted, routed


@pytest.fixture(params=["sqlite", "postgresql"])
async def live(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path) as opened:
        yield opened


async def sent(live: Live, oid: str) -> str:
    done = await (await live.as_(oid))("POST", "/api/v1/messages", a_body())
    assert done.status == 201, done.body
    return str(done.body["number"])


async def blocked(live: Live, number: str) -> Answered:
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    body = {"grounds": ["ads"], "until": until, "words": "Рассылает рекламу"}
    moderator = await live.as_(cast.MODERATOR.oid)
    return await moderator("POST", f"/api/v1/messages/{number}/block-author", body)


async def act(live: Live, oid: str, path: str, block: Answered, body: Any) -> Answered:
    return await (await live.as_(oid))("POST", path, body, headers={"If-Match": block.etag})


@pytest.mark.clause("5.5")
@pytest.mark.abuse(26, 32)
async def test_a_block_stops_a_running_session_and_the_operator_ends_it(live: Live) -> None:
    citizen = await live.as_(cast.CITIZEN.oid)
    number = await sent(live, cast.CITIZEN.oid)
    block = await blocked(live, number)
    assert block.status == 200, block.body
    assert not {"participant", "author", "name"} & set(block.body)
    stopped = await citizen("POST", "/api/v1/messages", a_body())
    assert (stopped.status, stopped.body["code"], stopped.body["basis"]) == (
        403, "blocked", "Положение, п. 5.5",
    )  # fmt: skip
    assert stopped.body["reason"] == "Рассылает рекламу"
    assert (await blocked(live, number)).body["code"] == "already-blocked"
    await sent(live, cast.OTHER_CITIZEN.oid)
    own = await citizen("GET", "/api/v1/me/blocks")
    assert [item["id"] for item in own.body["items"]] == [block.body["id"]]
    objected = await act(live, cast.CITIZEN.oid, stopped.body["object_at"], block, {"words": "Это не я"})
    assert objected.body["stage"] == "objected"
    operator = await live.as_(cast.OPERATORS[0].oid)
    waiting = await operator("GET", "/api/v1/blocks/objections")
    assert [item["objection"] for item in waiting.body["items"]] == ["Это не я"]
    path, body = f"/api/v1/blocks/{block.body['id']}/decide", {"grants": True, "words": "Ошибка"}
    decided = await act(live, cast.OPERATORS[0].oid, path, objected, body)
    assert decided.body["stage"] == "lifted"
    await sent(live, cast.CITIZEN.oid)
    await live.drain()
    told = [n["kind"] for n in (await citizen("GET", "/api/v1/me/notices")).body["items"]]
    assert {"blocked", "objection-decided"} <= set(told)
    heard = [n["kind"] for n in (await operator("GET", "/api/v1/me/notices")).body["items"]]
    assert "objection-filed" in heard


@pytest.mark.clause("5.5")
async def test_the_blocked_still_answers_a_question_and_withdraws(live: Live) -> None:
    number = await sent(live, cast.CITIZEN.oid)
    moderator, citizen = await live.as_(cast.MODERATOR.oid), await live.as_(cast.CITIZEN.oid)
    asked = await moderator.act(number, "ask-clarification", {"question": "Где?"})
    assert asked.status == 200, asked.body
    assert (await blocked(live, number)).status == 200
    answered = await citizen.act(number, "clarify", a_body())
    assert answered.status == 200, answered.body
    assert (await citizen.act(number, "withdraw")).status == 200


@pytest.mark.clause("5.5")
async def test_the_blocked_does_not_write_to_a_thread_that_waits_for_nothing(live: Live) -> None:
    number = await sent(live, cast.CITIZEN.oid)
    await accepted(live, number)
    await routed(live, number)
    citizen, path = await live.as_(cast.CITIZEN.oid), f"/api/v1/messages/{number}/thread"
    assert (await citizen("POST", path, {"text": "Когда начнёте?"})).status == 201
    assert (await blocked(live, number)).status == 200
    assert (await citizen("POST", path, {"text": "Покупайте у нас"})).body["code"] == "blocked"
    assert len((await citizen("GET", path)).body["items"]) == 1


@pytest.mark.clause("5.5")
async def test_the_blocked_writes_neither_surveys_nor_groups_and_takes_back_what_waits(live: Live) -> None:
    group = str((await GroupGround(live).active(cast.CITIZEN)).id)
    citizen = await live.as_(cast.CITIZEN.oid)
    initiator = {"kind": "group", "group_id": group}
    draft = {"initiator": initiator, "content": {"title": "Двор"}}
    made = await citizen("POST", "/api/v1/surveys", draft)
    assert made.status == 201, made.body
    survey, said = f"/api/v1/surveys/{made.body['number']}", {**REVISED, "name": "Купите у нас"}
    assert (await blocked(live, await sent(live, cast.CITIZEN.oid))).status == 200
    writing: list[tuple[str, str, Any, Answered]] = [
        ("POST", "/api/v1/groups", said, made),
        ("POST", f"/api/v1/groups/{group}/revise", said, await citizen("GET", f"/api/v1/groups/{group}")),
        ("POST", "/api/v1/surveys", draft, made),
        ("POST", f"{survey}/copy", {"initiator": initiator}, made),
        ("PATCH", survey, {"title": "Купите у нас"}, made),
        ("POST", f"{survey}/submit", None, made),
    ]
    for method, path, body, seen in writing:
        told = await citizen(method, path, body, headers={"If-Match": seen.etag})
        assert (told.status, told.body.get("code")) == (403, "blocked"), (path, told.body)
    assert (await citizen("GET", survey)).body["content"]["title"] == "Двор"
    withdrawn = await citizen("POST", f"{survey}/withdraw", {}, headers={"If-Match": made.etag})
    assert withdrawn.body["stage"] == "withdrawn", withdrawn.body


@pytest.mark.clause("5.5")
async def test_whoever_holds_a_power_is_not_blocked(live: Live) -> None:
    number = await sent(live, cast.CITY_OFFICIAL.oid)
    refused = await blocked(live, number)
    assert (refused.status, refused.body["code"]) == (403, "not-to-block")


@pytest.mark.clause("5.4")
@pytest.mark.abuse(25, 26, 30)
async def test_all_sessions_of_a_participant_end_at_once_and_nobody_learns_who_is_known(live: Live) -> None:
    first, second = await live.as_(cast.CITIZEN.oid), await live.sign_in(cast.CITIZEN.oid)
    who = (await first("GET", "/api/v1/me")).body["id"]
    operator = await live.as_(cast.OPERATORS[0].oid)
    ended = await operator("POST", f"/api/v1/participants/{who}/end-sessions")
    assert (ended.status, ended.body["count"]) == (200, 2)
    for browser in (first, second):
        assert (await browser("GET", "/api/v1/me")).status == 401
    unknown = await operator("POST", f"/api/v1/participants/{new_id()}/end-sessions")
    again = await operator("POST", f"/api/v1/participants/{who}/end-sessions")
    assert (unknown.status, unknown.body) == (again.status, again.body) == (200, {"count": 0})
