"""The worker: tells, delivers, ticks, seals, sweeps; each job at its own pace, stopping at a safe point."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from attrs import define, field, frozen

from niktokromenas.application.audit import SealAudit
from niktokromenas.application.digests import SendDigests
from niktokromenas.application.messages.submitting import SweepUploads
from niktokromenas.application.notices import DeliverLetters, TellParticipants
from niktokromenas.application.spreading import SpreadNews
from niktokromenas.application.ticking import MarkOrphans, TickMessages
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.transactions import Transactions

log = structlog.get_logger("worker")
FORGET_SESSIONS_AFTER = timedelta(days=30)
FORGET_ATTEMPTS_AFTER = timedelta(hours=1)
FORGET_KEYS_AFTER = timedelta(hours=24)
LATE_AFTER = timedelta(minutes=5)
"""How long a round and its trouble may last before an operator should look."""


@frozen
class Job:
    """`run` does one round and says how much it did; a round that did something is followed at once."""

    name: str
    run: Callable[[], Awaitable[int]]
    pause: float
    """Seconds between rounds that found nothing."""


@frozen
class Housekeeping:
    """Forgets sessions long over, sign-ins nobody finished and idempotency keys of yesterday."""

    transactions: Transactions
    clock: Clock

    async def __call__(self) -> int:
        now = self.clock.now()
        async with self.transactions() as tx:
            await tx.sessions.forget_before(now - FORGET_SESSIONS_AFTER)
            await tx.login_attempts.forget_before(now - FORGET_ATTEMPTS_AFTER)
            await tx.idempotency.forget_before(now - FORGET_KEYS_AFTER)
        return 0


@define(eq=False)
class Worker:
    tell_participants: TellParticipants
    spread_news: SpreadNews
    send_digests: SendDigests
    deliver_letters: DeliverLetters
    tick_messages: TickMessages
    mark_orphans: MarkOrphans
    seal_audit: SealAudit
    sweep_uploads: SweepUploads
    housekeeping: Housekeeping
    clock: Clock
    surveys: tuple[Job, ...] = ()
    """What is done for surveys and groups, in the order in which one follows from another."""
    last_rounds: dict[str, datetime] = field(factory=dict, init=False)
    """When each job last finished a round without trouble; from its start on, when it began to work."""
    is_over: bool = field(default=False, init=False)
    """It worked and does not any more: nothing is told, sent, ticked or sealed."""
    _stopping: asyncio.Event = field(factory=asyncio.Event, init=False)

    def jobs(self) -> tuple[Job, ...]:
        return (
            Job("tell", self._tell, 0.5),
            Job("spread", self.spread_news, 0.5),
            Job("digests", self.send_digests, 60.0),
            Job("deliver", self.deliver_letters, 1.0),
            Job("claims", self.deliver_letters.give_up_claims, 60.0),
            Job("tick", self.tick_messages, 5.0),
            Job("orphans", self._orphans, 60.0),
            Job("seal", self.seal_audit, 5.0),
            Job("sweep", self.sweep_uploads, 600.0),
            Job("housekeeping", self.housekeeping, 3600.0),
            *self.surveys,
        )

    async def _tell(self) -> int:
        told = await self.tell_participants()
        for why in told.unwritten:
            log.error("letter not written", why=why)
        if told.failed:
            raise ExceptionGroup("events that could not be told", told.failed)
        return told.events

    async def _orphans(self) -> int:
        await self.mark_orphans()
        return 0

    async def run(self) -> None:
        """Until `stop`: every job finishes the round it is in."""
        began = self.clock.now()
        self.last_rounds |= {job.name: began for job in self.jobs()}
        try:
            async with asyncio.TaskGroup() as group:
                for job in self.jobs():
                    group.create_task(self._repeat(job), name=f"worker-{job.name}")
        finally:
            self.is_over = True

    def stop(self) -> None:
        self._stopping.set()

    def late(self) -> tuple[str, ...]:
        """Names of the jobs that have not finished a round for too long."""
        now = self.clock.now()
        return tuple(
            job.name
            for job in self.jobs()
            if job.name in self.last_rounds
            and now - self.last_rounds[job.name] > timedelta(seconds=job.pause) + LATE_AFTER
        )

    async def _repeat(self, job: Job) -> None:
        while not self._stopping.is_set():
            done = await self._round(job)
            if not done:
                await self._rest(job.pause)

    async def _round(self, job: Job) -> int:
        """Whatever goes wrong is tried again after the pause: no job ever stops the others."""
        try:
            done = await job.run()
        except Exception as error:
            log.error("job failed", job=job.name, error=type(error).__name__, exc_info=True)
            return 0
        self.last_rounds[job.name] = self.clock.now()
        return done

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


async def drain(worker: Worker, rounds: int = 10_000) -> None:
    """Run the jobs of mail and time until nothing is left to do, for demos and tests: trouble is raised."""
    for _ in range(rounds):
        told = await worker.tell_participants()
        if told.failed:
            raise ExceptionGroup("events that could not be told", told.failed)
        spread = await worker.spread_news()
        sent = await worker.deliver_letters()
        ticked = await worker.tick_messages()
        of_surveys = sum([await job.run() for job in worker.surveys])
        if not (told.events or spread or sent or ticked or of_surveys):
            return
