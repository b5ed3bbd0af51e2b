"""The identity provider, as sign-in needs it."""

from datetime import datetime
from typing import ClassVar, Protocol

from attrs import frozen

from niktokromenas.domain.errors import DomainError, Forbidden, Unavailable
from niktokromenas.domain.participants.identity import Identity


class IdentityRefused(Forbidden):
    """The provider's answer does not prove who someone is, or the person cancelled.

    `members["reason"]` is a stable word: `cancelled`, `not-confirmed`, `account-deleted`, `bad-answer`,
    `expired`.
    """

    code: ClassVar[str] = "identity-refused"
    basis: ClassVar[str | None] = "Положение, п. 3 (4)"


class IdentityUnavailable(Unavailable):
    """The provider did not answer, or not in a way that says anything about the person."""

    code: ClassVar[str] = "identity-unavailable"


@frozen(kw_only=True)
class Attempt:
    """One try to sign in: its one-use state, its PKCE verifier (RFC 7636) and when it began (UTC)."""

    state: str
    code_verifier: str
    began_at: datetime
    asks_born: bool = False
    """Whether the person agreed to be asked for the date of birth."""


class IdentityGateway(Protocol):
    """ESIA or what stands in for it. Contract: tests/contract/test_identity.py."""

    async def authorisation_url(self, attempt: Attempt) -> str:
        """Where to send the person's browser. Raises `IdentityUnavailable` if signing fails."""
        ...

    async def identify(self, code: str, attempt: Attempt) -> Identity:
        """Exchange `code` and read who it is.

        Raises `IdentityRefused` or `IdentityUnavailable`. Never returns an unconfirmed person.
        """
        ...

    def refusal(self, error: str, description: str) -> DomainError:
        """What the provider's answer without a code means: `IdentityRefused` or `IdentityUnavailable`.

        Both are text that came through the browser: nothing of them is repeated.
        """
        ...

    def logout_url(self) -> str:
        """Where to send the browser to end the provider's own session."""
        ...
