"""Counts and times by route template: a handful of series, whatever addresses are asked for."""

from typing import Any

from aiohttp import web
from aiohttp.hdrs import METH_ALL
from attrs import define, field
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from niktokromenas.adapters.http import logs
from niktokromenas.adapters.http.addresses import is_local
from niktokromenas.domain.errors import NotFound

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def route_template(request: web.Request) -> str:
    """`/api/v1/messages/{number}`; "" for an address nobody serves."""
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical


@define(eq=False)
class HttpMetrics:
    """Each application has its own registry. Other adapters add their collectors to it."""

    registry: CollectorRegistry = field(factory=CollectorRegistry)
    in_flight: int = 0
    _requests: Counter = field(init=False)
    _seconds: Histogram = field(init=False)
    _series: dict[tuple[str, str, int], tuple[Any, Any]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._requests = Counter(
            "http_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "http_request_seconds",
            "Seconds until the answer was ready",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        running = Gauge("http_requests_in_flight", "Requests being answered", registry=self.registry)
        running.set_function(lambda: self.in_flight)
        self.registry.register(logs.LINES_DROPPED)
        ProcessCollector(registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        if (series := self._series.get(key)) is None:
            verb = method if method in METH_ALL else "OTHER"
            series = (
                self._requests.labels(verb, route, str(status)),
                self._seconds.labels(verb, route),
            )
            if verb is method:
                self._series[key] = series
        series[0].inc()
        series[1].observe(seconds)

    async def show(self, request: web.Request) -> web.Response:
        """For the collector on this machine; nobody else is told that it exists."""
        if not is_local(request):
            raise NotFound("Такого адреса нет")
        return web.Response(
            body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
