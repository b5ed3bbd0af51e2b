"""A pytest plugin for mutation runs: few examples, the same every time, the quick tests first.

`make mutants` loads it (docs/architecture.md).
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
        machine = _machine(item)
        if machine is not None and machine.settings.max_examples > LIVES:
            machine.settings = settings(machine.settings, max_examples=LIVES)
    items.sort(key=_rank)


def _machine(item: pytest.Item) -> Any:
    """The class of a state machine's test; its own settings go before those of the profile."""
    found: Any = getattr(item, "cls", None)
    return found if isinstance(getattr(found, "settings", None), settings) else None


def _rank(item: pytest.Item) -> int:
    """Plain tests, then properties, then machines."""
    if _machine(item) is not None:
        return 2
    return 1 if hasattr(getattr(item, "obj", None), "hypothesis") else 0
