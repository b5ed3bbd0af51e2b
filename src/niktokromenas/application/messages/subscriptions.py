"""Following an area or a category (Положение, п. 3 (5))."""

from typing import ClassVar
from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.application.messages.submitting import require_consent
from niktokromenas.domain.errors import Conflict, NotFound
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.subscriptions import Scope, Subscription
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.transactions import Transactions


class AlreadySubscribed(Conflict):
    code: ClassVar[str] = "already-subscribed"


class SubscriptionNotFound(NotFound):
    code: ClassVar[str] = "subscription-not-found"


@frozen
class OwnSubscriptions:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def all(self, actor: Actor) -> tuple[Subscription, ...]:
        """The oldest first. Raises `SignInRequired`."""
        async with self.transactions() as tx:
            return await tx.subscriptions.of(_own(actor))

    async def add(self, actor: Actor, scope: Scope) -> Subscription:
        """Raises `SignInRequired`, `ConsentRequired`, `Invalid`, `AlreadySubscribed`,
        `TooManySubscriptions`."""
        participant = _own(actor)
        require_consent(actor, self.region)
        if scope.municipality is not None:
            scope = evolve(scope, municipality=self.region.municipality(scope.municipality).oktmo)
        if scope.category is not None:
            self.region.category(scope.category)
        made = Subscription(id=self.new_id(), participant_id=participant, scope=scope, at=self.clock.now())
        async with self.transactions() as tx:
            if not await tx.subscriptions.add(made):
                raise AlreadySubscribed("Такая подписка у вас уже есть")
        return made

    async def remove(self, actor: Actor, subscription_id: UUID) -> None:
        """Raises `SignInRequired`, `SubscriptionNotFound`."""
        async with self.transactions() as tx:
            if not await tx.subscriptions.remove(_own(actor), subscription_id):
                raise SubscriptionNotFound("Такой подписки у вас нет")


def _own(actor: Actor) -> ParticipantId:
    actor.require(Permission.FOLLOW_MESSAGE)
    assert actor.participant_id is not None
    return actor.participant_id
