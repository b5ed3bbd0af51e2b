"""Numbers and times as Russian letters write them."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from niktokromenas.domain.russian import plural as plural

ZONE = ZoneInfo("Europe/Volgograd")
# fmt: off
_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)
# fmt: on
_DAY = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,15}(?:Z|[+-][0-9]{2}:[0-9]{2})")


def counted(number: str, one: str, few: str, many: str) -> str:
    """«3 балла»; what is no whole number stays as it is."""
    if not (number.isascii() and number.isdigit()):
        return number
    return f"{number} {plural(int(number), one, few, many)}"


def day_text(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment_text(instant: datetime) -> str:
    """«24 ноября 2026, 15:40 (по Волгограду)»; the instant is aware."""
    local = instant.astimezone(ZONE)
    return f"{day_text(local)}, {local:%H:%M} (по Волгограду)"


def when(text: str) -> str:
    """Words for an ISO 8601 day or instant; any other text stays as it is."""
    match _read(text):
        case datetime() as instant:
            return moment_text(instant)
        case date() as day:
            return day_text(day)
        case _:
            return text


def until(text: str) -> str:
    """Words for a last day or instant, after «до»: local midnight ends the day before it."""
    moment = _read(text)
    if isinstance(moment, datetime):
        local = moment.astimezone(ZONE)
        if (local.hour, local.minute) != (0, 0):
            return moment_text(moment)
        moment = (local - timedelta(days=1)).date()
    return f"конца дня {day_text(moment)}" if moment else text


def _read(text: str) -> datetime | date | None:
    try:
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
