"""The commands an operator runs on the machine itself, as processes would."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from niktokromenas.adapters.cli.main import main
from niktokromenas.adapters.regions.pack import bundled_region

Run = Callable[..., Result]
ACT = ("--act-title", "Приказ", "--act-number", "1", "--act-date", "2026-01-10")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    environment = {
        "NIKTOKROMENAS_DATA": str(tmp_path),
        "NIKTOKROMENAS_ESIA_MODE": "emulator",
        "COLUMNS": "200",
    }

    def invoke(*arguments: str, **more: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env={**environment, **more})

    return invoke


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


@pytest.mark.clause("0.5")
def test_authorities_without_an_official_are_listed(run: Run) -> None:
    assert run("demo", "--messages", "1", "--only-seed").exit_code == 0
    listed = run("authorities")
    assert "adm-18701" in listed.output
    assert "adm-18701" not in run("authorities", "--without-official").output
    verified = run("audit", "verify")
    assert verified.exit_code == 0, verified.output


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
