"""How many a target group holds, roughly, before the survey is formed (Положение, разд. 9)."""

from attrs import frozen

from niktokromenas.application.powers import audited, confirm_power
from niktokromenas.application.surveys.names import names_for
from niktokromenas.domain.errors import refuse
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.target import (
    Target,
    faults_of_target,
    preview,
    preview_words,
    prying_faults,
    told,
)
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.targets import TargetSizes
from niktokromenas.ports.transactions import Transactions


@frozen(kw_only=True)
class Preview:
    about: int
    """To the nearest 50: nobody is told by adding a condition."""
    words: str
    target: str


@frozen
class PreviewTarget:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region
    sizes: TargetSizes

    async def __call__(self, actor: Actor, target: Target) -> Preview:
        """Each look is in the audit. A user sees no sizes that tell of few (`prying_faults`).

        Raises `SignInRequired`, `RoleRequired`, `Invalid`, `GrantOver`.
        """
        now, acting = self.clock.now(), actor.acting(Permission.PREVIEW_TARGET)
        prying = prying_faults(target) if acting.role is Role.USER else ()
        refuse([*faults_of_target(target, self.region.municipalities), *prying])
        count = await self.sizes.count(target, self.region.calendar.local_date(now))
        async with self.transactions() as tx:
            await confirm_power(tx, acting, now)
            words = told(target.predicate, target.accepts, await names_for(tx, self.region, target))
            facts = {"target": words, "shown": str(preview(count))}
            thing = ("target", "preview")
            await tx.audit.add(audited(self.new_id(), actor, acting, "target.preview", thing, now, facts))
        return Preview(about=preview(count), words=preview_words(count), target=words)
