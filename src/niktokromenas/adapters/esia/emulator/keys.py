"""Keys of the imitation and of the demo client: made at first start, kept with mode 0600, never shared."""

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Protocol

from attrs import field, frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from niktokromenas.adapters.esia.config import GOST, RS256, Algorithm
from niktokromenas.adapters.esia.openssl import ENGINE, gost_sign, openssl, streebog256
from niktokromenas.ports.clock import Clock

LIFE = timedelta(days=365)
_DAY = timedelta(days=1)


class ClientKeys(NamedTuple):
    """What a registered system holds: PEM, PEM and the hash it sends as `client_certificate_hash`."""

    key: bytes
    certificate: bytes
    certificate_hash: str


class SigningKey(Protocol):
    """What the imitation signs tokens with. `sign` blocks; `certificate` is PEM."""

    @property
    def algorithm(self) -> Algorithm: ...
    @property
    def certificate(self) -> bytes: ...
    def sign(self, message: bytes) -> bytes: ...


@frozen
class RsaKey:
    private: RSAPrivateKey = field(repr=False)
    certificate: bytes
    algorithm: Algorithm = RS256

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, PKCS1v15(), SHA256())


@frozen
class GostFileKey:
    key_file: Path
    certificate: bytes
    algorithm: Algorithm = GOST

    def sign(self, message: bytes) -> bytes:
        return gost_sign(message, self.key_file)


def certificate_hash(certificate: bytes, algorithm: Algorithm) -> str:
    """64 hex digits, upper case, over the DER certificate.

    Streebog-256 for GOST, as ESIA has it. SHA-256 for RSA is the imitation's own choice: ESIA knows no
    RSA client in this generation, and Streebog needs the engine that an RSA demo has no other use for.
    """
    der = x509.load_pem_x509_certificate(certificate).public_bytes(Encoding.DER)
    digest = streebog256(der) if algorithm == GOST else hashlib.sha256(der).digest()
    return digest.hex().upper()


def demo_client_keys(folder: Path, clock: Clock, algorithm: Algorithm = RS256) -> ClientKeys:
    """Keys for a system of ours, in `folder` as `client-….pem`, made anew when absent or ended.

    The key file is `client_key_file(folder, algorithm)`.
    """
    key, certificate = _kept(folder, f"client-{algorithm.lower()}", "NIKTOKROMENAS", clock.now(), algorithm)
    return ClientKeys(key, certificate, certificate_hash(certificate, algorithm))


def client_key_file(folder: Path, algorithm: Algorithm = RS256) -> Path:
    return folder / f"client-{algorithm.lower()}-key.pem"


def token_key(folder: Path, now: datetime, algorithm: Algorithm) -> SigningKey:
    """The key that tokens are signed with now."""
    name = f"esia-{algorithm.lower()}"
    key, certificate = _kept(folder, name, "ESIA (imitation)", now, algorithm)
    if algorithm == GOST:
        return GostFileKey(folder / f"{name}-key.pem", certificate)
    return RsaKey(_rsa_key(key), certificate)


def retired_key(now: datetime) -> RsaKey:
    """A key whose certificate ended yesterday."""
    key, certificate = _new_rsa("ESIA (imitation, retired)", now - LIFE - _DAY)
    return RsaKey(_rsa_key(key), certificate)


def _rsa_key(pem: bytes) -> RSAPrivateKey:
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("no RSA key in the file")
    return key


def _kept(folder: Path, name: str, subject: str, now: datetime, algorithm: Algorithm) -> tuple[bytes, bytes]:
    """Key and certificate, PEM, from `folder`; made there if absent or if the dates do not hold."""
    key_file, certificate_file = folder / f"{name}-key.pem", folder / f"{name}-certificate.pem"
    if key_file.exists() and certificate_file.exists():
        certificate = certificate_file.read_bytes()
        parsed = x509.load_pem_x509_certificate(certificate)
        if parsed.not_valid_before_utc <= now < parsed.not_valid_after_utc - _DAY:
            return key_file.read_bytes(), certificate
    key, certificate = _new_gost(subject) if algorithm == GOST else _new_rsa(subject, now)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(key_file, key)
    _write(certificate_file, certificate)
    return key, certificate


def _write(file: Path, content: bytes) -> None:
    """Whole and private from its first moment."""
    beside = file.with_suffix(f".{os.getpid()}")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
    beside.replace(file)


def _new_rsa(subject: str, now: datetime) -> tuple[bytes, bytes]:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + LIFE)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, certificate.public_bytes(Encoding.PEM)


def _new_gost(subject: str) -> tuple[bytes, bytes]:
    """Dates by the machine's clock: `openssl req` takes no other."""
    key = openssl("genpkey", *ENGINE, "-algorithm", "gost2012_256", "-pkeyopt", "paramset:A")
    with TemporaryDirectory(prefix="nkn-gost-") as folder:
        key_file = Path(folder, "key.pem")
        _write(key_file, key)
        certificate = openssl(
            "req", *ENGINE, "-x509", "-new", "-md_gost12_256", "-key", str(key_file),
            "-subj", f"/CN={subject}", "-days", str(LIFE.days),
        )  # fmt: skip
    return key, certificate
