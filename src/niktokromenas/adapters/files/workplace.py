"""A folder for the time that one file is worked on, and the way from it into the store."""

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from niktokromenas.adapters.files.store import forget_leftovers
from niktokromenas.adapters.files.threads import to_the_end
from niktokromenas.ports.files import FileStore

PIECE = 256 * 1024


def made(folder: Path) -> Path:
    """`folder`, closed to other users of the machine, without what a killed process left."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    forget_leftovers(folder)
    return folder


@asynccontextmanager
async def workplace(folder: Path) -> AsyncIterator[Path]:
    """A new folder in `folder`, which goes with all it holds however the work ends."""
    place = Path(tempfile.mkdtemp(dir=folder))
    try:
        yield place
    finally:
        await to_the_end(shutil.rmtree, place)


async def put_fresh(files: FileStore, path: Path, undo: AsyncExitStack) -> str:
    """The random key that the file is now stored under; `undo` would delete it."""
    key = secrets.token_hex(16)
    undo.push_async_callback(files.delete, key)
    await files.put(key, _pieces(path))
    return key


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await to_the_end(file.read, PIECE):
            yield piece


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
