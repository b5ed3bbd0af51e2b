"""The commands an operator runs on the machine itself, as processes would."""

import asyncio
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from niktokromenas.adapters.cli.main import main
from niktokromenas.adapters.platform import opened_storage
from niktokromenas.adapters.regions.pack import bundled_region
from niktokromenas.adapters.settings import EsiaSettings, Settings
from niktokromenas.domain.notices import NoticeKind
from tests import buckets
from tests.contract.building import a_person
from tests.contract.test_letters import a_notice

Run = Callable[..., Result]
ACT = ("--act-title", "Приказ", "--act-number", "1", "--act-date", "2026-01-10")


def in_folder(data: Path) -> Run:
    environment = {
        "NIKTOKROMENAS_DATA": str(data),
        "NIKTOKROMENAS_ESIA_MODE": "emulator",
        "COLUMNS": "200",
    }

    def invoke(*arguments: str, **more: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env={**environment, **more})

    return invoke


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return in_folder(tmp_path)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo of thirty messages, which takes a while to make; not to be changed."""
    data = tmp_path_factory.mktemp("demo")
    assert in_folder(data)("demo", "--messages", "30", "--only-seed").exit_code == 0
    return data


@pytest.fixture
def of_demo(seeded: Path, run: Run, tmp_path: Path) -> Run:
    """Commands in a demo of the test's own."""
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    return run


@pytest.mark.parametrize(
    "command",
    [
        ("verify",),
        ("digest", "--now"),
        ("files", "verify"),
        ("files", "sweep"),
        ("audit", "verify"),
        ("search", "rebuild"),
        ("authorities",),
    ],
    ids=" ".join,
)
def test_what_looks_after_a_database_makes_none(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    refused = run(*command)
    assert (refused.exit_code, "Здесь нет базы данных" in refused.output) == (1, True), refused.output
    assert list(tmp_path.iterdir()) == []


def test_a_database_is_migrated_once_and_again_without_harm(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        result = run("migrate")
        assert (result.exit_code, "готова" in result.output) == (0, True), result.output
    assert (tmp_path / "niktokromenas.db").exists()


@pytest.mark.clause("5.1")
def test_first_people_are_bootstrapped_once_and_the_audit_shows_it(run: Run) -> None:
    first = run("grant", "--bootstrap", "operator", "--oid", "1001", "--oid", "1002", *ACT)
    assert (first.exit_code, "Предоставлено полномочий: 2" in first.output) == (0, True), first.output
    again = run("grant", "--bootstrap", "operator", "--oid", "1003", *ACT)
    assert (again.exit_code, "body-has-people" in again.output) == (1, True)
    assert "Traceback" not in again.output


def test_one_operator_is_told_that_two_are_needed(run: Run) -> None:
    assert "нужны двое" in run("grant", "--bootstrap", "operator", "--oid", "1001", *ACT).output


@pytest.mark.clause("5.3")
def test_a_power_without_a_legal_act_is_refused_in_one_line(run: Run) -> None:
    act = ("--act-title", " ", "--act-number", "1", "--act-date", "2026-01-10")
    result = run("grant", "--bootstrap", "operator", "--oid", "1001", *act)
    assert result.exit_code == 1
    assert "правовой акт" in result.output
    assert "Traceback" not in result.output
    bad = run("grant", "--bootstrap", "operator", "--oid", "not-a-number", *ACT)
    assert (bad.exit_code, "ЕСИА" in bad.output) == (1, True)


def _files(place: Path) -> list[Path]:
    return sorted(path for path in (place / "files").rglob("*") if path.is_file())


@pytest.mark.clause("3.11")
def test_harmed_files_are_named_and_the_command_fails(of_demo: Run, tmp_path: Path) -> None:
    whole = of_demo("files", "verify")
    assert (whole.exit_code, "Всё сходится" in whole.output) == (0, True), whole.output
    lost, changed, *_ = sorted(_files(tmp_path), key=lambda path: path.stat().st_size, reverse=True)
    lost.unlink()
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    harmed = of_demo("files", "verify")
    assert harmed.exit_code == 1
    assert f"{lost.name}: пропал (сообщение 2" in harmed.output
    assert f"{changed.name}: изменён (сообщение 2" in harmed.output
    assert "файлов с ошибками: 2 из" in harmed.output
    assert "Traceback" not in harmed.output


@pytest.mark.clause("3.11")
def test_orphans_are_listed_by_a_trial_and_deleted_in_earnest(of_demo: Run, tmp_path: Path) -> None:
    needed = _files(tmp_path)
    assert needed
    for path in needed:
        os.utime(path, (0, 0))
    for name in ("ab" * 16, "cd" * 16):
        (tmp_path / "files" / name[:2]).mkdir(exist_ok=True)
        (tmp_path / "files" / name[:2] / name).write_bytes(b"orphan")
    old, young = (tmp_path / "files" / name[:2] / name for name in ("ab" * 16, "cd" * 16))
    os.utime(old, (0, 0))
    trial = of_demo("files", "sweep", "--dry-run")
    assert (trial.exit_code, "Было бы удалено: 1" in trial.output) == (0, True), trial.output
    assert old.name in trial.output
    assert old.exists()
    earnest = of_demo("files", "sweep")
    assert (earnest.exit_code, "Удалено: 1" in earnest.output) == (0, True), earnest.output
    assert _files(tmp_path) == sorted([*needed, young])


@pytest.mark.clause("3.11")
def test_files_may_lie_in_a_bucket(run: Run, tmp_path: Path) -> None:
    there = {
        "NIKTOKROMENAS_FILES_MODE": "s3",
        "NIKTOKROMENAS_FILES_BUCKET": buckets.a_bucket(),
        "NIKTOKROMENAS_FILES_ENDPOINT": buckets.endpoint(),
        "NIKTOKROMENAS_FILES_ACCESS_KEY": buckets.KEYS["access_key"],
        "NIKTOKROMENAS_FILES_SECRET_KEY": buckets.KEYS["secret_key"],
    }
    assert run("demo", "--messages", "3", "--only-seed", **there).exit_code == 0
    assert not (tmp_path / "files").exists()
    whole = run("files", "verify", **there)
    assert (whole.exit_code, "Всё сходится" in whole.output) == (0, True), whole.output
    gone = run("files", "verify", **{**there, "NIKTOKROMENAS_FILES_BUCKET": "nothing-here"})
    assert (gone.exit_code, "files-unavailable" in gone.output) == (1, True), gone.output
    unnamed = run("files", "verify", **{**there, "NIKTOKROMENAS_FILES_BUCKET": ""})
    assert (unnamed.exit_code, "bucket" in unnamed.output) == (1, True), unnamed.output


@pytest.mark.clause("0.5")
def test_authorities_without_an_official_are_listed(of_demo: Run) -> None:
    listed = of_demo("authorities")
    assert "adm-18701" in listed.output
    assert "adm-18701" not in of_demo("authorities", "--without-official").output
    verified = of_demo("audit", "verify")
    assert verified.exit_code == 0, verified.output


def test_the_search_index_is_made_anew_from_the_messages(of_demo: Run, tmp_path: Path) -> None:
    def kept() -> list[object]:
        with closing(sqlite3.connect(tmp_path / "niktokromenas.db")) as database:
            return database.execute("SELECT * FROM search_docs ORDER BY place").fetchall()

    before = kept()
    assert before
    with closing(sqlite3.connect(tmp_path / "niktokromenas.db")) as database:
        database.execute("DELETE FROM search_docs WHERE place % 2 = 0")
        database.commit()
    result = of_demo("search", "rebuild")
    assert (result.exit_code, "построен" in result.output) == (0, True), result.output
    assert kept() == before


def test_verification_tells_what_to_keep_and_compares_with_it(run: Run) -> None:
    run("migrate")
    told = run("audit", "verify").output
    assert f"0:{'0' * 64}" in told
    ahead = run("audit", "verify", "--kept", f"3:{'a' * 64}")
    assert (ahead.exit_code, "не сходится" in ahead.output) == (1, True)
    assert run("audit", "verify", "--kept", "nonsense").exit_code == 2


def test_a_worker_of_its_own_refuses_sqlite(run: Run) -> None:
    result = run("worker")
    assert (result.exit_code, "SQLite" in result.output) == (1, True)


def test_a_region_pack_is_checked_with_file_and_line(run: Run, tmp_path: Path) -> None:
    assert "Пакет в порядке" in run("region", "check", str(bundled_region("volgograd"))).output
    broken = tmp_path / "pack"
    broken.mkdir()
    for file in bundled_region("volgograd").iterdir():
        if file.is_file():
            (broken / file.name).write_bytes(file.read_bytes())
    grounds = broken / "grounds.csv"
    grounds.write_text(
        grounds.read_text("utf-8") + grounds.read_text("utf-8").splitlines()[1] + "\n", "utf-8"
    )
    result = run("region", "check", str(broken))
    assert result.exit_code == 1
    assert "grounds.csv:" in result.output


def test_the_description_of_the_interface_is_printed(run: Run) -> None:
    document = json.loads(run("openapi").output)
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/messages" in document["paths"]


def test_a_demo_that_was_stopped_goes_on_and_a_complete_one_is_left_alone(run: Run, tmp_path: Path) -> None:
    assert run("demo", "--messages", "4", "--only-seed").exit_code == 0
    mark = tmp_path / "demo-is-complete"
    assert mark.exists()
    assert run("demo", "--messages", "4", "--only-seed").exit_code == 0
    mark.unlink()
    assert run("demo", "--messages", "4", "--only-seed").exit_code == 0
    assert mark.exists()


async def _waiting_for_the_day(folder: Path) -> None:
    """Somebody whose news waits for the letter of the day."""
    settings = Settings(data=folder, esia=EsiaSettings(mode="emulator"))
    facts = {"number": "26-000001", "message_url": "http://localhost:8080/m/26-000001"}
    async with opened_storage(settings) as container, container.transactions()() as tx:
        person = await tx.participants.save(a_person())
        for kind in (NoticeKind.FOLLOWED_ANSWERED, NoticeKind.MESSAGE_CLOSED):
            notice = a_notice(person, kind=kind, facts=facts)
            await tx.notices.add(notice)
            await tx.digests.put(notice, date.max)


@pytest.mark.clause("3.8")
def test_the_letter_of_the_day_can_be_had_now_and_once(run: Run, tmp_path: Path) -> None:
    asyncio.run(_waiting_for_the_day(tmp_path))
    assert [run("digest", "--now").output for _ in range(2)] == ["Писем: 1.\n", "Писем: 0.\n"]
    [letter] = (tmp_path / "mail").glob("*.eml")
    text = message_from_bytes(letter.read_bytes(), policy=default).get_body(("plain",))
    assert text is not None
    assert "Работа по сообщению завершена: 1 сообщение" in text.get_content()
    assert "за которым вы следите" not in text.get_content(), "there is no such public message"
