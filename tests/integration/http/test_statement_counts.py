"""A whole request takes as many statements for one row as for many, on both databases (abuse case 34)."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count as count_from
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.sql.open import open_units
from niktokromenas.application.surveys import initiating
from niktokromenas.domain.groups.group import SocialGroup
from niktokromenas.domain.groups.membership import founding
from niktokromenas.domain.surveys.answers import Text
from niktokromenas.domain.surveys.content import Series
from niktokromenas.domain.surveys.remarks import RemarkStage
from niktokromenas.domain.surveys.stages import SurveyKind, Topic
from niktokromenas.domain.surveys.survey import Survey
from tests.contract.building import a_person, a_subject
from tests.contract.stores import NOON, SettableClock
from tests.integration.counting import Counting
from tests.integration.http.asking import resolved
from tests.integration.http.documented import described
from tests.integration.http.group_ground import GroupGround
from tests.integration.http.live import Client, Live, peopled, running, settings_for
from tests.integration.http.polls import published, running_survey
from tests.integration.http.survey_ground import SurveyGround
from tests.integration.http.surveyed import said
from tests.integration.http.test_first_paragraph import a_body, accepted, routed, submitted, uploaded
from tests.unit.surveys.building import mark_question

MANY = 10


@define(eq=False)
class Watched:
    live: Live
    counting: Counting

    async def statements(self, request: Awaitable[Any], status: int = 200) -> int:
        """Of one request; whatever it needs was prepared before."""
        before = self.counting.count
        answer = await request
        assert answer.status == status, answer.body
        return self.counting.count - before

    async def client(self, oid: str) -> Client:
        return await self.live.as_(oid)


@pytest.fixture(params=["sqlite", "postgresql"])
async def watched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Watched]:
    async with _watched(request.param, tmp_path_factory.mktemp("counted")) as found:
        yield found


@asynccontextmanager
async def _watched(
    database: str, folder: Path, **replaced: providers.Provider[Any]
) -> AsyncIterator[Watched]:
    async with peopled(database, folder, **replaced) as url:
        counting = Counting(open_units(url))
        units = providers.Object(counting)
        settings = settings_for(folder / "data", url)
        async with running(settings, is_peopled=True, units=units, **replaced) as live:
            yield Watched(live, counting)


def _reading(number: str) -> dict[str, tuple[str | None, str]]:
    """What is read, by whom (nobody: a guest)."""
    return {
        "the journal": (None, "/api/v1/messages?limit=100"),
        "a filtered journal": (None, "/api/v1/messages?category=roads&municipality=18701000&limit=100"),
        "a search": (None, "/api/v1/messages/search?q=яма&limit=100"),
        "a search for what only a typo finds": (None, "/api/v1/messages/search?q=емы большые&limit=100"),
        "one message, by a guest": (None, f"/api/v1/messages/{number}"),
        "one message, by its author": (cast.CITIZEN.oid, f"/api/v1/messages/{number}"),
        "one message, by a moderator": (cast.MODERATOR.oid, f"/api/v1/messages/{number}"),
        "its history": (None, f"/api/v1/messages/{number}/history"),
        "one message, by a stranger": (cast.OTHER_CITIZEN.oid, f"/api/v1/messages/{number}"),
        "followed messages": (cast.OTHER_CITIZEN.oid, "/api/v1/me/followed?limit=100"),
        "own messages": (cast.CITIZEN.oid, "/api/v1/me/messages?limit=100"),
        "the feed": (cast.CITIZEN.oid, "/api/v1/me/notices?limit=100"),
        "the desk": (cast.MODERATOR.oid, "/api/v1/desk?limit=100"),
        "the inbox": (cast.CITY_OFFICIAL.oid, "/api/v1/office?limit=100"),
        "awaited answers": (cast.CITY_OFFICIAL.oid, "/api/v1/office/answers?watch=due&limit=100"),
        "numbers of an authority": (cast.CITY_OFFICIAL.oid, "/api/v1/office/summary"),
        "numbers of all authorities": (cast.COORDINATOR.oid, "/api/v1/office/summaries?limit=100"),
        "who has how much": (cast.CITY_APPROVER.oid, "/api/v1/office/load"),
    }


def _of_one(number: str) -> dict[str, tuple[str, str]]:
    """Lists that grow otherwise than by messages, and who reads them."""
    message = f"/api/v1/messages/{number}"
    return {
        "a thread, by its author": (cast.CITIZEN.oid, f"{message}/thread?limit=100"),
        "a thread, by a moderator": (cast.MODERATOR.oid, f"{message}/thread?limit=100"),
        "what may be a duplicate": (cast.MODERATOR.oid, f"{message}/duplicates"),
        "hints": (cast.MODERATOR.oid, f"{message}/hints"),
        "subscriptions": (cast.OTHER_CITIZEN.oid, "/api/v1/me/subscriptions"),
        "own sessions": (cast.OTHER_CITIZEN.oid, "/api/v1/me/sessions"),
        "own powers": (cast.CITY_APPROVER.oid, "/api/v1/me/grants"),
        "own blocks": (cast.CITIZEN.oid, "/api/v1/me/blocks?limit=100"),
        "filters": (cast.CITY_APPROVER.oid, "/api/v1/office/filters"),
        "templates": (cast.CITY_APPROVER.oid, "/api/v1/office/answer-templates?limit=100"),
        "templates of a category": (
            cast.CITY_APPROVER.oid,
            "/api/v1/office/answer-templates?category=roads.pothole&limit=100",
        ),
        "templates of surveys": (cast.CITY_APPROVER.oid, "/api/v1/survey-templates?limit=100"),
        "rounds of satisfaction": (cast.CITIZEN.oid, "/api/v1/satisfaction?limit=100"),
        "topics of surveys": (cast.CITIZEN.oid, "/api/v1/survey-topics"),
        "powers": (cast.OPERATORS[0].oid, "/api/v1/grants?limit=100"),
        "powers of a body": (cast.OPERATORS[0].oid, f"/api/v1/grants?body={cast.ROADS}&limit=100"),
        "authorities": (cast.TECHNICAL.oid, "/api/v1/authorities"),
        "blocks": (cast.MODERATOR.oid, "/api/v1/blocks?limit=100"),
        "objections": (cast.OPERATORS[0].oid, "/api/v1/blocks/objections?limit=100"),
        "the audit": (cast.OPERATORS[0].oid, "/api/v1/audit?limit=100"),
        "letters in trouble": (cast.OPERATORS[0].oid, "/api/v1/letters/troubled?limit=100"),
        "what waits for the coordinator": (cast.COORDINATOR.oid, "/api/v1/coordination?limit=100"),
        "the journal as CSV": (cast.MODERATOR.oid, "/api/v1/messages/export.csv"),
        "the journal as XLSX": (cast.MODERATOR.oid, "/api/v1/messages/export.xlsx"),
        "the inbox as CSV": (cast.CITY_OFFICIAL.oid, "/api/v1/office/export.csv?list=inbox"),
        "awaited answers as XLSX": (cast.CITY_OFFICIAL.oid, "/api/v1/office/export.xlsx?watch=due"),
    }


READING_TAKES_AT_MOST, WRITING_TAKES_AT_MOST = 5, 12
A_NOTED_LOOK_TAKES_AT_MOST = 8
"""An entry of the audit and the power behind it are written first."""


async def _read_all(watched: Watched, asked: Mapping[str, tuple[str | None, str]]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for what, (oid, path) in asked.items():
        client = await (watched.client(oid) if oid else watched.live.guest())
        counted[what] = await watched.statements(client("GET", path))
    return counted


async def _fill(watched: Watched, count: int) -> str:
    """Twice as many messages: half of them at the desk, half in the inbox; and what their author was told."""
    number = ""
    for _ in range(count):
        number = await submitted(watched.live)
        await accepted(watched.live, number)
        await routed(watched.live, number)
        await _followed(watched, number)
        await accepted(watched.live, await submitted(watched.live))
    await watched.live.drain()
    return number


async def _followed(watched: Watched, number: str) -> None:
    client = await watched.client(cast.OTHER_CITIZEN.oid)
    done = await client("PUT", f"/api/v1/messages/{number}/following")
    assert done.status == 200, done.body


@pytest.mark.abuse(34)
async def test_reading_takes_as_many_statements_for_one_row_as_for_many(watched: Watched) -> None:
    number = await _fill(watched, 1)
    few = await _read_all(watched, _reading(number))
    await _fill(watched, MANY - 1)
    feed = (await (await watched.client(cast.CITIZEN.oid))("GET", "/api/v1/me/notices?limit=100")).body
    inbox = (await (await watched.client(cast.CITY_OFFICIAL.oid))("GET", "/api/v1/office?limit=100")).body
    assert min(len(feed["items"]), len(inbox["items"])) >= MANY
    assert await _read_all(watched, _reading(number)) == few
    assert max(few.values()) <= READING_TAKES_AT_MOST, few


ACT = {"title": "Приказ", "number": "7", "date": "2026-01-12"}
GRANT = {"role": "official", "body": cast.ROADS, "legal_act": ACT, "valid_from": "2026-02-01"}


async def _grow(watched: Watched, number: str, count: int, start: int) -> None:
    """Each of the other lists by so many."""
    live = watched.live
    citizen, other = await live.as_(cast.CITIZEN.oid), await live.as_(cast.OTHER_CITIZEN.oid)
    approver, technical = await live.as_(cast.CITY_APPROVER.oid), await live.as_(cast.TECHNICAL.oid)
    for n in range(start, start + count):
        posted = {"text": f"Есть новости? {n}", "attachments": [await uploaded(live, cast.CITIZEN.oid)]}
        template = {"category": "roads", "title": f"Шаблон {n}", "text": "Заделаем"}
        kept = {"name": f"Фильтр {n}", "list": "answers", "terms": {"watch": "overdue"}}
        scope = {"circle": {"centre": {"lat": 48.7 + n / 1000, "lon": 44.5}, "metres": 500}}
        for client, path, body in (
            (citizen, f"/api/v1/messages/{number}/thread", posted),
            (other, "/api/v1/me/subscriptions", scope),
            (approver, "/api/v1/office/filters", kept),
            (approver, "/api/v1/office/answer-templates", template),
            (technical, "/api/v1/grants", {**GRANT, "oid": str(1_000_000_900 + n)}),
        ):
            done = await client("POST", path, body)
            assert done.status == 201, done.body
        await live.sign_in(cast.OTHER_CITIZEN.oid)
        await _blocked_and_freed(live, number)
        await _a_round(live)
        await submitted(live)


async def _a_round(live: Live) -> None:
    series, questions = Series(Topic.ROADS), (mark_question(),)
    satisfaction = {"kind": SurveyKind.SATISFACTION, "series": series, "questions": questions}
    await published(live.container, await running_survey(live.container, **satisfaction))


async def _blocked_and_freed(live: Live, number: str) -> None:
    moderator = await live.as_(cast.MODERATOR.oid)
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    body = {"grounds": ["ads"], "until": until, "words": "Реклама"}
    block = await moderator("POST", f"/api/v1/messages/{number}/block-author", body)
    assert block.status == 200, block.body
    path, version = f"/api/v1/blocks/{block.body['id']}/lift", {"If-Match": block.etag}
    assert (await moderator("POST", path, {"words": "Ошибка"}, headers=version)).status == 200


@pytest.mark.abuse(34)
async def test_every_other_list_takes_as_many_statements_for_one_thing_as_for_many(watched: Watched) -> None:
    number = await _fill(watched, 1)
    await _grow(watched, number, 1, 0)
    few = await _read_all(watched, _of_one(number))
    await _grow(watched, number, MANY - 2, 1)
    thread = await (await watched.client(cast.CITIZEN.oid))("GET", f"/api/v1/messages/{number}/thread")
    assert len(thread.body["items"]) == MANY - 1
    assert await _read_all(watched, _of_one(number)) == few
    assert max(few.values()) <= A_NOTED_LOOK_TAKES_AT_MOST, few


def _of_surveys(acted: str, said_of: str, group: str) -> dict[str, tuple[str | None, str]]:
    """Lists of surveys and groups: what was done to one, what its voters said, the people of a group."""
    return {
        "surveys": (None, "/api/v1/surveys?limit=100"),
        "surveys by kind and initiator": (
            None,
            f"/api/v1/surveys?kind=survey&initiator={cast.CITY}&limit=100",
        ),
        "own surveys": (cast.CITIZEN.oid, "/api/v1/me/surveys?limit=100"),
        "surveys of a body": (cast.CITY_OFFICIAL.oid, "/api/v1/office/surveys?limit=100"),
        "surveys to moderate": (cast.MODERATOR.oid, "/api/v1/desk/surveys?limit=100"),
        "surveys to consent to": (cast.CITY_OFFICIAL.oid, "/api/v1/office/consents?limit=100"),
        "history of a survey": (cast.CITY_OFFICIAL.oid, f"/api/v1/surveys/{acted}/history"),
        "templates of surveys": (cast.CITY_OFFICIAL.oid, "/api/v1/survey-templates?limit=100"),
        "who is named": (None, f"/api/v1/surveys/{said_of}/named?limit=100"),
        "words shown": (None, f"/api/v1/surveys/{said_of}/remarks?question=q1&limit=100"),
        "words to moderate": (cast.MODERATOR.oid, "/api/v1/remarks/queue?limit=100"),
        "groups": (None, "/api/v1/groups?limit=100"),
        "own groups": (cast.CITIZEN.oid, "/api/v1/me/groups?limit=100"),
        "groups to moderate": (cast.MODERATOR.oid, "/api/v1/groups/queue?limit=100"),
        "people of a group": (cast.CITIZEN.oid, f"/api/v1/groups/{group}/people?limit=100"),
        "history of a group": (cast.CITIZEN.oid, f"/api/v1/groups/{group}/history"),
        "links into a group": (cast.CITIZEN.oid, f"/api/v1/groups/{group}/links"),
    }


@define(eq=False)
class Growing:
    """One survey that things are done to, one group that people come into, and all lists around them."""

    watched: Watched
    surveys: SurveyGround
    acted: Survey
    group: SocialGroup

    @classmethod
    async def of(cls, watched: Watched, clock: SettableClock) -> "Growing":
        surveys = SurveyGround(watched.live, clock)
        group = await GroupGround(watched.live).active(cast.CITIZEN)
        return cls(watched, surveys, await surveys.draft(), group)

    async def by(self, count: int) -> dict[str, tuple[str | None, str]]:
        """What to read now: words of a survey do not come after it is over, so it is another one."""
        live, container = self.watched.live, self.watched.live.container
        owner = await live.cast.actor(cast.CITIZEN.oid)
        for _ in range(count):
            self.acted = await self.surveys.act(cast.CITY_OFFICIAL, self.acted, _SAME)
            await self.surveys.announced()
            await self.surveys.submitted()
            await self.surveys.awaiting_consent()
            await self.surveys.draft(cast.CITIZEN)
            await GroupGround(live).submitted(cast.CITIZEN)
            await container.link_into_group().make(owner, self.group.id)
            await container.keep_survey_templates().save(
                await live.cast.actor(cast.CITY_OFFICIAL.oid), self.acted.number, "Парк"
            )
            await self._revised()
            await self._one_more_member()
        heard = await said(live, [{"q1": Text(f"Скамейка {n}")} for n in range(count)])
        queue = await container.remark_register().queue(RemarkStage.UNREAD, heard.id, None, 100)
        picked = [{"id": str(each.remark.id), "version": each.remark.version} for each in queue]
        moderator = await live.as_(cast.MODERATOR.oid)
        shown = await moderator("POST", "/api/v1/remarks/show", {"remarks": picked})
        assert shown.status == 200, shown.body
        await said(live, [{"q1": Text(f"Фонтан {n}")} for n in range(count)])
        return _of_surveys(self.acted.number, heard.number, str(self.group.id))

    async def _revised(self) -> None:
        path, body = f"/api/v1/groups/{self.group.id}", {"name": "Двор", "about": "", "joining": "open"}
        for oid, act, sent in ((cast.CITIZEN.oid, "revise", body), (cast.MODERATOR.oid, "approve", None)):
            client = await self.watched.client(oid)
            version = {"If-Match": (await client("GET", path)).etag}
            done = await client("POST", f"{path}/{act}", sent, headers=version)
            assert done.status == 200, done.body

    async def _one_more_member(self) -> None:
        async with self.watched.live.container.transactions()() as tx:
            person = await tx.participants.save(evolve(a_person(), subject=a_subject(next(_people))))
            group = evolve(await tx.groups.by_id(self.group.id), owner_id=person.id)
            await tx.groups.add_member(founding(group))


_SAME = initiating.EditSurvey(edited=lambda content: content)
_people = count_from(800_000)


@pytest.mark.abuse(34)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_lists_of_surveys_and_groups_take_as_many_statements_for_one_thing_as_for_many(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clock = SettableClock(NOON)
    folder = tmp_path_factory.mktemp("surveys")
    async with _watched(database, folder, clock=providers.Object(clock)) as watched:
        growing = await Growing.of(watched, clock)
        few = await _read_all(watched, await growing.by(1))
        then = await growing.by(MANY - 2)
        for what, (oid, path) in then.items():
            client = await (watched.client(oid) if oid else watched.live.guest())
            found = (await client("GET", path)).body
            assert len(found["items"]) >= MANY - 2, what
        assert await _read_all(watched, then) == few
        assert max(few.values()) <= A_NOTED_LOOK_TAKES_AT_MOST, few


@pytest.mark.abuse(34)
def test_every_list_is_counted() -> None:
    """Reference lists are read from no store."""
    messages, surveys = _reading("{number}") | _of_one("{number}"), _of_surveys(*("{number}",) * 2, "{id}")
    counted = {path.partition("?")[0] for _, path in (*messages.values(), *surveys.values())}
    lists = {
        path
        for path, methods in described()["paths"].items()
        if "get" in methods and ("/export." in path or _is_list(methods["get"]))
    }
    assert {path for path in lists if "/reference/" not in path} - counted == {"/api/v1/me/notice-settings"}


def _is_list(operation: Any) -> bool:
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    return "items" in resolved(schema).get("properties", {})


async def _submit(watched: Watched, photos: int) -> int:
    """Past the reservation of numbers, which comes once in a while."""
    brought = [await uploaded(watched.live, cast.CITIZEN.oid) for _ in range(photos)]
    citizen, key = await watched.client(cast.CITIZEN.oid), {"Idempotency-Key": f"key-number-{photos}"}
    body = a_body(attachments=brought)
    return await watched.statements(citizen("POST", "/api/v1/messages", body, headers=key), 201)


@pytest.mark.abuse(34)
async def test_sending_takes_as_many_statements_for_three_photos_as_for_one(watched: Watched) -> None:
    await submitted(watched.live)
    assert await _submit(watched, 1) == await _submit(watched, 3) <= WRITING_TAKES_AT_MOST


async def _acted(watched: Watched, oid: str, number: str, path: str, body: Any) -> int:
    client = await watched.client(oid)
    address = f"/api/v1/messages/{number}"
    seen = await client("GET", address)
    act = client("POST", f"{address}/{path}", body, headers={"If-Match": seen.etag})
    return await watched.statements(act)


ACCEPT = {"category": "roads.pothole", "publicity": "public", "reason": None}


@pytest.mark.abuse(34)
async def test_deciding_takes_as_many_statements_whatever_else_there_is(watched: Watched) -> None:
    await accepted(watched.live, await submitted(watched.live))  # its words are learnt once
    first = await _acted(watched, cast.MODERATOR.oid, await submitted(watched.live), "accept", ACCEPT)
    await _fill(watched, 3)
    then = await _acted(watched, cast.MODERATOR.oid, await submitted(watched.live), "accept", ACCEPT)
    assert first == then <= WRITING_TAKES_AT_MOST


BODIES = ("adm-18701", "vo-road", "adm-18710")


async def _registered(watched: Watched) -> None:
    """Bodies that take part by their contact of record can be routed to."""
    technical = await watched.client(cast.TECHNICAL.oid)
    act = {"title": "Приказ", "number": "7", "date": "2026-01-12"}
    contact = {"contact": {"person_or_office": "Приёмная", "email": "office@body.example"}}
    for code in BODIES:
        made = await technical("POST", "/api/v1/authorities", {"code": code, "legal_act": act})
        assert made.status in (201, 409), made.body
        if made.status == 201:
            apart = await technical("PUT", f"/api/v1/authorities/{code}/connection", contact)
            assert apart.status == 200, apart.body


@pytest.mark.abuse(34)
@pytest.mark.clause("2.1-interagency")
async def test_routing_takes_as_many_statements_for_three_authorities_as_for_one(watched: Watched) -> None:
    await _registered(watched)

    async def route(count: int) -> int:
        number = await submitted(watched.live)
        await accepted(watched.live, number)
        targets = [{"authority": code, "is_lead": code == BODIES[0]} for code in BODIES[:count]]
        return await _acted(watched, cast.MODERATOR.oid, number, "route", {"targets": targets})

    assert await route(1) == await route(3) <= WRITING_TAKES_AT_MOST
