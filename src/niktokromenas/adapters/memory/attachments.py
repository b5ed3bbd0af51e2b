"""Which files are referred to, in memory."""

from collections.abc import AsyncIterator, Iterator

from attrs import frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.masks import MaskedCopy
from niktokromenas.ports.files import ReferredFile


@frozen
class MemoryAttachmentRegister:
    """Whatever holds an attachment or a masked copy, however deep, refers to it."""

    store: MemoryStore

    async def referred(self) -> AsyncIterator[ReferredFile]:
        numbers = {message.id: message.number for message in self.store.messages.committed()}
        found = [
            *(file for upload in self.store.uploads.committed() for file in _files_in(upload, None)),
            *(
                file
                for message in self.store.messages.committed()
                for file in _files_in(message, message.number)
            ),
            *(
                file
                for post in self.store.posts.committed()
                for file in _files_in(post, numbers[post.message_id])
            ),
            *(
                file
                for message_id, entry in self.store.history.committed()
                for file in _files_in(entry, numbers[message_id])
            ),
        ]
        for file in found:
            yield file


def _files_in(value: object, number: str | None) -> Iterator[ReferredFile]:
    if isinstance(value, Attachment | MaskedCopy):
        yield ReferredFile(key=value.key, number=number, size=value.size, sha256=value.sha256)
        if value.thumbnail_key is not None:
            yield ReferredFile(key=value.thumbnail_key, number=number)
    elif isinstance(value, tuple):
        for each in value:
            yield from _files_in(each, number)
    else:
        for each in getattr(type(value), "__attrs_attrs__", ()):
            yield from _files_in(getattr(value, each.name), number)
