"""Those who ask while a unit of work runs share the next one: a flood of one kind costs few commits."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from niktokromenas.domain.errors import DomainError, Unavailable

Key = TypeVar("Key", bound=Hashable)
Asked = TypeVar("Asked")
Told = TypeVar("Told")

MOST_TOGETHER = 128
FEWEST_TOGETHER = 16
"""They are divided among units only where each gets so many."""
UNITS_AT_ONCE = 2
"""Of one key: while one waits for its COMMIT, the next is worked on. Where units never run at once, one."""


class _Line(Generic[Asked, Told]):
    def __init__(self) -> None:
        self.waiting: list[tuple[Asked, asyncio.Future[Told]]] = []
        self.running = 0
        self.at_work = 0

    def share(self, at_once: int) -> "list[tuple[Asked, asyncio.Future[Told]]]":
        """Of those who wait, what the next unit takes: as much is left to every other that could begin."""
        units = max(1, min(at_once - self.at_work, len(self.waiting) // FEWEST_TOGETHER))
        size = min(-(-len(self.waiting) // units), MOST_TOGETHER)
        some, self.waiting = self.waiting[:size], self.waiting[size:]
        return some


class Together(Generic[Key, Asked, Told]):
    """`work` does for several of one key what each asked for, and tells each its own result or refusal.

    Where it raises instead, nothing of it was done, and each is done alone: what one brought harms nobody
    else; `Unavailable` is told to all. An answer comes after `work` has returned.
    """

    def __init__(
        self,
        work: Callable[[Key, Sequence[Asked]], Awaitable[Sequence[Told | DomainError]]],
        at_once: int = UNITS_AT_ONCE,
    ) -> None:
        self._work, self._at_once = work, at_once
        self._lines: dict[Key, _Line[Asked, Told]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, key: Key, asked: Asked) -> Told:
        """Raises what `work` tells or raises. Whoever leaves before the answer has asked all the same."""
        told: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = _Line[Asked, Told]()
        line.waiting.append((asked, told))
        if line.running < self._at_once:
            line.running += 1
            task = asyncio.get_running_loop().create_task(self._run(key, line), context=Context())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await told

    async def _run(self, key: Key, line: "_Line[Asked, Told]") -> None:
        """Until nobody waits."""
        try:
            while line.waiting:
                some = line.share(self._at_once)
                line.at_work += 1
                try:
                    await self._do(key, some)
                finally:
                    line.at_work -= 1
        finally:
            line.running -= 1
            if not line.running and not line.waiting:
                self._lines.pop(key, None)

    async def _do(self, key: Key, some: "Sequence[tuple[Asked, asyncio.Future[Told]]]") -> None:
        try:
            results = await self._work(key, [asked for asked, _ in some])
        except asyncio.CancelledError:
            for _, told in some:
                told.cancel()
            raise
        except Unavailable as error:
            for _, told in some:
                _tell(told, type(error)(error.detail, members=error.members))
            return
        except Exception as error:
            if len(some) == 1:
                _tell(some[0][1], error)
                return
            for one in some:
                await self._do(key, [one])
            return
        for (_, told), result in zip(some, results, strict=True):
            _tell(told, result)


def _tell(told: "asyncio.Future[Told]", result: "Told | Exception") -> None:
    if told.done():  # whoever asked has left
        return
    if isinstance(result, Exception):
        told.set_exception(result)
    else:
        told.set_result(result)
