"""What was imported and collected stays until the end, and is not searched for garbage again and again."""

import gc
from collections.abc import Generator

import pytest

from niktokromenas.adapters.system import search_garbage_seldom


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        search_garbage_seldom()
        gc.enable()
