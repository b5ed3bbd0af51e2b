"""Following an area or a category: what of it a new public message concerns (ADR 0023)."""

from datetime import datetime
from math import floor
from typing import ClassVar
from uuid import UUID

from attrs import frozen

from niktokromenas.domain.errors import Conflict, Fault, refuse
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.values import Point

MOST = 20
"""Subscriptions of one person."""
MOST_METRES = 5000
_CELLS = 10
"""Cells a degree: 5 km reach no further than a neighbouring cell, up to 60 degrees of latitude."""


class TooManySubscriptions(Conflict):
    code: ClassVar[str] = "too-many-subscriptions"


@frozen(kw_only=True)
class Circle:
    """Raises `Invalid` for a radius that is not from 100 m to 5 km."""

    centre: Point
    metres: int

    def __attrs_post_init__(self) -> None:
        if not 100 <= self.metres <= MOST_METRES:
            detail = "Радиус — от 100 до 5000 метров"
            refuse([Fault("/circle/metres", "bad-radius", detail)])

    def holds(self, point: Point) -> bool:
        return self.centre.metres_to(point) <= self.metres


@frozen(kw_only=True)
class Scope:
    """What to hear of; all given parts must hold. Raises `Invalid` where none or both places are given."""

    municipality: str | None = None
    circle: Circle | None = None
    category: str | None = None
    """A topic, or a group with all its topics."""

    def __attrs_post_init__(self) -> None:
        if (self.municipality, self.circle, self.category) == (None, None, None):
            refuse([Fault("", "empty-scope", "Назовите территорию, тему или и то и другое")])
        if self.municipality is not None and self.circle is not None:
            refuse([Fault("/circle", "two-places", "Назовите район или точку, что-то одно")])

    @property
    def key(self) -> str:
        """What a message must have for this scope to be looked at."""
        area = self.municipality or (_cell(self.circle.centre) if self.circle else "*")
        return f"{area}|{self.category or '*'}"

    @property
    def words(self) -> str:
        """The same for equal scopes alone."""
        circle = self.circle
        where = f"{circle.centre.lat:.5f},{circle.centre.lon:.5f},{circle.metres}" if circle else ""
        return f"{self.municipality or ''}|{where}|{self.category or ''}"

    def concerns(self, message: Message) -> bool:
        place = message.content.occasion.place
        categories = (None, message.category, _group(message.category))
        return (
            self.municipality in (None, place.municipality)
            and self.category in categories
            and (self.circle is None or (place.point is not None and self.circle.holds(place.point)))
        )


def keys_of(message: Message) -> frozenset[str]:
    """Every key of a scope that may concern the message."""
    place = message.content.occasion.place
    areas = {"*", place.municipality}
    if (point := place.point) is not None:
        areas |= {_cell(point, north, east) for north in (-1, 0, 1) for east in (-1, 0, 1)}
    categories = {"*", message.category or "*", _group(message.category) or "*"}
    return frozenset(f"{area}|{category}" for area in areas for category in categories)


def _cell(point: Point, north: int = 0, east: int = 0) -> str:
    return f"@{floor(point.lat * _CELLS) + north},{floor(point.lon * _CELLS) + east}"


def _group(category: str | None) -> str | None:
    return category.partition(".")[0] if category else None


@frozen(kw_only=True)
class Subscription:
    id: UUID
    participant_id: ParticipantId
    scope: Scope
    at: datetime
