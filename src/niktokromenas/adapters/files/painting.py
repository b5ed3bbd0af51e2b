"""Copies of stored pictures with regions painted over (Положение, п. 8.3, 8.5)."""

import asyncio
from pathlib import Path

from attrs import field, frozen

from niktokromenas.adapters.files.threads import to_the_end
from niktokromenas.adapters.files.workplace import digest, made, workplace
from niktokromenas.domain.messages.attachments import Attachment, AttachmentLimits, AttachmentRefused
from niktokromenas.domain.messages.masks import MaskedCopy, Rectangle
from niktokromenas.ports.files import FileStore


def open_painter(files: FileStore, folder: Path, limits: AttachmentLimits | None = None) -> "PillowPainter":
    """A painter that works in `folder`, made if absent."""
    return PillowPainter(files, made(folder), limits or AttachmentLimits())


@frozen
class _Painted:
    """On disk; `size` in bytes and `sha256` of the picture."""

    picture: Path
    thumbnail: Path
    size: int
    sha256: str


@frozen
class PillowPainter:
    """One picture at a time: a decoded one takes up to 200 MB."""

    files: FileStore
    folder: Path
    limits: AttachmentLimits
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False, repr=False)

    async def cover(self, attachment: Attachment, regions: tuple[Rectangle, ...]) -> MaskedCopy:
        if not attachment.media_type.is_picture:
            raise AttachmentRefused.because("not-a-picture", "Закрасить можно только снимок")
        async with workplace(self.folder, self.files) as place:
            await self._fetch(attachment.key, place.folder / "original")
            async with self._turn:
                painted = await to_the_end(_paint, attachment, regions, place.folder, self.limits)
            return MaskedCopy(
                key=await place.put(painted.picture),
                thumbnail_key=await place.put(painted.thumbnail),
                size=painted.size,
                sha256=painted.sha256,
            )

    async def _fetch(self, key: str, path: Path) -> None:
        with path.open("wb") as file:
            async for piece in self.files.open(key):
                await to_the_end(file.write, piece)


def _paint(
    attachment: Attachment, regions: tuple[Rectangle, ...], place: Path, limits: AttachmentLimits
) -> _Painted:
    """In a thread. Pillow is loaded for the first picture, as the intake does."""
    from niktokromenas.adapters.files import pictures

    picture, thumbnail = place / "picture", place / "thumbnail"
    pictures.cover(place / "original", attachment.media_type, limits, regions, picture, thumbnail)
    return _Painted(picture, thumbnail, picture.stat().st_size, digest(picture))
