"""Sealing the audit trail and proving that nothing behind a seal has changed (п. 6.1)."""

from uuid import UUID

from attrs import frozen

from niktokromenas.domain.audit import FIRST_LINK, AuditEntry, Seal, chain, signed_words
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.ports.audit import AuditRegister, SealSigner
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.transactions import Transactions

RANGE = 1000


@frozen
class SealAudit:
    transactions: Transactions
    clock: Clock
    signer: SealSigner

    async def __call__(self) -> int:
        """Chain and sign what is not sealed yet; how many entries."""
        async with self.transactions() as tx:
            entries = await tx.audit.unsealed(RANGE)
            if not entries:
                return 0
            last = await tx.audit.last_seal()
            number, previous = (last.number + 1, last.head) if last else (1, FIRST_LINK)
            head, count = chain(previous, entries)
            seal = Seal(
                number=number,
                previous=previous,
                head=head,
                count=count,
                sealed_at=self.clock.now(),
                signature=self.signer.sign(signed_words(number, head, count)),
            )
            await tx.audit.seal(seal, entries)
            return count


@frozen
class Verified:
    """`broken` is the number of the first seal that does not hold."""

    seals: int
    entries: int
    broken: int | None


@frozen
class VerifyAudit:
    register: AuditRegister
    signer: SealSigner

    async def __call__(self) -> Verified:
        """Recompute the chain from its first link."""
        previous, number, entries = FIRST_LINK, 0, 0
        while (sealed := await self.register.sealed(number + 1)) is not None:
            number += 1
            seal = sealed.seal
            head, count = chain(previous, sealed.entries)
            words = signed_words(number, head, count)
            if (seal.head, seal.count, seal.previous) != (head, count, previous):
                return Verified(number, entries, broken=number)
            if not self.signer.is_signed(words, seal.signature):
                return Verified(number, entries, broken=number)
            previous, entries = head, entries + count
        return Verified(number, entries, broken=None)


@frozen
class ReadAudit:
    register: AuditRegister

    async def __call__(self, actor: Actor, before: UUID | None, limit: int) -> tuple[AuditEntry, ...]:
        """The trail, newest first, for the operator. Raises `RoleRequired`."""
        actor.require(Permission.READ_AUDIT)
        return await self.register.entries(before, limit)
