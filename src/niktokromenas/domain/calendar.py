"""Working days and terms: day after the event is day 1, due at 24:00 local of the last day (ADR 0002)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from attrs import field, frozen

from niktokromenas.domain.errors import Unavailable

_DAY = timedelta(days=1)
_SATURDAY = 5


class CalendarExhausted(Unavailable):
    """The calendar does not reach that day: nobody knows yet which days there are worked."""

    code: ClassVar[str] = "calendar-exhausted"


def _frozen_days(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)


def _after_first(it: "WorkingCalendar", _: object, last: date) -> None:
    if last < it.first:
        raise ValueError("a calendar ends before it begins")


def _weekdays(_: object, __: object, days: frozenset[date]) -> None:
    if any(day.weekday() >= _SATURDAY for day in days):
        raise ValueError("a day off is a weekday: Saturdays and Sundays are free anyway")


def _weekends(_: object, __: object, days: frozenset[date]) -> None:
    if any(day.weekday() < _SATURDAY for day in days):
        raise ValueError("a working weekend is a Saturday or a Sunday")


@frozen(kw_only=True)
class WorkingCalendar:
    """The working days from `first` to `last`, both included, in `zone`.

    `days_off` are weekdays that are not worked, `working_weekends` Saturdays and Sundays that are. Instants
    come and go aware; a naive one is a bug of the caller and raises `ValueError`.
    """

    zone: ZoneInfo
    first: date
    last: date = field(validator=_after_first)
    days_off: frozenset[date] = field(converter=_frozen_days, repr=False, validator=_weekdays)
    working_weekends: frozenset[date] = field(converter=_frozen_days, repr=False, validator=_weekends)

    def is_working(self, day: date) -> bool:
        """Raises `CalendarExhausted`."""
        self._require(day)
        if day.weekday() < _SATURDAY:
            return day not in self.days_off
        return day in self.working_weekends

    def after(self, day: date, working_days: int) -> date:
        """The `working_days`-th working day after `day`, which itself never counts.

        `working_days` is 1 or more. Raises `CalendarExhausted`.
        """
        if working_days < 1:
            raise ValueError("a term has at least one working day")
        while working_days:
            day += _DAY
            working_days -= self.is_working(day)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days follow `first` up to `last`, `last` included: the inverse of `after`.

        Raises `CalendarExhausted`.
        """
        if last < first:
            raise ValueError("a span ends before it begins")
        span = (last - first).days
        return sum(self.is_working(first + timedelta(days=past)) for past in range(1, span + 1))

    def local_date(self, instant: datetime) -> date:
        if instant.tzinfo is None:
            raise ValueError("an instant without a UTC offset")
        return instant.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """24:00 local of `day`, that is the start of the next one, in UTC."""
        return datetime.combine(day + _DAY, time.min, tzinfo=self.zone).astimezone(UTC)

    def due_after_working_days(self, event: datetime, days: int) -> datetime:
        """UTC; `days` is 1 or more. Raises `CalendarExhausted`."""
        return self.end_of(self.after(self.local_date(event), days))

    def due_after_calendar_days(self, event: datetime, days: int) -> datetime:
        """UTC; `days` is 1 or more and the last day may be free. Raises `CalendarExhausted`."""
        if days < 1:
            raise ValueError("a term has at least one day")
        last = self.local_date(event) + timedelta(days=days)
        self._require(last)
        return self.end_of(last)

    def runs_out_within(self, now: datetime, days: int = 90) -> bool:
        """Whether the local date `days` from now is behind the last day of the calendar."""
        return self.local_date(now) + timedelta(days=days) > self.last

    def _require(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise CalendarExhausted(
                f"Производственный календарь не знает дня {day:%d.%m.%Y}",
                members={"first": self.first.isoformat(), "last": self.last.isoformat()},
            )
