"""A full store of files, and a killed upload: uploads are refused whole, the rest goes on, leftovers go."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from attrs import define, evolve, field
from dependency_injector import providers

from niktokromenas.adapters import cast
from niktokromenas.adapters.files import store
from niktokromenas.adapters.files.bucket import BucketConfig, BucketFiles, open_bucket
from niktokromenas.adapters.files.store import open_folder
from niktokromenas.adapters.memory.files import MemoryFiles
from niktokromenas.application.files import ORPHAN_AGE
from niktokromenas.ports.files import FilesUnavailable
from tests import databases
from tests.contract.stores import SettableClock, migrated
from tests.integration.faults.answers import counts, full_disk, is_refused_for_now, submit, upload
from tests.integration.faults.load import AUTHORS
from tests.integration.faults.points import BY_NAME, Part
from tests.integration.faults.world import a_world
from tests.integration.files import samples
from tests.integration.http.live import Answered, Client, over, running, settings_for

pytestmark = pytest.mark.timeout(300)


def is_no_room(answer: Answered) -> bool:
    return is_refused_for_now(answer) and answer.body["code"] == "files-unavailable"


def left_in(data: Path) -> list[Path]:
    """Files, and folders of uploads under way."""
    files = [path for path in (data / "files").rglob("*") if path.is_file()]
    return [*files, *(data / "incoming").iterdir()]


async def send(client: Client, content: bytes) -> Answered:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="яма.jpg", content_type="image/jpeg")
    return await client("POST", "/api/v1/attachments", data=form)


async def test_a_disk_that_fills_up_at_any_byte_refuses_the_file_whole_and_takes_messages(
    tmp_path: Path,
) -> None:
    """Over PostgreSQL, whose server writes its own files: this process can write none longer than so."""
    picture = samples.encoded(samples.picture(), "JPEG")
    async with databases.postgresql_url(migrated, "migrated") as url:
        settings = settings_for(tmp_path / "data", url)
        async with running(settings) as live:
            anna = await live.as_(cast.CITIZEN.oid)
            kept = await send(anna, picture)
            assert kept.status == 201
            before = sorted(left_in(settings.data))
            refused = 0
            for bytes_of_room in (0, 1, 100, len(picture) // 2, len(picture) - 1, len(picture)):
                with full_disk(bytes_of_room), structlog.testing.capture_logs():
                    answer = await send(anna, picture)
                    assert (await submit(anna, f"full-{bytes_of_room}")).status == 201
                    assert (await anna("GET", "/api/v1/messages")).status == 200
                if answer.status == 201:
                    continue
                refused += 1
                assert is_no_room(answer), (bytes_of_room, answer)
                assert sorted(left_in(settings.data)) == before, bytes_of_room
            assert refused >= 5
            assert (await send(anna, picture)).status == 201
            assert (await live.container.verify_files()()).harmed == ()


@define(eq=False)
class FullFiles:
    """The store behind it has no room from its `nth` file on, until it is emptied."""

    inner: Any
    nth: int
    bytes_of_room: int
    put_so_far: int = 0

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        self.put_so_far += 1
        with full_disk(self.bytes_of_room) if self.put_so_far >= self.nth else nullcontext():
            await self.inner.put(key, chunks)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@pytest.mark.parametrize("nth", [1, 2], ids=["picture", "thumbnail"])
async def test_a_full_folder_of_files_keeps_neither_picture_nor_thumbnail(tmp_path: Path, nth: int) -> None:
    full = FullFiles(open_folder(tmp_path / "data" / "files"), nth, 0)
    async with over("sqlite", tmp_path, files=providers.Object(full)) as live:
        anna = await live.as_(cast.CITIZEN.oid)
        for full.bytes_of_room in (0, 100):
            full.put_so_far = 0
            with structlog.testing.capture_logs():
                assert is_no_room(await upload(anna))
            assert left_in(tmp_path / "data") == []
            assert await counts(live, "uploads") == [0]
            assert (await submit(anna, f"full-{full.bytes_of_room}")).status == 201
        full.nth = 1000
        assert (await upload(anna)).status == 201


@define(eq=False)
class FullMemory:
    """As a program that plugs in memory may see it."""

    inner: MemoryFiles
    is_full: bool = True

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        if self.is_full:
            raise FilesUnavailable(store.OUT_OF_REACH)
        await self.inner.put(key, chunks)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


async def _refuses_files_alone(tmp_path: Path, files: Any, fillings: Iterator[Any]) -> None:
    """`fillings` makes the store full in one way after the other, and in the end empties it."""
    async with over("sqlite", tmp_path, files=providers.Object(files)) as live:
        anna = await live.as_(cast.CITIZEN.oid)
        for how in fillings:
            with structlog.testing.capture_logs():
                assert is_no_room(await upload(anna)), how
            assert await counts(live, "uploads") == [0]
            assert list((tmp_path / "data" / "incoming").iterdir()) == []
            assert (await submit(anna, f"meanwhile-{how}")).status == 201
        assert (await upload(anna)).status == 201


async def test_a_full_store_in_memory_refuses_files_alone(tmp_path: Path) -> None:
    files = FullMemory(MemoryFiles(SettableClock()))

    def fillings() -> Iterator[bool]:
        yield True
        files.is_full = False

    await _refuses_files_alone(tmp_path, files, fillings())


@define(eq=False)
class Bucket:
    """A server of one bucket, which answers `refusal` where it should store."""

    refusal: int | None = None
    stored: dict[str, bytes] = field(factory=dict)

    def fillings(self) -> Iterator[int]:
        """Servers tell it in many ways: a quota, a full disk behind them, too many requests."""
        for self.refusal in (403, 500, 503, 507):
            yield self.refusal
        self.refusal = None

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "PUT":
            content = await request.read()
            if self.refusal is not None:
                return web.Response(status=self.refusal, text="<Error><Code>QuotaExceeded</Code></Error>")
            self.stored[request.path] = content
            return web.Response(headers={"ETag": '"1"'})
        if request.method == "POST" and "delete" in request.query:
            return web.Response(text="<DeleteResult></DeleteResult>", content_type="application/xml")
        return web.Response(status=204)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[BucketFiles]:
        app = web.Application(client_max_size=10**8)
        app.router.add_route("*", "/{any:.*}", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        config = BucketConfig(
            bucket="full", endpoint=endpoint, region="r", access_key="k", secret_key="s", is_plain=True
        )
        try:
            yield open_bucket(config)
        finally:
            await runner.cleanup()


async def test_a_bucket_that_takes_nothing_refuses_files_alone(tmp_path: Path) -> None:
    bucket = Bucket()
    async with bucket.served() as files:
        await _refuses_files_alone(tmp_path, files, bucket.fillings())
    assert len(bucket.stored) == 2


def age(files: Path, keys: set[str], by: timedelta) -> None:
    for path in files.rglob("*"):
        if path.name in keys:
            at = path.stat().st_mtime - by.total_seconds()
            os.utime(path, (at, at))


def stored_in(files: Path) -> set[str]:
    return {p.name for p in files.rglob("*") if p.is_file() and p.parent.name != "incoming"}


@pytest.mark.clause("3.11")
async def test_what_killed_uploads_leave_is_swept_after_a_day_and_nothing_else(tmp_path: Path) -> None:
    async with a_world("sqlite", tmp_path) as world:
        files, units = world.settings.data / "files", world.container.units()
        register = evolve(world.container.attachment_register(), units=units)
        sweep = evolve(world.container.sweep_orphans(), register=register)
        for point in ("file-without-thumbnail", "files-without-row", "upload-uncommitted"):
            before = len(stored_in(files)) - len({file.key async for file in register.referred()})
            await world.killed_at(BY_NAME[point])
            after = len(stored_in(files)) - len({file.key async for file in register.referred()})
            assert after > before, f"{point} leaves nothing"
        await world.killed_at(BY_NAME["upload-committed-unanswered"])
        stored = stored_in(files)
        needed = {file.key async for file in register.referred()}
        assert needed
        assert (await sweep()).orphans == (), "a young file may still be wanted"
        age(files, stored, ORPHAN_AGE - timedelta(hours=1))
        assert (await sweep()).orphans == ()
        age(files, stored, timedelta(hours=2))
        assert set((await sweep(is_trial=True)).orphans) == stored - needed
        assert stored_in(files) == stored
        assert set((await sweep()).orphans) == stored - needed
        assert stored_in(files) == needed
        assert (await sweep()).orphans == ()
        running = await world.started()
        clients, author = world.clients, AUTHORS[0]
        await clients.settle()
        await clients.upload(author)
        await clients.submit_anew(author)
        await running[Part.SERVE].kill()
        found = await world.at_rest()
        assert found.orphans == 0
        assert len({file.key async for file in register.referred()}) == len(needed) + 2
        assert (await evolve(world.container.verify_files(), register=register)()).harmed == ()
