"""Signers, and a whole sign-in by GOST."""

import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.esia.config import GOST
from niktokromenas.adapters.esia.emulator.keys import client_key_file, demo_client_keys
from niktokromenas.adapters.esia.gost_jose import register_gost
from niktokromenas.adapters.esia.openssl import (
    OpensslFailed,
    gost_public_key,
    gost_sign,
    gost_verify,
    openssl,
    streebog256,
)
from niktokromenas.adapters.esia.signers import BadKeyFile, GostSigner, RsaSigner
from niktokromenas.ports.identity import IdentityRefused
from niktokromenas.ports.signatures import SigningFailed, TokenRefused, TokenUse
from tests.integration.esia.support import HandClock, Setting, standing


@pytest.fixture
def gost_engine() -> None:
    try:
        register_gost()
    except OpensslFailed:
        why = "openssl has no GOST engine: install the Debian package libengine-gost-openssl"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)


def machine_clock() -> HandClock:
    """GOST certificates are dated by the machine."""
    return HandClock(datetime.now(UTC).replace(microsecond=0))


async def test_an_rsa_signature_is_that_of_the_certificates_key(keys: Path) -> None:
    client = demo_client_keys(keys, HandClock())
    signer = RsaSigner.from_file(client_key_file(keys), client.certificate_hash)
    signature = await signer.sign("сообщение".encode())
    key = x509.load_pem_x509_certificate(client.certificate).public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(signature, "сообщение".encode(), PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"another", PKCS1v15(), SHA256())
    assert re.fullmatch("[0-9A-F]{64}", signer.certificate_hash)
    assert "PRIVATE" not in repr(signer)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
async def test_a_key_that_others_can_reach_is_refused(keys: Path, tmp_path: Path, mode: int) -> None:
    copied = tmp_path / "key.pem"
    copied.write_bytes(demo_client_keys(keys, HandClock()).key)
    copied.chmod(mode)
    with pytest.raises(BadKeyFile):
        RsaSigner.from_file(copied, "00")
    with pytest.raises(BadKeyFile):
        GostSigner(copied, "00")
    copied.chmod(0o600)
    RsaSigner.from_file(copied, "00")


@pytest.mark.parametrize(
    "content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"]
)
async def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.pem"
    file.touch(0o600)
    file.write_bytes(content)
    with pytest.raises(BadKeyFile):
        RsaSigner.from_file(file, "00")
    with pytest.raises(BadKeyFile):
        RsaSigner.from_file(tmp_path / "absent.pem", "00")
    with pytest.raises(BadKeyFile):
        RsaSigner.from_file(tmp_path, "00")


async def test_a_gost_key_that_openssl_cannot_read_is_a_failed_signing(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.touch(0o600)
    with pytest.raises(SigningFailed):
        await GostSigner(file, "00").sign(b"message")


def test_keys_are_private_and_kept_until_their_certificate_ends(tmp_path: Path) -> None:
    clock = HandClock()
    first = demo_client_keys(tmp_path / "new", clock)
    assert demo_client_keys(tmp_path / "new", clock) == first
    for file in (tmp_path / "new").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    clock.advance(366 * 86400)
    assert demo_client_keys(tmp_path / "new", clock) != first


def test_a_missing_option_or_program_is_a_failure_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OpensslFailed):
        openssl("dgst", "-engine", "nonesuch", "-md_gost12_256")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(OpensslFailed):
        openssl("version")


@pytest.mark.usefixtures("gost_engine")
def test_streebog_gives_the_digest_of_its_standard() -> None:
    """RFC 6986, example 10.1.2 (M1), written in the byte order of OpenSSL."""
    message = b"012345678901234567890123456789012345678901234567890123456789012"
    assert streebog256(message).hex() == "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500"


@pytest.mark.usefixtures("gost_engine")
async def test_a_gost_signature_has_64_bytes_and_is_that_of_the_certificates_key(keys: Path) -> None:
    client = demo_client_keys(keys, machine_clock(), GOST)
    signer = GostSigner(client_key_file(keys, GOST), client.certificate_hash)
    signature = await signer.sign(b"message")
    public = gost_public_key(client.certificate)
    assert len(signature) == 64
    assert gost_verify(b"message", signature, public)
    assert not gost_verify(b"another", signature, public)
    assert not gost_verify(b"message", signature[::-1], public)
    assert not gost_verify(b"message", signature[:-1], public)
    assert re.fullmatch("[0-9A-F]{64}", client.certificate_hash)
    with pytest.raises(OpensslFailed):
        gost_verify(b"message", signature, b"no key")


@pytest.mark.usefixtures("gost_engine")
@given(message=st.binary(max_size=300))
@settings(max_examples=10, deadline=None)
def test_any_bytes_signed_by_gost_verify(keys: Path, message: bytes) -> None:
    client = demo_client_keys(keys, machine_clock(), GOST)
    signature = gost_sign(message, client_key_file(keys, GOST))
    assert gost_verify(message, signature, gost_public_key(client.certificate))


@pytest.mark.usefixtures("gost_engine")
@pytest.mark.clause("3.4")
async def test_a_whole_sign_in_by_gost_alone(keys: Path) -> None:
    async with standing(keys, Setting(is_gost=True), machine_clock()) as stand:
        assert (await stand.identify("1000000011")).organisations[0].is_chief
        wrongs: list[dict[str, object]] = [
            {"tampered_token": True},
            {"retired_key": True},
            {"algorithm": "none"},
        ]
        for switches in wrongs:
            stand.emulator.faults.clear()
            stand.emulator.faults.set(switches)
            with pytest.raises(IdentityRefused):
                await stand.identify("1000000011")


@pytest.mark.usefixtures("gost_engine")
async def test_a_gost_token_with_any_changed_character_is_refused(keys: Path) -> None:
    async with standing(keys, Setting(is_gost=True), machine_clock()) as stand:
        attempt = stand.attempt()
        answer = await stand.choose("1000000001", attempt)
        await stand.gateway.identify(answer["code"], attempt)
        (token,) = stand.emulator.imitation.accesses
        verify = stand.gateway.verifier.verify
        assert (await verify(token, TokenUse.ACCESS))["urn:esia:sbj_id"] == 1000000001
        for place in range(0, len(token), 37):
            changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            with pytest.raises(TokenRefused):
                await verify(changed, TokenUse.ACCESS)
