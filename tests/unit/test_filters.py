"""Filters and templates that people of the office keep (п. 4.5)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import FilterId, ParticipantId, TemplateId
from niktokromenas.domain.messages.stages import PUBLIC_STAGES
from niktokromenas.domain.office.filters import (
    MOST_FILTERS,
    NAME_LIMIT,
    FilteredList,
    SavedFilter,
    TooManyFilters,
    check_terms,
    free_place,
    refuse_same_name,
)
from niktokromenas.domain.office.templates import TEXT_LIMIT, TITLE_LIMIT, AnswerTemplate, categories_of
from tests.contract.building import CITY
from tests.contract.stores import NOON, a_region

JOURNAL, ANSWERS, INBOX = FilteredList.JOURNAL, FilteredList.ANSWERS, FilteredList.INBOX


def a_filter(place: int = 1, name: str = "Мои ямы", **terms: str) -> SavedFilter:
    return SavedFilter(
        id=FilterId(UUID(int=place)),
        owner_id=ParticipantId(UUID(int=1)),
        place=place,
        name=name,
        list=JOURNAL,
        terms=terms,
        made_at=NOON,
    )


def a_template(**changes: Any) -> AnswerTemplate:
    known: dict[str, Any] = {"category": "roads", "title": "Ямы", "text": "Заделаем"}
    return AnswerTemplate(
        id=TemplateId(UUID(int=1)),
        authority=CITY,
        made_by=ParticipantId(UUID(int=1)),
        made_at=NOON,
        **{**known, **changes},
    )


def faults(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize("name", ["", " \u200b", "я" * (NAME_LIMIT + 1), "две\nстроки"])
def test_a_filter_is_named_in_one_line(name: str) -> None:
    for named in (lambda: a_filter(name=name), lambda: a_filter().renamed(name)):
        with pytest.raises(Invalid) as refused:
            named()
        assert faults(refused) == [("/name", "bad-name")]


def test_a_name_is_trimmed_and_as_long_as_its_limit() -> None:
    assert a_filter(name=f" {'я' * NAME_LIMIT} ").name == "я" * NAME_LIMIT
    renamed = a_filter(place=3, category="roads").renamed(" Иначе ")
    assert renamed == a_filter(place=3, name="Иначе", category="roads")


def test_terms_kept_do_not_change_with_what_they_were_made_of() -> None:
    terms = {"category": "roads"}
    kept = evolve(a_filter(), terms=terms)
    terms["category"] = "waste"
    assert kept.terms == {"category": "roads"}


@pytest.mark.parametrize(
    ("chosen", "name", "values"),
    [
        (JOURNAL, "category", ("roads", "roads.pothole")),
        (JOURNAL, "municipality", ("18701000",)),
        (JOURNAL, "authority", (CITY,)),
        (JOURNAL, "stage", tuple(stage.value for stage in PUBLIC_STAGES)),
        (JOURNAL, "outcome", ("done", "planned", "explained", "refused", "failed")),
        (JOURNAL, "since", ("2026-03-05T12:00:00+03:00", "2026-03-05T09:00:00Z")),
        (JOURNAL, "until", ("2026-03-05T12:00:00+03:00",)),
        (
            JOURNAL,
            "bbox",
            ("44.5,48.7,44.6,48.8", "44.5,48.7,44.5,48.7", "-180,-90,180,90", "0,0,0,0"),
        ),
        (ANSWERS, "watch", ("due", "today", "soon", "overdue", "incomplete", "not-taken")),
        (ANSWERS, "authority", (CITY,)),
        (INBOX, "authority", (CITY,)),
    ],
)
def test_a_filter_names_what_its_list_knows(chosen: FilteredList, name: str, values: tuple[str, ...]) -> None:
    for value in values:
        check_terms(chosen, {name: value}, a_region())
    for value in ("", "нет такого"):
        with pytest.raises(Invalid) as refused:
            check_terms(chosen, {name: value}, a_region())
        assert faults(refused) == [(f"/terms/{name}", "bad-term")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("since", "2026-03-05T12:00:00"),
        ("stage", "received"),
        ("bbox", "44.6,48.7,44.5,48.8"),
        ("bbox", "44.5,48.8,44.6,48.7"),
        ("bbox", "-181,48.7,44.5,48.8"),
        ("bbox", "44.5,48.7,181,48.8"),
        ("bbox", "44.5,-91,44.6,48.8"),
        ("bbox", "44.5,48.7,44.6,91"),
        ("bbox", "44.5,48.7,44.6"),
        ("bbox", "44.5,48.7,44.6,48.8,1"),
        ("bbox", "44.5;48.7;44.6;48.8"),
        ("bbox", "٤٤,48,45,49"),
    ],
)
def test_values_just_beside_are_refused(name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_terms(JOURNAL, {name: value}, a_region())
    assert faults(refused) == [(f"/terms/{name}", "bad-term")]


def test_all_that_is_wrong_with_the_terms_is_told_in_their_order() -> None:
    check_terms(INBOX, {}, a_region())
    with pytest.raises(Invalid) as refused:
        check_terms(ANSWERS, {"bbox": "0,0,0,0", "authority": CITY, "watch": "never"}, a_region())
    assert faults(refused) == [("/terms/bbox", "unknown-term"), ("/terms/watch", "bad-term")]


@given(st.sets(st.integers(1, MOST_FILTERS)))
def test_the_first_free_place_is_taken(taken: set[int]) -> None:
    kept = tuple(a_filter(place) for place in taken)
    if len(taken) == MOST_FILTERS:
        return
    place = free_place(kept)
    assert place not in taken
    assert set(range(1, place)) <= taken


def test_there_are_fifty_places() -> None:
    kept = tuple(a_filter(place) for place in range(1, MOST_FILTERS + 1))
    assert free_place(kept[:-1]) == MOST_FILTERS == 50
    with pytest.raises(TooManyFilters):
        free_place(kept)


def test_two_filters_of_one_name_are_not_told_apart() -> None:
    refuse_same_name("Другие", (a_filter(),))
    for name in ("Мои ямы", " МОИ ЯМЫ "):
        with pytest.raises(Invalid) as refused:
            refuse_same_name(name, (a_filter(2, "Иные"), a_filter()))
        assert faults(refused) == [("/name", "same-name")]
    with pytest.raises(Invalid):
        refuse_same_name("strasse", (a_filter(name="Straße"),))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"title": "\u200b "}, ("/title", "bad-title")),
        ({"title": "я" * (TITLE_LIMIT + 1)}, ("/title", "bad-title")),
        ({"title": "две\nстроки"}, ("/title", "bad-title")),
        ({"text": "\u200b "}, ("/text", "bad-text")),
        ({"text": "я" * (TEXT_LIMIT + 1)}, ("/text", "bad-text")),
        ({"text": "до\0после"}, ("/text", "bad-text")),
    ],
)
def test_a_template_has_a_title_of_one_line_and_a_text(
    changes: dict[str, str], fault: tuple[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        a_template(**changes)
    assert faults(refused) == [fault]
    with pytest.raises(Invalid) as refused:
        a_template().changed(**{"category": "roads", "title": "Ямы", "text": "Заделаем", **changes})
    assert faults(refused) == [fault]


def test_a_template_is_changed_and_offered_no_more() -> None:
    longest = a_template().changed("waste", f" {'я' * TITLE_LIMIT} ", f" {'я' * TEXT_LIMIT} ")
    assert longest == a_template(category="waste", title="я" * TITLE_LIMIT, text="я" * TEXT_LIMIT)
    assert a_template(text="две\nстроки").text == "две\nстроки"
    ended = a_template().ended(NOON + timedelta(days=1))
    assert ended == a_template(ended_at=NOON + timedelta(days=1))


def test_templates_of_a_group_serve_its_topics() -> None:
    assert categories_of("roads") == ("roads",)
    assert categories_of("roads.pothole") == ("roads.pothole", "roads")
    assert categories_of("roads.pothole.deep") == ("roads.pothole.deep", "roads")
