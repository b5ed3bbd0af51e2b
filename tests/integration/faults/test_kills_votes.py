"""`kill -9` under voting load over SQLite and PostgreSQL: what was answered is in the box, nobody twice."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from attrs import define, evolve, field

from niktokromenas.domain.ids import ParticipantId, SessionId
from niktokromenas.domain.participants.people import newcomer
from niktokromenas.domain.participants.sessions import Session, SessionKind
from niktokromenas.domain.surveys.receipts import read_receipt
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import WHOEVER
from tests.contract.building import an_identity
from tests.contract.survey_strategies import a_draft
from tests.integration.faults.load import GONE
from tests.integration.faults.world import APP, World, a_world
from tests.unit.surveys.building import OFFICIAL, a_content

ROUNDS = max(2, int(os.environ.get("KILLS", "200")) * 2 // 100)
VOTERS, CLIENTS, LONGEST = 150, 32, 120
"""Voters of each round and kind of ballot; seconds of a round."""
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300 + 60 * ROUNDS)]
_numbers = count(1)
SHEET = {"answers": {"q0": {"type": "chosen", "options": ["for"]}, "q1": {"type": "scale", "value": 4}}}


@define(eq=False)
class Poll:
    """What voters of one survey know: `cast` are leaves answered with 201, `doubtful` were not answered."""

    world: World
    survey: Survey
    waiting: list[str] = field(factory=list)
    """Tokens of those who have not voted."""
    cast: set[bytes] = field(factory=set)
    doubtful: list[str] = field(factory=list)
    settled: int = 0
    """Of the doubtful, those who were told that they had voted."""

    async def voter(self) -> None:
        """Until nobody waits, or the server is gone."""
        while self.waiting:
            token = self.waiting.pop()
            try:
                status, body = await self._send(token)
            except GONE:
                self.doubtful.append(token)
                return
            if status == 503:
                self.doubtful.append(token)
                continue
            assert status == 201, body
            self.cast.add(read_receipt(body["receipt"]).leaf)

    async def settle(self) -> None:
        """Ask again for those who were not answered: they have voted, or do now."""
        while self.doubtful:
            status, body = await self._send(self.doubtful[-1])
            self.doubtful.pop()
            if status == 201:
                self.cast.add(read_receipt(body["receipt"]).leaf)
            else:
                assert (status, body["code"]) == (409, "already-voted")
                self.settled += 1

    async def _send(self, token: str) -> tuple[int, Any]:
        address = f"{self.world.settings.base_url}/api/v1/surveys/{self.survey.number}/ballots"
        headers = {"Authorization": f"Bearer {token}"}
        async with self.world.http.post(address, json=SHEET, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def check(self) -> None:
        """Past the platform's processes."""
        register = self.world.container.ballot_register()
        leaves = [vote.leaf async for vote in register.votes(self.survey.id)]
        box = await register.count(self.survey.id)
        assert box.participants == box.ballots == len(leaves) == len(set(leaves))
        assert self.cast <= set(leaves), "a ballot that was answered is not in the box"
        known = len(self.cast) + self.settled
        assert known <= len(leaves) <= known + len(self.doubtful)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("votes")
    async with a_world(request.param, folder) as world:
        yield world


async def a_poll(world: World, secrecy: Secrecy) -> Poll:
    now = world.container.clock().now().replace(microsecond=0)
    content = a_content(
        target=WHOEVER,
        secrecy=secrecy,
        announce_at=now - timedelta(days=2),
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
    )
    draft = a_draft(OFFICIAL, content, f"S-23-{next(_numbers):06}")
    async with world.container.transactions()() as tx:
        stored = await tx.surveys.add(evolve(draft, stage=Stage.OPEN, announced_at=now - timedelta(days=2)))
    return Poll(world, stored)


async def tokens(world: World, number: int) -> list[str]:
    """Of people who have just signed in by an app."""
    container, made = world.container, list[Session]()
    now, new_id = container.clock().now(), container.new_id()
    async with container.transactions()() as tx:
        for _ in range(number):
            identity = an_identity(10_000 + next(_numbers))
            person = newcomer(ParticipantId(new_id()), identity, None, at=now, consent="2025-11")
            saved = await tx.participants.save(person)
            session = Session(
                id=SessionId(new_id()),
                kind=SessionKind.APP,
                participant_id=saved.id,
                secret_hash="",
                began_at=now,
                expires_at=now + timedelta(days=1),
                device="load",
                client_id=APP.client_id,
            )
            made.append(await tx.sessions.save(session))
    return [container.tokens().access(session, now) for session in made]


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_no_kill_loses_or_doubles_a_ballot(world: World, secrecy: Secrecy) -> None:
    poll = await a_poll(world, secrecy)
    met = 0
    for _ in range(ROUNDS):
        poll.waiting = await tokens(world, VOTERS)
        running = await world.started()
        await poll.settle()
        before = len(poll.cast)
        enough = before + world.chance.randint(1, VOTERS // 2)
        load = asyncio.gather(*(poll.voter() for _ in range(CLIENTS)))
        async with asyncio.timeout(LONGEST):
            while len(poll.cast) < enough and not load.done():  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(0.002)
        for process in running.values():
            await process.kill()
        await load
        met += bool(poll.doubtful)
        await poll.check()
    assert met, "no kill met a ballot on its way"
    running = await world.started()
    await poll.settle()
    for process in running.values():
        await process.kill()
    await poll.check()
    print(f"kills {ROUNDS}, in doubt {met}; {len(poll.cast)} answered, {poll.settled} in the box unanswered")
