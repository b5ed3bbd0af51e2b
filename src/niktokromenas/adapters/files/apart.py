"""HEIC and AVIF are decoded in a process of their own: their decoders are large, native and often mended.

What such a file can do to them ends that process and no other; its memory and time are bounded by the
system. No shell and no word of the client's takes part: the paths are ours.
"""

import subprocess
import sys
from pathlib import Path

from niktokromenas.adapters.files import decoder
from niktokromenas.domain.messages.attachments import AttachmentLimits, AttachmentRefused


def decoded_apart(source: Path, limits: AttachmentLimits) -> Path:
    """Its main picture as a PNG beside `source`. Raises `AttachmentRefused`."""
    target = source.with_name("decoded")
    command = (
        *(sys.executable, "-I", decoder.__file__, str(source), str(target)),
        *(str(limits.max_pixels), str(limits.max_side)),
    )
    try:
        ended = subprocess.run(
            command,
            check=False,
            timeout=decoder.SECONDS * 2,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise AttachmentRefused.broken() from error
    if ended.returncode == decoder.TOO_LARGE:
        raise AttachmentRefused.too_many_pixels(limits)
    if ended.returncode != 0:
        raise AttachmentRefused.broken()
    return target
