"""Letters that did not surely arrive, for the operator to look after (Положение, п. 3 (8))."""

from attrs import frozen

from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.ports.notices import LetterRegister, Outgoing


@frozen
class ReadTroubledLetters:
    register: LetterRegister

    async def __call__(self, actor: Actor, limit: int) -> tuple[Outgoing, ...]:
        """Unknown and dead ones, newest first. Raises `RoleRequired`."""
        actor.require(Permission.READ_TROUBLED_LETTERS)
        return await self.register.troubled(limit)
