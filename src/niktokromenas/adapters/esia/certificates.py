"""The provider's certificates that an operator chose to trust, and the keys in them."""

from collections.abc import Iterable
from datetime import datetime

from attrs import field, frozen
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jwk
from jose.backends.base import Key
from jose.constants import ALGORITHMS

from niktokromenas.adapters.esia.config import GOST, Algorithm
from niktokromenas.adapters.esia.openssl import gost_public_key

MINIMUM_RSA_BITS = 2048


@frozen
class TrustedKey:
    """A key ready for jose, and the instants (UTC) between which its certificate holds."""

    not_before: datetime
    not_after: datetime
    key: Key = field(repr=False)

    def is_valid(self, at: datetime) -> bool:
        return self.not_before <= at <= self.not_after


def trusted_key(certificate: bytes, algorithm: Algorithm) -> TrustedKey:
    """Read a PEM certificate. Raises `ValueError` if its key cannot serve `algorithm`; `OpensslFailed`."""
    if algorithm not in ALGORITHMS.SUPPORTED:
        raise ValueError(f"{algorithm} is unknown to jose: call register_gost() first")
    parsed = x509.load_pem_x509_certificate(certificate)
    public_key = gost_public_key(certificate) if algorithm == GOST else _rsa_public_key(parsed)
    key = jwk.construct(public_key.decode("ascii"), algorithm)
    return TrustedKey(parsed.not_valid_before_utc, parsed.not_valid_after_utc, key)


def _rsa_public_key(certificate: x509.Certificate) -> bytes:
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        raise ValueError("the certificate holds no RSA key") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < MINIMUM_RSA_BITS:
        raise ValueError(f"the certificate holds no RSA key of {MINIMUM_RSA_BITS} bits or more")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def trusted_keys(certificates: Iterable[bytes], algorithm: Algorithm) -> tuple[TrustedKey, ...]:
    return tuple(trusted_key(certificate, algorithm) for certificate in certificates)
