"""Free words of ballots, apart from the ballots they came from (Положение, разд. 9).

Nothing here tells whose words they are, when they were said, or what else the same ballot says: keys are
random, and once all are there the rows are written anew in the order of their keys.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from attrs import field, frozen

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.remarks import Remark, RemarkStage


class RemarkNotFound(NotFound):
    code: ClassVar[str] = "remark-not-found"


class GatheringPhase(StrEnum):
    READING = "reading"
    """Ballots are read; nothing is to be seen yet."""
    LAYING = "laying"
    """All are read; rows are written anew by rising keys and become visible."""
    SWEEPING = "sweeping"
    """All are visible; the store still holds something of the rows as they were first written."""
    OVER = "over"


@frozen(kw_only=True)
class Gathering:
    """How far the words of a survey have come. `after` is the leaf of the ballot read last."""

    survey_id: SurveyId
    after: bytes = b""
    phase: GatheringPhase = GatheringPhase.READING


@frozen(kw_only=True)
class Gathered:
    """What a batch of ballots holds. `spots`: points by question and municipality."""

    remarks: Sequence[Remark] = ()
    spots: Mapping[tuple[str, str], int] = field(factory=dict[tuple[str, str], int])
    last_leaf: bytes | None = None
    """Of the batch; `None` where no ballot was left."""


@frozen(kw_only=True)
class RemarkCounts:
    unread: int = 0
    shown: int = 0
    hidden: int = 0


@frozen(kw_only=True)
class QueuedRemark:
    """For the moderator, who knows nothing of the survey yet."""

    remark: Remark
    number: str
    title: str
    question_words: str


@frozen(kw_only=True)
class RemarkPlace:
    """Where a page of the queue ended."""

    survey_id: SurveyId
    id: UUID


class Remarks(Protocol):
    """Remarks of one unit. Contract: tests/contract/test_remarks.py."""

    async def begin(self, survey_id: SurveyId) -> None:
        """The words of this published survey are to be gathered; harmless if asked again."""
        ...

    async def gather(self, gathering: Gathering, found: Gathered) -> None:
        """Store what the next ballots hold, in the order of the remarks' keys, and how far that is.

        Without a last leaf there were no more: `LAYING` follows. Raises `StaleVersion` where the gathering
        has gone on since it was read: nothing is gathered twice.
        """
        ...

    async def lay_out(self, survey_id: SurveyId, limit: int) -> int:
        """Write up to `limit` gathered remarks anew, by rising keys; these are seen from then on.

        How many there were; fewer than `limit` are the last: `SWEEPING` follows.
        """
        ...

    async def end_gathering(self, survey_id: SurveyId) -> None:
        """`OVER`: nothing more of it will be gathered."""
        ...

    async def get(self, remark_id: UUID) -> Remark:
        """Raises `RemarkNotFound`, also for one that is not laid out yet."""
        ...

    async def save(self, remark: Remark) -> Remark:
        """A decided one, version + 1. Raises `StaleVersion`."""
        ...


class RemarkRegister(Protocol):
    """Reading remarks outside a unit: only what is committed. Contract: tests/contract/test_remarks.py."""

    async def unfinished(self, limit: int) -> tuple[Gathering, ...]:
        """Gatherings that are not over, by survey."""
        ...

    async def queue(
        self, stage: RemarkStage, survey_id: SurveyId | None, after: RemarkPlace | None, limit: int
    ) -> tuple[QueuedRemark, ...]:
        """Of published surveys, or of one of them: by survey, the oldest first, then by key."""
        ...

    async def shown(
        self, survey_id: SurveyId, question: str, after: UUID | None, limit: int
    ) -> tuple[Remark, ...]:
        """What everybody may read of one question, by key."""
        ...

    async def counts(self, survey_id: SurveyId) -> Mapping[str, RemarkCounts]:
        """By question, of those laid out; a question without remarks is not there."""
        ...

    async def spots(self, survey_id: SurveyId) -> Mapping[str, Mapping[str, int]]:
        """By question and municipality, what the ballots read so far hold."""
        ...

    async def is_whole(self, survey_id: SurveyId) -> bool:
        """Every remark of the survey is there to be moderated or read."""
        ...
