"""Issuing by blind signatures (RFC 9474, RSABSSA-SHA384-PSS-Randomized's core), as a model in memory.

It shows that the port fits them: the issuer sees a participant and a blinded number, the box a signed token.
No product code: keys, padding and timing of a real one need more care (ADR 0026).
"""

import hashlib
import secrets
from collections.abc import Sequence

from attrs import define, field
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA384

from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.ballots import AlreadyVoted, Participation, SecretBallot
from niktokromenas.ports.issuing import Spent, Token, UnissuedToken

BITS = 2048
_HASH = _SALT = 48
KEY = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
_PUBLIC = KEY.public_key()
_N, _E, _D = _PUBLIC.public_numbers().n, _PUBLIC.public_numbers().e, KEY.private_numbers().d


def _bytes(number: int) -> bytes:
    return number.to_bytes(BITS // 8, "big")


def _mask(seed: bytes, length: int) -> bytes:
    """MGF1 (RFC 8017, B.2.1)."""
    rounds = range(-(-length // _HASH))
    return b"".join(hashlib.sha384(seed + n.to_bytes(4, "big")).digest() for n in rounds)[:length]


def _encoded(words: bytes) -> int:
    """EMSA-PSS (RFC 8017, 9.1.1)."""
    length, salt = BITS // 8, secrets.token_bytes(_SALT)
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(words).digest() + salt).digest()
    block = bytes(length - _SALT - _HASH - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, _mask(digest, len(block)), strict=True))
    masked[0] &= 0x7F
    return int.from_bytes(bytes(masked) + digest + b"\xbc", "big")


@define(eq=False)
class BlindDevice:
    """The voter's: it alone knows which token it covered."""

    survey_id: SurveyId
    words: bytes = field(factory=lambda: secrets.token_bytes(32))
    _cover: int = field(factory=lambda: secrets.randbelow(_N - 2) + 2, init=False)

    def ask(self) -> bytes:
        return _bytes(_encoded(self.survey_id.bytes + self.words) * pow(self._cover, _E, _N) % _N)

    def token(self, signed: bytes) -> Token:
        signature = int.from_bytes(signed, "big") * pow(self._cover, -1, _N) % _N
        return self.words + _bytes(signature)


@define(eq=False)
class BlindIssuing:
    """`issued`: who got a signature and for what; `taken`: what the box holds. Nothing joins the two."""

    issued: dict[Participation, bytes] = field(factory=dict[Participation, bytes])
    taken: dict[bytes, SecretBallot] = field(factory=dict[bytes, SecretBallot])

    async def issue(self, participation: Participation, blinded: bytes) -> bytes:
        """Again for the same blinded words: the answer may have been lost on its way."""
        if self.issued.setdefault(participation, blinded) != blinded:
            raise AlreadyVoted("Вы уже получили право голоса")
        return _bytes(pow(int.from_bytes(blinded, "big"), _D, _N))

    async def spend(self, spent: Sequence[Spent]) -> frozenset[Token]:
        for each in spent:
            words, signature = each.token[:32], each.token[32:]
            scheme = padding.PSS(padding.MGF1(SHA384()), _SALT)
            try:
                _PUBLIC.verify(signature, each.ballot.survey_id.bytes + words, scheme, SHA384())
            except InvalidSignature as error:
                raise UnissuedToken("Этот жетон не выдан для этого голосования") from error
        refused: set[Token] = set()
        for each in spent:
            if self.taken.setdefault(each.token[:32], each.ballot) != each.ballot:
                refused.add(each.token)
        return frozenset(refused)
