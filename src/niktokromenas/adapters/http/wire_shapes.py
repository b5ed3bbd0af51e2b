"""Branches of a body: closed objects, tagged unions, arrays, maps. All faults at once."""

from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from cattrs import ClassValidationError, Converter
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn
from msgspec import Meta, UnsetType

from niktokromenas.adapters.http.faults import fault, gathered, under, wrong_type
from niktokromenas.adapters.http.wire_scalars import Hook, checks, one_of
from niktokromenas.domain.errors import Fault, Invalid

ARRAYS: Mapping[Any, type] = {tuple: tuple, list: list, frozenset: frozenset}


def is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


def is_array(kind: Any) -> bool:
    return get_origin(kind) in ARRAYS


def is_map(kind: Any) -> bool:
    return get_origin(kind) in (dict, Mapping)


def closed_object(cls: Any, converter: Converter) -> Hook:
    """An object with these fields and no other. Constructors may raise `Invalid`."""
    read = make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True
    )

    def structured(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise wrong_type("объект")
        try:
            return read(value, cls)
        except ClassValidationError as error:
            raise gathered(_faults(error, value)) from error

    return structured


def _faults(error: ClassValidationError, value: Mapping[str, Any]) -> list[Fault]:
    """What is no refusal is a defect of the wire class and goes on as it is."""
    found: list[Fault] = []
    placed, others = error.group_exceptions()
    for cause, note in placed:
        if isinstance(cause, Invalid):
            found += under(note.name, cause)
        elif isinstance(cause, KeyError) and note.name not in value:
            found += under(note.name, fault("missing", "Обязательное поле"))
        else:
            raise cause
    for cause in others:
        if isinstance(cause, ForbiddenExtraKeysError):
            for name in sorted(cause.extra_fields):
                found += under(name, fault("unknown-field", "Такого поля здесь нет"))
        elif isinstance(cause, Invalid):
            found += cause.faults or (Fault("", cause.code, cause.detail, cause.basis),)
        else:
            raise cause
    return found


def variants(union: Any) -> tuple[dict[str, Any], list[Any], bool]:
    """(classes by the value of their `kind`, or one other member, and whether null is allowed).

    Raises `TypeError` for other unions.
    """
    tagged: dict[str, Any] = {}
    others: list[Any] = []
    for member in get_args(union):
        if member is NoneType or member is UnsetType:
            continue
        if attrs.has(member) and len(get_args(union)) > 1 and (kind := _kind(member)) is not None:
            tagged[kind] = member
        else:
            others.append(member)
    if len(others) + bool(tagged) != 1:
        raise TypeError(f"{union} cannot be told apart by `kind`")
    return tagged, others, NoneType in get_args(union)


def _kind(cls: Any) -> str | None:
    kind = get_type_hints(cls, include_extras=True).get("kind")
    if get_origin(kind) is not Literal:
        return None
    if attrs.fields_dict(cls)["kind"].default is not attrs.NOTHING:
        raise TypeError(f"{cls.__name__}.kind must have no default: senders always write it")
    return str(get_args(kind)[0])


def union(kind: Any, converter: Converter) -> Hook:
    """A nullable value, or classes told apart by their `kind`. Raises `TypeError` for other unions."""
    tagged, others, nullable = variants(kind)
    inner = _tagged(tagged, converter) if tagged else converter.get_structure_hook(others[0])
    member = others[0] if others else None

    def structured(value: Any, _: Any) -> Any:
        return None if value is None and nullable else inner(value, member)

    return structured


def _tagged(classes: Mapping[str, Any], converter: Converter) -> Hook:
    hooks = {kind: converter.get_structure_hook(cls) for kind, cls in classes.items()}
    known = one_of((kind, kind) for kind in classes)

    def structured(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise wrong_type("объект")
        if "kind" not in value:
            raise fault("missing", "Обязательное поле", "/kind")
        try:
            kind = known(value["kind"], str)
        except Invalid as error:
            raise gathered(under("kind", error)) from error
        return hooks[kind](value, classes[kind])

    return structured


def array(kind: Any, converter: Converter) -> Hook:
    """`tuple[X, ...]`, `list[X]`, or `frozenset[X]`, whose elements must differ."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and arguments[1:] != (...,):
        raise TypeError(f"{kind}: only tuple[X, ...] is read from JSON")
    element, build = arguments[0], ARRAYS[origin]
    inner = converter.get_structure_hook(element)

    def structured(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise wrong_type("список")
        built = build(_each(enumerate(value), inner, element))
        if len(built) != len(value):
            raise fault("repeated", "Значения не должны повторяться")
        return built

    return structured


def _each(pairs: Iterable[tuple[Any, Any]], inner: Hook, element: Any) -> list[Any]:
    found: list[Any] = []
    faults: list[Fault] = []
    for place, item in pairs:
        try:
            found.append(inner(item, element))
        except Invalid as error:
            faults += under(place, error)
    if faults:
        raise gathered(faults)
    return found


def mapping(kind: Any, converter: Converter) -> Hook:
    """`dict[K, V]`; a fault of a key is told at the key's own place."""
    key, element = get_args(kind)
    read_key, inner = converter.get_structure_hook(key), converter.get_structure_hook(element)

    def structured(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise wrong_type("объект")
        keys = _each(((name, name) for name in value), read_key, key)
        return dict(zip(keys, _each(value.items(), inner, element), strict=True))

    return structured


def constrained(kind: Any, converter: Converter) -> Hook:
    """`Annotated[X, Meta(...)]`."""
    base, *notes = get_args(kind)
    inner = converter.get_structure_hook(base)
    tests = [check for note in notes if isinstance(note, Meta) for check in checks(note)]

    def structured(value: Any, _: Any) -> Any:
        built = inner(value, base)
        for test in tests:
            if (refusal := test(built)) is not None:
                raise refusal
        return built

    return structured if tests else inner


def is_constrained(kind: Any) -> bool:
    return get_origin(kind) is Annotated


def is_literal(kind: Any) -> bool:
    return get_origin(kind) is Literal
