"""The ticker of social groups: a missed term of moderation is marked (Положение, разд. 9)."""

from contextlib import suppress

from attrs import field, frozen

from niktokromenas.application.resting import Resting
from niktokromenas.application.surveys.rules import survey_rules
from niktokromenas.domain.groups.group import tick_group
from niktokromenas.domain.ids import SocialGroupId
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.transactions import Transactions

BATCH = 100


@frozen
class TickGroups:
    transactions: Transactions
    clock: Clock
    region: Region
    _resting: Resting[SocialGroupId] = field(factory=Resting[SocialGroupId], init=False, eq=False, repr=False)

    async def __call__(self) -> int:
        """How many groups changed.

        One that fails rests (`Resting`) and the others go on. Raises the errors together at the end.
        """
        now = self.clock.now()
        resting = self._resting.still(now)
        async with self.transactions() as tx:
            due = await tx.groups.due_to_tick(now, BATCH + len(resting))
        changed, failed = 0, list[Exception]()
        for group_id in due:
            if group_id in resting:
                continue
            try:
                changed += await self._tick(group_id)
            except Exception as error:
                error.add_note(f"group {group_id}")
                failed.append(error)
                self._resting.lay(group_id, now)
        if failed:
            raise ExceptionGroup("groups that time could not be recorded of", failed)
        return changed

    async def _tick(self, group_id: SocialGroupId) -> bool:
        with suppress(StaleVersion):  # somebody acted first; the next round looks again
            async with self.transactions() as tx:
                group = await tx.groups.by_id(group_id)
                after = tick_group(group, survey_rules(self.region), at=self.clock.now())
                if after is not group:
                    await tx.groups.save(after)
            return after is not group
        return False
