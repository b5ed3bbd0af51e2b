"""Pages by keyset: the cursor holds the sort key of the last item, never an offset."""

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar

import orjson
from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http import wire
from niktokromenas.adapters.http.faults import fault
from niktokromenas.domain.errors import Invalid

Item = TypeVar("Item")


@frozen(kw_only=True)
class Page(Generic[Item]):
    """`next` is what to send as `after` for the following page; null on the last."""

    items: tuple[Item, ...]
    next: str | None


@frozen(kw_only=True)
class Paging:
    """Query parameters of every list. Subclass it to add filters."""

    limit: Annotated[int, Meta(ge=1, le=100, description="Сколько записей на странице")] = 20
    after: Annotated[str, Meta(max_length=512, description="Значение next предыдущей страницы")] | None = None


def encode_cursor(*keys: object) -> str:
    """Opaque and URL-safe; str, int, float, None, UUID, date, datetime."""
    return base64.urlsafe_b64encode(wire.dumps(keys)).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: Any) -> tuple[Any, ...]:
    """The keys, read as `kinds`. Raises `Invalid` for anything this server did not write."""
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        keys = orjson.loads(packed)
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error
    if not isinstance(keys, list) or len(keys) != len(kinds):
        raise _bad_cursor()
    try:
        return tuple(wire.reader(kind)(key) for kind, key in zip(kinds, keys, strict=True))
    except Invalid as error:
        raise _bad_cursor() from error


def _bad_cursor() -> Invalid:
    return fault("bad-cursor", "Такой страницы нет: начните список сначала", "/after")
