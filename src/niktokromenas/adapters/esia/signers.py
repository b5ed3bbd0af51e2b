"""Who signs our requests to ESIA: RSA for the demo and tests, GOST by openssl for trying out.

A connection to the real ESIA signs in a certified service; that is another class behind the same port.
"""

import asyncio
import stat
from pathlib import Path

from attrs import Attribute, field, frozen
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from niktokromenas.adapters.esia.openssl import SECONDS, OpensslFailed, gost_sign
from niktokromenas.ports.signatures import SigningFailed


class BadKeyFile(ValueError):
    """The private key cannot be used: absent, open to other users (not mode 0600), or of another kind."""


def require_private(key_file: Path) -> None:
    """Raises `BadKeyFile` unless `key_file` is a file that only its owner can reach."""
    try:
        mode = key_file.stat().st_mode
    except OSError as error:
        raise BadKeyFile(f"no key file: {type(error).__name__}") from None
    if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadKeyFile("the key file must be a plain file of mode 0600")


@frozen
class RsaSigner:
    """RSASSA-PKCS1-v1_5 with SHA-256. Our emulator takes it; ESIA's v2 does not."""

    _key: RSAPrivateKey = field(repr=False)
    certificate_hash: str

    @classmethod
    def from_file(cls, key_file: Path, certificate_hash: str) -> "RsaSigner":
        """`key_file` is PEM without a password. Raises `BadKeyFile`."""
        require_private(key_file)
        try:
            key = load_pem_private_key(key_file.read_bytes(), password=None)
        except (TypeError, ValueError):
            raise BadKeyFile("the key file holds no readable PEM key") from None
        if not isinstance(key, RSAPrivateKey):
            raise BadKeyFile("the key file holds no RSA key")
        return cls(key, certificate_hash)

    async def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, PKCS1v15(), SHA256())


def _private_file(_: object, __: "Attribute[Path]", key_file: Path) -> None:
    require_private(key_file)


@frozen
class GostSigner:
    """GOST R 34.10-2012 (256 bits) by the openssl program; `timeout` in seconds."""

    key_file: Path = field(validator=_private_file)
    certificate_hash: str
    timeout: float = SECONDS

    async def sign(self, message: bytes) -> bytes:
        try:
            return await asyncio.to_thread(gost_sign, message, self.key_file, self.timeout)
        except OpensslFailed as error:
            raise SigningFailed("Подпись запроса не получена") from error
