"""Blocking a message's author, lifting, objecting, deciding; ending sessions (Положение, п. 5.4, 5.5)."""

from datetime import datetime

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.domain.ids import BlockId, ParticipantId
from niktokromenas.domain.messages.visibility import View, view_of
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.blocks import Block, Blockee, BlockHand, block
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.blocks import BlockNotFound, BlockRegister
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.messages import MessageNotFound, StaleVersion
from niktokromenas.ports.transactions import Transaction, Transactions


def _hand(acting: Acting, at: datetime, words: str) -> BlockHand:
    assert acting.participant_id is not None
    return BlockHand(participant_id=acting.participant_id, role=acting.role, at=at, words=words)


@frozen(kw_only=True)
class BlockAuthor:
    actor: Actor
    number: str
    grounds: tuple[str, ...]
    until: datetime
    words: str


@frozen
class BlockAuthorHandler:
    """The moderator names a message: who wrote it stays unknown to them."""

    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def __call__(self, command: BlockAuthor) -> Block:
        """Raises `MessageNotFound`, `RoleRequired`, `NotToBlock`, `AlreadyBlocked`, `Invalid`."""
        actor, now = command.actor, self.clock.now()
        grounds = tuple(g.code for g in self.region.resolve_grounds(list(command.grounds)))
        async with self.transactions() as tx:
            acting = actor.acting(Permission.BLOCK_AUTHOR)
            await confirm_power(tx, acting, now)
            message = await tx.messages.by_number(command.number)
            if view_of(message, actor) is View.NONE:
                raise MessageNotFound("Такого сообщения нет")
            author = await tx.participants.get(message.author.participant_id)
            whom = Blockee(
                participant_id=author.id,
                message_id=message.id,
                holds_power=bool(await tx.grants.live_of(author.subject, now)),
                is_blocked=await tx.blocks.hold_live_of(author.id, now) is not None,
            )
            by = _hand(acting, now, command.words)
            saved = await tx.blocks.save(block(BlockId(self.new_id()), whom, grounds, command.until, by))
            facts = {"message": command.number, "until": command.until.isoformat()}
            await _audit(tx, self.new_id, actor, acting, "block.set", saved, now, facts)
            return saved


async def _audit(
    tx: Transaction,
    new_id: NewId,
    actor: Actor,
    acting: Acting,
    action: str,
    saved: Block,
    at: datetime,
    facts: dict[str, str] | None = None,
) -> None:
    await tx.audit.add(audited(new_id(), actor, acting, action, ("block", str(saved.id)), at, facts))


@frozen
class DecideBlockHandler:
    """What follows a block: lifting, the objection, its decision."""

    transactions: Transactions
    clock: Clock
    new_id: NewId

    async def lift(
        self, actor: Actor, block_id: BlockId, words: str, *, expected_version: int | None = None
    ) -> Block:
        """Raises `RoleRequired`, `BlockNotFound`, `IllegalBlockMove`, `AnotherDecides`, `Invalid`."""
        now, acting = self.clock.now(), actor.acting(Permission.LIFT_BLOCK)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            found = await _read(tx, block_id, expected_version)
            saved = await tx.blocks.save(found.lift(_hand(acting, now, words)))
            await _audit(tx, self.new_id, actor, acting, "block.lift", saved, now)
            return saved

    async def object(
        self, actor: Actor, block_id: BlockId, words: str, *, expected_version: int | None = None
    ) -> Block:
        """By the blocked alone: others get `BlockNotFound`. Raises also `IllegalBlockMove`."""
        now, acting = self.clock.now(), actor.acting(Permission.USE_CABINET)
        async with self.transactions() as tx:
            found = await tx.blocks.get(block_id)
            if found.participant_id != actor.participant_id:
                raise BlockNotFound("Такой блокировки нет")
            _require_version(found, expected_version)
            saved = await tx.blocks.save(found.object(_hand(acting, now, words)))
            await _audit(tx, self.new_id, actor, acting, "block.object", saved, now)
            return saved

    async def decide(
        self,
        actor: Actor,
        block_id: BlockId,
        words: str,
        *,
        is_granted: bool,
        expected_version: int | None = None,
    ) -> Block:
        """Raises `RoleRequired`, `BlockNotFound`, `IllegalBlockMove`, `AnotherDecides`, `Invalid`."""
        now, acting = self.clock.now(), actor.acting(Permission.DECIDE_OBJECTION)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            found = await _read(tx, block_id, expected_version)
            saved = await tx.blocks.save(found.decide(_hand(acting, now, words), is_granted=is_granted))
            await _audit(tx, self.new_id, actor, acting, "block.decide", saved, now)
            return saved


async def _read(tx: Transaction, block_id: BlockId, expected_version: int | None) -> Block:
    found = await tx.blocks.get(block_id)
    _require_version(found, expected_version)
    return found


def _require_version(found: Block, expected: int | None) -> None:
    if expected not in (None, found.version):
        raise StaleVersion("Блокировка изменилась: прочитайте её снова")


@frozen
class ReadBlocks:
    register: BlockRegister
    clock: Clock

    async def own(self, actor: Actor, before: BlockId | None, limit: int) -> tuple[Block, ...]:
        """Newest first. Raises `SignInRequired`."""
        actor.require(Permission.USE_CABINET)
        assert actor.participant_id is not None
        return await self.register.of(actor.participant_id, before, limit)

    async def live(self, actor: Actor, before: BlockId | None, limit: int) -> tuple[Block, ...]:
        """Raises `RoleRequired`."""
        actor.require(Permission.READ_BLOCKS)
        return await self.register.live(self.clock.now(), before, limit)

    async def objections(self, actor: Actor, before: BlockId | None, limit: int) -> tuple[Block, ...]:
        """Raises `RoleRequired`."""
        actor.require(Permission.DECIDE_OBJECTION)
        return await self.register.objections(before, limit)


@frozen
class EndSessionsHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId

    async def __call__(self, actor: Actor, participant_id: ParticipantId) -> int:
        """End every session of somebody, in browsers and apps, at once; how many went on.

        Somebody unknown has none: the answer is the same. Raises `RoleRequired`, `GrantOver`.
        """
        now, acting = self.clock.now(), actor.acting(Permission.END_SESSIONS)
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            live = await tx.sessions.live_of(participant_id, now)
            for session in live:
                await tx.sessions.save(session.ended(now, "by-staff"))
            thing = ("participant", str(participant_id))
            await tx.audit.add(audited(self.new_id(), actor, acting, "sessions.end", thing, now))
            return len(live)
