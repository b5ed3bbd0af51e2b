"""Words that several capabilities share: places, phones, addresses, acts."""

from math import pi
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.participants.identity import PersonName, Subject
from niktokromenas.domain.values import (
    EARTH_RADIUS_M,
    EMAIL_LIMIT,
    LegalAct,
    Phone,
    Point,
    is_blank,
    is_email,
)
from tests.contract.building import ACT

POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


def faults(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    [fault] = refused.value.faults
    assert refused.value.detail == fault.detail
    return [(fault.pointer, fault.code)]


@pytest.mark.parametrize("lat", [-90.001, 90.001, float("nan"), float("inf")])
def test_latitude_ends_at_the_poles(lat: float) -> None:
    with pytest.raises(Invalid) as refused:
        Point(lat, 0)
    assert faults(refused) == [("/lat", "bad-latitude")]
    assert {Point(edge, 0).lat for edge in (-90, 90)} == {-90, 90}


@pytest.mark.parametrize("lon", [-180.001, 180.001, float("nan"), float("-inf")])
def test_longitude_ends_at_the_antimeridian(lon: float) -> None:
    with pytest.raises(Invalid) as refused:
        Point(0, lon)
    assert faults(refused) == [("/lon", "bad-longitude")]
    assert {Point(0, edge).lon for edge in (-180, 180)} == {-180, 180}


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_no_more_than_half_the_globe(one: Point, other: Point) -> None:
    metres = one.metres_to(other)
    assert metres == pytest.approx(other.metres_to(one), abs=1e-3)
    assert 0 <= metres <= pi * EARTH_RADIUS_M
    assert one.metres_to(one) == 0


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (Point(0, 0), Point(0, 90), pi / 2 * EARTH_RADIUS_M),
        (Point(0, 0), Point(0, 180), pi * EARTH_RADIUS_M),
        (Point(-90, 0), Point(90, 0), pi * EARTH_RADIUS_M),
        (Point(0, 0), Point(1, 0), 111_195),
        (Point(60, 0), Point(60, 1), 55_597),
        (Point(48.7071, 44.5169), Point(55.7539, 37.6208), 912_900),
    ],
)
def test_distances_known_from_elsewhere(one: Point, other: Point, metres: float) -> None:
    assert one.metres_to(other) == pytest.approx(metres, rel=1e-3)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+79001234567", "+79001234567"),
        ("8 (900) 123-45-67", "+79001234567"),
        ("8\u00a0900\u00a01234567", "+79001234567"),
        ("79001234567", "+79001234567"),
        ("9001234567", "+79001234567"),
        ("+7.900.123.45.67", "+79001234567"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+1234567", None),
        ("+12345678", "+12345678"),
        ("+123456789012345", "+123456789012345"),
        ("+1234567890123456", None),
        ("+09001234567", None),
        ("8900123456", None),
        ("890012345678", None),
        ("7900123456", None),
        ("790012345678", None),
        ("8442300000", None),
        ("900123456", None),
        ("90012345678", None),
        ("+7٩001234567", None),
        ("", None),
        ("12", None),
    ],
)
def test_russian_habits_of_writing_a_phone_are_understood(written: str, number: str | None) -> None:
    if number is None:
        with pytest.raises(Invalid) as refused:
            Phone(written)
        assert faults(refused) == [("", "bad-phone")]
    else:
        assert Phone(written).number == number


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a@example.org", True),
        ("а@пример.рф", True),
        ("a.b+c@mail.example.org", True),
        ("a@example", False),
        ("a@example..org", False),
        ("a b@example.org", False),
        ("a@b@example.org", False),
        ('"a"@example.org', False),
        ("a@example.org,b@example.org", False),
        ("a@example.org\n", False),
        ("a\u200b@example.org", False),
        ("", False),
        (f"{'a' * (EMAIL_LIMIT - 12)}@example.org", True),
        (f"{'a' * (EMAIL_LIMIT - 11)}@example.org", False),
    ],
)
def test_an_address_is_one_printable_line(text: str, is_one: bool) -> None:
    assert is_email(text) is is_one


@given(st.text(" \t\n\u00ad\u200b\u200d\u2060\ufeff\u2800\u3164"), st.characters(categories=["L", "N", "P"]))
def test_what_nobody_sees_is_blank(unseen: str, seen: str) -> None:
    assert is_blank(unseen)
    assert is_blank(unseen + seen + unseen) is (seen == "\u3164")


@pytest.mark.clause("5.3")
@pytest.mark.parametrize(
    ("name", "code", "limit"), [("title", "no-title", 500), ("number", "no-number", 100)]
)
def test_an_act_has_a_title_and_a_number_of_bounded_length(name: str, code: str, limit: int) -> None:
    longest: Any = evolve(ACT, **{name: f" {'я' * limit} "})
    assert getattr(longest, name) == "я" * limit
    for words in ("", "\u200b ", "я" * (limit + 1)):
        with pytest.raises(Invalid) as refused:
            LegalAct(**{"title": "Приказ", "number": "1", "date": ACT.date, name: words})
        assert faults(refused) == [(f"/{name}", code)]


@pytest.mark.parametrize("oid", ["", "12a", "٣", "-1", "1" * 21])
def test_an_account_of_esia_has_a_number(oid: str) -> None:
    with pytest.raises(Invalid) as refused:
        Subject("issuer", oid)
    assert faults(refused) == [("/oid", "bad-oid")]
    assert Subject("issuer", "1" * 20).oid == "1" * 20


def test_a_name_is_written_as_people_write_it() -> None:
    assert str(PersonName("Иванова", "Анна", "Петровна")) == "Иванова Анна Петровна"
    assert str(PersonName("Ли", "Анна")) == "Ли Анна"
