"""`kill -9` while a survey is closed, over SQLite and PostgreSQL: it comes to what an undisturbed one would.

A secret survey of some thousand ballots with words is rewritten, swept, counted, signed and published; then
its words are gathered and its results told. The worker is killed in the midst of each step, again and again.
"""

import asyncio
import os
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from operator import eq
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
import sqlalchemy as sa
from attrs import define, evolve, field
from sqlalchemy import func, select

from niktokromenas.adapters.sql.participants import participant_columns
from niktokromenas.adapters.sql.tables import (
    announcements,
    letters,
    notices,
    outbox,
    participants,
    remark_gatherings,
    survey_history,
    survey_remarks,
    survey_results,
)
from niktokromenas.adapters.system import new_id
from niktokromenas.application.surveys.closing import ROWS_A_UNIT
from niktokromenas.domain.ids import BallotId, ParticipantId
from niktokromenas.domain.notices import LetterState, NoticeKind, NoticeMode, NoticeSettings
from niktokromenas.domain.participants.actors import guest
from niktokromenas.domain.participants.people import Participant, ParticipantKind, newcomer
from niktokromenas.domain.surveys.answers import Chosen, Sheet, Text
from niktokromenas.domain.surveys.ballots import Casting, Voter, cast_secret
from niktokromenas.domain.surveys.log import root_of
from niktokromenas.domain.surveys.questions import FreeText, Question
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import WHOEVER
from tests.contract.building import a_subject, an_identity
from tests.contract.stores import Stores, over
from tests.contract.survey_strategies import a_draft
from tests.integration.faults.launch import TRAIL
from tests.integration.faults.points import Part
from tests.integration.faults.processes import Running
from tests.integration.faults.world import World, a_world
from tests.integration.sql.test_secret_ballots import Vote, everything, joined, places
from tests.unit.surveys.building import OFFICIAL, a_content, ballot_question
from tests.unit.surveys.published_logs import by_the_platform, by_the_program

BALLOTS = 2_000
AT_ONCE = 100
"""Ballots that came together: tables that were not rewritten would tell in which order."""
WORDS, PEOPLE, LETTERS = 600, 300, 12
"""Ballots with words; voters who are people and hear of the results (organisations have no feed); those of
them who want a letter at once."""
KILLS = max(6, int(os.environ.get("KILLS", "200")) * 4 // 100)
AFTERWARDS = KILLS // 3
"""Kills once it is published, while words are gathered and people told."""
LONGEST = 240
"""Seconds of a round: only a broken one takes them."""
WORK = re.compile("ballots|participations|sweep|long reading|survey|remark|notices|letter")
"""What the worker does for this survey; the rest is its other jobs."""
STEPS = 2 * -(-BALLOTS // ROWS_A_UNIT) + 5
"""What closing has done before it publishes, as the trail tells: rewritten, swept, some pages counted."""
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300 + 30 * KILLS)]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    async with a_world(request.param, tmp_path_factory.mktemp("closing")) as world:
        yield world


_COME = {"secret_ballots": "id", "participations": "participant_id"}
"""Tables whose rows came in an order that has to be forgotten, by their keys."""


@define(eq=False)
class Closing:
    """A survey whose time is over, the worker that closes it, and what is known from outside."""

    world: World
    stores: Stores
    survey: Survey
    votes: list[Vote]
    people: list[ParticipantId]
    """Of the voters, those who hear of the results."""
    words: list[str]
    last_cast: int = 0
    """PostgreSQL's number of a unit that came after all of them."""
    fell: Counter[str] = field(factory=Counter)
    """Kills, by what the worker had done last."""

    @property
    def trail(self) -> Path:
        return self.world.settings.data / TRAIL

    async def killed_after(self, steps: int) -> None:
        """So many steps after its start, and a moment more. Where it comes to the end before: at its end."""
        self.trail.write_bytes(b"")
        worker = await self.started()
        async with asyncio.timeout(LONGEST):
            while len(self.work()) < steps and not await self.is_over():  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.001 if steps < STEPS else 0.05)
        await asyncio.sleep(self.world.chance.uniform(0, 0.01))
        await worker.kill()
        self.fell[_step(self.work())] += 1
        await self.check()

    def work(self) -> list[str]:
        """What the worker has done for the survey since its start."""
        return [line for line in self.trail.read_text().splitlines() if WORK.search(line)]

    async def started(self) -> Running:
        part = Part.WORKER if self.world.is_apart else Part.SERVE
        return await self.world.zygote.start(part, self.world.settings)

    async def is_published(self) -> bool:
        return bool(await self.number(select(func.count()).select_from(survey_results)))

    async def is_over(self) -> bool:
        """Published, all words gathered, everybody told."""
        if not await self.is_published():
            return False
        waiting = (
            select(func.count()).select_from(outbox),
            select(func.count()).select_from(announcements),
            select(func.count()).where(remark_gatherings.c.is_going),
            select(func.count()).where(letters.c.state == LetterState.PENDING.value),
        )
        self.world.delivered()
        return not any([await self.number(each) for each in waiting])

    async def number(self, query: sa.Select[tuple[int]]) -> int:
        async with self.world.container.units().reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def check(self) -> None:
        """After any kill: nothing is lost, and the survey is published whole or not at all."""
        box = await self.stores.ballot_register.count(self.survey.id)
        assert (box.ballots, box.participants) == (BALLOTS, BALLOTS)
        stands = await self.stores.survey_journal.one(self.survey.number)
        is_published = await self.is_published()
        published = select(func.count()).where(
            survey_history.c.survey_id == self.survey.id, survey_history.c.act == "publish"
        )
        assert await self.number(published) == is_published
        assert stands.stage is (Stage.PUBLISHED if is_published else Stage.CLOSED)
        assert (stands.head is not None) == is_published
        await self.world.checks(self.world.ledger, self.world.delivered(), self.fell.total())

    async def file(self, folder: Path) -> Path:
        """The published log."""
        log = await self.world.container.recounting().log(guest(), self.survey.number)
        path = folder / log.name
        path.write_bytes(b"".join([chunk async for chunk in log.chunks]))
        return path

    async def rows(self, query: sa.Select[Any]) -> list[Any]:
        async with self.world.container.units().reading() as connection:
            return list((await connection.execute(query)).all())

    async def check_told(self) -> None:
        """Everybody in their feed once; of letters none twice, and none is lost but with a killed worker."""
        kind = notices.c.kind == NoticeKind.SURVEY_RESULTS.value
        told = [row.recipient_id for row in await self.rows(select(notices.c.recipient_id).where(kind))]
        assert sorted(told) == sorted(self.people)
        states = Counter(row.state for row in await self.rows(select(letters.c.state)))
        assert states.total() == LETTERS
        assert set(states) <= {LetterState.SENT.value, LetterState.CLAIMED.value, LetterState.UNKNOWN.value}
        assert LETTERS - self.fell.total() <= states[LetterState.SENT.value]
        delivered = self.world.delivered()
        assert set(delivered.values()) == {1}
        assert states[LetterState.SENT.value] <= delivered.total() <= LETTERS

    async def check_traces(self) -> None:
        """Nothing tells in which order ballots came, nor whose they are."""
        tables = await everything(self.stores)
        assert joined(tables, self.votes) == set()
        assert max(self.told(tables)) < 0.1, "rows that came together lie together"
        written = [row.get("xmin::text", "0") for name in _COME for row in tables[name]]
        assert min(map(int, written)) >= self.last_cast, "a row was not written anew"
        if self.stores.name == "sqlite":
            self.check_file(Path(sa.make_url(self.world.settings.database_url).database or ""))

    def told(self, tables: dict[str, list[dict[str, Any]]]) -> tuple[float, float]:
        """Of ballots and of participations, how many lie beside one that came with them.

        By chance it is one of `BALLOTS / AT_ONCE`. Rows that a kill left rewritten in part leave room where
        they were: the next rows lie there, so that not all tables are by their keys throughout.
        """
        batch = {vote.ballot.id: n // AT_ONCE for n, vote in enumerate(self.votes)}
        batch |= {vote.participation.participant_id: n // AT_ONCE for n, vote in enumerate(self.votes)}
        by_place = ([batch[one] for one in places(tables, name, key)] for name, key in _COME.items())
        first, second = (sum(map(eq, lie, lie[1:])) / BALLOTS for lie in by_place)
        return first, second

    def check_file(self, file: Path) -> None:
        content, log = file.read_bytes(), Path(f"{file}-wal").read_bytes()
        for vote in self.votes[:: BALLOTS // 100]:
            assert content.count(vote.ballot.salt) == 1, "a copy was left behind"
            assert vote.ballot.salt not in log


def _step(done: list[str]) -> str:
    """How far closing, or what follows from it, came."""
    all_done = "\n".join(done)
    if "survey_results" in all_done or "secret_ballots" not in all_done:
        return "published" if done else "begun"
    if "sweep" in done:
        return "counting" if done[-1] == "long reading" else "swept"
    return "participations" if "participations" in all_done else "ballots"


async def a_closing(world: World, name: str) -> Closing:
    container = world.container
    now = container.clock().now().replace(microsecond=0)
    content = a_content(
        target=WHOEVER,
        secrecy=Secrecy.SECRET,
        questions=(
            ballot_question(),
            Question(code="q1", words="Что добавить?", kind=FreeText(), is_required=False),
        ),
        announce_at=now - timedelta(days=3),
        starts_at=now - timedelta(days=2),
        ends_at=now - timedelta(minutes=1),
    )
    draft = a_draft(OFFICIAL, content, "S-23-000001")
    survey = evolve(draft, stage=Stage.OPEN, announced_at=now - timedelta(days=3))
    people = [
        newcomer(ParticipantId(new_id()), an_identity(10_000 + n), None, at=now, consent="2025-11")
        for n in range(PEOPLE)
    ]
    firms = [
        Participant(
            id=ParticipantId(new_id()),
            kind=ParticipantKind.ORGANISATION,
            subject=a_subject(20_000 + n),
            name="ООО «Двор»",
        )
        for n in range(BALLOTS - PEOPLE)
    ]
    voters = [*people, *firms]
    async with container.units().unit() as connection:
        await connection.write(sa.insert(participants), [participant_columns(each) for each in voters])
    async with container.transactions()() as tx:
        stored = await tx.surveys.add(survey)
        at_once = NoticeSettings({NoticeKind.SURVEY_RESULTS: NoticeMode.AT_ONCE})
        for person in people[:LETTERS]:
            await tx.notices.save_settings(person.id, at_once)
    world.chance.shuffle(voters)
    votes, words = list[Vote](), [f"предложение {secrets.token_hex(8)}" for _ in range(WORDS)]
    for n, voter in enumerate(voters):
        said: Sheet = {"q1": Text(words[n])} if n < WORDS else {}
        casting = Casting(
            answers={"q0": Chosen((world.chance.choice(["for", "against"]),)), **said},
            salt=secrets.token_bytes(32),
            ballot_id=BallotId(uuid4()),
            at=survey.starts_at,
            on=survey.starts_at.date(),
        )
        votes.append(Vote(*cast_secret(stored, Voter(participant_id=voter.id), casting)[:2]))
    for first in range(0, BALLOTS, AT_ONCE):
        batch = [(one.participation, one.ballot) for one in votes[first : first + AT_ONCE]]
        async with container.transactions()() as tx:
            assert not await tx.ballots.cast_secret_all(batch)
    async with container.transactions()() as tx:
        stands = await tx.surveys.by_id(survey.id)
        closed = await tx.surveys.save(evolve(stands, stage=Stage.CLOSED))
    closing = Closing(
        world, over(name, container.units()), closed, votes, [each.id for each in people], words
    )
    if name == "postgresql":
        closing.last_cast = await closing.number(select(sa.cast(sa.text("txid_current()"), sa.BigInteger)))
        assert min(closing.told(await everything(closing.stores))) > 0.9, "before, they tell"
    return closing


@pytest.mark.clause("9-participate")
@pytest.mark.clause("9-inform-results")
async def test_no_kill_while_a_survey_is_closed_leaves_a_trace(
    world: World, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    closing = await a_closing(world, request.node.callspec.params["world"])
    for place in range(KILLS):
        await closing.killed_after(place * STEPS // KILLS)
    amid = {step: kills for step, kills in closing.fell.items() if step not in ("begun", "published")}
    assert len(amid) >= 3, f"kills fell beside closing: {closing.fell}"
    for place in range(AFTERWARDS):
        await closing.killed_after(STEPS + 10 * place)
    await closing.killed_after(10_000)
    assert await closing.is_over()
    stands = await closing.stores.survey_journal.one(closing.survey.number)
    assert stands.head is not None
    leaves = sorted(vote.ballot.leaf for vote in closing.votes)
    assert (stands.head.head.size, stands.head.head.root) == (BALLOTS, root_of(leaves))
    path = await closing.file(tmp_path)
    for verdict in (by_the_platform(path), by_the_program(path)):
        assert (verdict.exit, verdict.codes) == (0, frozenset()), verdict
    gathered = await closing.rows(select(survey_remarks.c.words))
    assert sorted(row.words for row in gathered) == sorted(closing.words)
    await closing.check_told()
    await closing.check_traces()
    print(f"kills fell: {dict(closing.fell)}")
