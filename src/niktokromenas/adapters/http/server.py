"""Putting the HTTP face together, and running it until it is told to stop."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

import structlog
from aiohttp import web
from attrs import evolve

from niktokromenas.adapters.http import docs_page, health, middlewares, openapi, wire
from niktokromenas.adapters.http.config import HttpConfig
from niktokromenas.adapters.http.endpoints import Authenticate, Endpoint, expected, register
from niktokromenas.adapters.http.health import Probe
from niktokromenas.adapters.http.metrics import HttpMetrics

CONFIG: web.AppKey[HttpConfig] = web.AppKey("config", HttpConfig)
METRICS: web.AppKey[HttpMetrics] = web.AppKey("metrics", HttpMetrics)
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def make_app(
    *,
    endpoints: Sequence[Endpoint],
    authenticate: Authenticate,
    probes: Sequence[Probe] = (),
    config: HttpConfig,
    extra_routes: Iterable[web.RouteDef] = (),
    html_problem: middlewares.HtmlProblem | None = None,
) -> web.Application:
    """The application; `METRICS` and `CONFIG` hold its parts. Raises `TypeError` for a bad endpoint."""
    metrics = HttpMetrics()
    app = web.Application(
        middlewares=[middlewares.edge(config, metrics, html_problem)], client_max_size=config.json_limit
    )
    app[CONFIG], app[METRICS] = config, metrics
    app.on_response_prepare.append(middlewares.dress(config))
    register(app, endpoints, authenticate, config)

    def document() -> bytes:
        described = openapi.document(
            endpoints,
            version=version("niktokromenas"),
            server=config.base_url,
            session_cookie=config.session_cookie,
        )
        return wire.dumps(described)

    others = (
        *docs_page.routes(document),
        web.get("/health/live", health.live),
        web.get("/health/ready", health.Readiness(tuple(probes)).__call__),
        web.get("/metrics", metrics.show),
        *extra_routes,
    )
    app.add_routes(evolve(route, kwargs={**route.kwargs, "expect_handler": expected}) for route in others)
    return app


async def run(
    app: web.Application,
    host: str,
    port: int,
    *,
    shutdown_timeout: float = 30.0,
    started: Callable[[int], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then stop accepting, let running requests end, and clean up.

    Requests still running after `shutdown_timeout` seconds are cancelled. Port 0 takes a free one;
    `started` is told which.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_timeout)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, reuse_address=True).start()
        for number in _SIGNALS:
            loop.add_signal_handler(number, stop.set)
        listening = int(runner.addresses[0][1])
        structlog.get_logger("http").info("listening", host=host, port=listening)
        if started is not None:
            started(listening)
        await stop.wait()
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
        await runner.cleanup()


def serve(app: web.Application, host: str, port: int, *, shutdown_timeout: float = 30.0) -> None:
    """`run` in a loop of its own: uvloop's where it is installed."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run(app, host, port, shutdown_timeout=shutdown_timeout))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, or `None` for the standard one."""
    try:
        import uvloop
    except ImportError:  # not made for Windows
        return None
    return uvloop.new_event_loop
