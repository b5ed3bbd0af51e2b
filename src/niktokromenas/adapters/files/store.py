"""Files in a folder (or in memory, or read from a bucket) by obstore."""

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import obstore
from attrs import frozen
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from niktokromenas.adapters.files.threads import to_the_end
from niktokromenas.ports.files import FileMissing, FilesUnavailable, KeyTaken, checked_key, is_key

_INCOMING = "incoming"
_PIECE = 256 * 1024
_PART = 1024 * 1024
"""Bytes that obstore gathers before it writes; one part at a time, so that it reads no further ahead."""
_LEFTOVER_AGE = 24 * 3600
"""Seconds: no upload lasts so long, so what is older is left from a process that died."""
OUT_OF_REACH = "Хранилище файлов не отвечает. Попробуйте позже"


def open_folder(root: Path) -> "ObstoreFiles":
    """A store in `root`, which is made if absent and is closed to other users of the machine."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    forget_leftovers(root / _INCOMING)
    return ObstoreFiles(LocalStore(root), root)


def in_memory() -> "ObstoreFiles":
    return ObstoreFiles(MemoryStore())


def forget_leftovers(folder: Path) -> None:
    """Remove files that a killed process left half-written in `folder`."""
    for path in folder.rglob("*") if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < time.time() - _LEFTOVER_AGE:
                path.unlink()


@frozen
class ObstoreFiles:
    """A file is written aside and then renamed, so that it is there whole or not at all."""

    store: LocalStore | MemoryStore | S3Store
    folder: Path | None = None
    """Where `store` keeps its files; `None` if it does not keep them."""

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        path = path_of(key)
        aside = f"{_INCOMING}/{secrets.token_hex(16)}"
        stop = asyncio.Event()
        sent = _until(stop, chunks)
        writing = asyncio.ensure_future(
            obstore.put_async(self.store, aside, sent, chunk_size=_PART, max_concurrency=1)
        )
        try:
            await asyncio.shield(writing)
        except BaseError as error:
            raise FilesUnavailable(OUT_OF_REACH) from error
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait({writing})  # abandoned half-way, obstore might still put the file there
            if writing.exception() is None:
                await self._remove(aside)
            raise
        placing = asyncio.ensure_future(self._place(aside, path))
        try:
            await asyncio.shield(placing)
        except asyncio.CancelledError:
            await asyncio.wait({placing})
            if placing.exception() is None:
                await self.delete(key)
            raise

    async def _place(self, aside: str, path: str) -> None:
        try:
            with translated():
                await obstore.rename_async(self.store, aside, path, overwrite=False)
        except (KeyTaken, FilesUnavailable):
            await self._remove(aside)
            raise
        if self.folder is not None:
            await to_the_end(_flush, self.folder / path)

    async def open(self, key: str) -> AsyncIterator[bytes]:
        with translated():
            found = await obstore.get_async(self.store, path_of(key))
            async for piece in found.stream(min_chunk_size=_PIECE):
                for start in range(0, len(piece), _PIECE):
                    yield bytes(memoryview(piece)[start : start + _PIECE])

    async def size(self, key: str) -> int:
        with translated():
            return (await obstore.head_async(self.store, path_of(key)))["size"]

    async def delete(self, key: str) -> None:
        await self._remove(path_of(key))

    async def _remove(self, path: str) -> None:
        with contextlib.suppress(FileMissing), translated():
            await obstore.delete_async(self.store, path)

    async def keys(self, older_than: datetime) -> AsyncIterator[str]:
        with translated():
            async for batch in obstore.list(self.store, chunk_size=500):
                for stored in batch:
                    _, _, key = stored["path"].rpartition("/")
                    is_ours = is_key(key) and stored["path"] == path_of(key)
                    if is_ours and stored["last_modified"] < older_than:
                        yield key

    async def ready(self) -> None:
        if self.folder is not None and not os.access(self.folder, os.W_OK | os.X_OK):
            raise FilesUnavailable(OUT_OF_REACH)


class _Stopped(Exception):
    """The caller has gone: the rest is not wanted."""


async def _until(stop: asyncio.Event, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, but an error as soon as `stop` is set, even while the next one is waited for."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        while True:
            coming = asyncio.ensure_future(anext(chunks, None))
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                coming.cancel()
                await asyncio.wait({coming})
                raise _Stopped
            if (chunk := coming.result()) is None:
                return
            yield chunk
    finally:
        stopping.cancel()


def path_of(key: str) -> str:
    return f"{checked_key(key)[:2]}/{key}"


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """obstore's errors in the port's words."""
    try:
        yield
    except AlreadyExistsError as error:
        raise KeyTaken("Файл с таким ключом уже есть") from error
    except FileNotFoundError as error:
        raise FileMissing("Такого файла нет") from error
    except BaseError as error:
        raise FilesUnavailable(OUT_OF_REACH) from error


def _flush(path: Path) -> None:
    """To the disk: the file, then its name in the folder and the folder's in the root."""
    for each in (path, path.parent, path.parent.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
