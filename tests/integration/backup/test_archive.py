"""Archives that are damaged, or made to harm, are refused whole and with every problem."""

import io
import tarfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from attrs import evolve

from niktokromenas.adapters.backup import manifest as manifests
from niktokromenas.adapters.backup.archive import ArchiveWriter, checked, writing
from niktokromenas.adapters.backup.manifest import BackupRefused, Manifest
from niktokromenas.adapters.sql.migrations.migrate import newest_revision
from tests.integration.backup.places import copied, empty_place, restored
from tests.integration.http.live import over

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.abuse(21)]
KEY = "0" * 32


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def copy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """A sound archive of a small platform."""
    folder = tmp_path_factory.mktemp("copied")
    async with over("sqlite", folder) as live:
        await copied(live, folder / "copy.tar")
    yield folder / "copy.tar"


def bytes_of(copy: Path) -> bytes:
    return copy.read_bytes()


def files_below(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def members_of(copy: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(copy) as tar:
        return [(member, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]


def rewritten(copy: Path, target: Path, change: Callable[[Manifest], Manifest]) -> Path:
    """As the product writes it, its manifest changed."""
    members = members_of(copy)
    raw = next(content for member, content in members if member.name == "manifest.json")
    with writing(target) as writer:
        for member, content in members:
            if not member.name.startswith("manifest"):
                writer.add(member.name, io.BytesIO(content))
        writer.finish(change(manifests.read(raw)))
    return target


def with_member(copy: Path, target: Path, info: tarfile.TarInfo, content: bytes = b"") -> Path:
    with tarfile.open(target, "w") as tar:
        for member, kept in members_of(copy):
            tar.addfile(member, io.BytesIO(kept))
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return target


async def test_a_sound_archive_is_read(copy: Path) -> None:
    assert checked(copy).manifest.state.revision == newest_revision()


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "files/../../outside", f"files/{KEY}/x", "files/ABC", "keys/other"]
)
async def test_no_name_leads_out(copy: Path, tmp_path: Path, name: str) -> None:
    made = with_member(copy, tmp_path / "bad.tar", tarfile.TarInfo(name), b"x")
    with pytest.raises(BackupRefused, match="лишнее имя"):
        await _refused(made, tmp_path / "place")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
async def test_only_plain_files_are_taken(copy: Path, tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo(f"files/{KEY}")
    info.type, info.linkname = kind, "/etc/passwd"
    with pytest.raises(BackupRefused, match="не обычный файл"):
        await _refused(with_member(copy, tmp_path / "bad.tar", info), tmp_path / "place")


async def test_a_file_that_nobody_listed_is_refused(copy: Path, tmp_path: Path) -> None:
    made = with_member(copy, tmp_path / "bad.tar", tarfile.TarInfo(f"files/{KEY}"), b"x")
    with pytest.raises(BackupRefused, match="в описи нет"):
        await _refused(made, tmp_path / "place")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
async def test_a_truncated_archive_is_refused(copy: Path, tmp_path: Path, share: float) -> None:
    raw = bytes_of(copy)
    end = raw.rindex(b"manifest.sha256") + 512  # what follows is the filling of the last block
    bad = tmp_path / "bad.tar"
    bad.write_bytes(raw[: int(end * share)])
    with pytest.raises(BackupRefused, match="не дописан"):
        await _refused(bad, tmp_path / "place")


async def test_every_changed_byte_is_found(copy: Path, tmp_path: Path) -> None:
    raw = bytes_of(copy)
    with tarfile.open(copy) as tar:
        places = [(m.name, m.offset_data + m.size // 2) for m in tar if m.size]
    for name, place in places:
        bad = tmp_path / "bad.tar"
        bad.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        with pytest.raises(BackupRefused) as refused:
            await _refused(bad, tmp_path / "place")
        assert "не сходится" in str(refused.value) or "опись" in str(refused.value), name


async def test_every_problem_is_told_at_once(copy: Path, tmp_path: Path) -> None:
    info = tarfile.TarInfo("../outside")
    made = with_member(copy, tmp_path / "one.tar", info, b"x")
    made = with_member(made, tmp_path / "two.tar", tarfile.TarInfo(f"files/{KEY}"), b"x")
    with pytest.raises(BackupRefused) as refused:
        await _refused(made, tmp_path / "place")
    assert len(refused.value.problems) == 2


def _newer(manifest: Manifest) -> Manifest:
    return evolve(manifest, state=evolve(manifest.state, revision="9999"))


CHANGES: dict[str, tuple[Callable[[Manifest], Manifest], str]] = {
    "newer tables": (_newer, "новее программы"),
    "another region": (lambda m: evolve(m, region="mars"), "регион"),
    "another database": (lambda m: evolve(m, database="postgresql"), "настроена база"),
    "another format": (lambda m: evolve(m, format=2), "формат копии"),
    "no database": (lambda m: evolve(m, parts=m.parts[1:]), "в описи нет"),
    "other counts": (
        lambda m: evolve(m, state=evolve(m.state, counts={**m.state.counts, "messages": 7})),
        "не та, что в описи",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_what_does_not_fit_is_refused(copy: Path, tmp_path: Path, what: str) -> None:
    change, words = CHANGES[what]
    made = rewritten(copy, tmp_path / "bad.tar", change)
    with pytest.raises(BackupRefused, match=words):
        await _refused(made, tmp_path / "place")


async def _refused(archive: Path, place: Path) -> None:
    """Whatever is refused, nothing is left at the place."""
    async with empty_place("sqlite", place) as settings:
        try:
            await restored(settings, archive)
        finally:
            assert files_below(place) == []
            assert not (place.parent / "outside").exists()


async def test_a_backup_that_fails_leaves_no_archive(tmp_path: Path) -> None:
    class Stops(Exception):
        pass

    def write(target: Path) -> Any:
        with writing(target) as writer:
            assert isinstance(writer, ArchiveWriter)
            writer.add("database", io.BytesIO(b"half"))
            raise Stops

    with pytest.raises(Stops):
        write(tmp_path / "copy.tar")
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240
    with pytest.raises(BackupRefused, match="не записан"), writing(tmp_path / "absent" / "copy.tar"):
        pass
