"""What is searched in a message and how well it answers what somebody looks for (ADR 0017)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import IntEnum

from attrs import frozen

from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.masking import as_public
from niktokromenas.domain.messages.masks import COVER
from niktokromenas.domain.messages.message import Message

Stems = tuple[str, ...]
Stemming = Callable[[str], Stems]
BREAK = "_"
"""Stands between parts of a message and where a mask lies: no phrase reaches across."""
QUERY_LIMIT = 200
LENGTHENED = 3
"""A letter too many or too few is a typo only where this many remain: short stems would have too many."""
_QUOTED = re.compile(r'[«"“„]([^«»"“”„]*)[»"”“]')
_COVERED = re.compile(f"{COVER}+")
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_TIES = 10
"""Bits for messages of one microsecond."""


def searched_texts(message: Message) -> tuple[str, ...]:
    """What everyone may read, masks applied; nothing of a message that is not public (п. 4.6, 6.1)."""
    if not message.is_public:
        return ()
    shown = as_public(message)
    place = shown.content.occasion.place
    answers = [a.answer.text for a in shown.placed if a.answer is not None]
    return tuple(filter(None, (shown.content.text, place.address, place.words, *answers, message.number)))


def stems_of(texts: tuple[str, ...], stemming: Stemming) -> Stems:
    found: list[str] = []
    for text in texts:
        for part in _COVERED.split(text):
            found += (*stemming(part), BREAK)
    return tuple(found)


@frozen
class Part:
    """A word, or words that stand together in this order."""

    stems: Stems
    is_quoted: bool = False
    """As it is: no typo is looked behind."""


class Tier(IntEnum):
    """How well a message answers, the best first; within a tier the newest is first."""

    TOGETHER = 0
    """All words side by side in this order."""
    ALL_WORDS = 1
    MISSPELT = 2
    """All words, at least one of them but for a typo."""


Near = Mapping[str, frozenset[str]]
"""For a stem, others that differ by a typo."""


@frozen
class Wanted:
    """What somebody looks for: every part must be there."""

    parts: tuple[Part, ...]

    @property
    def sequence(self) -> Stems:
        return tuple(stem for part in self.parts for stem in part.stems)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Stems behind which a typo may stand."""
        loose = (part.stems[0] for part in self.parts if not part.is_quoted)
        return tuple(dict.fromkeys(stem for stem in loose if may_be_misspelt(stem)))

    @property
    def tiers(self) -> tuple[Tier, ...]:
        several = (Tier.ALL_WORDS,) if len(self.parts) > 1 else ()
        return (Tier.TOGETHER, *several, *((Tier.MISSPELT,) if self.doubtful else ()))


def understood(text: str, stemming: Stemming) -> Wanted:
    """Words, and phrases in «» or "". Raises `Invalid` where nothing is left to look for."""
    parts: list[Part] = []
    place = 0
    for quoted in _QUOTED.finditer(text):
        parts += (Part((stem,)) for stem in stemming(text[place : quoted.start()]))
        if stems := stemming(quoted.group(1)):
            parts.append(Part(stems, is_quoted=True))
        place = quoted.end()
    parts += (Part((stem,)) for stem in stemming(text[place:]))
    if not parts:
        detail = "Напишите слова, которые искать: не только предлоги и союзы"
        raise Invalid(detail, faults=(Fault("/q", "no-words", detail),))
    return Wanted(tuple(parts))


def may_be_misspelt(stem: str) -> bool:
    """Two letters or more; numbers are as they are."""
    return len(stem) > 1 and stem.isalpha()


def is_misspelt(stem: str, other: str) -> bool:
    """They differ by one typo: a letter replaced, one more or less, or two neighbours swapped."""
    if stem == other or not may_be_misspelt(other):
        return False
    if len(stem) == len(other):
        places = [n for n, (a, b) in enumerate(zip(stem, other, strict=True)) if a != b]
        return len(places) == 1 or _are_swapped(stem, other, places)
    short, long = sorted((stem, other), key=len)
    return len(short) >= LENGTHENED and short in _without_one(long)


def _are_swapped(stem: str, other: str, places: list[int]) -> bool:
    first, last = places[0], places[-1]
    return last == first + 1 and stem[first] == other[last] and stem[last] == other[first]


def _without_one(stem: str) -> Iterator[str]:
    return (stem[:n] + stem[n + 1 :] for n in range(len(stem)))


def typo_keys(stem: str) -> frozenset[str]:
    """Two stems that differ by one typo share a key: the stem, or what is left of it without a letter."""
    return frozenset({stem, *_without_one(stem)})


def tier_of(stems: Stems, wanted: Wanted, near: Near) -> Tier | None:
    """How well these stems answer, `None` if they do not."""
    if _holds(stems, wanted.sequence):
        return Tier.TOGETHER
    if all(_holds(stems, part.stems) for part in wanted.parts):
        return Tier.ALL_WORDS
    if all(_holds(stems, p.stems) or _is_nearly_in(stems, p, near) for p in wanted.parts):
        return Tier.MISSPELT
    return None


def _holds(stems: Stems, phrase: Stems) -> bool:
    size = len(phrase)
    return any(stems[n : n + size] == phrase for n in range(len(stems) - size + 1))


def _is_nearly_in(stems: Stems, part: Part, near: Near) -> bool:
    return not part.is_quoted and not near.get(part.stems[0], frozenset()).isdisjoint(stems)


def place_of(submitted_at: datetime, message_id: MessageId) -> int:
    """Where a message stands among those found: a later one higher. Fits 64 bits; two may share one."""
    microseconds = (submitted_at - _EPOCH) // (_EPOCH.resolution)
    return (microseconds << _TIES) | (message_id.int & ((1 << _TIES) - 1))
