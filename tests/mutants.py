"""A pytest plugin for mutation runs: few examples, the same every time, the quick tests first.

`make mutants` loads it; see docs/how-to/find-survivors.md.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

EXAMPLES, LIVES = 20, 10
settings.register_profile(
    "mutants",
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutants")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        _shorten(item)
    items.sort(key=_rank)


def _shorten(item: pytest.Item) -> None:
    machine: Any = getattr(item, "cls", None)
    test: Any = getattr(item, "obj", None)
    for owner, name, most in (
        (machine, "settings", LIVES),
        (test, "_hypothesis_internal_use_settings", EXAMPLES),
    ):
        own = getattr(owner, name, None)
        if isinstance(own, settings) and own.max_examples > most:
            setattr(owner, name, settings(own, max_examples=most))


def _rank(item: pytest.Item) -> int:
    """Plain tests, then properties, then machines."""
    if getattr(item, "cls", None) is not None:
        return 2
    return 1 if hasattr(getattr(item, "obj", None), "hypothesis") else 0
