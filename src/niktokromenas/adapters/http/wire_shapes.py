"""Branches of a body: closed objects, tagged unions, arrays, maps. All faults at once."""

from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen
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


@frozen(kw_only=True)
class Variants:
    """What a union may be: classes by the value of their `tag`, or one other member; null or not."""

    tag: str = "kind"
    classes: Mapping[str, Any]
    other: Any = None
    is_nullable: bool = False


TAGS = ("type", "kind")
"""Names that a union's classes may be told apart by; a class with both goes by the first."""


def variants(union: Any) -> Variants:
    """Raises `TypeError` for unions that cannot be told apart."""
    tags: set[str] = set()
    classes: dict[str, Any] = {}
    others: list[Any] = []
    for member in get_args(union):
        if member is NoneType or member is UnsetType:
            continue
        if attrs.has(member) and len(get_args(union)) > 1 and (tag := _tag(member)) is not None:
            tags.add(tag[0])
            classes[tag[1]] = member
        else:
            others.append(member)
    if len(others) + len(tags) != 1:
        raise TypeError(f"{union} cannot be told apart by one of {TAGS}")
    return Variants(
        tag=next(iter(tags), "kind"),
        classes=classes,
        other=others[0] if others else None,
        is_nullable=NoneType in get_args(union),
    )


def _tag(cls: Any) -> tuple[str, str] | None:
    """The name and the value of the field that says which class it is."""
    hints = get_type_hints(cls, include_extras=True)
    name = next((name for name in TAGS if get_origin(hints.get(name)) is Literal), None)
    if name is None:
        return None
    if attrs.fields_dict(cls)[name].default is not attrs.NOTHING:
        raise TypeError(f"{cls.__name__}.{name} must have no default: senders always write it")
    return name, str(get_args(hints[name])[0])


def union(kind: Any, converter: Converter) -> Hook:
    """A nullable value, or classes told apart by a tag. Raises `TypeError` for other unions."""
    found = variants(kind)
    inner = _tagged(found, converter) if found.classes else converter.get_structure_hook(found.other)

    def structured(value: Any, _: Any) -> Any:
        return None if value is None and found.is_nullable else inner(value, found.other)

    return structured


def _tagged(found: Variants, converter: Converter) -> Hook:
    hooks = {name: converter.get_structure_hook(cls) for name, cls in found.classes.items()}
    known = one_of((name, name) for name in found.classes)

    def structured(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise wrong_type("объект")
        if found.tag not in value:
            raise fault("missing", "Обязательное поле", f"/{found.tag}")
        try:
            name = known(value[found.tag], str)
        except Invalid as error:
            raise gathered(under(found.tag, error)) from error
        return hooks[name](value, found.classes[name])

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
    found, faults = _read(pairs, inner, element)
    if faults:
        raise gathered(faults)
    return found


def _read(pairs: Iterable[tuple[Any, Any]], inner: Hook, element: Any) -> tuple[list[Any], list[Fault]]:
    found: list[Any] = []
    faults: list[Fault] = []
    for place, item in pairs:
        try:
            found.append(inner(item, element))
        except Invalid as error:
            faults += under(place, error)
    return found, faults


def mapping(kind: Any, converter: Converter) -> Hook:
    """`dict[K, V]`; a fault of a key is told at the key's own place."""
    key, element = get_args(kind)
    read_key, inner = converter.get_structure_hook(key), converter.get_structure_hook(element)

    def structured(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise wrong_type("объект")
        keys, key_faults = _read(((name, name) for name in value), read_key, key)
        items, item_faults = _read(value.items(), inner, element)
        if key_faults or item_faults:
            raise gathered([*key_faults, *item_faults])
        return dict(zip(keys, items, strict=True))

    return structured


@frozen(kw_only=True)
class Nested:
    """Note of an `Annotated` recursive union: how deep its objects may lie in each other, and how many."""

    deepest: int
    most: int

    def check(self, value: Any) -> None:
        """Raises `Invalid`; walks without recursion, and no further than it must."""
        waiting, met = [(value, 0)], 0
        while waiting:
            part, depth = waiting.pop()
            if type(part) is dict:
                depth, met = depth + 1, met + 1
                if depth > self.deepest:
                    raise fault("too-deep", f"Вложенность не больше {self.deepest}")
                if met > self.most:
                    raise fault("too-many", f"Частей не больше {self.most}")
            if type(part) in (dict, list):
                waiting += [(each, depth) for each in (part.values() if type(part) is dict else part)]


def constrained(kind: Any, converter: Converter) -> Hook:
    """`Annotated[X, Meta(...)]`, `Annotated[X, Nested(...)]`."""
    base, *notes = get_args(kind)
    inner = converter.get_structure_hook(base)
    tests = [check for note in notes if isinstance(note, Meta) for check in checks(note)]
    bounds = [note for note in notes if isinstance(note, Nested)]

    def structured(value: Any, _: Any) -> Any:
        for bound in bounds:
            bound.check(value)
        built = inner(value, base)
        for test in tests:
            if (refusal := test(built)) is not None:
                raise refusal
        return built

    return structured if tests or bounds else inner


def is_constrained(kind: Any) -> bool:
    return get_origin(kind) is Annotated


def is_literal(kind: Any) -> bool:
    return get_origin(kind) is Literal
