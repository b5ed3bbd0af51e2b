"""The OpenAPI 3.1 document, made from the endpoints that run: it cannot promise anything else."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from niktokromenas.adapters.http import openapi_parts as parts
from niktokromenas.adapters.http.addresses import UNSAFE_METHODS, CrossSite
from niktokromenas.adapters.http.endpoints import GUEST, STALE, Endpoint
from niktokromenas.adapters.http.problems import CONTENT_TYPE
from niktokromenas.adapters.http.schemas import Schema, Schemas

_STEP = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}")


def document(endpoints: Iterable[Endpoint], *, version: str, server: str, session_cookie: str) -> Schema:
    """Raises `TypeError` for what cannot be described. `server` is the base URL."""
    schemas = Schemas()
    paths: dict[str, dict[str, Schema]] = {}
    tags: dict[str, None] = {}
    for endpoint in endpoints:
        address = _STEP.sub(r"{\1}", endpoint.path)
        paths.setdefault(address, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
        tags.setdefault(endpoint.tag)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Никто, кроме нас!",
            "version": version,
            "description": parts.INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": {**schemas.components, "Problem": parts.PROBLEM, "Fault": parts.FAULT},
            "securitySchemes": parts.security_schemes(session_cookie),
            "headers": parts.HEADERS,
            "parameters": parts.PARAMETERS,
        },
    }


def _operation(endpoint: Endpoint, schemas: Schemas) -> Schema:
    operation: Schema = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "x-roles": [str(role) for role in endpoint.roles] or [GUEST],
        "security": _security(endpoint),
        "parameters": _parameters(endpoint, schemas),
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if (body := _body(endpoint, schemas)) is not None:
        operation["requestBody"] = body
    return operation


def _security(endpoint: Endpoint) -> list[Schema]:
    known: list[Schema] = [{"bearer": []}, {"session": []}]
    return known if endpoint.needs_actor else [{}, *known] if endpoint.roles else [{}]


def _parameters(endpoint: Endpoint, schemas: Schemas) -> list[Schema]:
    found = _path_parameters(endpoint, schemas)
    if endpoint.query is not None:
        properties, required = schemas.properties(endpoint.query)
        for name, schema in properties.items():
            shown = {"name": name, "in": "query", "required": name in required, "schema": schema}
            if "description" in schema:
                shown["description"] = schema["description"]
            found.append(shown)
    if endpoint.needs_actor:
        found.append({"$ref": "#/components/parameters/ActingGrant"})
    if endpoint.if_match:
        found.append({"$ref": "#/components/parameters/IfMatch"})
    if endpoint.idempotent:
        found.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if endpoint.versioned and endpoint.method == "GET":
        found.append({"$ref": "#/components/parameters/IfNoneMatch"})
    return found


def _path_parameters(endpoint: Endpoint, schemas: Schemas) -> list[Schema]:
    told = {} if endpoint.params is None else schemas.properties(endpoint.params)[0]
    found: list[Schema] = []
    for name, pattern in _STEP.findall(endpoint.path):
        schema: Schema = {"type": "string", "pattern": f"^(?:{pattern})$"} if pattern else {"type": "string"}
        found.append({"name": name, "in": "path", "required": True, "schema": told.get(name, schema)})
    return found


def _body(endpoint: Endpoint, schemas: Schemas) -> Schema | None:
    if endpoint.multipart:
        form = {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
        return {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    if endpoint.body is None:
        return None
    media: Schema = {"schema": schemas.of(endpoint.body)}
    if endpoint.example is not None:
        media["example"] = dict(endpoint.example)
    return {"required": True, "content": {"application/json": media}}


def _responses(endpoint: Endpoint, schemas: Schemas) -> Schema:
    responses = {str(endpoint.status): _success(endpoint, schemas)}
    if endpoint.versioned and endpoint.method == "GET":
        responses["304"] = {"description": "Данные не изменились"}
    told: dict[int, dict[str, None]] = {}
    for status, code in (*implied(endpoint), *endpoint.problems):
        told.setdefault(status, {})[code] = None
    for status in sorted(told):
        responses[str(status)] = _problem(status, list(told[status]))
    responses["default"] = _problem(500, ["internal"])
    return responses


def _success(endpoint: Endpoint, schemas: Schemas) -> Schema:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if endpoint.versioned or endpoint.if_match:
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    if endpoint.status == 201 and not endpoint.no_location:
        headers["Location"] = {"$ref": "#/components/headers/Location"}
    success: Schema = {"description": _phrase(endpoint.status), "headers": headers}
    if endpoint.media:
        success["content"] = {media: {} for media in endpoint.media}
    elif endpoint.reply is not None:
        media: Schema = {"schema": schemas.of(endpoint.reply)}
        if endpoint.reply_example is not None:
            media["example"] = endpoint.reply_example
        success["content"] = {"application/json": media}
    return success


def implied(endpoint: Endpoint) -> list[tuple[int, str]]:
    """Problems that follow from what the endpoint reads and asks for."""
    found: list[tuple[int, str]] = [(422, "invalid")]  # at the least an unknown parameter
    if endpoint.needs_actor:
        found += [(400, "bad-header"), (401, "unauthenticated"), (403, "role-required")]
        if endpoint.method in UNSAFE_METHODS:
            found.append((403, CrossSite.code))
    if "{" in endpoint.path:
        found.append((404, "not-found"))
    if endpoint.body is not None or endpoint.multipart:
        found += [(400, "unreadable"), (413, "too-large"), (415, "unsupported-media-type")]
    if endpoint.if_match:
        found += [(400, "bad-header"), (412, STALE), (428, "if-match-required")]
    if endpoint.idempotent:
        found += [(400, "bad-header"), (409, "request-running"), (422, "idempotency-key-reused")]
    return [*found, (429, "too-many-requests"), (503, "unavailable")]


def _problem(status: int, codes: list[str]) -> Schema:
    headers: Schema = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if status in (429, 503):
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    if status == 401:
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/Authenticate"}
    media = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {code: {"value": _example(status, code)} for code in codes},
    }
    return {"description": _phrase(status), "headers": headers, "content": {CONTENT_TYPE: media}}


def _example(status: int, code: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": "about:blank",
        "title": _phrase(status),
        "status": status,
        "code": code,
        "request_id": "0190f3a4-5b6c-4d7e-8f90-a1b2c3d4e5f6",
    }
    if code == "invalid":
        shown["errors"] = [{"pointer": "/text", "code": "missing", "detail": "Обязательное поле"}]
    return shown


def _phrase(status: int) -> str:
    return parts.TITLES.get(status) or HTTPStatus(status).phrase
