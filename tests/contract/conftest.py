"""Each suite runs alike on every store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.stores import Stores, opened


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    async with opened(request.param, tmp_path) as found:
        yield found
