"""Results of surveys in memory."""

from collections.abc import AsyncIterator
from datetime import datetime

from attrs import frozen

from niktokromenas.adapters.memory.messages import keyset_page
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import MessageId, SurveyId
from niktokromenas.domain.surveys.ballots import OpenBallot
from niktokromenas.domain.surveys.breakdowns import Breakdown
from niktokromenas.domain.surveys.content import Dimension, Series
from niktokromenas.domain.surveys.counting import CountedSurvey, Totals
from niktokromenas.domain.surveys.live import LiveNumbers
from niktokromenas.domain.surveys.sheets import canonical
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.messages import Cursor, Page, StaleVersion
from niktokromenas.ports.results import REGION, ResultsNotFound, Round, RoundFilter


@frozen
class MemoryResults:
    store: MemoryStore

    async def add(self, survey: Survey, counted: CountedSurvey) -> None:
        if self.store.results.get(survey.id) is not None:
            raise StaleVersion("Итоги этого опроса уже подведены")
        self.store.results.put(survey.id, counted)

    async def of(self, survey_id: SurveyId) -> CountedSurvey:
        return _there(self.store.results.get(survey_id))

    async def live(self, survey_id: SurveyId) -> LiveNumbers | None:
        shown: LiveNumbers | None = self.store.live_numbers.get(survey_id)
        return shown

    async def show(self, survey_id: SurveyId, before: LiveNumbers | None, after: LiveNumbers) -> None:
        shown: LiveNumbers | None = self.store.live_numbers.get(survey_id)
        if (shown and shown.ballots) != (before and before.ballots):
            raise StaleVersion("Числа уже изменились")
        self.store.live_numbers.put(survey_id, after)


def _there(counted: CountedSurvey | None) -> CountedSurvey:
    if counted is None:
        raise ResultsNotFound("Итогов этого опроса нет")
    return counted


@frozen
class MemoryResultRegister:
    store: MemoryStore

    async def totals(self, survey_id: SurveyId) -> Totals:
        return _there(self.store.results.rows.get(survey_id)).totals

    async def breakdown(self, survey_id: SurveyId, dimension: Dimension) -> Breakdown:
        found = _there(self.store.results.rows.get(survey_id)).breakdowns.get(dimension)
        if found is None:
            raise ResultsNotFound("Такую разбивку не объявляли")
        return found.shown

    async def live(self, survey_id: SurveyId) -> LiveNumbers | None:
        return self.store.live_numbers.rows.get(survey_id)

    def _rounds(self) -> list[Round]:
        return [
            _round(survey, counted.totals)
            for survey in self.store.surveys.committed()
            if survey.stage is Stage.PUBLISHED
            and survey.content.series is not None
            and (counted := self.store.results.rows.get(survey.id)) is not None
            and not counted.totals.is_withheld
        ]

    async def rounds(self, chosen: RoundFilter, after: Cursor | None, limit: int) -> Page[Round]:
        found = [
            (each.published_at, MessageId(each.survey_id), each)
            for each in self._rounds()
            if chosen.topic in (None, each.topic)
            and chosen.municipality in (None, each.municipality or REGION)
        ]
        return keyset_page(found, after, limit, newest_first=True)  # type: ignore[return-value]

    async def round_before(self, series: Series, published_at: datetime) -> Round | None:
        earlier = [
            each
            for each in self._rounds()
            if (each.topic, each.municipality) == (series.topic.value, series.municipality)
            and each.published_at < published_at
        ]
        return max(earlier, key=lambda each: (each.published_at, each.survey_id), default=None)


def _round(survey: Survey, totals: Totals) -> Round:
    series = survey.content.series
    assert series is not None
    assert survey.published_at is not None
    return Round(
        survey_id=survey.id,
        number=survey.number,
        title=survey.content.title,
        topic=series.topic.value,
        municipality=series.municipality,
        starts_at=survey.starts_at,
        ends_at=survey.ends_at,
        published_at=survey.published_at,
        ballots=totals.ballots,
        means=totals.means,
    )


@frozen
class MemoryRunningBallots:
    store: MemoryStore

    def _of(self, survey_id: SurveyId) -> list[OpenBallot]:
        return [b for b in self.store.open_ballots.committed() if b.participation.survey_id == survey_id]

    async def count(self, survey_id: SurveyId) -> int:
        return len(self._of(survey_id))

    async def each(self, survey_id: SurveyId) -> AsyncIterator[bytes]:
        for ballot in self._of(survey_id):
            yield canonical(ballot.answers)
