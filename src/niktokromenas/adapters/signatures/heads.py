"""Signing heads of surveys with the key of the seals: their words begin differently, neither is the other."""

from attrs import frozen

from niktokromenas.adapters.signatures.seals import PublicSeals
from niktokromenas.domain.surveys.log import Head, SignedHead


@frozen
class Ed25519Heads:
    """With `PublicSeals` alone it checks, and `sign` raises `TypeError`."""

    seals: PublicSeals

    def sign(self, head: Head) -> SignedHead:
        return SignedHead(head=head, signature=self.seals.sign(head.signed_words()))

    def is_signed(self, signed: SignedHead) -> bool:
        return self.seals.is_signed(signed.head.signed_words(), signed.signature)

    @property
    def public_key(self) -> bytes:
        return self.seals.public_pem
