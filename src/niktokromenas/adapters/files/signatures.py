"""What a file is, by its first bytes; names and declared types are never believed."""

import struct
from collections.abc import Callable, Iterator
from mmap import mmap

import filetype

from niktokromenas.domain.messages.attachments import AttachmentRefused, MediaType

HEAD = 4096
"""Bytes enough to tell the type."""

_STARTS: dict[MediaType, Callable[[bytes], bool]] = {
    MediaType.JPEG: lambda head: head.startswith(b"\xff\xd8\xff"),
    MediaType.PNG: lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    MediaType.WEBP: lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    MediaType.PDF: lambda head: head.startswith(b"%PDF-"),
}
_STILL = {"image/apng": "image/png"}
"""An animated PNG is a PNG whose first frame is taken."""
_SCANS_LIMIT = 200
"""A camera's progressive JPEG has about ten; each one more costs a pass over all pixels."""


def media_type_of(head: bytes) -> MediaType:
    """Raises `AttachmentRefused`: empty, or neither our table nor `filetype` knows it as accepted."""
    if not head:
        raise AttachmentRefused.empty()
    ours = next((media_type for media_type, begins in _STARTS.items() if begins(head)), None)
    theirs = filetype.guess(head)
    if ours is None or theirs is None or _STILL.get(theirs.mime, theirs.mime) != ours.value:
        raise AttachmentRefused.unsupported()
    return ours


def picture_size(media_type: MediaType, content: mmap) -> tuple[int, int]:
    """Width and height in pixels as the header says, nothing decoded. Raises `AttachmentRefused`."""
    try:
        match media_type:
            case MediaType.PNG if content[12:16] == b"IHDR":
                width, height = struct.unpack_from(">II", content, 16)
            case MediaType.WEBP:
                width, height = _webp_size(content)
            case MediaType.JPEG:
                width, height = _jpeg_size(content)
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
