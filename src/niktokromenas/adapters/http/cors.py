"""Other sites that may call the API from a browser (Fetch standard): by exact origin, never with cookies."""

from collections.abc import Sequence

from aiohttp import web

_HEADERS = "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Acting-Grant, X-Request-Id"
_EXPOSED = "ETag, Location, Retry-After, X-Request-Id"
_PREFLIGHT_LIFE = "600"


def options(request: web.Request) -> web.Response | None:
    """204 with what the address allows; None where it is unknown or answers OPTIONS itself."""
    refusal = request.match_info.http_exception
    if not isinstance(refusal, web.HTTPMethodNotAllowed):
        return None
    methods = ", ".join(sorted({*refusal.allowed_methods, "OPTIONS"}))
    response = web.Response(status=204, headers={"Allow": methods})
    if "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = _HEADERS
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_LIFE
    return response


def allow(request: web.Request, response: web.StreamResponse, origins: Sequence[str]) -> None:
    """Name the caller's origin, if it is among `origins`. Credentials are never allowed."""
    headers = response.headers
    if "*" in origins:
        headers["Access-Control-Allow-Origin"] = "*"
    else:
        headers.add("Vary", "Origin")
        if (origin := request.headers.get("Origin")) not in origins:
            return
        headers["Access-Control-Allow-Origin"] = str(origin)
    headers["Access-Control-Expose-Headers"] = _EXPOSED
