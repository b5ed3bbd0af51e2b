"""Who is calling: a browser by its cookie, an app by its token. Nobody is authorised here."""

import re
from typing import ClassVar
from uuid import UUID

from aiohttp import web
from attrs import frozen

from niktokromenas.adapters.http.addresses import require_same_origin
from niktokromenas.adapters.http.endpoints import GUEST, Endpoint
from niktokromenas.adapters.http.http_errors import BadHeader, Unauthenticated
from niktokromenas.domain.ids import GrantId, SessionId
from niktokromenas.domain.participants.actors import Actor, Channel, RoleRequired
from niktokromenas.domain.participants.grants import Grant
from niktokromenas.domain.participants.sessions import SessionKind
from niktokromenas.domain.secrets import is_same
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.participants import Known, SessionRegister
from niktokromenas.ports.tokens import Tokens

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_COOKIE = re.compile(r"([0-9a-f-]{36})\.([A-Za-z0-9_-]{20,100})", re.ASCII)


@frozen(kw_only=True)
class AppClient:
    """An app that may sign people in: public, with exact redirect addresses (п. 7.3)."""

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    channel: Channel = Channel.MOBILE


@frozen(kw_only=True)
class SessionCookie:
    """`__Host-` needs HTTPS; on plain HTTP, which is for this machine alone, the name says so."""

    is_https: bool
    _safe_name: ClassVar[str] = "__Host-session"

    @property
    def name(self) -> str:
        return self._safe_name if self.is_https else "session"

    def read(self, request: web.Request) -> tuple[SessionId, str] | None:
        match = _COOKIE.fullmatch(request.cookies.get(self.name, ""))
        if match is None:
            return None
        try:
            return SessionId(UUID(match[1])), match[2]
        except ValueError:
            return None

    def write(self, response: web.StreamResponse, session_id: SessionId, secret: str, seconds: int) -> None:
        response.set_cookie(
            self.name,
            f"{session_id}.{secret}",
            max_age=seconds,
            path="/",
            secure=self.is_https,
            httponly=True,
            samesite="Lax",
        )

    def forget(self, response: web.StreamResponse) -> None:
        response.del_cookie(self.name, path="/", secure=self.is_https, httponly=True, samesite="Lax")


@frozen
class Authenticator:
    """Sessions and grants are read anew in each request: what ended a moment ago gives nothing."""

    register: SessionRegister
    tokens: Tokens
    clock: Clock
    cookie: SessionCookie
    base_url: str
    clients: tuple[AppClient, ...] = ()

    async def __call__(self, request: web.Request, endpoint: Endpoint) -> Actor | None:
        """`None` for a guest. Raises `Unauthenticated`, `CrossSite`, `BadHeader`, `RoleRequired`."""
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            return self._actor(request, await self._app(authorization))
        if (sent := self.cookie.read(request)) is None:
            return None
        known = await self._browser(*sent)
        if known is None:
            if GUEST in endpoint.roles or not endpoint.roles:
                return None
            raise Unauthenticated("Сеанс завершён: войдите снова")
        if request.method not in _SAFE:
            require_same_origin(request, self.base_url)
        return self._actor(request, known)

    async def _app(self, authorization: str) -> Known:
        scheme, _, token = authorization.partition(" ")
        session_id = self.tokens.read_access(token.strip(), self.clock.now())
        known = None
        if scheme.lower() == "bearer" and session_id is not None:
            known = await self.register.known(session_id)
        if known is None or not self._is_of_registered_app(known) or not self._is_live(known):
            raise Unauthenticated("Токен не подходит или устарел", challenge='Bearer error="invalid_token"')
        return known

    async def _browser(self, session_id: SessionId, secret: str) -> Known | None:
        known = await self.register.known(session_id)
        if known is None or known.session.kind is not SessionKind.BROWSER or not self._is_live(known):
            return None
        return known if is_same(secret, known.session.secret_hash) else None

    async def browser_session(self, request: web.Request) -> Known | None:
        """The live session behind the cookie, for the pages of signing in and out."""
        sent = self.cookie.read(request)
        return await self._browser(*sent) if sent is not None else None

    def _is_of_registered_app(self, known: Known) -> bool:
        """An app that the operator took out of the settings has no access any more (п. 7.3)."""
        session = known.session
        return session.kind is SessionKind.APP and any(c.client_id == session.client_id for c in self.clients)

    def _is_live(self, known: Known) -> bool:
        return known.session.is_live(self.clock.now())

    def _actor(self, request: web.Request, known: Known) -> Actor:
        now, session, person = self.clock.now(), known.session, known.participant
        live = tuple(grant for grant in known.grants if grant.is_live(now))
        return Actor(
            channel=self._channel(session.client_id),
            participant_id=person.id,
            subject=person.subject,
            name=known.organisation.name if known.organisation else person.name,
            session_id=session.id,
            organisation_id=session.organisation_id,
            grants=live,
            acting_grant=_chosen(request, live) or _still_live(session.acting_grant, live),
            agreed_to=person.agreed_to,
        )

    def _channel(self, client_id: str | None) -> Channel:
        if client_id is None:
            return Channel.WEB
        return next((c.channel for c in self.clients if c.client_id == client_id), Channel.API)


def _chosen(request: web.Request, live: tuple[Grant, ...]) -> GrantId | None:
    """The grant that the request names. Raises `BadHeader`, `RoleRequired` for one that is not theirs now."""
    sent = request.headers.get("Acting-Grant")
    if sent is None:
        return None
    try:
        chosen = GrantId(UUID(sent))
    except ValueError as error:
        raise BadHeader("Заголовок Acting-Grant содержит номер полномочия") from error
    if _still_live(chosen, live) is None:
        raise RoleRequired("Полномочие из заголовка Acting-Grant не действует")
    return chosen


def _still_live(grant_id: GrantId | None, live: tuple[Grant, ...]) -> GrantId | None:
    return next((grant.id for grant in live if grant.id == grant_id), None)
