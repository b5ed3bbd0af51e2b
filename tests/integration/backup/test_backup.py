"""A copy of a platform at work brings all of it back; nothing that was there is ever overwritten."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dependency_injector import providers

from niktokromenas.adapters.backup.manifest import BackupRefused
from niktokromenas.adapters.cli.keeping import backed_up, verified
from tests.contract.stores import SettableClock
from tests.integration.backup.places import (
    copied,
    empty_place,
    filled,
    journal_of,
    pg_bin,
    reaching,
    restored,
    served,
)
from tests.integration.http.live import Live, over

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def live(kind: str, tmp_path: Path) -> AsyncIterator[Live]:
    async with over(kind, tmp_path, clock=providers.Singleton(SettableClock)) as found:
        yield found


@pytest.mark.clause("3.11")
async def test_what_is_restored_equals_the_original(kind: str, live: Live, tmp_path: Path) -> None:
    await filled(live)
    before = await journal_of(live.base)
    sealed = await live.container.verify_audit()()
    archive = tmp_path / "copy.tar"
    made = await copied(live, archive)
    assert (made.gone, archive.stat().st_mode & 0o077) == ((), 0)
    assert sum(part.name.startswith("files/") for part in made.parts) > 0
    async with empty_place(kind, tmp_path / "second") as settings:
        found = await restored(settings, archive)
        assert found.manifest.state == made.state
        async with served(settings) as (base, container):
            assert await journal_of(base) == before
            assert len(before) > 5
            again = await container.verify_audit()((sealed.seals, sealed.head))
            assert again == sealed
        assert await verified(settings, (sealed.seals, sealed.head)) == []


async def test_a_copy_under_load_holds_every_write_acknowledged_before_it_and_is_whole(
    kind: str, live: Live, tmp_path: Path
) -> None:
    ground = await filled(live)
    acknowledged: list[str] = []
    is_over = asyncio.Event()

    async def write() -> None:
        while not is_over.is_set():
            acknowledged.append((await ground.submitted()).number)

    writers = [asyncio.create_task(write()) for _ in range(3)]
    try:
        await reaching(acknowledged, 3)
        before = list(acknowledged)
        archive = tmp_path / "copy.tar"
        made = await copied(live, archive)
        await reaching(acknowledged, len(before) + 1)
    finally:
        is_over.set()
        await asyncio.gather(*writers)
    assert made.gone == ()
    async with empty_place(kind, tmp_path / "second") as settings:
        await restored(settings, archive)
        async with served(settings) as (_, container):
            for number in before:
                assert (await container.journal().one(number)).number == number
        found = await verified(settings, None)
        assert {finding.check for finding in found} <= {"очередь"}  # nobody told of them meanwhile


async def test_a_place_that_is_not_empty_is_left_as_it_was(kind: str, live: Live, tmp_path: Path) -> None:
    archive = tmp_path / "copy.tar"
    await copied(live, archive)
    settings = live.container.settings()
    with pytest.raises(BackupRefused, match="не пуста") as refused:
        await restored(settings, archive)
    assert len(refused.value.problems) == 2
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "notes.txt").write_text("mine")
    async with empty_place(kind, tmp_path / "second") as other:
        with pytest.raises(BackupRefused, match=r"notes\.txt"):
            await restored(other, archive)
    assert [p.name for p in (tmp_path / "second").iterdir()] == ["notes.txt"]
    with pytest.raises(BackupRefused, match="уже есть"):
        await copied(live, archive)


async def test_without_keys_the_seals_are_still_checked_and_other_keys_are_refused(
    kind: str, live: Live, tmp_path: Path
) -> None:
    await filled(live)
    archive, keys = tmp_path / "copy.tar", live.container.settings().data / "keys"
    made = await copied(live, archive, with_keys=False)
    assert [part.name for part in made.parts if part.name.startswith("keys/")] == ["keys/seals.pub"]
    assert b"PRIVATE" not in archive.read_bytes()
    async with empty_place(kind, tmp_path / "second") as settings:
        assert not (await restored(settings, archive)).has_keys
    async with empty_place(kind, tmp_path / "third") as settings:
        (settings.data / "keys").mkdir(parents=True)
        (settings.data / "keys" / "seals.pem").write_bytes(_another_key())
        with pytest.raises(BackupRefused, match="не тот"):
            await restored(settings, archive)
        for name in ("seals.pem", "tokens.pem", "links.key"):
            (settings.data / "keys" / name).write_bytes((keys / name).read_bytes())
        assert (await restored(settings, archive)).has_keys


def _another_key() -> bytes:
    from niktokromenas.adapters.signatures.keys import fresh_keys

    return fresh_keys().seals


async def test_a_restore_that_fails_half_way_leaves_the_place_empty(
    kind: str, live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from niktokromenas.adapters.backup.databases import SqliteCopies
    from niktokromenas.adapters.backup.postgresql import PostgresqlCopies

    await filled(live)
    archive = tmp_path / "copy.tar"
    await copied(live, archive)

    async def refuse(*_: object) -> None:
        raise BackupRefused("диск полон")

    async with empty_place(kind, tmp_path / "second") as settings:
        with monkeypatch.context() as patched:
            patched.setattr(SqliteCopies, "put", refuse)
            patched.setattr(PostgresqlCopies, "put", refuse)
            with pytest.raises(BackupRefused, match="диск полон"):
                await restored(settings, archive)
        assert [p for p in settings.data.rglob("*") if p.is_file()] == []
        await restored(settings, archive)


@pytest.mark.parametrize("said", ["pg_dump (PostgreSQL) 9.6.1", None])
async def test_a_missing_or_an_old_tool_is_one_line(said: str | None, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    if said is not None:
        tool = tools / "pg_dump"
        tool.write_text(f"#!/bin/sh\necho '{said}'\n")
        tool.chmod(0o755)
    async with over("postgresql", tmp_path) as live:
        with pytest.raises(BackupRefused, match="старше сервера" if said else "не найден") as refused:
            await backed_up(live.container.settings(), tmp_path / "copy.tar", tools, with_keys=False)
    assert len(refused.value.problems) == 1
    assert not [name for name in os.listdir(tmp_path) if "copy" in name]


@pytest.mark.abuse(40)
async def test_the_password_of_the_database_is_no_argument_of_a_tool(tmp_path: Path) -> None:
    tools, told = tmp_path / "tools", tmp_path / "told"
    tools.mkdir()
    tool = tools / "pg_dump"
    real = pg_bin()
    name = f"{real}/pg_dump" if real else "pg_dump"
    tool.write_text(f'#!/bin/sh\necho "$@" >> {told}\nexec {name} "$@"\n')
    tool.chmod(0o755)
    async with over("postgresql", tmp_path) as live:
        settings = live.container.settings()
        from attrs import evolve
        from sqlalchemy import make_url

        url = make_url(settings.database_url).set(password="s3cret-word")
        if not url.host and "host" not in url.query:
            url = url.set(host="127.0.0.1")
        settings = evolve(
            settings,
            database=evolve(settings.database, url=url.render_as_string(hide_password=False)),
        )
        await backed_up(settings, tmp_path / "copy.tar", tools, with_keys=False)
    assert "--snapshot" in told.read_text()
    assert "s3cret-word" not in told.read_text()
