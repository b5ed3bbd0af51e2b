"""PDF documents: whether they are whole, open and of a reasonable length. Their bytes stay as they came."""

from pathlib import Path

import pikepdf

from niktokromenas.domain.messages.attachments import AttachmentLimits, AttachmentRefused

_STREAM_MEMORY = 8 * 1024 * 1024
_TAIL = 1024
_DEPTH = 50


def bound_memory() -> None:
    """Tell qpdf, for the whole process, how much one compressed stream may swell."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=_STREAM_MEMORY,
        png_max_memory=_STREAM_MEMORY,
        tiff_max_memory=_STREAM_MEMORY,
        run_length_max_memory=_STREAM_MEMORY,
        dct_max_memory=_STREAM_MEMORY,
        max_stream_filters=4,
        parser_max_nesting=100,
        doc_max_warnings=20,
    )


def count_pages(path: Path, limits: AttachmentLimits) -> int:
    """Pages of a whole, unprotected PDF (ISO 32000-1, 7.5, 7.7.3). Raises `AttachmentRefused`.

    A damaged one is refused, not repaired: what a repair shows need not be what the author saw.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        if b"%%EOF" not in file.read():
            raise AttachmentRefused.broken()
    try:
        with pikepdf.open(path, attempt_recovery=False) as document:
            if document.is_encrypted:
                raise AttachmentRefused.encrypted()
            pages = _pages(document, limits)
    except pikepdf.PasswordError as error:
        raise AttachmentRefused.encrypted() from error
    except (pikepdf.PdfError, pikepdf.PikepdfError, KeyError, TypeError, ValueError) as error:
        raise AttachmentRefused.broken() from error
    if pages == 0:
        raise AttachmentRefused.broken()
    return pages


def _pages(document: pikepdf.Pdf, limits: AttachmentLimits) -> int:
    """Leaves of the page tree. It is walked, for the number it states may lie; it may also have loops."""
    pages = visited = 0
    waiting = [(document.Root.Pages, 0)]
    while waiting:
        node, depth = waiting.pop()
        visited += 1
        if pages > limits.max_pages or visited > 4 * limits.max_pages:
            raise AttachmentRefused.too_many_pages(limits)
        if depth > _DEPTH:
            raise AttachmentRefused.broken()
        if "/Kids" in node:
            kids = node.Kids
            if len(kids) > limits.max_pages:
                raise AttachmentRefused.too_many_pages(limits)
            waiting += [(kid, depth + 1) for kid in kids]
        else:
            pages += 1
    if pages > limits.max_pages:
        raise AttachmentRefused.too_many_pages(limits)
    return pages
