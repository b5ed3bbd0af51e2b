"""Stored files are checked against what was stored; what nobody refers to goes, and nothing else."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.memory.files import MemoryFiles
from niktokromenas.application.files import Harm, HarmedFile, SweepOrphans, VerifyFiles
from niktokromenas.ports.files import FilesUnavailable, ReferredFile
from tests.contract.stores import SettableClock


@define
class Register:
    files: list[ReferredFile] = field(factory=list)
    read: int = 0

    async def referred(self) -> AsyncIterator[ReferredFile]:
        self.read += 1
        for file in list(self.files):
            yield file


@define
class Place:
    """A store and a register that begin alike."""

    clock: SettableClock = field(factory=SettableClock)
    register: Register = field(factory=Register)
    files: MemoryFiles = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.files = MemoryFiles(self.clock)

    async def stored(self, content: bytes = b"photo", *, is_referred: bool = True) -> ReferredFile:
        key = secrets.token_hex(16)

        async def pieces() -> AsyncIterator[bytes]:
            yield content

        await self.files.put(key, pieces())
        file = ReferredFile(
            key=key, number="26-000001", size=len(content), sha256=hashlib.sha256(content).hexdigest()
        )
        if is_referred:
            self.register.files.append(file)
        return file

    async def overwritten(self, file: ReferredFile, content: bytes) -> None:
        await self.files.delete(file.key)

        async def pieces() -> AsyncIterator[bytes]:
            yield content

        await self.files.put(file.key, pieces())

    async def verified(self) -> tuple[HarmedFile, ...]:
        return (await VerifyFiles(self.register, self.files)()).harmed

    async def keys(self) -> set[str]:
        return {key async for key in self.files.keys(self.clock.at + timedelta(days=1))}


@pytest.mark.clause("3.11")
async def test_whole_files_are_counted_and_told_of() -> None:
    place, told = Place(), list[int]()
    for _ in range(3):
        file = await place.stored()
        place.register.files.append(file)  # an edition of the message refers to it again
    verified = await VerifyFiles(place.register, place.files)(told.append)
    assert (verified.checked, verified.harmed, told) == (3, (), [1, 2, 3])


@pytest.mark.clause("3.11")
@pytest.mark.parametrize(
    ("content", "harm"),
    [(b"phOto", Harm.CHANGED), (b"phot", Harm.CHANGED), (b"", Harm.CHANGED), (None, Harm.MISSING)],
)
async def test_a_harmed_file_is_named_with_its_message(content: bytes | None, harm: Harm) -> None:
    place = Place()
    await place.stored()
    file = await place.stored()
    await place.files.delete(file.key)
    if content is not None:
        await place.overwritten(file, content)
    assert await place.verified() == (HarmedFile(harm=harm, key=file.key, number="26-000001"),)


@pytest.mark.parametrize(("content", "harm"), [(b"small", None), (b"", Harm.CHANGED), (None, Harm.MISSING)])
async def test_of_a_thumbnail_it_is_known_whether_it_is_there(
    content: bytes | None, harm: Harm | None
) -> None:
    place = Place()
    file = await place.stored(is_referred=False)
    place.register.files.append(evolve(file, size=None, sha256=None))
    await place.files.delete(file.key)
    if content is not None:
        await place.overwritten(file, content)
    assert [each.harm for each in await place.verified()] == ([harm] if harm else [])


async def test_an_upload_that_is_forgotten_meanwhile_is_no_harm() -> None:
    place = Place()
    file = await place.stored()

    class Forgetting(Register):
        async def referred(self) -> AsyncIterator[ReferredFile]:
            if self.read == 0:
                await place.files.delete(file.key)
            async for each in super().referred():
                yield each
                self.files.clear()

    place.register = Forgetting(place.register.files)
    assert await place.verified() == ()


async def test_a_store_out_of_reach_is_not_taken_for_missing_files() -> None:
    class Gone(MemoryFiles):
        async def size(self, key: str) -> int:
            raise FilesUnavailable("gone")

    place = Place()
    await place.stored()
    with pytest.raises(FilesUnavailable):
        await VerifyFiles(place.register, Gone(place.clock))()


@pytest.mark.clause("3.11")
@given(files=st.lists(st.tuples(st.booleans(), st.integers(0, 72)), max_size=12), is_trial=st.booleans())
async def test_only_old_files_that_nobody_refers_to_are_swept(
    files: list[tuple[bool, int]], is_trial: bool
) -> None:
    place = Place()
    now, orphans = place.clock.at, set[str]()
    for is_referred, hours in files:
        place.clock.at = now - timedelta(hours=hours)
        file = await place.stored(is_referred=is_referred)
        if hours > 24 and not is_referred:
            orphans.add(file.key)
    place.clock.at = now
    before = await place.keys()
    swept = await SweepOrphans(place.register, place.files, place.clock)(is_trial=is_trial)
    assert set(swept.orphans) == orphans
    assert swept.stored == sum(hours > 24 for _, hours in files)
    assert await place.keys() == (before if is_trial else before - orphans)


async def test_a_reference_made_while_the_sweep_runs_saves_its_file() -> None:
    """Files are listed first, references read afterwards."""
    place = Place()
    file = await place.stored(is_referred=False)
    place.clock.forward(days=2)

    class Listing(MemoryFiles):
        async def keys(self, older_than: object) -> AsyncIterator[str]:
            yield file.key
            place.register.files.append(file)

    swept = await SweepOrphans(place.register, Listing(place.clock), place.clock)()
    assert swept.orphans == ()
