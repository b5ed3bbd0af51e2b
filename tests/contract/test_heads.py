"""The contract of `HeadSigner`: whoever has a head, its signature and the public key can tell it is ours."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.signatures.heads import Ed25519Heads
from niktokromenas.adapters.signatures.keys import fresh_keys
from niktokromenas.adapters.signatures.seals import Ed25519Seals, PublicSeals
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.log import EMPTY_ROOT, Head, SignedHead
from niktokromenas.ports.heads import HeadSigner

KEYS, OTHER_KEYS = fresh_keys(), fresh_keys()
SIGNER = Ed25519Heads(Ed25519Seals(KEYS.seals))
HEAD = Head(
    survey_id=SurveyId(UUID(int=1)),
    size=3,
    root=EMPTY_ROOT,
    content=bytes(32),
    sealed_at=datetime(2026, 11, 26, tzinfo=UTC),
)


def check_a_signature_holds_for_its_head_alone(signer: HeadSigner) -> None:
    signed = signer.sign(HEAD)
    assert signed.head == HEAD
    assert signer.is_signed(signed), "a true signature is not believed"
    for other in (
        evolve(HEAD, survey_id=SurveyId(UUID(int=2))),
        evolve(HEAD, size=4),
        evolve(HEAD, root=bytes(32)),
        evolve(HEAD, content=EMPTY_ROOT),
        evolve(HEAD, sealed_at=HEAD.sealed_at + timedelta(microseconds=1)),
    ):
        assert not signer.is_signed(evolve(signed, head=other)), "a signature holds for another head"
    others = Ed25519Heads(Ed25519Seals(OTHER_KEYS.seals)).sign(HEAD)
    assert not signer.is_signed(others), "a signature of another key is believed"


def test_a_signature_holds_for_its_head_alone() -> None:
    check_a_signature_holds_for_its_head_alone(SIGNER)


def test_the_published_key_alone_checks_a_head() -> None:
    outsider = Ed25519Heads(PublicSeals.of(SIGNER.public_key))
    assert outsider.is_signed(SIGNER.sign(HEAD))
    with pytest.raises(TypeError):
        outsider.sign(HEAD)


def test_a_seal_of_the_audit_trail_is_no_signature_of_a_head() -> None:
    words = b"niktokromenas audit seal 1 5 00"
    signature = Ed25519Seals(KEYS.seals).sign(words)
    assert not SIGNER.is_signed(SignedHead(head=HEAD, signature=signature))


@given(place=st.integers(0, 63), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_spoils_a_signature(place: int, bit: int) -> None:
    signed = SIGNER.sign(HEAD)
    spoilt = bytearray(signed.signature)
    spoilt[place] ^= 1 << bit
    assert not SIGNER.is_signed(evolve(signed, signature=bytes(spoilt)))
