"""Column types that read the same from both databases. Each value is converted by one plain function.

| type | SQLite | PostgreSQL |
|---|---|---|
| `UtcDateTime` | `2026-01-31T09:00:00.000000Z`: 27 characters, so text sorts as time | timestamptz |
| `Id` | 16 bytes in network order: their order is UUIDv7's order | uuid |
| `Json` | text | jsonb |
| `StemText` | text, stems between spaces | tsvector |
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from niktokromenas.domain.messages.searching import BREAK

Processor = Callable[[Any], Any]


def _is_sqlite(dialect: Dialect) -> bool:
    return dialect.name == "sqlite"


def _aware(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise ValueError(f"an instant without a UTC offset cannot be stored: {at}")
    return at


def _instant_text(at: datetime | None) -> str | None:
    if at is None:
        return None
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError(f"an instant without a UTC offset cannot be stored: {at}")
        at = at.astimezone(UTC)
    return at.isoformat("T", "microseconds")[:26] + "Z"


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, aware on the way in (`ValueError` otherwise), in UTC on the way out."""

    impl = sa.String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        native = sa.String(27) if _is_sqlite(dialect) else sa.TIMESTAMP(timezone=True)
        return dialect.type_descriptor(native)

    def bind_processor(self, dialect: Dialect) -> Processor | None:
        return _instant_text if _is_sqlite(dialect) else _aware

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor | None:
        return _instant if _is_sqlite(dialect) else None


def _id_bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _id(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=value)


class Id(TypeDecorator[UUID]):
    impl = sa.LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.LargeBinary(16) if _is_sqlite(dialect) else sa.Uuid())

    def bind_processor(self, dialect: Dialect) -> Processor | None:
        return _id_bytes if _is_sqlite(dialect) else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor | None:
        return _id if _is_sqlite(dialect) else None


def _json_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


class Json(TypeDecorator[Any]):
    """JSON values as orjson reads and writes them; `None` is SQL's NULL."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.Text() if _is_sqlite(dialect) else JSONB())

    def bind_processor(self, dialect: Dialect) -> Processor | None:
        return _json_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Processor | None:
        return _json if _is_sqlite(dialect) else None  # on PostgreSQL the driver's codec reads


def _stem_text(stems: tuple[str, ...] | None) -> str | None:
    return None if stems is None else " ".join(stems)


def _vector(stems: tuple[str, ...] | None) -> str | None:
    """In PostgreSQL's own words: its parsers never see what people wrote. A break only takes a place."""
    if stems is None:
        return None
    return " ".join(f"'{stem}':{place}" for place, stem in enumerate(stems, 1) if stem != BREAK)


class StemText(TypeDecorator[tuple[str, ...]]):
    """Stems in order, `searching.BREAK` among them. Written and searched, never read back."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.Text() if _is_sqlite(dialect) else TSVECTOR())

    def bind_processor(self, dialect: Dialect) -> Processor | None:
        return _stem_text if _is_sqlite(dialect) else _vector


Place = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64 bits; on SQLite INTEGER alone can be the row's own number."""
