"""Who sees what of a message, field by field, written out by hand (Положение, п. 2.1, 6.1, 8.3, 8.5).

The tables below say what the decree gives; nothing in them is read from the product. One platform a database
serves all of these tests: they read, and what they send is their own.
"""

import email
import email.policy
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from attrs import define, evolve, field

from niktokromenas.adapters import cast
from niktokromenas.adapters.files.drawing import draw_scene
from niktokromenas.adapters.http.api import shown
from niktokromenas.adapters.system import new_id
from niktokromenas.application.messages.reading import Seen
from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages.stages import AssignmentStage
from niktokromenas.domain.messages.visibility import View
from niktokromenas.domain.participants.actors import guest
from tests.contract import building
from tests.integration.http.live import Answered, Client, Live, over

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUSING = "vo-zhkh"
FORMER_MODERATOR = cast.OTHER_MODERATOR
"""Serves the housing committee now: nothing of the old power may be left."""
AUTHOR_NAME = "Лебедева Анна Сергеевна"
STATED, PHONE, CIRCUMSTANCES = "Семён Соседский", "+79001234567", "Муж в отъезде до марта"
TEXT, WISH, NON_PUBLIC = "Яма у подъезда", "Узнают соседи", "Сведения о семье"
RETURNED, ROUTED, SENT_BACK = "Улица не наша", "Теперь городу", "Добавьте срок"
DRAFT, LATE_DRAFT, LONGER = "Черновик города", "Черновик комитета", "Ждём асфальт"
ANSWER, BAD, QUESTION, REFUSAL = (
    "Засыпали щебнем",
    "Щебень уже унесло",
    "Какой подъезд?",
    "Назван чужой адрес",
)
CONTACTS = {"name": AUTHOR_NAME, "stated_name": STATED, "phone": PHONE, "circumstances": CIRCUMSTANCES}
NO_CONTACTS = dict.fromkeys(CONTACTS)
PRIVATE = (STATED, PHONE, PHONE[2:], CIRCUMSTANCES, WISH)
INNER = (RETURNED, ROUTED, SENT_BACK, DRAFT, LATE_DRAFT, LONGER)

WHO = {
    "guest": None,
    "stranger": cast.OTHER_CITIZEN.oid,
    "author": cast.CITIZEN.oid,
    "moderator": cast.MODERATOR.oid,
    "colleague": cast.CITY_APPROVER.oid,
    "worker": cast.CITY_OFFICIAL.oid,
    "returner": cast.ROAD_OFFICIAL.oid,
    "elsewhere": FORMER_MODERATOR.oid,
    "coordinator": cast.COORDINATOR.oid,
    "operator": cast.OPERATORS[0].oid,
    "technical": cast.TECHNICAL.oid,
}
"""The worker took the city's assignment, the colleague only could; the returner's committee gave it back."""

VIEWS = {
    #             guest   strang. author  moder.  coll.   worker  retur.  elsew.  coord.  oper.   techn.
    "submitted": "none    none    own     desk    none    none    none    none    monitor monitor none",
    "asked":     "none    none    own     desk    none    none    none    none    monitor monitor none",
    "rejected":  "none    none    own     desk    none    none    none    none    monitor monitor none",
    "accepted":  "public  public  own     desk    public  public  public  public  monitor monitor public",
    "at work":   "public  public  own     desk    office  office  public  public  monitor monitor public",
    "private":   "none    none    own     desk    office  office  trace   none    monitor monitor none",
    "answered":  "public  public  own     desk    office  office  office  public  monitor monitor public",
    "sent":      "none    none    own     desk    office  office  office  trace   monitor monitor none",
    "promised":  "public  public  own     desk    office  office  public  public  monitor monitor public",
    "withdrawn": "none    none    own     desk    trace   trace   trace   none    monitor monitor none",
    "annulled":  "none    none    own     desk    trace   trace   trace   none    monitor monitor none",
}  # fmt: skip
"""`private` is at work and non-public, `annulled` was; `sent` is answered and non-public, once returned."""

SEES_CONTACTS = {case: {"author", "moderator"} for case in VIEWS} | {
    "at work": {"author", "moderator", "worker"},
    "private": {"author", "moderator", "worker"},
}

NOT_PUBLIC = ("submitted", "asked", "rejected", "private", "sent", "withdrawn", "annulled")


def looks_at(case: str) -> set[str]:
    """Whose look is written down: at contacts, and of the staff at what is not for everybody."""
    staff = {
        who
        for who, view in zip(WHO, VIEWS[case].split(), strict=True)
        if view in ("desk", "office", "monitor")
    }
    return (SEES_CONTACTS[case] | (staff if case in NOT_PUBLIC else set())) - {"author"}


FIELDS = {
    "number":                "own desk office monitor public trace",
    "view":                  "own desk office monitor public trace",
    "version":               "own desk office monitor public trace",
    "stage":                 "own desk office monitor public trace",
    "publicity":             "own desk office monitor public trace",
    "submitted_at":          "own desk office monitor public trace",
    "accepted_at":           "own desk office monitor public trace",
    "answer_due":            "own desk office monitor public trace",
    "text":                  "own desk office monitor public",
    "attachments":           "own desk office monitor public",
    "occasion":              "own desk office monitor public",
    "author":                "own desk office monitor public",
    "category":              "own desk office monitor public",
    "authority":             "own desk office monitor public",
    "authorities":           "own desk office monitor public",
    "outcome":               "own desk office monitor public",
    "is_overdue":            "own desk office monitor public",
    "merged_count":          "own desk office monitor public trace",
    "has_author_left":       "own desk office monitor public trace",
    "merged_into":           "own desk office monitor",
    "masks":                 "own desk office",
    "answers":               "own desk office monitor public",
    "joined":                "own desk office monitor public",
    "followed":              "own desk office monitor public",
    "has_joined":            "own desk office monitor public trace",
    "follows":               "own desk office monitor public trace",
    "publicity_reason":      "own desk office monitor",
    "is_publicity_proposed": "own desk office monitor",
    "channel":               "own desk office monitor",
    "moderation_due":        "own desk office monitor",
    "clarification_due":     "own desk office monitor",
    "routing_due":           "own desk office monitor",
    "rating_due":            "own desk office monitor",
    "reopening_due":         "own desk office monitor",
    "question":              "own desk office monitor",
    "rejection":             "own desk office monitor",
    "wish_reason":           "own desk monitor",
    "assignments":           "desk office monitor trace",
}  # fmt: skip
"""Of the assignments, a trace holds its reader's own alone. What is `possible` has a table of its own."""

NOTHING: tuple[Any, ...] = (None, [], False)
ASSIGNMENT = {
    "id", "authority", "is_lead", "round", "stage", "assigned_at", "due", "working_days", "is_mine",
    "is_taken", "is_overdue", "is_orphaned", "prolongation", "return_reason", "proposed_authority",
    "send_back_words", "answer", "possible",
}  # fmt: skip
ENTRY = {
    "act", "from_stage", "to_stage", "at", "role", "body", "body_name", "grant", "words", "document",
    "authority", "edition",
}  # fmt: skip

OPENS = {
    ("submitted", "photo"): {"author", "moderator", "coordinator", "operator"},
    ("rejected", "photo"): {"author", "moderator", "coordinator", "operator"},
    ("accepted", "photo"): set(WHO),
    ("at work", "photo"): set(WHO),
    ("at work", "draft"): {"moderator", "colleague", "worker", "coordinator", "operator"},
    ("private", "photo"): {"author", "moderator", "colleague", "worker", "coordinator", "operator"},
    ("private", "draft"): {"moderator", "colleague", "worker", "coordinator", "operator"},
    ("answered", "photo"): set(WHO),
    ("answered", "answer"): set(WHO),
    ("answered", "late"): {"moderator", "colleague", "worker", "returner", "coordinator", "operator"},
    ("sent", "photo"): {
        "author", "moderator", "colleague", "worker", "returner", "coordinator", "operator",
    },
    ("sent", "answer"): {
        "author", "moderator", "colleague", "worker", "returner", "coordinator", "operator",
    },
    ("sent", "late"): {"moderator", "colleague", "worker", "returner", "coordinator", "operator"},
    ("withdrawn", "photo"): {"author", "moderator", "coordinator", "operator"},
    ("withdrawn", "draft"): {"moderator", "coordinator", "operator"},
    ("annulled", "photo"): {"author", "moderator", "coordinator", "operator"},
    ("annulled", "draft"): {"moderator", "coordinator", "operator"},
}  # fmt: skip
"""Who may open which file; for all others it does not exist."""

KIT = "vo-kit"
WORK = [
    ("submit", "user", None, None),
    ("accept", "moderator", KIT, None),
    ("route", "moderator", KIT, None),
    ("assign", "moderator", KIT, None),
    ("return", "official", cast.ROADS, RETURNED),
    ("route", "moderator", KIT, ROUTED),
    ("assign", "moderator", KIT, None),
    ("take", "official", cast.CITY, None),
    ("prepare", "official", cast.CITY, None),
    ("send-back-draft", "official", cast.CITY, SENT_BACK),
    ("ask-prolongation", "official", cast.CITY, LONGER),
]
PRIVATE_WORK = [
    WORK[0],
    ("accept", "moderator", KIT, NON_PUBLIC),
    *WORK[2:],
    ("set-publicity", "moderator", KIT, "proposed"),
]
ANSWERING = [
    ("submit", "user", None, None),
    ("accept", "moderator", KIT, None),
    ("route", "moderator", KIT, ROUTED),
    ("assign", "moderator", KIT, None),
    ("assign", "moderator", KIT, None),
    ("take", "official", cast.CITY, None),
    ("prepare", "official", cast.CITY, None),
    ("approve", "official", cast.CITY, None),
    ("place", "moderator", KIT, None),
    ("take", "official", cast.ROADS, None),
    ("prepare", "official", cast.ROADS, None),
    ("rate", "user", None, BAD),
]
BARE = {
    case: [(*entry[:3], None) for entry in told] for case, told in (("work", WORK), ("answer", ANSWERING))
}
OWN_PRIVATE_WORK = [*BARE["work"], ("set-publicity", "moderator", KIT, "proposed")]
ASKED = [("submit", "user", None, None), ("ask-clarification", "moderator", KIT, QUESTION)]
REJECTED = [("submit", "user", None, None), ("reject", "moderator", KIT, REFUSAL)]
ANNULLED = ("annul", "moderator", KIT, REFUSAL)
FOR_ALL = [
    ("submit", "user", None, None),
    ("accept", "moderator", KIT, None),
    ("route", "moderator", KIT, None),
]
STAFF = ("moderator", "coordinator", "operator")
OFFICIALS = ("colleague", "worker")
HISTORIES: dict[str, list[tuple[tuple[str, ...], list[Any]]]] = {
    "asked": [(("author", *STAFF), ASKED)],
    "rejected": [(("author", *STAFF), REJECTED)],
    "at work": [
        ((*STAFF, *OFFICIALS), WORK),
        (("author",), BARE["work"]),
        (("guest", "stranger", "returner", "elsewhere", "technical"), [*FOR_ALL, FOR_ALL[2]]),
    ],
    "private": [
        ((*STAFF, *OFFICIALS), PRIVATE_WORK),
        (("author",), OWN_PRIVATE_WORK),
        (("returner",), [("return", "official", cast.ROADS, RETURNED)]),
    ],
    "answered": [
        ((*STAFF, *OFFICIALS, "returner"), ANSWERING),
        (("author",), BARE["answer"]),
        (
            ("guest", "stranger", "elsewhere", "technical"),
            [*FOR_ALL, ("place", "moderator", KIT, None), ("rate", "user", None, None)],
        ),
    ],
    "annulled": [
        (STAFF, [*PRIVATE_WORK, ANNULLED, ("cancel", "moderator", KIT, REFUSAL)]),
        (("author",), [*OWN_PRIVATE_WORK, ANNULLED, ("cancel", "moderator", KIT, None)]),
        (("returner",), [("return", "official", cast.ROADS, RETURNED)]),
        (("colleague",), [("send-back-draft", "official", cast.CITY, SENT_BACK)]),
        (
            ("worker",),
            [
                ("take", "official", cast.CITY, None),
                ("prepare", "official", cast.CITY, None),
                ("ask-prolongation", "official", cast.CITY, LONGER),
            ],
        ),
    ],
}
"""(act, role, body, words), oldest first; whom no row of a case names gets no history."""


@define(eq=False)
class Sent:
    number: str
    files: dict[str, str] = field(factory=dict)

    @property
    def path(self) -> str:
        return f"/api/v1/messages/{self.number}"


@define(eq=False)
class World:
    live: Live
    cases: dict[str, Sent]
    ids: dict[str, str]
    """Participants by their word in `WHO`."""
    grants: dict[str, str | None]

    async def client(self, who: str) -> Client:
        oid = WHO[who]
        return await self.live.guest() if oid is None else await self.live.as_(oid)

    async def get(self, who: str, path: str) -> Answered:
        return await (await self.client(who))("GET", path)


async def do(live: Live, player: cast.Player, number: str, act: str, body: Any = None) -> None:
    done = await (await live.as_(player.oid)).act(number, act, body)
    assert done.status == 200, (act, done.body)


async def upload(live: Live, player: cast.Player) -> str:
    form = aiohttp.FormData()
    form.add_field("file", PICTURE, filename="yama.jpg", content_type="image/jpeg")
    done = await (await live.as_(player.oid))("POST", "/api/v1/attachments", data=form)
    assert done.status == 201, done.body
    return str(done.body["id"])


PICTURE = draw_scene("pothole", 1)


async def send(live: Live, **author: Any) -> Sent:
    """A message of the author's, everything private given and nothing ticked unless asked."""
    photo = await upload(live, cast.CITIZEN)
    body = {
        "text": TEXT,
        "attachments": [photo],
        "occasion": {
            "begins_at": "2026-03-04T08:30:00+03:00",
            "place": {"point": {"lat": 48.7071, "lon": 44.5169}, "address": "ул. Мира, 5"},
        },
        "author": {"name": STATED, "phone": PHONE, "circumstances": CIRCUMSTANCES, **author},
        "category": "roads.pothole",
        "confirms_public": True,
        "wishes_non_public": True,
        "wish_reason": WISH,
    }
    sent = await (await live.as_(cast.CITIZEN.oid))("POST", "/api/v1/messages", body)
    assert sent.status == 201, sent.body
    return Sent(str(sent.body["number"]), {"photo": photo})


async def accept(live: Live, sent: Sent, publicity: str) -> None:
    reason = NON_PUBLIC if publicity == "non-public" else None
    body = {"category": "roads.pothole", "publicity": publicity, "reason": reason}
    await do(live, cast.MODERATOR, sent.number, "accept", body)


async def route(live: Live, sent: Sent, lead: str, *others: str, words: str | None = None) -> dict[str, str]:
    """The path of the newest assignment of each authority, by its code."""
    targets = [{"authority": code, "is_lead": code == lead} for code in (lead, *others)]
    await do(live, cast.MODERATOR, sent.number, "route", {"targets": targets, "words": words})
    seen = await (await live.as_(cast.MODERATOR.oid))("GET", sent.path)
    return {a["authority"]: f"assignments/{a['id']}" for a in seen.body["assignments"]}


def answer(text: str, *files: str) -> dict[str, Any]:
    return {"text": text, "outcome": {"kind": "done"}, "attachments": list(files)}


async def at_work(live: Live, publicity: str) -> Sent:
    """Returned by the committee, with a draft of the city's that its approver sent back."""
    sent = await send(live)
    await accept(live, sent, publicity)
    roads = (await route(live, sent, cast.ROADS))[cast.ROADS]
    back = {"reason": RETURNED, "proposed_authority": cast.CITY}
    await do(live, cast.ROAD_OFFICIAL, sent.number, f"{roads}/return", back)
    city = (await route(live, sent, cast.CITY, words=ROUTED))[cast.CITY]
    await do(live, cast.CITY_OFFICIAL, sent.number, f"{city}/take")
    sent.files["draft"] = await upload(live, cast.CITY_OFFICIAL)
    draft = answer(DRAFT, sent.files["draft"])
    await do(live, cast.CITY_OFFICIAL, sent.number, f"{city}/prepare", draft)
    await do(live, cast.CITY_APPROVER, sent.number, f"{city}/send-back", {"words": SENT_BACK})
    longer = {"reason": LONGER, "working_days": 1}
    await do(live, cast.CITY_OFFICIAL, sent.number, f"{city}/ask-prolongation", longer)
    if publicity == "non-public":
        await do(live, cast.MODERATOR, sent.number, "set-publicity", {"publicity": "public"})
    return sent


async def answered(live: Live, publicity: str) -> Sent:
    """Answered by the city and rated badly; a contribution of the committee is ready and not placed."""
    sent = await send(live)
    await accept(live, sent, publicity)
    if publicity == "non-public":
        housing = (await route(live, sent, HOUSING))[HOUSING]
        await do(live, FORMER_MODERATOR, sent.number, f"{housing}/return", {"reason": RETURNED})
    paths = await route(live, sent, cast.CITY, cast.ROADS, words=ROUTED)
    city, roads = paths[cast.CITY], paths[cast.ROADS]
    await do(live, cast.CITY_OFFICIAL, sent.number, f"{city}/take")
    sent.files["answer"] = await upload(live, cast.CITY_OFFICIAL)
    placed = answer(ANSWER, sent.files["answer"])
    await do(live, cast.CITY_OFFICIAL, sent.number, f"{city}/prepare", placed)
    await do(live, cast.CITY_APPROVER, sent.number, f"{city}/approve")
    await do(live, cast.MODERATOR, sent.number, "place")
    await do(live, cast.ROAD_OFFICIAL, sent.number, f"{roads}/take")
    sent.files["late"] = await upload(live, cast.ROAD_OFFICIAL)
    late = answer(LATE_DRAFT, sent.files["late"])
    await do(live, cast.ROAD_OFFICIAL, sent.number, f"{roads}/prepare", late)
    await do(live, cast.CITIZEN, sent.number, "rate", {"value": 2, "comment": BAD})
    return sent


async def promised(live: Live) -> Sent:
    """Answered with a promise that the author is content with."""
    sent = await send(live)
    await accept(live, sent, "public")
    city = (await route(live, sent, cast.CITY))[cast.CITY]
    await do(live, cast.CITY_OFFICIAL, sent.number, f"{city}/take")
    plan = {"text": ANSWER, "outcome": {"kind": "planned", "by": "2030-06-01"}}
    await do(live, cast.CITY_OFFICIAL, sent.number, f"{city}/prepare", plan)
    await do(live, cast.CITY_APPROVER, sent.number, f"{city}/approve")
    await do(live, cast.MODERATOR, sent.number, "place")
    await do(live, cast.CITIZEN, sent.number, "rate", {"value": 5})
    return sent


async def cases(live: Live) -> dict[str, Sent]:
    made = {case: await send(live) for case in ("submitted", "asked", "rejected", "accepted")}
    await do(live, cast.MODERATOR, made["asked"].number, "ask-clarification", {"question": QUESTION})
    refusal = {"grounds": ["third_party_data"], "words": REFUSAL}
    await do(live, cast.MODERATOR, made["rejected"].number, "reject", refusal)
    await accept(live, made["accepted"], "public")
    made["at work"], made["private"] = await at_work(live, "public"), await at_work(live, "non-public")
    made["answered"], made["sent"] = await answered(live, "public"), await answered(live, "non-public")
    made["promised"] = await promised(live)
    made["withdrawn"], made["annulled"] = await at_work(live, "public"), await at_work(live, "non-public")
    stranger = await live.as_(cast.OTHER_CITIZEN.oid)
    done = await stranger("PUT", f"{made['withdrawn'].path}/following")
    assert done.status == 200, done.body
    await do(live, cast.CITIZEN, made["withdrawn"].number, "withdraw")
    await do(live, cast.MODERATOR, made["annulled"].number, "annul", refusal)
    return made


async def move_to_housing(live: Live) -> None:
    """The second moderator becomes an official of an authority that no message here goes to."""
    operator, technical = await live.as_(cast.OPERATORS[0].oid), await live.as_(cast.TECHNICAL.oid)
    person = await live.as_(FORMER_MODERATOR.oid)
    (old,) = (await person("GET", "/api/v1/me/grants")).body["items"]
    version = {"If-Match": f'"{old["version"]}"'}
    path = f"/api/v1/grants/{old['id']}/end"
    assert (await operator("POST", path, {"reason": "Переведён"}, headers=version)).status == 200
    act = {"title": "Приказ", "number": "7", "date": "2026-01-12"}
    listed = {"code": HOUSING, "legal_act": act}
    assert (await technical("POST", "/api/v1/authorities", listed)).status == 201
    terms = {"role": "official", "body": HOUSING, "legal_act": act, "valid_from": "2026-01-12"}
    proposed = await technical("POST", "/api/v1/grants", {**terms, "oid": FORMER_MODERATOR.oid})
    assert proposed.status == 201, proposed.body
    path = f"/api/v1/grants/{proposed.body['id']}/confirm"
    assert (await operator("POST", path, headers={"If-Match": proposed.etag})).status == 200


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    async with over(request.param, tmp_path_factory.mktemp("views")) as live:
        await move_to_housing(live)
        ids, grants = {}, {}
        for who, oid in WHO.items():
            if oid is not None:
                client = await live.as_(oid)
                ids[who] = str((await client("GET", "/api/v1/me")).body["id"])
                own = (await client("GET", "/api/v1/me/grants")).body["items"]
                grants[who] = next((str(g["id"]) for g in own if g["stage"] == "confirmed"), None)
        yield World(live, await cases(live), ids, grants)


def views_of(case: str) -> dict[str, str]:
    return dict(zip(WHO, VIEWS[case].split(), strict=True))


def expected_author(case: str, who: str) -> Any:
    if views_of(case)[who] == "trace":
        return None
    return CONTACTS if who in SEES_CONTACTS[case] else NO_CONTACTS


def without_mine(assignments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in a.items() if key not in ("is_mine", "possible")} for a in assignments
    ]


OFFICES = {"colleague": cast.CITY, "worker": cast.CITY, "returner": cast.ROADS, "elsewhere": HOUSING}


def expected_value(name: str, whole: dict[str, Any], view: str, who: str) -> Any:
    """Of what the moderator sees, this reader's part."""
    if name == "assignments" and view == "trace":
        return [a for a in whole[name] if a["authority"] == OFFICES[who]]
    return whole[name]


def check_fields(case: str, who: str, body: dict[str, Any], whole: dict[str, Any]) -> None:
    view = views_of(case)[who]
    assert set(body) == {*FIELDS, "possible"}, case
    if view not in ("own", "desk", "office", "monitor"):
        assert body["possible"] == [], (case, who)
    assert body["view"] == {"monitor": "monitoring"}.get(view, view), (case, who)
    assert body["author"] == expected_author(case, who), (case, who)
    for name, views in FIELDS.items():
        if name in ("view", "author"):
            continue
        found = without_mine(body[name]) if name == "assignments" else body[name]
        if view in views.split():
            assert found == expected_value(name, whole, view, who), (case, who, name)
        else:
            assert found in NOTHING, (case, who, name, found)


async def whole_of(world: World, case: str) -> dict[str, Any]:
    body: dict[str, Any] = (await world.get("moderator", world.cases[case].path)).body
    return {**body, "assignments": without_mine(body["assignments"])}


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("8.3")
@pytest.mark.clause("8.5")
@pytest.mark.clause("2.1-exchange")
@pytest.mark.clause("4.8")
@pytest.mark.abuse(7, 8, 29, 38)
@pytest.mark.parametrize("case", VIEWS)
async def test_each_reader_gets_the_fields_of_their_view_and_no_others(world: World, case: str) -> None:
    whole = await whole_of(world, case)
    for who, view in views_of(case).items():
        seen = await world.get(who, world.cases[case].path)
        if view == "none":
            assert (seen.status, seen.body["code"]) == (404, "message-not-found"), (case, who)
            continue
        assert seen.status == 200, (case, who)
        check_fields(case, who, seen.body, whole)
        told_ids = [word for word, one in world.ids.items() if one in seen.raw.decode()]
        assert told_ids == [], (case, who)


async def test_the_moderator_sees_all_there_is_so_that_the_table_has_something_to_hide(world: World) -> None:
    hidden: set[str] = set()
    for case in VIEWS:
        whole = await whole_of(world, case)
        readers = [(who, view) for who, view in views_of(case).items() if view != "none"]
        for name, views in FIELDS.items():
            if whole[name] not in NOTHING and any(view not in views.split() for _, view in readers):
                hidden.add(name)
    limited = {name for name, views in FIELDS.items() if len(views.split()) < 6}
    # What waits for the moderator or the author never has other readers; nothing is late here.
    unseen_by_others = {
        "joined",
        "merged_into",
        "moderation_due",
        "clarification_due",
        "question",
        "is_overdue",
    }
    assert limited - hidden == unseen_by_others
    private = await whole_of(world, "private")
    assert (private["text"], private["wish_reason"], private["publicity_reason"]) == (TEXT, WISH, NON_PUBLIC)
    roads, city = private["assignments"]
    assert set(city) | {"is_mine", "possible"} == ASSIGNMENT
    assert (roads["return_reason"], roads["proposed_authority"]) == (RETURNED, cast.CITY)
    assert (city["send_back_words"], city["prolongation"]["reason"]) == (SENT_BACK, LONGER)
    assert city["answer"]["text"] == DRAFT
    late = (await whole_of(world, "answered"))["assignments"][1]
    assert (late["answer"]["text"], late["stage"]) == (LATE_DRAFT, "ready")
    assert (await whole_of(world, "asked"))["question"] == QUESTION
    assert (await whole_of(world, "annulled"))["rejection"]["words"] == REFUSAL


@pytest.mark.clause("6.1-nondisclosure")
async def test_a_trace_does_not_tell_whether_the_next_authority_is_late() -> None:
    accepted_one = building.accepted(building.a_message(building.a_person()), public=False)
    message = building.routed(accepted_one)
    gone = evolve(message.assignments[0], stage=AssignmentStage.RETURNED, is_lead=False)
    late = evolve(
        message.assignments[0],
        id=AssignmentId(new_id()),
        authority=building.ROADS,
        overdue_at=message.submitted_at,
    )
    seen = Seen(message=message.replacing(gone, late), view=View.TRACE, sees_contacts=False, possible=())
    assert shown.message(seen, guest()).is_overdue is False
    assert shown.message(evolve(seen, view=View.OFFICE), guest()).is_overdue is True


POSSIBLE = {
    "submitted": {
        "author": ["withdraw"],
        "moderator": ["ask-clarification", "reject", "accept", "merge", "mask"],
    },
    "asked": {"author": ["clarify", "withdraw"]},
    "rejected": {"author": ["revise"]},
    "accepted": {"author": ["withdraw"], "moderator": ["annul", "merge", "route", "set-publicity", "mask"]},
    "at work": {"author": ["withdraw"], "moderator": ["annul", "route", "set-publicity", "mask"]},
    "private": {
        "author": ["withdraw", "answer-publicity-proposal"],
        "moderator": ["annul", "route", "set-publicity", "mask"],
    },
    "answered": {"author": ["reopen"], "moderator": ["set-publicity", "mask"]},
    "sent": {"author": ["reopen"], "moderator": ["set-publicity", "mask"]},
    "promised": {
        "moderator": ["set-publicity", "mask"],
        "colleague": ["report-promise"],
        "worker": ["report-promise"],
    },
    "withdrawn": {},
    "annulled": {"author": ["revise"]},
}


@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.parametrize("case", POSSIBLE)
async def test_what_may_follow_is_told_to_those_who_may_do_it(world: World, case: str) -> None:
    for who, view in views_of(case).items():
        if view != "none" and who != "coordinator":
            seen = await world.get(who, world.cases[case].path)
            assert seen.body["possible"] == POSSIBLE[case].get(who, []), (case, who)


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("2.1-exchange")
@pytest.mark.abuse(7, 8, 29)
@pytest.mark.parametrize("case", HISTORIES)
async def test_the_history_tells_each_reader_their_part_and_inner_words_to_staff_alone(
    world: World, case: str
) -> None:
    expected = {who: told for readers, told in HISTORIES[case] for who in readers}
    for who in WHO:
        seen = await world.get(who, f"{world.cases[case].path}/history")
        if who not in expected:
            assert (seen.status, seen.body["code"]) == (404, "message-not-found"), (case, who)
            continue
        items = seen.body["items"]
        told = [(e["act"], e["role"], e["body"], e["words"]) for e in items]
        assert told == expected[who], (case, who)
        assert all(set(entry) == ENTRY for entry in items)
        view = views_of(case)[who]
        tells_grants = view in ("desk", "office", "monitor", "trace")
        assert [bool(e["grant"]) for e in items] == [tells_grants and e["role"] != "user" for e in items]
        assert [word for word, one in world.ids.items() if one in seen.raw.decode()] == [], (case, who)


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("8.5")
@pytest.mark.abuse(7, 8, 29)
@pytest.mark.parametrize("query", ["", "?thumbnail=true"], ids=["file", "thumbnail"])
async def test_a_file_opens_for_those_whose_view_contains_it(world: World, query: str) -> None:
    for (case, word), readers in OPENS.items():
        sent = world.cases[case]
        for who in WHO:
            got = await world.get(who, f"{sent.path}/attachments/{sent.files[word]}{query}")
            assert got.status == (200 if who in readers else 404), (case, word, who)
            if got.status == 200:
                assert (got.headers["Content-Type"], got.raw[:3]) == ("image/jpeg", b"\xff\xd8\xff")
            else:
                assert got.body["code"] in ("message-not-found", "upload-not-found")


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(7, 13)
async def test_a_file_does_not_open_through_another_message(world: World) -> None:
    shown, hidden = world.cases["accepted"], world.cases["private"]
    waiting = await upload(world.live, cast.CITIZEN)
    for who in WHO:
        for file in (*hidden.files.values(), waiting):
            got = await world.get(who, f"{shown.path}/attachments/{file}")
            assert (got.status, got.body["code"]) == (404, "upload-not-found"), who


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("2.1-exchange")
@pytest.mark.clause("8.5")
@pytest.mark.abuse(8, 9)
async def test_lists_hold_what_their_readers_may_know_of(world: World) -> None:
    known = {sent.number: case for case, sent in world.cases.items()}
    public = {case for case in VIEWS if views_of(case)["guest"] == "public"}

    async def listed(who: str, path: str) -> set[str]:
        page = await world.get(who, path)
        assert page.status == 200, (who, path)
        assert not any(secret in page.raw.decode() for secret in (*PRIVATE, *INNER)), (who, path)
        items = [item.get("message", item) for item in page.body["items"]]
        return {known[item["number"]] for item in items if item["number"] in known}

    for who in WHO:
        for query in ("", "&bbox=44,48,45,49", "&category=roads.pothole", "&municipality=18701000"):
            assert await listed(who, f"/api/v1/messages?limit=100{query}") == public, (who, query)
        if who != "guest":
            own = await listed(who, "/api/v1/me/messages?limit=100")
            assert own == (set(VIEWS) if who == "author" else set()), who
    for who in ("colleague", "worker"):
        assert await listed(who, "/api/v1/office?limit=100") == {"at work", "private"}
    assert await listed("returner", "/api/v1/office?limit=100") == {"answered", "sent"}
    assert await listed("elsewhere", "/api/v1/office?limit=100") == set()


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("8.5")
@pytest.mark.abuse(8, 29)
async def test_the_page_of_a_message_tells_what_everybody_may_know(world: World) -> None:
    for case, sent in world.cases.items():
        is_public = views_of(case)["guest"] == "public"
        for who in ("guest", "moderator", "worker", "author"):
            page = await world.get(who, f"/m/{sent.number}")
            told = page.raw.decode()
            assert page.status == (200 if is_public else 404), (case, who)
            assert (TEXT in told) is is_public
            assert not any(secret in told for secret in (*PRIVATE, *INNER, AUTHOR_NAME)), (case, who)


@pytest.mark.clause("8.3")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 38)
async def test_no_letter_carries_contacts(world: World) -> None:
    await world.live.drain()
    letters = list(world.live.container.settings().data.rglob("*.eml"))
    assert letters
    for letter in letters:
        read = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
        parts = [part.get_content() for part in read.walk() if part.get_content_maintype() == "text"]
        told = "\n".join((str(read["Subject"]), *parts))
        assert not any(secret in told for secret in PRIVATE), letter.name


def _same(got: Answered) -> tuple[int, dict[str, Any]]:
    """An answer without what names the request itself."""
    return got.status, {k: v for k, v in got.body.items() if k not in ("instance", "request_id")}


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 9, 30)
async def test_what_is_hidden_answers_exactly_like_what_never_was(world: World) -> None:
    hidden, never = world.cases["private"], Sent("26-999999", {})
    photo = hidden.files["photo"]
    for who in ("guest", "stranger", "elsewhere", "technical"):
        client = await world.client(who)
        for address in ("", "/history", f"/attachments/{photo}", f"/attachments/{photo}?thumbnail=true"):
            got = _same(await client("GET", hidden.path + address))
            assert got == _same(await client("GET", never.path + address)), (who, address)
        for act in ("withdraw", "place", "reopen"):
            headers = {"If-Match": '"1"'}
            got = _same(await client("POST", f"{hidden.path}/{act}", headers=headers))
            assert got == _same(await client("POST", f"{never.path}/{act}", headers=headers)), (who, act)


@pytest.mark.clause("1.3-guest")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(30)
async def test_a_sign_in_that_is_not_finished_gives_no_more_than_a_guest_has(world: World) -> None:
    half = world.live.browser()
    begun = await half("GET", "/auth/esia/login?return_to=/")
    chosen = await half("POST", begun.headers["Location"], data={"oid": cast.MODERATOR.oid})
    assert chosen.status in (302, 303)
    assert (await half("GET", "/api/v1/me")).status == 401
    guest = await world.live.guest()
    for sent in world.cases.values():
        for address in (sent.path, f"{sent.path}/history"):
            assert _same(await half("GET", address)) == _same(await guest("GET", address))


SEARCH = "/api/v1/messages/search?q=яма"
TICKS: dict[str, tuple[dict[str, bool], dict[str, str | None]]] = {
    "nothing": ({}, {"name": None, "phone": None, "circumstances": None}),
    "name": ({"shows_name": True}, {"name": AUTHOR_NAME, "phone": None, "circumstances": None}),
    "phone": ({"shows_phone": True}, {"name": None, "phone": PHONE, "circumstances": None}),
    "circumstances": (
        {"shows_circumstances": True},
        {"name": None, "phone": None, "circumstances": CIRCUMSTANCES},
    ),
    "all": (
        {"shows_name": True, "shows_phone": True, "shows_circumstances": True},
        {"name": AUTHOR_NAME, "phone": PHONE, "circumstances": CIRCUMSTANCES},
    ),
}


@pytest.mark.clause("8.3")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(31, 38)
@pytest.mark.parametrize("ticked", TICKS)
async def test_of_the_author_is_shown_what_they_ticked_and_never_a_name_they_wrote(
    world: World, ticked: str
) -> None:
    ticks, visible = TICKS[ticked]
    sent = await send(world.live, **ticks)
    await accept(world.live, sent, "public")
    for who in ("guest", "stranger", "worker", "elsewhere", "coordinator", "operator", "technical"):
        seen = await world.get(who, sent.path)
        assert seen.body["author"] == {**visible, "stated_name": None}, who
        for address in (sent.path, f"{sent.path}/history", f"/m/{sent.number}", "/api/v1/messages", SEARCH):
            assert STATED not in (await world.get(who, address)).raw.decode(), (who, address)
    for who in ("author", "moderator"):
        assert (await world.get(who, sent.path)).body["author"] == CONTACTS


async def trail(world: World) -> list[dict[str, Any]]:
    """The whole audit trail, oldest first."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await world.get("operator", f"/api/v1/audit?limit=100{after}")).body
        found += page["items"]
        if page["next"] is None:
            return found[::-1]
        after = f"&after={page['next']}"


def told(rows: list[dict[str, Any]], world: World) -> list[tuple[str, str, str, str | None]]:
    who = {one: word for word, one in world.ids.items()}
    return [(r["action"], r["object_kind"], r["object_id"], who.get(r["participant"])) for r in rows]


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("8.3")
@pytest.mark.abuse(38)
@pytest.mark.parametrize("case", VIEWS)
async def test_each_look_at_what_is_not_for_all_is_written_down_once_with_who_and_at_what(
    world: World, case: str
) -> None:
    sent, before = world.cases[case], len(await trail(world))
    looks: list[tuple[str, str, str, str | None]] = []
    for who in WHO:
        for address in (sent.path, f"{sent.path}/history"):
            await world.get(who, address)
            if who in looks_at(case):
                looks.append(("personal-data.look", "message", sent.number, who))
        await world.get(who, f"/m/{sent.number}")
        await world.get(who, "/api/v1/messages")
    assert told((await trail(world))[before:], world) == looks


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("1.3-authorisation")
async def test_each_act_is_written_down_with_who_did_it_and_under_which_grant(world: World) -> None:
    number = world.cases["annulled"].number
    rows = [r for r in await trail(world) if r["object_id"] == number and r["action"].startswith("message.")]
    expected = [
        ("message.submit", "author"),
        ("message.accept-message", "moderator"),
        ("message.route-message", "moderator"),
        ("message.return-assignment", "returner"),
        ("message.route-message", "moderator"),
        ("message.take-assignment", "worker"),
        ("message.prepare-answer", "worker"),
        ("message.send-back-draft", "colleague"),
        ("message.ask-prolongation", "worker"),
        ("message.set-publicity", "moderator"),
        ("message.annul-message", "moderator"),
    ]
    found = [(r["action"], r["participant"], r["grant"]) for r in rows]
    assert found == [(action, world.ids[who], world.grants[who]) for action, who in expected]


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("5.4")
async def test_looks_at_who_holds_what_are_written_down_and_so_are_powers_given_and_ended(
    world: World,
) -> None:
    grant = world.grants["elsewhere"]
    powers = [r for r in await trail(world) if r["object_id"] == grant]
    assert [(r["action"], r["participant"]) for r in powers[:2]] == [
        ("grant.propose", world.ids["technical"]),
        ("grant.confirm", world.ids["operator"]),
    ]
    before = len(await trail(world))
    for who in ("elsewhere", "technical", "stranger"):
        await world.get(who, f"/api/v1/grants/{grant}")
    await world.get("coordinator", f"/api/v1/grants?body={HOUSING}")
    assert told((await trail(world))[before:], world) == [
        ("personal-data.look", "grants", str(grant), "technical"),
        ("personal-data.look", "grants", HOUSING, "coordinator"),
    ]
