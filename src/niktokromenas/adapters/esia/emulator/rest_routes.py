"""`/rs/prns/{oid}` and `/rs/orgs/{oid}` for the bearer of an access token."""

import re

from aiohttp import web

from niktokromenas.adapters.esia.emulator import resources
from niktokromenas.adapters.esia.emulator.imitation import IMITATION, Access, Imitation
from niktokromenas.adapters.esia.emulator.resources import Json
from niktokromenas.adapters.esia.emulator.scopes import ORGANISATION_SCOPES, organisation_scope

_FOREIGN = "http://169.254.169.254"
_NEEDS = {
    "ctts": {"email", "mobile", "contacts"},
    "addrs": {"addresses", "contacts"},
    "docs": {"id_doc"},
    "roles": {"usr_org"},
    "orgs": {"usr_org"},
}
_EMBEDDED = {"contacts": "ctts", "addresses": "addrs", "documents": "docs", "organizations": "orgs"}


class RestError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"code": f"ESIA-{code}", "message": f"SecurityErrorEnum.{message}"}


_INVALID = (401, "005011", "invalidToken")
_EXPIRED = (401, "005013", "expiredToken")
_NOT_ALLOWED = (403, "005029", "scopeNotAllowed")


async def person(request: web.Request) -> web.Response:
    access = _access(request)
    names = _names(access)
    shown = resources.person(access.person, names)
    if request.app[IMITATION].faults.demoted:
        shown["trusted"] = False
    for key, collection in _EMBEDDED.items():
        if f"{key}.elements" in _embedded(request) and _NEEDS[collection] & names:
            shown[key] = _collection(request, access, collection, is_embedded=True)
    return web.json_response(shown)


async def collection(request: web.Request) -> web.Response:
    access, name = _access(request), request.match_info["collection"]
    if not _NEEDS[name] & _names(access):
        raise RestError(*_NOT_ALLOWED)
    is_embedded = "elements" in _embedded(request) or name == "roles"
    return web.json_response(_collection(request, access, name, is_embedded=is_embedded))


async def element(request: web.Request) -> web.Response:
    access, name = _access(request), request.match_info["collection"]
    if not _NEEDS[name] & _names(access):
        raise RestError(*_NOT_ALLOWED)
    number = request.match_info["number"]
    found = [one for one in _elements(access, name) if str(one["id"]) == number]
    if not found:
        raise web.HTTPNotFound
    return web.json_response(found[0])


async def organisation(request: web.Request) -> web.Response:
    access, oid = _bearer(request), request.match_info["oid"]
    asked = (organisation_scope(item) for item in access.scopes if "?org_oid=" in item)
    names = frozenset(name for name, about in asked if about == oid)
    held = next((role for role in access.person.roles if role.oid == oid), None)
    if held is None or not names & ORGANISATION_SCOPES:
        raise RestError(*_NOT_ALLOWED)
    return web.json_response(resources.organisation(held, names))


def _bearer(request: web.Request) -> Access:
    imitation = request.app[IMITATION]
    if imitation.faults.rest_status is not None:
        raise RestError(*(_EXPIRED if imitation.faults.rest_status == 401 else _NOT_ALLOWED))
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    access = imitation.accesses.get(token)
    if kind.lower() != "bearer" or access is None:
        raise RestError(*_INVALID)
    if access.until < imitation.now():
        raise RestError(*_EXPIRED)
    return access


def _access(request: web.Request) -> Access:
    """The bearer's, to the bearer's own resources."""
    access = _bearer(request)
    if access.person.oid != request.match_info["oid"]:
        raise RestError(*_NOT_ALLOWED)
    return access


def _names(access: Access) -> frozenset[str]:
    return frozenset(scope.partition("?")[0] for scope in access.scopes)


def _embedded(request: web.Request) -> list[str]:
    """`embed=(contacts.elements,addresses.elements)`."""
    found = re.fullmatch(r"\(([A-Za-z.,]+)\)", request.query.get("embed", ""))
    return found.group(1).split(",") if found else []


def _collection(request: web.Request, access: Access, name: str, *, is_embedded: bool) -> Json:
    imitation: Imitation = request.app[IMITATION]
    elements = _elements(access, name)
    shown: list[object] = list(elements)
    root = imitation.config.base_url
    if imitation.faults.foreign_links:
        shown = [f"{_FOREIGN}{_path(access, name, one)}" for one in elements]
    elif name == "orgs" or not is_embedded:
        shown = [f"{root}{_path(access, name, one)}" for one in elements]
    return {"stateFacts": ["hasSize"], "size": len(elements), "eTag": "0", "elements": shown}


def _path(access: Access, name: str, one: Json) -> str:
    if name in ("orgs", "roles"):
        return f"/rs/orgs/{one['oid']}"
    return f"/rs/prns/{access.person.oid}/{name}/{one['id']}"


def _elements(access: Access, name: str) -> list[Json]:
    someone = access.person
    match name:
        case "ctts":
            return resources.contacts(someone, _names(access))
        case "addrs":
            return resources.addresses(someone)
        case "docs":
            return resources.documents(someone)
        case _:
            return [resources.role(someone, held) for held in someone.roles]
