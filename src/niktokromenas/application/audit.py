"""Sealing the audit trail and proving that nothing behind a seal has changed (п. 6.1)."""

from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.domain.audit import FIRST_LINK, AuditEntry, Seal, chain, signed_words
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.ports.audit import AuditRegister, Sealed, SealSigner
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.transactions import Transactions

RANGE = 200
"""Entries behind one seal at the most: hashing them takes a few milliseconds of the unit."""


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
            now = self.clock.now()
            seal = Seal(
                number=number,
                previous=previous,
                head=head,
                count=count,
                sealed_at=now,
                signature=self.signer.sign(signed_words(number, head, count, now)),
            )
            await tx.audit.seal(seal, entries)
            return count


@frozen(kw_only=True)
class Verified:
    """`broken` is the number of the first seal that does not hold or is missing.

    `head` is the last link that holds: kept elsewhere, it shows later whether the end was cut off.
    """

    seals: int
    entries: int
    head: str
    broken: int | None = None


@frozen
class VerifyAudit:
    register: AuditRegister
    signer: SealSigner

    async def __call__(self, kept: tuple[int, str] | None = None) -> Verified:
        """Recompute the chain from its first link; `kept` is the number and head of an earlier verification.

        A changed, added or lost entry, a missing seal and one of another key are found; a chain cut off at
        its end is found by what was kept.
        """
        extent = await self.register.extent()
        walked = Verified(seals=0, entries=0, head=FIRST_LINK)
        for number in range(1, extent.last_seal + 1):
            sealed = await self.register.sealed(number)
            if sealed is None or not self._holds(sealed, walked):
                return evolve(walked, broken=number)
            seal = sealed.seal
            if kept is not None and kept[0] == number and kept[1] != seal.head:
                return evolve(walked, broken=number)
            walked = Verified(seals=number, entries=walked.entries + seal.count, head=seal.head)
        if walked.entries != extent.sealed_entries or (kept is not None and kept[0] > walked.seals):
            return evolve(walked, broken=walked.seals + 1)
        return walked

    def _holds(self, sealed: Sealed, before: Verified) -> bool:
        seal = sealed.seal
        head, count = chain(before.head, sealed.entries)
        words = signed_words(before.seals + 1, head, count, seal.sealed_at)
        is_chained = (seal.head, seal.count, seal.previous) == (head, count, before.head)
        return is_chained and self.signer.is_signed(words, seal.signature)


@frozen
class ReadAudit:
    register: AuditRegister

    async def __call__(self, actor: Actor, before: UUID | None, limit: int) -> tuple[AuditEntry, ...]:
        """The trail, newest first, for the operator. Raises `RoleRequired`."""
        actor.require(Permission.READ_AUDIT)
        return await self.register.entries(before, limit)
