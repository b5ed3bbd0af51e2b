"""Waiting for a thread's work, which cannot be abandoned half-way as a coroutine can."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_AGAIN_SECONDS = 0.02


async def finished(work: "asyncio.Future[T]", stop: Callable[[], None] | None = None) -> T:
    """The result of `work`. Cancelled meanwhile, it still returns only when `work` is done, then raises.

    `stop` is called again and again after a cancellation, to make `work` end sooner.
    """
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work], timeout=_AGAIN_SECONDS if cancelled and stop else None)
        except asyncio.CancelledError as error:
            cancelled = error
        if cancelled and stop and not work.done():
            stop()
    if cancelled:
        work.exception()  # seen: a cancelled caller has no use for it
        raise cancelled
    return work.result()
