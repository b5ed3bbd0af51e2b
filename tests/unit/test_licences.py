"""Licences of all parts let the operator use, change and hand on the platform (Положение, п. 6.4)."""

import tomllib
from pathlib import Path

import pytest
from scripts.bill_of_materials import components, is_open

ROOT = Path(__file__).parents[2]


@pytest.mark.clause("6.4")
def test_every_part_has_an_open_licence() -> None:
    parts = components(ROOT / "requirements.lock")
    assert len(parts) > 30
    assert [part for part in parts if not is_open(part.licence)] == []


@pytest.mark.clause("6.4")
def test_the_platforms_own_licence_and_the_boundaries_are_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert "OpenStreetMap" in notice
    assert "ODbL" in notice


def test_a_closed_licence_is_not_taken_for_an_open_one() -> None:
    assert not is_open("Proprietary")
    assert not is_open("")
    assert is_open("MIT")
