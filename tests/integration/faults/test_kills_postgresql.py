"""`kill -9` of `serve` and `worker` together, under load over PostgreSQL."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.faults.world import World, a_world

ROUNDS = max(1, int(os.environ.get("KILLS", "200")) * 15 // 100)
"""Of two kills each."""
COMMANDS = 1
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300 + 20 * ROUNDS)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("killed")
    async with a_world("postgresql", folder) as world:
        yield world


async def test_no_kill_at_a_random_moment_loses_halves_or_repeats_anything(world: World) -> None:
    await world.killed_again_and_again(ROUNDS)
    assert min(world.kills["serve"], world.kills["worker"]) >= ROUNDS
    assert len(world.ledger.versions) >= ROUNDS
    assert min(world.ledger.acts, world.ledger.replays) > 0, "the load met no kill in the midst of its work"


async def test_serve_and_worker_as_people_start_them_survive_being_killed(world: World) -> None:
    for _ in range(COMMANDS):
        await world.commands_killed()
    assert world.command_kills == COMMANDS * 2


async def test_after_all_of_them_everything_acknowledged_is_there(world: World) -> None:
    found = await world.at_rest()
    print(world.told())
    assert found.attachments > 0
    assert world.delivered()
