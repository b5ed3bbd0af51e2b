"""Every package under `adapters/` stands in the contracts that import-linter checks (ADR 0010)."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOTS = {"cli", "container", "demo"}
"""They wire and start platforms, as the modules `platform` and `cast` do."""


def test_no_technology_escapes_the_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    independent = next(set(c["modules"]) for c in contracts if c["type"] == "independence")
    kept_out = next(set(c["source_modules"]) for c in contracts if "know it" in c["name"])
    folder = ROOT / "src" / "niktokromenas" / "adapters"
    packages = {path.parent.name for path in folder.glob("*/__init__.py")} - ROOTS
    assert packages
    assert {f"niktokromenas.adapters.{name}" for name in packages} == independent == kept_out
