"""The archive of a backup: a plain tar whose last members say what must be in it.

Nothing is ever unpacked by the names in it: a member is known by an exact name, or the archive is refused.
"""

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from attrs import define, field, frozen

from niktokromenas.adapters.backup import manifest as manifests
from niktokromenas.adapters.backup.manifest import BackupRefused, Manifest, Part

MANIFEST, DIGEST, DATABASE = "manifest.json", "manifest.sha256", "database"
SEALS_PUBLIC = "keys/seals.pub"
KEYS = ("tokens.pem", "seals.pem", "links.key")
FILES = "files/"
_KNOWN = re.compile(
    r"manifest\.json|manifest\.sha256|database|files/[0-9a-f]{32}|keys/(tokens\.pem|seals\.pem|links\.key|seals\.pub)"
)
_PIECE = 1024 * 1024
Tell = Callable[[int], None]


@define(eq=False)
class ArchiveWriter:
    tar: tarfile.TarFile
    parts: list[Part] = field(factory=list)

    def add(self, name: str, content: IO[bytes]) -> None:
        """All of `content`, which stands at its beginning."""
        part = _part(name, content)
        content.seek(0)
        self._write(name, part.size, content)
        self.parts.append(part)

    def move_in(self, name: str, path: Path) -> None:
        """The file is gone afterwards: its copy takes as much room."""
        with path.open("rb") as content:
            self.add(name, content)
        path.unlink()

    def finish(self, manifest: Manifest) -> None:
        raw = manifests.written(manifest)
        self._write(MANIFEST, len(raw), io.BytesIO(raw))
        digest = hashlib.sha256(raw).hexdigest().encode()
        self._write(DIGEST, len(digest), io.BytesIO(digest))

    def _write(self, name: str, size: int, content: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self.tar.addfile(member, content)


@contextmanager
def writing(target: Path) -> Iterator[ArchiveWriter]:
    """Written aside, closed to others, and given its name once it is whole and on the disk.

    Raises `BackupRefused` where something has that name already.
    """
    _refuse_taken(target)
    aside = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        handle = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w+b") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield ArchiveWriter(tar)
            file.flush()
            os.fsync(file.fileno())
        _refuse_taken(target)
        os.rename(aside, target)
        _flush(target.parent)
    except OSError as error:
        raise BackupRefused(f"архив не записан: {error.strerror}") from error
    finally:
        aside.unlink(missing_ok=True)


def _refuse_taken(target: Path) -> None:
    if target.exists():
        raise BackupRefused(f"{target} уже есть: копия ничего не перезаписывает")


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@frozen
class Archive:
    """A checked archive: what `manifest` names is in it, byte for byte, and nothing else is."""

    path: Path
    manifest: Manifest

    def members(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Every part but the manifest, each to be read before the next."""
        with tarfile.open(self.path, "r:") as tar:
            for member in tar:
                if member.name not in (MANIFEST, DIGEST):
                    content = tar.extractfile(member)
                    assert content is not None  # `checked` saw that it is a file
                    yield member.name, content


def checked(path: Path, tell: Tell = lambda _: None) -> Archive:
    """Reads all of it and writes nothing. Raises `BackupRefused` with every problem."""
    problems: list[str] = []
    found: dict[str, Part] = {}
    small: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                if problem := _unfit(member, found):
                    problems.append(problem)
                    continue
                content = tar.extractfile(member)
                assert content is not None
                if member.name in (MANIFEST, DIGEST):
                    small[member.name] = content.read()
                else:
                    found[member.name] = _part(member.name, content)
                    tell(len(found))
    except (tarfile.TarError, EOFError, OSError) as error:
        problems.append(f"архив обрывается или повреждён: {error}")
    manifest = _manifest(small, problems)
    if manifest is not None:
        problems += _differences(manifest, found)
    if problems or manifest is None:
        raise BackupRefused(*problems)
    return Archive(path, manifest)


def _unfit(member: tarfile.TarInfo, found: dict[str, Part]) -> str | None:
    if _KNOWN.fullmatch(member.name) is None:
        return f"лишнее имя в архиве: {member.name!r}"
    if not member.isreg() or member.issparse():
        return f"{member.name}: не обычный файл"
    return f"{member.name}: в архиве дважды" if member.name in found else None


def _part(name: str, content: IO[bytes]) -> Part:
    digest, size = hashlib.sha256(), 0
    while piece := content.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    return Part(name=name, size=size, sha256=digest.hexdigest())


def _manifest(small: dict[str, bytes], problems: list[str]) -> Manifest | None:
    if MANIFEST not in small or DIGEST not in small:
        problems.append("в архиве нет описи: он не дописан или обрезан")
        return None
    if hashlib.sha256(small[MANIFEST]).hexdigest().encode() != small[DIGEST]:
        problems.append("опись изменена после записи")
        return None
    try:
        return manifests.read(small[MANIFEST])
    except BackupRefused as refused:
        problems.extend(refused.problems)
        return None


def _differences(manifest: Manifest, found: dict[str, Part]) -> Iterator[str]:
    promised = {part.name: part for part in manifest.parts}
    yield from (f"{name}: в описи нет" for name in sorted(found.keys() - promised.keys()))
    for name, part in promised.items():
        if name not in found:
            yield f"{name}: в архиве нет"
        elif found[name] != part:
            yield f"{name}: содержание не сходится с описью"
    yield from (f"{name}: нет в описи" for name in (DATABASE, SEALS_PUBLIC) if name not in promised)
