"""How a reader joins, follows and subscribes, as it goes out."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api.journal_shapes import JournalItemOut
from niktokromenas.adapters.http.api.message_shapes import PointOut


@frozen(kw_only=True)
class FollowingOut:
    """Как читающий относится к сообщению и сколько таких же."""

    number: str
    joined: int
    followed: int
    has_joined: bool
    follows: bool


@frozen(kw_only=True)
class FollowedItemOut:
    message: JournalItemOut
    since: datetime
    has_joined: bool
    follows: bool


@frozen(kw_only=True)
class CircleOut:
    centre: PointOut
    metres: int


@frozen(kw_only=True)
class SubscriptionOut:
    id: UUID
    municipality: str | None
    circle: CircleOut | None
    category: str | None
    at: datetime


@frozen(kw_only=True)
class SubscriptionsOut:
    items: tuple[SubscriptionOut, ...]
