"""Blocks of participants, as units of work and readers need them."""

from datetime import datetime
from typing import ClassVar, Protocol

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import BlockId, ParticipantId
from niktokromenas.domain.participants.blocks import Block


class BlockNotFound(NotFound):
    code: ClassVar[str] = "block-not-found"


class Blocks(Protocol):
    """Blocks of one unit. `save` moves pending events to the outbox.

    Contract: tests/contract/test_blocks.py.
    """

    async def get(self, block_id: BlockId) -> Block:
        """Raises `BlockNotFound`."""
        ...

    async def live_of(self, participant_id: ParticipantId, at: datetime) -> Block | None:
        """The block that stops them at this instant: one indexed statement."""
        ...

    async def hold_live_of(self, participant_id: ParticipantId, at: datetime) -> Block | None:
        """As `live_of`; other units that ask so of this person wait until this one is over."""
        ...

    async def save(self, block: Block) -> Block:
        """Store a new or changed one, version + 1. Raises `StaleVersion`."""
        ...


class BlockRegister(Protocol):
    """Reading blocks outside a unit, newest first, ids below `before`.

    Contract: tests/contract/test_blocks.py.
    """

    async def of(
        self, participant_id: ParticipantId, before: BlockId | None, limit: int
    ) -> tuple[Block, ...]: ...

    async def live(self, at: datetime, before: BlockId | None, limit: int) -> tuple[Block, ...]: ...

    async def objections(self, before: BlockId | None, limit: int) -> tuple[Block, ...]:
        """Those whose objection waits for the operator."""
        ...
