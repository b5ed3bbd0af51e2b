"""Issuing that is trusted: who takes part and what they say meet for one unit of work, and are kept apart."""

import secrets
from collections.abc import Sequence

from attrs import define, field

from niktokromenas.domain.surveys.ballots import AlreadyVoted, Participation
from niktokromenas.ports.ballots import Ballots
from niktokromenas.ports.issuing import Spent, Token, UnissuedToken
from niktokromenas.ports.transactions import Transaction

TOKEN_BYTES = 32


@define(eq=False)
class TrustedIssuing:
    """A token is random, known to this unit alone, and leads to its participation: nothing is blinded.

    The participation and the ballot become two rows of the same unit, so that neither is without the other.
    """

    ballots: Ballots
    _issued: dict[Token, Participation] = field(factory=dict[Token, Participation], init=False, repr=False)
    _asked: set[Participation] = field(factory=set[Participation], init=False, repr=False)
    _spent: set[Token] = field(factory=set[Token], init=False, repr=False)

    @classmethod
    def of(cls, tx: Transaction) -> "TrustedIssuing":
        return cls(tx.ballots)

    async def issue(self, participation: Participation, blinded: bytes) -> bytes:
        if participation in self._asked:
            raise AlreadyVoted("Вы уже проголосовали")
        token = secrets.token_bytes(TOKEN_BYTES)
        self._asked.add(participation)
        self._issued[token] = participation
        return token

    async def spend(self, spent: Sequence[Spent]) -> frozenset[Token]:
        pairs = {each.token: (self._participation(each), each.ballot) for each in spent}
        if len(pairs) < len(spent):
            raise ValueError("a token comes twice")
        fresh = {token: pair for token, pair in pairs.items() if token not in self._spent}
        voted = await self.ballots.cast_secret_all(tuple(fresh.values()))
        self._spent |= fresh.keys()
        taken = {token for token, (whose, _) in fresh.items() if whose.participant_id not in voted}
        return frozenset(pairs.keys() - taken)

    def _participation(self, spent: Spent) -> Participation:
        participation = self._issued.get(spent.token)
        if participation is None or participation.survey_id != spent.ballot.survey_id:
            raise UnissuedToken("Этот жетон не выдан для этого голосования")
        return participation
