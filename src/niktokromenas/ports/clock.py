"""Time and identifiers are given, never taken."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """Contract: tests/contract/test_clock.py."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class NewId(Protocol):
    """Contract: tests/contract/test_clock.py."""

    def __call__(self) -> UUID:
        """A fresh identifier; later ones sort after earlier ones (UUIDv7, RFC 9562)."""
        ...
