"""What every store of files promises (ports/files.py)."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.files import store
from niktokromenas.adapters.memory.files import MemoryFiles
from niktokromenas.ports.files import FileMissing, FileStore, FilesUnavailable, KeyTaken
from tests import buckets


class SystemTime:
    def now(self) -> datetime:
        return datetime.now(UTC)


def folder(place: Path) -> FileStore:
    return store.open_folder(place / "files")


def obstore_memory(place: Path) -> FileStore:
    return store.in_memory()


def memory(place: Path) -> FileStore:
    return MemoryFiles(SystemTime())


def s3(place: Path) -> FileStore:
    return buckets.files_in(buckets.a_bucket())


@pytest.fixture(params=[folder, obstore_memory, memory, s3], ids=lambda opener: opener.__name__)
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    opener: Callable[[Path], FileStore] = request.param
    return opener(tmp_path)


def a_key() -> str:
    return secrets.token_hex(16)


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(files: FileStore, key: str) -> bytes:
    return b"".join([piece async for piece in files.open(key)])


async def all_keys(files: FileStore) -> set[str]:
    return {key async for key in files.keys(datetime.now(UTC) + timedelta(hours=1))}


def paths(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


async def eventually_no_more_than(place: Path, count: int) -> None:
    async with asyncio.timeout(5):
        # obstore removes what it wrote aside in a thread of its own
        while len(paths(place)) > count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(max_size=5000), max_size=6))
async def test_what_was_put_is_read_back(files: FileStore, parts: list[bytes]) -> None:
    key = a_key()
    await files.put(key, pieces(*parts))
    assert await read(files, key) == b"".join(parts)
    assert await files.size(key) == len(b"".join(parts))


async def test_a_long_file_comes_back_in_several_pieces(files: FileStore) -> None:
    key = a_key()
    await files.put(key, pieces(*[bytes([n]) * 100_000 for n in range(60)]))
    assert max([len(piece) async for piece in files.open(key)]) <= 256 * 1024
    assert await read(files, key) == b"".join(bytes([n]) * 100_000 for n in range(60))


async def test_a_key_is_never_overwritten(files: FileStore, tmp_path: Path) -> None:
    key = a_key()
    await files.put(key, pieces(b"first"))
    with pytest.raises(KeyTaken):
        await files.put(key, pieces(b"second"))
    assert await read(files, key) == b"first"
    assert len(paths(tmp_path)) <= 1


async def test_of_twins_that_race_for_a_key_one_wins(files: FileStore) -> None:
    key = a_key()
    puts = [files.put(key, pieces(bytes([n]) * 9)) for n in range(8)]
    outcomes = await asyncio.gather(*puts, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [KeyTaken] * 7
    assert await read(files, key) == bytes([outcomes.index(None)]) * 9


@pytest.mark.parametrize("error", [ConnectionResetError("gone"), FileNotFoundError("gone"), ValueError("x")])
async def test_a_put_whose_source_fails_leaves_nothing(
    files: FileStore, tmp_path: Path, error: Exception
) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        raise error

    key = a_key()
    with pytest.raises(type(error)) as raised:
        await files.put(key, failing())
    assert raised.value is error
    assert await all_keys(files) == set()
    await eventually_no_more_than(tmp_path, 0)


async def test_a_cancelled_put_leaves_nothing(files: FileStore, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        begun.set()
        await asyncio.Event().wait()

    put = asyncio.ensure_future(files.put(a_key(), endless()))
    await begun.wait()
    put.cancel()
    with pytest.raises(asyncio.CancelledError):
        await put
    assert await all_keys(files) == set()
    await eventually_no_more_than(tmp_path, 0)


@pytest.mark.parametrize("steps", range(0, 40, 3))
async def test_a_put_cancelled_at_any_moment_is_whole_or_absent(
    files: FileStore, tmp_path: Path, steps: int
) -> None:
    key = a_key()
    put = asyncio.ensure_future(files.put(key, pieces(b"a" * 1000, b"b" * 1000)))
    for _ in range(steps):
        await asyncio.sleep(0.0005)
    put.cancel()
    (outcome,) = await asyncio.gather(put, return_exceptions=True)
    if outcome is None:
        assert await files.size(key) == 2000
        assert await all_keys(files) == {key}
    else:
        assert isinstance(outcome, asyncio.CancelledError)
        assert await all_keys(files) == set()
        await eventually_no_more_than(tmp_path, 0)


async def test_an_absent_file_is_missing_and_may_be_deleted(files: FileStore) -> None:
    key = a_key()
    await files.delete(key)
    with pytest.raises(FileMissing):
        await files.size(key)
    with pytest.raises(FileMissing):
        await read(files, key)


async def test_a_deleted_file_is_gone(files: FileStore, tmp_path: Path) -> None:
    key, other = a_key(), a_key()
    await files.put(key, pieces(b"one"))
    await files.put(other, pieces(b"two"))
    await files.delete(key)
    with pytest.raises(FileMissing):
        await read(files, key)
    assert await read(files, other) == b"two"
    assert len(paths(tmp_path)) <= 1


async def test_the_sweep_sees_only_files_older_than_the_instant(files: FileStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    keys = {a_key() for _ in range(5)}
    for key in keys:
        await files.put(key, pieces(b"x"))
    assert await all_keys(files) == keys
    assert {key async for key in files.keys(before)} == set()


@pytest.mark.abuse(21)
@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "a" * 31,
        "A" * 32,
        "a" * 33,
        "..",
        "",
        "a" * 31 + "\n",
        "a" * 32 + "/x",
    ],
)
async def test_what_is_not_a_key_reaches_no_file(files: FileStore, tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="key"):
        await files.put(path, pieces(b"x"))
    with pytest.raises(ValueError, match="key"):
        await read(files, path)
    with pytest.raises(ValueError, match="key"):
        await files.size(path)
    with pytest.raises(ValueError, match="key"):
        await files.delete(path)
    assert paths(tmp_path) == []


async def test_a_folder_is_closed_to_others_and_keeps_files_between_processes(tmp_path: Path) -> None:
    key = a_key()
    await folder(tmp_path).put(key, pieces(b"kept"))
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0
    assert await read(folder(tmp_path), key) == b"kept"


async def test_an_opened_folder_forgets_what_a_killed_process_left(tmp_path: Path) -> None:
    incoming = tmp_path / "files" / "incoming"
    incoming.mkdir(parents=True)
    (incoming / "old#1").write_bytes(b"half")
    (incoming / "new#1").write_bytes(b"half")
    os.utime(incoming / "old#1", (0, 0))
    files = folder(tmp_path)
    assert [path.name for path in paths(tmp_path)] == ["new#1"]
    assert await all_keys(files) == set()


async def test_a_store_that_works_is_ready(files: FileStore) -> None:
    await files.ready()
    await files.put(a_key(), pieces(b"x"))
    await files.ready()


async def test_a_folder_that_is_gone_is_not_ready(tmp_path: Path) -> None:
    files = folder(tmp_path)
    (tmp_path / "files").rmdir()
    with pytest.raises(FilesUnavailable):
        await files.ready()


async def test_files_of_others_are_not_among_the_keys(tmp_path: Path) -> None:
    files = folder(tmp_path)
    for name in ("lost+found/readme", "ab/" + "c" * 32, "a" * 32, "ab/ab"):
        (tmp_path / "files" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "files" / name).write_bytes(b"x")
    assert await all_keys(files) == set()


def _refusals(files: FileStore) -> list[Awaitable[object]]:
    return [
        files.ready(),
        files.put(a_key(), pieces(b"x")),
        files.size(a_key()),
        files.delete(a_key()),
        read(files, a_key()),
        all_keys(files),
    ]


async def test_a_bucket_whose_server_is_down_is_unavailable() -> None:
    files = buckets.files_in("files", endpoint="http://127.0.0.1:9", timeout=timedelta(seconds=1))
    for refusal in _refusals(files):
        with pytest.raises(FilesUnavailable):
            await refusal


async def test_a_bucket_that_does_not_exist_is_not_ready_and_takes_nothing() -> None:
    files = buckets.files_in("nothing-here")
    with pytest.raises(FilesUnavailable):
        await files.ready()
    with pytest.raises(FilesUnavailable):
        await files.put(a_key(), pieces(b"x"))


async def test_a_bucket_keeps_files_between_processes() -> None:
    bucket, key = buckets.a_bucket(), a_key()
    await buckets.files_in(bucket).put(key, pieces(b"kept"))
    assert await read(buckets.files_in(bucket), key) == b"kept"


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    files = folder(tmp_path)
    (tmp_path / "files" / "incoming").write_bytes(b"a file where a folder should be")
    with pytest.raises(FilesUnavailable):
        await files.put(a_key(), pieces(b"x"))
