"""JSON in and out. Wire classes are attrs classes of their own: the domain never sees JSON.

A wire class may hold str, int, float, Decimal, bool, UUID, aware datetime, date, StrEnum, IntEnum, Literal,
other wire classes, unions of wire classes told apart by `type: Literal["…"]` or `kind: Literal["…"]`,
`X | None`, `tuple[X, ...]`, `frozenset[X]`, `dict[K, V]`, each `Annotated[..., msgspec.Meta(...)]`. A union
may hold itself where `Annotated[..., wire_shapes.Nested(...)]` bounds it. A field that may be left out
of a change is `X | UnsetType = UNSET`: absent and null are different things.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, get_args
from uuid import UUID

import attrs
import orjson
from cattrs import Converter
from msgspec import UNSET

from niktokromenas.adapters.http import wire_scalars as scalars
from niktokromenas.adapters.http import wire_shapes as shapes
from niktokromenas.adapters.http.http_errors import Unreadable

_SCALARS: tuple[tuple[Any, scalars.Hook], ...] = (
    (str, scalars.text),
    (bool, scalars.flag),
    (int, scalars.integer),
    (float, scalars.number),
    (Decimal, scalars.decimal),
    (UUID, scalars.identifier),
    (date, scalars.day),
    (datetime, scalars.moment),
    *((kind, scalars.member) for kind in (StrEnum, IntEnum, Enum)),
)


def _converter() -> Converter:
    converter = Converter(detailed_validation=True, forbid_extra_keys=True)
    for kind, hook in _SCALARS:
        converter.register_structure_hook(kind, hook)
    factory = converter.register_structure_hook_factory
    factory(attrs.has, lambda kind, within: shapes.closed_object(kind, within))
    factory(shapes.is_literal, lambda kind: scalars.one_of((value, value) for value in get_args(kind)))
    factory(shapes.is_array, lambda kind, within: shapes.array(kind, within))
    factory(shapes.is_map, lambda kind, within: shapes.mapping(kind, within))
    factory(shapes.is_union, lambda kind, within: shapes.union(kind, within))
    factory(shapes.is_constrained, lambda kind, within: shapes.constrained(kind, within))
    return converter


_CONVERTER = _converter()
"""Holds hooks only, and only adds to them: it is a compiled form of the wire classes."""


def reader(kind: Any) -> Callable[[Any], Any]:
    """How to read JSON values as `kind`: raises `Invalid` with every fault, pointers from the root.

    Building it raises `TypeError` for a class that cannot be a wire class.
    """
    hook = _CONVERTER.get_structure_hook(kind)
    return lambda value: hook(value, kind)


def parse(body: bytes) -> Any:
    """Raises `Unreadable`: not JSON (RFC 8259), not UTF-8, lone surrogates, NaN, too deep, too great."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"Тело запроса — не JSON: строка {error.lineno}, знак {error.colno}") from error


def dumps(value: object) -> bytes:
    """dicts, lists, wire classes (without UNSET fields), UUID, date, datetime, Decimal, enums."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if attrs.has(type(value)):
        return plain(value)
    if isinstance(value, UUID):
        return str(value)  # orjson knows the class itself, not what a database driver makes of it
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def plain(value: Any) -> dict[str, Any]:
    """The fields of one wire class; what they hold is left as it is."""
    fields = attrs.fields(type(value))
    return {field.name: held for field in fields if (held := getattr(value, field.name)) is not UNSET}
