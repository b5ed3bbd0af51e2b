"""Query and path parameters: strings by name, read through the same wire classes as bodies."""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, Protocol, get_args, get_type_hints

from attrs import frozen
from msgspec import UnsetType

from niktokromenas.adapters.http import wire, wire_shapes
from niktokromenas.adapters.http.faults import fault, gathered, under
from niktokromenas.domain.errors import Fault, Invalid

_INTEGER = re.compile(r"-?\d{1,16}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,16}(?:\.\d{1,16})?", re.ASCII)
_FLAGS: Mapping[str, bool] = {"true": True, "false": False}


class Parameters(Protocol):
    """A multidict: one name, one or more values."""

    def getall(self, key: str) -> list[str]: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> int: ...


def _integer(written: str) -> Any:
    return int(written) if _INTEGER.fullmatch(written) else written


def _number(written: str) -> Any:
    return float(written) if _NUMBER.fullmatch(written) else written


def _flag(written: str) -> Any:
    return _FLAGS.get(written, written)


def _text(written: str) -> Any:
    return written


def _bare(kind: Any) -> Any:
    while True:
        if wire_shapes.is_constrained(kind):
            kind = get_args(kind)[0]
        elif wire_shapes.is_union(kind):
            kind = next(each for each in get_args(kind) if each not in (NoneType, UnsetType))
        else:
            return kind


def _reading(kind: Any) -> Callable[[str], Any]:
    """What does not look like `kind` stays text, for the wire class to refuse."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        kind = type(next(iter(kind)).value)
    return {int: _integer, float: _number, bool: _flag}.get(kind, _text)


@frozen
class _Parameter:
    reading: Callable[[str], Any]
    is_many: bool


@cache
def _parameters(cls: Any) -> Mapping[str, _Parameter]:
    found: dict[str, _Parameter] = {}
    for name, kind in get_type_hints(cls, include_extras=True).items():
        bare = _bare(kind)
        many = wire_shapes.is_array(bare)
        found[name] = _Parameter(_reading(_bare(get_args(bare)[0]) if many else bare), many)
    return found


def query_reader(cls: Any) -> Callable[[Parameters], Any]:
    """Raises `Invalid`: unknown names, names repeated without being a list, and what the class refuses.

    Pointers are `/name`. A list is written by repeating its name.
    """
    parameters, read = _parameters(cls), wire.reader(cls)

    def structured(query: Parameters) -> Any:
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for name in dict.fromkeys(query) if len(query) else ():
            written, known = query.getall(name), parameters.get(name)
            if known is None:
                faults += under(name, fault("unknown-parameter", "Такого параметра нет"))
            elif known.is_many:
                values[name] = [known.reading(each) for each in written]
            elif len(written) > 1:
                faults += under(name, fault("repeated", "Этот параметр указывают один раз"))
            else:
                values[name] = known.reading(written[0])
        return _read(read, values, faults)

    return structured


def _read(read: Callable[[Any], Any], values: dict[str, Any], faults: list[Fault]) -> Any:
    told = {each.pointer for each in faults}
    try:
        built = read(values)
    except Invalid as error:
        raise gathered([*faults, *(each for each in error.faults if each.pointer not in told)]) from error
    if faults:
        raise gathered(faults)
    return built


def path_reader(cls: Any) -> Callable[[Mapping[str, str]], Any]:
    """Values of an address. Raises `Invalid`; whoever asks for such an address is told there is none."""
    parameters, read = _parameters(cls), wire.reader(cls)
    return lambda values: read({name: parameters[name].reading(value) for name, value in values.items()})
