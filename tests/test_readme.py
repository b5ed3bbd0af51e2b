"""What the README and the guides promise."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from niktokromenas.adapters.demo.people import DEMO_ROLES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
GUIDES = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [ROOT / "README.md", *(page for page in GUIDES if not {"generated", "_build"} & set(page.parts))]


def _example() -> str:
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_embedding_example_is_fifteen_lines_and_ends_in_a_rated_answer() -> None:
    told: dict[str, Any] = {}
    exec(compile(_example(), "README.md", "exec"), told)
    message = told["message"]
    assert (message.stage.value, message.outcome) == ("closed", "done")
    assert message.answered_lead.rating.value == 5
    main = next(n for n in ast.parse(_example()).body if isinstance(n, ast.AsyncFunctionDef))
    assert len(main.body) <= 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_every_demo_person_stands_in_the_readme() -> None:
    for player, _, _ in DEMO_ROLES:
        assert f"{player.name.last} {player.name.first}" in README
