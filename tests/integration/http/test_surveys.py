"""The life of a survey over the API, from a draft to what follows from it (Положение, разд. 9)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from attrs import define
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.live import Answered, Client, Live, over

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = timedelta(hours=10)
SURVEYS = "/api/v1/surveys"
OPTIONS = [
    {"code": "for", "words": "За"},
    {"code": "against", "words": "Против"},
    {"code": "abstain", "words": "Воздержусь"},
]
QUESTIONS = [
    {"code": "lights", "words": "Нужен ли новый свет?", "kind": {"type": "one", "options": OPTIONS}},
    {"code": "mark", "words": "Оцените парк", "kind": {"type": "scale"}},
]


@define(eq=False)
class Stage:
    """A platform whose clock the test moves; time does what is due by itself."""

    live: Live
    clock: SettableClock
    since: datetime = NOON

    async def later(self, **span: float) -> None:
        self.clock.at += timedelta(**span)
        if self.clock.at - self.since > SESSION:  # everybody signs in anew
            self.live.clients = {str(id(client)): client for client in self.live.clients.values()}
            self.since = self.clock.at
        await self.live.drain()

    def at(self, **span: float) -> str:
        return (self.clock.at.replace(microsecond=0) + timedelta(**span)).isoformat()

    def content(self, **more: Any) -> dict[str, Any]:
        content = {
            "title": "Парк у набережной",
            "questions": QUESTIONS,
            "announce_at": self.at(hours=1),
            "starts_at": self.at(hours=2),
            "ends_at": self.at(hours=26),
        }
        return {**content, **more}

    async def as_(self, who: Player | Client | None) -> Client:
        if isinstance(who, Client):
            return who
        return await (self.live.as_(who.oid) if who else self.live.guest())

    async def read(self, who: Player | Client | None, number: str) -> Answered:
        return await (await self.as_(who))("GET", f"{SURVEYS}/{number}")

    async def seen(self, who: Player | Client | None, number: str) -> Any:
        found = await self.read(who, number)
        assert found.status == 200, found.body
        return found.body

    async def draft(self, who: Player | Client, content: Any = None, initiator: Any = None) -> str:
        body = {"initiator": initiator or {"kind": "body"}, "content": content or self.content()}
        made = await (await self.as_(who))("POST", SURVEYS, body)
        assert made.status == 201, made.body
        return str(made.body["number"])

    async def act(
        self, who: Player | Client, number: str, act: str, body: Any = None, method: str = "POST"
    ) -> Answered:
        """At the version that they see, or at a made-up one where they see nothing."""
        client = await self.as_(who)
        found = await client("GET", f"{SURVEYS}/{number}")
        version = found.etag if "ETag" in found.headers else '"1"'
        path = f"{SURVEYS}/{number}/{act}" if act else f"{SURVEYS}/{number}"
        return await client(method, path, body, headers={"If-Match": version})

    async def did(self, who: Player | Client, number: str, act: str, body: Any = None) -> Any:
        done = await self.act(who, number, act, body)
        assert done.status == 200, done.body
        return done.body

    async def edited(self, who: Player, survey: str, **changes: Any) -> Answered:
        return await self.act(who, survey, "", changes, "PATCH")

    async def announced(self, who: Player = cast.CITY_OFFICIAL, **more: Any) -> str:
        number = await self.draft(who, self.content(**more))
        await self.did(who, number, "submit")
        await self.did(cast.MODERATOR, number, "approve")
        await self.later(minutes=61)
        assert (await self.seen(None, number))["stage"] == "announced"
        return number

    async def company(self) -> Client:
        """A browser of the second citizen, who acts for the company that they lead."""
        client = await self.live.sign_in(cast.OTHER_CITIZEN.oid)
        (held,) = (await client("GET", "/api/v1/me")).body["organisations"]
        done = await client("PUT", "/api/v1/me/organisation", {"oid": held["oid"]})
        assert done.status == 204, done.body
        return client


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """One platform a database: each test has surveys of its own, and time only goes on."""
    clock = SettableClock(NOON)
    folder = tmp_path_factory.mktemp("surveys")
    async with over(request.param, folder, clock=providers.Object(clock)) as live:
        yield Stage(live, clock)


def pointers(answered: Answered) -> dict[str, str]:
    return {fault["pointer"]: fault["code"] for fault in answered.body["errors"]}


@pytest.mark.clause("9-initiate")
@pytest.mark.clause("9-refusal")
@pytest.mark.clause("9-moderation")
async def test_a_survey_is_refused_with_reasons_corrected_and_announced(stage: Stage) -> None:
    number = await stage.draft(cast.CITY_OFFICIAL, {"title": "Парк"})
    refused = await stage.act(cast.CITY_OFFICIAL, number, "submit")
    assert (refused.status, refused.body["code"]) == (422, "invalid")
    assert {"/questions": "no-questions", "/starts_at": "no-date", "/ends_at": "no-date"}.items() <= pointers(
        refused
    ).items()
    edited = await stage.edited(cast.CITY_OFFICIAL, number, **stage.content(title="Парк у реки"))
    assert edited.status == 200, edited.body
    submitted = await stage.did(cast.CITY_OFFICIAL, number, "submit")
    assert submitted["stage"] == "submitted"
    first_due = submitted["moderation_due"]

    words = {"grounds": ["no_substance"], "words": "Второй вопрос подсказывает ответ"}
    assert pointers(await stage.act(cast.MODERATOR, number, "refuse", {})) == {
        "/grounds": "no-grounds",
        "/words": "no-words",
    }
    of_messages = {"grounds": ["bad_options", "no_place"], "words": "Дополните варианты"}
    assert pointers(await stage.act(cast.MODERATOR, number, "refuse", of_messages)) == {
        "/grounds/1": "unknown-ground"
    }
    both = await stage.act(cast.MODERATOR, number, "refuse", {"grounds": ["none-such"], "words": " "})
    assert pointers(both) == {"/grounds/0": "unknown-ground", "/words": "no-words"}
    no_words = await stage.act(cast.MODERATOR, number, "refuse", {"grounds": ["no_substance"]})
    assert list(pointers(no_words)) == ["/words"]
    await stage.did(cast.MODERATOR, number, "refuse", words)
    inside = (await stage.seen(cast.CITY_OFFICIAL, number))["inside"]
    assert inside["refusal"] | {"at": None} == {**words, "by_role": "moderator", "at": None}

    await stage.did(cast.CITY_OFFICIAL, number, "revise")
    await stage.later(days=2)
    await stage.edited(
        cast.CITY_OFFICIAL,
        number,
        announce_at=stage.at(hours=1),
        starts_at=stage.at(hours=2),
        ends_at=stage.at(hours=26),
    )
    again = await stage.did(cast.CITY_OFFICIAL, number, "submit")
    assert again["moderation_due"] > first_due
    seen = await stage.seen(cast.CITY_OFFICIAL, number)
    assert (seen["inside"]["round"], seen["inside"]["refusal"], seen["content"]["title"]) == (
        2, None, "Парк у реки",
    )  # fmt: skip
    await stage.did(cast.MODERATOR, number, "approve")
    await stage.later(minutes=61)
    assert (await stage.seen(None, number))["stage"] == "announced"
    history = (await (await stage.as_(None))("GET", f"{SURVEYS}/{number}/history")).body["items"]
    assert [entry["act"] for entry in history] == ["announce"]
    own = (await (await stage.as_(cast.CITY_APPROVER))("GET", f"{SURVEYS}/{number}/history")).body["items"]
    assert [entry["act"] for entry in own] == [
        "create", "edit", "submit", "refuse", "revise", "edit", "submit", "approve", "announce",
    ]  # fmt: skip
    approval = next(entry for entry in own if entry["act"] == "approve")
    assert "moderation-rules" in approval["document"]
    assert "materials" in approval["document"]


@pytest.mark.clause("9-business")
async def test_a_survey_of_business_without_consent_stops_at_the_rule(stage: Stage) -> None:
    company = await stage.company()
    body = {"initiator": {"kind": "business"}, "content": stage.content()}
    nobody = await company("POST", SURVEYS, body)
    assert nobody.status == 422
    assert pointers(nobody) == {"/initiator/authority": "no-authority"}
    alone = await (await stage.as_(cast.CITIZEN))("POST", SURVEYS, body)
    assert pointers(alone)["/initiator"] == "no-organisation"
    absent = {"kind": "business", "authority": "vo-cult"}
    unserved = await company("POST", SURVEYS, {**body, "initiator": absent})
    assert pointers(unserved) == {"/initiator/authority": "authority-not-at-work"}

    number = await stage.draft(company, initiator={"kind": "business", "authority": cast.CITY})
    waiting = await stage.did(company, number, "submit")
    assert waiting["stage"] == "awaiting-consent"
    assert waiting["moderation_due"] is None
    early = await stage.act(cast.MODERATOR, number, "approve")
    assert (early.status, early.body["code"], early.body["basis"]) == (
        409, "illegal-move", "Положение, разд. 9",
    )  # fmt: skip
    elsewhere = await stage.act(cast.ROAD_OFFICIAL, number, "consent")
    assert (elsewhere.status, elsewhere.body["code"]) == (404, "survey-not-found")
    waits = await (await stage.as_(cast.CITY_OFFICIAL))("GET", "/api/v1/office/consents")
    assert [item["survey"]["number"] for item in waits.body["items"]] == [number]
    consented = await stage.did(cast.CITY_OFFICIAL, number, "consent")
    assert consented["stage"] == "submitted"
    assert consented["moderation_due"] is not None
    await stage.did(cast.MODERATOR, number, "approve")


@pytest.mark.clause("9-business")
async def test_the_authority_declines_in_words_or_lets_its_term_pass(stage: Stage) -> None:
    company = await stage.company()
    business = {"kind": "business", "authority": cast.CITY}
    declined = await stage.draft(company, initiator=business)
    await stage.did(company, declined, "submit")
    assert list(pointers(await stage.act(cast.CITY_OFFICIAL, declined, "decline", {}))) == ["/words"]
    await stage.did(cast.CITY_OFFICIAL, declined, "decline", {"words": "Не наш предмет"})
    seen = await stage.seen(company, declined)
    assert (seen["stage"], seen["inside"]["refusal"]["words"]) == ("refused", "Не наш предмет")

    dates = {"announce_at": stage.at(days=30), "starts_at": stage.at(days=31), "ends_at": stage.at(days=32)}
    waits = await stage.draft(company, stage.content(**dates), business)
    await stage.did(company, waits, "submit")
    await stage.later(days=20)
    assert (await stage.seen(await stage.company(), waits))["stage"] == "draft"


@pytest.mark.clause("9-term")
async def test_overdue_moderation_goes_to_the_operator_and_stays_marked(stage: Stage) -> None:
    dates = {"announce_at": stage.at(days=30), "starts_at": stage.at(days=31), "ends_at": stage.at(days=32)}
    number = await stage.draft(cast.CITY_OFFICIAL, stage.content(**dates))
    submitted = await stage.did(cast.CITY_OFFICIAL, number, "submit")
    in_time = await (await stage.as_(cast.OPERATORS[0]))("GET", "/api/v1/desk/surveys?late=true")
    assert number not in [item["survey"]["number"] for item in in_time.body["items"]]
    await stage.later(days=10)
    late = await (await stage.as_(cast.OPERATORS[0]))("GET", "/api/v1/desk/surveys?late=true")
    assert (number, submitted["moderation_due"]) in [
        (item["survey"]["number"], item["due"]) for item in late.body["items"]
    ]
    await stage.did(cast.MODERATOR, number, "approve")
    seen = await stage.seen(cast.MODERATOR, number)
    assert (seen["inside"]["is_late"], seen["inside"]["overdue_rounds"]) == (True, [1])
    history = await (await stage.as_(cast.MODERATOR))("GET", f"{SURVEYS}/{number}/history")
    assert "mark-overdue" in [entry["act"] for entry in history.body["items"]]


@pytest.mark.clause("9-dates")
@pytest.mark.abuse(3)
async def test_nothing_that_was_announced_moves(stage: Stage) -> None:
    number = await stage.announced()
    before = (await stage.seen(None, number))["content"]
    for changes in (
        {"questions": QUESTIONS[:1]},
        {"ends_at": stage.at(days=9)},
        {"secrecy": "open"},
        {"is_changeable": True},
        {
            "target": {
                "predicate": {"type": "lives-in", "municipalities": ["18701000"]},
                "accepts": "esia_declared",
            }
        },
    ):
        refused = await stage.edited(cast.CITY_OFFICIAL, number, **changes)
        assert (refused.status, refused.body["code"]) == (409, "illegal-move"), changes
    for act, who in (("take-back", cast.CITY_OFFICIAL), ("refuse", cast.MODERATOR)):
        body = {"grounds": ["no_substance"], "words": "Поздно"} if act == "refuse" else None
        assert (await stage.act(who, number, act, body)).body["code"] == "illegal-move"
    await stage.later(hours=2)
    assert (await stage.seen(None, number))["stage"] == "open"
    assert (await stage.edited(cast.CITY_OFFICIAL, number, title="Другое")).status == 409
    assert (await stage.seen(None, number))["content"] == before


@pytest.mark.clause("9-moderation")
async def test_what_was_approved_too_late_to_announce_goes_back_to_its_initiator(stage: Stage) -> None:
    number = await stage.draft(cast.CITY_OFFICIAL)
    await stage.did(cast.CITY_OFFICIAL, number, "submit")
    await stage.did(cast.MODERATOR, number, "approve")
    stage.clock.at += timedelta(hours=3)
    await stage.live.drain()
    assert (await stage.seen(cast.CITY_OFFICIAL, number))["stage"] == "draft"
    assert (await stage.read(None, number)).status == 404


@pytest.mark.clause("9-moderation")
async def test_what_is_approved_after_its_announcement_was_due_is_announced_by_that(stage: Stage) -> None:
    number = await stage.draft(cast.CITY_OFFICIAL)
    await stage.did(cast.CITY_OFFICIAL, number, "submit")
    await stage.later(minutes=90)
    assert (await stage.read(None, number)).status == 404
    approved = await stage.did(cast.MODERATOR, number, "approve")
    assert approved["stage"] == "announced"
    assert (await stage.seen(None, number))["announced_at"] == stage.at()
    history = await (await stage.as_(cast.MODERATOR))("GET", f"{SURVEYS}/{number}/history")
    acts = [entry["act"] for entry in history.body["items"]]
    assert {"approve", "announce"} <= set(acts)
    late = await stage.draft(cast.CITY_OFFICIAL, stage.content(announce_at=stage.at()))
    refused = await stage.act(cast.CITY_OFFICIAL, late, "submit")
    assert (refused.status, list(pointers(refused))) == (422, ["/announce_at"])


@pytest.mark.clause("9-refusal")
@pytest.mark.parametrize("who", [cast.MODERATOR, cast.OPERATORS[0], cast.TECHNICAL])
async def test_each_of_three_may_refuse_until_it_is_announced(stage: Stage, who: Player) -> None:
    number = await stage.draft(cast.CITY_OFFICIAL)
    await stage.did(cast.CITY_OFFICIAL, number, "submit")
    await stage.did(cast.MODERATOR, number, "approve")
    words = {"grounds": ["no_substance"], "words": "Не к этому органу"}
    assert (await stage.did(who, number, "refuse", words))["stage"] == "refused"


async def test_an_announced_one_is_withdrawn_or_stopped_in_public_words(stage: Stage) -> None:
    withdrawn = await stage.announced()
    assert list(pointers(await stage.act(cast.CITY_OFFICIAL, withdrawn, "withdraw", {}))) == ["/words"]
    await stage.did(cast.CITY_OFFICIAL, withdrawn, "withdraw", {"words": "Сменился подрядчик"})
    seen = await stage.seen(None, withdrawn)
    assert (seen["stage"], seen["ending"]["words"]) == ("withdrawn", "Сменился подрядчик")
    stopped = await stage.announced()
    await stage.did(cast.OPERATORS[0], stopped, "stop", {"words": "Решение принял суд"})
    seen = await stage.seen(None, stopped)
    assert (seen["stage"], seen["ending"]["words"]) == ("stopped", "Решение принял суд")


@pytest.mark.abuse(8)
async def test_who_sees_a_survey_before_everyone_does(stage: Stage) -> None:
    others = (None, cast.CITIZEN, cast.ROAD_OFFICIAL, cast.COORDINATOR)
    deciding = (cast.MODERATOR, cast.OPERATORS[0], cast.TECHNICAL)
    number = await stage.draft(cast.CITY_OFFICIAL)
    assert (await stage.read(cast.CITY_APPROVER, number)).status == 200
    for who in (*others, *deciding):
        assert (await stage.read(who, number)).status == 404, who
    await stage.did(cast.CITY_OFFICIAL, number, "submit")
    for who in others:
        hidden = await stage.read(who, number)
        assert (hidden.status, hidden.body["code"]) == (404, "survey-not-found"), who
        history = await (await stage.as_(who))("GET", f"{SURVEYS}/{number}/history")
        assert history.status == 404, who
    for who in deciding:
        assert (await stage.seen(who, number))["inside"]["round"] == 1
    listed = (await (await stage.as_(None))("GET", SURVEYS)).body["items"]
    assert number not in [item["number"] for item in listed]
    await stage.did(cast.MODERATOR, number, "approve")
    await stage.later(minutes=61)
    for who in others:
        assert (await stage.seen(who, number))["inside"] is None
    listed = (await (await stage.as_(None))("GET", f"{SURVEYS}?stage=announced")).body["items"]
    assert number in [item["number"] for item in listed]


async def test_of_two_who_act_at_once_the_second_reads_again(stage: Stage) -> None:
    number = await stage.draft(cast.CITY_OFFICIAL)
    client = await stage.as_(cast.CITY_OFFICIAL)
    read = await stage.read(cast.CITY_OFFICIAL, number)
    assert (await stage.edited(cast.CITY_APPROVER, number, title="Иначе")).status == 200
    stale = await client("PATCH", f"{SURVEYS}/{number}", {"title": "Снова"}, headers={"If-Match": read.etag})
    assert stale.status in (409, 412), stale.body
    assert (await stage.seen(cast.CITY_OFFICIAL, number))["content"]["title"] == "Иначе"


@pytest.mark.abuse(33)
async def test_an_edit_changes_what_it_names_and_refuses_what_it_does_not_know(stage: Stage) -> None:
    number = await stage.draft(cast.CITY_OFFICIAL)
    before = (await stage.seen(cast.CITY_OFFICIAL, number))["content"]
    assert (await stage.edited(cast.CITY_OFFICIAL, number, title="Новое")).status == 200
    after = (await stage.seen(cast.CITY_OFFICIAL, number))["content"]
    assert after == {**before, "title": "Новое"}
    for field in ("stage", "number", "initiator", "owner", "head"):
        refused = await stage.edited(cast.CITY_OFFICIAL, number, **{field: "published"})
        assert refused.status == 422
        assert f"/{field}" in pointers(refused)
    assert (await stage.seen(cast.CITY_OFFICIAL, number))["content"] == after
