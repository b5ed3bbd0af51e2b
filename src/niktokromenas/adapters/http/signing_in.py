"""The way through ESIA: sign-in, its return, sign-out, and the tokens of apps (RFC 6749, 7636)."""

import re
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from attrs import frozen

from niktokromenas.adapters.http.addresses import require_same_origin
from niktokromenas.adapters.http.auth import AppClient, Authenticator, SessionCookie
from niktokromenas.adapters.http.http_errors import TooLarge, UnsupportedMediaType
from niktokromenas.adapters.http.limits import refuse_encoded
from niktokromenas.adapters.http.pace import Pace
from niktokromenas.application.participants.sessions import (
    Cabinet,
    CodeRefused,
    ExchangeCode,
    ExchangeCodeHandler,
    RefreshTokensHandler,
    TokenPair,
)
from niktokromenas.application.participants.signing_in import (
    ATTEMPT_LIFE,
    BeginSignIn,
    BeginSignInHandler,
    FinishSignIn,
    FinishSignInHandler,
    SignedIn,
)
from niktokromenas.domain.errors import Fault, refuse
from niktokromenas.domain.participants.actors import Actor, Channel
from niktokromenas.domain.participants.sessions import BROWSER_LIFE, SessionOver
from niktokromenas.ports.identity import IdentityGateway, IdentityRefused
from niktokromenas.ports.participants import AppRequest, AttemptUnknown

_RETURN_TO = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~?=&%:#,-]{0,500}", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_STATE = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_APP_STATE = re.compile(r"[\x20-\x7e]{0,500}", re.ASCII)
"""RFC 6749, appendix A.5."""
_FORM_LIMIT = 8192
_SECONDS = 600


def return_path(asked: str | None) -> str:
    """A local path to come back to; anything else becomes the start page (open redirect)."""
    return asked if asked is not None and _RETURN_TO.fullmatch(asked) else "/"


@frozen
class SigningIn:
    begin_sign_in: BeginSignInHandler
    finish_sign_in: FinishSignInHandler
    exchange_code: ExchangeCodeHandler
    refresh_tokens: RefreshTokensHandler
    cabinet: Cabinet
    gateway: IdentityGateway
    authenticator: Authenticator
    cookie: SessionCookie
    base_url: str
    pace: Pace
    clients: tuple[AppClient, ...] = ()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/auth/esia/login", self.login),
            web.get("/auth/esia/callback", self.callback),
            web.post("/auth/logout", self.logout),
            web.post("/auth/token", self.token),
        ]

    @property
    def _attempt_cookie(self) -> str:
        return "__Host-signing-in" if self.cookie.is_https else "signing-in"

    async def login(self, request: web.Request) -> web.Response:
        self.pace.allow(request)
        query = request.query
        begun = await self.begin_sign_in(
            BeginSignIn(
                return_to=return_path(query.get("return_to")),
                invitation=query.get("invitation"),
                consent=query.get("consent") or None,
                birth_consent=query.get("birth_consent") or None,
                app=self._app_request(request) if "client_id" in query else None,
            )
        )
        response = web.Response(status=302, headers={"Location": begun.url, "Cache-Control": "no-store"})
        response.set_cookie(
            self._attempt_cookie,
            begun.browser_secret,
            max_age=int(ATTEMPT_LIFE.total_seconds()),
            path="/",
            secure=self.cookie.is_https,
            httponly=True,
            samesite="Lax",
        )
        return response

    def _app_request(self, request: web.Request) -> AppRequest:
        query, faults = request.query, list[Fault]()
        client = next((c for c in self.clients if c.client_id == query["client_id"]), None)
        if client is None:
            faults.append(Fault("/client_id", "unknown-client", "Приложение не зарегистрировано"))
        elif query.get("redirect_uri") not in client.redirect_uris:
            faults.append(Fault("/redirect_uri", "unknown-redirect", "Адрес возврата не зарегистрирован"))
        if query.get("response_type") != "code":
            faults.append(Fault("/response_type", "not-code", "Нужен response_type=code"))
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
            query.get("code_challenge", "")
        ):
            faults.append(Fault("/code_challenge", "no-pkce", "Нужен code_challenge по S256 (RFC 7636)"))
        if not _APP_STATE.fullmatch(query.get("state", "")):
            faults.append(Fault("/state", "bad-state", "state — до 500 печатных знаков ASCII"))
        refuse(faults)
        return AppRequest(
            client_id=query["client_id"],
            redirect_uri=query["redirect_uri"],
            code_challenge=query["code_challenge"],
            state=query.get("state"),
        )

    async def callback(self, request: web.Request) -> web.Response:
        self.pace.allow(request)
        query = request.query
        state = query.get("state", "")
        if not _STATE.fullmatch(state):
            raise AttemptUnknown("Этот вход уже завершён или не начинался: войдите снова")
        if "code" not in query:
            return await self._refused(request, state)
        earlier = await self.authenticator.browser_session(request)
        signed_in = await self.finish_sign_in(
            FinishSignIn(
                state=state,
                code=query["code"],
                browser_secret=request.cookies.get(self._attempt_cookie, ""),
                device=_device(request),
                earlier_session=earlier.session.id if earlier else None,
            )
        )
        response = self._arrived(signed_in)
        response.del_cookie(self._attempt_cookie, path="/", secure=self.cookie.is_https)
        return response

    async def _refused(self, request: web.Request, state: str) -> web.Response:
        """Back without a code: the person is told, or their app is (RFC 6749, 4.1.2.1)."""
        query = request.query
        problem, app = await self.finish_sign_in.give_up(
            state,
            request.cookies.get(self._attempt_cookie, ""),
            query.get("error", ""),
            query.get("error_description", ""),
        )
        if app is None:
            raise problem
        error = "access_denied" if isinstance(problem, IdentityRefused) else "temporarily_unavailable"
        return _redirect(_with_query(app.redirect_uri, {"error": error} | _state(app)))

    def _arrived(self, signed_in: SignedIn) -> web.Response:
        app = signed_in.app
        if app is None:
            response = _redirect("/?invitation=refused" if signed_in.unclaimed else signed_in.return_to)
            seconds = int(BROWSER_LIFE.total_seconds())
            self.cookie.write(response, signed_in.session.id, signed_in.secret, seconds)
            return response
        return _redirect(_with_query(app.redirect_uri, {"code": signed_in.secret} | _state(app)))

    async def logout(self, request: web.Request) -> web.Response:
        """End our own session first, then ESIA's."""
        self.pace.allow(request)
        require_same_origin(request, self.base_url)
        known = await self.authenticator.browser_session(request)
        if known is not None:
            actor = Actor(
                channel=Channel.WEB,
                participant_id=known.participant.id,
                subject=known.participant.subject,
                session_id=known.session.id,
            )
            await self.cabinet.end_session(actor, known.session.id)
        response = web.Response(status=303, headers={"Location": self.gateway.logout_url()})
        self.cookie.forget(response)
        return response

    async def token(self, request: web.Request) -> web.Response:
        """RFC 6749, 4.1.3 and 6: form in, JSON out; errors in the words of section 5.2."""
        self.pace.allow(request)
        form = await _form(request)
        if form is None:
            return _oauth_error(
                "invalid_request", "Форма не читается: application/x-www-form-urlencoded, UTF-8"
            )
        if not any(client.client_id == form.get("client_id") for client in self.clients):
            return _oauth_error("invalid_client", "Приложение не зарегистрировано")
        try:
            match form.get("grant_type"):
                case "authorization_code":
                    pair = await self._exchanged(form)
                case "refresh_token":
                    pair = await self.refresh_tokens(form.get("client_id", ""), form.get("refresh_token", ""))
                case _:
                    return _oauth_error("unsupported_grant_type")
        except (CodeRefused, AttemptUnknown, SessionOver) as error:
            return _oauth_error("invalid_grant", error.detail)
        return _tokens(pair)

    async def _exchanged(self, form: dict[str, str]) -> TokenPair:
        return await self.exchange_code(
            ExchangeCode(
                client_id=form.get("client_id", ""),
                redirect_uri=form.get("redirect_uri", ""),
                code=form.get("code", ""),
                code_verifier=form.get("code_verifier", ""),
            )
        )


def _device(request: web.Request) -> str:
    """What the browser calls itself, as text that can be stored and shown."""
    name = request.headers.get("User-Agent", "неизвестное устройство")
    return "".join(char for char in name.encode("utf-8", "replace").decode() if char.isprintable())


def _state(app: AppRequest) -> dict[str, str]:
    return {} if app.state is None else {"state": app.state}


def _with_query(address: str, told: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(told)}"


def _redirect(location: str) -> web.Response:
    return web.Response(status=302, headers={"Location": location, "Cache-Control": "no-store"})


async def _form(request: web.Request) -> dict[str, str] | None:
    """Each field once; `None` for what is no form in UTF-8. Raises `UnsupportedMediaType`, `TooLarge`."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("application/x-www-form-urlencoded")
    refuse_encoded(request)
    sent = await request.content.read(_FORM_LIMIT + 1)
    while len(sent) <= _FORM_LIMIT and (more := await request.content.read(_FORM_LIMIT + 1)):
        sent += more
    if len(sent) > _FORM_LIMIT:
        raise TooLarge(_FORM_LIMIT)
    try:
        fields = parse_qsl(sent.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        return None
    form = dict(fields)
    return form if len(form) == len(fields) else None


def _tokens(pair: TokenPair) -> web.Response:
    return web.json_response(
        {
            "access_token": pair.access,
            "token_type": "Bearer",
            "expires_in": _SECONDS,
            "refresh_token": pair.refresh,
        },
        headers={"Cache-Control": "no-store"},
    )


def _oauth_error(error: str, description: str = "") -> web.Response:
    body = {"error": error} | ({"error_description": description} if description else {})
    return web.json_response(body, status=400, headers={"Cache-Control": "no-store"})
