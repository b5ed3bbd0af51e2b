"""`/aas/oauth2/v2/ac`: the sign-in page and the way back; and `/idp/ext/Logout`."""

from datetime import timedelta
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from aiohttp import web

from niktokromenas.adapters.esia.emulator import pages
from niktokromenas.adapters.esia.emulator.checks import (
    LOGIN_SECONDS,
    ClientRequest,
    check_request,
    one,
    optional,
)
from niktokromenas.adapters.esia.emulator.errors import EsiaError
from niktokromenas.adapters.esia.emulator.imitation import IMITATION, Grant, Imitation
from niktokromenas.adapters.esia.emulator.people import Person
from niktokromenas.adapters.esia.emulator.scopes import require_employed


async def show_login(request: web.Request) -> web.Response:
    imitation = request.app[IMITATION]
    try:
        await _asked(imitation, request, older_seconds=0)
        if imitation.faults.cancel:
            raise EsiaError("007004")
    except EsiaError as error:
        return _failed(request, error)
    return _page(pages.login(imitation.people.values()), action=request.query["redirect_uri"])


async def log_in(request: web.Request) -> web.Response:
    """The form: `oid` of who signs in, or `cancel`. The query is that of the page, judged once more."""
    imitation, form = request.app[IMITATION], await request.post()
    try:
        asked = await _asked(imitation, request, older_seconds=LOGIN_SECONDS)
        if imitation.faults.cancel or "cancel" in form:
            raise EsiaError("007004")
        person = imitation.people.get(str(form.get("oid")))
        if person is None:
            return _page(pages.login(imitation.people.values()), action=asked.redirect_uri, status=422)
        require_employed(person, asked.scope_org)
        code = imitation.issue_code(_grant(imitation, asked, person, request))
    except EsiaError as error:
        return _failed(request, error)
    return _redirect(asked.redirect_uri, {"code": code, "state": asked.state})


async def log_out(request: web.Request) -> web.Response:
    imitation = request.app[IMITATION]
    address = request.query.get("redirect_url")
    if request.query.get("client_id") != imitation.config.client_id:
        return _page(pages.failure(EsiaError("007005").description), status=400)
    if address is None:
        return _page(pages.logged_out())
    if address not in imitation.config.logout_redirect_uris:
        return _page(pages.failure(EsiaError("007023").description), status=400)
    raise web.HTTPFound(address)


async def _asked(imitation: Imitation, request: web.Request, older_seconds: int) -> ClientRequest:
    asked = await check_request(imitation, request.query, older_seconds=older_seconds)
    if one(request.query, "response_type") != "code":
        raise EsiaError("007012")
    if one(request.query, "access_type") not in ("online", "offline"):
        raise EsiaError("007003")
    challenge = optional(request.query, "code_challenge")
    if challenge is not None and optional(request.query, "code_challenge_method") != "S256":
        raise EsiaError("007003")
    return asked


def _grant(imitation: Imitation, asked: ClientRequest, person: Person, request: web.Request) -> Grant:
    late = imitation.config.code_seconds + 1 if imitation.faults.expired_code else 0
    return Grant(
        person=person,
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        scope=asked.scope,
        scope_org=asked.scope_org,
        challenge=request.query.get("code_challenge"),
        is_offline=request.query["access_type"] == "offline",
        issued_at=imitation.now() - timedelta(seconds=late),
        session=str(uuid4()),
    )


def _failed(request: web.Request, error: EsiaError) -> web.Response:
    """Back to the client if its address is good, else a page of ESIA's own."""
    if not error.is_for_client:
        return _page(pages.failure(error.description), status=400)
    answer = {"error": error.error, "error_description": error.description}
    if state := request.query.get("state"):
        answer["state"] = state
    return _redirect(request.query["redirect_uri"], answer)


def _redirect(address: str, answer: dict[str, str]) -> web.Response:
    separator = "&" if urlsplit(address).query else "?"
    return web.Response(status=302, headers={"Location": f"{address}{separator}{urlencode(answer)}"})


def _page(html: str, *, status: int = 200, action: str | None = None) -> web.Response:
    """`action` is where the form's answer may lead: browsers hold redirects to the policy, too."""
    parts = urlsplit(action or "")
    origin = f" {parts.scheme}://{parts.netloc}" if action else ""
    headers = {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
            f"form-action 'self'{origin}"
        ),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(text=html, content_type="text/html", charset="utf-8", status=status, headers=headers)
