"""What came of it: counts for each question, turnout, means, and rounds compared (разд. 9, п. 2.2).

A tally is whole numbers by question and cell, so that stores keep and add them as they are; anyone gets the
same from the ballots.
"""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import evolve, frozen

from niktokromenas.domain.surveys.answers import (
    OTHER,
    Amount,
    Answer,
    Cells,
    Chosen,
    Day,
    Ranked,
    Scaled,
    Sheet,
)
from niktokromenas.domain.surveys.questions import (
    Matrix,
    Number,
    One,
    Option,
    Question,
    Questions,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.target import preview

ANSWERED = "n"
FOR_AGAINST_ABSTAIN = (
    Option(code="for", words="За"),
    Option(code="against", words="Против"),
    Option(code="abstain", words="Воздержусь"),
)
"""The options of a plain vote."""

Counts = Mapping[str, int]
Tally = Mapping[str, Counts]
"""By code of the question, then by cell: see `cells_of`."""


def cells_of(question: Question, answer: Answer) -> Counts:
    """What one answer adds, by cell.

    `n`: one answer · `o:<option>` · `v:<mark>` · `r:<row>:<column>` · `p:<place>:<option>` (1 is the first)
    · `sum`, `squares` of a number, counted in its smallest steps · `d:<ISO date>`. Words and points are only
    counted.
    """
    found: dict[str, int] = {ANSWERED: 1}
    match question.kind, answer:
        case One() | Several(), Chosen():
            found |= {f"o:{code}": 1 for code in answer.codes}
        case Scale(), Scaled(value):
            found[f"v:{value}"] = 1
        case Matrix(), Cells(columns):
            found |= {f"r:{row}:{column}": 1 for row, column in columns.items()}
        case Ranking(), Ranked(order):
            found |= {f"p:{place}:{code}": 1 for place, code in enumerate(order, 1)}
        case Number(decimals=decimals), Amount(value):
            steps = int(value.scaleb(decimals))
            found |= {"sum": steps, "squares": steps * steps}
        case _, Day(value):
            found[f"d:{value.isoformat()}"] = 1
        case _:
            pass
    return found


def tally_of(questions: Questions, sheets: Iterable[Sheet]) -> Tally:
    """Of checked sheets; every question is there, also unanswered ones."""
    counts: dict[str, dict[str, int]] = {question.code: {} for question in questions}
    for sheet in sheets:
        for question in questions:
            if (answer := sheet.get(question.code)) is not None:
                of = counts[question.code]
                for cell, add in cells_of(question, answer).items():
                    of[cell] = of.get(cell, 0) + add
    return counts


def added(one: Tally, other: Tally, *, sign: int = 1) -> Tally:
    """The two together (or, with -1, the other taken away); cells that come to nothing are left out."""
    total: dict[str, dict[str, int]] = {}
    for code in {**one, **other}:
        mine, theirs = one.get(code, {}), other.get(code, {})
        sums = {cell: mine.get(cell, 0) + sign * theirs.get(cell, 0) for cell in {**mine, **theirs}}
        total[code] = {cell: count for cell, count in sums.items() if count}
    return total


@frozen(kw_only=True)
class OptionsResult:
    """`counts` by option in the order of the question, own words last."""

    answered: int
    unanswered: int
    counts: Counts

    def share(self, code: str) -> float:
        """Of those who answered."""
        return self.counts[code] / self.answered if self.answered else 0.0


@frozen(kw_only=True)
class ScaleResult:
    answered: int
    unanswered: int
    counts: Mapping[int, int]
    estimate: "Estimate | None"


@frozen(kw_only=True)
class MatrixResult:
    answered: int
    unanswered: int
    counts: Mapping[str, Counts]
    """By row, then by column."""


@frozen(kw_only=True)
class RankingResult:
    """`points` (Borda): the first of `places` places gives as many, the last one point."""

    answered: int
    unanswered: int
    counts: Mapping[str, Mapping[int, int]]
    """By option, then by place."""
    points: Counts


@frozen(kw_only=True)
class NumberResult:
    answered: int
    unanswered: int
    total: Decimal
    estimate: "Estimate | None"


@frozen(kw_only=True)
class DatesResult:
    answered: int
    unanswered: int
    counts: Mapping[str, int]
    """By ISO date, earliest first; days that nobody named are left out."""


@frozen(kw_only=True)
class CountResult:
    """Words and points: how many there are. They are shown after moderation."""

    answered: int
    unanswered: int


Result = OptionsResult | ScaleResult | MatrixResult | RankingResult | NumberResult | DatesResult | CountResult


def result_of(question: Question, counts: Counts, ballots: int) -> Result:
    """`ballots`: how many there are in all; who was not asked is among those who did not answer."""
    answered = counts.get(ANSWERED, 0)
    left = ballots - answered
    match question.kind:
        case One() | Several() as kind:
            codes = [option.code for option in kind.options] + [OTHER] * kind.has_other
            chosen = {code: counts.get(f"o:{code}", 0) for code in codes}
            return OptionsResult(answered=answered, unanswered=left, counts=chosen)
        case Scale(low=low, high=high):
            marks = {mark: counts.get(f"v:{mark}", 0) for mark in range(low, high + 1)}
            total = sum(mark * count for mark, count in marks.items())
            squares = sum(mark * mark * count for mark, count in marks.items())
            estimate = estimated(answered, total, squares)
            return ScaleResult(answered=answered, unanswered=left, counts=marks, estimate=estimate)
        case Matrix(rows=rows, columns=columns):
            table = {
                row.code: {column.code: counts.get(f"r:{row.code}:{column.code}", 0) for column in columns}
                for row in rows
            }
            return MatrixResult(answered=answered, unanswered=left, counts=table)
        case Ranking(options=options, places=places):
            ranks = {
                option.code: {n: counts.get(f"p:{n}:{option.code}", 0) for n in range(1, places + 1)}
                for option in options
            }
            points = {
                code: sum((places + 1 - place) * count for place, count in of.items())
                for code, of in ranks.items()
            }
            return RankingResult(answered=answered, unanswered=left, counts=ranks, points=points)
        case Number(decimals=decimals):
            total, squares = counts.get("sum", 0), counts.get("squares", 0)
            return NumberResult(
                answered=answered,
                unanswered=left,
                total=Decimal(total).scaleb(-decimals),
                estimate=estimated(answered, total, squares, step=10.0**-decimals),
            )
        case _:
            days = {cell[2:]: count for cell, count in sorted(counts.items()) if cell.startswith("d:")}
            if days:
                return DatesResult(answered=answered, unanswered=left, counts=days)
            return CountResult(answered=answered, unanswered=left)


@frozen(kw_only=True)
class Turnout:
    """`target`: how many could take part, to the nearest 50; `None` where that is not known, or below 25."""

    voted: int
    target: int | None

    @property
    def share(self) -> float | None:
        """Never above one: the target group is a rounded count of one day."""
        return min(1.0, self.voted / self.target) if self.target else None


def turnout(voted: int, target_size: int | None) -> Turnout:
    """A size that rounds to nothing is not told: four voted of none is no fact."""
    return Turnout(voted=voted, target=preview(target_size or 0) or None)


# Means and their uncertainty

_T95 = (
    12.706,
    4.303,
    3.182,
    2.776,
    2.571,
    2.447,
    2.365,
    2.306,
    2.262,
    2.228,
    2.201,
    2.179,
    2.160,
    2.145,
    2.131,
    2.120,
    2.110,
    2.101,
    2.093,
    2.086,
    2.080,
    2.074,
    2.069,
    2.064,
    2.060,
    2.056,
    2.052,
    2.048,
    2.045,
    2.042,
)
"""Two-sided 95 % points of Student's distribution for 1 to 30 degrees of freedom."""
_NORMAL95 = 1.959964


def student95(freedom: float) -> float:
    """Beyond the table by the expansion in 1/freedom (error below 0.001); between its rows the wider one."""
    if freedom <= len(_T95):
        return _T95[max(0, math.floor(freedom) - 1)]
    z = _NORMAL95
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


@frozen(kw_only=True)
class Estimate:
    """A mean with its 95 % confidence interval (Student).

    It tells the spread of chance alone: who answers chose to, so it is no interval for all residents.
    `low` and `high` are `None` of a single answer.
    """

    count: int
    mean: float
    variance: float
    low: float | None
    high: float | None

    def within(self, low: float, high: float) -> "Estimate":
        """The interval cut at the ends of the scale, for showing: no mean lies beyond them."""
        return evolve(
            self,
            low=None if self.low is None else max(float(low), self.low),
            high=None if self.high is None else min(float(high), self.high),
        )


def estimated(count: int, total: int, squares: int, *, step: float = 1.0) -> Estimate | None:
    """From whole sums, exactly until the last division; `None` without answers."""
    if not count:
        return None
    mean = total / count * step
    if count == 1:
        return Estimate(count=1, mean=mean, variance=0.0, low=None, high=None)
    variance = (count * squares - total * total) / (count * (count - 1)) * step * step
    half = student95(count - 1) * math.sqrt(variance / count)
    return Estimate(count=count, mean=mean, variance=variance, low=mean - half, high=mean + half)


@frozen(kw_only=True)
class Change:
    """From the round before to this one, with the 95 % interval of the difference (Welch)."""

    difference: float
    low: float
    high: float

    @property
    def is_beyond_chance(self) -> bool:
        return self.low > 0 or self.high < 0


def change_between(before: Estimate, now: Estimate) -> Change | None:
    """`None` where a round has a single answer."""
    if before.count < 2 or now.count < 2:
        return None
    difference = now.mean - before.mean
    one, other = before.variance / before.count, now.variance / now.count
    if one + other == 0:
        return Change(difference=difference, low=difference, high=difference)
    freedom = (one + other) ** 2 / (one**2 / (before.count - 1) + other**2 / (now.count - 1))
    half = student95(freedom) * math.sqrt(one + other)
    return Change(difference=difference, low=difference - half, high=difference + half)
