"""Writes `docs/generated/`: permissions, moves, notices, clauses and the list of modules, from the code."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.clauses import CLAUSES, ROOT, tests_by_clause

from niktokromenas.domain.groups.group import GROUP_MOVES
from niktokromenas.domain.messages.moves import ASSIGNMENT_MOVES, MOVES
from niktokromenas.domain.notices import NOTICE_KINDS
from niktokromenas.domain.participants.roles import PERMITTED
from niktokromenas.domain.surveys.moves import MOVES as SURVEY_MOVES

PACKAGES = ("domain", "ports", "application")


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [f"# {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _roles(roles: Iterable[Any]) -> str:
    return ", ".join(sorted(role.value for role in roles))


def _permissions() -> str:
    rows = ((permission.value, _roles(roles)) for permission, roles in PERMITTED.items())
    return _table("Who may do what", ("permission", "roles"), rows)


def _moves(title: str, moves: Mapping[tuple[Any, Any], Any]) -> str:
    rows = ((a.value, s.value, m.to.value if m.to else "stays", _roles(m.by)) for (a, s), m in moves.items())
    return _table(title, ("act", "from", "to", "who"), rows)


def _notices() -> str:
    rows = (
        (kind.value, about.title, about.audience.value, "yes" if about.is_legal else "")
        for kind, about in NOTICE_KINDS.items()
    )
    return _table("Notices", ("kind", "title", "to", "cannot be switched off"), rows)


def _clauses() -> str:
    tests = tests_by_clause(ROOT / "tests")
    with CLAUSES.open(encoding="utf-8", newline="") as file:
        rows = [
            (row["clause"], row["requirement"], row["delivered"], len(tests.get(row["clause"], [])))
            for row in csv.DictReader(file)
        ]
    return _table("Clauses of the decree", ("clause", "requirement", "delivered", "tests"), rows)


def _reference(package: str) -> str:
    root = ROOT / "src" / "niktokromenas"
    names = sorted(
        ".".join(path.relative_to(root.parent).with_suffix("").parts)
        for path in (root / package).rglob("*.py")
        if path.name != "__init__.py"
    )
    parts = [f"# Reference: {package}"]
    parts += [f"\n## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n```" for name in names]
    return "\n".join(parts) + "\n"


def _write(app: Any) -> None:
    folder = Path(app.srcdir) / "generated"
    folder.mkdir(exist_ok=True)
    pages = {
        "permissions": _permissions(),
        "moves": _moves("Moves of a message", MOVES),
        "assignment-moves": _moves("Moves of an assignment", ASSIGNMENT_MOVES),
        "survey-moves": _moves("Moves of a survey", SURVEY_MOVES),
        "group-moves": _moves("Moves of a social group", GROUP_MOVES),
        "notices": _notices(),
        "clauses": _clauses(),
        **{f"reference-{package}": _reference(package) for package in PACKAGES},
    }
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, "utf-8")


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}
