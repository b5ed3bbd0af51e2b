"""Results over the API: what was promised, when it is there, and nothing that tells of a few (разд. 9)."""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters import cast
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.surveys.answers import (
    Amount,
    Cells,
    Chosen,
    Ranked,
    Scaled,
    Sheet,
    Text,
)
from niktokromenas.domain.surveys.ballots import UNKNOWN
from niktokromenas.domain.surveys.breakdowns import THRESHOLD, UNANSWERED
from niktokromenas.domain.surveys.content import Dimension, Series, Table
from niktokromenas.domain.surveys.questions import (
    FreeText,
    Matrix,
    Number,
    One,
    Option,
    Question,
    Ranking,
    Several,
)
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind, Topic
from niktokromenas.domain.surveys.survey import Ending
from niktokromenas.domain.surveys.tallies import FOR_AGAINST_ABSTAIN
from tests.contract.stores import NOON
from tests.integration.http.live import Answered, Live
from tests.integration.http.polls import answered, closed, published, running_survey
from tests.unit.surveys.building import CITY, OTHER_CITY, ballot_question, mark_question
from tests.unit.surveys.test_breakdowns import Solver

NOBODY: dict[Dimension, str] = {}


async def got(live: Live, path: str, **kwargs: Any) -> Answered:
    return await (await live.guest())("GET", f"/api/v1/{path}", **kwargs)


def several(*codes: str) -> tuple[Option, ...]:
    return tuple(Option(code=code, words=code.upper()) for code in codes)


@pytest.mark.clause("9-participate")
@pytest.mark.clause("9-inform-results")
async def test_every_kind_of_question_has_its_result(live: Live) -> None:
    questions = (
        ballot_question("q0"),
        mark_question("q1"),
        Question(
            code="q2", words="Что важно?", kind=Several(options=several("a", "b"), has_other=True, most=3)
        ),
        Question(code="q3", words="Оцените", kind=Matrix(rows=several("r"), columns=several("x", "y"))),
        Question(code="q4", words="Порядок", kind=Ranking(options=several("a", "b"), places=2)),
        Question(code="q5", words="Сколько?", kind=Number(low=Decimal(0), high=Decimal(9), decimals=1)),
        Question(code="q6", words="Почему?", kind=FreeText(longest=100), is_required=False),
    )
    survey = await running_survey(live.container, questions=questions, tables=(), secrecy=Secrecy.OPEN)
    sheets: list[Sheet] = [
        {
            "q0": Chosen((vote,)),
            "q1": Scaled(mark),
            "q2": Chosen(("a",), "своё"),
            "q3": Cells({"r": "y"}),
            "q4": Ranked(("b", "a")),
            "q5": Amount(Decimal("1.5")),
            **({"q6": Text("Тайна")} if mark == 1 else {}),
        }
        for vote, mark in (("for", 1), ("for", 3), ("against", 5))
    ]
    await answered(live.container, survey, [(sheet, NOBODY) for sheet in sheets])
    await published(live.container, survey)
    found = await got(live, f"surveys/{survey.number}/results")
    assert found.status == 200
    assert "Тайна" not in found.raw.decode(), "words are shown after moderation"
    body = found.body
    took_part = body["turnout"]
    assert took_part == {"voted": 3, "target": None, "share": None}, "under 25 could take part"
    assert body["vote"] is None
    vote, marks, many, table, order, amount, words = body["questions"]
    assert {o["code"]: (o["words"], o["count"]) for o in vote["options"]} == {
        "for": ("За", 2),
        "against": ("Против", 1),
        "abstain": ("Воздержусь", 0),
    }
    assert vote["options"][0]["share"] == pytest.approx(2 / 3)
    assert [m["count"] for m in marks["marks"]] == [1, 0, 1, 0, 1]
    assert marks["estimate"]["mean"] == 3.0
    assert (marks["estimate"]["low"], marks["estimate"]["high"]) == (1.0, 5.0), "cut at the scale's ends"
    assert [(o["words"], o["count"]) for o in many["options"]] == [("A", 3), ("B", 0), ("Свой вариант", 3)]
    assert table["rows"] == [
        {
            "code": "r",
            "words": "R",
            "columns": [
                {"code": "x", "words": "X", "count": 0},
                {"code": "y", "words": "Y", "count": 3},
            ],
        }
    ]
    assert [(o["code"], o["points"], o["places"]) for o in order["options"]] == [
        ("a", 3, [0, 3]),
        ("b", 6, [3, 0]),
    ]
    assert (amount["total"], amount["estimate"]["mean"]) == ("4.5", 1.5)
    assert words == {"kind": "count", "code": "q6", "words": "Почему?", "answered": 1, "unanswered": 2}


async def test_a_vote_tells_who_was_for_against_and_abstained(live: Live) -> None:
    question = Question(code="q0", words="Поддерживаете?", kind=One(options=FOR_AGAINST_ABSTAIN))
    survey = await running_survey(live.container, kind=SurveyKind.VOTE, questions=(question,), tables=())
    votes = ["for", "for", "for", "against", "abstain"]
    await answered(live.container, survey, [({"q0": Chosen((vote,))}, NOBODY) for vote in votes])
    await published(live.container, survey)
    found = await got(live, f"surveys/{survey.number}/results")
    assert found.body["vote"] == {"in_favour": 3, "against": 1, "abstained": 1}
    assert found.body["withheld"] is None


async def test_results_are_kept_by_whoever_has_read_them(live: Live) -> None:
    survey = await running_survey(live.container, tables=(Table("q0", Dimension.AGE_BAND),))
    await published(live.container, survey)
    for path in ("results", "results/breakdowns/age-band"):
        first = await got(live, f"surveys/{survey.number}/{path}")
        assert first.status == 200
        headers = {"If-None-Match": first.etag}
        assert (await got(live, f"surveys/{survey.number}/{path}", headers=headers)).status == 304
    first = await got(live, "satisfaction")
    assert (await got(live, "satisfaction", headers={"If-None-Match": first.etag})).status == 304


# When there is no result


async def test_results_are_told_when_they_will_be_there(live: Live) -> None:
    survey = await running_survey(live.container)
    await answered(live.container, survey, [({"q0": Chosen(("for",)), "q1": Scaled(2)}, NOBODY)])
    for path in ("results", "results/breakdowns/municipality"):
        early = await got(live, f"surveys/{survey.number}/{path}")
        assert (early.status, early.body["code"]) == (404, "no-results-yet")
        assert early.body["ends_at"] == survey.ends_at.isoformat()
    await closed(live.container, survey)
    counting = await got(live, f"surveys/{survey.number}/results")
    assert (counting.body["code"], counting.body["stage"]) == ("no-results-yet", "closed")
    assert "подсчитываются" in counting.body["detail"]


@pytest.mark.parametrize("stage", [Stage.ANNULLED, Stage.STOPPED, Stage.WITHDRAWN])
async def test_a_survey_that_came_to_nothing_says_why(live: Live, stage: Stage) -> None:
    survey = await published(live.container, await running_survey(live.container, tables=()))
    assert (await got(live, f"surveys/{survey.number}/results")).status == 200
    async with live.container.transactions()() as tx:
        await tx.surveys.save(evolve(survey, stage=stage, ending=Ending(words="Накрутка", at=NOON)))
    found = await got(live, f"surveys/{survey.number}/results")
    assert (found.status, found.body["code"]) == (404, "no-results")
    assert (found.body["stage"], found.body["reason"]) == (stage.value, "Накрутка")
    assert "turnout" not in found.body


async def test_a_survey_that_nobody_may_know_of_is_not_there(live: Live) -> None:
    survey = await running_survey(live.container)
    async with live.container.transactions()() as tx:
        await tx.surveys.save(evolve(survey, stage=Stage.DRAFT, announced_at=None))
    unknown = await got(live, "surveys/S-26-999999/results")
    hidden = await got(live, f"surveys/{survey.number}/results")
    assert unknown.status == hidden.status == 404
    assert unknown.body["code"] == hidden.body["code"] == "survey-not-found"


# Tables


def counted(cast: list[tuple[Sheet, dict[Dimension, str]]], code: str, dimension: Dimension) -> Any:
    true: Counter[tuple[str, str]] = Counter()
    for sheet, marks in cast:
        match sheet.get(code):
            case None:
                column = UNANSWERED
            case Scaled(value):
                column = str(value)
            case answer:
                column = next(iter(answer.codes))  # type: ignore[union-attr]
        true[marks[dimension], column] += 1
    return true


def tables_of(body: Any) -> dict[str, dict[str, dict[str, int | None]]]:
    return {
        table["question"]: {
            row["group"]: dict(zip([c["code"] for c in table["columns"]], row["counts"], strict=True))
            for row in table["rows"]
        }
        for table in body["tables"]
    }


def totals_of(results: Any, code: str) -> dict[str, int]:
    """What the published result says of the columns of a table."""
    question = next(q for q in results["questions"] if q["code"] == code)
    if question["kind"] == "scale":
        totals = {str(m["mark"]): m["count"] for m in question["marks"]}
    else:
        totals = {o["code"]: o["count"] for o in question["options"]}
    return {**totals, UNANSWERED: question["unanswered"]}


@pytest.mark.abuse(39)
@pytest.mark.parametrize("seed", range(4))
async def test_what_the_api_shows_leaves_every_hidden_cell_a_wide_range(live: Live, seed: int) -> None:
    """Whoever reads results and tables and tries every table that agrees with them is no wiser."""
    chance = random.Random(seed)
    asked = Question(code="q0", words="?", kind=One(options=several("yes", "no")), is_required=False)
    dimension = Dimension.AGE_BAND
    survey = await running_survey(
        live.container, questions=(asked, mark_question()), tables=(Table("q0", dimension),)
    )
    sizes = {"18-24": chance.randint(1, 4), "35-44": chance.randint(5, 9), "65+": chance.randint(3, 12)}
    cast: list[tuple[Sheet, dict[Dimension, str]]] = []
    for group, size in sizes.items():
        for _ in range(size):
            code = chance.choice(["yes", "yes", "no", None])
            said: Sheet = {} if code is None else {"q0": Chosen((code,))}
            cast.append(({**said, "q1": Scaled(3)}, {dimension: group}))
    chance.shuffle(cast)
    await answered(live.container, survey, cast)
    await published(live.container, survey)
    results = (await got(live, f"surveys/{survey.number}/results")).body
    assert results["breakdowns"] == [{"dimension": "age-band", "questions": ["q0"]}]
    shown = await got(live, f"surveys/{survey.number}/results/breakdowns/age-band")
    assert shown.status == 200
    body, true = shown.body, counted(cast, "q0", dimension)
    assert body["threshold"] == THRESHOLD
    table = tables_of(body)["q0"]
    ballots = {group["code"]: group["ballots"] for group in body["groups"]}
    totals = totals_of(results, "q0")
    assert sum(totals.values()) == len(cast)
    hidden = 0
    bounds = Solver(table, ballots, totals).bounds()
    for group, row in table.items():
        for column, value in row.items():
            low, high = bounds[group, column]
            assert low <= true[group, column] <= high
            if value is None:
                hidden += 1
                assert high - low >= min(THRESHOLD + 1, totals[column]), (group, column)
            else:
                assert value == true[group, column] >= THRESHOLD
        low, high = bounds[group, ""]
        if ballots[group] is None:
            assert high - low >= min(THRESHOLD + 1, len(cast)), group
        else:
            assert ballots[group] == sizes.get(group, 0)
    assert hidden, "small groups are hidden"


async def test_tables_that_were_not_announced_are_not_there(live: Live) -> None:
    survey = await running_survey(live.container, tables=(Table("q0", Dimension.MUNICIPALITY),))
    marks = {Dimension.MUNICIPALITY: CITY}
    cast = [({"q0": Chosen(("for",)), "q1": Scaled(3)}, marks)] * 7
    cast += [({"q0": Chosen(("against",)), "q1": Scaled(3)}, {Dimension.MUNICIPALITY: OTHER_CITY})] * 8
    await answered(live.container, survey, cast)
    await published(live.container, survey)
    path = f"surveys/{survey.number}/results/breakdowns"
    unannounced = await got(live, f"{path}/age-band")
    assert (unannounced.status, unannounced.body["code"]) == (404, "results-not-found")
    assert (await got(live, f"{path}/street")).status == 404
    body = (await got(live, f"{path}/municipality")).body
    assert [table["question"] for table in body["tables"]] == ["q0"]
    names = {group["code"]: group["words"] for group in body["groups"]}
    assert names[CITY] == live.container.region().municipalities[CITY].name
    assert names[UNKNOWN] == "Не указано"


# A few secret ballots

FEW_SAID = "Двор дома пять"


async def a_few(live: Live, ballots: int) -> str:
    """Secret, with words and tables, published by the worker."""
    questions = (ballot_question("q0"), Question(code="q1", words="Что ещё?", kind=FreeText()))
    tables = (Table("q0", Dimension.MUNICIPALITY),)
    survey = await running_survey(live.container, questions=questions, tables=tables)
    sheet: Sheet = {"q0": Chosen(("against",)), "q1": Text(FEW_SAID)}
    marks = {Dimension.MUNICIPALITY: CITY}
    await answered(live.container, survey, [(sheet, marks)] * ballots)
    await closed(live.container, survey)
    await live.drain()
    return survey.number


@pytest.mark.abuse(39)
@pytest.mark.clause("9-inform-results")
@pytest.mark.parametrize("ballots", [1, 4])
async def test_of_a_few_secret_ballots_only_their_number_is_told(live: Live, ballots: int) -> None:
    """Two of a group of two would read each other's answers from the result."""
    number = await a_few(live, ballots)
    found = await got(live, f"surveys/{number}/results")
    assert found.status == 200
    assert found.body["turnout"] == {"voted": ballots, "target": None, "share": None}
    empty = {"questions": [], "vote": None, "breakdowns": [], "comparison": None}
    assert {name: found.body[name] for name in empty} == empty
    assert found.body["withheld"]["code"] == "too-few-ballots"
    assert "меньше пяти" in found.body["withheld"]["words"]
    files = [f"results.{format}" for format in ("csv", "xlsx", "json")]
    for path in ("results/breakdowns/municipality", "remarks?question=q1", *files):
        refused = await got(live, f"surveys/{number}/{path}")
        assert (refused.status, refused.body["code"]) == (404, "too-few-ballots"), path
        assert refused.body["ballots"] == ballots
        assert "меньше пяти" in refused.body["detail"]
    said = found.raw + (await got(live, f"surveys/{number}/log")).raw
    assert FEW_SAID not in said.decode()
    moderator = await live.as_(cast.MODERATOR.oid)
    queue = await moderator("GET", f"/api/v1/remarks/queue?survey={number}")
    assert (queue.status, queue.body["items"]) == (200, []), "no words are gathered"
    looked = await (await live.as_(cast.OPERATORS[0].oid))("GET", f"/api/v1/surveys/{number}/anomalies")
    assert (looked.status, looked.body["skews"]) == (200, [])
    assert "меньше пяти" in looked.body["skews_note"]


@pytest.mark.clause("9-inform-results")
async def test_five_secret_ballots_have_a_result(live: Live) -> None:
    number = await a_few(live, 5)
    found = await got(live, f"surveys/{number}/results")
    assert (found.body["withheld"], found.body["turnout"]["voted"]) == (None, 5)
    assert [question["answered"] for question in found.body["questions"]] == [5, 5]
    for path in ("results/breakdowns/municipality", "remarks?question=q1", "results.json"):
        assert (await got(live, f"surveys/{number}/{path}")).status == 200, path


# Live numbers


@pytest.mark.abuse(39)
async def test_live_numbers_move_in_steps_that_are_nobody_s_alone(live: Live) -> None:
    survey = await running_survey(live.container, secrecy=Secrecy.OPEN, is_live=True, tables=())
    path, update = f"surveys/{survey.number}/live", live.container.update_live()

    async def shown() -> tuple[int, int]:
        found = await got(live, path)
        assert found.status == 200
        marks = found.body["questions"][1]["marks"]
        return found.body["ballots"], sum(mark["count"] for mark in marks)

    assert await shown() == (0, 0)
    seen = [0]
    for number in range(1, 14):
        await answered(live.container, survey, [({"q0": Chosen(("for",)), "q1": Scaled(2)}, NOBODY)])
        await update()
        ballots, of_scale = await shown()
        assert ballots == of_scale <= number
        if ballots != seen[-1]:
            assert ballots - seen[-1] >= THRESHOLD
            seen.append(ballots)
    assert seen == [0, 5, 10]
    first = await got(live, path)
    assert (await got(live, path, headers={"If-None-Match": first.etag})).status == 304


async def test_numbers_that_were_not_announced_are_not_shown(live: Live) -> None:
    survey = await running_survey(live.container, secrecy=Secrecy.OPEN, tables=())
    await answered(live.container, survey, [({"q0": Chosen(("for",)), "q1": Scaled(2)}, NOBODY)] * 6)
    assert await live.container.update_live()() == 0
    found = await got(live, f"surveys/{survey.number}/live")
    assert (found.status, found.body["code"]) == (404, "not-live")


# Rounds


async def a_round(live: Live, topic: Topic, municipality: str | None, *marks: int) -> str:
    survey = await running_survey(
        live.container,
        kind=SurveyKind.SATISFACTION,
        series=Series(topic, municipality),
        questions=(mark_question("q1"),),
        tables=(),
    )
    await answered(live.container, survey, [({"q1": Scaled(mark)}, NOBODY) for mark in marks])
    await published(live.container, survey)
    return survey.number


@pytest.mark.clause("2.2-satisfaction")
async def test_a_round_is_compared_with_the_round_before(live: Live) -> None:
    first = await a_round(live, Topic.ROADS, CITY, 1, 2, 1, 2, 2, 1)
    await a_round(live, Topic.WATER, CITY, 5, 5, 5)
    second = await a_round(live, Topic.ROADS, CITY, 5, 4, 5, 4, 5, 4)
    alone = await got(live, f"surveys/{first}/results")
    assert alone.body["comparison"] is None
    found = await got(live, f"surveys/{second}/results")
    comparison = found.body["comparison"]
    assert comparison["number"] == first
    (scale,) = comparison["scales"]
    assert scale["before"]["mean"] == 1.5
    assert scale["difference"] == 3.0
    assert 0 < scale["low"] < 3.0 < scale["high"]
    assert scale["is_beyond_chance"] is True
    page = await got(live, f"satisfaction?topic=roads&municipality={CITY}&limit=1")
    assert [item["number"] for item in page.body["items"]] == [second]
    (mean,) = page.body["items"][0]["means"]
    assert (mean["words"], mean["low"], mean["high"]) == ("Оцените дороги", 1, 5)
    assert mean["estimate"]["mean"] == 4.5
    rest = await got(live, f"satisfaction?topic=roads&municipality={CITY}&after={page.body['next']}")
    assert [item["number"] for item in rest.body["items"]] == [first]
    everywhere = await got(live, "satisfaction?municipality=region")
    assert everywhere.body["items"] == []


@pytest.mark.clause("2.2-satisfaction")
async def test_a_round_that_was_annulled_is_compared_with_nothing(live: Live) -> None:
    first = await a_round(live, Topic.ROADS, CITY, 1, 2, 1, 2, 1)
    second = await a_round(live, Topic.ROADS, CITY, 2, 2, 2, 2, 1)
    before = await got(live, f"surveys/{second}/results")
    assert before.body["comparison"]["number"] == first
    tag = before.etag
    survey = await live.container.survey_journal().one(first)
    async with live.container.transactions()() as tx:
        ending = Ending(words="Накрутка", at=NOON)
        await tx.surveys.save(evolve(survey, stage=Stage.ANNULLED, ending=ending))
    found = await got(live, f"surveys/{second}/results", headers={"If-None-Match": tag})
    assert (found.status, found.body["comparison"]) == (200, None)
    listed = await got(live, "satisfaction?topic=roads")
    assert [item["number"] for item in listed.body["items"]] == [second]


async def test_what_is_no_place_or_topic_is_refused(live: Live) -> None:
    assert (await got(live, "satisfaction?topic=weather")).status == 422
    assert (await got(live, "satisfaction?municipality=here")).status == 422
    assert (await got(live, f"surveys/{new_id()}/results")).status == 404


async def test_the_worker_closes_what_has_ended(live: Live) -> None:
    survey = await running_survey(live.container)
    await answered(live.container, survey, [({"q0": Chosen(("for",)), "q1": Scaled(2)}, NOBODY)] * 2)
    await closed(live.container, survey)
    await live.drain()
    assert (await got(live, f"surveys/{survey.number}/results")).body["turnout"]["voted"] == 2
    assert survey.ends_at - survey.starts_at == timedelta(days=3)
