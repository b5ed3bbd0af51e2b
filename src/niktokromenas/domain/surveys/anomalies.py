"""What looks unlike people answering, for the operator: bursts, places, crowds by one link (разд. 9).

All work on counts alone. Of a secret survey there are no counts by time, and by place only where such a
table was announced; nothing here decides anything.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from attrs import frozen

from niktokromenas.domain.surveys.links import Attracted

RARE = 1e-6
"""How seldom chance may do it: told only of what is rarer, after counting how many were looked at."""
FEWEST_EXPECTED = 5
"""Of a place with fewer expected ballots nothing is said."""


FEWEST_OF_A_CROWD = 20
SHARE_OF_A_CROWD = 0.1
"""Of all ballots: so many by one link are told. Neither the decree nor statistics give a number; ours."""
SPANS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440))
MOST_SPANS = 1500
"""A year in thirds of a day: enough to see a night."""


@frozen(kw_only=True)
class Burst:
    """A span with more ballots than its neighbours make likely."""

    begins_at: datetime
    ballots: int
    usual: float


@frozen(kw_only=True)
class Skew:
    """A place whose share of the ballots is not its share of the registered users."""

    place: str
    ballots: int
    expected: float


def span_for(length: timedelta) -> timedelta:
    """The shortest in which that length is looked at in no more than `MOST_SPANS` parts."""
    return next((span for span in SPANS if length <= span * MOST_SPANS), SPANS[-1])


def filled(
    counted: Sequence[tuple[datetime, int]], since: datetime, until: datetime, span: timedelta
) -> Iterator[tuple[datetime, int]]:
    """Every span that begins before `until`, also those without ballots; `counted` names the others."""
    counts = dict(counted)
    at = since
    while at < until:
        yield at, counts.get(at, 0)
        at += span


def bursts(spans: Sequence[tuple[datetime, int]]) -> tuple[Burst, ...]:
    """Of spans of equal length, in order: those above what Poisson allows at the usual pace (the median)."""
    if not spans:
        return ()
    usual = max(1.0, float(median(count for _, count in spans)))
    rare = RARE / len(spans)
    return tuple(
        Burst(begins_at=at, ballots=count, usual=usual)
        for at, count in spans
        if count > usual and poisson_tail(count, usual) < rare
    )


def poisson_tail(count: int, mean: float) -> float:
    """P(X ≥ count), for a count above the mean: summed from the first term until nothing is added."""
    term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    total = 0.0
    while term > total * 1e-12:
        total += term
        count += 1
        term *= mean / count
    return min(1.0, total)


def crowds(by_link: Iterable[Attracted], ballots: int) -> tuple[Attracted, ...]:
    """Those that a single link brought in such numbers that it made much of the result, the largest first."""
    found = (
        each
        for each in by_link
        if each.took_part >= FEWEST_OF_A_CROWD and each.took_part >= SHARE_OF_A_CROWD * ballots
    )
    return tuple(sorted(found, key=lambda each: (-each.took_part, -each.came)))


def skews(ballots: Mapping[str, int], registered: Mapping[str, int]) -> tuple[Skew, ...]:
    """Places whose ballots chance would not spread so, the furthest off first (binomial, normal limit)."""
    cast, users = sum(ballots.values()), sum(registered.values())
    if not cast or not users:
        return ()
    found: list[tuple[float, Skew]] = []
    for place in sorted({*ballots, *registered}):
        share = registered.get(place, 0) / users
        expected = cast * share
        count = ballots.get(place, 0)
        if max(expected, count) < FEWEST_EXPECTED:
            continue
        spread = math.sqrt(max(expected * (1 - share), 1.0))
        off = abs(count - expected) / spread
        if math.erfc(off / math.sqrt(2)) < RARE / len(registered):
            found.append((off, Skew(place=place, ballots=count, expected=expected)))
    return tuple(skew for _, skew in sorted(found, key=lambda each: (-each[0], each[1].place)))
