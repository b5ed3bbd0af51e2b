"""Terms: working days by the production calendar, due at 24:00 local (Положение, п. 1.4, 4.5; ADR 0002)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.regions.pack import bundled_region, load_region
from niktokromenas.domain.calendar import CalendarExhausted, WorkingCalendar

CALENDAR = load_region(bundled_region("volgograd")).calendar
VOLGOGRAD = ZoneInfo("Europe/Volgograd")
DECREE_DAYS_2020_2021 = 36
"""Days that the decrees of the pandemic and of the vote made free: our calendar counts them as worked."""

days = st.dates(date(2020, 1, 1), date(2027, 6, 1))
instants = st.datetimes(datetime(2020, 1, 2), datetime(2027, 6, 1), timezones=st.just(UTC))
terms = st.integers(1, 40)


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=past) for past in range((last - first).days + 1)]


def test_every_day_agrees_with_the_package_holidays() -> None:
    russian = holidays.country_holidays("RU")
    ours = {day: CALENDAR.is_working(day) for day in every_day(date(2020, 1, 1), date(2026, 12, 31))}
    assert {day for day, worked in ours.items() if worked != russian.is_working_day(day)} == set()


def test_the_decree_days_of_2020_and_2021_do_not_interrupt_a_term() -> None:
    assert CALENDAR.is_working(date(2020, 4, 1))
    assert CALENDAR.is_working(date(2021, 11, 2))
    worked = sum(CALENDAR.is_working(day) for day in every_day(date(2020, 1, 1), date(2021, 12, 31)))
    assert worked == 219 + 240 + DECREE_DAYS_2020_2021


@pytest.mark.parametrize(
    ("year", "worked"), [(2022, 247), (2023, 247), (2024, 248), (2025, 247), (2026, 247), (2027, 247)]
)
def test_each_year_has_the_published_number_of_working_days(year: int, worked: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == worked


@given(days, terms)
def test_the_last_day_of_a_term_is_worked_and_closes_just_so_many_working_days(day: date, term: int) -> None:
    last = CALENDAR.after(day, term)
    assert CALENDAR.is_working(last)
    assert sum(CALENDAR.is_working(d) for d in every_day(day, last)[1:]) == term
    assert CALENDAR.working_days_between(day, last) == term


@given(days, terms, terms)
def test_terms_add_up(day: date, first: int, second: int) -> None:
    assert CALENDAR.after(CALENDAR.after(day, first), second) == CALENDAR.after(day, first + second)


@given(days, days, terms)
def test_a_later_event_is_never_due_earlier(one: date, other: date, term: int) -> None:
    earlier, later = sorted((one, other))
    assert CALENDAR.after(earlier, term) <= CALENDAR.after(later, term)


@given(instants, terms)
def test_a_term_ends_at_the_start_of_a_local_day(event: datetime, term: int) -> None:
    for due in (
        CALENDAR.due_after_working_days(event, term),
        CALENDAR.due_after_calendar_days(event, term),
    ):
        local = due.astimezone(VOLGOGRAD)
        assert due.tzinfo is UTC
        assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
        assert due - event > timedelta(days=term) - timedelta(hours=1)


@given(instants, terms)
def test_a_term_in_calendar_days_ends_that_many_dates_later(event: datetime, term: int) -> None:
    due = CALENDAR.due_after_calendar_days(event, term)
    last = (due - timedelta(microseconds=1)).astimezone(VOLGOGRAD).date()
    assert last == event.astimezone(VOLGOGRAD).date() + timedelta(days=term)


def test_the_day_of_the_event_does_not_count() -> None:
    monday_morning = datetime(2026, 11, 23, 6, tzinfo=VOLGOGRAD)
    assert CALENDAR.due_after_working_days(monday_morning, 1) == datetime(2026, 11, 24, 21, tzinfo=UTC)


def test_a_term_passes_over_weekends_and_holidays() -> None:
    assert CALENDAR.after(date(2026, 12, 30), 1) == date(2027, 1, 11)


def test_a_worked_saturday_counts() -> None:
    assert CALENDAR.after(date(2025, 10, 31), 1) == date(2025, 11, 1)


def test_a_term_in_calendar_days_may_end_on_a_sunday() -> None:
    assert CALENDAR.due_after_calendar_days(datetime(2026, 11, 19, 12, tzinfo=UTC), 3) == datetime(
        2026, 11, 22, 21, tzinfo=UTC
    )


def test_the_evening_in_utc_is_already_the_next_day_in_volgograd() -> None:
    assert CALENDAR.local_date(datetime(2026, 11, 24, 20, 59, tzinfo=UTC)) == date(2026, 11, 24)
    assert CALENDAR.local_date(datetime(2026, 11, 24, 21, 0, tzinfo=UTC)) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        (date(2018, 10, 27), datetime(2018, 10, 27, 21, tzinfo=UTC)),
        (date(2018, 10, 28), datetime(2018, 10, 28, 20, tzinfo=UTC)),
        (date(2020, 10, 23), datetime(2020, 10, 23, 20, tzinfo=UTC)),
        (date(2020, 12, 26), datetime(2020, 12, 26, 20, tzinfo=UTC)),
        (date(2020, 12, 27), datetime(2020, 12, 27, 21, tzinfo=UTC)),
    ],
)
def test_days_end_by_the_offset_then_in_force(day: date, ends: datetime) -> None:
    assert CALENDAR.end_of(day) == ends


@pytest.mark.parametrize(("changed", "hours"), [(date(2018, 10, 28), 23), (date(2020, 12, 27), 25)])
def test_the_days_of_a_change_of_the_offset_are_shorter_or_longer(changed: date, hours: int) -> None:
    lasted = CALENDAR.end_of(changed) - CALENDAR.end_of(changed - timedelta(days=1))
    assert lasted == timedelta(hours=hours)


def test_a_term_across_the_change_of_2020_ends_at_the_new_midnight() -> None:
    event = datetime(2020, 12, 25, 19, 59, tzinfo=UTC)
    assert CALENDAR.local_date(event) == date(2020, 12, 25)
    assert CALENDAR.due_after_working_days(event, 1) == datetime(2020, 12, 28, 21, tzinfo=UTC)


def test_one_hour_of_utc_is_another_date_before_and_after_the_change() -> None:
    assert CALENDAR.local_date(datetime(2020, 12, 25, 20, 30, tzinfo=UTC)) == date(2020, 12, 26)
    assert CALENDAR.local_date(datetime(2020, 12, 28, 20, 30, tzinfo=UTC)) == date(2020, 12, 28)


def test_a_term_beyond_the_calendar_is_refused_with_its_bounds() -> None:
    event = datetime(2027, 12, 30, 9, tzinfo=UTC)
    with pytest.raises(CalendarExhausted) as refused:
        CALENDAR.due_after_working_days(event, 3)
    assert refused.value.code == "calendar-exhausted"
    assert refused.value.members == {"first": "2020-01-01", "last": "2027-12-31"}
    with pytest.raises(CalendarExhausted):
        CALENDAR.due_after_calendar_days(event, 3)


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2028, 1, 1)])
def test_days_outside_the_calendar_are_neither_worked_nor_free(day: date) -> None:
    with pytest.raises(CalendarExhausted):
        CALENDAR.is_working(day)


def test_the_end_of_the_calendar_is_announced_90_days_ahead() -> None:
    assert not CALENDAR.runs_out_within(datetime(2027, 10, 2, 20, 59, tzinfo=UTC))
    assert CALENDAR.runs_out_within(datetime(2027, 10, 2, 21, 0, tzinfo=UTC))
    assert CALENDAR.runs_out_within(datetime(2026, 11, 24, tzinfo=UTC), days=403)


def test_a_naive_instant_is_a_bug() -> None:
    naive = datetime(2026, 11, 24, 12)
    with pytest.raises(ValueError, match=r"^an instant without a UTC offset$"):
        CALENDAR.local_date(naive)
    with pytest.raises(ValueError, match=r"^an instant without a UTC offset$"):
        CALENDAR.due_after_working_days(naive, 1)
    with pytest.raises(ValueError, match=r"^an instant without a UTC offset$"):
        CALENDAR.due_after_calendar_days(naive, 1)
    with pytest.raises(ValueError, match=r"^an instant without a UTC offset$"):
        CALENDAR.runs_out_within(naive)


@pytest.mark.parametrize("term", [0, -1])
def test_a_term_has_at_least_one_day(term: int) -> None:
    with pytest.raises(ValueError, match=r"^a term has at least one (working )?day$"):
        CALENDAR.after(date(2026, 11, 24), term)
    with pytest.raises(ValueError, match=r"^a term has at least one (working )?day$"):
        CALENDAR.due_after_calendar_days(datetime(2026, 11, 24, tzinfo=UTC), term)


def test_a_span_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        CALENDAR.working_days_between(date(2026, 11, 24), date(2026, 11, 23))


def test_a_calendar_does_not_contradict_itself() -> None:
    saturday, monday = date(2026, 11, 21), date(2026, 11, 23)
    with pytest.raises(ValueError, match=r"^a day off is a weekday: Saturdays and Sundays are free anyway$"):
        evolve(CALENDAR, days_off={saturday})
    with pytest.raises(ValueError, match=r"^a working weekend is a Saturday or a Sunday$"):
        evolve(CALENDAR, working_weekends={monday})
    sunday = saturday + timedelta(days=1)
    worked = evolve(CALENDAR, working_weekends={saturday, sunday}, days_off={monday})
    assert [worked.is_working(day) for day in (saturday, sunday, monday)] == [True, True, False]
    with pytest.raises(ValueError, match="before it begins"):
        WorkingCalendar(
            zone=VOLGOGRAD, first=monday, last=saturday, days_off=frozenset(), working_weekends=frozenset()
        )
