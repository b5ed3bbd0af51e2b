"""A vote held over the API is counted again from what the platform publishes of it (разд. 9)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from attrs import evolve

from niktokromenas.adapters import cast
from niktokromenas.adapters.http.api import recounting as face
from niktokromenas.application.surveys import recounting
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.log import Head
from niktokromenas.domain.surveys.published import content_digest
from niktokromenas.domain.surveys.receipts import Proof, Receipt, read_receipt
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Ending, Survey
from tests.contract.stores import NOON
from tests.integration.http import polls
from tests.integration.http.live import Live, over
from tests.unit.surveys.building import ballot_question
from tests.unit.surveys.published_logs import (
    Verdict,
    by_the_platform,
    by_the_program,
    by_the_program_apart,
    lines_in,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
VOTE: dict[str, Any] = {"kind": SurveyKind.VOTE, "questions": (ballot_question(),)}
FOR: Sheet = {"q0": Chosen(("for",))}
AGAINST: Sheet = {"q0": Chosen(("against",))}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path_factory.mktemp("recounting")) as found:
        yield found


async def _vote(live: Live, secrecy: Secrecy, *sheets: Any, **more: Any) -> Survey:
    survey = await polls.running_survey(live.container, secrecy=secrecy, **{**VOTE, **more})
    await polls.answered(live.container, survey, [(sheet, {}) for sheet in sheets])
    return survey


async def _receipts(live: Live, survey: Survey) -> list[Receipt]:
    votes = live.container.ballot_register().votes(survey.id)
    return [Receipt(survey_id=survey.id, salt=vote.salt, leaf=vote.leaf) async for vote in votes]


async def _file(live: Live, survey: Survey, folder: Path) -> Path:
    answered = await (await live.guest())("GET", f"/api/v1/surveys/{survey.number}/log")
    assert answered.status == 200, answered.body
    assert answered.headers["Content-Type"] == "application/jsonl"
    assert f'filename="{survey.number}.jsonl"' in answered.headers["Content-Disposition"]
    path = folder / f"{survey.number}.jsonl"
    path.write_bytes(answered.raw)
    return path


def _both(path: Path, receipt: Receipt | None = None) -> tuple[Verdict, Verdict]:
    words = None if receipt is None else str(receipt)
    return by_the_platform(path, words), by_the_program(path, words)


async def _ended(live: Live, survey: Survey, stage: Stage) -> Survey:
    async with live.container.transactions()() as tx:
        known = await tx.surveys.by_id(survey.id)
        ending = Ending(words="Вопрос подсказывал ответ", at=NOON)
        saved: Survey = await tx.surveys.save(evolve(known, stage=stage, ending=ending))
        return saved


@pytest.mark.clause("9-participate")
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_anyone_counts_a_vote_again(live: Live, secrecy: Secrecy, tmp_path: Path) -> None:
    survey = await _vote(live, secrecy, FOR, AGAINST, FOR, FOR, FOR)
    await polls.published(live.container, survey)
    path = await _file(live, survey, tmp_path)
    for receipt in await _receipts(live, survey):
        for verdict in _both(path, receipt):
            assert (verdict.exit, verdict.codes) == (0, frozenset()), verdict
    apart = by_the_program_apart(path)
    assert apart.exit == 0
    assert "'o:for': 4" in apart.said
    key = (await (await live.guest())("GET", "/api/v1/survey-key")).body
    assert key["public_key"] in apart.said
    assert recounting.raw_key(key["pem"].encode()).hex() == key["public_key"]


@pytest.mark.clause("9-participate")
async def test_a_survey_opens_each_question_apart(live: Live, tmp_path: Path) -> None:
    survey = await polls.running_survey(live.container, secrecy=Secrecy.SECRET)
    sheets: list[Sheet] = [{**FOR, "q1": Scaled(5)}, {**AGAINST, "q1": Scaled(1)}]
    sheets += [{**FOR, "q1": Scaled(1)}] * 3
    await polls.answered(live.container, survey, [(sheet, {}) for sheet in sheets])
    await polls.published(live.container, survey)
    path = await _file(live, survey, tmp_path)
    for verdict in _both(path):
        assert verdict.exit == 0, verdict
    lines = lines_in(path.read_bytes())
    said = [(line["question"], line["answer"], line["ballots"]) for line in lines if line["type"] == "answer"]
    assert said == [
        ("q0", {"chosen": ["against"]}, 1),
        ("q0", {"chosen": ["for"]}, 4),
        ("q1", {"scaled": 1}, 4),
        ("q1", {"scaled": 5}, 1),
    ]
    assert all(set(line) == {"type", "leaf"} for line in lines if line["type"] == "leaf")
    for receipt in await _receipts(live, survey):
        assert receipt.salt.hex() not in path.read_text()
        for verdict in _both(path, receipt):
            assert verdict.exit == 0


async def test_answers_that_have_no_room_in_memory_come_all_the_same(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = await polls.running_survey(live.container, secrecy=Secrecy.OPEN)
    sheets: list[Sheet] = [{**FOR, "q1": Scaled(1 + number % 5)} for number in range(9)]
    await polls.answered(live.container, survey, [(sheet, {}) for sheet in sheets])
    await polls.published(live.container, survey)
    whole = (await _file(live, survey, tmp_path)).read_bytes()
    monkeypatch.setattr(recounting, "ROOM", 300)
    monkeypatch.setattr(recounting, "CHUNK", 10)
    assert (await _file(live, survey, tmp_path)).read_bytes() == whole


@pytest.mark.clause("9-participate")
async def test_a_receipt_is_proved_and_nothing_else_is(live: Live) -> None:
    survey = await _vote(live, Secrecy.SECRET, *[FOR] * 7, AGAINST)
    other = await _vote(live, Secrecy.SECRET, FOR)
    for each in (survey, other):
        await polls.published(live.container, each)
    guest, path = await live.guest(), f"/api/v1/surveys/{survey.number}"
    head = (await guest("GET", f"{path}/head")).body
    for receipt in await _receipts(live, survey):
        found = (await guest("POST", f"{path}/receipts/check", {"receipt": f" {receipt}\n"})).body
        assert (found["is_in_log"], found["head"], found["leaf"]) == (True, head, receipt.leaf.hex())
        proof = Proof(index=found["index"], path=tuple(map(bytes.fromhex, found["path"])))
        assert proof.shows(receipt, _head(survey, head))
    strange = evolve((await _receipts(live, survey))[0], leaf=b"\x11" * 32)
    (elsewhere,) = await _receipts(live, other)
    found = await guest("POST", f"{path}/receipts/check", {"receipt": str(strange)})
    assert found.status == 200
    assert (found.body["is_in_log"], found.body["index"], found.body["path"]) == (False, None, [])
    wrong = await guest("POST", f"{path}/receipts/check", {"receipt": str(elsewhere)})
    assert (wrong.status, wrong.body["code"]) == (422, "receipt-of-another-survey")
    assert wrong.body["errors"][0]["pointer"] == "/receipt"
    damaged = await guest("POST", f"{path}/receipts/check", {"receipt": str(strange)[:-1]})
    assert (damaged.status, damaged.body["code"]) == (422, "unreadable-receipt")
    assert damaged.body["errors"][0]["pointer"] == "/receipt"


def _head(survey: Survey, body: Any) -> Head:
    head = Head(
        survey_id=survey.id,
        size=body["size"],
        root=bytes.fromhex(body["root"]),
        content=content_digest(survey),
        sealed_at=NOON.fromisoformat(body["sealed_at"]),
    )
    assert head.signed_words().decode() == body["signed"]
    return head


async def test_a_stopped_vote_shows_its_leaves_and_no_choice(live: Live, tmp_path: Path) -> None:
    survey = await _ended(live, await _vote(live, Secrecy.SECRET, FOR, AGAINST), Stage.STOPPED)
    assert await live.container.close_surveys()() >= 1
    path = await _file(live, survey, tmp_path)
    kinds = [line["type"] for line in lines_in(path.read_bytes())]
    assert kinds == ["survey", "question", "head", "leaf", "leaf", "end"]
    assert '"salt"' not in path.read_text()
    for receipt in await _receipts(live, survey):
        for verdict in _both(path, receipt):
            assert verdict.exit == 0, verdict


async def test_an_annulled_vote_keeps_its_log_and_tells_why(live: Live, tmp_path: Path) -> None:
    survey = await _vote(live, Secrecy.SECRET, FOR, AGAINST, *[FOR] * 3)
    await polls.published(live.container, survey)
    before = lines_in((await _file(live, survey, tmp_path)).read_bytes())
    await _ended(live, survey, Stage.ANNULLED)
    path = await _file(live, survey, tmp_path)
    after = lines_in(path.read_bytes())
    assert after[1:] == before[1:]
    assert after[0]["ending"]["words"] == "Вопрос подсказывал ответ"
    assert [verdict.exit for verdict in _both(path)] == [0, 0]


@pytest.mark.abuse(39)
async def test_a_few_secret_ballots_show_their_leaves_and_no_choice(live: Live, tmp_path: Path) -> None:
    survey = await _vote(live, Secrecy.SECRET, FOR, AGAINST, FOR, FOR)
    survey = await polls.published(live.container, survey)
    for stage in (Stage.PUBLISHED, Stage.ANNULLED):
        path = await _file(live, await _ended(live, survey, stage), tmp_path)
        kinds = [line["type"] for line in lines_in(path.read_bytes())]
        assert kinds == ["survey", "question", "head", *["leaf"] * 4, "end"]
        assert '"salt"' not in path.read_text()
        for receipt in await _receipts(live, survey):
            for verdict in _both(path, receipt):
                assert verdict.exit == 0, verdict


@pytest.mark.abuse(7)
@pytest.mark.abuse(8)
@pytest.mark.parametrize("stage", Stage)
async def test_no_leaf_leaves_the_platform_before_the_log_is_sealed(live: Live, stage: Stage) -> None:
    """Whoever asks: a log that grows tells who voted when."""
    survey = await _vote(live, Secrecy.SECRET, FOR, AGAINST)
    (receipt, _) = await _receipts(live, survey)
    survey = await _ended(live, survey, stage)
    for who in (await live.guest(), await live.as_(cast.OPERATORS[0].oid)):
        for path, body in (("log", None), ("head", None), ("receipts/check", {"receipt": str(receipt)})):
            method = "GET" if body is None else "POST"
            answered = await who(method, f"/api/v1/surveys/{survey.number}/{path}", body)
            code = "log-not-sealed" if survey.is_public else "survey-not-found"
            assert (answered.status, answered.body["code"]) == (404, code)
            if code == "log-not-sealed":
                is_promised = "появится" in answered.body["detail"]
                assert is_promised == (stage is not Stage.WITHDRAWN), answered.body


@pytest.mark.abuse(39)
async def test_the_log_shows_no_group_of_a_ballot(live: Live, tmp_path: Path) -> None:
    """Municipality and age are beside the leaf: published, they would make tables without hidden cells."""
    tables = (Table("q0", Dimension.MUNICIPALITY), Table("q0", Dimension.AGE_BAND))
    survey = await polls.running_survey(live.container, secrecy=Secrecy.SECRET, tables=tables, **VOTE)
    marks = {Dimension.MUNICIPALITY: "18701000", Dimension.AGE_BAND: "35-44"}
    await polls.answered(live.container, survey, [(FOR, marks)] * 5)
    await polls.published(live.container, survey)
    said = (await _file(live, survey, tmp_path)).read_text()
    assert "18701000" not in said
    assert "35-44" not in said


async def test_logs_that_are_written_at_once_are_few(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = await polls.published(live.container, await _vote(live, Secrecy.OPEN, FOR))
    guest, path = await live.guest(), f"/api/v1/surveys/{survey.number}/log"
    monkeypatch.setattr(face, "AT_ONCE", 0)
    busy = await guest("GET", path)
    assert (busy.status, busy.body["code"]) == (503, "logs-busy")
    monkeypatch.undo()
    assert (await guest("GET", path)).status == 200
    shown = await guest("HEAD", path)
    assert (shown.status, shown.raw) == (200, b"")


async def test_leaves_of_many_pages_are_one_tree(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = await polls.published(live.container, await _vote(live, Secrecy.SECRET, *[FOR] * 11))
    monkeypatch.setattr(recounting, "LEAVES_AT_ONCE", 2)
    guest, path = await live.guest(), f"/api/v1/surveys/{survey.number}/receipts/check"
    for number, receipt in enumerate(await _receipts(live, survey)):
        found = (await guest("POST", path, {"receipt": str(receipt)})).body
        assert found["index"] == number
        proof = Proof(index=number, path=tuple(map(bytes.fromhex, found["path"])))
        assert proof.shows(read_receipt(str(receipt)), _head(survey, found["head"]))
