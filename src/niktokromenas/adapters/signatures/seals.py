"""Signing the audit chain's heads with Ed25519 (RFC 8032)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class Ed25519Seals:
    def __init__(self, pem: bytes) -> None:
        key = load_pem_private_key(pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("seals are signed with an Ed25519 key")
        self._key = key

    def sign(self, words: bytes) -> bytes:
        return self._key.sign(words)

    def is_signed(self, words: bytes, signature: bytes) -> bool:
        try:
            self._key.public_key().verify(signature, words)
        except InvalidSignature:
            return False
        return True
