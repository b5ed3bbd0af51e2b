"""Filling a demo once; one that is complete is left as it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.container import Container
from niktokromenas.adapters.demo.people import DEMO_ROLES
from niktokromenas.adapters.demo.story import MovingClock, Story
from niktokromenas.adapters.demo.surveys import SurveyStory
from niktokromenas.adapters.http.pages.pages import DemoRole
from niktokromenas.adapters.platform import make_worker, opened_storage
from niktokromenas.adapters.settings import Settings
from niktokromenas.domain.participants.identity import Subject

MESSAGES = 300
DAYS = 365
CITIZENS = (cast.CITIZEN.oid, cast.OTHER_CITIZEN.oid)


def demo_roles() -> tuple[DemoRole, ...]:
    return tuple(DemoRole(str(player.name), role, what) for player, role, what in DEMO_ROLES)


def _mark(settings: Settings) -> Path:
    """Written when the year is told to its end: without it a demo that was stopped meanwhile goes on."""
    return settings.data / "demo-is-complete"


async def _last_moment(container: Container) -> datetime | None:
    """How far an earlier start came: when the newest message was sent. `None` on a fresh platform."""
    newest: list[datetime] = []
    for oid in CITIZENS:
        async with container.transactions()() as tx:
            person = await tx.participants.by_subject(Subject(container.issuer(), oid))
        if person is not None:
            sent = await container.journal().own(person.id, None, None, 1)
            newest += [fact.at for fact in person.facts] + [item.submitted_at for item in sent.items]
    return max(newest, default=None)


async def seed(settings: Settings, told: Callable[[int, int], None], messages: int = MESSAGES) -> bool:
    """A year of messages up to now; `told` hears (done, total). `False` where it is all there already.

    A start that was stopped meanwhile is gone on with, from its newest message.
    """
    if _mark(settings).exists():
        return False
    now = datetime.now(UTC)
    clock = MovingClock(now - timedelta(days=DAYS))
    async with opened_storage(settings, clock=providers.Object(clock)) as container:
        begun = await _last_moment(container)
        clock.at = begun or clock.at
        left = round(messages * ((now - clock.at) / timedelta(days=DAYS)))
        story = Story(
            container, clock, make_worker(container), until=now, total=left, is_staffed=begun is not None
        )
        async for progress in story.run():
            told(messages - left + progress.done, messages)
        surveys = SurveyStory(container, clock, make_worker(container), until=now)
        async for progress in surveys.run():
            told(progress.done, progress.total)
    _mark(settings).touch()
    return True
