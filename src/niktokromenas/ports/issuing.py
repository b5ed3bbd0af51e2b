"""Letting a participant put one secret ballot into the box: a token is issued and spent (разд. 9; ADR 0026).

Two steps, so that blind signatures (RFC 9474) can stand where trust stands today: whoever issues knows the
participant and not the ballot, whoever takes the ballot knows the token and not the participant.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from attrs import field, frozen

from niktokromenas.domain.errors import Forbidden
from niktokromenas.domain.surveys.ballots import Participation, SecretBallot
from niktokromenas.ports.transactions import Transaction

Token = bytes


class UnissuedToken(Forbidden):
    """Nobody issued it, or for another survey."""

    code: ClassVar[str] = "unissued-token"


@frozen(kw_only=True)
class Spent:
    """All that the taking of a ballot learns."""

    token: Token = field(repr=False)
    ballot: SecretBallot


class Issuing(Protocol):
    """Tokens and ballots of one unit of work. Contract: tests/contract/test_issuing.py.

    A participant gets one token a survey, a token puts in one ballot. Who asks again is told `AlreadyVoted`:
    by `issue`, or by `spend` where both are one unit and the store alone knows. What a unit that failed has
    issued is worth nothing.
    """

    async def issue(self, participation: Participation, blinded: bytes) -> bytes:
        """What the device turns into its token. `blinded`: what it asks to be signed, its face covered.

        Raises `AlreadyVoted`.
        """
        ...

    async def spend(self, spent: Sequence[Spent]) -> frozenset[Token]:
        """Put in the ballots, each with a token of its own, and tell the tokens whose ballots are not taken.

        Those had been spent before, or their participants had voted. Raises `UnissuedToken`, `RepeatedLeaf`:
        then none is taken.
        """
        ...


IssuingOf = Callable[[Transaction], Issuing]
