"""Everything that is done to an existing message: one command for each act, one handler for all.

The handler reads as four beats: under which power, load, act, save. What an act means is the domain's.
The commands stand in `authors`, `moderators` and `officials`.
"""

from typing import ClassVar, Protocol

from attrs import frozen

from niktokromenas.application.messages.submitting import rulebook
from niktokromenas.application.powers import audited, confirm_power, refuse_blocked
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing
from niktokromenas.domain.messages.visibility import View, view_of
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.grants import Grant
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.locator import Locator
from niktokromenas.ports.messages import MessageNotFound, StaleVersion
from niktokromenas.ports.transactions import Transaction, Transactions


@frozen(kw_only=True)
class Scene:
    """Where an act takes place: the unit, who acts and how it is written down, what is in force."""

    tx: Transaction
    actor: Actor
    grant: Grant | None
    doing: Doing
    region: Region
    locator: Locator
    new_id: NewId


class MessageCommand(Protocol):
    """One act. `permission` says who may try; `act` raises what the domain raises."""

    permission: ClassVar[Permission]

    def body(self, message: Message) -> str | None:
        """The authority whose grant it takes, where only one authority's officials may."""
        ...

    async def act(self, message: Message, scene: Scene) -> Message: ...


class OfMessage:
    """Acts that no single authority owns."""

    def body(self, message: Message) -> str | None:
        return None


@frozen
class ActOnMessageHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region
    locator: Locator

    async def __call__(
        self, actor: Actor, number: str, command: MessageCommand, *, expected_version: int | None = None
    ) -> Message:
        """The message as saved. `expected_version` is what the actor last read.

        Raises `MessageNotFound` where the actor may not see it, `RoleRequired`, `ChooseGrant`, `GrantOver`,
        `StaleVersion`, and what the act itself raises.
        """
        now = self.clock.now()
        async with self.transactions() as tx:
            message = await tx.messages.by_number(number)
            if view_of(message, actor) is View.NONE:
                raise MessageNotFound("Такого сообщения нет")
            acting = actor.acting(command.permission, body=command.body(message))
            grant = await confirm_power(tx, acting, now)
            await refuse_blocked(tx, acting, command.permission, now)
            if expected_version is not None and expected_version != message.version:
                raise StaleVersion("Сообщение изменилось: прочитайте его снова")
            scene = Scene(
                tx=tx,
                actor=actor,
                grant=grant,
                doing=Doing(by=acting, at=now, rules=rulebook(self.region)),
                region=self.region,
                locator=self.locator,
                new_id=self.new_id,
            )
            saved = await tx.messages.save(await command.act(message, scene))
            action = f"message.{command.permission.value}"
            await tx.audit.add(audited(self.new_id(), actor, acting, action, ("message", number), now))
            return saved
