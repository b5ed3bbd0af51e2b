"""How questions, conditions and target groups are written inside a column: each kind under its own word."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn

from niktokromenas.domain.surveys.conditions import Answered, Chose, Every, Negated, Some, Within
from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Matrix,
    Number,
    One,
    OnMap,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.target import AgeBand, All, AnyOf, InGroup, IsKind, LivesIn, Not, TookPart

_WORD = "is"
_WORDS: Mapping[type, str] = {
    One: "one",
    Several: "several",
    Scale: "scale",
    Matrix: "matrix",
    Ranking: "ranking",
    FreeText: "text",
    Number: "number",
    Calendar: "date",
    OnMap: "point",
    Chose: "chose",
    Within: "within",
    Answered: "answered",
    Negated: "not",
    Every: "every",
    Some: "some",
    AgeBand: "age",
    LivesIn: "lives-in",
    IsKind: "kind",
    InGroup: "in-group",
    TookPart: "took-part",
    Not: "is-not",
    All: "all",
    AnyOf: "any",
}
_KINDS = {word: kind for kind, word in _WORDS.items()}
_MEASURES = frozenset({int, Decimal, date})


def _members(kind: Any) -> frozenset[Any]:
    """Of a union, without `None`."""
    is_union = get_origin(kind) in (Union, UnionType)
    return frozenset(get_args(kind)) - {type(None)} if is_union else frozenset()


def _is_worded(kind: Any) -> bool:
    members = _members(kind)
    return bool(members) and members <= _WORDS.keys()


def _measure(written: Any, _: Any) -> int | Decimal | date | None:
    """Whole numbers stay numbers; of words, dates alone have hyphens at these places."""
    if written is None or isinstance(written, int):
        return written
    return date.fromisoformat(written) if written[4:5] == written[7:8] == "-" else Decimal(written)


def know_surveys(converter: Converter) -> None:
    """Teach the converter of columns."""
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda written, _: Decimal(written))
    converter.register_unstructure_hook(bytes, bytes.hex)
    converter.register_structure_hook(bytes, lambda written, _: bytes.fromhex(written))

    def read(written: Any, _: Any) -> Any:
        return None if written is None else converter.structure(written, _KINDS[written[_WORD]])

    converter.register_structure_hook_func(_is_worded, read)
    converter.register_structure_hook_func(lambda kind: _members(kind) == _MEASURES, _measure)
    for kind, word in _WORDS.items():
        converter.register_unstructure_hook(kind, _writer(converter, kind, word))


def _writer(converter: Converter, kind: type, word: str) -> Any:
    plain: Any = make_dict_unstructure_fn(kind, converter, _cattrs_omit_if_default=True)
    return lambda value: {_WORD: word, **plain(value)}
