"""The thread of a message: written in a unit, read outside of it."""

from datetime import datetime
from typing import Protocol

from niktokromenas.domain.ids import AttachmentId, MessageId
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.thread import Post
from niktokromenas.ports.messages import Cursor, Page


class Posts(Protocol):
    """Posts of one unit. Contract: tests/contract/test_thread.py."""

    async def add(self, post: Post) -> None:
        """Store it with its events."""
        ...


class Threads(Protocol):
    """Reading threads outside a unit. Contract: tests/contract/test_thread.py."""

    async def page(self, message_id: MessageId, after: Cursor | None, limit: int) -> Page[Post]:
        """The oldest first; the cursor holds the instant and the id of the last post."""
        ...

    async def attachment(
        self, message_id: MessageId, attachment_id: AttachmentId, since: datetime | None
    ) -> Attachment | None:
        """One that a post of this message's thread brought, written at `since` or later."""
        ...
