from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.esia.support import Stand, standing


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("esia-keys")


@pytest.fixture
async def stand(keys: Path) -> AsyncIterator[Stand]:
    async with standing(keys) as opened:
        yield opened
