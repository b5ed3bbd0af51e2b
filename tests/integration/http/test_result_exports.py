"""Results as files: the words that were asked, what is hidden stays hidden, nothing is a formula."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from niktokromenas.adapters import cast
from niktokromenas.adapters.http.api.exports import ExportsBusy
from niktokromenas.adapters.http.api.result_exports import AT_ONCE, ResultExportFace
from niktokromenas.adapters.http.endpoints import Call
from niktokromenas.adapters.reports.guarding import unguarded
from niktokromenas.application.surveys.exporting import HEAD, KEYS
from niktokromenas.domain.surveys.answers import Amount, Chosen, Scaled, Text
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.questions import FreeText, Number, One, Option, Question, Scale
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from tests.contract.test_ballots import announced
from tests.contract.test_reports import FORMATS
from tests.integration.http.live import Answered, Live
from tests.integration.http.surveyed import Box, moved, queue
from tests.integration.http.test_anomalies import people, voted
from tests.unit.surveys.building import CITY, OTHER_CITY

TITLE, ASKED, OPTION = "=1+1", "+Как вам?", '@SUM(A1); "да"'
SCRIPT, HIDDEN = "<script>alert(1)</script>", "-2+3 скрытое"
QUESTIONS = (
    Question(
        code="q0",
        words=ASKED,
        kind=One(options=(Option(code="yes", words=OPTION), Option(code="no", words="=нет"))),
    ),
    Question(code="q1", words="Оцените", kind=Scale(low=1, high=5), is_required=False),
    Question(code="q2", words="=Что ещё?", kind=FreeText(), is_required=False),
)
RECKONED = (
    Question(code="mark", words="Оцените", kind=Scale(low=1, high=5)),
    Question(code="sum", words="Сколько?", kind=Number(low=Decimal(0), high=Decimal(9), decimals=1)),
)
files = pytest.mark.parametrize("format", ["csv", "xlsx", "json"])


async def a_result(live: Live, secrecy: Secrecy = Secrecy.OPEN) -> Survey:
    """Ten of the city for, two of the town against; a remark shown, one hidden, one unread."""
    survey = await announced(
        Box(live.container.transactions()),  # type: ignore[arg-type]
        secrecy,
        questions=QUESTIONS,
        title=TITLE,
        tables=(Table("q0", Dimension.MUNICIPALITY),),
    )
    for place, number, option in ((CITY, 10, "yes"), (OTHER_CITY, 2, "no")):
        await voted(
            live, survey, await people(live, place, number), {"q0": Chosen((option,)), "q1": Scaled(4)}
        )
    for words in (SCRIPT, HIDDEN, "=непрочитанное"):
        await voted(live, survey, await people(live, CITY, 1), {"q0": Chosen(("yes",)), "q2": Text(words)})
    await moved(live, survey, stage=Stage.CLOSED)
    await live.container.close_surveys()()
    gather = live.container.gather_remarks()
    while await gather():
        pass
    found = await queue(live, cast.MODERATOR.oid, f"?survey={survey.number}")
    moderator = await live.as_(cast.MODERATOR.oid)
    for item in found.body["items"]:
        picked = {"remarks": [{"id": item["remark"]["id"], "version": 1}]}
        if item["remark"]["words"] == SCRIPT:
            assert (await moderator("POST", "/api/v1/remarks/show", picked)).status == 200
        if item["remark"]["words"] == HIDDEN:
            picked |= {"grounds": ["ads"], "words": "Реклама"}
            assert (await moderator("POST", "/api/v1/remarks/hide", picked)).status == 200
    return survey


async def got(live: Live, survey: Survey, format: str, method: str = "GET") -> Answered:
    return await (await live.guest())(method, f"/api/v1/surveys/{survey.number}/results.{format}")


def _said(answer: Answered, format: str) -> set[str]:
    """Every text of the file, of CSV without its guard. A formula in XLSX fails here."""
    if format == "json":
        cells = [cell for line in orjson.loads(answer.raw) for cell in line.values()]
    else:
        head, *rows = FORMATS[format][1](answer.raw)
        assert head == list(HEAD)
        cells = [cell for row in rows for cell in row]
    return {unguarded(cell) if format == "csv" else cell for cell in cells if isinstance(cell, str)}


def _fact(row: list[Any]) -> tuple[Any, Any]:
    """XLSX leaves out empty cells."""
    answer, words = [cell for cell in row[1:] if cell not in ("", "нет", False)]
    return answer, words


def lines_of(answer: Answered) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(answer.raw)
    assert {tuple(line) for line in found} == {KEYS}
    return found


@pytest.mark.clause("9-participate")
@pytest.mark.abuse(16, 23)
@files
async def test_a_file_says_what_the_result_says(live: Live, format: str) -> None:
    survey = await a_result(live)
    answer = await got(live, survey, format)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="results-{survey.number}-')
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    said = _said(answer, format)
    assert {TITLE, ASKED, OPTION, "=нет", "=Что ещё?", SCRIPT} <= said
    assert not {HIDDEN, "=непрочитанное"} & said
    if format == "csv":
        cells = [cell for row in FORMATS["csv"][1](answer.raw) for cell in row if cell]
        assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]
        assert {"0,8667", "0,1333"} <= set(cells), "shares to four digits"
    if format != "json":
        about = [row for row in FORMATS[format][1](answer.raw) if row[0] == "опрос"]
        assert dict(_fact(row) for row in about)["Тайный или открытый"] == "открытый"
        assert [_fact(row)[0] for row in about] == [
            "Номер",
            "Название",
            "Вид",
            "Тайный или открытый",
            "Начало",
            "Окончание",
            "Итоги опубликованы",
            "Корень журнала ответов",
        ]
    if format == "json":
        lines = lines_of(answer)
        facts = {line["answer"]: line["answer_words"] for line in lines if line["section"] == "survey"}
        assert (facts["title"], facts["number"]) == (TITLE, survey.number)
        counts = {
            (line["question"], line["answer"]): (line["value"], line["share"], line["answer_words"])
            for line in lines
            if line["section"] == "answers"
        }
        assert counts["q0", "yes"] == (13, 13 / 15, OPTION)
        assert counts["q0", "no"] == (2, 2 / 15, "=нет")
        assert counts["q1", "4"][:2] == (12, 1.0)
        assert counts["q2", "answered"][0] == 3
        assert [line["answer_words"] for line in lines if line["section"] == "remarks"] == [SCRIPT]
        (voted_line,) = [line for line in lines if line["answer"] == "voted" and line["section"] == "turnout"]
        assert voted_line["value"] == 15


@pytest.mark.clause("9-participate")
@files
async def test_means_are_as_fine_as_people_read_them(live: Live, format: str) -> None:
    box = Box(live.container.transactions())
    survey = await announced(box, Secrecy.OPEN, questions=RECKONED)  # type: ignore[arg-type]
    for mark, amount in ((5, "0.1"), (4, "0.2"), (5, "0.2")):
        answers = {"mark": Scaled(mark), "sum": Amount(Decimal(amount))}
        await voted(live, survey, await people(live, CITY, 1), answers)
    await moved(live, survey, stage=Stage.CLOSED)
    await live.container.close_surveys()()
    answer = await got(live, survey, format)
    names = ("mean", "low", "high")
    if format == "json":
        exact = {(line["question"], line["answer"]): line["value"] for line in lines_of(answer)}
        assert exact["mark", "mean"] == 14 / 3
        assert exact["sum", "mean"] == pytest.approx(0.5 / 3, rel=1e-12)
        return
    rows = FORMATS[format][1](answer.raw)
    told = {(row[1], each): row for row in rows for each in names if len(row) > 3 and each in row}
    shown = {key: [cell for cell in row if cell not in ("", "нет", False)][-1] for key, row in told.items()}
    written = (
        ("4,67", "3,23", "5", "0,167", "0,023", "0,31")
        if format == "csv"
        else (4.67, 3.23, 5, 0.167, 0.023, 0.31)
    )
    assert shown == dict(zip([(q, each) for q in ("mark", "sum") for each in names], written, strict=True))


@pytest.mark.clause("9-participate")
@pytest.mark.abuse(15)
async def test_files_hide_what_the_tables_hide(live: Live) -> None:
    survey = await a_result(live, Secrecy.SECRET)
    lines = lines_of(await got(live, survey, "json"))
    guest = await live.guest()
    shown = (await guest("GET", f"/api/v1/surveys/{survey.number}/results/breakdowns/municipality")).body
    columns = [column["code"] for column in shown["tables"][0]["columns"]]
    told = {
        (row["group"], column): count
        for row in shown["tables"][0]["rows"]
        for column, count in zip(columns, row["counts"], strict=True)
    }
    in_file = {
        (line["group"], line["answer"]): line["value"]
        for line in lines
        if line["section"] == "table" and line["question"] == "q0"
    }
    assert in_file == told
    assert None in told.values()
    ballots = {group["code"]: group["ballots"] for group in shown["groups"]}
    cells = [line for line in lines if line["section"] == "table"]
    assert {cell["group"]: cell["value"] for cell in cells if cell["question"] is None} == ballots
    assert all(cell["is_hidden"] is (cell["value"] is None) for cell in cells)


@pytest.mark.abuse(10)
async def test_no_format_is_a_way_around_the_gate(live: Live) -> None:
    """Before the result, after it was annulled, of a draft: each format answers as the result does."""
    survey = await a_result(live)
    guest = await live.guest()
    for stage in (Stage.OPEN, Stage.CLOSED, Stage.ANNULLED, Stage.STOPPED, Stage.DRAFT):
        await moved(live, survey, stage=stage)
        told = await guest("GET", f"/api/v1/surveys/{survey.number}/results")
        assert told.status == 404
        for format in ("csv", "xlsx", "json"):
            answer = await got(live, survey, format)
            assert (answer.status, answer.body["code"]) == (404, told.body["code"])
    assert (await guest("GET", f"/api/v1/surveys/{survey.number}/results.pdf")).status == 404
    assert (await guest("GET", "/api/v1/surveys/S-99-999999/results.csv")).body["code"] == "survey-not-found"


@files
async def test_a_head_makes_no_file_and_few_are_begun_at_once(live: Live, format: str) -> None:
    survey = await a_result(live)
    head = await got(live, survey, format, "HEAD")
    assert (head.status, head.raw) == (200, b"")
    face = ResultExportFace(live.container.export_results())
    (endpoint,) = [each for each in face.endpoints() if each.name == f"exportResults{format.capitalize()}"]
    face._beginning = AT_ONCE
    with pytest.raises(ExportsBusy):
        await endpoint.handler(_call(survey))


def _call(survey: Survey) -> Any:
    return Call(request=None, actor=None, path=survey)  # type: ignore[arg-type]
