"""A program of its own (see apart.py): decode the main picture of a HEIC or AVIF file into a PNG.

    python -I decoder.py SOURCE TARGET MAX_PIXELS MAX_SIDE

It imports nothing of ours, so that it starts quickly. Ends with 0, with `TOO_LARGE`, or otherwise if the
file is broken.
"""

import sys

TOO_LARGE = 3
SECONDS = 30
"""Of processor time; the caller waits twice as long."""
_MEMORY = 2 << 30
_FILE = 512 << 20


def _bound() -> None:
    import resource

    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _decode(source: str, target: str, max_pixels: int, max_side: int) -> int:
    from PIL import Image, ImageOps
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    Image.MAX_IMAGE_PIXELS = max_pixels
    with Image.open(source, formats=("HEIF", "AVIF")) as opened:
        for is_decoded in (False, True):
            if is_decoded:
                opened.load()
            if opened.width * opened.height > max_pixels or max(opened.size) > max_side:
                return TOO_LARGE
        profile = opened.info.get("icc_profile")
        upright = ImageOps.exif_transpose(opened)
    upright.info = {}
    upright.save(target, "PNG", compress_level=1, **({"icc_profile": profile} if profile else {}))
    return 0


if __name__ == "__main__":
    _bound()
    sys.exit(_decode(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
