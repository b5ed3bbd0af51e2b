"""Templates, topics, copies and files of surveys over the API (Положение, п. 2.2, разд. 9)."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.domain.surveys import templates as domain
from niktokromenas.domain.surveys.stages import Topic
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.live import Answered, over
from tests.integration.http.test_surveys import QUESTIONS, SURVEYS, Stage, pointers

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEMPLATES, TOPICS = "/api/v1/survey-templates", "/api/v1/survey-topics"
BODY = {"initiator": {"kind": "body"}}
CITY_OKTMO = "18701000"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    clock = SettableClock(NOON)
    folder = tmp_path_factory.mktemp("templates")
    async with over(request.param, folder, clock=providers.Object(clock)) as live:
        yield Stage(live, clock)


async def call(stage: Stage, who: Any, method: str, path: str, body: Any = None) -> Answered:
    return await (await stage.as_(who))(method, path, body)


async def template(stage: Stage, who: Any, number: str, name: str = "Парк") -> str:
    made = await call(stage, who, "POST", TEMPLATES, {"survey": number, "name": name})
    assert made.status == 201, made.body
    assert made.headers["Location"] == f"{TEMPLATES}/{made.body['id']}"
    return str(made.body["id"])


async def begun(stage: Stage, who: Any, path: str, body: Any = BODY) -> Any:
    """The content of the draft that was begun."""
    made = await call(stage, who, "POST", path, body)
    assert made.status == 201, made.body
    assert (made.body["stage"], made.etag) == ("draft", '"1"')
    assert made.headers["Location"] == f"{SURVEYS}/{made.body['number']}"
    return (await stage.seen(who, made.body["number"]))["content"]


def undated(content: Any) -> Any:
    return content | {"announce_at": None, "starts_at": None, "ends_at": None}


async def test_a_template_is_saved_without_dates_and_begins_drafts(stage: Stage) -> None:
    number = await stage.announced()
    content = (await stage.seen(None, number))["content"]
    template_id = await template(stage, cast.CITY_OFFICIAL, number, " Парк ")
    listed = await call(stage, cast.CITY_APPROVER, "GET", TEMPLATES)
    assert listed.body["items"][0] == {"id": template_id, "name": "Парк", "kind": "survey"}
    read = await call(stage, cast.CITY_APPROVER, "GET", f"{TEMPLATES}/{template_id}")
    assert read.body == {
        "id": template_id, "name": "Парк", "kind": "survey", "content": undated(content),
    }  # fmt: skip
    assert await begun(stage, cast.CITY_APPROVER, f"{TEMPLATES}/{template_id}/draft") == undated(content)


@pytest.mark.abuse(7)
@pytest.mark.abuse(13)
async def test_templates_of_others_do_not_exist(stage: Stage) -> None:
    number = await stage.announced()
    of_body = await template(stage, cast.CITY_OFFICIAL, number)
    company = await stage.company()
    of_company = await template(stage, company, number)
    own = await template(stage, cast.CITIZEN, number)
    readers = {
        of_body: [cast.CITY_OFFICIAL, cast.CITY_APPROVER],
        of_company: [company],
        own: [cast.CITIZEN],
    }
    everybody = [cast.CITY_OFFICIAL, cast.CITIZEN, company, cast.OPERATORS[0]]
    for template_id, allowed in readers.items():
        for who in everybody:
            if who in allowed:
                assert (await call(stage, who, "GET", f"{TEMPLATES}/{template_id}")).status == 200
                continue
            for method, path, body in (
                ("GET", "", None),
                ("DELETE", "", None),
                ("POST", "/draft", {"initiator": {"kind": "business", "authority": cast.CITY}}),
            ):
                refused = await call(stage, who, method, f"{TEMPLATES}/{template_id}{path}", body)
                assert (refused.status, refused.body["code"]) == (404, "survey-template-not-found")
            listed = await call(stage, who, "GET", f"{TEMPLATES}?limit=100")
            assert template_id not in {item["id"] for item in listed.body["items"]}
    assert (await call(stage, None, "GET", TEMPLATES)).status == 401
    assert (await call(stage, cast.MODERATOR, "GET", f"{TEMPLATES}/{of_body}")).status == 404


async def test_a_deleted_template_is_gone_for_all_of_the_body(stage: Stage) -> None:
    number = await stage.announced()
    template_id = await template(stage, cast.CITY_OFFICIAL, number)
    gone = await call(stage, cast.CITY_APPROVER, "DELETE", f"{TEMPLATES}/{template_id}")
    assert gone.status == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/draft")):
        body = BODY if path else None
        again = await call(stage, cast.CITY_OFFICIAL, method, f"{TEMPLATES}/{template_id}{path}", body)
        assert (again.status, again.body["code"]) == (404, "survey-template-not-found")


async def test_nobody_keeps_more_templates_than_there_is_place_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from niktokromenas.application.surveys import templates

    monkeypatch.setattr(templates, "TEMPLATES_LIMIT", 2)
    assert domain.TEMPLATES_LIMIT == 100
    number = await stage.announced()
    kept = [await template(stage, cast.OPERATORS[0], number) for _ in range(2)]
    body = {"survey": number, "name": "Третий"}
    refused = await call(stage, cast.OPERATORS[0], "POST", TEMPLATES, body)
    assert (refused.status, refused.body["code"]) == (409, "too-many-survey-templates")
    await call(stage, cast.OPERATORS[0], "DELETE", f"{TEMPLATES}/{kept[0]}")
    await template(stage, cast.OPERATORS[0], number)


async def test_templates_come_in_pages(stage: Stage) -> None:
    number = await stage.announced()
    made = [await template(stage, cast.COORDINATOR, number, f"Шаблон {n}") for n in range(3)]
    first = (await call(stage, cast.COORDINATOR, "GET", f"{TEMPLATES}?limit=2")).body
    rest = (await call(stage, cast.COORDINATOR, "GET", f"{TEMPLATES}?limit=2&after={first['next']}")).body
    assert [item["id"] for item in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["next"] is None
    bad = await call(stage, cast.COORDINATOR, "GET", f"{TEMPLATES}?after=rubbish")
    assert bad.status == 422


@pytest.mark.clause("2.2-satisfaction")
async def test_a_round_of_each_topic_begins_in_a_municipality(stage: Stage) -> None:
    topics = (await call(stage, None, "GET", TOPICS)).body["items"]
    assert [each["topic"] for each in topics] == [topic.value for topic in Topic]
    for each in topics:
        path = f"{TOPICS}/{each['topic']}/draft"
        content = await begun(stage, cast.CITY_OFFICIAL, path, {**BODY, "municipality": CITY_OKTMO})
        assert content["kind"] == "satisfaction"
        assert content["title"] == f"{each['title']}: Волгоград"
        assert content["series"] == {"topic": each["topic"], "municipality": CITY_OKTMO}
        assert content["questions"] == each["questions"]
        assert content["target"]["predicate"] == {"type": "lives-in", "municipalities": [CITY_OKTMO]}
        assert content["target"]["words"] == "живёт: Волгоград (по адресу, указанному в ЕСИА)"
    whole = await begun(stage, cast.COORDINATOR, f"{TOPICS}/gas/draft")
    assert whole["title"].endswith(": Волгоградская область")
    assert whole["series"] == {"topic": "gas", "municipality": None}
    unknown = await call(
        stage, cast.CITY_OFFICIAL, "POST", f"{TOPICS}/gas/draft", {**BODY, "municipality": "1"}
    )
    assert pointers(unknown) == {"/municipality": "unknown-municipality"}
    assert (await call(stage, cast.CITY_OFFICIAL, "POST", f"{TOPICS}/snow/draft", BODY)).status == 404


@pytest.mark.clause("2.2-satisfaction")
async def test_a_round_begun_of_a_topic_is_submitted_once_it_has_dates(stage: Stage) -> None:
    body = {**BODY, "municipality": CITY_OKTMO}
    made = await call(stage, cast.CITY_OFFICIAL, "POST", f"{TOPICS}/roads/draft", body)
    number = made.body["number"]
    dates = {
        "announce_at": stage.at(hours=1), "starts_at": stage.at(hours=2), "ends_at": stage.at(hours=26),
    }  # fmt: skip
    assert (await stage.edited(cast.CITY_OFFICIAL, number, **dates)).status == 200
    assert (await stage.did(cast.CITY_OFFICIAL, number, "submit"))["stage"] == "submitted"


async def test_whoever_sees_a_survey_copies_it_into_a_draft_of_their_own(stage: Stage) -> None:
    number = await stage.announced()
    content = (await stage.seen(None, number))["content"]
    assert await begun(stage, cast.COORDINATOR, f"{SURVEYS}/{number}/copy") == undated(content)
    company = await stage.company()
    business = {"initiator": {"kind": "business", "authority": cast.CITY}}
    assert await begun(stage, company, f"{SURVEYS}/{number}/copy", business) == undated(content)
    lonely = {"initiator": {"kind": "group"}}
    refused = await call(stage, cast.CITIZEN, "POST", f"{SURVEYS}/{number}/copy", lonely)
    assert pointers(refused) == {"/initiator/group_id": "no-group"}


@pytest.mark.abuse(8)
async def test_what_nobody_may_know_of_is_neither_copied_nor_kept_nor_exported(stage: Stage) -> None:
    number = await stage.draft(cast.CITY_OFFICIAL)
    tries: Iterator[tuple[str, str, Any]] = iter(
        (
            ("POST", f"{SURVEYS}/{number}/copy", BODY),
            ("POST", TEMPLATES, {"survey": number, "name": "Чужой"}),
            ("GET", f"{SURVEYS}/{number}/content.json", None),
        )
    )
    for method, path, body in tries:
        for who in (cast.COORDINATOR, cast.OPERATORS[0]):
            refused = await call(stage, who, method, path, body)
            assert (refused.status, refused.body["code"]) == (404, "survey-not-found")
    for path in (f"{SURVEYS}/{number}/content.json", f"{SURVEYS}/S-26-999999/content.json"):
        assert (await call(stage, None, "GET", path)).status == 404
    assert await begun(stage, cast.CITY_APPROVER, f"{SURVEYS}/{number}/copy")


async def test_a_file_of_a_survey_is_loaded_as_it_was_saved(stage: Stage) -> None:
    number = await stage.announced(title="=1+1", tables=[{"question": "mark", "dimension": "age-band"}])
    saved = await call(stage, None, "GET", f"{SURVEYS}/{number}/content.json")
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{number}.json"'
    assert (saved.body["format"], saved.body["version"]) == ("niktokromenas-survey", 1)
    file = json.loads(saved.raw)
    content = await begun(stage, cast.COORDINATOR, f"{SURVEYS}/import", {**BODY, "file": file})
    assert content == (await stage.seen(None, number))["content"]


SCRIPT = "<script>alert(1)</script>"


def file(**content: Any) -> dict[str, Any]:
    return {"format": "niktokromenas-survey", "version": 1, "content": content}


def deep(depth: int) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "age", "oldest": 9}
    for _ in range(depth):
        part = {"type": "not", "of": part}
    return part


HOSTILE: list[tuple[Any, dict[str, str]]] = [
    ({}, {"/file/format": "missing", "/file/version": "missing", "/file/content": "missing"}),
    ([file()], {"/file": "wrong-type"}),
    (file() | {"version": 2}, {"/file/version": "not-one-of"}),
    (file() | {"format": "limesurvey"}, {"/file/format": "not-one-of"}),
    (file() | {"stage": "published"}, {"/file/stage": "unknown-field"}),
    (file(stage="published", id=str(uuid4())), dict.fromkeys(
        ("/file/content/stage", "/file/content/id"), "unknown-field")),
    (file(title="я" * 201), {"/file/content/title": "too-long"}),
    (file(title="\0"), {"/file/content/title": "bad-character"}),
    (file(questions=QUESTIONS * 60), {"/file/content/questions": "too-long"}),
    (file(questions=[{**QUESTIONS[0], "script": SCRIPT}]),
     {"/file/content/questions/0/script": "unknown-field"}),
    (file(questions=[{**QUESTIONS[0], "kind": {"type": "__import__"}}]),
     {"/file/content/questions/0/kind/type": "not-one-of"}),
    (file(target={"predicate": deep(60), "accepts": "platform"}),
     {"/file/content/target/predicate": "too-deep"}),
    (file(target={"predicate": {"type": "any", "of": [deep(1)] * 150}, "accepts": "platform"}),
     {"/file/content/target/predicate": "too-many"}),
    (file(starts_at="2026-13-01T00:00:00Z"), {"/file/content/starts_at": "bad-datetime"}),
]  # fmt: skip


@pytest.mark.abuse(18)
@pytest.mark.abuse(33)
@pytest.mark.parametrize(("sent", "faults"), HOSTILE, ids=lambda given: "")
async def test_a_hostile_file_is_refused_whole(stage: Stage, sent: Any, faults: dict[str, str]) -> None:
    before = await call(stage, cast.COORDINATOR, "GET", "/api/v1/office/surveys?limit=100")
    refused = await call(stage, cast.COORDINATOR, "POST", f"{SURVEYS}/import", {**BODY, "file": sent})
    assert refused.status == 422, refused.body
    assert pointers(refused) == faults
    after = await call(stage, cast.COORDINATOR, "GET", "/api/v1/office/surveys?limit=100")
    assert after.body == before.body


@pytest.mark.abuse(18)
async def test_a_file_that_is_no_json_or_too_deep_to_read_is_refused(stage: Stage) -> None:
    client = await stage.as_(cast.COORDINATOR)
    headers = {"Content-Type": "application/json"}
    for body in (b"PK\x03\x04", b'{"initiator":', b"[" * 100_000, b"\xff\xfe"):
        refused = await client("POST", f"{SURVEYS}/import", data=body, headers=headers)
        assert refused.status == 400, refused.body
    nested = b'{"type":"not","of":' * 500 + b'{"type":"age"}' + b"}" * 500
    body = (
        b'{"initiator":{"kind":"body"},"file":{"format":"niktokromenas-survey","version":1,'
        b'"content":{"target":{"accepts":"platform","predicate":' + nested + b"}}}}"
    )
    refused = await client("POST", f"{SURVEYS}/import", data=body, headers=headers)
    assert refused.status == 422
    assert pointers(refused) == {"/file/content/target/predicate": "too-deep"}


@pytest.mark.abuse(16)
@pytest.mark.abuse(18)
async def test_a_script_in_any_text_stays_text(stage: Stage) -> None:
    question = {
        "code": "q0", "words": SCRIPT, "hint": SCRIPT,
        "kind": {"type": "scale", "low_words": SCRIPT, "high_words": SCRIPT},
    }  # fmt: skip
    sent = file(title=SCRIPT, about=SCRIPT, questions=[question])
    content = await begun(stage, cast.COORDINATOR, f"{SURVEYS}/import", {**BODY, "file": sent})
    assert (content["title"], content["about"]) == (SCRIPT, SCRIPT)
    made = await call(stage, cast.COORDINATOR, "POST", f"{SURVEYS}/import", {**BODY, "file": sent})
    template_id = await template(stage, cast.COORDINATOR, made.body["number"], SCRIPT)
    for path in (TEMPLATES, f"{TEMPLATES}/{template_id}", f"{SURVEYS}/{made.body['number']}/content.json"):
        shown = await call(stage, cast.COORDINATOR, "GET", path)
        assert shown.status == 200
        assert SCRIPT in json.dumps(shown.body, ensure_ascii=False)
        assert shown.headers["Content-Type"].startswith("application/json")
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src" in shown.headers["Content-Security-Policy"] or (
            "default-src 'none'" in shown.headers["Content-Security-Policy"]
        )


async def test_what_is_kept_for_a_body_is_audited_and_what_people_keep_is_theirs(stage: Stage) -> None:
    number = await stage.announced()
    body_s = await template(stage, cast.CITY_OFFICIAL, number)
    own = await template(stage, cast.CITIZEN, number)
    for who, template_id in ((cast.CITY_APPROVER, body_s), (cast.CITIZEN, own)):
        assert (await call(stage, who, "DELETE", f"{TEMPLATES}/{template_id}")).status == 204
    audit = (await call(stage, cast.OPERATORS[0], "GET", "/api/v1/audit?limit=100")).body["items"]
    told = [entry["action"] for entry in audit if entry["object_id"] in (body_s, own)]
    assert sorted(told) == ["survey-template.delete", "survey-template.save"]
