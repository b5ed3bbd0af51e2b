"""The running worker against a mail server that is down, slow or lies: nothing twice, nothing forgotten."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from attrs import define, evolve, field
from dependency_injector import providers
from sqlalchemy import func, select

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Cast, a_cast
from niktokromenas.adapters.container import Container
from niktokromenas.adapters.platform import make_worker, opened_storage
from niktokromenas.adapters.sql.notices import outgoing_of
from niktokromenas.adapters.sql.tables import audit, letters, outbox
from niktokromenas.adapters.worker.worker import Job, Worker
from niktokromenas.application.messages.submitting import SubmitMessage
from niktokromenas.domain.notices import LEASE, PAUSES, Delivery, LetterState
from niktokromenas.ports.notices import Outgoing
from tests import databases
from tests.contract.building import a_draft
from tests.contract.stores import SettableClock, migrated
from tests.integration.http.live import free_port, settings_for
from tests.integration.smtp.support import ABORT, STALL, Server, a_sender, serving

A_SECOND = timedelta(seconds=1)
SOON = 100.0
"""Seconds within which the worker does what it does at once: only a broken one takes them."""
pytestmark = [pytest.mark.clause("3.8"), pytest.mark.timeout(300)]


class Brisk(Worker):
    """The same jobs with pauses too short to wait for."""

    def jobs(self) -> tuple[Job, ...]:
        return tuple(evolve(job, pause=0.02) for job in super().jobs())


@define(eq=False)
class Counted:
    """The delivery of letters; `rounds` were ended."""

    inner: Any
    rounds: int = 0

    async def __call__(self) -> int:
        try:
            return int(await self.inner())
        finally:
            self.rounds += 1

    async def give_up_claims(self) -> int:
        return int(await self.inner.give_up_claims())


@define(eq=False)
class Post:
    """A platform whose worker runs, beside a mail server whose port is known before it is there."""

    container: Container
    people: Cast
    clock: SettableClock
    server: Server
    deliver: Counted
    _worker: Worker = field(init=False)
    _running: Any = field(default=None, init=False)

    async def work(self) -> None:
        """Begin with a new worker; the one before must have ended."""
        plain = make_worker(self.container)
        parts = {a: getattr(plain, a) for a in Worker.__match_args__}
        self._worker = Brisk(**{**parts, "deliver_letters": self.deliver})
        self._running = asyncio.create_task(self._worker.run())

    async def rest(self) -> None:
        if self._running is not None:
            self._worker.stop()
            await self._running

    async def submit(self, oid: str = cast.CITIZEN.oid) -> None:
        actor = await self.people.actor(oid)
        draft = a_draft(begins_at=self.clock.at - timedelta(hours=1))
        await self.container.submit_message()(SubmitMessage(actor=actor, draft=draft))

    async def outgoing(self) -> list[Outgoing]:
        async with self.container.units().reading() as connection:
            return [outgoing_of(row) for row in (await connection.execute(select(letters))).all()]

    async def deliveries(self) -> list[Delivery]:
        return [outgoing.delivery for outgoing in await self.outgoing()]

    async def count(self, query: Any) -> int:
        async with self.container.units().reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def told(self) -> None:
        """Until every event has become letters."""
        await self.until(lambda: self.count(select(func.count()).select_from(outbox)), lambda n: n == 0)

    async def all_are(self, state: LetterState, attempts: int = 1) -> list[Delivery]:
        """Until all letters are so, and there are some."""
        found: list[Delivery] = await self.until(
            self.deliveries,
            lambda ds: bool(ds) and all((d.state, d.attempts) == (state, attempts) for d in ds),
        )
        return found

    async def until(self, ask: Callable[[], Any], is_so: Callable[[Any], bool]) -> Any:
        found = None
        try:
            async with asyncio.timeout(SOON):
                while not is_so(found := await ask()):
                    assert not self._running.done(), "the worker has ended"
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pytest.fail(f"it has not come: {found}")
        return found

    async def idle_rounds(self) -> None:
        """Deliveries that began and ended after now: time enough to do what must not be done."""
        seen = self.deliver.rounds
        async with asyncio.timeout(SOON):
            while self.deliver.rounds < seen + 3:  # noqa: ASYNC110 - the worker tells nobody
                await asyncio.sleep(0.01)

    async def goes_on(self) -> None:
        """Whatever letters suffer: what happens is told in feeds and sealed."""
        anna = await self.people.actor(cast.CITIZEN.oid)
        before = len(await self.container.feed().page(anna, None, 100))
        await self.submit()
        await self.until(
            lambda: self.container.feed().page(anna, None, 100), lambda page: len(page) == before + 1
        )
        unsealed = select(func.count()).where(audit.c.seal.is_(None))
        await self.until(lambda: self.count(unsealed), lambda n: n == 0)

    async def once_each(self) -> None:
        """By Message-ID: what the server took agrees with what is written down."""
        taken = Counter(str(message["Message-ID"]) for message in self.server.messages)
        assert set(taken.values()) <= {1}, "a letter came twice"
        for outgoing in await self.outgoing():
            times, state = taken.pop(outgoing.letter.message_id, 0), outgoing.delivery.state
            if state is LetterState.SENT:
                assert times == 1, "a letter that is called sent never came"
            elif state is not LetterState.UNKNOWN:
                assert times == 0, f"a letter that came is {state}"
        assert not taken, "a letter came that nobody wrote down"


@asynccontextmanager
async def posted(folder: Path, server: Server | None = None, **timeouts: float) -> AsyncIterator[Post]:
    """Nothing waits to be told, and the worker has not begun."""
    server = server or Server()
    server.port = server.port or free_port()
    clock = SettableClock()
    settings = settings_for(folder / "data", await databases.sqlite_url(folder, migrated, "migrated"))
    sender = providers.Object(a_sender(server.port, **{"timeout": 0.3, "final_timeout": 0.3, **timeouts}))
    async with opened_storage(settings, clock=providers.Object(clock), mail_sender=sender) as container:
        people = await a_cast(container)
        async with container.transactions()() as tx:
            while await tx.outbox.take(100):
                pass
        post = Post(container, people, clock, server, Counted(container.deliver_letters()))
        with structlog.testing.capture_logs():
            try:
                yield post
            finally:
                await post.rest()


BEFORE_THE_END: list[tuple[str, str]] = [
    ("EHLO", ABORT),
    ("MAIL", "451 later"),
    ("DATA", STALL),
    ("DATA", ABORT),
    ("dot", "451 later"),
]


async def _tried_again_in_time(post: Post) -> int:
    """The worker tries at once and again after each of two pauses, never before. How many letters wait."""
    await post.submit()
    await post.work()
    await post.told()
    for attempt, pause in enumerate(PAUSES[:2], start=1):
        found = await post.all_are(LetterState.PENDING, attempt)
        assert {d.next_at for d in found} == {post.clock.at + pause}
        assert all(d.last_error for d in found)
        post.clock.at += pause - A_SECOND
        await post.idle_rounds()
        await post.all_are(LetterState.PENDING, attempt)
        post.clock.at += A_SECOND
    await post.all_are(LetterState.PENDING, 3)
    assert not post.server.taken
    return len(found)


def _waits_again(delivery: Delivery) -> bool:
    return delivery.state is LetterState.PENDING and delivery.attempts > 0


async def _delivered_once(post: Post) -> None:
    """What waits leaves when its time has come, and nothing ever leaves again."""
    post.clock.at += PAUSES[2]
    await post.until(post.deliveries, lambda ds: all(d.state is LetterState.SENT for d in ds))
    post.clock.at += timedelta(days=30)
    await post.idle_rounds()
    await post.once_each()


@pytest.mark.parametrize(("command", "answer"), BEFORE_THE_END)
async def test_what_was_surely_not_taken_is_tried_again_after_pauses_and_comes_once(
    tmp_path: Path, command: str, answer: str
) -> None:
    async with posted(tmp_path) as post, serving(server=post.server) as server:
        server.answers[command] = answer
        many = await _tried_again_in_time(post)
        server.answers.clear()
        await _delivered_once(post)
        assert len(server.taken) == many


async def test_a_server_that_is_not_there_is_tried_again_and_the_worker_goes_on_meanwhile(
    tmp_path: Path,
) -> None:
    async with posted(tmp_path) as post:
        many = await _tried_again_in_time(post)
        await post.goes_on()
        await post.until(post.deliveries, lambda ds: len(ds) == 2 * many and all(map(_waits_again, ds)))
        async with serving(server=post.server) as server:
            await _delivered_once(post)
            assert len(server.taken) == 2 * many


async def test_a_letter_nobody_takes_is_dead_after_the_last_pause_and_stays_so(tmp_path: Path) -> None:
    async with posted(tmp_path) as post, serving(server=post.server) as server:
        server.answers["RCPT"] = "450 <anna@example.org> busy"
        await post.submit()
        await post.work()
        await post.told()
        for attempt, pause in enumerate(PAUSES, start=1):
            found = await post.all_are(LetterState.PENDING, attempt)
            assert {d.next_at for d in found} == {post.clock.at + pause}
            post.clock.at += pause
        dead = await post.all_are(LetterState.DEAD, len(PAUSES) + 1)
        assert not any("anna" in str(d.last_error) for d in dead)
        server.answers.clear()
        post.clock.at += timedelta(days=365)
        await post.idle_rounds()
        assert await post.all_are(LetterState.DEAD, len(PAUSES) + 1)
        assert not server.taken
        troubled = await post.container.letter_register().troubled(100)
        assert {o.delivery.letter_id for o in troubled} == {d.letter_id for d in dead}


@pytest.mark.parametrize("command", ["RCPT", "dot"])
async def test_a_refusal_for_good_is_not_argued_with(tmp_path: Path, command: str) -> None:
    async with posted(tmp_path) as post, serving(server=post.server) as server:
        server.answers[command] = "550 never"
        await post.submit()
        await post.work()
        await post.told()
        await post.all_are(LetterState.DEAD)
        heard = len(server.commands)
        server.answers.clear()
        post.clock.at += timedelta(days=30)
        await post.idle_rounds()
        assert (len(server.commands), server.taken) == (heard, [])


@pytest.mark.parametrize("answer", [ABORT, STALL, "gibberish"])
async def test_without_a_reply_to_its_end_a_letter_is_unknown_and_never_sent_again(
    tmp_path: Path, answer: str
) -> None:
    async with posted(tmp_path) as post, serving(server=post.server) as server:
        server.answers["dot"] = answer
        await post.submit()
        await post.work()
        await post.told()
        unknown = await post.all_are(LetterState.UNKNOWN)
        server.answers.clear()
        for _ in range(2):
            post.clock.at += max(LEASE, *PAUSES) + A_SECOND
            await post.idle_rounds()
            await post.rest()
            await post.work()
        await post.goes_on()
        await post.until(post.deliveries, lambda ds: sum(d.state is LetterState.SENT for d in ds) > 0)
        await post.once_each()
        now = {d.letter_id: d.state for d in await post.deliveries()}
        assert {now[d.letter_id] for d in unknown} == {LetterState.UNKNOWN}
        troubled = await post.container.letter_register().troubled(100)
        assert {o.delivery.letter_id for o in troubled} == {d.letter_id for d in unknown}


async def test_a_server_that_hangs_up_after_it_took_a_letter_has_taken_it(tmp_path: Path) -> None:
    async with posted(tmp_path) as post, serving(server=post.server) as server:
        server.leaves = True
        await post.submit()
        await post.work()
        await post.told()
        sent = await post.all_are(LetterState.SENT)
        post.clock.at += timedelta(days=30)
        await post.idle_rounds()
        await post.once_each()
        assert len(server.taken) == len(sent)


@pytest.mark.parametrize(("answer", "state"), [("550 no", LetterState.DEAD), ("450", LetterState.PENDING)])
async def test_one_refused_mailbox_keeps_no_other_letter_back(
    tmp_path: Path, answer: str, state: LetterState
) -> None:
    async with posted(tmp_path) as post, serving(server=post.server) as server:
        server.answers[f"RCPT {cast.CITIZEN.email}"] = answer
        for _ in range(4):
            await post.submit()
        await post.submit(cast.OTHER_CITIZEN.oid)
        await post.work()
        await post.told()

        async def states() -> Counter[tuple[bool, LetterState]]:
            there = await post.outgoing()
            return Counter((o.letter.to == cast.CITIZEN.email, o.delivery.state) for o in there)

        found = await post.until(states, lambda s: set(s) == {(True, state), (False, LetterState.SENT)})
        assert found[True, state] == 4
        await post.once_each()


async def test_while_the_server_thinks_everything_else_goes_on(tmp_path: Path) -> None:
    async with posted(tmp_path, timeout=60.0, final_timeout=60.0) as post:
        async with serving(server=post.server) as server:
            server.answers["dot"] = STALL
            await post.submit()
            await post.work()
            await post.until(post.deliveries, lambda ds: LetterState.CLAIMED in {d.state for d in ds})
            await post.goes_on()
            states = Counter(d.state for d in await post.deliveries())
            assert states[LetterState.CLAIMED] > 0
            assert set(states) <= {LetterState.CLAIMED, LetterState.PENDING}
            await post.until(lambda: _at_once(server.taken), lambda taken: len(taken) > 0)
        found = await post.until(post.deliveries, lambda ds: LetterState.CLAIMED not in {d.state for d in ds})
        assert LetterState.UNKNOWN in {d.state for d in found}
        await post.once_each()


async def _at_once(found: Any) -> Any:
    return found


@define
class Whimsical(Server):
    """Answers each command as chance has it."""

    chance: random.Random = field(factory=random.Random)

    def answer_to(self, command: str) -> str | None:
        whims = {
            "EHLO": [ABORT, "421 busy"],
            "MAIL": [ABORT, "451 later"],
            "RCPT": ["450 later", "550 no"],
            "DATA": [ABORT, "452 no room", "554 no"],
            "dot": [ABORT, STALL, "gibberish", "451 later", "550 no"],
        }
        return self.chance.choice([*whims.get(command, []), *[None] * 5])


async def test_whatever_a_server_does_every_letter_ends_and_none_comes_twice(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    whimsical = Whimsical(chance=random.Random(seed))
    async with posted(tmp_path, whimsical) as post, serving(server=whimsical):
        for _ in range(12):
            await post.submit()
        await post.work()
        await post.told()
        for pause in PAUSES:
            await post.idle_rounds()
            post.clock.at += pause
            pending = await post.until(
                post.deliveries,
                lambda ds: (
                    not any(
                        d.state is LetterState.CLAIMED
                        or (d.state is LetterState.PENDING and (d.next_at or post.clock.at) <= post.clock.at)
                        for d in ds
                    )
                ),
            )
            await post.once_each()
        post.clock.at += timedelta(days=30)
        ended = {LetterState.SENT, LetterState.UNKNOWN, LetterState.DEAD}
        await post.until(post.deliveries, lambda ds: all(d.state in ended for d in ds))
        await post.once_each()
        states = Counter(d.state for d in await post.deliveries())
    assert len(pending) == states.total()
    assert states[LetterState.SENT] > 0
