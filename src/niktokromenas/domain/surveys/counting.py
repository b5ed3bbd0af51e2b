"""Counting the ballots of an ended survey, one by one (Положение, разд. 9)."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import define, field, frozen

from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.ballots import AGE_BANDS, UNKNOWN
from niktokromenas.domain.surveys.breakdowns import Breakdown, Counted, breakdown, column_of, columns_of
from niktokromenas.domain.surveys.content import Content, Dimension
from niktokromenas.domain.surveys.outcome import tells_of_each
from niktokromenas.domain.surveys.questions import Question
from niktokromenas.domain.surveys.rounds import Mean, means_of
from niktokromenas.domain.surveys.sheets import read
from niktokromenas.domain.surveys.tallies import Tally, cells_of
from niktokromenas.domain.surveys.target import preview

ALIKE_AT_ONCE = 2_000
"""Different ballots that wait to be added: many are alike, and alike ones are added at once."""

Tables = Mapping[Dimension, Mapping[str, Counted]]
"""True counts by dimension and question: never shown as they are."""
_Marks = tuple[str, ...]


def groups_of(dimension: Dimension, municipalities: Iterable[str]) -> tuple[str, ...]:
    """The rows of a table, fixed beforehand; who is not known to be in one of them is in `unknown`."""
    if dimension is Dimension.AGE_BAND:
        return (*(code for code, _, _ in AGE_BANDS), UNKNOWN)
    return (*sorted(municipalities), UNKNOWN)


@define(eq=False)
class Counting:
    """Holds numbers and a bounded number of ballots not added yet."""

    content: Content
    municipalities: tuple[str, ...] = ()
    ballots: int = field(default=0, init=False)
    _waiting: Counter[tuple[bytes, _Marks]] = field(factory=Counter[tuple[bytes, _Marks]], init=False)
    _tally: dict[str, dict[str, int]] = field(init=False)
    _tables: dict[Dimension, dict[str, dict[str, dict[str, int]]]] = field(init=False)
    _dimensions: tuple[Dimension, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._tally = {question.code: {} for question in self.content.questions}
        self._dimensions = tuple(sorted(self.content.dimensions))
        self._tables = {dimension: {} for dimension in self._dimensions}
        for table in self.content.tables:
            columns = columns_of(self._question(table.question))
            self._tables[table.dimension][table.question] = {
                group: dict.fromkeys(columns, 0) for group in groups_of(table.dimension, self.municipalities)
            }

    def _question(self, code: str) -> Question:
        found = self.content.question(code)
        if found is None:
            raise ValueError("a table of a question that is not asked")
        return found

    def add(self, answers: bytes, marks: Mapping[Dimension, str]) -> None:
        """One ballot: canonical answers, and what the ballot carries besides."""
        self.ballots += 1
        self._waiting[answers, tuple(marks.get(dimension, UNKNOWN) for dimension in self._dimensions)] += 1
        if len(self._waiting) >= ALIKE_AT_ONCE:
            self._add_waiting()

    def _add_waiting(self) -> None:
        for (answers, marks), alike in self._waiting.items():
            sheet = read(json.loads(answers))
            for question in self.content.questions:
                if (answer := sheet.get(question.code)) is not None:
                    counts = self._tally[question.code]
                    for cell, add in cells_of(question, answer).items():
                        counts[cell] = counts.get(cell, 0) + add * alike
            for dimension, mark in zip(self._dimensions, marks, strict=True):
                for code, table in self._tables[dimension].items():
                    row = table.get(mark) or table[UNKNOWN]
                    row[column_of(sheet.get(code))] += alike
        self._waiting.clear()

    @property
    def tally(self) -> Tally:
        self._add_waiting()
        return self._tally

    @property
    def tables(self) -> Tables:
        self._add_waiting()
        return self._tables


@frozen(kw_only=True)
class Breakdowns:
    """Of one dimension: what was counted, and what of it is shown."""

    counted: Mapping[str, Counted]
    shown: Breakdown


@frozen(kw_only=True)
class Totals:
    """Over all ballots: known to everybody once published. `tally` has every question, unless withheld."""

    ballots: int
    target_size: int | None
    """How many could take part when it closed, to the nearest 50; `None` where that is not known."""
    tally: Tally
    means: tuple[Mean, ...] = ()

    @property
    def is_withheld(self) -> bool:
        """A few secret ballots: their number stands alone, it is no round to compare with."""
        return self.ballots > 0 and not self.tally


@frozen(kw_only=True)
class CountedSurvey:
    """What is kept of a survey that was counted: enough to answer everybody without the ballots."""

    survey_id: SurveyId
    totals: Totals
    breakdowns: Mapping[Dimension, Breakdowns]


def counted_survey(survey_id: SurveyId, counting: Counting, target_size: int | None) -> CountedSurvey:
    """Of a few secret ballots nothing is kept but how many there were."""
    if tells_of_each(counting.content.secrecy, counting.ballots):
        totals = Totals(ballots=counting.ballots, target_size=None, tally={})
        return CountedSurvey(survey_id=survey_id, totals=totals, breakdowns={})
    return CountedSurvey(
        survey_id=survey_id,
        totals=Totals(
            ballots=counting.ballots,
            target_size=None if target_size is None else preview(target_size),
            tally=counting.tally,
            means=means_of(counting.content, counting.tally),
        ),
        breakdowns={
            dimension: Breakdowns(counted=tables, shown=breakdown(tables))
            for dimension, tables in counting.tables.items()
        },
    )
