"""Joining and following a public message, and the list of what one takes part in (Положение, п. 3 (5))."""

from attrs import frozen

from niktokromenas.application.messages.submitting import require_consent
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.following import FollowingKind, require_may_take_up
from niktokromenas.domain.messages.visibility import View, view_of
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.following import FollowedItem, FollowedMessages, Standing
from niktokromenas.ports.messages import Cursor, MessageNotFound, Page
from niktokromenas.ports.transactions import Transactions


@frozen
class FollowMessageHandler:
    """No version is asked for: what anyone else does to the message meanwhile does not matter here."""

    transactions: Transactions
    clock: Clock
    region: Region

    async def take_up(self, actor: Actor, number: str, kind: FollowingKind) -> Standing:
        """Repeating changes nothing.

        Raises `SignInRequired`, `ConsentRequired`, `MessageNotFound`, `OwnFollowing`, `NotPublic`,
        `TooLateToJoin`.
        """
        participant = _participant(actor)
        require_consent(actor, self.region)
        async with self.transactions() as tx:
            message = await tx.messages.by_number(number)
            if view_of(message, actor) is View.NONE:
                raise MessageNotFound("Такого сообщения нет")
            standing = await tx.followings.standing(message.id, participant)
            if _has(standing, kind):
                return standing
            require_may_take_up(message, participant, kind)
            await tx.followings.add(message.id, participant, kind, self.clock.now())
            return await tx.followings.standing(message.id, participant)

    async def let_go(self, actor: Actor, number: str, kind: FollowingKind) -> Standing:
        """Repeating changes nothing. Raises `SignInRequired`, `MessageNotFound`."""
        participant = _participant(actor)
        async with self.transactions() as tx:
            message = await tx.messages.by_number(number)
            if view_of(message, actor) is View.NONE:
                raise MessageNotFound("Такого сообщения нет")
            await tx.followings.remove(message.id, participant, kind)
            return await tx.followings.standing(message.id, participant)


def _has(standing: Standing, kind: FollowingKind) -> bool:
    return standing.has_joined if kind is FollowingKind.JOIN else standing.follows


def _participant(actor: Actor) -> ParticipantId:
    actor.require(Permission.FOLLOW_MESSAGE)
    assert actor.participant_id is not None
    return actor.participant_id


@frozen
class ReadFollowed:
    followed: FollowedMessages

    async def __call__(self, actor: Actor, after: Cursor | None, limit: int) -> Page[FollowedItem]:
        """What the actor joined or follows, the latest first. Raises `SignInRequired`."""
        return await self.followed.page(_participant(actor), after, limit)
