"""Whether two messages may be about the same thing: near in place and time, alike in words (ADR 0016).

It only offers: an author decides whether to send, a moderator whether to merge (152-FZ, art. 16).
"""

from datetime import datetime, timedelta

from attrs import frozen

from niktokromenas.domain.values import Point

NEAR_M = 300
"""Metres between two points that may be one place: a long yard, a crossing, a street between two houses."""
NEAR_TIME = timedelta(days=30)
LIKE_PLACE = 0.6
"""Likeness of words about a place, where points do not tell."""
ENOUGH = 0.43
"""The score from which on a pair is offered: measured, `python -m benchmarks.duplicates`."""
_TEXT, _PLACE, _TIME = 0.6, 0.3, 0.1
_ALIKE = 0.3


@frozen(kw_only=True)
class Sight:
    """What of a message is compared."""

    text: str
    begins_at: datetime
    submitted_at: datetime
    municipality: str | None = None
    point: Point | None = None
    place_words: str = ""
    category: str | None = None


@frozen(kw_only=True)
class Words:
    """Likeness of two texts, and of two places' words, 0 to 1."""

    text: float
    place: float


@frozen(kw_only=True)
class Resemblance:
    score: float
    """0 to 1."""
    metres: int | None
    """Rounded to ten; `None` where one of them has no point."""
    reasons: tuple[str, ...]


def resemblance(one: Sight, other: Sight, words: Words) -> Resemblance | None:
    """How they resemble each other, with reasons in Russian; `None` where they do not enough."""
    if not _may_share_a_topic(one.category, other.category):
        return None
    near = _nearness(one, other, words)
    apart = min(abs(one.begins_at - other.begins_at), abs(one.submitted_at - other.submitted_at))
    if near is None or apart > NEAR_TIME:
        return None
    closeness, metres, where = near
    score = _TEXT * words.text + _PLACE * closeness + _TIME * (1 - apart / NEAR_TIME)
    if score < ENOUGH:
        return None
    reasons = [where, _days(apart.days)]
    if words.text >= _ALIKE:
        reasons.append("похожий текст")
    if one.category is not None and one.category == other.category:
        reasons.append("та же тема")
    return Resemblance(score=round(score, 2), metres=metres, reasons=tuple(reasons))


def _may_share_a_topic(one: str | None, other: str | None) -> bool:
    """Equal or unknown; topics of one group count as equal, for authors mix them up."""
    return one is None or other is None or one.partition(".")[0] == other.partition(".")[0]


def _nearness(one: Sight, other: Sight, words: Words) -> tuple[float, int | None, str] | None:
    if one.point is not None and other.point is not None:
        metres = one.point.metres_to(other.point)
        if metres > NEAR_M:
            return None
        told = round(metres, -1)
        where = f"в {told:.0f} м" if told else "в том же месте"
        return 1 - metres / NEAR_M, int(told), where
    if one.municipality != other.municipality or words.place < LIKE_PLACE:
        return None
    return words.place, None, "похоже описано место"


def _days(days: int) -> str:
    """How long apart, as Russian counts."""
    if days == 0:
        return "разница меньше суток"
    if days % 10 == 1 and days % 100 != 11:
        return f"разница {days} день"
    few = days % 10 in (2, 3, 4) and days % 100 not in (12, 13, 14)
    return f"разница {days} {'дня' if few else 'дней'}"
