"""Signing our requests and believing signed tokens, so that either can move to a certified service."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Protocol

from niktokromenas.domain.errors import Forbidden, Unavailable

Claims = Mapping[str, object]
"""The JSON object inside a token (RFC 7519, section 4). Values are as untrusted as their signer."""


class TokenUse(StrEnum):
    """What a token was made for; one never stands in for the other."""

    ACCESS = "access"
    ID = "id"


class SigningFailed(Unavailable):
    """The signer is out of reach, or what it gave back is no signature."""

    code: ClassVar[str] = "signing-failed"


class TokenRefused(Forbidden):
    """The token is not one that our provider made for us, for this use, valid now."""

    code: ClassVar[str] = "token-refused"


class Signer(Protocol):
    """Holds our private key, or speaks with what holds it.

    Tests: tests/integration/esia/test_signers.py.
    """

    @property
    def certificate_hash(self) -> str:
        """Hex digest (64 characters) of the DER certificate of the key that `sign` uses."""
        ...

    async def sign(self, message: bytes) -> bytes:
        """The raw signature: 64 bytes for GOST R 34.10-2012 (256 bits). Raises `SigningFailed`."""
        ...


class TokenVerifier(Protocol):
    """Tests: tests/integration/esia/test_hostile_tokens.py."""

    async def verify(self, token: str, use: TokenUse) -> Claims:
        """The claims, once signature, addressee, issuer, use and times hold. Raises `TokenRefused`.

        Who the person is, and whether two tokens belong together, is left to the caller.
        """
        ...
