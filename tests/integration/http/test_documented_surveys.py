"""Everybody, about surveys and groups: no 5xx, every answer as documented (see `documented`)."""

import pytest

from tests.integration.http.documented import OPERATIONS, Everybody, everybody, is_of_surveys
from tests.integration.http.succeeding import SUCCEEDING

__all__ = ["everybody"]
NAMES = [name for name in OPERATIONS if is_of_surveys(name)]


@pytest.mark.abuse(12)
@pytest.mark.clause("4.8")
@pytest.mark.parametrize("name", NAMES)
def test_guests_are_answered_as_documented_and_change_nothing(everybody: Everybody, name: str) -> None:
    everybody.as_documented("guest", name)


@pytest.mark.abuse(12)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", ["user", "moderator", "official"])
def test_people_are_answered_as_documented_and_do_what_is_theirs(
    everybody: Everybody, role: str, name: str
) -> None:
    everybody.as_documented(role, name)


@pytest.mark.clause("5.1")
@pytest.mark.parametrize(
    ("role", "name"),
    [
        (role, name)
        for role in ("operator", "technical", "coordinator")
        for name in sorted(SUCCEEDING[role][1].intersection(NAMES))
    ],
)
def test_those_who_govern_are_answered_as_documented(everybody: Everybody, role: str, name: str) -> None:
    everybody.as_documented(role, name)
