"""What becomes of a file that somebody sends: the only way into the store."""

import asyncio
import hashlib
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pikepdf
import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from niktokromenas.adapters.files import decoder, store
from niktokromenas.adapters.files.intake import open_intake
from niktokromenas.domain.messages.attachments import (
    Attachment,
    AttachmentLimits,
    AttachmentRefused,
    AttachmentTooLarge,
    MediaType,
)
from niktokromenas.ports.files import AttachmentIntake, FileMissing, FileStore
from tests.integration.files import samples
from tests.integration.files.samples import sent


@frozen
class Bench:
    """An intake over a folder, with small limits where the test wants them."""

    place: Path
    limits: AttachmentLimits = field(factory=AttachmentLimits)
    files: FileStore = field(init=False)
    intake: AttachmentIntake = field(init=False)

    def __attrs_post_init__(self) -> None:
        files = store.open_folder(self.place / "files")
        object.__setattr__(self, "files", files)
        intake = open_intake(files, uuid4, self.place / "work", self.limits)
        object.__setattr__(self, "intake", intake)

    async def take(self, content: bytes, name: str | None = None) -> Attachment:
        return await self.intake.take(name, sent(content))

    async def read(self, key: str | None) -> bytes:
        assert key is not None
        return b"".join([piece async for piece in self.files.open(key)])

    async def refusal(self, content: bytes, name: str | None = None) -> str:
        """The code of the fault; nothing may have been kept."""
        with pytest.raises(AttachmentRefused) as raised:
            await self.take(content, name)
        await self.is_empty()
        return raised.value.faults[0].code

    async def is_empty(self) -> None:
        """obstore removes what it wrote aside in a thread of its own: a moment is given."""
        async with asyncio.timeout(5):
            while leftovers := [path for path in self.place.rglob("*") if path.is_file()]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert leftovers == []
        assert list((self.place / "work").iterdir()) == []


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


PICTURES = {
    MediaType.JPEG: samples.jpeg_with_everything(),
    MediaType.PNG: samples.png_with_everything(),
    MediaType.WEBP: samples.webp_with_everything(),
}


@pytest.mark.clause("1.3-message")
@pytest.mark.parametrize("media_type", PICTURES)
async def test_a_picture_is_stored_with_its_thumbnail(bench: Bench, media_type: MediaType) -> None:
    attachment = await bench.take(PICTURES[media_type], "Яма у дома.heic")
    assert attachment.media_type is media_type
    assert (attachment.width, attachment.height, attachment.pages) == (60, 40, None)
    content = await bench.read(attachment.key)
    assert attachment.size == len(content) == await bench.files.size(attachment.key)
    assert attachment.sha256 == hashlib.sha256(content).hexdigest()
    kept = opened(content)
    assert (Image.MIME[kept.format or ""], kept.size) == (media_type.value, (60, 40))
    thumbnail = opened(await bench.read(attachment.thumbnail_key))
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (60, 40))
    assert list((bench.place / "work").iterdir()) == []


@pytest.mark.clause("1.3-message")
async def test_a_document_is_stored_with_all_its_pages(bench: Bench) -> None:
    attachment = await bench.take(samples.pdf(3), "Акт осмотра.pdf")
    assert (attachment.media_type, attachment.pages, attachment.name) == (MediaType.PDF, 3, "Акт осмотра.pdf")
    assert (attachment.thumbnail_key, attachment.width) == (None, None)
    content = await bench.read(attachment.key)
    assert (attachment.size, attachment.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with pikepdf.open(BytesIO(content)) as kept:
        assert len(kept.pages) == 3
    assert list((bench.place / "work").iterdir()) == []


TRACES = (
    *(samples.SECRET, "Спутник".encode(), b"Exif", b"EXIF", b"eXIf", b"xmp", b"XMP", b"Photoshop", b"8BIM"),
    *(b"ICC", b"iCCP", b"acsp", b"tEXt", b"iTXt", b"zTXt", b"script", b"PK\x03\x04"),
)


HARMLESS = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density"),
    *("loop", "background", "timestamp", "duration"),  # Pillow's own words about any WebP
}


@pytest.mark.abuse(22)
@pytest.mark.parametrize("media_type", PICTURES)
async def test_nothing_but_pixels_gets_through(bench: Bench, media_type: MediaType) -> None:
    original = PICTURES[media_type]
    assert samples.SECRET in original
    assert opened(original).getexif()
    attachment = await bench.take(original)
    for key in (attachment.key, attachment.thumbnail_key):
        content = await bench.read(key)
        kept = opened(content)
        assert not kept.getexif()
        assert set(kept.info) <= HARMLESS
        for trace in (
            samples.SECRET,
            b"Exif",
            b"EXIF",
            b"xmp",
            b"XMP",
            b"Photoshop",
            b"8BIM",
            b"ICC",
            b"iCCP",
        ):
            assert trace not in content
        for trace in (
            b"tEXt",
            b"iTXt",
            b"zTXt",
            b"eXIf",
            b"acsp",
            b"script",
            b"PK\x03\x04",
            "Спутник".encode(),
        ):
            assert trace not in content


MODERN = ["HEIF", "AVIF"]


@pytest.mark.clause("3.11")
@pytest.mark.parametrize("kind", MODERN)
async def test_a_telephones_picture_becomes_a_jpeg(bench: Bench, kind: str) -> None:
    attachment = await bench.take(samples.modern(kind), "Яма.HEIC")
    assert (attachment.media_type, attachment.name) == (MediaType.JPEG, "Яма.jpg")
    kept = opened(await bench.read(attachment.key))
    assert (kept.format, kept.size, kept.mode) == ("JPEG", (60, 40), "RGB")
    assert (attachment.width, attachment.height) == (60, 40)
    for x, is_red in ((5, True), (55, False)):
        red, _, blue = kept.getpixel((x, 20))  # type: ignore[misc]
        assert (red > 150 and blue < 90) is is_red
        assert (blue > 150 and red < 90) is not is_red


@pytest.mark.abuse(22)
@pytest.mark.parametrize("kind", MODERN)
async def test_nothing_but_pixels_of_a_telephones_picture_gets_through(bench: Bench, kind: str) -> None:
    original = samples.modern(kind, with_everything=True)
    assert samples.SECRET in original
    attachment = await bench.take(original)
    for key in (attachment.key, attachment.thumbnail_key):
        content = await bench.read(key)
        kept = opened(content)
        assert not kept.getexif()
        assert set(kept.info) <= HARMLESS
        for trace in (samples.SECRET, b"Exif", b"xmp", b"ICC", b"ftyp", "Спутник".encode()):
            assert trace not in content


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", MODERN)
async def test_a_telephones_picture_is_stored_upright(bench: Bench, orientation: int, kind: str) -> None:
    """As a JPEG with the same orientation is: that is tested above."""
    marked = samples.picture()
    marked.paste((30, 200, 30), (0, 0, 30, 10))
    pixels = []
    for each in (kind, "PNG"):
        attachment = await bench.take(samples.modern(each, marked, exif=samples.exif(orientation)))
        kept = opened(await bench.read(attachment.key)).convert("RGB")
        spots = [(x, y) for x in (3, kept.width - 4) for y in (3, kept.height - 4)]
        pixels.append((kept.size, [max(range(3), key=kept.getpixel(spot).__getitem__) for spot in spots]))  # type: ignore[union-attr]
    assert pixels[0] == pixels[1]


async def test_of_several_pictures_in_a_heic_the_main_one_stays(bench: Bench) -> None:
    attachment = await bench.take(samples.heic_of_several())
    red, green, blue = opened(await bench.read(attachment.key)).getpixel((5, 5))  # type: ignore[misc]
    assert green > 100
    assert max(red, blue) < 60


@pytest.mark.parametrize("kind", MODERN)
async def test_a_transparent_modern_picture_lies_on_white(bench: Bench, kind: str) -> None:
    attachment = await bench.take(samples.modern(kind, Image.new("RGBA", (64, 64), (0, 0, 0, 0))))
    kept = opened(await bench.read(attachment.key))
    assert (kept.mode, min(kept.getpixel((9, 9)))) == ("RGB", 255)  # type: ignore[type-var]


async def test_a_modern_animation_gives_its_first_frame(bench: Bench) -> None:
    attachment = await bench.take(samples.animated_avif())
    red, green, blue = opened(await bench.read(attachment.key)).getpixel((5, 5))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.abuse(20)
@pytest.mark.parametrize("kind", MODERN)
async def test_a_truncated_modern_picture_is_refused(bench: Bench, kind: str) -> None:
    whole = samples.modern(kind, samples.noise((300, 200)))
    for share in (0.01, 0.1, 0.5, 0.9):
        assert await bench.refusal(whole[: int(len(whole) * share)]) in ("broken-file", "unsupported-type")


@pytest.mark.abuse(20)
@pytest.mark.parametrize("kind", MODERN)
async def test_a_modern_picture_that_declares_too_much_is_refused_undecoded(
    bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "__file__", "/nonexistent")
    for width, height in ((60_000, 60_000), (2**31, 1), (12_000, 12_000)):
        content = samples.resized(samples.modern(kind), width, height)
        assert await bench.refusal(content) == "too-many-pixels"


@pytest.mark.abuse(20)
@pytest.mark.parametrize("kind", MODERN)
async def test_a_modern_picture_larger_than_allowed_cannot_lie_itself_in(tmp_path: Path, kind: str) -> None:
    bench = Bench(tmp_path, AttachmentLimits(max_pixels=10_000))
    large = samples.modern(kind, samples.noise((400, 300)))
    assert await bench.refusal(large) == "too-many-pixels"
    lying = samples.resized(large, 60, 40)
    if kind == "AVIF":  # its decoder makes what is declared, whatever lies within
        attachment = await bench.take(lying)
        assert (attachment.width, attachment.height) == (60, 40)
    else:
        assert await bench.refusal(lying) in ("too-many-pixels", "broken-file")


@pytest.mark.abuse(20)
def test_the_decoder_has_an_end_to_its_memory_and_time(tmp_path: Path) -> None:
    """Its limits hold for the process that decodes, and for no other."""
    program = (
        f"import runpy, resource; d = runpy.run_path({decoder.__file__!r}); d['_bound']();"
        "print(*(resource.getrlimit(getattr(resource, 'RLIMIT_' + n))[0] for n in ('AS', 'CPU', 'CORE')))\n"
        "try: bytearray(3 << 30)\n"
        "except MemoryError: print('bounded')"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert told.stdout.split() == [str(2 << 30), "30", "0", "bounded"]


@pytest.mark.parametrize("brand", [b"heix", b"heim", b"mif1"])
async def test_other_brands_of_heic_are_known(bench: Bench, brand: bytes) -> None:
    content = samples.modern("HEIF")
    assert (await bench.take(content[:8] + brand + content[12:])).media_type is MediaType.JPEG


@pytest.mark.abuse(22)
async def test_pictures_behind_the_first_do_not_get_through(bench: Bench) -> None:
    attachment = await bench.take(samples.multi_picture_jpeg())
    content = await bench.read(attachment.key)
    assert (attachment.media_type, opened(content).format) == (MediaType.JPEG, "JPEG")
    assert content.count(b"\xff\xd8\xff") == 1
    assert b"MPF" not in content


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_of_an_animated_picture_the_first_frame_stays(bench: Bench, kind: str) -> None:
    attachment = await bench.take(samples.animated(kind))
    kept = opened(await bench.read(attachment.key))
    assert getattr(kept, "n_frames", 1) == 1
    red, green, blue = kept.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_stored_upright(bench: Bench, orientation: int, kind: str) -> None:
    expected = Image.open(BytesIO(samples.encoded(samples.picture(), "PNG")))
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    upright = expected.transpose(turns[orientation]) if orientation in turns else expected
    lying = samples.encoded(samples.picture(), kind, exif=samples.exif(orientation))
    attachment = await bench.take(lying)
    kept = opened(await bench.read(attachment.key)).convert("RGB")
    assert (attachment.width, attachment.height) == kept.size == upright.size
    for x, y in ((3, 3), (upright.width - 4, 3), (3, upright.height - 4)):
        is_red = upright.convert("RGB").getpixel((x, y)) == (200, 30, 30)
        red, _, blue = kept.getpixel((x, y))  # type: ignore[misc]
        assert (red > blue) == is_red


async def test_a_foreign_profile_becomes_srgb(bench: Bench) -> None:
    profiled = samples.encoded(samples.picture(), "PNG", icc_profile=samples.wide_gamut())
    attachment = await bench.take(profiled)
    red, green, _ = opened(await bench.read(attachment.key)).getpixel((3, 3))  # type: ignore[misc]
    assert green > red


async def test_a_broken_profile_is_passed_over(bench: Bench) -> None:
    attachment = await bench.take(samples.encoded(samples.picture(), "JPEG", icc_profile=b"not a profile"))
    assert b"not a profile" not in await bench.read(attachment.key)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
async def test_every_kind_of_png_is_taken(bench: Bench, mode: str) -> None:
    image = Image.new("I;16", (60, 40), 40_000) if mode == "I;16" else samples.picture(mode)
    attachment = await bench.take(samples.encoded(image, "PNG"))
    kept = opened(await bench.read(attachment.key))
    assert kept.mode == {"1": "L", "I;16": "L", "LA": "RGBA", "P": "RGB"}.get(mode, mode)
    if mode == "I;16":
        assert kept.getpixel((5, 5)) == 40_000 // 256


async def test_print_colours_are_taken(bench: Bench) -> None:
    attachment = await bench.take(samples.encoded(samples.picture("CMYK"), "JPEG"))
    assert opened(await bench.read(attachment.key)).mode == "RGB"


async def test_a_transparent_picture_has_a_thumbnail_on_white(bench: Bench) -> None:
    attachment = await bench.take(samples.encoded(Image.new("RGBA", (900, 300), (0, 0, 0, 0)), "PNG"))
    thumbnail = opened(await bench.read(attachment.thumbnail_key))
    assert (thumbnail.size, thumbnail.getpixel((9, 9))) == ((480, 160), (255, 255, 255))


@pytest.mark.parametrize("kind", samples.FOREIGN)
@pytest.mark.parametrize("name", ["photo.jpg", "act.pdf"])
@pytest.mark.abuse(20)
async def test_other_formats_are_refused_with_the_accepted_ones(bench: Bench, kind: str, name: str) -> None:
    with pytest.raises(AttachmentRefused) as raised:
        await bench.take(samples.FOREIGN[kind], name)
    (fault,) = raised.value.faults
    assert (fault.code, fault.basis) == ("unsupported-type", "Положение, п. 6.2")
    assert "JPEG, PNG, WebP, HEIC, AVIF, PDF" in fault.detail
    await bench.is_empty()


async def test_a_long_file_of_another_format_is_refused_before_it_has_come(bench: Bench) -> None:
    given = 0

    async def film() -> AsyncIterator[bytes]:
        nonlocal given
        yield samples.FOREIGN["mp4"]
        while True:
            given += 1
            yield bytes(4096)

    with pytest.raises(AttachmentRefused):
        await bench.intake.take(None, film())
    assert given == 1
    await bench.is_empty()


async def test_an_empty_file_is_refused(bench: Bench) -> None:
    assert await bench.refusal(b"") == "empty-file"


@pytest.mark.abuse(20)
@pytest.mark.parametrize(
    "bomb",
    [
        samples.png_claiming(60_000, 60_000),
        samples.png_claiming(12_000, 12_000),
        samples.png_claiming(2**31 - 1, 1),
        samples.png_claiming(40_000, 1_000),
        samples.webp_claiming(16_383, 16_383),
        samples.jpeg_claiming(65_535, 65_535),
        samples.encoded(Image.new("1", (9_000, 9_000)), "PNG"),
        samples.encoded(Image.new("L", (10_000, 10_000)), "JPEG"),
    ],
    ids=range(8),
)
async def test_a_picture_that_would_swell_is_refused_before_it_does(bench: Bench, bomb: bytes) -> None:
    tracemalloc.start()
    try:
        assert await bench.refusal(bomb) == "too-many-pixels"
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.abuse(20)
async def test_a_picture_of_thousands_of_scans_is_refused(bench: Bench) -> None:
    assert await bench.refusal(samples.jpeg_of_many_scans()) == "broken-file"


@pytest.mark.abuse(20)
@pytest.mark.parametrize("media_type", [MediaType.JPEG, MediaType.PNG, MediaType.WEBP])
async def test_a_truncated_picture_is_refused(bench: Bench, media_type: MediaType) -> None:
    kind = media_type.value.removeprefix("image/").upper()
    whole = samples.encoded(samples.noise((300, 200)), kind)
    for share in (0.01, 0.1, 0.5, 0.9, 0.99):
        assert await bench.refusal(whole[: int(len(whole) * share)]) in ("broken-file", "unsupported-type")


SLOW = [samples.modern(kind) for kind in MODERN]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on EXIF
@settings(max_examples=100, deadline=None)
@given(st.data())
async def test_a_damaged_file_is_taken_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([*PICTURES.values(), samples.pdf(2), *SLOW]))
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(8, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as place:
        bench = Bench(Path(place))
        try:
            attachment = await bench.take(bytes(damaged))
        except AttachmentRefused:
            await bench.is_empty()
        else:
            assert await bench.files.size(attachment.key) == attachment.size


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (samples.pdf(101), "too-many-pages"),
        (samples.encrypted_pdf("secret"), "encrypted-file"),
        (samples.encrypted_pdf(""), "encrypted-file"),
        (samples.pdf(0), "broken-file"),
        (samples.pdf(2)[:-40], "broken-file"),
        (samples.pdf(2)[:200], "broken-file"),
        (b"%PDF-1.7\n%%EOF", "broken-file"),
        (samples.pdf_bomb(), "broken-file"),
        (samples.pdf_with_looping_pages(), "broken-file"),
    ],
    ids=["long", "locked", "restricted", "no pages", "no end", "cut", "hollow", "bomb", "loop"],
)
@pytest.mark.abuse(20)
async def test_a_document_that_is_not_whole_open_and_short_is_refused(
    bench: Bench, content: bytes, code: str
) -> None:
    assert await bench.refusal(content, "act.pdf") == code


async def test_a_document_of_the_most_pages_is_taken(bench: Bench) -> None:
    assert (await bench.take(samples.pdf(100))).pages == 100


async def test_reading_stops_at_the_first_byte_too_many(tmp_path: Path) -> None:
    bench = Bench(tmp_path, AttachmentLimits(max_bytes=100_000))
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        yield b"%PDF-1.7\n"
        while True:
            asked += 1
            yield bytes(10_000)

    with pytest.raises(AttachmentTooLarge) as raised:
        await bench.intake.take("long.pdf", endless())
    assert asked == 10
    assert raised.value.members == {"max_bytes": 100_000}
    await bench.is_empty()


async def test_a_file_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    content = samples.pdf()
    exact = Bench(tmp_path / "a", AttachmentLimits(max_bytes=len(content)))
    assert (await exact.take(content)).pages == 1
    short = Bench(tmp_path / "b", AttachmentLimits(max_bytes=len(content) - 1))
    with pytest.raises(AttachmentTooLarge):
        await short.take(content)
    await short.is_empty()


@settings(max_examples=25, deadline=None)
@given(whole=st.sampled_from([*PICTURES.values(), samples.pdf(2)]), data=st.data())
async def test_an_upload_that_breaks_at_any_byte_leaves_nothing(whole: bytes, data: st.DataObject) -> None:
    stop = data.draw(st.integers(0, len(whole)))

    async def breaking() -> AsyncIterator[bytes]:
        async for piece in sent(whole[:stop], 512):
            yield piece
        raise ConnectionResetError("the telephone went into a tunnel")

    with TemporaryDirectory() as place:
        bench = Bench(Path(place))
        with pytest.raises(ConnectionResetError):
            await bench.intake.take(None, breaking())
        await bench.is_empty()


@settings(max_examples=25, deadline=None)
@given(
    whole=st.sampled_from([samples.encoded(samples.noise((900, 700)), "PNG"), samples.pdf(2)]),
    pause=st.floats(0, 0.15),
)
async def test_an_upload_cancelled_at_any_moment_leaves_all_or_nothing(whole: bytes, pause: float) -> None:
    with TemporaryDirectory() as place:
        bench = Bench(Path(place))
        taking = asyncio.ensure_future(bench.intake.take(None, sent(whole)))
        await asyncio.sleep(pause)
        taking.cancel()
        (outcome,) = await asyncio.gather(taking, return_exceptions=True)
        if isinstance(outcome, Attachment):
            assert await bench.files.size(outcome.key) == outcome.size
        else:
            assert isinstance(outcome, asyncio.CancelledError)
            await bench.is_empty()


async def cancelled_while_its_folder_goes(work: Coroutine[Any, Any, object]) -> None:
    """Run `work`, and cancel it when all is stored and only the folder is still to be removed."""
    running = asyncio.ensure_future(work)
    loop, remove = asyncio.get_running_loop(), shutil.rmtree

    def removing(path: Path) -> None:
        loop.call_soon_threadsafe(running.cancel)
        remove(path)

    with patch.object(shutil, "rmtree", removing), pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("whole", [samples.pdf(), PICTURES[MediaType.JPEG]], ids=["pdf", "picture"])
async def test_an_upload_cancelled_at_its_very_end_leaves_nothing(bench: Bench, whole: bytes) -> None:
    await cancelled_while_its_folder_goes(bench.take(whole))
    await bench.is_empty()


@frozen
class SecondPutFails:
    """A store whose second file does not fit."""

    files: FileStore
    put_so_far: list[str] = field(factory=list)

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        if self.put_so_far:
            raise OSError("no space left")
        self.put_so_far.append(key)
        await self.files.put(key, chunks)

    def open(self, key: str) -> AsyncIterator[bytes]:
        return self.files.open(key)

    async def size(self, key: str) -> int:
        return await self.files.size(key)

    async def delete(self, key: str) -> None:
        await self.files.delete(key)

    def keys(self, older_than: datetime) -> AsyncIterator[str]:
        return self.files.keys(older_than)

    async def ready(self) -> None:
        await self.files.ready()


async def test_a_picture_without_room_for_its_thumbnail_is_not_kept(tmp_path: Path) -> None:
    files = SecondPutFails(store.in_memory())
    intake = open_intake(files, uuid4, tmp_path / "work")
    with pytest.raises(OSError, match="no space"):
        await intake.take(None, sent(PICTURES[MediaType.JPEG]))
    assert [key async for key in files.keys(datetime.now(UTC) + timedelta(hours=1))] == []
    with pytest.raises(FileMissing):
        await files.size(files.put_so_far[0])
    assert list((tmp_path / "work").iterdir()) == []


async def test_several_uploads_at_once_do_not_meet(bench: Bench) -> None:
    sizes = [(40 + n, 30 + n) for n in range(8)]
    contents = [samples.encoded(samples.picture(size=size), "JPEG") for size in sizes]
    taken = await asyncio.gather(*[bench.take(content) for content in contents])
    assert [(a.width, a.height) for a in taken] == sizes
    assert len({a.key for a in taken} | {a.thumbnail_key for a in taken}) == 16


async def test_an_upload_is_never_whole_in_memory(bench: Bench) -> None:
    piece = bytes(range(256)) * 256
    content = samples.pdf(filling=piece * 140)
    assert len(content) > 9_000_000
    tracemalloc.start()
    try:
        attachment = await bench.take(content)
        async for read in bench.files.open(attachment.key):
            assert read
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.abuse(21)
@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("../../etc/cron.d/x", "x.jpg"),
        ("C:\\Users\\Иван\\яма.png", "яма.jpg"),
        ("фото\u202egpj.exe", "фотоgpj.exe.jpg"),
        ("a\0b\r\nContent-Type: text", "ab Content-Type_ text.jpg"),
        ("<script>alert(1)</script>.jpg", "script_.jpg"),
        ("..", "фото.jpg"),
        (None, "фото.jpg"),
        ("\u2800\u200b .jpeg", "фото.jpeg"),
    ],
)
async def test_a_hostile_name_is_only_ever_a_harmless_label(
    bench: Bench, hostile: str | None, shown: str
) -> None:
    attachment = await bench.take(PICTURES[MediaType.JPEG], hostile)
    stored = {path.name for path in (bench.place / "files").rglob("*") if path.is_file()}
    assert stored == {attachment.key, attachment.thumbnail_key}
    assert attachment.name == shown


async def test_a_name_of_thousands_of_letters_is_cut(bench: Bench) -> None:
    attachment = await bench.take(PICTURES[MediaType.PNG], "ж" * 5000 + ".png")
    assert attachment.name == "ж" * 116 + ".png"
