"""Files as citizens, and those who attack, might send them."""

import struct
import zlib
from collections.abc import AsyncIterator
from io import BytesIO

import pikepdf
import pillow_heif
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

SECRET = b"48.7080N-Lenina-7-flat-12"
"""What none of the stored bytes may contain, wherever the original kept it."""
_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>' + SECRET + b"</rdf:RDF></x:xmpmeta>"
_IPTC = (
    b"Photoshop 3.0\x00" + b"8BIM\x04\x04\x00\x00" + struct.pack(">I", 30) + b"\x1c\x02\x78\x00\x19" + SECRET
)


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Left half red, right half blue (in grey modes: light and dark)."""
    canvas = Image.new("RGB", size, (200, 30, 30))
    canvas.paste((30, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    return canvas.convert(mode)


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.effect_noise(size, 90).convert("RGB")


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> bytes:
    """GPS, a camera's serial, a comment and an orientation."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = SECRET.decode()
    tags[0x010F] = "Спутник"
    tags.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + SECRET
    gps = tags.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (48.0, 42.0, 28.8), "E", (44.0, 30.0, 48.0)
    return tags.tobytes()


def modern(
    kind: str, image: Image.Image | None = None, *, with_everything: bool = False, **options: object
) -> bytes:
    """A picture as telephones of today make it."""
    pillow_heif.register_heif_opener()
    if with_everything:
        options |= {"exif": exif(), "xmp": _XMP, "icc_profile": srgb()}
    return encoded(image or picture(), kind, quality=90, **options)


def heic_of_several() -> bytes:
    """Red, green, blue; the green one is the main one."""
    several = pillow_heif.HeifFile()
    for colour in ("red", "green", "blue"):
        several.add_from_pillow(Image.new("RGB", (64, 64), colour))
    buffer = BytesIO()
    several.save(buffer, quality=90, primary_index=1)
    return buffer.getvalue()


def animated_avif() -> bytes:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=50, quality=90)


def resized(content: bytes, width: int, height: int) -> bytes:
    """A HEIC or AVIF whose every declared size is changed."""
    parts = content.split(b"ispe")
    sides = struct.pack(">II", width, height)
    return b"ispe".join([parts[0], *(part[:4] + sides + part[12:] for part in parts[1:])])


def picture_cut() -> bytes:
    """The first half of a JPEG."""
    whole = encoded(noise((300, 200)), "JPEG")
    return whole[: len(whole) // 2]


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def wide_gamut() -> bytes:
    """The sRGB profile with its red and green primaries swapped: a conversion that cannot go unnoticed."""
    return srgb().replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def jpeg_with_everything() -> bytes:
    plain = encoded(picture(), "JPEG", exif=exif(), icc_profile=srgb(), comment=SECRET, xmp=_XMP, quality=90)
    app13 = b"\xff\xed" + struct.pack(">H", len(_IPTC) + 2) + _IPTC
    return plain[:2] + app13 + plain[2:] + b"<script>" + SECRET + b"</script>PK\x03\x04"


def png_with_everything() -> bytes:
    texts = PngInfo()
    texts.add_text("Comment", SECRET.decode())
    texts.add_text("Location", SECRET.decode(), zip=True)
    texts.add_itxt("XML:com.adobe.xmp", _XMP.decode())
    plain = encoded(picture("RGBA"), "PNG", exif=exif(), icc_profile=srgb(), pnginfo=texts, dpi=(72, 72))
    return plain + SECRET


def webp_with_everything() -> bytes:
    return encoded(picture(), "WEBP", exif=exif(), icc_profile=srgb(), xmp=_XMP)


def multi_picture_jpeg() -> bytes:
    """What many telephones write: a JPEG that carries further pictures behind the first."""
    second = picture().rotate(180)
    return encoded(picture(), "MPO", save_all=True, append_images=[second])


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, lossless=True)


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp_claiming(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + sides
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_claiming(width: int, height: int) -> bytes:
    plain = encoded(picture(), "JPEG")
    at = plain.index(b"\xff\xc0") + 5
    return plain[:at] + struct.pack(">HH", height, width) + plain[at + 4 :]


def jpeg_of_many_scans() -> bytes:
    """One scan repeated: each costs a decoder a pass over the whole picture."""
    plain = encoded(picture(size=(2000, 2000)), "JPEG", progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:last] + plain[last:-2] * 3000 + plain[-2:]


def pdf(pages: int = 1, *, title: str = "Акт", filling: bytes = b"") -> bytes:
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page()
        document.docinfo["/Title"] = title
        if filling:
            inside = pikepdf.Dictionary(Filling=document.make_stream(filling))
            document.pages[0].obj.Resources = pikepdf.Dictionary(XObject=inside)
        buffer = BytesIO()
        document.save(buffer, compress_streams=False)
    return buffer.getvalue()


def encrypted_pdf(user: str) -> bytes:
    with pikepdf.new() as document:
        document.add_blank_page()
        buffer = BytesIO()
        document.save(buffer, encryption=pikepdf.Encryption(owner="owner", user=user))
    return buffer.getvalue()


def pdf_with_looping_pages() -> bytes:
    with pikepdf.new() as document:
        document.add_blank_page()
        pages = document.Root.Pages
        buffer = BytesIO()
        document.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        number = pages.objgen[0]
    content = buffer.getvalue()
    kids = content.index(b"/Kids [ ") + len(b"/Kids [ ")
    end = content.index(b" 0 R", kids)
    return content[:kids] + str(number).encode().rjust(end - kids) + content[end:]


def pdf_bomb() -> bytes:
    """A cross-reference stream of 300 MB that takes 300 KB compressed."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    head = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    table = b"4 0 obj\n<</Type/XRef/Size 5/W[1 4 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n"
    tail = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)
    return head + table % len(packed) + packed + tail


FOREIGN: dict[str, bytes] = {
    "html": b"<!doctype html><html><script>alert(1)</script></html>",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "gif": encoded(Image.new("P", (5, 5)), "GIF"),
    "bmp": encoded(picture(), "BMP"),
    "tiff": encoded(picture(), "TIFF"),
    "jpeg2000": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 " + bytes(100),
    "heif of unknown making": b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf" + bytes(100),
    "exe": b"MZ\x90\0\x03" + bytes(200),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(200),
    "zip": b"PK\x03\x04" + bytes(100),
    "mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(100),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "mvg": b"push graphic-context\nimage over 0,0 0,0 'https://x|id'\npop graphic-context",
    "text": "Здравствуйте".encode(),
    "junk before pdf": b"<html>%PDF-1.4\n",
}


async def sent(content: bytes, piece: int = 8192) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]
