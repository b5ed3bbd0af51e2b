"""`/api/docs`: the interface on one page, without a single foreign address.

Swagger UI comes from the `dist` folder inside flask-swagger-ui; Flask itself is never imported.
"""

import asyncio
import hashlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from niktokromenas.adapters.http.conditional import is_not_modified

DOCS = "/api/docs"
DOCUMENT = "/api/v1/openapi.json"
_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Никто, кроме нас! — открытый интерфейс</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<main id="docs"></main>
<noscript><p>Описание для программ: <a href="v1/openapi.json">openapi.json</a></p></noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: new URL("v1/openapi.json", document.baseURI).href,
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  queryConfigEnabled: false,
});
"""


def folder() -> Path:
    """Where Swagger UI lies. Raises `FileNotFoundError`."""
    spec = find_spec("flask_swagger_ui")
    found = None if spec is None or spec.origin is None else Path(spec.origin).parent / "dist"
    if found is None or not all((found / name).is_file() for name in _FILES):
        raise FileNotFoundError("flask-swagger-ui is not installed with its dist folder")
    return found


def routes(document: Callable[[], bytes]) -> list[web.RouteDef]:
    """`document` writes the OpenAPI document as JSON, once, on a thread of its own."""
    dist = folder()
    return [
        web.get(DOCS, _served(_PAGE.encode(), "text/html")),
        web.get(DOCS + "/", _to_page),
        web.get(f"{DOCS}/start.js", _served(_START.encode(), "text/javascript")),
        web.get(DOCUMENT, _written(document)),
        *(web.get(f"{DOCS}/{name}", _file(dist / name)) for name in _FILES),
    ]


async def _to_page(_: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect("../docs")


def _written(document: Callable[[], bytes]) -> Handler:
    """When first asked for: no start waits for it."""
    served: Handler | None = None
    writing = asyncio.Lock()

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal served
        async with writing:
            if served is None:
                served = _served(await asyncio.to_thread(document), "application/json")
        return await served(request)

    return handle


def _served(body: bytes, media: str) -> Handler:
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Cache-Control": "no-cache",
        "Content-Security-Policy": _CSP,
    }

    async def handle(request: web.Request) -> web.StreamResponse:
        if is_not_modified(request, headers["ETag"]):
            return web.Response(status=304, headers=headers)
        charset = None if media == "application/json" else "utf-8"
        return web.Response(body=body, content_type=media, charset=charset, headers=headers)

    return handle


def _file(path: Path) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(path, headers={"Cache-Control": "public, max-age=86400"})

    return handle
