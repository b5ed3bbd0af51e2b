"""How values inside a column are written: JSON of our own, apart from any wire format."""

from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from cattrs import Converter
from cattrs.strategies import configure_tagged_union

from niktokromenas.adapters.sql.stored_surveys import know_surveys
from niktokromenas.domain.messages.answers import Done, Explained, Outcome, Planned, Refused

Value = TypeVar("Value")


def _instant(written: str, _: type) -> datetime:
    return datetime.fromisoformat(written)


def _day(written: str, _: type) -> date:
    return date.fromisoformat(written)


def _converter() -> Converter:
    converter = Converter(omit_if_default=True)
    converter.register_unstructure_hook(datetime, lambda at: at.astimezone(UTC).isoformat())
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook(UUID, str)
    converter.register_structure_hook(datetime, _instant)
    converter.register_structure_hook(date, _day)
    converter.register_structure_hook(UUID, lambda written, _: UUID(written))
    words = {Done: "done", Planned: "planned", Explained: "explained", Refused: "refused"}
    configure_tagged_union(Outcome, converter, tag_generator=words.__getitem__, tag_name="outcome")
    know_surveys(converter)
    return converter


_stored = _converter()


def write(value: object) -> Any:
    """Plain JSON values for a column."""
    return _stored.unstructure(value)


def write_maybe(value: object | None) -> Any:
    return None if value is None else _stored.unstructure(value)


def read(written: Any, kind: type[Value]) -> Value:
    """The mirror of `write`."""
    return _stored.structure(written, kind)


def read_maybe(written: Any, kind: type[Value]) -> Value | None:
    return None if written is None else _stored.structure(written, kind)
