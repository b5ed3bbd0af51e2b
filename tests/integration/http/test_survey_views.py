"""Who sees what of a survey and of a social group, field by field, written out by hand (разд. 9; 152-FZ).

As in test_views: the tables say what the decree gives, and nothing in them is read from the product.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from attrs import define
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.application.surveys import deciding
from niktokromenas.domain.groups.membership import MemberAct
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.group_ground import GroupGround
from tests.integration.http.live import Answered, Live, over
from tests.integration.http.survey_ground import SurveyGround

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.clause("9-participate")]

WHO = {
    "guest": None,
    "stranger": cast.OTHER_CITIZEN.oid,
    "formed": cast.CITY_OFFICIAL.oid,
    "colleague": cast.CITY_APPROVER.oid,
    "elsewhere": cast.ROAD_OFFICIAL.oid,
    "moderator": cast.MODERATOR.oid,
    "operator": cast.OPERATORS[0].oid,
    "technical": cast.TECHNICAL.oid,
    "coordinator": cast.COORDINATOR.oid,
}
"""The city is the initiator: who formed the survey and the colleague act for it alike."""

VIEWS = {
    #            guest   strang. formed  coll.   elsew.  moder.  oper.   techn.  coord.
    "draft":     "none    none    own     own     none    none    none    none    none",
    "submitted": "none    none    own     own     none    inside  inside  inside  none",
    "refused":   "none    none    own     own     none    inside  inside  inside  none",
    "approved":  "none    none    own     own     none    inside  inside  inside  none",
    "announced": "public  public  own     own     public  inside  inside  inside  public",
    "open":      "public  public  own     own     public  inside  inside  inside  public",
    "stopped":   "public  public  own     own     public  inside  inside  inside  public",
    "published": "public  public  own     own     public  inside  inside  inside  public",
}  # fmt: skip

FIELDS = {
    "id":           "own inside public",
    "number":       "own inside public",
    "version":      "own inside public",
    "stage":        "own inside public",
    "initiator":    "own inside public",
    "content":      "own inside public",
    "announced_at": "own inside public",
    "published_at": "own inside public",
    "ending":       "own inside public",
    "follow_ups":   "own inside public",
    "possible":     "own inside",
    "is_mine":      "own",
    "inside":       "own inside",
}  # fmt: skip
"""`inside` holds the rounds, the terms and the refusal."""
INSIDE = {
    "round", "created_at", "consent_due", "moderation_due", "is_late", "overdue_rounds", "refusal",
    "freeze_reason", "follow_up_due",
}  # fmt: skip
INITIATOR = {"kind", "body", "body_name", "group_id", "name", "authority", "authority_name"}
ENTRY = {"act", "from_stage", "to_stage", "at", "role", "body", "body_name", "words", "document", "round"}

POSSIBLE = {
    "draft": {"own": ["edit", "submit", "withdraw"]},
    "submitted": {
        "own": ["take-back", "withdraw"],
        "moderator": ["approve", "refuse"],
        "operator": ["refuse"],
        "technical": ["refuse"],
    },
    "refused": {"own": ["revise", "withdraw"]},
    "approved": {
        "own": ["take-back", "withdraw"],
        "moderator": ["refuse"],
        "operator": ["refuse"],
        "technical": ["refuse"],
    },
    "announced": {"own": ["withdraw"], "operator": ["stop"]},
    "open": {"operator": ["stop"]},
    "stopped": {},
    "published": {"own": ["follow-up"], "operator": ["annul"]},
}
"""By the view, or by the reader where their role decides."""

PUBLIC = {
    "announced": ["announce"],
    "open": ["announce", "open"],
    "stopped": ["announce", "open", "stop", "seal"],
    "published": ["announce", "open", "close", "publish"],
}
WHOLE = {
    "draft": ["create"],
    "submitted": ["create", "submit"],
    "refused": ["create", "submit", "refuse"],
    "approved": ["create", "submit", "approve"],
    **{case: ["create", "submit", "approve", *acts] for case, acts in PUBLIC.items()},
}
"""The history: of everybody, and of the initiator and those who decide."""
WHY, STOPPED = "Второй вопрос подсказывает ответ", "В вопросе ошибка"
NOTHING: tuple[Any, ...] = (None, [], False)
PAIRS = [(case, who) for case in VIEWS for who in WHO]


def view_of(case: str, who: str) -> str:
    return dict(zip(WHO, VIEWS[case].split(), strict=True))[who]


GROUP_WHO = {
    "guest": None,
    "stranger": cast.CITY_OFFICIAL.oid,
    "owner": cast.CITIZEN.oid,
    "deputy": cast.ROAD_OFFICIAL.oid,
    "member": cast.OTHER_CITIZEN.oid,
    "moderator": cast.MODERATOR.oid,
    "operator": cast.OPERATORS[0].oid,
    "coordinator": cast.COORDINATOR.oid,
}
GROUP_VIEWS = {
    #            guest   strang. owner   deputy  member  moder.  oper.   coord.
    "submitted": "none    none    leader  none    none    desk    none    none",
    "refused":   "none    none    leader  none    none    desk    none    none",
    "active":    "public  public  leader  leader  public  desk    public  public",
}  # fmt: skip
"""Only the active one has people in it."""
GROUP_FIELDS = {
    "id":         "leader desk public",
    "version":    "leader desk public",
    "name":       "leader desk public",
    "about":      "leader desk public",
    "joining":    "leader desk public",
    "stage":      "leader desk public",
    "members":    "leader desk public",
    "created_at": "leader desk public",
    "ended_at":   "leader desk public",
    "standing":   "leader desk public",
    "possible":   "leader desk public",
    "is_owner":   "leader",
    "is_leader":  "leader",
    "owner":      "leader",
    "deputies":   "leader",
    "moderation": "leader desk",
}  # fmt: skip
GROUP_LISTS = {"people": "leader", "links": "leader", "history": "leader desk"}
GROUP_PAIRS = [(case, who) for case in GROUP_VIEWS for who in GROUP_WHO]


@define(eq=False)
class World:
    live: Live
    surveys: dict[str, str]
    groups: dict[str, str]
    ids: dict[str, str]

    async def get(self, oid: str | None, path: str) -> Answered:
        client = await (self.live.guest() if oid is None else self.live.as_(oid))
        return await client("GET", f"/api/v1{path}")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    clock = SettableClock(NOON - timedelta(days=7))
    folder = tmp_path_factory.mktemp("survey-views")
    async with over(request.param, folder, clock=providers.Object(clock)) as live:
        clock.at = NOON
        ground, groups = SurveyGround(live, clock), GroupGround(live)
        stop = deciding.StopSurvey(words=STOPPED)
        made = {
            "draft": await ground.draft(),
            "submitted": await ground.submitted(),
            "refused": await ground.refused(),
            "approved": await ground.approved(),
            "announced": await ground.announced(),
            "open": await ground.opened(),
            "stopped": await ground.act(cast.OPERATORS[1], await ground.opened(), stop),
            "published": await ground.published(),
        }
        active = await groups.joined(cast.CITIZEN, cast.OTHER_CITIZEN)
        await groups.move(cast.ROAD_OFFICIAL, active, MemberAct.JOIN)
        deputy = await groups.id_of(cast.ROAD_OFFICIAL)
        owner = await live.cast.actor(cast.CITIZEN.oid)
        await live.container.lead_group().name_deputy(owner, active.id, deputy)
        found = {
            "submitted": await groups.submitted(cast.CITIZEN, name="Новые соседи"),
            "refused": await groups.refused(cast.CITIZEN, name="Бывшие соседи"),
            "active": active,
        }
        yield World(
            live,
            {case: survey.number for case, survey in made.items()},
            {case: str(group.id) for case, group in found.items()},
            {"owner": str(await groups.id_of(cast.CITIZEN)), "deputy": str(deputy)},
        )


@pytest.mark.parametrize(("case", "who"), PAIRS)
async def test_each_field_of_a_survey_is_for_those_it_is_for(world: World, case: str, who: str) -> None:
    seen = await world.get(WHO[who], f"/surveys/{world.surveys[case]}")
    view = view_of(case, who)
    if view == "none":
        assert (seen.status, seen.body["code"]) == (404, "survey-not-found")
        assert WHY not in seen.raw.decode()
        return
    assert seen.status == 200, seen.body
    body = seen.body
    assert set(body) == set(FIELDS)
    for name, views in FIELDS.items():
        assert view in views.split() or body[name] in NOTHING, name
    assert body["is_mine"] == (view == "own")
    assert set(body["initiator"]) == INITIATOR
    assert (body["initiator"]["body"], body["initiator"]["name"]) == (cast.CITY, None)
    assert (body["inside"] is None) == (view == "public")
    if body["inside"] is not None:
        assert set(body["inside"]) == INSIDE
        refusal = body["inside"]["refusal"]
        assert (refusal and refusal["words"]) == (WHY if case == "refused" else None)
    acts = POSSIBLE[case]
    assert body["possible"] == acts.get(who, acts.get(view, []))
    assert (body["announced_at"] is not None) == (case in PUBLIC)
    assert (body["published_at"] is not None) == (case == "published")
    assert (body["ending"] and body["ending"]["words"]) == (STOPPED if case == "stopped" else None)


@pytest.mark.parametrize(("case", "who"), PAIRS)
async def test_the_history_of_a_survey_is_for_those_it_is_for(world: World, case: str, who: str) -> None:
    seen = await world.get(WHO[who], f"/surveys/{world.surveys[case]}/history")
    view = view_of(case, who)
    if view == "none":
        assert (seen.status, seen.body["code"]) == (404, "survey-not-found")
        return
    entries = seen.body["items"]
    assert all(set(entry) == ENTRY for entry in entries)
    assert [entry["act"] for entry in entries] == (PUBLIC if view == "public" else WHOLE)[case]
    assert all((entry["round"] is None) == (view == "public") for entry in entries)
    words = {entry["act"]: entry["words"] for entry in entries if entry["words"]}
    assert words == {"refused": {"refuse": WHY}, "stopped": {"stop": STOPPED}}.get(case, {})


@pytest.mark.parametrize("who", WHO)
async def test_lists_hold_what_their_reader_sees(world: World, who: str) -> None:
    """Nobody meets in the list of all what is not for all, and the desks are for those who decide."""
    listed = await world.get(WHO[who], "/surveys?limit=100")
    assert {item["number"] for item in listed.body["items"]} == {world.surveys[case] for case in PUBLIC}
    assert all(not {"is_late", "is_frozen"} & set(item) for item in listed.body["items"])
    office = await world.get(WHO[who], "/office/surveys?limit=100")
    found = {item["number"] for item in office.body["items"]} if office.status == 200 else set()
    assert found == (set(world.surveys.values()) if who in ("formed", "colleague") else set())
    desk = await world.get(WHO[who], "/desk/surveys?limit=100")
    waiting = (
        {item["survey"]["number"] for item in desk.body["items"]} if desk.status == 200 else {desk.status}
    )
    decides = who in ("moderator", "operator", "technical")
    assert waiting == ({world.surveys["submitted"]} if decides else {401 if who == "guest" else 403})


def group_view_of(case: str, who: str) -> str:
    return dict(zip(GROUP_WHO, GROUP_VIEWS[case].split(), strict=True))[who]


@pytest.mark.parametrize(("case", "who"), GROUP_PAIRS)
async def test_each_field_of_a_group_is_for_those_it_is_for(world: World, case: str, who: str) -> None:
    seen = await world.get(GROUP_WHO[who], f"/groups/{world.groups[case]}")
    view = group_view_of(case, who)
    if view == "none":
        assert (seen.status, seen.body["code"]) == (404, "group-not-found")
        return
    body = seen.body
    assert set(body) == set(GROUP_FIELDS)
    for name, views in GROUP_FIELDS.items():
        assert view in views.split() or body[name] in NOTHING, name
    assert (body["is_owner"], body["is_leader"]) == (who == "owner", view == "leader")
    is_led = view == "leader"
    assert body["owner"] == (world.ids["owner"] if is_led else None)
    assert body["deputies"] == ([world.ids["deputy"]] if is_led and case == "active" else [])
    assert (body["moderation"] is None) == (view == "public")
    refusal = body["moderation"] and body["moderation"]["refusal"]
    assert (refusal and refusal["words"]) == ("Реклама" if case == "refused" else None)
    inside = case == "active" and who in ("owner", "deputy", "member")
    assert body["standing"] == ("member" if inside or who == "owner" else "none")


@pytest.mark.parametrize(("case", "who"), GROUP_PAIRS)
@pytest.mark.parametrize("part", GROUP_LISTS)
async def test_lists_of_a_group_are_for_those_they_are_for(
    world: World, part: str, case: str, who: str
) -> None:
    """Who is in it: its leaders alone, also not a moderator, and not those who are in it with them."""
    seen = await world.get(GROUP_WHO[who], f"/groups/{world.groups[case]}/{part}")
    view = group_view_of(case, who)
    if who == "guest":
        assert seen.status in (401, 404)
    elif view == "none":
        assert (seen.status, seen.body["code"]) == (404, "group-not-found")
    elif view in GROUP_LISTS[part].split():
        assert seen.status == 200
    else:
        assert seen.status == 403, seen.body
    if part == "people" and seen.status == 200:
        assert {item["name"] for item in seen.body["items"]} == (
            {str(one.name) for one in (cast.CITIZEN, cast.OTHER_CITIZEN, cast.ROAD_OFFICIAL)}
            if case == "active"
            else {str(cast.CITIZEN.name)}
        )
