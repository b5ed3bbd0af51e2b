"""The ticker: records what time has already made true, message by message."""

from collections.abc import Callable
from contextlib import suppress

from attrs import field, frozen

from niktokromenas.application.messages.submitting import rulebook
from niktokromenas.application.resting import Resting
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.ticking import mark_orphaned, tick
from niktokromenas.domain.participants.authorities import Authority
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.participants import AuthorityRegister
from niktokromenas.ports.transactions import Transactions

BATCH = 100


async def _recorded(
    transactions: Transactions,
    message_id: MessageId,
    record: Callable[[Message], Message],
    failed: list[Exception],
) -> bool:
    """Whether there was something to record and it was. One message's trouble is noted, not raised."""
    try:
        with suppress(StaleVersion):  # somebody acted first; the next round looks again
            async with transactions() as tx:
                message = await tx.messages.by_id(message_id)
                after = record(message)
                if after is not message:
                    await tx.messages.save(after)
            return after is not message
    except Exception as error:
        error.add_note(f"message {message_id}")
        failed.append(error)
    return False


@frozen
class TickMessages:
    transactions: Transactions
    clock: Clock
    region: Region
    _resting: Resting[MessageId] = field(factory=Resting[MessageId], init=False, eq=False, repr=False)

    async def __call__(self) -> int:
        """Lapse, close and mark overdue whatever is due; how many messages changed.

        A message that fails rests (`Resting`) and the others go on. Raises the errors together at the end.
        """
        now = self.clock.now()
        resting = self._resting.still(now)
        async with self.transactions() as tx:
            due = await tx.messages.due_to_tick(now, BATCH + len(resting))
        changed, failed = 0, list[Exception]()
        for message_id in due:
            if message_id not in resting:
                failures = len(failed)
                changed += await _recorded(self.transactions, message_id, self._ticked, failed)
                if len(failed) > failures:
                    self._resting.lay(message_id, now)
        if failed:
            raise ExceptionGroup("messages that time could not be recorded of", failed)
        return changed

    def _ticked(self, message: Message) -> Message:
        return tick(message, rulebook(self.region), at=self.clock.now())


@frozen
class MarkOrphans:
    """Finds authorities whose last official is gone and marks what waits with them (п. 5.4).

    The authority is marked, too, and told of once, however many messages wait with it.
    """

    transactions: Transactions
    clock: Clock
    region: Region
    register: AuthorityRegister

    async def __call__(self) -> int:
        """How many messages were marked. Raises the errors of the others together at the end."""
        marked, failed = 0, list[Exception]()
        for authority, stands in await self.register.all_at_work(self.clock.now()):
            if not stands.can_be_routed_to:
                marked += await self._mark(authority, failed)
            elif authority.orphaned_at is not None:
                await self._note(authority.code, lambda found: found.staffed())
        if failed:
            raise ExceptionGroup("messages that could not be marked as orphaned", failed)
        return marked

    async def _note(self, code: str, change: Callable[[Authority], Authority]) -> None:
        with suppress(StaleVersion):  # somebody changed it first; the next round looks again
            async with self.transactions() as tx:
                authority = await tx.authorities.get(code)
                if authority is not None and (after := change(authority)) is not authority:
                    await tx.authorities.save(after)

    async def _mark(self, authority: Authority, failed: list[Exception]) -> int:
        code = authority.code

        def marked(message: Message) -> Message:
            return mark_orphaned(message, code, rulebook(self.region), at=self.clock.now())

        count, after = 0, None
        while True:
            async with self.transactions() as tx:
                found = await tx.messages.open_at(code, after, BATCH)
            if found and after is None and authority.orphaned_at is None:
                await self._note(code, lambda alone: alone.orphaned(self.clock.now()))
            for message_id in found:
                count += await _recorded(self.transactions, message_id, marked, failed)
            if len(found) < BATCH:
                return count
            after = found[-1]
