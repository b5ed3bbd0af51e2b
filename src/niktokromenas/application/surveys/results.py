"""What came of surveys, for everybody: read as it was kept, never counted for a reader (разд. 9, п. 2.2)."""

from attrs import frozen

from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.surveys.breakdowns import Breakdown
from niktokromenas.domain.surveys.content import Dimension
from niktokromenas.domain.surveys.counting import Totals
from niktokromenas.domain.surveys.live import LiveNumbers
from niktokromenas.domain.surveys.outcome import is_withheld, require_live, require_results, require_told
from niktokromenas.domain.surveys.rounds import Comparison, compared
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.visibility import may_see
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.results import ResultRegister, Round, RoundFilter
from niktokromenas.ports.surveys import SurveyJournal, SurveyNotFound


@frozen(kw_only=True)
class Results:
    """`before` is the round that a satisfaction round is compared with, where there is one.

    Of a survey that `is_withheld` there is nothing but the number of ballots.
    """

    survey: Survey
    totals: Totals
    before: Round | None = None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return compared(self.totals.means, () if self.before is None else self.before.means)


@frozen
class ReadResults:
    journal: SurveyJournal
    register: ResultRegister

    async def __call__(self, actor: Actor, number: str) -> Results:
        """Raises `SurveyNotFound`, `NoResultsYet`, `NoResults`."""
        survey = await self._seen(actor, number)
        require_results(survey)
        if is_withheld(survey) and survey.head is not None:
            totals = Totals(ballots=survey.head.head.size, target_size=None, tally={})
            return Results(survey=survey, totals=totals)
        series, published_at = survey.content.series, survey.published_at
        before = None
        if series is not None and published_at is not None:
            before = await self.register.round_before(series, published_at)
        return Results(survey=survey, totals=await self.register.totals(survey.id), before=before)

    async def breakdown(self, actor: Actor, number: str, dimension: Dimension) -> tuple[Survey, Breakdown]:
        """Raises `SurveyNotFound`, `NoResultsYet`, `NoResults`, `TooFewBallots`, `ResultsNotFound`."""
        survey = await self._seen(actor, number)
        require_told(survey)
        return survey, await self.register.breakdown(survey.id, dimension)

    async def live(self, actor: Actor, number: str) -> tuple[Survey, LiveNumbers]:
        """Raises `SurveyNotFound`, `NotLive`, `NoResultsYet`, `NoResults`."""
        survey = await self._seen(actor, number)
        require_live(survey)
        return survey, await self.register.live(survey.id) or LiveNumbers(tally={})

    async def rounds(self, chosen: RoundFilter, after: Cursor | None, limit: int) -> Page[Round]:
        """Of satisfaction, the last published first, for everybody."""
        return await self.register.rounds(chosen, after, limit)

    async def _seen(self, actor: Actor, number: str) -> Survey:
        survey = await self.journal.one(number)
        if not may_see(survey, actor):
            raise SurveyNotFound("Такого опроса нет")
        return survey
