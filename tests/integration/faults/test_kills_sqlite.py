"""`kill -9` under load over SQLite, where the worker runs inside `serve`."""

import os
from pathlib import Path

import pytest

from tests.integration.faults.world import a_world

ROUNDS = max(1, int(os.environ.get("KILLS", "200")) * 35 // 100)
COMMANDS = 3


@pytest.mark.timeout(300 + 10 * ROUNDS)
async def test_no_kill_at_a_random_moment_loses_halves_or_repeats_anything(tmp_path: Path) -> None:
    async with a_world("sqlite", tmp_path) as world:
        await world.killed_again_and_again(ROUNDS)
        await world.at_rest()
        print(world.told())
    assert world.kills["serve"] > ROUNDS
    assert len(world.ledger.versions) > ROUNDS
    assert world.delivered()


@pytest.mark.timeout(300)
async def test_serve_as_people_start_it_survives_being_killed(tmp_path: Path) -> None:
    async with a_world("sqlite", tmp_path) as world:
        for _ in range(COMMANDS):
            await world.commands_killed()
        await world.at_rest()
        print(world.told())
    assert world.kills["serve"] > COMMANDS
