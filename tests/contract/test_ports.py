"""Every port says which tests hold it, and says the truth."""

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import niktokromenas
from niktokromenas import ports

ROOT = Path(__file__).parents[2]
SOURCES = Path(niktokromenas.__file__).parent
_TESTS = re.compile(r"tests/[\w/]+\.py")


def every_port() -> Iterator[type[Any]]:
    for found in pkgutil.iter_modules(ports.__path__, "niktokromenas.ports."):
        module = import_module(found.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and getattr(kind, "_is_protocol", False):
                yield kind


PORTS = sorted(every_port(), key=lambda port: port.__name__)


def _functions(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_port_names_the_tests_that_hold_it_and_they_know_it(port: type[Any]) -> None:
    named = _TESTS.findall(port.__doc__ or "")
    assert named, "the docstring says: Contract (or Tests): tests/…"
    for name in named:
        assert (ROOT / name).is_file(), f"{name} is not there"
        assert any(f.startswith("test_") for f in _functions(ROOT / name))


def test_every_file_of_tests_that_the_sources_name_exists() -> None:
    named = {
        (name, source.name)
        for source in SOURCES.rglob("*.py")
        for name in _TESTS.findall(source.read_text("utf-8"))
    }
    assert named
    assert [(name, source) for name, source in sorted(named) if not (ROOT / name).is_file()] == []
