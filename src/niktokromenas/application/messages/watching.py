"""Whether answers come in time and are complete: an authority's own view, and that of those who monitor."""

from attrs import frozen

from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.office import AwaitedAnswer, AwaitedAnswers, Watch


@frozen
class WatchAnswers:
    """Officials watch their authority, all colleagues' work included; coordinator and operator any or all."""

    awaited: AwaitedAnswers
    clock: Clock
    region: Region

    async def __call__(
        self, actor: Actor, watch: Watch, authority: str | None, after: Cursor | None, limit: int
    ) -> Page[AwaitedAnswer]:
        """The first due first. Raises `RoleRequired`, `ChooseGrant`, `Invalid` (no such authority)."""
        if authority is not None:
            self.region.authority(authority)
        if not actor.may(Permission.MONITOR_MESSAGES):
            authority = actor.acting(Permission.READ_INBOX, body=authority).body
        return await self.awaited.page(watch, authority, self.clock.now(), after, limit)
