"""A secret vote on the whole platform: cast over the API, closed by the worker, then everything is read.

What can be learnt while it runs is told in ADR 0024; this is about what is left afterwards.
"""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from attrs import define, field
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.http.logs import configure_logging
from niktokromenas.domain.surveys.ballots import Participation
from niktokromenas.domain.surveys.receipts import Receipt, read_receipt
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Survey
from tests.contract.stores import NOON, SettableClock
from tests.integration.http import polls
from tests.integration.http.live import Live, over
from tests.integration.sql.test_secret_ballots import everything, joined, places
from tests.unit.surveys.building import ballot_question

PLAYERS = (
    cast.CITIZEN,
    cast.OTHER_CITIZEN,
    cast.MODERATOR,
    cast.OTHER_MODERATOR,
    *cast.OPERATORS,
    cast.TECHNICAL,
    cast.COORDINATOR,
    cast.CITY_OFFICIAL,
    cast.CITY_APPROVER,
    cast.ROAD_OFFICIAL,
)


@define
class Cast:
    """What one voter knows."""

    participation: Participation
    receipt: Receipt
    choice: str


@define(eq=False)
class Polled:
    """A platform whose log is at hand."""

    live: Live
    clock: SettableClock
    name: str
    folder: Path
    lines: StringIO = field(factory=StringIO)

    @property
    def units(self) -> Any:
        return self.live.container.units()

    async def tables(self) -> dict[str, list[dict[str, Any]]]:
        return await everything(self)  # type: ignore[arg-type]


@pytest.fixture(params=["sqlite", "postgresql"])
async def polled(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Polled]:
    clock, lines = SettableClock(NOON), StringIO()
    before = structlog.get_config()
    configure_logging(lines)
    try:
        async with over(request.param, tmp_path, clock=providers.Object(clock)) as live:
            yield Polled(live, clock, request.param, tmp_path, lines)
    finally:
        structlog.configure(**before)


async def _a_vote(polled: Polled) -> tuple[Survey, list[Cast]]:
    """Everyone votes, in an order that nobody should find again; some try a second time."""
    live, chance = polled.live, random.Random(11)
    content: dict[str, Any] = {"kind": SurveyKind.VOTE, "questions": (ballot_question(),)}
    survey = await polls.running_survey(live.container, secrecy=Secrecy.SECRET, **content)
    path, votes = f"/api/v1/surveys/{survey.number}/ballots", list[Cast]()
    for player in chance.sample(PLAYERS, len(PLAYERS)):
        client, choice = await live.as_(player.oid), chance.choice(["for", "against"])
        body = {"answers": {"q0": {"type": "chosen", "options": [choice]}}}
        done = await client("POST", path, body)
        assert done.status == 201, done.body
        again = await client("POST", path, body, headers={"Idempotency-Key": "a-second-time"})
        assert (again.status, again.body["code"]) == (409, "already-voted")
        whose = (await live.cast.actor(player.oid)).participant_id
        assert whose is not None
        receipt = read_receipt(done.body["receipt"])
        votes.append(Cast(Participation(survey.id, whose), receipt, choice))
    assert {vote.choice for vote in votes} == {"for", "against"}
    return survey, votes


async def _closed(polled: Polled, survey: Survey) -> Survey:
    """By time and the worker alone."""
    polled.clock.at += timedelta(days=2)
    await polled.live.drain()
    found: Survey = await polled.live.container.survey_journal().one(survey.number)
    assert found.stage is Stage.PUBLISHED
    return found


@pytest.mark.clause("9-participate")
@pytest.mark.abuse(39)
async def test_nothing_that_is_left_joins_a_voter_to_a_ballot(polled: Polled) -> None:
    survey, votes = await _a_vote(polled)
    if polled.name == "postgresql":  # the look has eyes: a transaction has a number of its own
        assert joined(await polled.tables(), votes)  # type: ignore[arg-type]
    await _closed(polled, survey)
    for vote in votes[:3]:  # who asks after their receipt leaves nothing either
        client = await polled.live.guest()
        found = await client(
            "POST", f"/api/v1/surveys/{survey.number}/receipts/check", {"receipt": str(vote.receipt)}
        )
        assert found.body["is_in_log"], found.body
    tables = await polled.tables()
    assert len(tables["secret_ballots"]) == len(tables["participations"]) == len(PLAYERS)
    assert joined(tables, votes) == set()  # type: ignore[arg-type]
    for name, key in (("secret_ballots", "id"), ("participations", "participant_id")):
        assert places(tables, name, key) == sorted(row[key] for row in tables[name])
    _require_only_there(tables, votes)
    person, leaf = votes[0].participation.participant_id, votes[0].receipt.leaf
    tables["notices"].append({"participant_id": person, "facts": {"leaf": leaf.hex()}})
    assert joined(tables, votes) == {leaf.hex()}, "a leak would be seen"  # type: ignore[arg-type]


def _require_only_there(tables: dict[str, list[dict[str, Any]]], votes: list[Cast]) -> None:
    """Salts and leaves are in the table of ballots and nowhere else: outbox, audit, requests, notices …"""
    for name, rows in tables.items():
        if name != "secret_ballots":
            told = repr(rows)
            for vote in votes:
                for secret in (vote.receipt.salt, vote.receipt.leaf):
                    assert secret.hex() not in told, name
                    assert repr(secret) not in told, name
    for name in ("audit", "outbox", "idempotency"):
        told = repr([row for row in tables.get(name, []) if "ballot" in repr(row)])
        assert told == "[]", name


@pytest.mark.clause("9-participate")
async def test_the_log_of_the_process_and_its_files_hold_no_ballot(polled: Polled) -> None:
    survey, votes = await _a_vote(polled)
    await _closed(polled, survey)
    log = polled.lines.getvalue()
    assert '"event":"request"' in log, "requests leave lines"
    assert "/ballots" not in log, "but not these"
    files = [path for path in polled.folder.rglob("*") if path.is_file()]
    others = [path for path in files if path.suffix != ".sqlite"]
    assert others
    for vote in votes:
        assert str(vote.receipt) not in log
        for secret in (vote.receipt.salt, vote.receipt.leaf):
            assert secret.hex() not in log
            for path in others:
                content = path.read_bytes()
                assert secret not in content, path.name
                assert secret.hex().encode() not in content, path.name
    assert '"chosen"' not in log


@pytest.mark.clause("9-participate")
async def test_what_is_published_joins_nobody_to_a_ballot(polled: Polled) -> None:
    """The log of ballots, the result, the history: everything that a guest reads of the survey."""
    survey, votes = await _a_vote(polled)
    await _closed(polled, survey)
    guest, path = await polled.live.guest(), f"/api/v1/surveys/{survey.number}"
    said = b""
    for part in ("", "/history", "/results", "/log", "/head"):
        answered = await guest("GET", f"{path}{part}")
        assert answered.status == 200, (part, answered.body)
        said += answered.raw
    for vote in votes:
        person = vote.participation.participant_id
        assert vote.receipt.leaf.hex().encode() in said, "one's own leaf is to be found"
        assert str(person).encode() not in said
        assert person.hex.encode() not in said
    for player in PLAYERS:
        assert player.name.last.encode() not in said
