"""Threads in memory."""

from datetime import datetime

from attrs import evolve, frozen

from niktokromenas.adapters.memory.messages import keyset_page
from niktokromenas.adapters.memory.outbox import publish
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import AttachmentId, MessageId
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.thread import Post
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.messages import Cursor, Page


@frozen
class MemoryPosts:
    store: MemoryStore
    new_id: NewId

    async def add(self, post: Post) -> None:
        self.store.posts.put(post.id, evolve(post, events=()))
        publish(self.store, post.events, self.new_id)


@frozen
class MemoryThreads:
    store: MemoryStore

    async def page(self, message_id: MessageId, after: Cursor | None, limit: int) -> Page[Post]:
        found = [(p.at, MessageId(p.id), p) for p in self._of(message_id)]
        return keyset_page(found, after, limit, newest_first=False)  # type: ignore[return-value]

    async def attachment(
        self, message_id: MessageId, attachment_id: AttachmentId, since: datetime | None
    ) -> Attachment | None:
        posts = (post for post in self._of(message_id) if since is None or post.at >= since)
        brought = (a for post in posts for a in post.attachments)
        return next((a for a in brought if a.id == attachment_id), None)

    def _of(self, message_id: MessageId) -> list[Post]:
        return [post for post in self.store.posts.committed() if post.message_id == message_id]
