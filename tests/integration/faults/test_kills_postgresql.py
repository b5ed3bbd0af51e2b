"""`kill -9` of `serve` and `worker` together, under load over PostgreSQL."""

import os
from pathlib import Path

import pytest

from tests.integration.faults.world import a_world

ROUNDS = max(1, int(os.environ.get("KILLS", "200")) * 17 // 100)
"""Of two kills each."""
COMMANDS = 2


@pytest.mark.timeout(300 + 20 * ROUNDS)
async def test_no_kill_at_a_random_moment_loses_halves_or_repeats_anything(tmp_path: Path) -> None:
    async with a_world("postgresql", tmp_path) as world:
        await world.killed_again_and_again(ROUNDS)
        await world.at_rest()
        print(world.told())
    assert min(world.kills["serve"], world.kills["worker"]) > ROUNDS
    assert len(world.ledger.versions) > ROUNDS
    assert world.delivered()


@pytest.mark.timeout(300)
async def test_serve_and_worker_as_people_start_them_survive_being_killed(tmp_path: Path) -> None:
    async with a_world("postgresql", tmp_path) as world:
        for _ in range(COMMANDS):
            await world.commands_killed()
        await world.at_rest()
        print(world.told())
    assert min(world.kills["serve"], world.kills["worker"]) > COMMANDS
