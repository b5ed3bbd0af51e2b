"""The worker goes on whatever one job does, and stops where nothing is half done."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
from attrs import define, evolve, field, fields

from niktokromenas.adapters.memory.mail import MemoryMail
from niktokromenas.adapters.worker.worker import LATE_AFTER, Job, Worker
from niktokromenas.domain.notices import Letter, LetterState
from tests.unit.application.breaking import Broken
from tests.unit.application.life import Life, a_life

OF_SURVEYS = ("surveys", "close", "live", "groups", "freeze", "remarks", "announce")
JOBS = {
    *("tell", "spread", "digests", "deliver", "claims", "tick", "orphans", "seal", "sweep", "housekeeping"),
    *OF_SURVEYS,
}


class Hurried(Worker):
    """The same jobs without pauses."""

    def jobs(self) -> tuple[Job, ...]:
        return tuple(evolve(job, pause=0.0) for job in super().jobs())


def a_worker(life: Life, **replaced: Any) -> Worker:
    parts = {part.name: getattr(life.worker, part.name) for part in fields(Worker) if part.init}
    return Hurried(**{**parts, **replaced})


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    """What the worker logs: a traceback drawn for people, round after round, would take the time."""
    with structlog.testing.capture_logs() as captured:
        yield captured


async def until(is_true: Callable[[], bool], running: "asyncio.Task[None]") -> None:
    """Let the worker run until it is so; fails where it ends before."""
    while not is_true():
        assert not running.done(), "the worker has ended"
        await asyncio.sleep(0)


@define
class Gate:
    """A sender in whose hands a letter stays until it is let go."""

    inner: MemoryMail = field(factory=MemoryMail)
    reached: asyncio.Event = field(factory=asyncio.Event)
    opened: asyncio.Event = field(factory=asyncio.Event)

    async def send(self, letter: Letter) -> None:
        self.reached.set()
        await self.opened.wait()
        await self.inner.send(letter)


def jobs_at_work() -> set[str]:
    return {t.get_name() for t in asyncio.all_tasks() if t.get_name().startswith("worker-")}


def states(life: Life) -> set[LetterState]:
    return {o.delivery.state for o in life.letters()}


@pytest.mark.clause("2.2-intake")
async def test_a_stopped_worker_finishes_the_round_it_is_in_and_leaves_nothing_half_done() -> None:
    life = await a_life()
    life.store.letters.rows.clear()
    await life.submit()
    await life.tell()
    gate = Gate()
    worker = a_worker(life, deliver_letters=evolve(life.worker.deliver_letters, sender=gate))
    running = asyncio.create_task(worker.run())
    await gate.reached.wait()
    worker.stop()
    await until(lambda: jobs_at_work() == {"worker-deliver"}, running)
    assert (running.done(), states(life)) == (False, {LetterState.CLAIMED})
    gate.opened.set()
    await running
    assert states(life) == {LetterState.SENT}
    assert len(gate.inner.letters) == 3


async def test_a_worker_that_is_stopped_while_it_rests_ends_at_once() -> None:
    life = await a_life()
    running = asyncio.create_task(life.worker.run())
    await until(lambda: set(life.worker.last_rounds) == JOBS, running)
    assert not life.worker.is_over
    life.worker.stop()
    await running
    assert life.worker.is_over


@define
class Breaking:
    """A job in which something breaks every time."""

    error: Exception = field(factory=Broken)
    rounds: int = 0

    async def __call__(self) -> Any:
        self.rounds += 1
        raise self.error


PARTS = ("tell_participants", "tick_messages", "mark_orphans", "seal_audit", "sweep_uploads", "housekeeping")


@pytest.mark.clause("2.2-intake")
@pytest.mark.parametrize("part", [*PARTS, *OF_SURVEYS])
async def test_a_job_that_breaks_down_stops_no_other_and_is_tried_again(part: str, logs: list[Any]) -> None:
    life = await a_life()
    life.store.letters.rows.clear()
    await life.submit()
    if part == "tell_participants":
        await life.tell()
    breaking, mail = Breaking(), MemoryMail()
    deliver = evolve(life.worker.deliver_letters, sender=mail)
    broken: dict[str, Any] = {part: breaking}
    if part in OF_SURVEYS:
        jobs = life.worker.surveys
        broken = {"surveys": tuple(evolve(j, run=breaking) if j.name == part else j for j in jobs)}
    worker = a_worker(life, deliver_letters=deliver, **broken)
    running = asyncio.create_task(worker.run())
    await until(lambda: breaking.rounds >= 3 and len(mail.letters) == 3, running)
    assert not running.done()
    worker.stop()
    await running
    failed = [log for log in logs if log["event"] == "job failed"]
    assert {log["error"] for log in failed} == {"Broken"}
    assert all(log["exc_info"] for log in failed)
    assert {log["job"] for log in failed} <= JOBS


async def test_a_worker_tells_which_jobs_have_not_finished_a_round_for_long() -> None:
    life = await a_life()
    began = life.clock.at
    breaking = Breaking()
    worker = a_worker(life, tick_messages=breaking)
    assert (worker.last_rounds, worker.late()) == ({}, ())
    running = asyncio.create_task(worker.run())
    await until(lambda: breaking.rounds > 0, running)
    assert worker.late() == ()
    now = life.clock.at = began + LATE_AFTER + timedelta(seconds=1)
    rounds = breaking.rounds
    await until(
        lambda: (
            {job for job, at in worker.last_rounds.items() if at == now} >= JOBS - {"tick"}
            and breaking.rounds > rounds
        ),
        running,
    )
    assert worker.late() == ("tick",)
    assert worker.last_rounds["tick"] == began
    worker.stop()
    await running


async def test_a_worker_that_is_torn_away_is_over() -> None:
    life = await a_life()
    running = asyncio.create_task(life.worker.run())
    await until(lambda: bool(life.worker.last_rounds), running)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert life.worker.is_over
