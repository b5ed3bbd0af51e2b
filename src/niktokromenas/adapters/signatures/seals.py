"""Signing the audit chain's heads with Ed25519 (RFC 8032)."""

from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


class PublicSeals:
    """Checks seals where the private key is not, such as beside a backup."""

    def __init__(self, public: Ed25519PublicKey) -> None:
        self._public = public

    @classmethod
    def of(cls, pem: bytes) -> Self:
        """Raises `ValueError` where this is no public key in PEM, `TypeError` where it is another kind."""
        public = load_pem_public_key(pem)
        if not isinstance(public, Ed25519PublicKey):
            raise TypeError("seals are checked with an Ed25519 key")
        return cls(public)

    @property
    def public_pem(self) -> bytes:
        return self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, words: bytes) -> bytes:
        raise TypeError("a public key signs nothing")

    def is_signed(self, words: bytes, signature: bytes) -> bool:
        try:
            self._public.verify(signature, words)
        except InvalidSignature:
            return False
        return True


class Ed25519Seals(PublicSeals):
    def __init__(self, pem: bytes) -> None:
        key = load_pem_private_key(pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("seals are signed with an Ed25519 key")
        super().__init__(key.public_key())
        self._key = key

    def sign(self, words: bytes) -> bytes:
        return self._key.sign(words)
