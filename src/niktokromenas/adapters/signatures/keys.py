"""Keys of the installation: made once, readable by their owner alone."""

import os
from pathlib import Path

from attrs import field, frozen
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

RSA_BITS = 2048


class KeysExposed(PermissionError):
    """A key file can be read by others: refuse to use it."""


@frozen
class InstallationKeys:
    """Private keys in PEM and a secret: for the tokens of apps, for the seals, for signed links."""

    tokens: bytes = field(repr=False)
    seals: bytes = field(repr=False)
    links: bytes = field(repr=False)


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def fresh_keys() -> InstallationKeys:
    """Keys that live as long as the process."""
    return InstallationKeys(
        tokens=_pem(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)),
        seals=_pem(ed25519.Ed25519PrivateKey.generate()),
        links=os.urandom(32),
    )


def kept_keys(folder: Path) -> InstallationKeys:
    """Keys of the folder; those that are not there yet are made with mode 0600. Raises `KeysExposed`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = ("tokens.pem", "seals.pem", "links.key")
    if not all((folder / name).exists() for name in names):
        fresh = fresh_keys()
        for name, key in zip(names, (fresh.tokens, fresh.seals, fresh.links), strict=True):
            _keep(folder / name, key)
    return InstallationKeys(*(_read(folder / name) for name in names))


def _keep(path: Path, key: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(key)


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise KeysExposed(f"{path.name} can be read by others: chmod 600")
    return path.read_bytes()
