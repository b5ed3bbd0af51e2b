"""A request sent twice under one `Idempotency-Key` makes one thing (ADR 0013)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from dependency_injector import providers

from niktokromenas.adapters import cast
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.documented import described
from tests.integration.http.live import Answered, Client, over
from tests.integration.http.test_surveys import SURVEYS, Stage

GROUPS, TEMPLATES = "/api/v1/groups", "/api/v1/survey-templates"
BODY = {"kind": "body"}
KEY = {"Idempotency-Key": "a-key-of-mine"}
Request = Callable[[Stage, str], Awaitable[tuple[str, dict[str, Any], dict[str, Any]]]]


async def _create(stage: Stage, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return SURVEYS, {"initiator": BODY, "content": {"title": "Свет"}}, {"content": {"title": "Тень"}}


async def _copy(stage: Stage, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return f"{SURVEYS}/{number}/copy", {"initiator": BODY}, {}


async def _import(stage: Stage, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    file = (await (await stage.as_(None))("GET", f"{SURVEYS}/{number}/content.json")).body
    other = {**file, "content": {**file["content"], "title": "Тень"}}
    return f"{SURVEYS}/import", {"initiator": BODY, "file": file}, {"file": other}


async def _of_topic(stage: Stage, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return "/api/v1/survey-topics/gas/draft", {"initiator": BODY}, {"municipality": "18701000"}


async def _save(stage: Stage, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return TEMPLATES, {"survey": number, "name": "Парк | двор"}, {"name": "Иной"}


async def _of_template(stage: Stage, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    official = await stage.as_(cast.CITY_OFFICIAL)
    kept = await official("POST", TEMPLATES, {"survey": number, "name": "Парк"})
    return f"{TEMPLATES}/{kept.body['id']}/draft", {"initiator": BODY}, {}


async def _group(stage: Stage, number: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return GROUPS, {"name": "Двор"}, {"name": "Иной двор"}


REQUESTS: dict[str, Request] = {
    "createSurvey": _create,
    "copySurvey": _copy,
    "importSurvey": _import,
    "beginSurveyOfTopic": _of_topic,
    "saveSurveyTemplate": _save,
    "beginSurveyOfTemplate": _of_template,
    "createGroup": _group,
}
"""(address, body, what another body would say) about an announced survey; `createGroup` is a person's."""
LISTS = {"saveSurveyTemplate": TEMPLATES, "createGroup": "/api/v1/me/groups"}
ELSEWHERE = frozenset({"submitMessage", "writeToThread", "proposeGrant"})
"""Repeated in tests of their own."""
WITHOUT_KEYS = {
    "castBallot": "nothing is kept of a secret ballot beside it; a repeat is told `already-voted`",
    "makeSurveyLink": "its secret is shown once",
    "makeGroupLink": "its secret is shown once",
    "uploadAttachment": "what nobody takes is swept",
    "registerAuthority": "unique by its code",
    "subscribe": "few, seen and deleted by whoever has them",
    "saveFilter": "few, seen and deleted by whoever has them",
    "addAnswerTemplate": "few, seen and ended by whoever has them",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    clock = SettableClock(NOON)
    folder = tmp_path_factory.mktemp("repeats")
    async with over(request.param, folder, clock=providers.Object(clock)) as live:
        yield Stage(live, clock)


def _who(name: str) -> cast.Player:
    return cast.CITIZEN if name == "createGroup" else cast.CITY_OFFICIAL


async def _listed(stage: Stage, name: str) -> int:
    address = LISTS.get(name, "/api/v1/office/surveys")
    found = await (await stage.as_(_who(name)))("GET", f"{address}?limit=100")
    return len(found.body["items"])


def _told(answered: Answered) -> tuple[int, Any, str | None, str | None]:
    return answered.status, answered.body, answered.headers.get("Location"), answered.headers.get("ETag")


def test_whatever_makes_a_thing_takes_a_key_or_has_a_reason_not_to() -> None:
    makes: dict[bool, set[str]] = {True: set(), False: set()}
    for methods in described()["paths"].values():
        for operation in methods.values():
            if "201" in operation["responses"]:
                has = {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
                makes[has].add(operation["operationId"])
                told = operation["responses"]["409"]["content"]["application/problem+json"]["examples"]
                assert not has or "request-running" in told, operation["operationId"]
    assert makes == {True: REQUESTS.keys() | ELSEWHERE, False: WITHOUT_KEYS.keys()}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", REQUESTS)
async def test_a_repeat_is_answered_as_the_first_and_makes_nothing(stage: Stage, name: str) -> None:
    number = await stage.announced()
    path, body, otherwise = await REQUESTS[name](stage, number)
    client, key = await stage.as_(_who(name)), {"Idempotency-Key": f"{name}-{number}"}
    before = await _listed(stage, name)
    first = await client("POST", path, body, headers=key)
    again = await client("POST", path, body, headers=key)
    assert first.status == 201, first.body
    assert _told(again) == _told(first)
    assert await _listed(stage, name) == before + 1
    if otherwise:
        other = await client("POST", path, {**body, **otherwise}, headers=key)
        assert (other.status, other.body["code"]) == (422, "idempotency-key-reused")
        assert await _listed(stage, name) == before + 1


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", REQUESTS)
async def test_twins_make_one(stage: Stage, name: str) -> None:
    number = await stage.announced()
    path, body, _ = await REQUESTS[name](stage, number)
    client, key = await stage.as_(_who(name)), {"Idempotency-Key": f"twins-{name}-{number}"}
    before = await _listed(stage, name)
    both = await asyncio.gather(*(client("POST", path, body, headers=key) for _ in range(4)))
    made = [each.body for each in both if each.status == 201]
    assert made
    assert all(each == made[0] for each in made)
    assert {each.body["code"] for each in both if each.status != 201} <= {"request-running"}
    assert await _listed(stage, name) == before + 1


@pytest.mark.asyncio(loop_scope="module")
async def test_a_key_is_one_persons_and_of_one_address(stage: Stage) -> None:
    one, another = await stage.announced(), await stage.announced()
    key, body = {"Idempotency-Key": f"of-one-{one}"}, {"initiator": BODY}
    official, approver = await stage.as_(cast.CITY_OFFICIAL), await stage.as_(cast.CITY_APPROVER)
    copied = await official("POST", f"{SURVEYS}/{one}/copy", body, headers=key)
    others = await approver("POST", f"{SURVEYS}/{one}/copy", body, headers=key)
    assert (copied.status, others.status) == (201, 201)
    assert others.body["number"] != copied.body["number"]
    elsewhere = await official("POST", f"{SURVEYS}/{another}/copy", body, headers=key)
    assert (elsewhere.status, elsewhere.body["code"]) == (422, "idempotency-key-reused")
    started = await official("POST", "/api/v1/survey-topics/gas/draft", body, headers=key)
    assert started.status == 201  # another operation has keys of its own


@pytest.mark.asyncio(loop_scope="module")
async def test_a_repeat_on_anothers_behalf_is_no_repeat(stage: Stage) -> None:
    company: Client = await stage.company()
    body = {"initiator": {"kind": "business", "authority": cast.CITY}, "content": {"title": "Кафе"}}
    made = await company("POST", SURVEYS, body, headers=KEY)
    assert made.status == 201, made.body
    done = await company("PUT", "/api/v1/me/organisation", {"oid": None})
    assert done.status == 204
    refused = await company("POST", SURVEYS, body, headers=KEY)
    assert (refused.status, refused.body["code"]) == (422, "idempotency-key-reused")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_template_that_is_gone_is_not_saved_again_by_a_repeat(stage: Stage) -> None:
    number = await stage.announced()
    official, key = await stage.as_(cast.CITY_OFFICIAL), {"Idempotency-Key": f"gone-{number}"}
    body = {"survey": number, "name": "Парк"}
    first = await official("POST", TEMPLATES, body, headers=key)
    assert (await official("DELETE", f"{TEMPLATES}/{first.body['id']}")).status == 204
    again = await official("POST", TEMPLATES, body, headers=key)
    assert _told(again) == _told(first)
    assert (await official("GET", f"{TEMPLATES}/{first.body['id']}")).status == 404
