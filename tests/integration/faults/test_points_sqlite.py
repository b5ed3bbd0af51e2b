"""Death at each named point of a write path, over SQLite, in one world."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.faults.points import POINTS, Point
from tests.integration.faults.world import World, a_world

HERE = list(POINTS)
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("killed")
    async with a_world("sqlite", folder) as world:
        yield world


@pytest.mark.parametrize("point", HERE, ids=lambda point: point.name)
async def test_a_process_that_dies_there_leaves_nothing_half_done(world: World, point: Point) -> None:
    await world.killed_at(point)
    assert world.points[point.name] == 1


async def test_after_all_of_them_everything_acknowledged_is_there(world: World) -> None:
    await world.at_rest()
    print(world.told())
    assert {point.name for point in HERE} <= set(world.points)
    assert world.delivered()
