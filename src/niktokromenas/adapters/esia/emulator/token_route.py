"""`/aas/oauth2/v3/te`: a code for tokens. Other grants are answered as not supported (007009)."""

import asyncio
import base64
import hashlib
from uuid import uuid4

from aiohttp import web
from multidict import MultiDict

from niktokromenas.adapters.esia.emulator.checks import (
    ClientRequest,
    Fields,
    check_request,
    is_same,
    one,
    optional,
)
from niktokromenas.adapters.esia.emulator.errors import EsiaError
from niktokromenas.adapters.esia.emulator.imitation import ACCESS_SECONDS, IMITATION, Grant, Imitation
from niktokromenas.adapters.esia.emulator.minting import granted_scopes, mint


async def give_tokens(request: web.Request) -> web.Response:
    imitation = request.app[IMITATION]
    posted = await request.post()
    fields = MultiDict((name, value) for name, value in posted.items() if isinstance(value, str))
    try:
        asked, grant = await _granted(imitation, fields)
    except EsiaError as error:
        refusal = {"error": error.error, "error_description": error.description}
        return web.json_response(refusal | {"state": fields.get("state", "")}, status=400)
    tokens = await asyncio.to_thread(mint, imitation, grant)
    imitation.open_access(tokens.access, grant.person, frozenset(granted_scopes(grant).split()))
    answer: dict[str, object] = {
        "access_token": tokens.access,
        "id_token": tokens.identity,
        "state": str(uuid4()) if imitation.faults.wrong_state else asked.state,
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
    }
    if grant.is_offline:
        answer["refresh_token"] = str(uuid4())
    return web.json_response(answer, headers={"Cache-Control": "no-store"})


async def _granted(imitation: Imitation, fields: Fields) -> tuple[ClientRequest, Grant]:
    if one(fields, "grant_type") != "authorization_code":
        raise EsiaError("007009")
    if one(fields, "token_type") != "Bearer":
        raise EsiaError("007003")
    code = one(fields, "code")
    asked = await check_request(imitation, fields, code=code)
    grant = imitation.spend_code(code)
    if grant is None or not _is_bound(grant, asked):
        raise EsiaError("007011")
    _check_verifier(grant, optional(fields, "code_verifier"))
    return asked, grant


def _is_bound(grant: Grant, asked: ClientRequest) -> bool:
    return (grant.client_id, grant.redirect_uri, grant.scope, grant.scope_org) == (
        asked.client_id,
        asked.redirect_uri,
        asked.scope,
        asked.scope_org,
    )


def _check_verifier(grant: Grant, verifier: str | None) -> None:
    """RFC 7636, section 4.6."""
    if grant.challenge is None:
        if verifier is not None:
            raise EsiaError("007039")
        return
    digest = hashlib.sha256((verifier or "").encode()).digest()
    computed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not is_same(computed, grant.challenge):
        raise EsiaError("007040")
