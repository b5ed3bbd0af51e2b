"""Who joined and who follows messages: in a unit, and as readers see it."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from niktokromenas.domain.ids import MessageId, ParticipantId
from niktokromenas.domain.messages.following import FollowingKind, Spread
from niktokromenas.domain.messages.subscriptions import Subscription
from niktokromenas.ports.messages import Cursor, JournalItem, Page


@frozen(kw_only=True)
class Standing:
    """How many joined and follow a message, and whether the reader is one of them."""

    joined: int = 0
    followed: int = 0
    has_joined: bool = False
    follows: bool = False


@frozen(kw_only=True)
class FollowedItem:
    """A message of somebody's list. `since`: when they first joined or followed it."""

    message: JournalItem
    since: datetime
    has_joined: bool
    follows: bool


class Followings(Protocol):
    """Joining and following in one unit. Contract: tests/contract/test_following.py.

    One of each kind per person and message, by the store: however many ask at once, one is new. The counts
    change in the same unit; neither the message's version nor its pending state does.
    """

    async def add(
        self, message_id: MessageId, participant_id: ParticipantId, kind: FollowingKind, at: datetime
    ) -> bool:
        """`False` where it was so already."""
        ...

    async def remove(self, message_id: MessageId, participant_id: ParticipantId, kind: FollowingKind) -> bool:
        """`False` where it was not so."""
        ...

    async def share(self, of: MessageId, to: MessageId, author: ParticipantId) -> None:
        """Whoever joined or follows one message does so with the other, too, but for the other's author.

        Whoever did already does it once, since the earlier moment.
        """
        ...

    async def standing(self, message_id: MessageId, participant_id: ParticipantId) -> Standing: ...

    async def joined(self, message_id: MessageId) -> int:
        """How many joined."""
        ...

    async def people(
        self, message_id: MessageId, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        """Everyone who joined or follows, each once, by id, after the given one."""
        ...


class Spreads(Protocol):
    """News on its way to many people, in one unit. Contract: tests/contract/test_spreads.py."""

    async def add(self, spread: Spread) -> None:
        """Nothing where the same news of the same kind is on its way already."""
        ...

    async def take(self, passing: Collection[UUID] = ()) -> Spread | None:
        """The first one whose event is not in `passing`, for this unit alone: others skip it. It stays."""
        ...

    async def move(self, spread: Spread, after: UUID) -> None:
        """Whoever comes up to this id has been told."""
        ...

    async def finish(self, spread: Spread) -> None: ...


class Subscriptions(Protocol):
    """Areas and categories that people follow, in one unit. Contract: tests/contract/test_subscriptions.py.

    One of a scope per person and `MOST` in all, by the store.
    """

    async def of(self, participant_id: ParticipantId) -> tuple[Subscription, ...]:
        """The oldest first."""
        ...

    async def add(self, subscription: Subscription) -> bool:
        """`False` where there is one of this scope. Raises `TooManySubscriptions`, or `Conflict` where
        another unit took the last place at the same moment."""
        ...

    async def remove(self, participant_id: ParticipantId, subscription_id: UUID) -> bool:
        """`False` where the person has none such."""
        ...

    async def used(self, keys: frozenset[str]) -> frozenset[str]:
        """Those of the keys that somebody's subscription has."""
        ...

    async def with_key(self, key: str, after: UUID | None, limit: int) -> tuple[Subscription, ...]:
        """By id, after the given one."""
        ...


class FollowedMessages(Protocol):
    """The same outside a unit: only what is committed. Contract: tests/contract/test_following.py."""

    async def standing(self, message_id: MessageId, participant_id: ParticipantId | None) -> Standing:
        """Without a participant the counts alone."""
        ...

    async def page(
        self, participant_id: ParticipantId, after: Cursor | None, limit: int
    ) -> Page[FollowedItem]:
        """What the participant joined or follows and may still read, the latest first.

        A message that is not public any more is not in it.
        """
        ...
