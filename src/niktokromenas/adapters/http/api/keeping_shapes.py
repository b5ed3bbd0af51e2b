"""Saved filters and templates of answers, as they go out."""

from datetime import datetime
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class FilterOut:
    id: UUID
    name: str
    list: str
    terms: dict[str, str]
    made_at: datetime


@frozen(kw_only=True)
class FiltersOut:
    items: tuple[FilterOut, ...]


@frozen(kw_only=True)
class TemplateOut:
    id: UUID
    version: int
    authority: str
    category: str
    title: str
    text: str
    made_at: datetime
