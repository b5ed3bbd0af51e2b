"""What is written about a message, as it goes out."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from niktokromenas.adapters.http.api.message_shapes import AttachmentOut


@frozen(kw_only=True)
class PostOut:
    """Слово в переписке; кто написал, видно по роли и органу."""

    id: UUID
    kind: str
    at: datetime
    role: str
    body: str | None
    body_name: str | None
    is_mine: bool
    text: str
    attachments: tuple[AttachmentOut, ...]
    assignment: UUID | None


@frozen(kw_only=True)
class PostedOut:
    id: UUID
