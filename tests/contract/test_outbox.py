"""The contract of the outbox: nothing lost, nothing handled twice, whatever fails between."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from niktokromenas.domain.participants.people import Participant
from niktokromenas.ports.outbox import StoredEvent
from tests.contract.building import a_message, accepted, arrived
from tests.contract.stores import Stores, opened
from tests.contract.test_messages import stored


class HandlerFailed(Exception):
    """Some consumer of events broke down in the middle of its unit."""


class OutboxLife(RuleBasedStateMachine):
    """Keeps its own list of what was published and what was handled."""

    store = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.context = opened(self.store, Path(self.folder.name))
        self.stores: Stores = self.run(self.context.__aenter__())
        self.person: Participant = self.run(arrived(self.stores))
        self.published: list[tuple[str, str]] = []
        self.handled: list[tuple[str, str]] = []

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @rule()
    def something_happens(self) -> None:
        number = f"26-{len(self.published):06d}"
        self.run(stored(self.stores, accepted(a_message(self.person, number))))
        self.published += [(number, "submit"), (number, "accept")]

    @rule()
    def events_are_handled(self) -> None:
        self.handled += self.run(self._take())

    @rule()
    def a_handler_breaks_down(self) -> None:
        with pytest.raises(HandlerFailed):
            self.run(self._take(fails=True))

    async def _take(self, *, fails: bool = False) -> list[tuple[str, str]]:
        async with self.stores.transactions() as tx:
            events = await tx.outbox.take(3)
            if fails:
                raise HandlerFailed
        return [(str(e.facts["number"]), str(e.facts["act"])) for e in events]

    async def _waiting(self) -> int:
        async with self.stores.transactions() as tx:
            return int(await tx.outbox.waiting())

    @invariant()
    def nothing_is_lost_and_nothing_handled_twice(self) -> None:
        assert self.handled == self.published[: len(self.handled)]
        assert self.run(self._waiting()) == len(self.published) - len(self.handled)

    def teardown(self) -> None:
        self.run(self.context.__aexit__(None, None, None))
        self.loop.close()
        self.folder.cleanup()


@pytest.mark.clause("2.2-intake")
@pytest.mark.parametrize(("store", "examples"), [("memory", 40), ("sqlite", 10), ("postgresql", 6)])
def test_the_outbox_loses_nothing_and_tells_nothing_twice(store: str, examples: int) -> None:
    machine: Callable[[], OutboxLife] = type("Life", (OutboxLife,), {"store": store})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine, settings=settings(max_examples=examples, stateful_step_count=12, deadline=None)
    )


async def check_events_are_taken_once(stores: Stores) -> None:
    person = await arrived(stores)
    for number in range(4):
        await stored(stores, a_message(person, f"26-00000{number}"))

    async def take() -> list[str]:
        async with stores.transactions() as tx:
            return [str(e.facts["number"]) for e in await tx.outbox.take(2)]

    taken = [number for numbers in await asyncio.gather(take(), take(), take()) for number in numbers]
    assert len(taken) == len(set(taken)), "an event was handled twice"


async def test_takers_at_once_never_get_the_same_event(stores: Stores) -> None:
    await check_events_are_taken_once(stores)


async def looked_at(stores: Stores) -> tuple[StoredEvent, ...]:
    """The events that wait, by a unit that fails."""
    events: tuple[StoredEvent, ...] = ()
    with suppress(HandlerFailed):
        async with stores.transactions() as tx:
            events = await tx.outbox.take(100)
            raise HandlerFailed
    return events


async def test_events_passed_by_stay_and_come_in_their_turn(stores: Stores) -> None:
    person = await arrived(stores)
    for number in range(3):
        await stored(stores, a_message(person, f"26-00000{number}"))
    first, second, third = await looked_at(stores)
    async with stores.transactions() as tx:
        assert await tx.outbox.take(5, {first.id, third.id}) == (second,)
    async with stores.transactions() as tx:
        assert await tx.outbox.take(5) == (first, third)
