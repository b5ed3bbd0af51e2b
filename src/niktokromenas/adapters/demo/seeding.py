"""Filling a fresh demo once; a demo that has people already is left as it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dependency_injector import providers

from niktokromenas.adapters.container import Container
from niktokromenas.adapters.demo.people import DEMO_ROLES
from niktokromenas.adapters.demo.story import MovingClock, Story
from niktokromenas.adapters.http.pages.pages import DemoRole
from niktokromenas.adapters.platform import make_worker, opened_storage
from niktokromenas.adapters.settings import Settings
from niktokromenas.domain.participants.roles import Role

MESSAGES = 300
DAYS = 365


def demo_roles() -> tuple[DemoRole, ...]:
    return tuple(DemoRole(str(player.name), role, what) for player, role, what in DEMO_ROLES)


async def is_seeded(container: Container) -> bool:
    async with container.transactions()() as tx:
        return await tx.grants.hold_role(Role.OPERATOR, container.clock().now())


async def seed(settings: Settings, told: Callable[[int, int], None], messages: int = MESSAGES) -> bool:
    """A year of messages up to now; `told` hears (done, total). `False` where there was a demo already."""
    now = datetime.now(UTC)
    clock = MovingClock(now - timedelta(days=DAYS))
    async with opened_storage(settings, clock=providers.Object(clock)) as container:
        if await is_seeded(container):
            return False
        story = Story(container, clock, make_worker(container), until=now, total=messages)
        async for progress in story.run():
            told(progress.done, progress.total)
    return True
