"""Filters that people of the office keep: a list and its terms as data, from an allow-list (п. 4.5)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Invalid, in_pointer, refuse
from niktokromenas.domain.ids import FilterId, ParticipantId
from niktokromenas.domain.messages.stages import PUBLIC_STAGES
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.values import is_blank, stripped

MOST_FILTERS = 50
NAME_LIMIT = 100


class TooManyFilters(Conflict):
    code: ClassVar[str] = "too-many-filters"


class FilteredList(StrEnum):
    JOURNAL = "journal"
    ANSWERS = "answers"
    INBOX = "inbox"


Check = Callable[[str, Region], bool]


def _listed(directory: str) -> Check:
    return lambda code, region: code in getattr(region, directory)


def _one_of(*words: str) -> Check:
    return lambda word, _: word in words


def _instant(written: str, _: Region) -> bool:
    try:
        return datetime.fromisoformat(written).tzinfo is not None
    except ValueError:
        return False


_BOX = re.compile(",".join([r"-?[0-9]{1,3}(\.[0-9]{1,10})?"] * 4), re.ASCII)


def _box(written: str, _: Region) -> bool:
    """`west,south,east,north` in degrees, as the journal is asked."""
    if _BOX.fullmatch(written) is None:
        return False
    west, south, east, north = map(float, written.split(","))
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


_AUTHORITY = _listed("authorities")
ALLOWED: Mapping[FilteredList, Mapping[str, Check]] = MappingProxyType(
    {
        FilteredList.JOURNAL: {
            "category": _listed("categories"),
            "municipality": _listed("municipalities"),
            "authority": _AUTHORITY,
            "stage": _one_of(*(stage.value for stage in PUBLIC_STAGES)),
            "outcome": _one_of("done", "planned", "explained", "refused", "failed"),
            "since": _instant,
            "until": _instant,
            "bbox": _box,
        },
        FilteredList.ANSWERS: {
            "watch": _one_of("due", "today", "soon", "overdue", "incomplete", "not-taken"),
            "authority": _AUTHORITY,
        },
        FilteredList.INBOX: {"authority": _AUTHORITY},
    }
)
"""What a filter of each list may name, and what makes its value fit."""


def _named(_: object, __: object, name: str) -> None:
    if is_blank(name) or len(name) > NAME_LIMIT or not name.isprintable():
        detail = f"Назовите фильтр: одна строка до {NAME_LIMIT} знаков"
        raise Invalid(detail, faults=(Fault("/name", "bad-name", detail),))


def _copied(terms: Mapping[str, str]) -> Mapping[str, str]:
    return dict(terms)


@frozen(kw_only=True)
class SavedFilter:
    """One of its owner's, at one of `MOST_FILTERS` places: no two share a place."""

    id: FilterId
    owner_id: ParticipantId
    place: int
    name: str = field(converter=stripped, validator=_named)
    list: FilteredList
    terms: Mapping[str, str] = field(converter=_copied)
    made_at: datetime
    version: int = 0

    def renamed(self, name: str) -> "SavedFilter":
        """Raises `Invalid`."""
        return evolve(self, name=name)


def check_terms(chosen: FilteredList, terms: Mapping[str, str], region: Region) -> None:
    """Raises `Invalid` with everything the list's filter does not know."""
    refuse(list(_faults(chosen, terms, region)))


def _faults(chosen: FilteredList, terms: Mapping[str, str], region: Region) -> Iterator[Fault]:
    for name, value in terms.items():
        fits = ALLOWED[chosen].get(name)
        if fits is None:
            yield Fault(f"/terms/{in_pointer(name)}", "unknown-term", "Этот список так не отбирают")
        elif not fits(value, region):
            yield Fault(f"/terms/{in_pointer(name)}", "bad-term", "Такого значения у этого условия не бывает")


def free_place(kept: tuple[SavedFilter, ...]) -> int:
    """The first place nobody has taken. Raises `TooManyFilters`."""
    free = set(range(1, MOST_FILTERS + 1)) - {each.place for each in kept}
    if not free:
        raise TooManyFilters(f"Фильтров уже {MOST_FILTERS}: удалите ненужный")
    return min(free)


def refuse_same_name(name: str, kept: tuple[SavedFilter, ...]) -> None:
    """Raises `Invalid`: two filters of one name could not be told apart."""
    if name.strip().casefold() in {each.name.casefold() for each in kept}:
        detail = "Фильтр с таким названием уже есть"
        raise Invalid(detail, faults=(Fault("/name", "same-name", detail),))
