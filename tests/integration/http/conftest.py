"""The same suite over SQLite and PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.http.live import Live, over


@pytest.fixture(params=["sqlite", "postgresql"])
async def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path_factory.mktemp("live")) as found:
        yield found
