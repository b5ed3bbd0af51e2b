"""Satisfaction rounds side by side: means of scales, and what changed since the round before (п. 2.2)."""

from collections.abc import Iterable

from attrs import frozen

from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.questions import Scale
from niktokromenas.domain.surveys.tallies import (
    Change,
    Estimate,
    ScaleResult,
    Tally,
    change_between,
    result_of,
)


@frozen(kw_only=True)
class Mean:
    """Of one scale, with the words that were asked. `estimate` is `None` where nobody answered."""

    question: str
    words: str
    low: int
    high: int
    estimate: Estimate | None


@frozen(kw_only=True)
class Comparison:
    """`before` is `None` where the round before did not ask the same, `change` where it tells nothing."""

    now: Mean
    before: Mean | None
    change: Change | None


def means_of(content: Content, tally: Tally) -> tuple[Mean, ...]:
    """Of every scale of a survey, in the order of its questions."""
    found: list[Mean] = []
    for question in content.questions:
        if isinstance(question.kind, Scale):
            result = result_of(question, tally.get(question.code, {}), 0)
            assert isinstance(result, ScaleResult)
            found.append(
                Mean(
                    question=question.code,
                    words=question.words,
                    low=question.kind.low,
                    high=question.kind.high,
                    estimate=result.estimate,
                )
            )
    return tuple(found)


def compared(now: Iterable[Mean], before: Iterable[Mean]) -> tuple[Comparison, ...]:
    """Only like with like: the same words on the same scale."""
    earlier = {(mean.question, mean.words, mean.low, mean.high): mean for mean in before}
    found: list[Comparison] = []
    for mean in now:
        like = earlier.get((mean.question, mean.words, mean.low, mean.high))
        change = (
            change_between(like.estimate, mean.estimate)
            if like is not None and like.estimate is not None and mean.estimate is not None
            else None
        )
        found.append(Comparison(now=mean, before=like, change=change))
    return tuple(found)
