"""Blocks, as they go out."""

from datetime import datetime
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class BlockOut:
    """Блокировка, без имён."""

    id: UUID
    version: int
    stage: str
    grounds: tuple[str, ...]
    reason: str
    set_at: datetime
    until: datetime
    objection: str | None
    objected_at: datetime | None
    decision: str | None
    decided_at: datetime | None
    lifted_because: str | None
    lifted_at: datetime | None
