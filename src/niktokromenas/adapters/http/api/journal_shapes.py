"""What lists of messages show of each, and the work that waits on a desk."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api.message_shapes import PointOut


@frozen(kw_only=True)
class JournalItemOut:
    number: str
    excerpt: str
    category: str | None
    municipality: str
    address: str | None
    point: PointOut | None
    authority: str | None
    stage: str
    outcome: str | None
    publicity: str
    rating: int | None
    submitted_at: datetime
    answer_due: datetime | None
    is_overdue: bool
    thumbnail: UUID | None
    joined: int
    followed: int


@frozen(kw_only=True)
class DeskItemOut:
    message: JournalItemOut
    due: datetime
    task: str


@frozen(kw_only=True)
class InboxItemOut:
    message: JournalItemOut
    assignment: UUID
    stage: str
    is_lead: bool
    due: datetime
    is_taken: bool
    is_mine: bool
    is_overdue: bool
