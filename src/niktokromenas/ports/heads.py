"""Signing what was counted, so that whoever recounts a survey can tell whose count it was (разд. 9)."""

from typing import Protocol

from niktokromenas.domain.surveys.log import Head, SignedHead


class HeadSigner(Protocol):
    """Signs the heads of ended surveys. Contract: tests/contract/test_heads.py.

    The signature covers `Head.signed_words` and nothing else; a signature of anything else of ours
    (audit seals, tokens) is never one of a head.
    """

    def sign(self, head: Head) -> SignedHead: ...

    def is_signed(self, signed: SignedHead) -> bool: ...

    @property
    def public_key(self) -> bytes:
        """Of the key that `sign` uses, in PEM (SubjectPublicKeyInfo): what is published."""
        ...
