"""JSON Schema (2020-12) of wire classes, saying exactly what `wire` accepts.

msgspec describes scalars, constraints and enums; objects are closed and unions told apart by a tag
here, for msgspec knows neither.
"""

import inspect
from datetime import datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec
from msgspec import UNSET, Meta

from niktokromenas.adapters.http import wire_shapes
from niktokromenas.adapters.http.paging import Page
from niktokromenas.adapters.http.wire_scalars import DECIMAL_PATTERN, LARGEST_INTEGER

Schema = dict[str, Any]
_REF = "#/components/schemas/{name}"


DECIMAL: Schema = {
    "type": ["number", "string"],
    "pattern": DECIMAL_PATTERN,
    "minimum": -LARGEST_INTEGER,
    "maximum": LARGEST_INTEGER,
    "description": "Число или десятичная дробь строкой: строка не округляется",
}


class Schemas:
    """`components` grows with each class that `of` is asked about."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._named: dict[str, Any] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of `kind`, classes as references. Raises `TypeError` when two share a name."""
        (schema,), enums = msgspec.json.schema_components(
            (self._stand_in(kind),), schema_hook=_carried, ref_template=_REF
        )
        self.components.update(enums)
        bounded: Schema = _bounded(schema)
        return bounded

    def properties(self, cls: Any) -> tuple[dict[str, Schema], list[str]]:
        """(schema by field, names without a default)."""
        hints, required, found = get_type_hints(cls, include_extras=True), [], {}
        for field in attrs.fields(cls):
            schema = self.of(hints[field.name])
            if field.default is attrs.NOTHING:
                required.append(field.name)
            elif not isinstance(field.default, attrs.Factory) and field.default not in (UNSET, None):  # type: ignore[arg-type]
                schema = {**schema, "default": msgspec.to_builtins(field.default)}
            found[field.name] = schema
        return found, required

    def _object(self, cls: Any) -> Schema:
        name = cls.__name__
        if self._named.setdefault(name, cls) is not cls:
            raise TypeError(f"two wire classes are called {name}")
        if name not in self.components:
            self.components[name] = {}
            properties, required = self.properties(cls)
            self.components[name] = _closed(name, properties, required, cls.__doc__)
        return {"$ref": _REF.format(name=name)}

    def _page(self, item: Any) -> Schema:
        name = f"PageOf{item.__name__}"
        properties = {"items": self.of(tuple[item, ...]), "next": self.of(str | None)}
        self.components[name] = _closed(name, properties, ["items", "next"], Page.__doc__)
        return {"$ref": _REF.format(name=name)}

    def _union(self, found: wire_shapes.Variants) -> Schema:
        references = {name: self._object(cls) for name, cls in found.classes.items()}
        return {
            "oneOf": list(references.values()),
            "discriminator": {
                "propertyName": found.tag,
                "mapping": {name: reference["$ref"] for name, reference in references.items()},
            },
        }

    def _stand_in(self, kind: Any) -> Any:
        """`kind` with each class of ours in it replaced by one that carries its finished schema."""
        if get_origin(kind) is Page:
            return _carrier(self._page(get_args(kind)[0]))
        if isinstance(kind, type) and attrs.has(kind):
            return _carrier(self._object(kind))
        if kind is Decimal:
            return _carrier(DECIMAL)
        if kind is datetime:
            return Annotated[datetime, Meta(tz=True)]
        if wire_shapes.is_constrained(kind):
            base, *notes = get_args(kind)
            return Annotated.__class_getitem__((self._stand_in(base), *notes))  # type: ignore[attr-defined]
        if wire_shapes.is_union(kind):
            return self._nullable(kind)
        if wire_shapes.is_array(kind) or wire_shapes.is_map(kind):
            inner = tuple(each if each is ... else self._stand_in(each) for each in get_args(kind))
            return (get_origin(kind) or kind)[inner if len(inner) > 1 else inner[0]]
        return kind

    def _nullable(self, kind: UnionType) -> Any:
        found = wire_shapes.variants(kind)
        inner = _carrier(self._union(found)) if found.classes else self._stand_in(found.other)
        return Union[inner, None] if found.is_nullable else inner  # noqa: UP007


def _carried(stand_in: Any) -> Schema:
    schema: Schema = stand_in.schema
    return schema


def _carrier(schema: Schema) -> type:
    return type("Carrier", (), {"schema": schema})


def _closed(name: str, properties: dict[str, Schema], required: list[str], doc: str | None) -> Schema:
    schema: Schema = {
        "title": name,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    if doc and not doc.startswith("Method generated by attrs"):
        schema["description"] = inspect.cleandoc(doc)
    return schema


def _bounded(schema: Any) -> Any:
    """Integers within the range that `wire` lets through, at every depth."""
    if isinstance(schema, list):
        return [_bounded(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: _bounded(value) for name, value in schema.items()}
    if schema.get("type") == "integer":
        schema.setdefault("minimum", -LARGEST_INTEGER)
        schema.setdefault("maximum", LARGEST_INTEGER)
    return schema
