"""Remembered results of creating requests, so that a repeat creates nothing twice."""

from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from attrs import frozen

from niktokromenas.domain.errors import Conflict, Invalid
from niktokromenas.domain.ids import ParticipantId

KEY_LIFE = timedelta(hours=24)


class KeyReused(Invalid):
    """The same key came with another body, about another thing or on another's behalf."""

    code: ClassVar[str] = "idempotency-key-reused"


class RequestRunning(Conflict):
    """A request with the same key is being answered right now; ask again for its answer."""

    code: ClassVar[str] = "request-running"


@frozen(kw_only=True)
class RequestKey:
    """`body_hash` is SHA-256 (hex) of the body as it came, and of what the address names."""

    participant_id: ParticipantId
    route: str
    key: str
    body_hash: str


class Idempotency(Protocol):
    """Written in the unit that creates. Contract: tests/contract/test_audit.py."""

    async def recall(self, key: RequestKey, at: datetime) -> str | None:
        """What the same request created in the last 24 hours. Raises `KeyReused`."""
        ...

    async def remember(self, key: RequestKey, result: str, at: datetime) -> None:
        """Raises `RequestRunning` where a twin of the request was faster."""
        ...

    async def forget_before(self, instant: datetime) -> int: ...
