"""GOST R 34.10-2012 as an algorithm of python-jose, which has none of its own."""

from jose import jwk
from jose.backends.base import Key

from niktokromenas.adapters.esia.config import GOST
from niktokromenas.adapters.esia.openssl import gost_verify, streebog256


class GostKey(Key):  # type: ignore[misc]  # jose has no types
    """A public key, PEM SubjectPublicKeyInfo. It verifies only; `verify` blocks for some 10 ms."""

    def __init__(self, key: str | bytes, algorithm: str) -> None:
        super().__init__(key, algorithm)
        self._pem = key.encode("ascii") if isinstance(key, str) else key

    def verify(self, msg: bytes, sig: bytes) -> bool:
        return gost_verify(msg, sig, self._pem)

    def public_key(self) -> "GostKey":
        return self


def register_gost() -> None:
    """Make jose know GOST; for the whole process, so call it once, where the parts are put together.

    Raises `OpensslFailed` if openssl has no `gost` engine, lest every token look forged later.
    """
    streebog256(b"")
    jwk.register_key(GOST, GostKey)
