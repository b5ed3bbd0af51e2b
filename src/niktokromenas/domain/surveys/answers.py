"""What somebody answers, one value for each kind of question (Положение, разд. 9)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from attrs import field, frozen

from niktokromenas.domain.values import Point

OTHER = "other"
"""The code that "свой вариант" goes by; no option may bear it."""


def _codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(codes)


def _cells(rows: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(rows))


def _as_pairs(rows: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """By these two are compared and hashed."""
    return frozenset(rows.items())


@frozen
class Chosen:
    """Options of a question with one or several; their order says nothing. `other` is the own words."""

    options: tuple[str, ...] = field(converter=_codes)
    other: str | None = None

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(self.options) | ({OTHER} if self.other is not None else frozenset[str]())


@frozen
class Scaled:
    value: int


@frozen
class Cells:
    """Of a matrix: one column for each answered row."""

    columns: Mapping[str, str] = field(converter=_cells, eq=_as_pairs)


@frozen
class Ranked:
    """Options from the first place down."""

    order: tuple[str, ...] = field(converter=_codes)


@frozen
class Text:
    words: str


@frozen
class Amount:
    value: Decimal


@frozen
class Day:
    value: date


@frozen
class Spot:
    point: Point


Answer = Chosen | Scaled | Cells | Ranked | Text | Amount | Day | Spot
Sheet = Mapping[str, Answer]
"""All answers of one participant by the code of the question; what was not answered is not there."""
