"""How many statements run: units that count for the suites of whole requests and of ports (abuse case 34)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from attrs import define, field


@define(eq=False)
class Counting:
    """Units that keep the count of what runs on their connections; several rows at once are one statement."""

    units: Any
    count: int = field(default=0, init=False)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Any]:
        async with self.units.unit() as connection:
            yield _Counted(connection, self)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        async with self.units.reading() as connection:
            yield _Counted(connection, self)

    @asynccontextmanager
    async def long_reading(self) -> AsyncIterator[Any]:
        async with self.units.long_reading() as connection:
            yield _Counted(connection, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.units, name)


class _Counted:
    def __init__(self, connection: Any, counting: Counting) -> None:
        self.connection, self.counting = connection, counting

    @property
    def dialect_name(self) -> str:
        return str(self.connection.dialect_name)

    def __getattr__(self, name: str) -> Any:
        """`execute`, and every shorter way there is or will be."""
        self.counting.count += 1
        return getattr(self.connection, name)
