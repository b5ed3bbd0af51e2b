"""The contract of `SealSigner`: who has the words and the signature can tell whether both are ours."""

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.signatures.keys import fresh_keys
from niktokromenas.adapters.signatures.seals import Ed25519Seals
from niktokromenas.ports.audit import SealSigner

KEYS, OTHER_KEYS = fresh_keys(), fresh_keys()
SIGNER = Ed25519Seals(KEYS.seals)


def check_a_signature_holds_for_its_words_alone(signer: SealSigner) -> None:
    words = b"niktokromenas audit seal 1 5 00"
    signature = signer.sign(words)
    assert signer.is_signed(words, signature), "a true signature is not believed"
    assert not signer.is_signed(words + b"1", signature), "a signature holds for other words"
    others = Ed25519Seals(OTHER_KEYS.seals).sign(words)
    assert not signer.is_signed(words, others), "a signature of another key is believed"


def test_a_signature_holds_for_its_words_alone() -> None:
    check_a_signature_holds_for_its_words_alone(SIGNER)


def test_a_process_started_later_with_the_same_key_believes_it() -> None:
    words = b"words"
    assert Ed25519Seals(KEYS.seals).is_signed(words, SIGNER.sign(words))


@given(words=st.binary(max_size=200), place=st.integers(0, 63), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_spoils_a_signature(words: bytes, place: int, bit: int) -> None:
    signature = bytearray(SIGNER.sign(words))
    assert SIGNER.is_signed(words, bytes(signature))
    signature[place] ^= 1 << bit
    assert not SIGNER.is_signed(words, bytes(signature))


@given(words=st.binary(max_size=20), signature=st.binary(max_size=100))
def test_what_is_no_signature_is_not_believed_and_breaks_nothing(words: bytes, signature: bytes) -> None:
    assert not SIGNER.is_signed(words, signature)


def test_seals_take_no_other_kind_of_key() -> None:
    with pytest.raises(TypeError):
        Ed25519Seals(KEYS.tokens)
    public = serialization.load_pem_private_key(KEYS.seals, password=None).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ValueError, match=r"(?i)key"):
        Ed25519Seals(pem)
