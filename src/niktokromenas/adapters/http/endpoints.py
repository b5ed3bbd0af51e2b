"""What an address does, told once: the server runs it, the OpenAPI document describes it."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any

from aiohttp import web
from attrs import Factory, field, frozen

from niktokromenas.adapters.http import conditional, wire
from niktokromenas.adapters.http.config import HttpConfig
from niktokromenas.adapters.http.faults import fault, gathered
from niktokromenas.adapters.http.http_errors import BadHeader, PreconditionFailed, Unauthenticated
from niktokromenas.adapters.http.limits import read_json_body
from niktokromenas.adapters.http.query import Parameters, path_reader, query_reader
from niktokromenas.domain.errors import Conflict, Fault, Invalid, NotFound

GUEST = "guest"
SILENT: web.RequestKey[bool] = web.RequestKey("silent", bool)
STALE = "stale-version"
_KEY = re.compile(r'"?([A-Za-z0-9._~:/+=-]{8,128})"?', re.ASCII)


@frozen(kw_only=True)
class Reply:
    """What a handler returns when it needs no response of its own.

    `body`: dicts, lists, wire classes; None sends none. `version` becomes the entity tag, with
    `counts` that change without it: such a tag is for reading alone. What `is_for_all`
    shows the same to everybody: a GET that already has it is answered 304; all else is never kept.
    """

    body: object = None
    status: int | None = None
    version: int | None = None
    counts: tuple[int, ...] = ()
    is_for_all: bool = False
    headers: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Call:
    """One request, read. `path` is a mapping of strings where the endpoint names no class for it."""

    request: web.Request
    actor: Any
    body: Any = None
    query: Any = None
    path: Any = None
    version: int | None = None
    """From `If-Match`."""
    idempotency_key: str | None = None
    raw: bytes = b""

    @property
    def body_hash(self) -> str:
        """SHA-256 (hex) of the body as it came."""
        return hashlib.sha256(self.raw).hexdigest()


@frozen
class NoParameters:
    """The query of an address that has none."""


Handler = Callable[[Call], Awaitable[web.StreamResponse | Reply]]


def _needs_actor(endpoint: Any) -> bool:
    return bool(endpoint.roles) and GUEST not in endpoint.roles


@frozen(kw_only=True)
class Endpoint:
    """`path` may hold patterns, `{number:[0-9]{2}-[0-9]{6}}`. `name` is the operationId.

    `body`, `query` and `params` (of the path) are wire classes. `reply` is a wire class, `Page[X]` or
    `tuple[X, ...]`. `roles`: who may try, () like "guest" for everybody; the use case decides. `problems`:
    (status, code) beyond those that follow from the rest. `multipart`: the handler reads the upload;
    `media`: types of an answer that is no JSON. A `versioned` answer carries an ETag. What is `silent`
    leaves no line in the log. A 201 tells in `Location` where the thing is, unless it has `no_location`.
    `beside` tells what else is wrong with a body that cannot be read whole.
    """

    method: str
    path: str
    name: str
    handler: Handler
    summary: str
    tag: str
    description: str = ""
    body: Any = None
    beside: Callable[[Call, Any], Awaitable[Iterable[Fault]]] | None = None
    query: Any = None
    params: Any = None
    reply: Any = None
    status: int = 200
    roles: tuple[str, ...] = ()
    needs_actor: bool = Factory(_needs_actor, takes_self=True)
    if_match: bool = False
    idempotent: bool = False
    versioned: bool = False
    multipart: bool = False
    silent: bool = False
    no_location: bool = False
    media: tuple[str, ...] = ()
    problems: tuple[tuple[int, str], ...] = ()
    example: Mapping[str, object] | None = None
    reply_example: object = None

    @property
    def takes_nothing(self) -> bool:
        """It changes something and has nothing to be told: a body would be a misunderstanding."""
        return self.body is None and not self.multipart and self.method not in ("GET", "HEAD")


Authenticate = Callable[[web.Request, Endpoint], Awaitable[object]]
"""Who is calling, before anything of the body is read; None for a guest. Raises what it must."""


def register(
    app: web.Application, endpoints: Iterable[Endpoint], authenticate: Authenticate, config: HttpConfig
) -> None:
    """Add the routes. Raises `TypeError` for what cannot be a wire class."""
    for endpoint in endpoints:
        handle = _Handling.of(endpoint, authenticate, config)
        add = partial(
            app.router.add_route, path=endpoint.path, handler=handle.__call__, expect_handler=expected
        )
        add(endpoint.method, name=endpoint.name)
        if endpoint.method == "GET":
            add("HEAD")


async def expected(request: web.Request) -> None:
    """RFC 9110, 10.1.1. aiohttp's own handler repeats the header, which need not even be text."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        raise web.HTTPExpectationFailed
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # the answer itself has not begun


@frozen(kw_only=True)
class _Handling:
    endpoint: Endpoint
    authenticate: Authenticate
    config: HttpConfig
    body: Callable[[Any], Any] | None
    query: Callable[[Parameters], Any]
    params: Callable[[Mapping[str, str]], Any] | None

    @classmethod
    def of(cls, endpoint: Endpoint, authenticate: Authenticate, config: HttpConfig) -> "_Handling":
        return cls(
            endpoint=endpoint,
            authenticate=authenticate,
            config=config,
            body=None if endpoint.body is None else wire.reader(endpoint.body),
            query=query_reader(NoParameters if endpoint.query is None else endpoint.query),
            params=None if endpoint.params is None else path_reader(endpoint.params),
        )

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        endpoint = self.endpoint
        request[SILENT] = endpoint.silent
        actor = await self.authenticate(request, endpoint)
        if actor is None and endpoint.needs_actor:
            raise Unauthenticated
        path = self._path(request)
        is_conditional = endpoint.if_match or (endpoint.versioned and "If-Match" in request.headers)
        version = conditional.if_match(request) if is_conditional else None
        key = _idempotency_key(request) if endpoint.idempotent else None
        query = self.query(request.query) if endpoint.query or request.rel_url.raw_query_string else None
        raw, body = b"", None
        if self.body is not None:
            raw = await read_json_body(request, self.config.json_limit, self.config.body_timeout)
            sent = wire.parse(raw)
            try:
                body = self.body(sent)
            except Invalid as wrong:
                if endpoint.beside is None:
                    raise
                told = await endpoint.beside(Call(request=request, actor=actor, path=path), sent)
                raise gathered([*wrong.faults, *told]) from wrong
        elif endpoint.takes_nothing and request.body_exists and await request.content.read(1):
            raise fault("unexpected-body", "У этого запроса нет тела")
        answer = await self._act(
            Call(
                request=request,
                actor=actor,
                body=body,
                query=query,
                path=path,
                version=version,
                idempotency_key=key,
                raw=raw,
            )
        )
        return answer if isinstance(answer, web.StreamResponse) else response(request, endpoint, answer)

    def _path(self, request: web.Request) -> Any:
        if self.params is None:
            return request.match_info
        try:
            return self.params(request.match_info)
        except Invalid as error:
            raise NotFound("Такого адреса нет") from error

    async def _act(self, call: Call) -> web.StreamResponse | Reply:
        try:
            return await self.endpoint.handler(call)
        except Conflict as error:
            if call.version is not None and error.code == STALE:
                raise PreconditionFailed(error.detail, members=error.members) from error
            raise


def _idempotency_key(request: web.Request) -> str | None:
    """The key, quoted as in the IETF draft or bare. Raises `BadHeader`."""
    sent = request.headers.get("Idempotency-Key")
    if sent is None:
        return None
    if (match := _KEY.fullmatch(sent)) is None:
        raise BadHeader("Idempotency-Key — от 8 до 128 латинских букв, цифр и знаков . _ ~ : / + = -")
    return match[1]


def response(request: web.Request, endpoint: Endpoint, reply: Reply) -> web.Response:
    headers = dict(reply.headers)
    if reply.version is not None:
        headers["ETag"] = tag = conditional.etag(reply.version, *reply.counts)
    if reply.version is not None and reply.is_for_all:
        headers |= {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
        if request.method in ("GET", "HEAD") and conditional.is_not_modified(request, tag):
            return web.Response(status=304, headers=headers)
    status = endpoint.status if reply.status is None else reply.status
    if reply.body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        status=status, body=wire.dumps(reply.body), content_type="application/json", headers=headers
    )
