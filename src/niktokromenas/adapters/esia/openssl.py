"""GOST by the `openssl` program with its `gost` engine (Debian: libengine-gost-openssl).

Not certified cryptography: for tests, the demo and trying out. Byte order is that of OpenSSL, which ESIA
takes as it is. All functions block; call them in a thread. All raise `OpensslFailed`.
"""

import subprocess
import tempfile
from pathlib import Path

ENGINE = ("-engine", "gost")
SECONDS = 10.0
SIGNATURE_BYTES = 64
_DIGEST = "-md_gost12_256"


class OpensslFailed(Exception):
    """The program is missing, has no `gost` engine, did not finish in time or refused its input."""


def openssl(*arguments: str, given: bytes = b"", timeout: float = SECONDS) -> bytes:
    """What `openssl` wrote for `given` on its standard input."""
    completed = _run(arguments, given, timeout)
    if completed.returncode != 0:
        raise OpensslFailed(f"openssl {arguments[0]} ended with {completed.returncode}")
    return completed.stdout


def _run(arguments: tuple[str, ...], given: bytes, timeout: float) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            ("openssl", *arguments), input=given, capture_output=True, timeout=timeout, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise OpensslFailed(f"openssl {arguments[0]}: {type(error).__name__}") from None


def streebog256(message: bytes) -> bytes:
    """GOST R 34.11-2012, 32 bytes."""
    digest = openssl("dgst", *ENGINE, _DIGEST, "-binary", given=message)
    if len(digest) != 32:
        raise OpensslFailed("openssl dgst gave no digest")
    return digest


def gost_sign(message: bytes, key_file: Path, timeout: float = SECONDS) -> bytes:
    """GOST R 34.10-2012 over Streebog-256: s‖r, 64 bytes."""
    signature = openssl("dgst", *ENGINE, _DIGEST, "-sign", str(key_file), given=message, timeout=timeout)
    if len(signature) != SIGNATURE_BYTES:
        raise OpensslFailed("openssl dgst gave no signature")
    return signature


def gost_verify(message: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether `signature` (any bytes) is that of the key, PEM SubjectPublicKeyInfo."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    with tempfile.TemporaryDirectory(prefix="nkn-gost-") as folder:
        key_file, signature_file = Path(folder, "public.pem"), Path(folder, "signature")
        key_file.write_bytes(public_key)
        signature_file.write_bytes(signature)
        arguments = ("dgst", *ENGINE, _DIGEST, "-verify", str(key_file), "-signature", str(signature_file))
        completed = _run(arguments, message, SECONDS)
    if completed.returncode == 0 and completed.stdout.strip() == b"Verified OK":
        return True
    if completed.stdout.strip() == b"Verification failure":
        return False
    raise OpensslFailed("openssl dgst could not verify")


def gost_public_key(certificate: bytes) -> bytes:
    """The key of a PEM certificate, as PEM SubjectPublicKeyInfo."""
    return openssl("x509", *ENGINE, "-noout", "-pubkey", given=certificate)
