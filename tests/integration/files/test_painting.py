"""What becomes of the hidden regions of a picture: nothing of them is in the copy or its thumbnail."""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from niktokromenas.adapters.files.painting import open_painter
from niktokromenas.domain.messages.attachments import Attachment, AttachmentRefused, MediaType
from niktokromenas.domain.messages.masks import Rectangle
from niktokromenas.ports.files import FileMissing, PicturePainter
from tests.integration.files import samples
from tests.integration.files.samples import sent
from tests.integration.files.test_intake import Bench, SecondPutFails, cancelled_while_its_folder_goes

SIZE = (240, 160)
LOSSY = 40
"""How far a JPEG of quality 80 or a WebP strays at an edge, of 255."""
NAMES = {MediaType.JPEG: "фото.jpg", MediaType.PNG: "фото.png", MediaType.WEBP: "фото.webp"}
NEAR = 17
"""Pixels around an edge that share a block with it."""


@frozen
class Studio:
    """An intake and a painter over the same store."""

    bench: Bench
    painter: PicturePainter = field(init=False)

    def __attrs_post_init__(self) -> None:
        painter = open_painter(self.bench.files, self.bench.place / "work")
        object.__setattr__(self, "painter", painter)

    async def hung(self, kind: str = "PNG", mode: str = "RGB", **options: Any) -> Attachment:
        """A bright picture without a dark pixel."""
        image = Image.new("RGB", SIZE, (230, 200, 90))
        image.paste((90, 210, 230), (0, 0, SIZE[0] // 2, SIZE[1]))
        return await self.bench.take(samples.encoded(image.convert(mode), kind, **options))

    async def shown(self, key: str | None) -> Image.Image:
        image = Image.open(BytesIO(await self.bench.read(key)))
        image.load()
        return image

    async def keys(self) -> set[str]:
        later = datetime.now(UTC) + timedelta(hours=1)
        return {key async for key in self.bench.files.keys(later)}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(Bench(tmp_path))


def box(region: Rectangle, size: tuple[int, int], grown: int = 0) -> tuple[int, int, int, int]:
    """Pixels that the region touches, by arithmetic of the test's own."""
    left, top = math.floor(region.left * size[0]), math.floor(region.top * size[1])
    right, bottom = math.ceil(region.right * size[0]), math.ceil(region.bottom * size[1])
    return (
        max(0, min(left, size[0] - 1) - grown),
        max(0, min(top, size[1] - 1) - grown),
        min(size[0], max(right, left + 1) + grown),
        min(size[1], max(bottom, top + 1) + grown),
    )


def brightest(image: Image.Image) -> int:
    _, high = image.convert("L").getextrema()
    assert isinstance(high, int)
    return high


def furthest(one: Image.Image, other: Image.Image, hole: tuple[int, int, int, int]) -> int:
    """The greatest difference of any pixel outside `hole`."""
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    difference.paste((0, 0, 0), hole)
    return max(int(high) for _, high in difference.getextrema())


@st.composite
def rectangles(draw: st.DrawFn) -> Rectangle:
    shares = st.floats(0, 1, allow_nan=False)
    left, right = sorted(draw(st.tuples(shares, shares).filter(lambda pair: pair[0] != pair[1])))
    top, bottom = sorted(draw(st.tuples(shares, shares).filter(lambda pair: pair[0] != pair[1])))
    return Rectangle(left, top, right, bottom)


@pytest.mark.abuse(22)
@settings(max_examples=60, deadline=None)
@given(region=rectangles(), kind=st.sampled_from(["PNG", "JPEG", "WEBP"]))
async def test_every_pixel_that_a_region_touches_is_covered_and_no_other_changes(
    region: Rectangle, kind: str
) -> None:
    with TemporaryDirectory() as place:
        studio = Studio(Bench(Path(place)))
        attachment = await studio.hung(kind)
        copy = await studio.painter.cover(attachment, (region,))
        original, painted = await studio.shown(attachment.key), await studio.shown(copy.key)
        hidden, around = box(region, SIZE), box(region, SIZE, NEAR)
        if kind == "PNG":
            assert brightest(painted.crop(hidden)) == 0
            assert furthest(original, painted, hidden) == 0
        assert furthest(original, painted, around) <= LOSSY
        flat = await studio.shown(copy.thumbnail_key)
        assert flat.size == SIZE
        inner = box(region, SIZE, -NEAR)
        if inner[0] < inner[2] and inner[1] < inner[3]:
            assert brightest(painted.crop(inner)) <= 2
            assert brightest(flat.crop(inner)) <= 2
        assert furthest(await studio.shown(attachment.thumbnail_key), flat, around) <= LOSSY


@pytest.mark.abuse(22)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
async def test_a_region_is_one_colour_and_opaque_in_every_mode(studio: Studio, mode: str) -> None:
    attachment = await studio.hung("PNG", mode)
    copy = await studio.painter.cover(attachment, (Rectangle(0.25, 0.25, 0.75, 0.75),))
    painted = await studio.shown(copy.key)
    assert painted.mode == mode
    colours = painted.crop((60, 40, 180, 120)).getcolors()
    assert colours == [(120 * 80, {"L": 0, "RGB": (0, 0, 0), "RGBA": (0, 0, 0, 255)}[mode])]


@pytest.mark.abuse(22)
@pytest.mark.parametrize(
    ("region", "pixels"),
    [
        (Rectangle(0.5, 0.5, 0.5 + 1e-12, 0.5 + 1e-12), (120, 80, 121, 81)),
        (Rectangle(1 - 1e-12, 1 - 1e-12, 1, 1), (239, 159, 240, 160)),
        (Rectangle(0, 0, 1e-300, 1e-300), (0, 0, 1, 1)),
        (Rectangle(0.1001, 0.1001, 0.1999, 0.1999), (24, 16, 48, 32)),
        (Rectangle(0, 0, 1, 1), (0, 0, 240, 160)),
    ],
)
async def test_a_region_is_rounded_outwards(
    studio: Studio, region: Rectangle, pixels: tuple[int, int, int, int]
) -> None:
    copy = await studio.painter.cover(await studio.hung(), (region,))
    painted = (await studio.shown(copy.key)).convert("L")
    dark = painted.point(lambda value: 255 if value == 0 else 0)
    assert dark.getbbox() == pixels


@pytest.mark.abuse(22)
async def test_all_regions_are_covered(studio: Studio) -> None:
    regions = (Rectangle(0, 0, 0.2, 0.2), Rectangle(0.1, 0.1, 0.4, 0.3), Rectangle(0.8, 0.8, 1, 1))
    painted = await studio.shown((await studio.painter.cover(await studio.hung(), regions)).key)
    for region in regions:
        assert brightest(painted.crop(box(region, SIZE))) == 0


async def test_a_copy_is_a_file_of_its_own_and_the_original_stays(studio: Studio) -> None:
    attachment = await studio.hung("JPEG")
    before = await studio.bench.read(attachment.key)
    copy = await studio.painter.cover(attachment, (Rectangle(0, 0, 0.5, 0.5),))
    content = await studio.bench.read(copy.key)
    assert (copy.size, copy.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert await studio.bench.read(attachment.key) == before
    assert await studio.keys() == {attachment.key, attachment.thumbnail_key, copy.key, copy.thumbnail_key}
    assert list((studio.bench.place / "work").iterdir()) == []


@pytest.mark.abuse(22)
async def test_the_thumbnail_is_made_of_the_copy(studio: Studio) -> None:
    """A secret that fills a large picture's corner is in neither, after the thumbnail's scaling."""
    large = Image.new("RGB", (1920, 1440), "black")
    large.paste((255, 255, 255), (0, 0, 960, 720))
    attachment = await studio.bench.take(samples.encoded(large, "JPEG"))
    copy = await studio.painter.cover(attachment, (Rectangle(0, 0, 0.5, 0.5),))
    thumbnail = await studio.shown(copy.thumbnail_key)
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (480, 360))
    assert brightest(await studio.shown(attachment.thumbnail_key)) > 240
    assert brightest(thumbnail) <= 4


@pytest.mark.abuse(22)
async def test_metadata_that_somebody_put_into_the_store_does_not_get_through(studio: Studio) -> None:
    content = samples.encoded(samples.picture(size=SIZE), "JPEG", exif=samples.exif(), comment=samples.SECRET)
    await studio.bench.files.put("0" * 32, sent(content))
    attachment = evolve(await studio.hung("JPEG"), key="0" * 32)
    copy = await studio.painter.cover(attachment, (Rectangle(0, 0, 0.1, 0.1),))
    for key in (copy.key, copy.thumbnail_key):
        assert not (await studio.shown(key)).getexif()
        assert samples.SECRET not in await studio.bench.read(key)


async def test_a_document_is_not_painted(studio: Studio) -> None:
    document = await studio.bench.take(samples.pdf())
    with pytest.raises(AttachmentRefused) as raised:
        await studio.painter.cover(document, (Rectangle(0, 0, 1, 1),))
    assert raised.value.faults[0].code == "not-a-picture"
    assert await studio.keys() == {document.key}


async def test_a_missing_picture_is_missing(studio: Studio) -> None:
    attachment = await studio.hung()
    await studio.bench.files.delete(attachment.key)
    with pytest.raises(FileMissing):
        await studio.painter.cover(attachment, (Rectangle(0, 0, 1, 1),))
    assert await studio.keys() == {attachment.thumbnail_key}


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", samples.picture_cut(), samples.pdf()])
@pytest.mark.parametrize("media_type", [MediaType.JPEG, MediaType.PNG, MediaType.WEBP])
async def test_a_broken_picture_is_refused_and_nothing_is_left(
    studio: Studio, content: bytes, media_type: MediaType
) -> None:
    attachment = evolve(await studio.hung(), key="1" * 32, media_type=media_type, name=NAMES[media_type])
    await studio.bench.files.put("1" * 32, sent(content))
    before = await studio.keys()
    with pytest.raises(AttachmentRefused) as raised:
        await studio.painter.cover(attachment, (Rectangle(0, 0, 1, 1),))
    assert raised.value.faults[0].code == "broken-file"
    assert await studio.keys() == before
    assert list((studio.bench.place / "work").iterdir()) == []


async def test_a_copy_without_room_for_its_thumbnail_is_not_kept(studio: Studio) -> None:
    attachment = await studio.hung()
    before = await studio.keys()
    painter = open_painter(SecondPutFails(studio.bench.files), studio.bench.place / "work")
    with pytest.raises(OSError, match="no space"):
        await painter.cover(attachment, (Rectangle(0, 0, 1, 1),))
    assert await studio.keys() == before


async def test_a_copy_cancelled_at_its_very_end_is_not_kept(studio: Studio) -> None:
    attachment = await studio.hung()
    before = await studio.keys()
    await cancelled_while_its_folder_goes(studio.painter.cover(attachment, (Rectangle(0, 0, 1, 1),)))
    assert await studio.keys() == before
