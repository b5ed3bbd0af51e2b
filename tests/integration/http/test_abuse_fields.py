"""No body sets what is not meant or clears what it leaves out; no list is without an end (abuse 33, 34)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from niktokromenas.adapters import cast
from tests.integration.http import test_ballots, test_survey_wire
from tests.integration.http.asking import a_ground, body_schema, client_of, parameters, resolved, who_may
from tests.integration.http.documented import OPERATIONS, described
from tests.integration.http.ground import Ground
from tests.integration.http.live import Client

in_module = pytest.mark.asyncio(loop_scope="module")
BODIED = sorted(name for name in OPERATIONS if body_schema(name) is not None)
CHANGING = sorted(name for name in BODIED if OPERATIONS[name][1] in ("put", "patch"))
LEAVES_ALONE = {
    "editSurvey": test_survey_wire.test_an_edit_leaves_alone_what_it_does_not_name,
    "changeMyBallot": test_ballots.test_a_name_stays_where_a_change_says_nothing_of_it,
}
"""A draft is written bit by bit, and answers are changed without asking for the name again: what is not named
stays, and these tests say so."""
NOT_MEANT = {
    "id": "00000000-0000-0000-0000-000000000000", "number": "26-000001", "version": 9, "stage": "closed",
    "publicity": "public", "is_public": True, "author": None, "author_id": "1", "owner": "1",
    "role": "operator", "participant": "1", "confirmed_by": "1", "is_admin": True,
    "at": "2020-01-01T00:00:00Z", "due": None,
    "taken_by": "1", "channel": "import", "placed_at": "2020-01-01T00:00:00Z", "rating": 5, "key": "../x",
}  # fmt: skip
"""Names of what the platform keeps and nobody sends."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with a_ground("sqlite", tmp_path_factory.mktemp("fields")) as found:
        yield found


@pytest.mark.abuse(33)
def test_every_body_and_what_lies_in_it_is_closed() -> None:
    """Of objects alone: a map has its own rule for keys."""
    sent = [body_schema(name) for name in BODIED]
    seen: list[Any] = []
    while sent:
        schema = resolved(sent.pop())
        if schema in seen:
            continue
        seen.append(schema)
        for inner in ("anyOf", "oneOf"):
            sent += schema.get(inner, [])
        sent += schema.get("properties", {}).values()
        sent += [schema["items"]] if "items" in schema else []
        if "properties" in schema:
            assert schema["additionalProperties"] is False, schema.get("title")
    assert len(seen) > len(BODIED)


@in_module
@pytest.mark.abuse(33)
@pytest.mark.parametrize("name", BODIED)
async def test_no_body_sets_what_the_platform_keeps(ground: Ground, name: str) -> None:
    await ground.nobody_blocked()
    player, (path, method) = who_may(name), OPERATIONS[name]
    client, stand = await client_of(ground.live, name), await ground.make(name, player)
    known = set(resolved(body_schema(name))["properties"])
    extra = {field: value for field, value in NOT_MEANT.items() if field not in known}
    headers = {"If-Match": f'"{stand.version}"'}
    body = {**(stand.body or {}), **extra}
    refused = await client(method.upper(), path.format(**stand.path), body, headers=headers)
    told = {e["pointer"]: e["code"] for e in refused.body["errors"]}
    assert refused.status == 422
    assert {pointer for pointer, code in told.items() if code == "unknown-field"} == {f"/{f}" for f in extra}


async def chosen(client: Client, **modes: str) -> dict[str, str]:
    done = await client("PUT", "/api/v1/me/notice-settings", {"modes": modes})
    assert done.status == 200, done.body
    read = (await client("GET", "/api/v1/me/notice-settings")).body
    assert read == done.body
    return {item["kind"]: item["mode"] for item in read["items"]}


def test_what_is_changed_in_place_has_a_test_of_what_it_leaves() -> None:
    """Whoever adds such a body says here what becomes of what it leaves out."""
    needed = {name: set(resolved(body_schema(name)).get("required", ())) for name in CHANGING}
    whole = {
        name for name, fields in needed.items() if fields == set(resolved(body_schema(name))["properties"])
    }
    assert set(LEAVES_ALONE).isdisjoint(whole)
    assert whole | set(LEAVES_ALONE) == set(CHANGING), "all is sent, so that nothing is left out by mistake"
    assert set(CHANGING) == {
        "renameFilter", "changeAnswerTemplate", "chooseOrganisation", "chooseGrant", "chooseNoticeSettings",
        "recordConnection", "editSurvey", "changeMyBallot", "changeSecretBallot",
    }  # fmt: skip


def test_a_change_that_may_be_sent_in_part_has_a_test_of_its_own() -> None:
    for test in LEAVES_ALONE.values():
        assert test.__name__.startswith("test_")
        assert 33 in {number for mark in test.pytestmark for number in mark.args if mark.name == "abuse"}


@in_module
@pytest.mark.abuse(33)
@pytest.mark.parametrize("name", sorted(set(CHANGING) - set(LEAVES_ALONE)))
async def test_a_change_that_leaves_a_field_out_is_refused_and_changes_nothing(
    ground: Ground, name: str
) -> None:
    player, (path, method) = who_may(name), OPERATIONS[name]
    client, stand = await client_of(ground.live, name), await ground.make(name, player)
    for field in resolved(body_schema(name))["properties"]:
        body = {key: value for key, value in (stand.body or {}).items() if key != field}
        refused = await client(method.upper(), path.format(**stand.path), body)
        assert (refused.status, refused.body["code"]) == (422, "invalid"), refused.body
        assert {"pointer": f"/{field}", "code": "missing"}.items() <= refused.body["errors"][0].items()


@in_module
@pytest.mark.abuse(33)
async def test_a_kind_of_letter_that_is_not_named_stays_as_it_was_chosen(ground: Ground) -> None:
    """Switched off in a letter, it does not come on again because a page sent another kind."""
    client = await ground.live.as_(cast.OTHER_CITIZEN.oid)
    first = await chosen(client, **{"message-routed": "off"})
    assert first["message-routed"] == "off"
    then = await chosen(client, **{"message-closed": "daily"})
    assert then == {**first, "message-closed": "daily"}
    assert await chosen(client) == then


PAGED = sorted(name for name in OPERATIONS if "limit" in parameters(name, "query"))
OF_A_BOUNDED_NUMBER = {
    "readHistory": "acts on one message",
    "readDuplicates": "ten at most",
    "readHints": "places in one text",
    "readSubscriptions": "twenty at most",
    "readFilters": "so many a person",
    "readSessions": "those of one person",
    "readOwnGrants": "those of one person",
    "readOfficeLoad": "colleagues of one authority",
    "readNoticeSettings": "kinds of notices",
    "readSurveyHistory": "acts on one survey",
    "readGroupHistory": "acts on one group",
    "readGroupLinks": "the last hundred",
    "readSurveyTopics": "six",
    "readAuthorities": "the register of authorities",
    "readMunicipalities": "the region's",
    "readDirectoryOfAuthorities": "the region's",
    "readGrounds": "the rules'",
    "readSurveyGrounds": "the requirements'",
    "readCategories": "the region's",
}
"""Lists without pages, and what bounds each."""


@pytest.mark.abuse(34)
def test_every_list_has_pages_or_a_bound_of_its_own() -> None:
    lists = set()
    for name, (path, method) in OPERATIONS.items():
        answer = described()["paths"][path][method]["responses"].get("200", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if method == "get" and "items" in resolved(schema).get("properties", {}):
            lists.add(name)
    assert lists - set(PAGED) == set(OF_A_BOUNDED_NUMBER)


@in_module
@pytest.mark.abuse(34)
@pytest.mark.parametrize("name", PAGED)
async def test_no_page_is_longer_than_a_hundred(ground: Ground, name: str) -> None:
    await ground.nobody_blocked()
    client, stand = await client_of(ground.live, name), await ground.make(name, who_may(name))
    url = OPERATIONS[name][0].format(**stand.path)
    needed = {**stand.query, **({"q": "яма"} if "q" in parameters(name, "query") else {})}
    more = "".join(f"&{key}={value}" for key, value in needed.items())
    for limit in ("101", "1000000", "0", "-1", "1e3", "999999999999999999999"):
        refused = await client("GET", f"{url}?limit={limit}{more}")
        assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/limit"), limit
    assert (await client("GET", f"{url}?limit=100{more}")).status == 200
