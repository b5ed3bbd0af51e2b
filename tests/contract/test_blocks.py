"""Blocks over memory, SQLite and PostgreSQL: `Blocks` and `BlockRegister`."""

from datetime import timedelta
from itertools import count

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import BlockId, ParticipantId
from niktokromenas.domain.participants.blocks import Block, BlockHand
from niktokromenas.domain.participants.roles import Role
from niktokromenas.ports.blocks import BlockNotFound
from niktokromenas.ports.messages import StaleVersion
from tests.contract.building import a_message, arrived
from tests.contract.stores import NOON, Stores
from tests.contract.test_messages import stored

LATER = NOON + timedelta(hours=1)


def hand(role: Role, words: str, who: ParticipantId | None = None) -> BlockHand:
    by = who or ParticipantId(new_id())
    return BlockHand(participant_id=by, role=role, at=LATER, words=words)


_numbers = count(700)


async def a_block(stores: Stores, hours: int = 5) -> Block:
    serial = next(_numbers)
    person = await arrived(stores, serial)
    message = await stored(stores, evolve(a_message(person), number=f"26-{serial:06}"))
    made = Block(
        id=BlockId(new_id()),
        participant_id=person.id,
        message_id=message.id,
        grounds=("ads", "threat"),
        set=evolve(hand(Role.MODERATOR, "Реклама"), at=NOON),
        until=NOON + timedelta(hours=hours),
    )
    return await kept(stores, made)


async def kept(stores: Stores, block: Block) -> Block:
    async with stores.transactions() as tx:
        saved: Block = await tx.blocks.save(block)
        return saved


async def test_a_block_of_any_stage_is_read_back_equal(stores: Stores) -> None:
    block = await a_block(stores)
    for act in (
        lambda b: b.object(hand(Role.USER, "Это не я", b.participant_id)),
        lambda b: b.decide(hand(Role.OPERATOR, "Верно решено"), is_granted=False),
        lambda b: b.lift(hand(Role.MODERATOR, "Хватит")),
    ):
        block = await kept(stores, act(block))
        async with stores.transactions() as tx:
            assert await tx.blocks.get(block.id) == block
    assert block.version == 4
    with pytest.raises(BlockNotFound):
        async with stores.transactions() as tx:
            await tx.blocks.get(BlockId(new_id()))


async def check_only_a_live_block_stops_its_participant(stores: Stores) -> None:
    block, other = await a_block(stores), await a_block(stores)
    async with stores.transactions() as tx:
        for ask in (tx.blocks.live_of, tx.blocks.hold_live_of):
            assert await ask(block.participant_id, LATER) == block
            assert await ask(other.participant_id, LATER) == other
            assert await ask(block.participant_id, block.until) is None
            assert await ask(ParticipantId(new_id()), LATER) is None
    await kept(stores, block.lift(hand(Role.MODERATOR, "Хватит")))
    async with stores.transactions() as tx:
        assert await tx.blocks.live_of(block.participant_id, LATER) is None


async def test_only_a_live_block_stops_its_participant(stores: Stores) -> None:
    await check_only_a_live_block_stops_its_participant(stores)


async def check_lists_hold_what_they_say_newest_first(stores: Stores) -> None:
    old, over, mine = await a_block(stores), await a_block(stores, 2), await a_block(stores)
    at = NOON + timedelta(hours=3)
    assert await stores.block_register.live(at, None, 9) == (mine, old)
    assert await stores.block_register.live(at, None, 1) == (mine,)
    assert await stores.block_register.live(at, mine.id, 9) == (old,)
    assert await stores.block_register.of(over.participant_id, None, 9) == (over,)
    assert await stores.block_register.objections(None, 9) == ()
    old = await kept(stores, old.object(hand(Role.USER, "Это не я", old.participant_id)))
    assert await stores.block_register.objections(None, 9) == (old,)
    await kept(stores, old.decide(hand(Role.OPERATOR, "Верно"), is_granted=True))
    assert await stores.block_register.objections(None, 9) == ()
    assert await stores.block_register.live(at, None, 9) == (mine,)


async def test_lists_hold_what_they_say_newest_first(stores: Stores) -> None:
    await check_lists_hold_what_they_say_newest_first(stores)


async def test_a_block_that_moved_on_is_not_overwritten_and_events_go_out(stores: Stores) -> None:
    block = await a_block(stores)
    await kept(stores, block.object(hand(Role.USER, "Это не я", block.participant_id)))
    with pytest.raises(StaleVersion):
        await kept(stores, block.lift(hand(Role.MODERATOR, "Хватит")))
    async with stores.transactions() as tx:
        kinds = [e.kind for e in await tx.outbox.take(50) if e.subject_id == block.id]
    assert kinds == ["block-objected"]
