"""Leaves of a body: JSON values to Python values, each refusal an `Invalid` with one fault.

Nothing is guessed: a number in quotes is text, `true` is no number, a moment without an offset is
refused. Every value let through can be stored and converted to UTC.
"""

import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from msgspec import Meta

from niktokromenas.adapters.http.faults import fault, wrong_type
from niktokromenas.domain.errors import Invalid

Hook = Callable[[Any, Any], Any]
Check = Callable[[Any], Invalid | None]

LARGEST_INTEGER = 2**53 - 1
"""Beyond it programs that read JSON disagree (RFC 8259, section 6)."""

DECIMAL_PATTERN = r"^-?[0-9]{1,16}(\.[0-9]{1,400})?$"
"""Whatever number JSON has can be written so, digit for digit."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_DECIMAL = re.compile(DECIMAL_PATTERN[:-1] + r"\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def text(value: Any, _: Any) -> str:
    if type(value) is not str:
        raise wrong_type("строка")
    if "\0" in value:
        raise fault("bad-character", "Текст содержит недопустимый знак U+0000")
    return value


def flag(value: Any, _: Any) -> bool:
    if type(value) is not bool:
        raise wrong_type("true или false")
    return value


def integer(value: Any, _: Any) -> int:
    """`2.0` is the integer 2, as JSON Schema has it."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        raise wrong_type("целое число")
    if value > LARGEST_INTEGER:
        raise fault("too-large", f"Число не больше {LARGEST_INTEGER}")
    if value < -LARGEST_INTEGER:
        raise fault("too-small", f"Число не меньше {-LARGEST_INTEGER}")
    return value


def number(value: Any, _: Any) -> float:
    if type(value) is not float and type(value) is not int:
        raise wrong_type("число")
    if not math.isfinite(value):
        raise wrong_type("конечное число")
    return float(value)


def decimal(value: Any, _: Any) -> Decimal:
    """A number as the shortest decimal that means it, or a decimal in quotes, digit for digit."""
    if type(value) is str:
        if _DECIMAL.search(value) is None:
            raise fault("bad-decimal", "Дробь строкой записывается так: -12.5")
        return Decimal(value)
    if type(value) is not int and type(value) is not float:
        raise wrong_type("число")
    if value > LARGEST_INTEGER:
        raise fault("too-large", f"Число не больше {LARGEST_INTEGER}")
    if value < -LARGEST_INTEGER:
        raise fault("too-small", f"Число не меньше {-LARGEST_INTEGER}")
    return Decimal(repr(value))


def identifier(value: Any, _: Any) -> UUID:
    if type(value) is not str or _UUID.fullmatch(value) is None:
        raise fault("bad-uuid", "Здесь нужен идентификатор UUID")
    return UUID(value)


def day(value: Any, _: Any) -> date:
    if type(value) is not str or _DATE.fullmatch(value) is None:
        raise fault("bad-date", "Дата записывается так: 2026-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise fault("bad-date", "Такой даты нет") from error


def moment(value: Any, _: Any) -> datetime:
    """RFC 3339 with an offset, kept as it was written."""
    if type(value) is not str or (match := _MOMENT.fullmatch(value)) is None:
        raise fault("bad-datetime", "Время записывается так: 2026-01-31T12:00:00+03:00")
    if match[1] is None:
        raise fault("no-offset", "У времени должно быть смещение от UTC, например +03:00")
    try:
        written = datetime.fromisoformat(value.upper())
        written.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise fault("bad-datetime", "Такого времени нет") from error
    return written


def one_of(choices: Iterable[tuple[Any, Any]]) -> Hook:
    """`choices`: (as written in JSON, as used in Python)."""
    by_value = {(type(written), written): used for written, used in choices}
    detail = "Можно указать: " + ", ".join(str(written) for _, written in by_value)

    def chosen(value: Any, _: Any) -> Any:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) not in (str, int, bool) or (found := by_value.get((type(value), value))) is None:
            raise fault("not-one-of", detail)
        return found

    return chosen


@cache
def _members(cls: type[Enum]) -> Hook:
    return one_of((each.value, each) for each in cls)


def member(value: Any, cls: type[Enum]) -> Enum:
    found: Enum = _members(cls)(value, cls)
    return found


def checks(meta: Meta) -> list[Check]:
    """What `Annotated[..., Meta(...)]` asks of a value, the same as its JSON Schema keywords do."""
    limits: list[tuple[Any, Callable[[Any, Any], bool], str, str]] = [
        (meta.min_length, lambda value, limit: len(value) < limit, "too-short", "Длина не меньше {}"),
        (meta.max_length, lambda value, limit: len(value) > limit, "too-long", "Длина не больше {}"),
        (meta.ge, lambda value, limit: value < limit, "too-small", "Значение не меньше {}"),
        (meta.gt, lambda value, limit: value <= limit, "too-small", "Значение больше {}"),
        (meta.le, lambda value, limit: value > limit, "too-large", "Значение не больше {}"),
        (meta.lt, lambda value, limit: value >= limit, "too-large", "Значение меньше {}"),
    ]
    found = [_limit(*each) for each in limits if each[0] is not None]
    return found if meta.pattern is None else [*found, _pattern(meta.pattern)]


def _limit(limit: Any, breaks: Callable[[Any, Any], bool], code: str, detail: str) -> Check:
    refusal = detail.format(limit)
    return lambda value: fault(code, refusal) if breaks(value, limit) else None


def _pattern(pattern: str) -> Check:
    """ECMA 262 reads `$` as the very end, and `\\d` and `\\w` as ASCII."""
    ended = pattern[:-1] + r"\Z" if pattern.endswith("$") and not pattern.endswith(r"\$") else pattern
    search = re.compile(ended, re.ASCII).search
    return lambda value: fault("bad-format", "Значение записано не так") if search(value) is None else None
