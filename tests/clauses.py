"""Clause → tests. Fails where a delivered clause has no test, or a test names a clause nobody knows.

python -m tests.clauses [--quiet | --markdown]
"""

import ast
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLAUSES = ROOT / "decree" / "clauses.csv"


def _names(node: ast.AST) -> Iterator[str]:
    """Clauses that a decorator, or an entry of `pytestmark`, names."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "clause":
            yield from (arg.value for arg in call.args if isinstance(arg, ast.Constant))


def _marks_of_module(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in targets):
            found.update(_names(node))
    return found


def tests_by_clause(folder: Path) -> dict[str, list[str]]:
    """For each clause named under `folder`, the tests that defend it (`path::name`)."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        everywhere = _marks_of_module(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                named = everywhere.union(*(set(_names(d)) for d in node.decorator_list))
                for clause in named:
                    found.setdefault(clause, []).append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def main(arguments: list[str]) -> int:
    with CLAUSES.open(encoding="utf-8", newline="") as file:
        clauses = list(csv.DictReader(file))
    tests = tests_by_clause(ROOT / "tests")
    known = {row["clause"] for row in clauses}
    delivered = {row["clause"] for row in clauses if row["delivered"]}
    naked = sorted(delivered - tests.keys())
    strangers = sorted(tests.keys() - known)
    if "--quiet" not in arguments:
        for row in clauses:
            of = tests.get(row["clause"], [])
            state = row["delivered"] or "-"
            print(f"{row['clause']:<22} {state:<9} {len(of):>3}  {of[0] if of else ''}")
            for name in of[1:]:
                print(f"{'':<34}  {name}")
    print(f"clauses {len(clauses)}, delivered {len(delivered)}, of them without a test {len(naked)}")
    for clause in naked:
        print(f"no test defends the delivered clause {clause}")
    for clause in strangers:
        print(f"tests name a clause that is not in clauses.csv: {clause}")
    return 1 if naked or strangers else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
