"""From a client's bytes to a stored attachment."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import field, frozen

from niktokromenas.adapters.files.signatures import HEAD, Sent, format_of
from niktokromenas.adapters.files.threads import to_the_end
from niktokromenas.adapters.files.workplace import PIECE, Workplace, digest, made, workplace
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.messages.attachments import (
    Attachment,
    AttachmentLimits,
    AttachmentTooLarge,
    MediaType,
    display_name,
)
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.files import FileStore, FilesUnavailable

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}
_AT_ONCE = 2
"""Pictures decoded at a time: one of 50 megapixels takes about 400 MB while it is."""


@frozen(kw_only=True)
class _Prepared:
    """What is to be stored, on disk; sizes in pixels."""

    media_type: MediaType
    content: Path
    size: int
    sha256: str
    thumbnail: Path | None = None
    width: int | None = None
    height: int | None = None
    pages: int | None = None


def open_intake(
    files: FileStore, new_id: NewId, folder: Path, limits: AttachmentLimits | None = None
) -> "CleaningIntake":
    """An intake that works in `folder`, made if absent."""
    return CleaningIntake(files, new_id, made(folder), limits or AttachmentLimits())


@frozen
class CleaningIntake:
    """Each upload has a folder of its own under `folder`, which goes with it however it ends."""

    files: FileStore
    new_id: NewId
    folder: Path
    limits: AttachmentLimits
    _turn: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(_AT_ONCE), init=False, repr=False)

    async def take(self, name: str | None, chunks: AsyncIterator[bytes]) -> Attachment:
        async with _full_disk_is_unavailable(), workplace(self.folder, self.files) as place:
            sent = place.folder / "sent"
            await _receive(chunks, sent, self.limits)
            async with self._turn:
                prepared = await to_the_end(_prepare, sent, place.folder, self.limits)
            return await self._store(name, prepared, place)

    async def _store(self, name: str | None, prepared: _Prepared, place: Workplace) -> Attachment:
        key = await place.put(prepared.content)
        thumbnail_key = await place.put(prepared.thumbnail) if prepared.thumbnail else None
        return Attachment(
            id=AttachmentId(self.new_id()),
            name=display_name(name, prepared.media_type),
            media_type=prepared.media_type,
            size=prepared.size,
            sha256=prepared.sha256,
            key=key,
            thumbnail_key=thumbnail_key,
            width=prepared.width,
            height=prepared.height,
            pages=prepared.pages,
        )


@asynccontextmanager
async def _full_disk_is_unavailable() -> AsyncIterator[None]:
    """Other errors of the system are the sender's connection, or ours to know of."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise FilesUnavailable("Для файла сейчас нет места. Попробуйте позже") from error


async def _receive(chunks: AsyncIterator[bytes], path: Path, limits: AttachmentLimits) -> None:
    """Raises `AttachmentTooLarge` at the first byte too many, `AttachmentRefused` at a wrong beginning."""
    received = 0
    waiting = bytearray()
    is_known = False
    with path.open("wb") as file:
        async for chunk in chunks:
            received += len(chunk)
            if received > limits.max_bytes:
                raise AttachmentTooLarge(limits)
            waiting += chunk
            if not is_known and received >= HEAD:
                format_of(bytes(waiting[:HEAD]))
                is_known = True
            if len(waiting) >= PIECE:
                await to_the_end(file.write, bytes(waiting))
                waiting.clear()
        await to_the_end(file.write, bytes(waiting))


def _prepare(sent: Path, place: Path, limits: AttachmentLimits) -> _Prepared:
    """In a thread. Pillow and pikepdf are loaded for the first file: an idle server need not carry them."""
    from niktokromenas.adapters.files import documents, pictures

    with sent.open("rb") as file:
        kind = format_of(file.read(HEAD))
    if kind is Sent.PDF:
        documents.bound_memory()
        document = place / "document"
        pages = documents.clean(sent, limits, document)
        size, sha256 = document.stat().st_size, digest(document)
        return _Prepared(media_type=MediaType.PDF, content=document, size=size, sha256=sha256, pages=pages)
    picture, thumbnail = place / "picture", place / "thumbnail"
    cleaned = pictures.clean(sent, kind, limits, picture, thumbnail)
    return _Prepared(
        media_type=kind.stored_as,
        content=picture,
        size=picture.stat().st_size,
        sha256=digest(picture),
        thumbnail=thumbnail,
        width=cleaned.width,
        height=cleaned.height,
    )
