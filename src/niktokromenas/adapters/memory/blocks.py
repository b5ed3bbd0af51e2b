"""Blocks of participants in memory."""

from collections.abc import Callable
from datetime import datetime

from attrs import evolve, frozen

from niktokromenas.adapters.memory.outbox import publish
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import BlockId, ParticipantId
from niktokromenas.domain.participants.blocks import Block, BlockStage
from niktokromenas.ports.blocks import BlockNotFound
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.messages import StaleVersion


@frozen
class MemoryBlocks:
    store: MemoryStore
    new_id: NewId

    async def get(self, block_id: BlockId) -> Block:
        found = self.store.blocks.get(block_id)
        if found is None:
            raise BlockNotFound("Такой блокировки нет")
        return found

    async def live_of(self, participant_id: ParticipantId, at: datetime) -> Block | None:
        rows = self.store.blocks.seen()
        return next((b for b in rows if b.participant_id == participant_id and b.is_live(at)), None)

    async def hold_live_of(self, participant_id: ParticipantId, at: datetime) -> Block | None:
        return await self.live_of(participant_id, at)

    async def save(self, block: Block) -> Block:
        stored = self.store.blocks.get(block.id)
        if (stored.version if stored else 0) != block.version:
            raise StaleVersion("Запись изменилась: прочитайте её снова")
        publish(self.store, block.events, self.new_id)
        bumped = evolve(block, version=block.version + 1, events=())
        self.store.blocks.put(block.id, bumped)
        return bumped


@frozen
class MemoryBlockRegister:
    store: MemoryStore

    async def of(
        self, participant_id: ParticipantId, before: BlockId | None, limit: int
    ) -> tuple[Block, ...]:
        return self._newest(lambda b: b.participant_id == participant_id, before, limit)

    async def live(self, at: datetime, before: BlockId | None, limit: int) -> tuple[Block, ...]:
        return self._newest(lambda b: b.is_live(at), before, limit)

    async def objections(self, before: BlockId | None, limit: int) -> tuple[Block, ...]:
        return self._newest(lambda b: b.stage is BlockStage.OBJECTED, before, limit)

    def _newest(self, fits: Callable[[Block], bool], before: BlockId | None, limit: int) -> tuple[Block, ...]:
        rows = self.store.blocks.committed()
        found = [b for b in rows if fits(b) and (before is None or b.id < before)]
        return tuple(sorted(found, key=lambda b: b.id, reverse=True)[:limit])
