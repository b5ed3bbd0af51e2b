"""Is the process alive, and can it do its work? Balancers and operators ask (never people)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Any

from aiohttp import web
from attrs import frozen

from niktokromenas.adapters.http import wire
from niktokromenas.domain.errors import Unavailable


@frozen(kw_only=True)
class Probe:
    """`check` returns None, or a warning: it works, but somebody should look (a calendar that ends soon).

    It raises `Unavailable`, `OSError` or `TimeoutError` where the part does not work. `seconds` bounds it.
    """

    name: str
    check: Callable[[], Awaitable[str | None]]
    seconds: float = 2.0


async def live(_: web.Request) -> web.Response:
    """Answers as long as the event loop turns."""
    return web.Response(body=b'{"status":"ok"}', content_type="application/json")


@frozen
class Readiness:
    probes: Sequence[Probe]

    async def __call__(self, _: web.Request) -> web.Response:
        """200, or 503 when a part fails; `checks` lists every part with its state and milliseconds."""
        checks = await asyncio.gather(*(_ask(probe) for probe in self.probes))
        states = {check["status"] for check in checks}
        state = "failed" if "failed" in states else "warning" if "warning" in states else "ok"
        return web.Response(
            status=503 if state == "failed" else 200,
            body=wire.dumps({"status": state, "checks": checks}),
            content_type="application/json",
        )


async def _ask(probe: Probe) -> dict[str, Any]:
    started = perf_counter()
    try:
        async with asyncio.timeout(probe.seconds):
            warning = await probe.check()
        told = {"status": "ok"} if warning is None else {"status": "warning", "detail": warning}
    except TimeoutError:
        told = {"status": "failed", "detail": f"нет ответа за {probe.seconds:g} с"}
    except Unavailable as error:
        told = {"status": "failed", "detail": error.detail}
    except OSError as error:
        told = {"status": "failed", "detail": type(error).__name__}
    return {"name": probe.name, **told, "ms": round((perf_counter() - started) * 1000, 1)}
