"""Facts made fit for a letter, whoever wrote them: one line, no control signs, no endless text."""

import unicodedata
from collections.abc import Mapping

FACT_LIMIT = 300
WORDS_LIMIT = 2000
WORDS_LINES = 40
_TURNERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing and can make a text read as another (UAX #9)."""


def line(text: str, limit: int = FACT_LIMIT) -> str:
    """One line of visible signs, at most `limit` long."""
    return _shortened(" ".join(_visible(text).split()), limit)


def lines(text: str, limit: int = WORDS_LIMIT, most: int = WORDS_LINES) -> tuple[str, ...]:
    """The lines that say something, at most `most`, together at most `limit` signs."""
    shortened = _shortened(text.strip(), limit)
    found = [found for piece in shortened.splitlines() if (found := line(piece, WORDS_LIMIT))]
    return tuple(found[:most]) + (("…",) if len(found) > most else ())


def fit(facts: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: text and line(text) for name, text in facts.items() if name != "words"}


def _visible(text: str) -> str:
    """Without controls, surrogates and turners; any white space becomes a space."""
    return "".join(
        " " if sign.isspace() else sign
        for sign in text
        if sign.isspace() or (sign not in _TURNERS and unicodedata.category(sign) not in ("Cc", "Cs"))
    )


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
