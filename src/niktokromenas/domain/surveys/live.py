"""Numbers shown while an open survey runs: they move in steps, so that no step is one person's (разд. 9)."""

from attrs import frozen

from niktokromenas.domain.surveys.breakdowns import THRESHOLD
from niktokromenas.domain.surveys.tallies import Tally


@frozen(kw_only=True)
class LiveNumbers:
    """What is shown. `acts`: ballots cast and changed until then; `ballots`: how many there were."""

    acts: int = 0
    ballots: int = 0
    tally: Tally


STEPS = 100
"""Of a large survey each step is a hundredth of it: counting anew is not all that the background does."""


def step_after(shown: LiveNumbers) -> int:
    """How many acts must lie before the next numbers: five, or a hundredth of the ballots shown."""
    return max(THRESHOLD, shown.ballots // STEPS)


def live_numbers(
    shown: LiveNumbers, tally: Tally, *, ballots: int, acts: int, step: int = THRESHOLD
) -> LiveNumbers:
    """The new numbers once at least `step` acts lie between, else those that are shown already."""
    if acts - shown.acts < step:
        return shown
    return LiveNumbers(acts=acts, ballots=ballots, tally=tally)
