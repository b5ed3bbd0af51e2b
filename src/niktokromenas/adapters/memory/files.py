"""Files in plain memory, for those who test against this library."""

from collections.abc import AsyncIterator
from datetime import datetime

from attrs import field, frozen

from niktokromenas.ports.clock import Clock
from niktokromenas.ports.files import FileMissing, KeyTaken, checked_key

_PIECE = 64 * 1024


@frozen
class MemoryFiles:
    clock: Clock
    _stored: dict[str, tuple[bytes, datetime]] = field(factory=dict, init=False, repr=False)

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        checked_key(key)
        content = b"".join([chunk async for chunk in chunks])
        if key in self._stored:
            raise KeyTaken("Файл с таким ключом уже есть")
        self._stored[key] = (content, self.clock.now())

    async def open(self, key: str) -> AsyncIterator[bytes]:
        content = self._content(key)
        for start in range(0, len(content), _PIECE):
            yield content[start : start + _PIECE]

    async def size(self, key: str) -> int:
        return len(self._content(key))

    async def delete(self, key: str) -> None:
        self._stored.pop(checked_key(key), None)

    async def keys(self, older_than: datetime) -> AsyncIterator[str]:
        for key in [key for key, (_, stored_at) in self._stored.items() if stored_at < older_than]:
            yield key

    async def ready(self) -> None:
        """Memory is always there."""

    def _content(self, key: str) -> bytes:
        if checked_key(key) not in self._stored:
            raise FileMissing("Такого файла нет")
        return self._stored[key][0]
