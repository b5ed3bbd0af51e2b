"""What a file is, by its first bytes; names and declared types are never believed."""

import struct
from collections.abc import Callable, Iterator
from enum import StrEnum
from mmap import mmap

import filetype

from niktokromenas.domain.messages.attachments import AttachmentRefused, MediaType

HEAD = 4096
"""Bytes enough to tell the type."""


class Sent(StrEnum):
    """The formats that are taken."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    AVIF = "image/avif"
    PDF = "application/pdf"

    @property
    def stored_as(self) -> MediaType:
        return MediaType.JPEG if self in (Sent.HEIC, Sent.AVIF) else MediaType(self.value)


def _brands(head: bytes) -> set[bytes]:
    """Of an ISO base media file, the formats it claims to follow (ISO/IEC 14496-12, 4.3)."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}


_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
_STARTS: dict[Sent, Callable[[bytes], bool]] = {
    Sent.JPEG: lambda head: head.startswith(b"\xff\xd8\xff"),
    Sent.PNG: lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    Sent.WEBP: lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    Sent.PDF: lambda head: head.startswith(b"%PDF-"),
    Sent.AVIF: lambda head: not _brands(head).isdisjoint({b"avif", b"avis"}),
    Sent.HEIC: lambda head: not _brands(head).isdisjoint(_HEIC_BRANDS),
}
_STILL = {"image/apng": "image/png"}
"""An animated PNG is a PNG whose first frame is taken."""
_SCANS_LIMIT = 200
"""A camera's progressive JPEG has about ten; each one more costs a pass over all pixels."""


_ONLY_OURS = {b"heix", b"heim", b"heis", b"avis"}
"""Major brands that `filetype` does not know: deep colours, scalable pictures, animations."""


def format_of(head: bytes) -> Sent:
    """Raises `AttachmentRefused`: empty, or our table and `filetype` do not both know it as accepted."""
    if not head:
        raise AttachmentRefused.empty()
    ours = next((kind for kind, begins in _STARTS.items() if begins(head)), None)
    if ours in (Sent.HEIC, Sent.AVIF) and head[8:12] in _ONLY_OURS:
        return ours
    theirs = filetype.guess(head)
    if ours is None or theirs is None or _STILL.get(theirs.mime, theirs.mime) != ours.value:
        raise AttachmentRefused.unsupported()
    return ours


def picture_size(kind: Sent, content: mmap) -> tuple[int, int]:
    """Width and height in pixels as the header says, nothing decoded. Raises `AttachmentRefused`."""
    try:
        match kind:
            case Sent.PNG if content[12:16] == b"IHDR":
                width, height = struct.unpack_from(">II", content, 16)
            case Sent.WEBP:
                width, height = _webp_size(content)
            case Sent.JPEG:
                width, height = _jpeg_size(content)
            case Sent.HEIC | Sent.AVIF:
                width, height = _iso_size(content)
            case _:
                raise AttachmentRefused.broken()
    except (struct.error, IndexError) as error:
        raise AttachmentRefused.broken() from error
    if not (width and height):
        raise AttachmentRefused.broken()
    return width, height


def _webp_size(content: mmap) -> tuple[int, int]:
    """RFC 9649, section 2.5-2.7: lossy, lossless or extended."""
    match content[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return (
                int.from_bytes(content[24:27], "little") + 1,
                int.from_bytes(content[27:30], "little") + 1,
            )
    raise AttachmentRefused.broken()


def _jpeg_size(content: mmap) -> tuple[int, int]:
    """The largest size that any frame header before the first scan declares (ITU-T T.81, B.2.2)."""
    scan = -1
    for _ in range(_SCANS_LIMIT):
        if (scan := content.find(b"\xff\xda", scan + 1)) < 0:
            break
    else:
        raise AttachmentRefused.broken()
    sizes = [
        struct.unpack_from(">HH", content, start + 5)
        for marker, start in _jpeg_segments(content)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)
    ]
    if not sizes:
        raise AttachmentRefused.broken()
    return max(width for _, width in sizes), max(height for height, _ in sizes)


def _jpeg_segments(content: mmap) -> Iterator[tuple[int, int]]:
    """Marker code and the offset of its 0xFF, for each segment up to the first scan."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise AttachmentRefused.broken()
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in (0xDA, 0xD9):
            return
        yield marker, at
        (length,) = struct.unpack_from(">H", content, at + 2)
        at += 2 + max(length, 2)


_ISO_FOLDERS = {b"meta": 4, b"iprp": 0, b"ipco": 0}
"""Boxes on the way to the pictures' sizes, and the bytes between their heads and what they hold."""
_ISO_BOXES_LIMIT = 20_000


def _iso_size(content: mmap) -> tuple[int, int]:
    """The largest sides that any picture in the file declares (ISO/IEC 23008-12, 6.5.3)."""
    sizes = [
        struct.unpack_from(">II", content, at + 4) for kind, at in _iso_boxes(content) if kind == b"ispe"
    ]
    if not sizes:
        raise AttachmentRefused.broken()
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _iso_boxes(content: mmap) -> Iterator[tuple[bytes, int]]:
    """The kind of each box on that way, and where its content begins."""
    waiting = [(0, len(content))]
    for _ in range(_ISO_BOXES_LIMIT):
        if not waiting:
            return
        at, end = waiting.pop()
        if at + 8 > end:
            continue
        size, kind = struct.unpack_from(">I4s", content, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, at + 8)
            head = 16
        box_end = min(at + size, end) if size else end
        if box_end < at + head:
            raise AttachmentRefused.broken()
        waiting.append((box_end, end))
        yield kind, at + head
        if kind in _ISO_FOLDERS:
            waiting.append((at + head + _ISO_FOLDERS[kind], box_end))
    raise AttachmentRefused.broken()
