"""What a 10 MB photo takes while it is cleaned: `python -m benchmarks.upload_memory floor|product PHOTO FOLDER`.

Prints the bytes by which the process grew at its peak. The floor is Pillow alone, doing the same: decode,
turn upright, write, make a thumbnail.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from PIL import Image, ImageCms, ImageOps

from niktokromenas.adapters.files import pictures
from niktokromenas.adapters.files.intake import open_intake
from niktokromenas.adapters.files.store import open_folder

SIZE = (4000, 3000)
DECODED = SIZE[0] * SIZE[1] * 3
_MOST = 10 * 1024 * 1024


def draw_photo(path: Path) -> int:
    """A photo of almost 10 MB, lying on its side and with a profile; its bytes."""
    image = Image.merge("RGB", [Image.effect_noise(SIZE, 70) for _ in range(3)])
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for quality in range(95, 5, -5):
        buffer = BytesIO()
        image.save(buffer, "JPEG", quality=quality, exif=exif, icc_profile=profile)
        if buffer.tell() <= _MOST:
            return path.write_bytes(buffer.getvalue())
    raise AssertionError("noise does not fit")


def grown_by(side: str, photo: Path, folder: Path) -> int:
    """Bytes, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.upload_memory", side, str(photo), str(folder)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _floor(photo: Path, folder: Path) -> None:
    with Image.open(photo) as opened:
        upright = ImageOps.exif_transpose(opened)
    upright.save(folder / "picture", "JPEG", quality=88, optimize=True)
    upright.thumbnail((480, 480))
    upright.save(folder / "thumbnail", "JPEG", quality=80)


def _product(photo: Path, folder: Path) -> None:
    assert pictures.THUMBNAIL_SIDE  # what the first upload loads is not counted for either side
    asyncio.run(_taken(photo, folder))


async def _taken(photo: Path, folder: Path) -> None:
    intake = open_intake(open_folder(folder / "files"), uuid4, folder / "work")
    await intake.take("photo.jpg", _sent(photo))


async def _sent(photo: Path) -> AsyncIterator[bytes]:
    with photo.open("rb") as file:
        while piece := file.read(64 * 1024):
            yield piece


def _status(field: str) -> int:
    (line,) = (row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(field))
    return int(line.split()[1]) * 1024


def _measured(work: Callable[[Path, Path], None], photo: Path, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    assert ImageCms.createProfile("sRGB")
    Image.init()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _status("VmRSS:")
    work(photo, folder)
    return _status("VmHWM:") - before


if __name__ == "__main__":
    print(
        _measured({"floor": _floor, "product": _product}[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3]))
    )
