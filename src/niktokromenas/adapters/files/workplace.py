"""A folder for the time that one file is worked on, and the way from it into the store."""

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import frozen

from niktokromenas.adapters.files.store import forget_leftovers
from niktokromenas.adapters.files.threads import to_the_end
from niktokromenas.ports.files import FileStore

PIECE = 256 * 1024


def made(folder: Path) -> Path:
    """`folder`, closed to other users of the machine, without what a killed process left."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    forget_leftovers(folder)
    return folder


@frozen
class Workplace:
    """Where one file is worked on: `folder` on the disk, and the way into the store."""

    folder: Path
    _files: FileStore
    _undo: AsyncExitStack

    async def put(self, path: Path) -> str:
        """The random key that the file at `path` is now stored under."""
        key = secrets.token_hex(16)
        self._undo.push_async_callback(self._files.delete, key)
        await self._files.put(key, _pieces(path))
        return key


@asynccontextmanager
async def workplace(folder: Path, files: FileStore) -> AsyncIterator[Workplace]:
    """A new folder in `folder`, which goes with all it holds however the work ends.

    What was put in the store stays only where the work comes to its end, the folder's removal with it:
    whoever is cancelled before has no key to delete it by.
    """
    async with AsyncExitStack() as undo:
        place = Path(tempfile.mkdtemp(dir=folder))
        try:
            yield Workplace(place, files, undo)
        finally:
            await to_the_end(shutil.rmtree, place)
        undo.pop_all()


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await to_the_end(file.read, PIECE):
            yield piece


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
