"""Making a backup of a platform that goes on working."""

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from attrs import frozen

from niktokromenas.adapters.backup import archive
from niktokromenas.adapters.backup.archive import ArchiveWriter
from niktokromenas.adapters.backup.databases import DatabaseCopies
from niktokromenas.adapters.backup.manifest import FORMAT, Manifest
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.files import FileMissing, FileStore

Tell = Callable[[str, int], None]
_EVERY = timedelta(days=1)
"""Files are listed up to a day ahead of our clock: the store's may be another."""


@frozen(kw_only=True)
class BackUp:
    """The database at one instant, then every stored file.

    A file is stored before anything refers to it, so what the database of that instant refers to is among
    them, but for uploads forgotten meanwhile: those are reported.
    """

    database: DatabaseCopies
    files: FileStore
    clock: Clock
    region: str
    version: str
    seals_public: bytes
    keys: Path
    """The folder of the installation's keys."""

    async def __call__(self, target: Path, tell: Tell, *, with_keys: bool = False) -> Manifest:
        """Raises `BackupRefused`, `FilesUnavailable`; then nothing is left behind."""
        made_at = self.clock.now()
        with (
            archive.writing(target) as writer,
            tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as aside,
        ):
            copy = Path(aside, "database")
            state = await self.database.take(copy, lambda done: tell("база данных", done))
            writer.move_in(archive.DATABASE, copy)
            gone = await self._add_files(writer, made_at, tell)
            self._add_keys(writer, with_keys=with_keys)
            manifest = Manifest(
                format=FORMAT,
                version=self.version,
                made_at=made_at,
                region=self.region,
                database=self.database.kind,
                state=state,
                parts=tuple(writer.parts),
                gone=gone,
            )
            writer.finish(manifest)
        return manifest

    async def _add_files(self, writer: ArchiveWriter, at: datetime, tell: Tell) -> tuple[str, ...]:
        gone: list[str] = []
        done = 0
        async for key in self.files.keys(at + _EVERY):
            with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as content:
                if await self._copied(key, content):
                    writer.add(f"{archive.FILES}{key}", content)
                else:
                    gone.append(key)
            tell("файлы", done := done + 1)
        return tuple(gone)

    async def _copied(self, key: str, content: IO[bytes]) -> bool:
        try:
            async for piece in self.files.open(key):
                content.write(piece)
        except FileMissing:
            return False
        content.seek(0)
        return True

    def _add_keys(self, writer: ArchiveWriter, *, with_keys: bool) -> None:
        with tempfile.SpooledTemporaryFile() as content:
            content.write(self.seals_public)
            content.seek(0)
            writer.add(archive.SEALS_PUBLIC, content)
        for name in archive.KEYS if with_keys else ():
            with (self.keys / name).open("rb") as key:
                writer.add(f"keys/{name}", key)
