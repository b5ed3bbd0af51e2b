"""Blocks of participants in SQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy import bindparam, select

from niktokromenas.adapters.sql.connection import Connection
from niktokromenas.adapters.sql.outbox import publish
from niktokromenas.adapters.sql.saving import save_versioned
from niktokromenas.adapters.sql.stored import read, read_maybe, write, write_maybe
from niktokromenas.adapters.sql.tables import blocks
from niktokromenas.adapters.sql.types import Id
from niktokromenas.adapters.sql.units import Units
from niktokromenas.domain.ids import BlockId, MessageId, ParticipantId
from niktokromenas.domain.participants.blocks import Block, BlockHand, BlockStage
from niktokromenas.ports.blocks import BlockNotFound
from niktokromenas.ports.clock import NewId


def block_columns(block: Block) -> dict[str, Any]:
    return {
        "id": block.id,
        "participant_id": block.participant_id,
        "message_id": block.message_id,
        "grounds": write(block.grounds),
        "set_by": write(block.set),
        "until": block.until,
        "stage": block.stage.value,
        "objection": write_maybe(block.objection),
        "decision": write_maybe(block.decision),
        "lifted": write_maybe(block.lifted),
        "version": block.version,
    }


def block_of(row: Any) -> Block:
    return Block(
        id=BlockId(row.id),
        participant_id=ParticipantId(row.participant_id),
        message_id=MessageId(row.message_id),
        grounds=read(row.grounds, tuple[str, ...]),
        set=read(row.set_by, BlockHand),
        until=row.until,
        stage=BlockStage(row.stage),
        objection=read_maybe(row.objection, BlockHand),
        decision=read_maybe(row.decision, BlockHand),
        lifted=read_maybe(row.lifted, BlockHand),
        version=row.version,
    )


_BLOCK = select(blocks).where(blocks.c.id == bindparam("id"))
_LIVE = sa.and_(blocks.c.stage != BlockStage.LIFTED.value, blocks.c.until > bindparam("at"))
_LIVE_OF = select(blocks).where(blocks.c.participant_id == bindparam("participant_id"), _LIVE)
_HOLD = sa.text("SELECT pg_advisory_xact_lock(675, hashtext(:participant))")
"""675 stands for these locks alone."""
_PAGE = (
    select(blocks)
    .where(blocks.c.id < bindparam("before", type_=Id))
    .order_by(blocks.c.id.desc())
    .limit(bindparam("limit"))
)
_PAGE_OF = _PAGE.where(blocks.c.participant_id == bindparam("participant_id"))
_PAGE_LIVE = _PAGE.where(_LIVE)
_PAGE_OBJECTED = _PAGE.where(blocks.c.stage == BlockStage.OBJECTED.value)
_NEWEST = BlockId(UUID(int=2**128 - 1))


@frozen
class SqlBlocks:
    connection: Connection
    new_id: NewId

    async def get(self, block_id: BlockId) -> Block:
        row = (await self.connection.execute(_BLOCK, {"id": block_id})).one_or_none()
        if row is None:
            raise BlockNotFound("Такой блокировки нет")
        return block_of(row)

    async def live_of(self, participant_id: ParticipantId, at: datetime) -> Block | None:
        found = await self.connection.rows(_LIVE_OF, {"participant_id": participant_id, "at": at})
        return block_of(found[0]) if found else None

    async def hold_live_of(self, participant_id: ParticipantId, at: datetime) -> Block | None:
        if self.connection.dialect_name == "postgresql":  # units on SQLite never run at once
            await self.connection.execute(_HOLD, {"participant": str(participant_id)})
        return await self.live_of(participant_id, at)

    async def save(self, block: Block) -> Block:
        stored = evolve(block, version=block.version + 1, events=())
        await save_versioned(self.connection, blocks, block_columns(stored))
        await publish(self.connection, block.events, self.new_id)
        return stored


@frozen
class SqlBlockRegister:
    units: Units

    async def of(
        self, participant_id: ParticipantId, before: BlockId | None, limit: int
    ) -> tuple[Block, ...]:
        return await self._page(_PAGE_OF, before, limit, participant_id=participant_id)

    async def live(self, at: datetime, before: BlockId | None, limit: int) -> tuple[Block, ...]:
        return await self._page(_PAGE_LIVE, before, limit, at=at)

    async def objections(self, before: BlockId | None, limit: int) -> tuple[Block, ...]:
        return await self._page(_PAGE_OBJECTED, before, limit)

    async def _page(
        self, statement: sa.Select[Any], before: BlockId | None, limit: int, **more: Any
    ) -> tuple[Block, ...]:
        parameters = {"before": before or _NEWEST, "limit": limit, **more}
        async with self.units.reading() as connection:
            return tuple(map(block_of, (await connection.execute(statement, parameters)).all()))
