"""Versions as entity tags (RFC 9110, section 13): lost updates refused, repeated reads cheap."""

import re

from aiohttp import web

from niktokromenas.adapters.http.http_errors import BadHeader, PreconditionRequired

_TAG = re.compile(r'"(0|[1-9][0-9]{0,15})"', re.ASCII)
_LISTED = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def etag(version: int, *counts: int) -> str:
    return '"' + "-".join(map(str, (version, *counts))) + '"'


def if_match(request: web.Request) -> int:
    """The version the caller has read. Raises `PreconditionRequired`, `BadHeader`.

    One strong tag of ours: `*` and lists would mean "whatever it is now", which loses updates.
    """
    values = request.headers.getall("If-Match", [])
    if not values:
        raise PreconditionRequired
    if len(values) > 1 or (match := _TAG.fullmatch(values[0].strip())) is None:
        raise BadHeader('Заголовок If-Match содержит одну версию, например "3"')
    return int(match[1])


def is_not_modified(request: web.Request, tag: str) -> bool:
    """Whether `If-None-Match` names `tag` (weak comparison, section 13.1.2)."""
    asked = request.headers.get("If-None-Match")
    if asked is None:
        return False
    return asked.strip() == "*" or tag.removeprefix("W/") in _LISTED.findall(asked)
