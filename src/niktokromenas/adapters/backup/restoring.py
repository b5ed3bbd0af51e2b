"""Bringing a backup back to where nothing is."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import IO

from attrs import frozen

from niktokromenas.adapters.backup import archive
from niktokromenas.adapters.backup.archive import Archive
from niktokromenas.adapters.backup.databases import DatabaseCopies
from niktokromenas.adapters.backup.manifest import BackupRefused, Manifest
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.files import FileStore

Tell = Callable[[str, int], None]
_PIECE = 256 * 1024
_EVERY = timedelta(days=1)


@frozen(kw_only=True)
class Restored:
    manifest: Manifest
    seals_public: bytes
    """In PEM: checks the seals of what was restored."""
    has_keys: bool
    """Whether the installation's keys are in place: without them `serve` would make new ones."""


@frozen(kw_only=True)
class Restore:
    """Reads all of the archive before it writes anything; files first, the database last."""

    database: DatabaseCopies
    open_files: Callable[[], FileStore]
    """Called once the data folder is known to be empty: opening a store makes its folder."""
    clock: Clock
    data: Path
    region: str
    newest_revision: str
    public_part: Callable[[bytes], bytes]
    """Of a key of seals, both in PEM."""

    async def __call__(self, path: Path, tell: Tell) -> Restored:
        """Raises `BackupRefused` with every problem, `FilesUnavailable`; then nothing is left behind."""
        checked = archive.checked(path, lambda done: tell("проверка архива", done))
        if problems := [*self._unfit(checked.manifest), *await self._not_empty()]:
            raise BackupRefused(*problems)
        small = _small(checked)
        self._refuse_other_keys(small)
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with AsyncExitStack() as undoing:
            undoing.callback(_forget_empty, self.data)
            aside = Path(tempfile.mkdtemp(prefix=".restoring-", dir=self.data))
            undoing.callback(shutil.rmtree, aside, ignore_errors=True)
            files = self.open_files()
            await files.ready()
            async for key in files.keys(self.clock.now() + _EVERY):
                raise BackupRefused(f"в хранилище уже есть файлы ({key}…)")
            await self._put_files(checked, files, aside / "database", undoing, tell)
            self._put_keys(small, undoing)
            tell("база данных", 0)
            await self.database.put(aside / "database", checked.manifest.state)
            undoing.pop_all()
            shutil.rmtree(aside, ignore_errors=True)
        has_keys = all((self.data / "keys" / name).exists() for name in archive.KEYS)
        return Restored(
            manifest=checked.manifest, seals_public=small[archive.SEALS_PUBLIC], has_keys=has_keys
        )

    def _unfit(self, manifest: Manifest) -> list[str]:
        problems = list[str]()
        if manifest.region != self.region:
            problems.append(f"копия региона {manifest.region}, а настроен {self.region}")
        if manifest.database != self.database.kind:
            problems.append(f"в копии {manifest.database}, а настроена база {self.database.kind}")
        if manifest.state.revision > self.newest_revision:
            problems.append(
                f"таблицы в копии новее программы ({manifest.state.revision} > {self.newest_revision})"
            )
        return problems

    async def _not_empty(self) -> list[str]:
        problems = list[str]()
        there = sorted(p.name for p in self.data.iterdir()) if self.data.is_dir() else []
        if others := [name for name in there if name != "keys"]:
            problems.append(f"папка данных {self.data} не пуста: {', '.join(others[:5])}")
        if not await self.database.is_empty():
            problems.append("база данных не пуста: восстановление ничего не перезаписывает")
        return problems

    def _refuse_other_keys(self, small: dict[str, bytes]) -> None:
        """Raises `BackupRefused` where keys that are in place are not those of the copy."""
        folder = self.data / "keys"
        if any(f"keys/{name}" in small and (folder / name).exists() for name in archive.KEYS):
            raise BackupRefused("ключи есть и в копии, и в папке данных: оставьте одни")
        kept = folder / "seals.pem"
        if kept.exists() and self.public_part(kept.read_bytes()) != small[archive.SEALS_PUBLIC]:
            raise BackupRefused("ключ печатей в папке данных не тот, которым опечатана копия")

    async def _put_files(
        self, checked: Archive, files: FileStore, database: Path, undoing: AsyncExitStack, tell: Tell
    ) -> None:
        done = 0
        for name, content in checked.members():
            if name == archive.DATABASE:
                with database.open("xb") as copy:
                    shutil.copyfileobj(content, copy)
            elif name.startswith(archive.FILES):
                key = name.removeprefix(archive.FILES)
                undoing.push_async_callback(files.delete, key)
                await files.put(key, _pieces(content))
                tell("файлы", done := done + 1)

    def _put_keys(self, small: dict[str, bytes], undoing: AsyncExitStack) -> None:
        folder = self.data / "keys"
        for name in archive.KEYS:
            if (key := small.get(f"keys/{name}")) is not None:
                folder.mkdir(mode=0o700, exist_ok=True)
                handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                undoing.callback((folder / name).unlink)
                with os.fdopen(handle, "wb") as file:
                    file.write(key)
                    file.flush()
                    os.fsync(file.fileno())


def _forget_empty(folder: Path) -> None:
    """Folders that were made for files which are not to stay."""
    for path in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            path.rmdir()


def _small(checked: Archive) -> dict[str, bytes]:
    """The keys, read whole."""
    return {name: content.read() for name, content in checked.members() if name.startswith("keys/")}


async def _pieces(content: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := content.read(_PIECE):
        yield piece
