"""What is kept of counted surveys, and numbers shown while one runs (Положение, разд. 9, п. 2.2)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import ClassVar, NamedTuple, Protocol

from attrs import frozen

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.breakdowns import Breakdown
from niktokromenas.domain.surveys.content import Dimension, Series
from niktokromenas.domain.surveys.counting import CountedSurvey, Totals
from niktokromenas.domain.surveys.live import LiveNumbers
from niktokromenas.domain.surveys.rounds import Mean
from niktokromenas.domain.surveys.stages import Topic
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.messages import Cursor, Page

REGION = "region"
"""Stands where a municipality does, for rounds in the whole region."""


class ResultsNotFound(NotFound):
    code: ClassVar[str] = "results-not-found"


class Results(Protocol):
    """Results of one unit. Contract: tests/contract/test_results.py."""

    async def add(self, survey: Survey, counted: CountedSurvey) -> None:
        """What was counted of a survey published in this unit. Raises `StaleVersion` a second time.

        One that is withheld (`Totals.is_withheld`) is kept too, but among no rounds.
        """
        ...

    async def of(self, survey_id: SurveyId) -> CountedSurvey:
        """All of it, with what tables hide. Raises `ResultsNotFound`."""
        ...

    async def live(self, survey_id: SurveyId) -> LiveNumbers | None:
        """What is shown of a running survey; `None` where nothing was yet."""
        ...

    async def show(self, survey_id: SurveyId, before: LiveNumbers | None, after: LiveNumbers) -> None:
        """New live numbers in place of those read as `live`. Raises `StaleVersion` where they have moved."""
        ...


class Round(NamedTuple):
    """A published satisfaction round as lists show it."""

    survey_id: SurveyId
    number: str
    title: str
    topic: str
    municipality: str | None
    starts_at: datetime
    ends_at: datetime
    published_at: datetime
    ballots: int
    means: tuple[Mean, ...]


@frozen(kw_only=True)
class RoundFilter:
    """Both must hold where given; `municipality` is an OKTMO code or `REGION`."""

    topic: Topic | None = None
    municipality: str | None = None


class ResultRegister(Protocol):
    """Reading results outside a unit: none costs more where there are more ballots.

    Contract: tests/contract/test_results.py.
    """

    async def totals(self, survey_id: SurveyId) -> Totals:
        """Raises `ResultsNotFound`."""
        ...

    async def breakdown(self, survey_id: SurveyId, dimension: Dimension) -> Breakdown:
        """As it is shown. Raises `ResultsNotFound`, also where no table of the dimension was announced."""
        ...

    async def live(self, survey_id: SurveyId) -> LiveNumbers | None: ...

    async def rounds(self, chosen: RoundFilter, after: Cursor | None, limit: int) -> Page[Round]:
        """Satisfaction rounds that are published and not annulled, the last published first."""
        ...

    async def round_before(self, series: Series, published_at: datetime) -> Round | None:
        """The round of the series that was published last before that instant, unless annulled."""
        ...


class RunningBallots(Protocol):
    """Open ballots of surveys that run. Contract: tests/contract/test_results.py."""

    async def count(self, survey_id: SurveyId) -> int: ...

    def each(self, survey_id: SurveyId) -> AsyncIterator[bytes]:
        """Canonical answers of every ballot that was there at the beginning, once, as they stand when met.

        A bounded number is in memory at a time.
        """
        ...
