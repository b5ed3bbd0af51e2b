"""PDF documents: whole, open, of a reasonable length, drawn anew without what acts or tells (ADR 0018)."""

from pathlib import Path
from typing import TypeGuard

import pikepdf

from niktokromenas.domain.messages.attachments import AttachmentLimits, AttachmentRefused

_STREAM_MEMORY = 8 * 1024 * 1024
_TAIL = 1024
_DEPTH = 50
_BROKEN = (
    pikepdf.PdfError,
    pikepdf.PikepdfError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    RuntimeError,
)
_OF_A_PAGE = frozenset(
    {
        *("/Type", "/Parent", "/Resources", "/Contents", "/Group", "/Rotate", "/UserUnit"),
        *("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"),
    }
)
_OF_RESOURCES = frozenset(
    {
        *("/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/ProcSet"),
        "/Properties",
    }
)
_OF_LAYERS = frozenset({"/OCGs", "/D"})
"""Which layers are shown (8.11): without it hidden ones would come out."""
_IDLE_OF_STREAMS = frozenset(
    {
        *("/Metadata", "/PieceInfo", "/AF", "/OPI", "/Ref", "/Alternates", "/LastModified", "/Measure"),
        *("/PtData", "/StructParent", "/StructParents", "/F", "/FFilter", "/FDecodeParms", "/AA"),
    }
)
"""Among them data that lies in another file (/F, /Ref)."""
_ACTIONS = frozenset(
    f"/{kind}"
    for kind in (
        *("JavaScript", "Launch", "URI", "SubmitForm", "ResetForm", "ImportData", "GoTo", "GoToR", "GoToE"),
        *("GoTo3DView", "Rendition", "Movie", "Sound", "Named", "Hide", "SetOCGState", "Trans", "Thread"),
        "RichMediaExecute",
    )
)
_FILES = frozenset({"/Filespec", "/F", "/EmbeddedFile"})
_DRAWN = frozenset({"/Font", "/XObject", "/ExtGState"})


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


def clean(path: Path, limits: AttachmentLimits, target: Path) -> int:
    """Write to `target` what the document shows, and return its pages. Raises `AttachmentRefused`.

    A damaged one is refused, not repaired: what a repair shows need not be what the author saw (ISO
    32000-1, 7.5, 7.7.3). Pages go into a new document, with what they are drawn with and nothing else:
    what may act, carry files or tell of the author has no place there. Filled forms and remarks become
    drawing.
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
            if pages == 0:
                raise AttachmentRefused.broken()
            with pikepdf.new() as drawn:
                _draw(document, drawn)
                drawn.save(
                    target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True
                )
    except pikepdf.PasswordError as error:
        raise AttachmentRefused.encrypted() from error
    except _BROKEN as error:
        raise AttachmentRefused.broken() from error
    return pages


def _draw(document: pikepdf.Pdf, drawn: pikepdf.Pdf) -> None:
    document.generate_appearance_streams()
    document.flatten_annotations("screen")
    for page in document.pages:
        _keep(page.obj, _OF_A_PAGE)
        _keep_resources(page.obj)
    drawn.pages.extend(document.pages)
    layers = document.Root.get("/OCProperties")
    if isinstance(layers, pikepdf.Dictionary):
        _keep(layers, _OF_LAYERS)
        drawn.Root.OCProperties = drawn.copy_foreign(document.make_indirect(layers))
    for each in drawn.objects:
        _strip(each)


def _keep(dictionary: pikepdf.Object, names: frozenset[str]) -> None:
    for name in set(dictionary.keys()) - names:
        del dictionary[name]


def _keep_resources(page: pikepdf.Object) -> None:
    resources = page.get("/Resources")
    if isinstance(resources, pikepdf.Dictionary):
        _keep(resources, _OF_RESOURCES)


def _strip(root: pikepdf.Object) -> None:
    """Of an indirect object and all that lies in it directly: what does not draw goes."""
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.Array):
            for place in reversed(range(len(each))):
                if _is_active(each[place]):
                    del each[place]
            waiting += [inner for inner in each if _may_hold(inner)]
            continue
        if not isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            continue
        for name in list(each.keys()):
            if _is_idle(each, name):
                del each[name]
        waiting += [inner for inner in (each[name] for name in list(each.keys())) if _may_hold(inner)]


def _may_hold(inner: object) -> TypeGuard[pikepdf.Object]:
    """Direct containers; what is indirect has a turn of its own."""
    return isinstance(inner, pikepdf.Array | pikepdf.Dictionary) and not inner.is_indirect


def _is_idle(holder: pikepdf.Object, name: str) -> bool:
    """Whether the entry draws nothing. Names of fonts and pictures are free: those may be called anything."""
    value = holder[name]
    if isinstance(holder, pikepdf.Stream):
        return name in _IDLE_OF_STREAMS
    if name == "/JS":
        return isinstance(value, pikepdf.String | pikepdf.Stream)
    if name in ("/Metadata", "/Alternates", "/EF", "/AF", "/AA", "/PieceInfo", "/RichMediaContent"):
        return not _is_drawn(value)
    return _is_active(value)


def _is_active(value: object) -> bool:
    """Whether it is an action or a file."""
    return isinstance(value, pikepdf.Dictionary) and (
        _word(value, "/S") in _ACTIONS or _word(value, "/Type") in _FILES
    )


def _word(dictionary: pikepdf.Object, key: str) -> str:
    value = dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _is_drawn(value: object) -> bool:
    """Whether it is a font, a picture or a state of the pen, which resources name freely."""
    return isinstance(value, pikepdf.Dictionary | pikepdf.Stream) and _word(value, "/Type") in _DRAWN


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
