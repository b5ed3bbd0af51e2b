"""Who joined and who follows messages, in memory."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import MessageId, ParticipantId
from niktokromenas.domain.messages.following import Following, FollowingKind, Spread
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.subscriptions import MOST, Subscription, TooManySubscriptions
from niktokromenas.ports.following import FollowedItem, Standing
from niktokromenas.ports.journal import journal_item
from niktokromenas.ports.messages import Cursor, JournalItem, Page


def counted_item(store: MemoryStore, message: Message) -> JournalItem:
    """As lists show it, with its counts."""
    joined, followed = _counts(tuple(store.followings.committed()), message.id)
    return journal_item(message)._replace(joined=joined, followed=followed)


def _counts(rows: tuple[Following, ...], message_id: MessageId) -> tuple[int, int]:
    of_it = [row for row in rows if row.message_id == message_id]
    return sum(row.has_joined for row in of_it), sum(row.follows for row in of_it)


def _standing(
    rows: tuple[Following, ...], message_id: MessageId, participant_id: ParticipantId | None
) -> Standing:
    joined, followed = _counts(rows, message_id)
    own = [r for r in rows if (r.message_id, r.participant_id) == (message_id, participant_id)]
    return Standing(
        joined=joined,
        followed=followed,
        has_joined=any(row.has_joined for row in own),
        follows=any(row.follows for row in own),
    )


@frozen
class MemoryFollowings:
    store: MemoryStore

    async def add(
        self, message_id: MessageId, participant_id: ParticipantId, kind: FollowingKind, at: datetime
    ) -> bool:
        key = (message_id, participant_id)
        row = self.store.followings.get(key) or Following(
            message_id=message_id, participant_id=participant_id, since=at
        )
        if row.is_set(kind):
            return False
        self.store.followings.put(key, row.setting(kind, to=True))
        return True

    async def remove(self, message_id: MessageId, participant_id: ParticipantId, kind: FollowingKind) -> bool:
        key = (message_id, participant_id)
        row = self.store.followings.get(key)
        if row is None or not row.is_set(kind):
            return False
        left = row.setting(kind, to=False)
        if left.is_empty:
            self.store.followings.drop(key)
        else:
            self.store.followings.put(key, left)
        return True

    async def share(self, of: MessageId, to: MessageId, author: ParticipantId) -> None:
        for row in tuple(self.store.followings.seen()):
            if row.message_id != of or row.participant_id == author:
                continue
            key = (to, row.participant_id)
            other: Following = self.store.followings.get(key) or evolve(row, message_id=to)
            both = evolve(
                other,
                since=min(row.since, other.since),
                has_joined=row.has_joined or other.has_joined,
                follows=row.follows or other.follows,
            )
            self.store.followings.put(key, both)

    async def standing(self, message_id: MessageId, participant_id: ParticipantId) -> Standing:
        return _standing(tuple(self.store.followings.seen()), message_id, participant_id)

    async def joined(self, message_id: MessageId) -> int:
        return _counts(tuple(self.store.followings.seen()), message_id)[0]

    async def people(
        self, message_id: MessageId, after: ParticipantId | None, limit: int
    ) -> tuple[ParticipantId, ...]:
        found = sorted(
            row.participant_id
            for row in self.store.followings.seen()
            if row.message_id == message_id and (after is None or row.participant_id > after)
        )
        return tuple(found[:limit])


@frozen
class MemorySpreads:
    store: MemoryStore

    async def add(self, spread: Spread) -> None:
        key = _key(spread)
        if self.store.spreads.get(key) is None:
            self.store.spreads.put(key, spread)

    async def take(self, passing: Collection[UUID] = ()) -> Spread | None:
        waiting: list[Spread] = [s for s in self.store.spreads.seen() if s.event_id not in passing]
        return min(waiting, key=_key, default=None)

    async def move(self, spread: Spread, after: UUID) -> None:
        self.store.spreads.put(_key(spread), evolve(spread, after=after))

    async def finish(self, spread: Spread) -> None:
        self.store.spreads.drop(_key(spread))


def _key(spread: Spread) -> tuple[UUID, str, str]:
    return (spread.event_id, spread.kind, spread.key)


@frozen
class MemorySubscriptions:
    store: MemoryStore

    async def of(self, participant_id: ParticipantId) -> tuple[Subscription, ...]:
        own: list[Subscription] = [
            s for s in self.store.subscriptions.seen() if s.participant_id == participant_id
        ]
        return tuple(sorted(own, key=lambda s: s.id))

    async def add(self, subscription: Subscription) -> bool:
        own = await self.of(subscription.participant_id)
        if any(one.scope.words == subscription.scope.words for one in own):
            return False
        if len(own) >= MOST:
            raise TooManySubscriptions(f"Подписок может быть не больше {MOST}")
        self.store.subscriptions.put(subscription.id, subscription)
        return True

    async def remove(self, participant_id: ParticipantId, subscription_id: UUID) -> bool:
        found: Subscription | None = self.store.subscriptions.get(subscription_id)
        if found is None or found.participant_id != participant_id:
            return False
        self.store.subscriptions.drop(subscription_id)
        return True

    async def used(self, keys: frozenset[str]) -> frozenset[str]:
        return keys & {s.scope.key for s in self.store.subscriptions.seen()}

    async def with_key(self, key: str, after: UUID | None, limit: int) -> tuple[Subscription, ...]:
        found: list[Subscription] = [
            s
            for s in self.store.subscriptions.seen()
            if s.scope.key == key and (after is None or s.id > after)
        ]
        return tuple(sorted(found, key=lambda s: s.id)[:limit])


@frozen
class MemoryFollowedMessages:
    store: MemoryStore

    async def standing(self, message_id: MessageId, participant_id: ParticipantId | None) -> Standing:
        return _standing(tuple(self.store.followings.committed()), message_id, participant_id)

    async def page(
        self, participant_id: ParticipantId, after: Cursor | None, limit: int
    ) -> Page[FollowedItem]:
        own = sorted(
            (row for row in self.store.followings.committed() if row.participant_id == participant_id),
            key=lambda row: (row.since, row.message_id),
            reverse=True,
        )
        found = [
            (row, message)
            for row in own
            if (message := self.store.messages.rows[row.message_id]).is_public
            and (after is None or (row.since, row.message_id) < (after.at, after.id))
        ]
        items = tuple(
            FollowedItem(
                message=counted_item(self.store, message),
                since=row.since,
                has_joined=row.has_joined,
                follows=row.follows,
            )
            for row, message in found[:limit]
        )
        last = items[-1] if len(found) > limit else None
        return Page(items, Cursor(at=last.since, id=last.message.id) if last else None)
