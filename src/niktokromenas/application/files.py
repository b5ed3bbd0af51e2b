"""Whether stored files are whole, and which of them nobody needs (decree 3.11)."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from attrs import frozen

from niktokromenas.ports.clock import Clock
from niktokromenas.ports.files import AttachmentRegister, FileMissing, FileStore, ReferredFile

ORPHAN_AGE = timedelta(days=1)
"""No upload lasts so long: a younger file may be one that something is about to refer to."""


class Harm(StrEnum):
    MISSING = "missing"
    CHANGED = "changed"


@frozen(kw_only=True)
class HarmedFile:
    """What is wrong with a file, and the message it belongs to, if it has one already."""

    harm: Harm
    key: str
    number: str | None


@frozen(kw_only=True)
class FilesVerified:
    checked: int
    harmed: tuple[HarmedFile, ...]


def _nobody(_: int) -> None: ...


@frozen
class VerifyFiles:
    """Reads every file that is referred to and compares it with what was stored."""

    register: AttachmentRegister
    files: FileStore

    async def __call__(self, tell: Callable[[int], None] = _nobody) -> FilesVerified:
        """`tell` hears how many were checked. Raises `FilesUnavailable`."""
        await self.files.ready()
        checked, suspected = set[bytes](), dict[str, HarmedFile]()
        async for file in self.register.referred():
            if (known := bytes.fromhex(file.key)) in checked:
                continue
            checked.add(known)
            if (harm := await self._harm(file)) is not None:
                suspected[file.key] = HarmedFile(harm=harm, key=file.key, number=file.number)
            tell(len(checked))
        return FilesVerified(checked=len(checked), harmed=await self._still_referred(suspected))

    async def _harm(self, file: ReferredFile) -> Harm | None:
        try:
            if file.sha256 is None:
                return Harm.CHANGED if await self.files.size(file.key) == 0 else None
            if await self.files.size(file.key) != file.size:
                return Harm.CHANGED
            digest = hashlib.sha256()
            async for piece in self.files.open(file.key):
                digest.update(piece)
        except FileMissing:
            return Harm.MISSING
        return None if digest.hexdigest() == file.sha256 else Harm.CHANGED

    async def _still_referred(self, suspected: dict[str, HarmedFile]) -> tuple[HarmedFile, ...]:
        """An upload may have been forgotten, with its files, since it was read of."""
        if not suspected:
            return ()
        needed = {file.key async for file in self.register.referred() if file.key in suspected}
        return tuple(harmed for key, harmed in suspected.items() if key in needed)


@frozen(kw_only=True)
class OrphansSwept:
    """`orphans` were deleted, or would have been."""

    stored: int
    orphans: tuple[str, ...]


@frozen
class SweepOrphans:
    """Deletes files older than a day that nothing refers to: what a process left that died half-way."""

    register: AttachmentRegister
    files: FileStore
    clock: Clock

    async def __call__(
        self, tell: Callable[[int], None] = _nobody, *, is_trial: bool = False
    ) -> OrphansSwept:
        """Files are listed before references are read: what is stored meanwhile is never among the orphans.

        A trial deletes nothing. `tell` hears how many references were read. Raises `FilesUnavailable`.
        """
        before = self.clock.now() - ORPHAN_AGE
        orphans = {bytes.fromhex(key) async for key in self.files.keys(before)}
        stored, read = len(orphans), 0
        async for file in self.register.referred():
            orphans.discard(bytes.fromhex(file.key))
            tell(read := read + 1)
        keys = tuple(sorted(key.hex() for key in orphans))
        if not is_trial:
            for key in keys:
                await self.files.delete(key)
        return OrphansSwept(stored=stored, orphans=keys)
