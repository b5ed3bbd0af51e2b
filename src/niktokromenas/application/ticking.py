"""The ticker: records what time has already made true, message by message."""

from attrs import frozen

from niktokromenas.application.messages.submitting import rulebook
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.ticking import mark_orphaned, tick
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import AuthorityRegister
from niktokromenas.ports.transactions import Transactions

BATCH = 100


@frozen
class TickMessages:
    transactions: Transactions
    clock: Clock
    region: Region

    async def __call__(self) -> int:
        """Lapse, close and mark overdue whatever is due; how many messages changed."""
        now = self.clock.now()
        async with self.transactions() as tx:
            due = await tx.messages.due_to_tick(now, BATCH)
        changed = 0
        for message_id in due:
            changed += await self._tick(message_id)
        return changed

    async def _tick(self, message_id: MessageId) -> bool:
        try:
            async with self.transactions() as tx:
                message = await tx.messages.by_id(message_id)
                ticked = tick(message, rulebook(self.region), at=self.clock.now())
                if ticked is message:
                    return False
                await tx.messages.save(ticked)
                return True
        except StaleVersion:
            return False  # somebody acted first; the next round looks again


@frozen
class MarkOrphans:
    """Finds authorities whose last official is gone and marks what waits with them (п. 5.4)."""

    transactions: Transactions
    clock: Clock
    region: Region
    register: AuthorityRegister

    async def __call__(self) -> int:
        """How many messages were marked."""
        marked = 0
        for authority, stands in await self.register.all_at_work(self.clock.now()):
            if not stands.can_be_routed_to:
                marked += await self._mark(authority.code)
        return marked

    async def _mark(self, code: str) -> int:
        marked, after = 0, None
        while True:
            async with self.transactions() as tx:
                found = await tx.messages.open_at(code, after, BATCH)
            for message_id in found:
                marked += await self._mark_one(message_id, code)
            if len(found) < BATCH:
                return marked
            after = found[-1]

    async def _mark_one(self, message_id: MessageId, code: str) -> bool:
        try:
            async with self.transactions() as tx:
                message = await tx.messages.by_id(message_id)
                marked = mark_orphaned(message, code, rulebook(self.region), at=self.clock.now())
                if marked is message:
                    return False
                await tx.messages.save(marked)
                return True
        except StaleVersion:
            return False  # the next round looks again
