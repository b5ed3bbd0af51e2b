"""Russian stems: what search and likeness compare instead of words."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from niktokromenas.adapters.text.stop_words import STOP_WORDS

_WORD = re.compile(r"[^\W_]+")
_UNSEEN = ("Mn", "Me", "Cf")
_WORDS_KEPT = 50_000
LONGEST = 40
"""Letters of a stem that are kept: nobody writes longer words, and an index need not hold them."""


def folded(text: str) -> str:
    """In small letters, ё as е, without stress marks, soft hyphens and what else cannot be seen."""
    seen = "".join(c for c in _small(text) if c.isascii() or unicodedata.category(c) not in _UNSEEN)
    return _small(seen).replace("ё", "е")


def _small(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words(text: str) -> Iterator[str]:
    """Runs of letters and digits, folded, in order."""
    return (found.group() for found in _WORD.finditer(folded(text)))


@cache
def _russian() -> Any:
    import snowballstemmer  # with every language it knows: it comes with the first text

    return snowballstemmer.stemmer("russian")


@lru_cache(maxsize=_WORDS_KEPT)
def _stem(word: str) -> str:
    stem: str = _russian().stemWord(word)
    return stem[:LONGEST]


class RussianStems:
    """Snowball's Russian stemmer, as PostgreSQL's `russian` dictionary has it; other scripts stay whole."""

    def stems(self, text: str) -> tuple[str, ...]:
        return tuple(_stem(word) for word in words(text) if word not in STOP_WORDS)
