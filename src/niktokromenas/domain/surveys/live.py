"""Numbers shown while an open survey runs: they move in steps, so that no step is one person's (разд. 9)."""

from attrs import frozen

from niktokromenas.domain.surveys.breakdowns import THRESHOLD
from niktokromenas.domain.surveys.tallies import Tally


@frozen(kw_only=True)
class LiveNumbers:
    """What is shown, and of how many ballots."""

    ballots: int = 0
    tally: Tally


STEPS = 100
"""Of a large survey each step is a hundredth of it: counting anew is not all that the background does."""


def step_after(shown: LiveNumbers) -> int:
    """How many new ballots must lie before the next numbers: five, or a hundredth of those shown.

    Changes do not count: who changes the own answers four times would see the fifth act, a stranger's.
    """
    return max(THRESHOLD, shown.ballots // STEPS)


def live_numbers(shown: LiveNumbers, tally: Tally, *, ballots: int, step: int = THRESHOLD) -> LiveNumbers:
    """The new numbers once at least `step` ballots lie between, else those that are shown already."""
    if ballots - shown.ballots < step:
        return shown
    return LiveNumbers(ballots=ballots, tally=tally)
