"""Pictures: decoded wholly, turned upright, written anew with nothing but their pixels."""

import struct
import zlib
from io import BytesIO
from mmap import ACCESS_READ, mmap
from pathlib import Path

from attrs import frozen
from PIL import Image, ImageCms, ImageOps

from niktokromenas.adapters.files.signatures import picture_size
from niktokromenas.domain.messages.attachments import AttachmentLimits, AttachmentRefused, MediaType

THUMBNAIL_SIDE = 480
_FORMATS = {MediaType.JPEG: "JPEG", MediaType.PNG: "PNG", MediaType.WEBP: "WEBP"}
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


def clean(
    source: Path, media_type: MediaType, limits: AttachmentLimits, picture: Path, thumbnail: Path
) -> Cleaned:
    """Write `picture` (the same format) and `thumbnail` from `source`. Raises `AttachmentRefused`.

    Of an animated picture the first frame stays. Colours become sRGB; EXIF, XMP, IPTC, profiles, texts,
    comments, embedded thumbnails and whatever follows the picture in the file do not get through.
    """
    with source.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        _refuse_bombs(picture_size(media_type, content), limits)
    try:
        pixels = _decoded(source, media_type, limits)
    except _UNDECODABLE as error:
        raise AttachmentRefused.broken() from error
    pixels.save(picture, _FORMATS[media_type], **_OPTIONS[media_type])
    _thumbnail(pixels).save(thumbnail, "JPEG", quality=80, optimize=True)
    return Cleaned(pixels.width, pixels.height)


def _refuse_bombs(size: tuple[int, int], limits: AttachmentLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels or max(size) > limits.max_side:
        raise AttachmentRefused.too_many_pixels(limits)


def _decoded(source: Path, media_type: MediaType, limits: AttachmentLimits) -> Image.Image:
    with Image.open(source, formats=(_FORMATS[media_type],)) as opened:
        _refuse_bombs(opened.size, limits)
        opened.load()
        plain = _plain(_in_srgb(_upright(opened), opened.info.get("icc_profile")))
    plain.info = {}
    return plain


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as EXIF asks; where EXIF is broken, as in many real photos, as it lies."""
    try:
        return ImageOps.exif_transpose(picture)
    except _UNDECODABLE:
        return picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB; a profile that is broken or does not fit is passed over."""
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, own, srgb, outputMode=mode) or picture
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
    if small.mode == "RGBA":
        paper = Image.new("RGBA", size, "white")
        small = Image.alpha_composite(paper, small)
    return small if small.mode == "L" else small.convert("RGB")
