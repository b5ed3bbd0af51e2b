"""Words of ballots over HTTP: read by a moderator first, shown apart from everything else (разд. 9)."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from niktokromenas.adapters import cast
from niktokromenas.domain.surveys.answers import Chosen, Sheet, Spot, Text
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.values import Point
from tests.integration.http.live import Answered, Live
from tests.integration.http.surveyed import annulled, moved, queue, said

SCRIPT = "<script>alert(1)</script>"
HIDE = {"grounds": ["ads"], "words": "Реклама такси"}
MODERATOR = cast.MODERATOR.oid
IN_CITY, IN_TOWN = Point(48.7071, 44.5169), Point(48.8053, 44.7476)


async def decided(live: Live, item: Any, act: str, body: Any = None, oid: str = MODERATOR) -> Answered:
    remark = item["remark"]
    headers = {"If-Match": f'"{remark["version"]}"'}
    path = f"/api/v1/remarks/{remark['id']}/{act}"
    return await (await live.as_(oid))("POST", path, body, headers=headers)


async def shown(live: Live, survey: Survey, question: str, more: str = "") -> Answered:
    path = f"/api/v1/surveys/{survey.number}/remarks?question={question}{more}"
    return await (await live.guest())("GET", path)


async def items_of(live: Live, survey: Survey, stage: str = "unread") -> list[Any]:
    found = await queue(live, MODERATOR, f"?survey={survey.number}&stage={stage}&limit=100")
    assert found.status == 200, found.body
    return list(found.body["items"])


@pytest.mark.clause("9-participate")
@pytest.mark.abuse(16)
async def test_words_are_shown_after_a_moderator_has_read_them(live: Live) -> None:
    phone = "Звоните +7 900 123-45-67, такси"
    survey = await said(
        live, [{"q1": Text(SCRIPT)}, {"q1": Text(phone)}, {"q1": Text("Тихо")}], Secrecy.SECRET
    )
    before = await shown(live, survey, "q1")
    assert (before.body["items"], before.body["counts"]) == ([], {"shown": 0, "hidden": 0, "unread": 3})
    items = {item["remark"]["words"]: item for item in await items_of(live, survey)}
    assert {(i["survey"], i["survey_title"], i["question_words"]) for i in items.values()} == {
        (survey.number, survey.content.title, "Что добавить?")
    }
    assert [(h["kind"], h["where"]) for h in items[phone]["hints"]] == [("phone", "/words")]
    assert items["Тихо"]["hints"] == []
    done = await decided(live, items[SCRIPT], "show")
    assert (done.status, done.body["stage"], done.etag) == (200, "shown", '"2"')
    hidden = await decided(live, items[phone], "hide", HIDE)
    assert (hidden.body["stage"], hidden.body["grounds"], hidden.body["reason"]) == (
        "hidden", ["ads"], "Реклама такси",
    )  # fmt: skip
    after = await shown(live, survey, "q1")
    assert [item["words"] for item in after.body["items"]] == [SCRIPT]
    assert after.body["counts"] == {"shown": 1, "hidden": 1, "unread": 1}
    assert after.body["is_whole"] is True
    assert after.headers["Content-Type"].startswith("application/json")
    assert after.headers["X-Content-Type-Options"] == "nosniff"
    assert b"900" not in after.raw
    assert UUID(after.body["items"][0]["id"]).version == 4
    again = await decided(live, items[phone], "show")
    assert (again.status, again.body["code"]) == (412, "stale-version")
    (seen,) = await items_of(live, survey, "hidden")
    assert (await decided(live, seen, "hide", HIDE)).body["code"] == "already-decided"
    assert (await decided(live, seen, "show")).body["stage"] == "shown"


async def test_the_public_list_comes_in_pages(live: Live) -> None:
    survey = await said(live, [{"q0": Chosen((), f"о{n}"), "q1": Text(f"т{n}")} for n in range(5)])
    chosen = [{k: i["remark"][k] for k in ("id", "version")} for i in await items_of(live, survey)]
    done = await (await live.as_(MODERATOR))("POST", "/api/v1/remarks/show", {"remarks": chosen})
    assert done.status == 200, done.body
    found: list[str] = []
    more = ""
    while True:
        page = (await shown(live, survey, "q0", f"&limit=2{more}")).body
        found += [item["words"] for item in page["items"]]
        if page["next"] is None:
            break
        more = f"&after={page['next']}"
    assert sorted(found) == [f"о{n}" for n in range(5)]


async def test_several_are_decided_together_or_not_at_all(live: Live) -> None:
    survey = await said(live, [{"q1": Text(str(n))} for n in range(4)])
    items = await items_of(live, survey)
    moderator = await live.as_(MODERATOR)
    picked = [{k: item["remark"][k] for k in ("id", "version")} for item in items]
    await decided(live, items[3], "show")
    stale = await moderator("POST", "/api/v1/remarks/hide", {"remarks": picked, **HIDE})
    assert (stale.status, stale.body["code"], stale.body["remark"]) == (409, "stale-version", picked[3]["id"])
    unknown = {"remarks": [*picked[:3], {"id": str(uuid4()), "version": 1}]}
    lost = await moderator("POST", "/api/v1/remarks/show", unknown)
    assert (lost.status, lost.body["code"]) == (404, "remark-not-found")
    twice = await moderator("POST", "/api/v1/remarks/show", {"remarks": [picked[0], picked[0]]})
    assert (twice.status, twice.body["errors"][0]["pointer"]) == (422, "/remarks/1")
    bad = {"remarks": picked[:3], "grounds": ["nothing"], "words": "Так"}
    wrong = await moderator("POST", "/api/v1/remarks/hide", bad)
    assert wrong.body["errors"][0]["code"] == "unknown-ground"
    counts = {"shown": 1, "hidden": 0, "unread": 3}
    assert (await shown(live, survey, "q1")).body["counts"] == counts
    done = await moderator("POST", "/api/v1/remarks/hide", {"remarks": picked[:3], **HIDE})
    assert [(i["id"], i["stage"], i["version"]) for i in done.body["items"]] == [
        (each["id"], "hidden", 2) for each in picked[:3]
    ]
    assert (await shown(live, survey, "q1")).body["counts"] == {"shown": 1, "hidden": 3, "unread": 0}


@pytest.mark.clause("6.1-nondisclosure")
async def test_looks_and_decisions_are_in_the_trail(live: Live) -> None:
    operator = await live.as_(cast.OPERATORS[0].oid)
    survey = await said(live, [{"q1": Text("Раз")}, {"q1": Text("Два")}])
    one, other = await items_of(live, survey)
    await decided(live, one, "show")
    await decided(live, other, "hide", HIDE)
    trail = (await operator("GET", "/api/v1/audit?limit=3")).body["items"]
    kept = [(entry["action"], entry["object_id"]) for entry in trail]
    look = ("personal-data.look", survey.number)
    assert kept == [("remark.hide", other["remark"]["id"]), ("remark.show", one["remark"]["id"]), look]
    assert all(entry["grant"] for entry in trail)
    assert set(trail[2]["facts"]["remarks"].split()) == {one["remark"]["id"], other["remark"]["id"]}
    assert trail[0]["facts"] == {"survey": survey.number}


@pytest.mark.abuse(10)
async def test_only_moderators_decide_and_never_on_their_own_survey(live: Live) -> None:
    survey = await said(live, [{"q1": Text("Раз")}])
    (item,) = await items_of(live, survey)
    for oid in (cast.CITIZEN.oid, cast.CITY_OFFICIAL.oid, cast.OPERATORS[0].oid, cast.TECHNICAL.oid):
        assert (await queue(live, oid)).body["code"] == "role-required"
        for act, body in (("show", None), ("hide", HIDE)):
            assert (await decided(live, item, act, body, oid)).body["code"] == "role-required"
    assert (await (await live.guest())("GET", "/api/v1/remarks/queue")).status == 401
    moderator = await live.cast.actor(MODERATOR)
    initiator = evolve(survey.initiator, participant_id=moderator.participant_id)
    await moved(live, survey, initiator=initiator)
    refused = await decided(live, item, "show")
    assert (refused.status, refused.body["code"]) == (403, "own-survey")
    assert (await decided(live, item, "show", oid=cast.OTHER_MODERATOR.oid)).status == 200


@pytest.mark.clause("9-participate")
async def test_words_go_with_the_result(live: Live) -> None:
    """Before it is published and after it is annulled there are none; a draft does not exist at all."""
    survey = await said(live, [{"q1": Text("Раз")}, {"q1": Text("Два")}])
    one, other = await items_of(live, survey)
    await decided(live, one, "show")
    for question in ("q9", "q2'--", "%3Cscript%3E"):
        wrong = await shown(live, survey, question)
        assert (wrong.status, wrong.body["errors"][0]["code"]) == (422, "unknown-question")
    await moved(live, survey, stage=Stage.CLOSED)
    early = await shown(live, survey, "q1")
    assert (early.status, early.body["code"]) == (404, "no-results-yet")
    await annulled(live, survey)
    late = await shown(live, survey, "q1")
    assert (late.status, late.body["code"]) == (404, "no-results")
    assert await items_of(live, survey) == []
    refused = await decided(live, other, "show")
    assert (refused.status, refused.body["code"]) == (409, "survey-not-published")
    await moved(live, survey, stage=Stage.DRAFT)
    assert (await shown(live, survey, "q1")).body["code"] == "survey-not-found"


@pytest.mark.clause("9-participate")
async def test_points_are_shown_as_numbers_of_municipalities(live: Live) -> None:
    """Where few are, the number is hidden, and so much else that it cannot be told from the rest."""
    sheets: list[Sheet] = [{"q2": Spot(IN_CITY)} for _ in range(9)]
    survey = await said(live, [*sheets, {"q2": Spot(IN_TOWN)}, {"q2": Spot(Point(10.0, 10.0))}])
    got = (await shown(live, survey, "q2")).body
    found = {spot["municipality"]: spot["count"] for spot in got["spots"]}
    assert set(found) == {*live.container.region().municipalities, "elsewhere"}
    city = live.container.locator().locate(IN_CITY).municipality
    town = live.container.locator().locate(IN_TOWN).municipality
    assert city != town
    assert set(found.values()) == {None}, "the rest would tell the two apart"
    many = await said(live, [{"q2": Spot(IN_CITY)}] * 9 + [{"q2": Spot(IN_TOWN)}] * 8)
    got = await shown(live, many, "q2")
    found = {spot["municipality"]: spot["count"] for spot in got.body["spots"]}
    assert {place: count for place, count in found.items() if count is not None} == {city: 9}
    assert got.body["items"] == []
    assert b"44.5" not in got.raw
