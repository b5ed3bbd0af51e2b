"""Tokens that prove who someone is; what they may do is read anew in each request."""

from datetime import datetime
from typing import Protocol

from attrs import frozen

from niktokromenas.domain.ids import SessionId
from niktokromenas.domain.participants.sessions import Session


class NewSecret(Protocol):
    """Contract: tests/contract/test_tokens.py."""

    def __call__(self) -> str:
        """A fresh random secret of 256 bits, URL-safe."""
        ...


@frozen
class RefreshClaim:
    session_id: SessionId
    generation: int


class Tokens(Protocol):
    """Makes and reads the tokens of apps. Contract: tests/contract/test_tokens.py."""

    def access(self, session: Session, at: datetime) -> str:
        """A token for 10 minutes (JWS, RS256)."""
        ...

    def read_access(self, token: str, at: datetime) -> SessionId | None:
        """The session it proves; `None` for whatever does not prove one."""
        ...

    def refresh(self, claim: RefreshClaim) -> str:
        """A token that nobody without the key can make."""
        ...

    def read_refresh(self, token: str) -> RefreshClaim | None: ...
