"""The day's news in one letter (Положение, п. 3 (8); ADR 0023)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.digests import DIGEST_ITEMS, day_due, day_of_digest, digest_words
from niktokromenas.domain.notices import Notice, NoticeKind
from niktokromenas.domain.russian import plural
from tests.contract.stores import NOON

VOLGOGRAD = ZoneInfo("Europe/Volgograd")
ROUTED, NEARBY = NoticeKind.FOLLOWED_ROUTED, NoticeKind.NEW_NEARBY


def a_notice(order: int, kind: NoticeKind = ROUTED, number: str | None = None, **facts: Any) -> Notice:
    told = {"number": number or f"26-{order:06d}", "message_url": f"https://nkn.example/{order}", **facts}
    return Notice(
        id=UUID(int=order),
        event_id=UUID(int=order),
        recipient_id=UUID(int=1),
        kind=kind,
        facts=told,
        at=NOON + timedelta(minutes=order),
    )


@given(st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), st.integers(0, 23))
def test_news_goes_into_the_letter_of_its_hour_or_of_the_next_day(at: datetime, hour: int) -> None:
    local = at.astimezone(VOLGOGRAD)
    day = day_of_digest(at, hour, VOLGOGRAD)
    leaves = datetime(day.year, day.month, day.day, hour, tzinfo=VOLGOGRAD)
    assert local < leaves <= local + timedelta(days=1)
    assert day_due(leaves.astimezone(UTC), hour, VOLGOGRAD) == day
    assert day_due(leaves.astimezone(UTC) - timedelta(microseconds=1), hour, VOLGOGRAD) != day


def test_the_day_is_the_regions() -> None:
    midnight = datetime(2026, 3, 5, 21, tzinfo=UTC)
    assert day_due(midnight, 0, VOLGOGRAD) == date(2026, 3, 6)
    assert day_due(midnight, 1, VOLGOGRAD) is None
    assert day_of_digest(midnight - timedelta(seconds=1), 23, VOLGOGRAD) == date(2026, 3, 6)


def test_lines_stand_by_kind_in_order_of_time_each_message_once() -> None:
    again = a_notice(9, number="26-000002", authority="Комдор", message_url="https://nkn.example/2")
    news = (
        a_notice(3, NEARBY, category="Ямы"),
        a_notice(2, authority="Комдор", category="Ямы"),
        a_notice(1),
        again,
    )
    assert digest_words(news) == (
        3,
        "Сообщение, за которым вы следите, передано: 2 сообщения\n"
        "№ 26-000001: https://nkn.example/1\n"
        "№ 26-000002, Комдор: https://nkn.example/2\n"
        "Новые сообщения по вашей подписке: 1 сообщение\n"
        "№ 26-000003, Ямы: https://nkn.example/3",
    )


def test_notices_of_one_instant_stand_in_the_order_they_were_made() -> None:
    one, two = a_notice(1), a_notice(2)
    at_once = (evolve(two, at=one.at), one)
    lines = digest_words(at_once)[1].splitlines()
    assert lines[1:] == ["№ 26-000001: https://nkn.example/1", "№ 26-000002: https://nkn.example/2"]


def test_news_about_no_message_is_counted_without_a_line() -> None:
    block = Notice(
        id=UUID(int=1),
        event_id=UUID(int=1),
        recipient_id=UUID(int=1),
        kind=NoticeKind.BLOCK_LIFTED,
        facts={"words": "Так"},
        at=NOON,
    )
    assert digest_words([block]) == (1, "Блокировка снята: 1 раз")
    for times, told in ((3, "3 раза"), (5, "5 раз")):
        assert digest_words([block] * times) == (times, f"Блокировка снята: {told}")
    assert digest_words([]) == (0, "")


@pytest.mark.parametrize("more", [0, 1, 7])
def test_a_long_day_is_cut_and_says_how_much_is_left(more: int) -> None:
    first = [a_notice(n) for n in range(1, DIGEST_ITEMS + 1)]
    further = [a_notice(DIGEST_ITEMS + n, NEARBY) for n in range(1, more + 1)]
    count, words = digest_words(first + further)
    lines = words.splitlines()
    assert count == DIGEST_ITEMS + more
    assert sum(line.startswith("№") for line in lines) == DIGEST_ITEMS
    left = [f"и ещё {more} — в ленте"] if more else []
    assert [line for line in lines if line.startswith("и ещё")] == left


def test_one_kind_alone_is_cut_at_the_same_place() -> None:
    count, words = digest_words([a_notice(n) for n in range(1, DIGEST_ITEMS + 3)])
    assert count == DIGEST_ITEMS + 2
    assert words.splitlines()[0].endswith(": 52 сообщения")
    assert words.splitlines()[-2:] == [f"№ 26-{50:06d}: https://nkn.example/50", "и ещё 2 — в ленте"]


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("день", (1, 21, 101, 121)),
        ("дня", (2, 3, 4, 22, 34, 102, 104)),
        ("дней", (0, 5, 9, 10, 11, 12, 13, 14, 15, 20, 25, 100, 111, 112, 114, 211)),
    ],
)
def test_nouns_agree_with_their_number(form: str, numbers: tuple[int, ...]) -> None:
    assert {plural(number, "день", "дня", "дней") for number in numbers} == {form}
