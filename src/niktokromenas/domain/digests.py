"""The day's news in one letter: when it is due, and what it says (Положение, п. 3 (8), ADR 0023)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from niktokromenas.domain.notices import NOTICE_KINDS, Notice, NoticeKind
from niktokromenas.domain.russian import plural

DIGEST_ITEMS = 50
"""A letter names so many at most; the feed has them all."""


def day_of_digest(at: datetime, hour: int, zone: ZoneInfo) -> date:
    """The local day whose letter takes up what is told at `at`: from `hour` on it is the next one's."""
    local = at.astimezone(zone)
    return local.date() + timedelta(days=local.hour >= hour)


def day_due(at: datetime, hour: int, zone: ZoneInfo) -> date | None:
    """The local day whose letters may leave at `at`, if it is time."""
    local = at.astimezone(zone)
    return local.date() if local.hour >= hour else None


def digest_words(notices: Iterable[Notice]) -> tuple[int, str]:
    """How much news there is and its lines, by kind in the order of the settings, each message once.

    A message is named by number, authority or category and address: nothing anyone wrote is repeated.
    A survey is named by number and title, which moderators have read.
    """
    lines: list[str] = []
    count = 0
    told = tuple(sorted(notices, key=lambda notice: (notice.at, notice.id)))
    for kind in NOTICE_KINDS:
        items = _items(kind, told)
        if items:
            shown = items[: max(0, DIGEST_ITEMS - count)]
            lines += [_heading(kind, len(items)), *filter(None, shown)]
            if left := len(items) - len(shown):
                lines.append(f"и ещё {left} — в ленте")
            count += len(items)
    return count, "\n".join(lines)


def _items(kind: NoticeKind, told: tuple[Notice, ...]) -> list[str]:
    """The lines of a kind; of what is about no message an empty one for each time it happened."""
    lines = [_line(notice) for notice in told if notice.kind is kind]
    return list(dict.fromkeys(lines)) if "number" in NOTICE_KINDS[kind].facts else lines


def _heading(kind: NoticeKind, count: int) -> str:
    facts = NOTICE_KINDS[kind].facts
    words = ("опрос", "опроса", "опросов") if "title" in facts else ("сообщение", "сообщения", "сообщений")
    if "number" not in facts:
        words = ("раз", "раза", "раз")
    return f"{NOTICE_KINDS[kind].title}: {count} {plural(count, *words)}"


def _line(notice: Notice) -> str:
    facts = notice.facts
    if facts.get("number") is None:
        return ""
    if facts.get("title") is not None:
        return f"№ {facts['number']}, «{facts['title']}»"
    about = facts.get("authority") or facts.get("category")
    named = f"№ {facts['number']}" + (f", {about}" if about else "")
    return f"{named}: {facts.get('message_url')}"
