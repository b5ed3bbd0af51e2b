"""The audit trail and its seals."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from niktokromenas.domain.audit import AuditEntry, Seal


class AuditTrail(Protocol):
    """Entries are plain inserts in the unit they tell of. Contract: tests/contract/test_audit.py."""

    async def add(self, entry: AuditEntry) -> None: ...

    async def unsealed(self, limit: int) -> tuple[AuditEntry, ...]:
        """Entries behind no seal, oldest id first; locked against another sealer."""
        ...

    async def seal(self, seal: Seal, entries: tuple[AuditEntry, ...]) -> None: ...

    async def last_seal(self) -> Seal | None: ...


@frozen
class Extent:
    """How far the chain claims to reach: the highest number of a seal, and all entries behind any seal."""

    last_seal: int
    sealed_entries: int


@frozen
class Sealed:
    seal: Seal
    entries: tuple[AuditEntry, ...]


class AuditRegister(Protocol):
    """Reading the trail outside a unit. Contract: tests/contract/test_audit.py."""

    async def sealed(self, number: int) -> Sealed | None:
        """The seal of that number (from 1) with the entries behind it."""
        ...

    async def entries(self, before: UUID | None, limit: int) -> tuple[AuditEntry, ...]:
        """Newest first, ids below `before`."""
        ...

    async def extent(self) -> Extent:
        """Reads the whole trail: for verification, never for a request."""
        ...

    async def oldest_unsealed(self) -> datetime | None: ...


class SealSigner(Protocol):
    """Signs the heads of the chain. Contract: tests/contract/test_seals.py."""

    def sign(self, words: bytes) -> bytes: ...

    def is_signed(self, words: bytes, signature: bytes) -> bool: ...
