"""Time, identifiers and secrets of the machine itself."""

import secrets
from datetime import UTC, datetime
from uuid import UUID, uuid4

import uuid_utils.compat


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def new_id() -> UUID:
    """UUIDv7 (RFC 9562), rising within the process."""
    return uuid_utils.compat.uuid7()


def new_random_id() -> UUID:
    """UUIDv4: for what must not tell when it was made."""
    return uuid4()


def new_secret() -> str:
    """256 bits, URL-safe."""
    return secrets.token_urlsafe(32)
