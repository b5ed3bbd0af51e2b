"""Survivors and score of the last `make mutants`, by module of the domain."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

FOUND = Path("mutants/src/niktokromenas/domain")
KILLED, SURVIVED, UNTRIED = (1, 3), (0,), (None,)
NO_TESTS = (5, 33)


def verdict(code: int | None) -> str:
    """What a worker's exit code says; whatever is none of the others ran out of time."""
    for name, codes in (
        ("killed", KILLED),
        ("survived", SURVIVED),
        ("no tests", NO_TESTS),
        ("not tried", UNTRIED),
    ):
        if code in codes:
            return name
    return "timeout"


def modules() -> Iterator[tuple[str, dict[str, str]]]:
    for path in sorted(FOUND.rglob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        if codes:
            yield (
                str(path.relative_to(FOUND)).removesuffix(".py.meta"),
                {name: verdict(code) for name, code in codes.items()},
            )


def share(counts: Counter[str]) -> str:
    """Killed of all that were tried; without tests is alive, timeouts are counted apart."""
    alive = counts["survived"] + counts["no tests"]
    tried = counts["killed"] + alive
    return f"{100 * counts['killed'] / tried:5.1f} %" if tried else "      –"


def line(name: str, counts: Counter[str]) -> str:
    told = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    return f"{name:32} {share(counts)}  {told}"


def main() -> None:
    total: Counter[str] = Counter()
    alive: list[str] = []
    for name, verdicts in modules():
        counts = Counter(verdicts.values())
        total += counts
        alive += [mutant for mutant, word in verdicts.items() if word in ("survived", "no tests")]
        print(line(name, counts))
    print(line("all", total))
    for mutant in alive:
        print(f"  mutmut show {mutant}")


if __name__ == "__main__":
    main()
