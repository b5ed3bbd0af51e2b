"""How like two texts are: the share of stems that both have, a letter or two apart or not."""

from attrs import frozen

from niktokromenas.ports.search import Stemmer

_SAME = 80
"""Of a hundred: stems alike so far are one word, mistyped."""
_ENOUGH = 3
"""Stems of the shorter text from which on its being contained in the other says something."""


@frozen
class StemLikeness:
    stemmer: Stemmer

    def of(self, one: str, other: str) -> float:
        first, second = set(self.stemmer.stems(one)), set(self.stemmer.stems(other))
        if not first or not second:
            return 0.0
        there, back = _shared(first, second), _shared(second, first)
        shared = (there + back) / (len(first) + len(second))
        if min(len(first), len(second)) < _ENOUGH:
            return shared
        return (shared + max(there / len(first), back / len(second))) / 2


def _shared(stems: set[str], others: set[str]) -> int:
    """How many of the stems the others have, too."""
    from rapidfuzz import fuzz, process  # compiled, and wanted by few requests

    same = stems & others
    return len(same) + sum(
        process.extractOne(stem, others, scorer=fuzz.ratio, score_cutoff=_SAME) is not None
        for stem in stems - same
    )
