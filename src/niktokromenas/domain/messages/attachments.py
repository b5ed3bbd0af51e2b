"""What may be attached to a message or an answer (Положение, п. 1.3, 6.2)."""

import re
import unicodedata
from enum import StrEnum
from typing import ClassVar, Self

from attrs import field, frozen

from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.ids import AttachmentId
from niktokromenas.domain.values import is_blank

NAME_LIMIT = 120
_SEPARATORS = re.compile(r"[/\\\u2044\u2215\u29f8\uff0f\uff3c]")
_UNFIT = re.compile(r'[<>:"|?*]')
_SHA256 = re.compile(r"[0-9a-f]{64}")


class MediaType(StrEnum):
    """The formats that are stored (п. 6.2). HEIC and AVIF are accepted too and become JPEG (ADR 0018)."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"

    @property
    def is_picture(self) -> bool:
        return self is not MediaType.PDF


_EXTENSIONS: dict[MediaType, tuple[str, ...]] = {
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.PNG: (".png",),
    MediaType.WEBP: (".webp",),
    MediaType.PDF: (".pdf",),
}
_KNOWN_EXTENSIONS = (
    *(extension for family in _EXTENSIONS.values() for extension in family),
    *(".heic", ".heif", ".avif"),
)
ACCEPTED = "JPEG, PNG, WebP, HEIC, AVIF, PDF"


@frozen(kw_only=True)
class AttachmentLimits:
    max_bytes: int = 10 * 1024 * 1024
    max_pixels: int = 50_000_000
    max_side: int = 20_000
    """Pixels, along either side: a panorama fits, a ribbon made to exhaust memory does not."""
    max_pages: int = 100
    max_count: int = 10
    """Attachments of one message or answer."""


class AttachmentRefused(Invalid):
    """The file cannot be taken; the one fault says why."""

    code: ClassVar[str] = "attachment-refused"

    @classmethod
    def because(cls, code: str, detail: str, basis: str | None = None) -> Self:
        return cls(detail, faults=(Fault("/file", code, detail, basis),))

    @classmethod
    def unsupported(cls) -> Self:
        detail = f"Такой формат не принимается. Принимаются: {ACCEPTED}"
        return cls.because("unsupported-type", detail, "Положение, п. 6.2")

    @classmethod
    def empty(cls) -> Self:
        return cls.because("empty-file", "Файл пуст")

    @classmethod
    def broken(cls) -> Self:
        return cls.because("broken-file", "Файл повреждён или загружен не полностью")

    @classmethod
    def encrypted(cls) -> Self:
        return cls.because("encrypted-file", "Документ защищён паролем: сохраните его без защиты")

    @classmethod
    def too_many_pixels(cls, limits: AttachmentLimits) -> Self:
        megapixels = limits.max_pixels // 1_000_000
        detail = f"Снимок слишком велик: не больше {megapixels} мегапикселей и {limits.max_side} по стороне"
        return cls.because("too-many-pixels", detail)

    @classmethod
    def too_many_pages(cls, limits: AttachmentLimits) -> Self:
        return cls.because("too-many-pages", f"В документе больше {limits.max_pages} страниц")


class AttachmentTooLarge(Invalid):
    """More bytes than a file may have; the rest of it was not read."""

    code: ClassVar[str] = "too-large"

    def __init__(self, limits: AttachmentLimits) -> None:
        detail = f"Файл больше {limits.max_bytes // (1024 * 1024)} МБ"
        faults = (Fault("/file", self.code, detail),)
        super().__init__(detail, faults=faults, members={"max_bytes": limits.max_bytes})


def display_name(raw: str | None, media_type: MediaType) -> str:
    """A name that people may be shown and browsers may save under; the extension tells the true type.

    Of a path its last part stays; characters that nobody sees or that turn the text around go. A second
    pass changes nothing.
    """
    name = _SEPARATORS.split(_visible(raw or ""))[-1]
    name = _UNFIT.sub("_", " ".join(name.split()))
    stem, extension = _parted(name.rstrip(" ."), media_type)
    stem = _bare(stem[: NAME_LIMIT - len(extension)])
    if is_blank(stem):
        stem = "фото" if media_type.is_picture else "документ"
    return stem + extension


def _visible(text: str) -> str:
    """Without control, format (zero-width, bidi), unassigned and surrogate characters: category C."""
    spaced = "".join(" " if character in "\t\r\n" else character for character in text)
    visible = "".join(c for c in spaced if not unicodedata.category(c).startswith("C"))
    return unicodedata.normalize("NFC", visible)


def _parted(name: str, media_type: MediaType) -> tuple[str, str]:
    """Stem and the type's extension; an accepted extension of another type is replaced, others stay in."""
    stem, dot, ending = name.rpartition(".")
    extension = f"{dot}{ending}".lower()
    if not dot or extension not in _KNOWN_EXTENSIONS:
        return name, _EXTENSIONS[media_type][0]
    return stem, f"{dot}{ending}" if extension in _EXTENSIONS[media_type] else _EXTENSIONS[media_type][0]


def _bare(stem: str) -> str:
    return stem.strip(" .\u00a0")


def _showable(attachment: "Attachment", _: object, name: str) -> None:
    if display_name(name, attachment.media_type) != name:
        raise AttachmentRefused.because("bad-name", "Имя файла содержит недопустимые знаки")


def _not_empty(_: "Attachment", __: object, size: int) -> None:
    if size <= 0:
        raise AttachmentRefused.empty()


def _digest(_: "Attachment", __: object, sha256: str) -> None:
    if _SHA256.fullmatch(sha256) is None:
        raise AttachmentRefused.because("bad-digest", "Контрольная сумма — 64 шестнадцатеричные цифры")


@frozen(kw_only=True)
class Attachment:
    """A stored file: pictures without metadata and upright, documents as they came."""

    id: AttachmentId
    name: str = field(validator=_showable)
    media_type: MediaType
    size: int = field(validator=_not_empty)
    """Bytes as stored, not as they were sent."""
    sha256: str = field(validator=_digest)
    """Hex digest of the stored bytes."""
    key: str
    thumbnail_key: str | None = None
    """A JPEG of at most 480 px a side; pictures only."""
    width: int | None = None
    height: int | None = None
    pages: int | None = None
