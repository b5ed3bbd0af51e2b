"""Pictures: decoded wholly, turned upright, written anew with nothing but their pixels."""

import math
import struct
import zlib
from contextlib import suppress
from io import BytesIO
from mmap import ACCESS_READ, mmap
from pathlib import Path

from attrs import frozen
from PIL import Image, ImageCms, ImageOps

from niktokromenas.adapters.files.apart import decoded_apart
from niktokromenas.adapters.files.signatures import Sent, picture_size
from niktokromenas.domain.messages.attachments import AttachmentLimits, AttachmentRefused, MediaType
from niktokromenas.domain.messages.masks import Rectangle

THUMBNAIL_SIDE = 480
_FORMATS = {Sent.JPEG: "JPEG", Sent.PNG: "PNG", Sent.WEBP: "WEBP"}
_OPTIONS: dict[MediaType, dict[str, int | bool]] = {
    MediaType.JPEG: {"quality": 88, "optimize": True},
    MediaType.PNG: {"compress_level": 6},
    MediaType.WEBP: {"quality": 88, "method": 2},
}
_UNDECODABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""All that Pillow's plugins raise on files made to be wrong."""


@frozen
class Cleaned:
    """Pixels of the stored picture; its thumbnail is a JPEG of at most 480 px a side."""

    width: int
    height: int


def clean(source: Path, kind: Sent, limits: AttachmentLimits, picture: Path, thumbnail: Path) -> Cleaned:
    """Write `picture` (in the format that `kind` is stored as) and `thumbnail`. Raises `AttachmentRefused`.

    Of an animated picture the first frame stays, of a HEIC with several the main one. Colours become
    sRGB; EXIF, XMP, IPTC, profiles, texts, comments, embedded thumbnails and whatever follows the picture
    in the file do not get through.
    """
    pixels = _pixels(source, kind, limits)
    if kind.stored_as is MediaType.JPEG:
        pixels = _on_paper(pixels)
    _write(pixels, kind.stored_as, picture, thumbnail)
    return Cleaned(pixels.width, pixels.height)


def cover(
    source: Path,
    media_type: MediaType,
    limits: AttachmentLimits,
    regions: tuple[Rectangle, ...],
    picture: Path,
    thumbnail: Path,
) -> None:
    """Write `picture` and `thumbnail` from `source` with `regions` painted black. Raises `AttachmentRefused`.

    The thumbnail is made of the painted picture: a hidden pixel has no part in it.
    """
    pixels = _pixels(source, Sent(media_type.value), limits)
    black = 0 if pixels.mode == "L" else (0, 0, 0, 255)[: len(pixels.mode)]
    for region in regions:
        left, right = _touched(region.left, region.right, pixels.width)
        top, bottom = _touched(region.top, region.bottom, pixels.height)
        pixels.paste(black, (left, top, right, bottom))
    _write(pixels, media_type, picture, thumbnail)


def _touched(start: float, end: float, side: int) -> tuple[int, int]:
    """Pixels [first, beyond) that shares of a side touch, at least one."""
    first = min(math.floor(start * side), side - 1)
    return first, max(min(math.ceil(end * side), side), first + 1)


def _pixels(source: Path, kind: Sent, limits: AttachmentLimits) -> Image.Image:
    if source.stat().st_size == 0:
        raise AttachmentRefused.broken()
    with source.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        _refuse_bombs(picture_size(kind, content), limits)
    if kind in (Sent.HEIC, Sent.AVIF):
        source, kind = decoded_apart(source, limits), Sent.PNG
    try:
        return _decoded(source, kind, limits)
    except _UNDECODABLE as error:
        raise AttachmentRefused.broken() from error


def _write(pixels: Image.Image, media_type: MediaType, picture: Path, thumbnail: Path) -> None:
    pixels.save(picture, _FORMATS[Sent(media_type.value)], **_OPTIONS[media_type])
    _thumbnail(pixels).save(thumbnail, "JPEG", quality=80, optimize=True)


def _refuse_bombs(size: tuple[int, int], limits: AttachmentLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels or max(size) > limits.max_side:
        raise AttachmentRefused.too_many_pixels(limits)


def _decoded(source: Path, kind: Sent, limits: AttachmentLimits) -> Image.Image:
    with Image.open(source, formats=(_FORMATS[kind],)) as opened:
        _refuse_bombs(opened.size, limits)
        opened.load()
        plain = _plain(_in_srgb(_upright(opened), opened.info.get("icc_profile")))
    plain.info = {}
    return plain


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as EXIF asks; where EXIF is broken, as in many real photos, as it lies."""
    with suppress(*_UNDECODABLE):
        ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB; a profile that is broken or does not fit is passed over."""
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        is_there = picture.mode == mode  # a second copy would cost 4 bytes a pixel
        return ImageCms.profileToProfile(picture, own, srgb, outputMode=mode, inPlace=is_there) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def _plain(picture: Image.Image) -> Image.Image:
    """One of the modes L, RGB, RGBA."""
    if picture.mode in ("L", "RGB", "RGBA"):
        return picture if type(picture) is Image.Image else picture.copy()
    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value / 256).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _thumbnail(picture: Image.Image) -> Image.Image:
    scale = min(1.0, THUMBNAIL_SIDE / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _on_paper(small)


def _on_paper(picture: Image.Image) -> Image.Image:
    """What a JPEG can hold: the picture itself, on white where it is transparent."""
    if picture.mode == "RGBA":
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture).convert("RGB")
    return picture
