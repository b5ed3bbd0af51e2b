"""Taking part over the API: what is told before, one ballot each, in time, changed by who may (разд. 9)."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from attrs import define, evolve
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.http.paging import decode_cursor, encode_cursor
from niktokromenas.adapters.sql.tables import audit
from niktokromenas.domain.participants.people import ParticipantKind
from niktokromenas.domain.surveys.conditions import Chose
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.questions import FreeText, One, OnMap, Question
from niktokromenas.domain.surveys.receipts import read_receipt
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import FOR_AGAINST_ABSTAIN
from niktokromenas.domain.surveys.target import AgeBand, All, IsKind, LivesIn, Target
from niktokromenas.ports.ballots import BoxCount
from tests.contract.stores import NOON, SettableClock
from tests.integration.http.live import Answered, Client, Live, over
from tests.integration.http.survey_ground import SurveyGround

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIGHTS = {"type": "chosen", "options": ["for"]}
SHEET: dict[str, Any] = {"answers": {"lights": LIGHTS, "mark": {"type": "scale", "value": 4}}}
OTHER: dict[str, Any] = {
    "answers": {"lights": {"type": "chosen", "options": ["against"]}, "mark": {"type": "scale", "value": 2}}
}
NAMED = {"agrees_to_be_named": True}
ELSEWHERE = {"answers": {"where": {"type": "point", "point": {"lat": 55.75, "lon": 37.62}}}}


LONG = "n" * 129
"""No code of a question."""


@define(eq=False)
class Polls:
    live: Live
    clock: SettableClock

    @property
    def ground(self) -> SurveyGround:
        return SurveyGround(self.live, self.clock)

    async def opened(self, secrecy: Secrecy = Secrecy.SECRET, **more: Any) -> Survey:
        """`SurveyGround` begins it two hours and two minutes ago."""
        now = self.clock.at
        self.clock.at -= timedelta(minutes=122)
        content = self.ground.content(secrecy=secrecy, is_changeable=True, **more)
        self.clock.at = now
        return await self.ground.opened(content=content)

    async def client(self, oid: str = cast.CITIZEN.oid) -> Client:
        return await self.live.as_(oid)

    async def send(
        self, survey: Survey, body: dict[str, Any] = SHEET, oid: str = cast.CITIZEN.oid
    ) -> Answered:
        return await (await self.client(oid))("POST", f"/api/v1/surveys/{survey.number}/ballots", body)

    async def part(self, survey: Survey, oid: str = cast.CITIZEN.oid) -> Answered:
        return await (await self.client(oid))("GET", f"/api/v1/surveys/{survey.number}/my-part")

    async def published(self, survey: Survey, stage: Stage = Stage.PUBLISHED) -> None:
        async with self.live.container.transactions()() as tx:
            await tx.surveys.save(evolve(await tx.surveys.by_id(survey.id), stage=stage))

    async def count(self, survey: Survey) -> BoxCount:
        found: BoxCount = await self.live.container.ballot_register().count(survey.id)
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def polls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Polls]:
    clock = SettableClock(NOON)
    folder = tmp_path_factory.mktemp("polls")
    async with over(request.param, folder, clock=providers.Object(clock)) as live:
        yield Polls(live, clock)


@pytest.mark.clause("9-participate")
async def test_a_secret_ballot_is_cast_once_and_changed_by_its_device_alone(polls: Polls) -> None:
    survey = await polls.opened(tables=(Table("lights", Dimension.MUNICIPALITY),))
    before = await polls.part(survey)
    assert (before.status, before.body["is_open"], before.body["took_part"]) == (200, True, False)
    promised = before.body["promises"]
    assert (promised["is_secret"], promised["is_changeable"]) == (True, True)
    assert [fact["kind"] for fact in before.body["facts"]] == ["residence"]
    secret = secrets.token_urlsafe(32)
    done = await polls.send(survey, {**SHEET, "change_secret": secret})
    assert done.status == 201, done.body
    assert "Location" not in done.headers
    assert read_receipt(done.body["receipt"]).survey_id == survey.id
    again = await polls.send(survey, OTHER)
    assert (again.status, again.body["code"]) == (409, "already-voted")
    after = (await polls.part(survey)).body
    assert (after["took_part"], after["standing"]) == (True, "inside")
    own = await (await polls.client())("GET", f"/api/v1/surveys/{survey.number}/my-ballot")
    assert (own.status, own.body["code"]) == (404, "ballot-not-found")
    guest, path = (
        await polls.live.guest(),
        f"/api/v1/surveys/{survey.number}/ballots/{done.body['ballot_id']}",
    )
    wrong = await guest("PUT", path, {**OTHER, "secret": secrets.token_urlsafe(32)})
    assert (wrong.status, wrong.body["code"]) == (403, "wrong-change-secret")
    changed = await guest("PUT", path, {**OTHER, "secret": secret})
    assert changed.status == 200
    votes = [vote async for vote in polls.live.container.ballot_register().votes(survey.id)]
    assert [vote.leaf for vote in votes] == [read_receipt(changed.body["receipt"]).leaf]


@pytest.mark.clause("9-participate")
async def test_an_open_ballot_shows_its_history_and_names_with_the_result(polls: Polls) -> None:
    survey = await polls.opened(Secrecy.OPEN)
    assert (await polls.send(survey, {**SHEET, **NAMED})).status == 201
    assert (await polls.send(survey, SHEET, cast.OTHER_CITIZEN.oid)).status == 201
    client, path = await polls.client(), f"/api/v1/surveys/{survey.number}"
    changed = await client("PUT", f"{path}/my-ballot", {**OTHER, **NAMED})
    own = (await client("GET", f"{path}/my-ballot")).body
    assert own["receipt"] == changed.body["receipt"]
    assert (own["answers"]["mark"], own["earlier"][0]["answers"]["mark"]) == (
        OTHER["answers"]["mark"],
        SHEET["answers"]["mark"],
    )
    early = await client("GET", f"{path}/named")
    assert (early.status, early.body["code"]) == (409, "names-not-yet")
    await polls.published(survey)
    (named,) = (await (await polls.live.guest())("GET", f"{path}/named")).body["items"]
    me = (await client("GET", "/api/v1/me")).body
    assert (named["name"], named["answers"]["mark"]) == (me["name"], OTHER["answers"]["mark"])
    assert set(named) == {"name", "answers"}


@pytest.mark.clause("9-participate")
async def test_beside_names_stand_neither_words_nor_points(polls: Polls) -> None:
    survey = await polls.opened(
        Secrecy.OPEN,
        questions=(
            Question(code="lights", words="?", kind=One(options=FOR_AGAINST_ABSTAIN, has_other=True)),
            Question(code="where", words="Где?", kind=OnMap()),
            Question(code="why", words="Почему?", kind=FreeText()),
        ),
    )
    answers = {
        "lights": {"type": "chosen", "options": [], "other": "Слова-А"},
        "where": {"type": "point", "point": {"lat": 48.7071, "lon": 44.5169}},
        "why": {"type": "text", "words": "Слова-Б"},
    }
    assert (await polls.send(survey, {"answers": answers, **NAMED})).status == 201
    await polls.published(survey)
    shown = (await (await polls.live.guest())("GET", f"/api/v1/surveys/{survey.number}/named")).body
    (named,) = shown["items"]
    assert named["answers"] == {"lights": {"type": "chosen", "options": ["other"]}}
    assert not [each for each in ("Слова", "48.7", "44.5") if each in str(shown)]


@pytest.mark.abuse(33)
@pytest.mark.clause("9-participate")
async def test_a_name_stays_where_a_change_says_nothing_of_it(polls: Polls) -> None:
    survey = await polls.opened(Secrecy.OPEN)
    assert (await polls.send(survey, {**SHEET, **NAMED})).status == 201
    client, path = await polls.client(), f"/api/v1/surveys/{survey.number}/my-ballot"
    name = (await client("GET", path)).body["shown_name"]
    assert name
    for change, shown in (({}, name), ({"agrees_to_be_named": False}, None), ({}, None), (NAMED, name)):
        assert (await client("PUT", path, {**OTHER, **change})).status == 200
        assert (await client("GET", path)).body["shown_name"] == shown
    assert (await client("PUT", path, {**OTHER, "agrees_to_be_named": None})).status == 422


async def test_what_does_not_fit_the_secrecy_is_refused(polls: Polls) -> None:
    secret = {"change_secret": secrets.token_urlsafe(32)}
    for secrecy, sent, expected in (
        (Secrecy.SECRET, NAMED, {"/agrees_to_be_named": "secret-ballot"}),
        (Secrecy.OPEN, secret, {"/change_secret": "open-ballot"}),
    ):
        survey = await polls.opened(secrecy)
        refused = await polls.send(survey, {**SHEET, **sent})
        assert refused.status == 422
        assert {fault["pointer"]: fault["code"] for fault in refused.body["errors"]} == expected
        assert await polls.count(survey) == BoxCount(0, 0)


async def test_pages_of_names_tell_no_ids(polls: Polls) -> None:
    survey = await polls.opened(Secrecy.OPEN)
    for oid in (cast.CITIZEN.oid, cast.OTHER_CITIZEN.oid):
        assert (await polls.send(survey, {**SHEET, **NAMED}, oid)).status == 201
    await polls.published(survey)
    guest, path = await polls.live.guest(), f"/api/v1/surveys/{survey.number}/named?limit=1"
    first = (await guest("GET", path)).body
    second = (await guest("GET", f"{path}&after={first['next']}")).body
    assert (len(first["items"]), len(second["items"]), second["next"]) == (1, 1, None)
    assert first["items"] != second["items"]
    leaves = [vote.leaf.hex() async for vote in polls.live.container.ballot_register().votes(survey.id)]
    assert decode_cursor(first["next"], str) == (leaves[0],)
    for wrong in (encode_cursor(uuid4()), encode_cursor("f"), encode_cursor(leaves[0], 1)):
        refused = await guest("GET", f"{path}&after={wrong}")
        assert (refused.status, refused.body["errors"][0]["code"]) == (422, "bad-cursor")


async def test_of_a_survey_without_names_it_is_told_that_there_are_none(polls: Polls) -> None:
    guest = await polls.live.guest()
    for secrecy, stage in (
        (Secrecy.SECRET, Stage.OPEN),
        (Secrecy.SECRET, Stage.PUBLISHED),
        (Secrecy.OPEN, Stage.STOPPED),
        (Secrecy.OPEN, Stage.ANNULLED),
        (Secrecy.OPEN, Stage.WITHDRAWN),
    ):
        survey = await polls.opened(secrecy)
        await polls.published(survey, stage)
        answered = await guest("GET", f"/api/v1/surveys/{survey.number}/named")
        assert (answered.status, answered.body["code"]) == (404, "no-names")
        assert "вместе с результатом" not in answered.body["detail"]


@pytest.mark.abuse(1)
@pytest.mark.abuse(2)
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_of_fifty_requests_at_once_one_is_a_ballot(polls: Polls, secrecy: Secrecy) -> None:
    survey = await polls.opened(secrecy)
    answered = await asyncio.gather(*(polls.send(survey, (SHEET, OTHER)[n % 2]) for n in range(50)))
    assert Counter((a.status, a.body.get("code")) for a in answered) == {
        (201, None): 1,
        (409, "already-voted"): 49,
    }
    assert await polls.count(survey) == BoxCount(1, 1)


@pytest.mark.abuse(4)
@pytest.mark.clause("9-dates")
async def test_ballots_outside_the_dates_are_refused_with_the_dates(polls: Polls) -> None:
    survey, at = await polls.opened(Secrecy.OPEN), polls.clock.at
    dates = {"starts_at": survey.starts_at.isoformat(), "ends_at": survey.ends_at.isoformat()}
    assert (await polls.send(survey, OTHER, cast.OTHER_CITIZEN.oid)).status == 201
    second = timedelta(seconds=1)
    try:
        for moment in (survey.starts_at - second, survey.ends_at, survey.ends_at + second):
            polls.clock.at = moment
            client = await polls.live.sign_in(cast.CITIZEN.oid)
            path = f"/api/v1/surveys/{survey.number}"
            refused = await client("POST", f"{path}/ballots", SHEET)
            assert (refused.status, refused.body["code"]) == (409, "not-open")
            assert dates.items() <= refused.body.items()
            other = await polls.live.sign_in(cast.OTHER_CITIZEN.oid)
            assert (await other("PUT", f"{path}/my-ballot", {**SHEET, **NAMED})).body["code"] == "not-open"
        for moment, oid in (
            (survey.starts_at, cast.CITIZEN.oid),
            (survey.ends_at - second, cast.MODERATOR.oid),
        ):
            polls.clock.at = moment
            client = await polls.live.sign_in(oid)
            assert (await client("POST", f"{path}/ballots", SHEET)).status == 201
    finally:
        polls.clock.at = at


@pytest.mark.abuse(5)
async def test_an_account_that_esia_has_not_confirmed_casts_nothing(polls: Polls) -> None:
    from niktokromenas.adapters.esia.emulator.people import SEEDED

    survey = await polls.opened()
    unconfirmed = [person for person in SEEDED if not person.trusted or person.level != "PR"]
    assert {person.level for person in unconfirmed} == {"P", "KD"}
    for person in unconfirmed:
        client = polls.live.browser()
        begun = await client("GET", "/auth/esia/login?return_to=/")
        chosen = await client("POST", begun.headers["Location"], data={"oid": person.oid})
        back = chosen
        while back.status in (302, 303) and back.headers["Location"] != "/":
            back = await client("GET", back.headers["Location"])
        assert (back.status, back.body["code"]) == (403, "identity-refused")
        sent = await client("POST", f"/api/v1/surveys/{survey.number}/ballots", SHEET)
        assert sent.status == 401
    assert (await (await polls.live.guest())("GET", f"/api/v1/surveys/{survey.number}/my-part")).status == 401
    assert await polls.count(survey) == BoxCount(0, 0)


@pytest.mark.clause("9-target")
async def test_who_is_outside_is_told_the_condition_that_fails(polls: Polls) -> None:
    town = sorted(polls.live.container.region().municipalities)[-1]
    target = Target(predicate=All((LivesIn((town,)), AgeBand(18, None))))
    survey = await polls.opened(target=target)
    part = (await polls.part(survey)).body
    assert part["standing"] == "outside"
    refused = await polls.send(survey)
    assert (refused.status, refused.body["code"]) == (403, "not-in-target")
    assert refused.body["failed"] == part["failed"]
    facts = {fact["kind"]: (fact["provenance"], fact["ask_at"]) for fact in part["facts"]}
    assert facts["residence"] == ("esia_declared", None)
    assert facts["born"][0] is None
    about = (await (await polls.live.guest())("GET", "/api/v1/about")).body
    assert facts["born"][1] == f"/auth/esia/login?birth_consent={about['birth_consent_version']}"
    adults = await polls.opened(target=Target(predicate=AgeBand(18, None)))
    assert (await polls.part(adults)).body["standing"] == "unknown"
    polls.live.clients[cast.CITIZEN.oid] = await polls.live.sign_in(
        cast.CITIZEN.oid, f"birth_consent={about['birth_consent_version']}"
    )
    assert (await polls.part(adults)).body["standing"] == "inside"
    assert (await polls.send(adults)).status == 201


@pytest.mark.clause("9-target")
async def test_whoever_takes_the_birth_date_back_leaves_the_group_and_no_ballot_behind(polls: Polls) -> None:
    adults = Target(predicate=AgeBand(18, None))
    cast_in, missed = await polls.opened(target=adults), await polls.opened(target=adults)
    about = (await (await polls.live.guest())("GET", "/api/v1/about")).body
    citizen = await polls.live.sign_in(cast.CITIZEN.oid, f"birth_consent={about['birth_consent_version']}")
    polls.live.clients[cast.CITIZEN.oid] = citizen
    assert (await polls.send(cast_in)).status == 201
    before = await polls.count(cast_in)
    assert (await citizen("DELETE", "/api/v1/me/consents/birth-date")).status == 204
    assert (await polls.part(missed)).body["standing"] == "unknown"
    refused = await polls.send(missed)
    assert (refused.status, refused.body["code"]) == (403, "not-in-target")
    assert await polls.count(cast_in) == before
    assert (await polls.part(cast_in)).body["took_part"]


async def test_an_organisation_votes_once_whoever_acts_for_it(polls: Polls) -> None:
    survey = await polls.opened(Secrecy.OPEN, target=Target(predicate=IsKind(ParticipantKind.ORGANISATION)))
    person = await polls.live.sign_in(cast.OTHER_CITIZEN.oid)
    path = f"/api/v1/surveys/{survey.number}"
    assert (await person("POST", f"{path}/ballots", SHEET)).body["code"] == "not-in-target"
    (held,) = (await person("GET", "/api/v1/me")).body["organisations"]
    await person("PUT", "/api/v1/me/organisation", {"oid": held["oid"]})
    assert (await person("GET", f"{path}/my-part")).body["as_organisation"]
    assert (await person("POST", f"{path}/ballots", {**SHEET, **NAMED})).status == 201
    assert (await person("POST", f"{path}/ballots", SHEET)).body["code"] == "already-voted"
    assert (await person("GET", f"{path}/my-ballot")).body["shown_name"] == held["short_name"]


async def test_a_point_lies_in_the_region(polls: Polls) -> None:
    survey = await polls.opened(questions=(Question(code="where", words="Где?", kind=OnMap()),))
    refused = await polls.send(survey, ELSEWHERE)
    assert [fault["code"] for fault in refused.body["errors"]] == ["outside-region"]
    inside = {"answers": {"where": {"type": "point", "point": {"lat": 48.7071, "lon": 44.5169}}}}
    assert (await polls.send(survey, inside)).status == 201


async def test_a_point_outside_is_told_with_all_else_that_is_wrong(polls: Polls) -> None:
    questions = polls.ground.content().questions
    survey = await polls.opened(
        questions=(*questions, Question(code="where", words="Где?", kind=OnMap(), is_required=False))
    )
    answers = {
        **ELSEWHERE["answers"],
        "lights": {"type": "chosen", "options": ["neither"]},
        "nobody": LIGHTS,
    }
    refused = await polls.send(survey, {"answers": answers})
    assert refused.status == 422
    assert {fault["pointer"]: fault["code"] for fault in refused.body["errors"]} == {
        "/answers/where/point": "outside-region",
        "/answers/lights/options/0": "unknown-option",
        "/answers/nobody": "unknown-question",
        "/answers/mark": "unanswered",
    }


async def test_what_cannot_be_read_hides_nothing_else_that_is_wrong(polls: Polls) -> None:
    one = Question(code="why", words="Почему?", kind=FreeText(), when=Chose("lights", ("for",)))
    where = Question(code="where", words="Где?", kind=OnMap(), is_required=False)
    survey = await polls.opened(questions=(*polls.ground.content().questions, one, where))
    answers = {
        "where": {"type": "point", "point": {"lat": 95, "lon": 44.5}},
        "lights": {"type": "chosen", "options": "for"},
        "mark": {"type": "scale", "value": 40},
        LONG: LIGHTS,
    }
    body = {"answers": answers, **NAMED}
    refused = await polls.send(survey, body)
    assert refused.status == 422
    told = {
        "/answers/where/point/lat": "too-large",
        "/answers/lights/options": "wrong-type",
        f"/answers/{LONG[:100]}": "too-long",
        "/agrees_to_be_named": "secret-ballot",
        "/answers/mark": "out-of-bounds",
    }
    found = [(fault["pointer"], fault["code"]) for fault in refused.body["errors"]]
    assert sorted(found) == sorted(told.items())
    badly_named = await polls.send(survey, {**body, "agrees_to_be_named": "да"})
    assert {fault["pointer"]: fault["code"] for fault in badly_named.body["errors"]} == {
        **told,
        "/agrees_to_be_named": "wrong-type",
    }
    path, client = f"/api/v1/surveys/{survey.number}", await polls.client()
    guest = await polls.live.guest()
    for changed in (
        await client("PUT", f"{path}/my-ballot", {"answers": answers}),
        await guest("PUT", f"{path}/ballots/{uuid4()}", {"answers": answers, "secret": "а"}),
    ):
        pointers = {fault["pointer"] for fault in changed.body["errors"]}
        assert pointers - {"/secret"} == told.keys() - {"/agrees_to_be_named"}
    nowhere = await client("POST", "/api/v1/surveys/S-26-999999/ballots", body)
    assert {fault["pointer"] for fault in nowhere.body["errors"]} == {*told} - {
        "/answers/mark",
        "/agrees_to_be_named",
    }
    outside = {**answers, **ELSEWHERE["answers"], "lights": LIGHTS}
    del outside[LONG]
    refused = await polls.send(survey, {"answers": outside, **NAMED})
    assert {fault["pointer"] for fault in refused.body["errors"]} == {
        "/answers/where/point",
        "/agrees_to_be_named",
        "/answers/mark",
        "/answers/why",
    }


async def test_what_nobody_asked_is_refused_all_at_once(polls: Polls) -> None:
    survey = await polls.opened()
    answers = {"lights": {"type": "scale", "value": 4}, "nobody": LIGHTS}
    refused = await polls.send(survey, {"answers": answers})
    found = {fault["pointer"]: fault["code"] for fault in refused.body["errors"]}
    assert found == {
        "/answers/nobody": "unknown-question",
        "/answers/lights": "wrong-kind",
        "/answers/mark": "unanswered",
    }
    assert (await polls.send(survey, {**SHEET, "change_secret": "short"})).status == 422
    assert (await polls.send(survey, {**SHEET, "participant_id": "x"})).status == 422


async def test_a_preview_tells_no_more_than_fifties_and_leaves_a_trace(polls: Polls) -> None:
    target = {"predicate": {"type": "lives-in", "municipalities": ["18701000"]}, "accepts": "esia_declared"}
    client = await polls.client(cast.CITY_OFFICIAL.oid)
    told = await client("POST", "/api/v1/surveys/preview-target", {"target": target})
    assert told.status == 200, told.body
    assert (told.body["about"], told.body["words"]) == (0, "меньше 25")
    assert "Волгоград" in told.body["target"]
    async with polls.live.container.units().reading() as connection:
        rows = (await connection.execute(audit.select())).all()
    looks = [row.facts for row in rows if row.action == "target.preview"]
    assert looks[-1] == {"target": told.body["target"], "shown": "0"}
    target["predicate"] = {"type": "lives-in", "municipalities": ["1"]}
    refused = await client("POST", "/api/v1/surveys/preview-target", {"target": target})
    assert [fault["code"] for fault in refused.body["errors"]] == ["unknown-municipality"]


@pytest.mark.abuse(39)
async def test_a_user_learns_nothing_of_single_people_from_sizes(polls: Polls) -> None:
    """Of a group of two, one look with a condition and one without tell of the other."""
    survey = await polls.opened(Secrecy.SECRET)
    took_part = {"type": "took-part", "survey": str(survey.id)}
    group = {"type": "in-group", "group": str(survey.id)}
    old = {"type": "age", "youngest": 80}
    citizen, official = await polls.client(), await polls.client(cast.CITY_OFFICIAL.oid)
    for predicate, pointers in (
        (took_part, ["/target/predicate"]),
        ({"type": "not", "of": took_part}, ["/target/predicate/of"]),
        ({"type": "all", "of": [group, old]}, ["/target/predicate"]),
        ({"type": "any", "of": [old, group, took_part]}, ["/target/predicate/of/2", "/target/predicate"]),
    ):
        sent = {"target": {"predicate": predicate, "accepts": "esia_declared"}}
        refused = await citizen("POST", "/api/v1/surveys/preview-target", sent)
        assert [(f["pointer"], f["code"]) for f in refused.body["errors"]] == [
            (pointer, "not-previewed") for pointer in pointers
        ]
        assert (await official("POST", "/api/v1/surveys/preview-target", sent)).status == 200
    for predicate in (group, old):
        sent = {"target": {"predicate": predicate, "accepts": "esia_declared"}}
        assert (await citizen("POST", "/api/v1/surveys/preview-target", sent)).status == 200


@pytest.mark.clause("9-attract")
async def test_a_link_of_ones_own_brings_others_and_shows_numbers_alone(polls: Polls) -> None:
    survey = await polls.opened(Secrecy.SECRET)
    inviter, guest = await polls.client(cast.OTHER_CITIZEN.oid), await polls.live.guest()
    path = f"/api/v1/surveys/{survey.number}"
    made = await inviter("POST", f"{path}/my-link")
    assert made.status == 201, made.body
    assert made.headers["Location"] == f"{path}/my-link"
    assert made.body["address"].endswith(f"/surveys/{survey.number}#came-by={made.body['secret']}")
    citizen = await polls.client()
    for counted in (True, False):
        come = await citizen("POST", f"{path}/arrivals", {"secret": made.body["secret"]})
        assert come.body == {"counted": counted}
    unknown = await citizen("POST", f"{path}/arrivals", {"secret": secrets.token_urlsafe(32)})
    assert (unknown.status, unknown.body["code"]) == (404, "survey-link-unknown")
    assert (await polls.send(survey)).status == 201
    own = (await inviter("GET", f"{path}/my-link")).body
    assert set(own) == {"made_at", "came", "took_part"}
    assert (own["came"], own["took_part"]) == (1, None), "while it runs, that would tell when the guest voted"
    again = (await inviter("POST", f"{path}/my-link")).body
    assert (again["came"], again["took_part"]) == (1, None)
    await polls.published(survey)
    own = (await inviter("GET", f"{path}/my-link")).body
    assert (own["came"], own["took_part"]) == (1, 1)
    assert (await guest("GET", f"{path}/attracted")).body == {"came": 1}
