"""Who shares a unit of work with whom, where many ask at once."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.application.surveys.together import FEWEST_TOGETHER, MOST_TOGETHER, Together
from niktokromenas.domain.errors import DomainError


async def _shared(asked: int, at_once: int) -> list[list[int]]:
    """What each unit was given, in order of beginning, where all ask before any unit can end."""
    units: list[list[int]] = []

    async def work(_: str, some: Sequence[int]) -> Sequence[int | DomainError]:
        units.append(list(some))
        await asyncio.sleep(0)
        return list(some)

    together = Together[str, int, int](work, at_once)
    assert await asyncio.gather(*(together("S", one) for one in range(asked))) == list(range(asked))
    return units


def _sizes(asked: int, at_once: int) -> list[int]:
    units = asyncio.run(_shared(asked, at_once))
    assert [one for unit in units for one in unit] == list(range(asked)), "each is in one unit, in turn"
    return [len(unit) for unit in units]


def test_two_units_divide_what_waits_so_that_one_is_worked_on_while_the_other_commits() -> None:
    assert _sizes(32, 2) == [16, 16]
    assert _sizes(61, 2) == [31, 30]


def test_where_units_never_run_at_once_all_share_the_next() -> None:
    assert _sizes(100, 1) == [100]


def test_few_stay_together() -> None:
    """Who reads a database while a vote runs can tell units apart: the fewer in one, the more that tells."""
    assert _sizes(2 * FEWEST_TOGETHER - 1, 2) == [2 * FEWEST_TOGETHER - 1]
    assert _sizes(2 * FEWEST_TOGETHER, 2) == [FEWEST_TOGETHER, FEWEST_TOGETHER]


@given(asked=st.integers(1, 3 * MOST_TOGETHER), at_once=st.integers(1, 4))
def test_a_unit_is_never_too_large_and_too_small_only_where_few_are_left(asked: int, at_once: int) -> None:
    sizes = _sizes(asked, at_once)
    assert max(sizes) <= MOST_TOGETHER
    assert all(size >= FEWEST_TOGETHER for size in sizes[:-1])
