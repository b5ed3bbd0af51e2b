"""calendar_ru.csv as a working calendar.

Rows with `basis=decree` (non-working days by decrees of 2020-2021) are skipped: ADR 0002. `short` rows are
worked days and change nothing here.
"""

from datetime import date
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import define, field

from niktokromenas.adapters.regions.faults import Faults
from niktokromenas.adapters.regions.tables import Row, rows
from niktokromenas.domain.calendar import WorkingCalendar

CALENDAR_FILE = "calendar_ru.csv"
SKIPPED_BASES = frozenset({"decree"})
_COLUMNS = ("date", "kind", "short", "basis", "title")
_KINDS = ("holiday", "short", "working_weekend")
_BASES = ("statutory", "transfer", "weekend_shift", "decree", "derived")
_SATURDAY = 5


@define
class _Days:
    lines: dict[date, int] = field(factory=dict)
    years: dict[int, int] = field(factory=dict)
    """Year → line of its first row."""
    off: set[date] = field(factory=set)
    weekends: set[date] = field(factory=set)


def read_calendar(folder: Path, zone: ZoneInfo, faults: Faults) -> WorkingCalendar | None:
    """From 1 January of the first year met to 31 December of the last. A year in between without rows is a
    fault: it was forgotten, since no year is without a day that differs."""
    given = rows(folder, CALENDAR_FILE, _COLUMNS, faults)
    if given is None:
        return None
    days = _Days()
    for row in given:
        _take(row, days)
    if not days.years:
        faults.add(CALENDAR_FILE, 1, "нет ни одной строки")
        return None
    first, last = min(days.years), max(days.years)
    for year, later in pairwise(sorted(days.years)):
        if later > year + 1:
            span = f"{year + 1} года" if later == year + 2 else f"{year + 1}-{later - 1} годов"
            faults.add(CALENDAR_FILE, days.years[later], f"нет {span}")
    return WorkingCalendar(
        zone=zone,
        first=date(first, 1, 1),
        last=date(last, 12, 31),
        days_off=frozenset(days.off),
        working_weekends=frozenset(days.weekends),
    )


def _take(row: Row, days: _Days) -> None:
    day, kind = row.date("date"), row.one_of("kind", _KINDS)
    row.flag("short")
    basis = row.one_of("basis", _BASES)
    if row.is_sound and (day.weekday() >= _SATURDAY) != (kind == "working_weekend"):
        row.fault(f"«{kind}» не бывает в {'выходной' if day.weekday() >= _SATURDAY else 'будний день'}")
    if row.is_sound and days.lines.setdefault(day, row.line) != row.line:
        row.fault(f"«{day}» уже есть в строке {days.lines[day]}")
    if not row.is_sound or basis in SKIPPED_BASES:
        return
    days.years.setdefault(day.year, row.line)
    if kind == "holiday":
        days.off.add(day)
    elif kind == "working_weekend":
        days.weekends.add(day)
