"""Files: where they lie, and how a sent one becomes an attachment."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import ClassVar, Protocol

from attrs import frozen

from niktokromenas.domain.errors import Conflict, NotFound, Unavailable
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.masks import MaskedCopy, Rectangle

_KEY = re.compile(r"[0-9a-f]{32}")


class FileMissing(NotFound):
    code: ClassVar[str] = "file-missing"


class KeyTaken(Conflict):
    """A file lies under this key already; files are never overwritten."""

    code: ClassVar[str] = "key-taken"


class FilesUnavailable(Unavailable):
    """The store cannot be reached or is full."""

    code: ClassVar[str] = "files-unavailable"


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def checked_key(key: str) -> str:
    """`key` itself: 32 random lower-case hex digits, never a client's word. Raises `ValueError`."""
    if not is_key(key):
        raise ValueError("a storage key is 32 hex digits")
    return key


class FileStore(Protocol):
    """Bytes under random keys, written once. Contract: tests/contract/test_files.py.

    Each method raises `ValueError` for what is not a key (see `checked_key`) and `FilesUnavailable` where
    the store does not work.
    """

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Store all of `chunks` or, if they fail or the caller stops, nothing. Raises `KeyTaken`.

        What `chunks` raises passes through. After it returns the file survives a loss of power, where
        the store is one that lasts at all.
        """
        ...

    def open(self, key: str) -> AsyncIterator[bytes]:
        """The bytes in order, in pieces of at most 256 KiB. The first step raises `FileMissing`."""
        ...

    async def size(self, key: str) -> int:
        """Bytes. Raises `FileMissing`."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the file; an absent one is fine."""
        ...

    def keys(self, older_than: datetime) -> AsyncIterator[str]:
        """Keys of files stored before that instant, in no order: for the sweep of those nobody refers to."""
        ...

    async def ready(self) -> None:
        """Returns if the store is there and can be asked."""
        ...


class AttachmentIntake(Protocol):
    """The only way a client's bytes become a stored file. Tests: tests/integration/files/test_intake.py."""

    async def take(self, name: str | None, chunks: AsyncIterator[bytes]) -> Attachment:
        """Check what was sent by its content, clean it, store it (pictures with a thumbnail).

        Raises `AttachmentRefused`, `AttachmentTooLarge` (reading stops there), `FilesUnavailable`. What
        `chunks` raises passes through. If it does not return, nothing is left behind.
        """
        ...


class PicturePainter(Protocol):
    """Copies of stored pictures with regions hidden. Tests: tests/integration/files/test_painting.py."""

    async def cover(self, attachment: Attachment, regions: tuple[Rectangle, ...]) -> MaskedCopy:
        """Store a copy with each pixel that `regions` touch in one colour, and a thumbnail of the copy.

        The format is the attachment's; the original stays. Raises `AttachmentRefused` (broken, or not
        a picture), `FileMissing`, `FilesUnavailable`. If it does not return, nothing is left behind.
        """
        ...


@frozen(kw_only=True)
class ReferredFile:
    """A stored file that something refers to."""

    key: str
    number: str | None
    """The message's; `None` of an upload that nobody has taken yet."""
    size: int | None = None
    """Bytes; `None` of a thumbnail, of which nothing but the key is kept."""
    sha256: str | None = None


class AttachmentRegister(Protocol):
    """Which files are referred to, read outside a unit. Contract: tests/contract/test_attachment_register.py.

    A file that messages of any edition, their masks, answers, threads or waiting uploads refer to all the
    while is among them, also while one hands it to another. The same key may come several times.
    """

    def referred(self) -> AsyncIterator[ReferredFile]: ...
