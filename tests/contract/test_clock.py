"""The contracts of `Clock` and `NewId`."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import pytest

from niktokromenas.adapters.system import SystemClock, new_id
from niktokromenas.ports.clock import Clock, NewId
from tests.contract.stores import SettableClock


def check_now_is_an_instant_in_utc(clock: Clock) -> None:
    first, then = clock.now(), clock.now()
    assert first.tzinfo is UTC, "the present has no offset, or another one"
    assert then >= first, "the clock went back"


@pytest.mark.parametrize("clock", [SystemClock, SettableClock], ids=lambda make: make.__name__)
def test_now_is_an_instant_in_utc(clock: Callable[[], Clock]) -> None:
    check_now_is_an_instant_in_utc(clock())


def test_a_clock_of_a_test_goes_where_it_is_put() -> None:
    clock = SettableClock()
    before = clock.now()
    clock.forward(minutes=10)
    assert clock.now() - before == timedelta(minutes=10)


def check_later_ids_sort_after_earlier_ones(make: NewId) -> None:
    made = [make() for _ in range(5000)]
    assert len(set(made)) == len(made), "an identifier was given twice"
    assert made == sorted(made), "a later identifier sorts before an earlier one"
    assert {i.version for i in made} == {7}, "another kind of identifier"


def test_later_ids_sort_after_earlier_ones() -> None:
    check_later_ids_sort_after_earlier_ones(new_id)


def test_ids_made_in_several_threads_never_meet() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = [i for some in threads.map(lambda _: [new_id() for _ in range(2000)], range(4)) for i in some]
    assert len(set(made)) == 8000
