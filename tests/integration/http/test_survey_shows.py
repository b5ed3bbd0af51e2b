"""What the decree's section 9 promises, from an idea to a result that anyone recounts, over the API alone."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.adapters.cli.main import main
from tests.integration.http.live import Answered
from tests.integration.http.test_first_paragraph import a_body
from tests.integration.http.test_surveys import OPTIONS, SURVEYS, Stage, pointers, stage

__all__ = ["stage"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
RECOUNT = Path(__file__).parents[3] / "docs" / "recount.py"
QUESTION = {"code": "yard", "words": "Закрыть двор для машин?", "kind": {"type": "one", "options": OPTIONS}}
GROUPS = "/api/v1/groups"


async def done(
    stage: Stage, who: Player | None, method: str, path: str, body: Any = None, **more: Any
) -> Any:
    answered = await (await stage.as_(who))(method, path, body, **more)
    assert answered.status < 300, answered.body
    return answered.body


async def a_group(stage: Stage, owner: Player, *members: Player) -> str:
    """Founded, approved and joined over the API."""
    made = await done(stage, owner, "POST", GROUPS, {"name": "Соседи по двору"})
    read = await (await stage.as_(cast.MODERATOR))("GET", f"{GROUPS}/{made['id']}")
    await done(
        stage,
        cast.MODERATOR,
        "POST",
        f"{GROUPS}/{made['id']}/approve",
        headers={"If-Match": read.etag},
    )
    for member in members:
        await done(stage, member, "POST", f"{GROUPS}/{made['id']}/join")
    return str(made["id"])


async def voted(stage: Stage, who: Player, number: str, option: str, **more: Any) -> Answered:
    answers = {"yard": {"type": "chosen", "options": [option]}}
    return await (await stage.as_(who))("POST", f"{SURVEYS}/{number}/ballots", {"answers": answers, **more})


def recounted(log: Path, receipt: str) -> None:
    """By the platform's command and by the program that knows nothing of the platform."""
    ours = CliRunner().invoke(main, ["recount", str(log), "--receipt", receipt])
    assert ours.exit_code == 0, ours.output
    theirs = subprocess.run(
        [sys.executable, "-I", str(RECOUNT), str(log), receipt], capture_output=True, text=True, check=False
    )
    assert theirs.returncode == 0, theirs.stdout + theirs.stderr


@pytest.mark.clause("3.12")
@pytest.mark.clause("4.7-vote")
@pytest.mark.clause("9-initiate")
@pytest.mark.clause("9-participate")
@pytest.mark.clause("9-target")
@pytest.mark.clause("9-rules")
async def test_a_vote_of_neighbours_from_an_idea_to_a_result_that_anyone_recounts(
    stage: Stage, tmp_path: Path
) -> None:
    voters = (cast.OTHER_CITIZEN, cast.COORDINATOR, cast.TECHNICAL, cast.OPERATORS[1])
    group = await a_group(stage, cast.CITIZEN, *voters)
    inside = {"predicate": {"type": "in-group", "group": group}, "accepts": "esia_declared"}
    content = stage.content(kind="vote", title="Двор без машин", questions=[QUESTION], secrecy="secret")
    initiator = {"kind": "group", "group_id": group}

    number = await stage.draft(cast.CITIZEN, content, initiator)
    outside = await stage.act(cast.CITIZEN, number, "submit")
    assert pointers(outside) == {"/target/predicate": "outside-group"}
    assert (await stage.edited(cast.CITIZEN, number, target=inside)).status == 200
    await stage.did(cast.CITIZEN, number, "submit")
    refusal = {"grounds": ["no_substance"], "words": "Скажите, о каком дворе речь"}
    await stage.did(cast.MODERATOR, number, "refuse", refusal)
    await stage.later(minutes=1)
    told = await done(stage, cast.CITIZEN, "GET", "/api/v1/me/notices?limit=100")
    assert "own-survey-refused" in [notice["kind"] for notice in told["items"]]
    await stage.did(cast.CITIZEN, number, "revise")
    await stage.edited(cast.CITIZEN, number, title="Двор дома 5 без машин")
    await stage.did(cast.CITIZEN, number, "submit")
    await stage.did(cast.MODERATOR, number, "approve")
    await stage.later(minutes=61)

    early = await voted(stage, cast.CITIZEN, number, "for")
    assert (early.status, early.body["code"]) == (409, "not-open")
    assert {"starts_at", "ends_at"} <= set(early.body)
    await stage.later(hours=1)
    part = await done(stage, cast.CITIZEN, "GET", f"{SURVEYS}/{number}/my-part")
    assert part["promises"]["is_secret"]
    stranger = await voted(stage, cast.CITY_OFFICIAL, number, "for")
    assert (stranger.status, stranger.body["code"]) == (403, "not-in-target")
    choices = dict(zip((cast.CITIZEN, *voters), ("for", "for", "against", "abstain", "for"), strict=True))
    receipts = {}
    for voter, option in choices.items():
        taken = await voted(stage, voter, number, option)
        assert taken.status == 201, taken.body
        receipts[voter] = taken.body["receipt"]
    again = await voted(stage, cast.CITIZEN, number, "against")
    assert (again.status, again.body["code"]) == (409, "already-voted")
    waits = await (await stage.as_(None))("GET", f"{SURVEYS}/{number}/results")
    assert (waits.status, waits.body["stage"]) == (404, "open")
    assert "ends_at" in waits.body

    await stage.later(days=2)
    late = await voted(stage, cast.CITY_APPROVER, number, "for")
    assert (late.status, late.body["code"]) == (409, "not-open")
    assert (await stage.seen(None, number))["stage"] == "published"
    results = await done(stage, None, "GET", f"{SURVEYS}/{number}/results")
    counted = {option["code"]: option["count"] for option in results["questions"][0]["options"]}
    assert counted == Counter(choices.values())
    assert results["turnout"]["voted"] == len(choices)
    log = tmp_path / "log.jsonl"
    log.write_bytes((await (await stage.as_(None))("GET", f"{SURVEYS}/{number}/log")).raw)
    for receipt in receipts.values():
        recounted(log, receipt)
    checked = await done(
        stage, None, "POST", f"{SURVEYS}/{number}/receipts/check", {"receipt": receipts[cast.CITIZEN]}
    )
    assert checked["is_in_log"]
    await stage.did(cast.CITIZEN, number, "follow-up", {"words": "Поставили шлагбаум"})
    assert [f["words"] for f in (await stage.seen(None, number))["follow_ups"]] == ["Поставили шлагбаум"]


@pytest.mark.clause("9-initiate")
async def test_a_group_that_is_not_active_announces_nothing_and_keeps_no_survey_waiting(stage: Stage) -> None:
    group = await a_group(stage, cast.CITIZEN)
    inside = {"predicate": {"type": "in-group", "group": group}, "accepts": "esia_declared"}
    initiator = {"kind": "group", "group_id": group}
    number = await stage.draft(cast.CITIZEN, stage.content(target=inside), initiator)
    await stage.did(cast.CITIZEN, number, "submit")
    await stage.did(cast.MODERATOR, number, "approve")
    read = await (await stage.as_(cast.MODERATOR))("GET", f"{GROUPS}/{group}")
    refusal = {"grounds": ["ads"], "words": "Группа рекламирует товар"}
    headers = {"If-Match": read.etag}
    await done(stage, cast.MODERATOR, "POST", f"{GROUPS}/{group}/refuse", refusal, headers=headers)
    await stage.later(minutes=61)
    assert (await stage.seen(cast.CITIZEN, number))["stage"] == "approved"
    await stage.later(hours=1)
    assert (await stage.seen(cast.CITIZEN, number))["stage"] == "draft"


@pytest.mark.clause("9-moderation")
async def test_a_moderator_who_is_a_deputy_of_the_group_does_not_decide_on_its_survey(stage: Stage) -> None:
    group = await a_group(stage, cast.CITIZEN, cast.MODERATOR)
    me = await (await stage.as_(cast.MODERATOR))("GET", "/api/v1/me")
    read = await (await stage.as_(cast.CITIZEN))("GET", f"{GROUPS}/{group}")
    named, headers = {"participant": me.body["id"]}, {"If-Match": read.etag}
    await done(stage, cast.CITIZEN, "POST", f"{GROUPS}/{group}/name-deputy", named, headers=headers)
    inside = {"predicate": {"type": "in-group", "group": group}, "accepts": "esia_declared"}
    initiator = {"kind": "group", "group_id": group}
    number = await stage.draft(cast.CITIZEN, stage.content(target=inside), initiator)
    await stage.did(cast.CITIZEN, number, "submit")
    assert (await stage.seen(cast.MODERATOR, number))["possible"] == []
    refused = await stage.act(cast.MODERATOR, number, "approve")
    assert (refused.status, refused.body["code"]) == (403, "own-survey")
    assert "approve" in (await stage.seen(cast.OTHER_MODERATOR, number))["possible"]
    await stage.did(cast.OTHER_MODERATOR, number, "approve")


@pytest.mark.clause("2.1-lawmaking")
async def test_a_legislative_vote_is_open_and_names_those_who_agree(stage: Stage) -> None:
    content = {"kind": "legislative", "title": "Закон о тишине", "questions": [QUESTION]}
    number = await stage.draft(cast.OPERATORS[1], stage.content(**content, secrecy="secret"))
    secret = await stage.act(cast.OPERATORS[1], number, "submit")
    assert pointers(secret) == {"/secrecy": "must-be-open"}
    await stage.edited(cast.OPERATORS[1], number, secrecy="open")
    await stage.did(cast.OPERATORS[1], number, "submit")
    await stage.did(cast.MODERATOR, number, "approve")
    await stage.later(minutes=61)
    await stage.later(minutes=60)
    unnamed = await voted(stage, cast.CITIZEN, number, "for")
    assert pointers(unnamed) == {"/agrees_to_be_named": "no-consent"}
    assert (await voted(stage, cast.CITIZEN, number, "for", agrees_to_be_named=True)).status == 201
    running = await (await stage.as_(None))("GET", f"{SURVEYS}/{number}/named")
    assert running.body["code"] == "names-not-yet"
    await stage.later(days=2)
    named = await done(stage, None, "GET", f"{SURVEYS}/{number}/named")
    assert [(item["name"], item["answers"]["yard"]["options"]) for item in named["items"]] == [
        (str(cast.CITIZEN.name), ["for"])
    ]


@pytest.mark.clause("2.2-satisfaction")
async def test_a_round_of_satisfaction_asks_what_the_round_before_asked(stage: Stage) -> None:
    """Of roads, in one town, from the platform's template; its result is compared with the round before."""
    means = []
    for mark in (2, 4):
        begun = await done(
            stage,
            cast.CITY_OFFICIAL,
            "POST",
            "/api/v1/survey-topics/roads/draft",
            {"initiator": {"kind": "body"}, "municipality": "18701000"},
        )
        number = begun["number"]
        everybody = {"predicate": {"type": "all", "of": []}, "accepts": "esia_declared"}
        dates = {key: stage.content()[key] for key in ("announce_at", "starts_at", "ends_at")}
        await stage.edited(cast.CITY_OFFICIAL, number, target=everybody, secrecy="open", **dates)
        await stage.did(cast.CITY_OFFICIAL, number, "submit")
        await stage.did(cast.MODERATOR, number, "approve")
        await stage.later(minutes=61)
        await stage.later(minutes=60)
        questions = (await stage.seen(None, number))["content"]["questions"]
        for voter in (cast.CITIZEN, cast.OTHER_CITIZEN, cast.COORDINATOR):
            answers = {q["code"]: answer(q, mark) for q in questions if q["is_required"]}
            await done(stage, voter, "POST", f"{SURVEYS}/{number}/ballots", {"answers": answers})
        await stage.later(days=2)
        results = await done(stage, None, "GET", f"{SURVEYS}/{number}/results")
        means.append((number, results["comparison"]))
    (first, before), (_, compared) = means
    assert before is None
    assert compared["number"] == first
    overall = next(each for each in compared["scales"] if each["question"] == "overall")
    assert overall["difference"] == pytest.approx(2.0)


def answer(question: Any, mark: int) -> Any:
    kind = question["kind"]
    if kind["type"] == "scale":
        return {"type": "scale", "value": mark}
    return {"type": "chosen", "options": [kind["options"][0]["code"]]}


@pytest.mark.clause("1.3-survey")
async def test_who_takes_part_in_no_survey_loses_nothing(stage: Stage) -> None:
    """Outside surveys the one who answered and the one who did not are answered alike, and may as much."""
    number = await stage.announced(questions=[QUESTION], secrecy="open")
    await stage.later(hours=1)
    assert (await voted(stage, cast.CITIZEN, number, "for")).status == 201
    voter, other = await stage.as_(cast.CITIZEN), await stage.as_(cast.OTHER_CITIZEN)
    document = (await (await stage.as_(None))("GET", "/api/v1/openapi.json")).body
    paths = [
        path
        for path, methods in document["paths"].items()
        if "get" in methods and "{" not in path and "/surveys" not in path
    ]
    assert len(paths) > 20
    for path in paths:
        answers = [await client("GET", path) for client in (voter, other)]
        assert answers[0].status == answers[1].status, path
    for client in (voter, other):
        assert (await client("POST", "/api/v1/messages", a_body())).status == 201
        joined = await client("POST", GROUPS, {"name": "Без опросов"})
        assert joined.status == 201, joined.body
