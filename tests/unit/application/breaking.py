"""Stores in which one thing is broken, as a bug or a damaged row would break it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from attrs import define, field

from niktokromenas.adapters.memory.outbox import publish
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.message import MessageActed
from tests.unit.application.life import Life


class Broken(Exception):
    """What nobody foresaw."""


@define(eq=False)
class BreakingTransactions:
    """As `inner`, but reading one of the messages `bad` breaks down."""

    inner: Callable[[], Any]
    bad: set[MessageId] = field(factory=set)
    met: int = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Any]:
        async with self.inner() as tx:
            tx.messages = _Messages(tx.messages, self)
            yield tx


@define(eq=False)
class _Messages:
    inner: Any
    breaking: BreakingTransactions

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def by_id(self, message_id: MessageId) -> Any:
        if message_id in self.breaking.bad:
            self.breaking.met += 1
            raise Broken
        return await self.inner.by_id(message_id)


async def publish_nonsense(life: Life) -> MessageId:
    """An event of a message that is not there."""
    nobody = MessageId(new_id())
    event = MessageActed(
        at=life.clock.at,
        subject_id=nobody,
        number="26-999999",
        act="submit",
        by_role="user",
        by_participant=None,
    )
    async with life.platform.transactions()():
        publish(life.store, [event], new_id)
    return nobody
