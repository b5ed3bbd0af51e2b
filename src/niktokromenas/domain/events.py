"""What happened, told to the rest of the platform through the outbox."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class Event:
    """A fact about one aggregate at one instant (UTC). `kind` is its stable name in the outbox."""

    kind: ClassVar[str]
    at: datetime
    subject_id: UUID
