"""The ballot box: what a unit puts in, and what is read from it when it is counted (Положение, разд. 9).

Of secret ballots a store keeps who took part and what was said in two places that share nothing but the
survey. What can still be learnt, by whom and when: ADR 0024.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from attrs import field, frozen

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.surveys.ballots import Edition, OpenBallot, Participation, SecretBallot
from niktokromenas.domain.surveys.content import Dimension


class BallotNotFound(NotFound):
    code: ClassVar[str] = "ballot-not-found"


class Kept(StrEnum):
    """What is rewritten after closing."""

    BALLOTS = "ballots"
    PARTICIPATIONS = "participations"


class Ballots(Protocol):
    """Ballots of one unit. Contract: tests/contract/test_ballots.py.

    Nothing here goes to the outbox.
    """

    async def cast(self, ballot: OpenBallot) -> None:
        """Raises `AlreadyVoted`, `RepeatedLeaf`."""
        ...

    async def cast_all(self, ballots: Sequence[OpenBallot]) -> frozenset[ParticipantId]:
        """Of one survey, each of another participant. Who had voted before: their ballots stay as they are.

        Raises `RepeatedLeaf`.
        """
        ...

    async def of(self, participation: Participation) -> OpenBallot:
        """The participant's open ballot with what it said before. Raises `BallotNotFound`."""
        ...

    async def change(self, ballot: OpenBallot) -> None:
        """Store what `change_open` made of the ballot as it was read.

        Raises `StaleVersion`, `RepeatedLeaf`.
        """
        ...

    async def cast_secret(self, participation: Participation, ballot: SecretBallot) -> None:
        """Two rows that nothing joins. Raises `AlreadyVoted`, `RepeatedLeaf`."""
        ...

    async def cast_secret_all(
        self, cast: Sequence[tuple[Participation, SecretBallot]]
    ) -> frozenset[ParticipantId]:
        """As `cast_all`. Rows are written by their keys: the order in which they came is not told."""
        ...

    async def secret(self, survey_id: SurveyId, ballot_id: BallotId) -> SecretBallot:
        """By its own key, which only the voter's device knows. Raises `BallotNotFound`."""
        ...

    async def change_secret(self, before: SecretBallot, after: SecretBallot) -> None:
        """Raises `StaleVersion` where it is not as it was, and `RepeatedLeaf`."""
        ...

    async def participated(
        self, participant_id: ParticipantId, surveys: Collection[SurveyId]
    ) -> frozenset[SurveyId]:
        """In which of these surveys the participant took part."""
        ...

    async def rewrite_in_key_order(
        self, survey_id: SurveyId, kept: Kept, after: UUID | None, limit: int
    ) -> UUID | None:
        """Write up to `limit` rows of an ended secret survey anew, by rising keys above `after`.

        What the store itself remembers of when a row came, its place or its transaction, is then of this
        unit, and no ballot has a change lock. Returns the last key where there may be more, for the next
        unit; harmless if done again. Afterwards `BallotTraces.sweep`.
        """
        ...


@frozen(kw_only=True)
class Vote:
    """A ballot as it is counted, open or secret; whose it is is not here."""

    answers: bytes
    """Canonical."""
    salt: bytes = field(repr=False)
    leaf: bytes
    marks: Mapping[Dimension, str]


@frozen(kw_only=True)
class Named:
    """An open ballot in the public list of those who agreed to be named; `leaf` is its place there."""

    leaf: bytes
    name: str = field(repr=False)
    answers: bytes


@frozen
class BoxCount:
    """`participants` and `ballots` are one number, or something is wrong with the store."""

    participants: int
    ballots: int


class BallotRegister(Protocol):
    """Reading ballots outside a unit: only what is committed. Contract: tests/contract/test_ballots.py."""

    def votes(self, survey_id: SurveyId, start: bytes = b"") -> AsyncIterator[Vote]:
        """Every ballot by its leaf, as the log has them; a bounded number is in memory at a time.

        `start`: only those after this leaf.
        """
        ...

    async def index_of(self, survey_id: SurveyId, leaf: bytes) -> int | None:
        """Where the leaf stands in the log, from 0; `None` where it does not."""
        ...

    async def leaves(self, survey_id: SurveyId, after: bytes, limit: int) -> tuple[bytes, ...]:
        """Of the log, in its order, those above `after`; `b""` stands before the first."""
        ...

    async def named(self, survey_id: SurveyId, after: bytes | None, limit: int) -> tuple[Named, ...]:
        """Open ballots with a name, by leaf, after the given one: no participant's id leaves the store."""
        ...

    async def editions(self, participation: Participation) -> tuple[Edition, ...]:
        """What an open ballot said before, the oldest first."""
        ...

    async def count(self, survey_id: SurveyId) -> BoxCount: ...


class BallotTraces(Protocol):
    """What a store still holds of rows that were written anew. Contract: tests/contract/test_ballots.py."""

    async def sweep(self) -> bool:
        """Let go of it, outside a unit; ballots stay as they are.

        `False` where somebody reads what should go: ask again later.
        """
        ...
