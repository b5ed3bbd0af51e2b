"""Files: where they lie, and how a sent one becomes an attachment."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import ClassVar, Protocol

from niktokromenas.domain.errors import Conflict, NotFound, Unavailable
from niktokromenas.domain.messages.attachments import Attachment

_KEY = re.compile(r"[0-9a-f]{32}")


class FileMissing(NotFound):
    code: ClassVar[str] = "file-missing"


class KeyTaken(Conflict):
    """A file lies under this key already; files are never overwritten."""

    code: ClassVar[str] = "key-taken"


class FilesUnavailable(Unavailable):
    """The store cannot be reached or is full."""

    code: ClassVar[str] = "files-unavailable"


def checked_key(key: str) -> str:
    """`key` itself: 32 random lower-case hex digits, never a client's word. Raises `ValueError`."""
    if _KEY.fullmatch(key) is None:
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


class AttachmentIntake(Protocol):
    """The only way a client's bytes become a stored file. Tests: tests/integration/files/test_intake.py."""

    async def take(self, name: str | None, chunks: AsyncIterator[bytes]) -> Attachment:
        """Check what was sent by its content, clean it, store it (pictures with a thumbnail).

        Raises `AttachmentRefused`, `AttachmentTooLarge` (reading stops there), `FilesUnavailable`. What
        `chunks` raises passes through. If it does not return, nothing is left behind.
        """
        ...
