"""Filters are their owner's and fit the allow-list; templates are kept by approvers (Положение, п. 4.5)."""

from typing import Any

import pytest

from niktokromenas.application.office import TemplateDraft
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import FilterId
from niktokromenas.domain.messages.answering import ApproverRequired
from niktokromenas.domain.office.filters import MOST_FILTERS, FilteredList, TooManyFilters
from niktokromenas.domain.office.templates import TEXT_LIMIT
from niktokromenas.domain.participants.actors import RoleRequired
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.office import FilterNotFound, TemplateNotFound
from tests.unit.application.life import CITY, PEOPLE, Life, a_life

LATE = (FilteredList.ANSWERS, {"watch": "overdue", "authority": CITY})
DRAFT = TemplateDraft(category="roads", title="Дороги", text="Заделаем до конца недели")


async def actor(life: Life, who: str) -> Any:
    return await life.cast.actor(PEOPLE[who].oid)


def codes(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in refused.value.faults}


@pytest.mark.clause("1.3-office")
async def test_a_filter_is_kept_renamed_and_deleted_by_its_owner_alone() -> None:
    life = await a_life()
    filters, mine, other = (
        life.platform.keep_filters(),
        await actor(life, "official"),
        await actor(life, "approver"),
    )
    made = await filters.add(mine, " Просрочено ", *LATE)
    assert [(f.name, f.list, f.terms) for f in await filters.all(mine)] == [("Просрочено", *LATE)]
    assert await filters.all(other) == ()
    for act in (filters.rename(other, made.id, "Моё"), filters.delete(other, made.id)):
        with pytest.raises(FilterNotFound):
            await act
    assert (await filters.rename(mine, made.id, "Поздно")).name == "Поздно"
    await filters.delete(mine, made.id)
    with pytest.raises(FilterNotFound):
        await filters.delete(mine, FilterId(made.id))
    with pytest.raises(RoleRequired):
        await filters.add(await actor(life, "anna"), "Моё", *LATE)


@pytest.mark.abuse(10)
@pytest.mark.parametrize(
    ("chosen", "terms", "fault"),
    [
        (FilteredList.ANSWERS, {"phone": "+7"}, ("/terms/phone", "unknown-term")),
        (FilteredList.INBOX, {"watch": "due"}, ("/terms/watch", "unknown-term")),
        (FilteredList.ANSWERS, {"watch": "late"}, ("/terms/watch", "bad-term")),
        (FilteredList.ANSWERS, {"authority": "x'; --"}, ("/terms/authority", "bad-term")),
        (FilteredList.JOURNAL, {"since": "2026-03-05"}, ("/terms/since", "bad-term")),
        (FilteredList.JOURNAL, {"stage": "submitted"}, ("/terms/stage", "bad-term")),
        (FilteredList.JOURNAL, {"bbox": "45,48,44,49"}, ("/terms/bbox", "bad-term")),
        (FilteredList.JOURNAL, {"category": "secret"}, ("/terms/category", "bad-term")),
    ],
)
async def test_a_filter_names_nothing_but_what_its_list_is_filtered_by(
    chosen: FilteredList, terms: dict[str, str], fault: tuple[str, str]
) -> None:
    life = await a_life()
    with pytest.raises(Invalid) as refused:
        await life.platform.keep_filters().add(await actor(life, "official"), "Моё", chosen, terms)
    assert codes(refused) == {fault}


async def test_a_filter_may_name_all_that_its_list_is_filtered_by() -> None:
    life = await a_life()
    terms = {
        "category": "roads",
        "municipality": "18701000",
        "authority": CITY,
        "stage": "closed",
        "outcome": "done",
        "since": "2026-03-05T00:00:00+03:00",
        "until": "2026-04-05T00:00:00Z",
        "bbox": "44,48,45.5,49",
    }
    made = await life.platform.keep_filters().add(
        await actor(life, "operator"), "Всё", FilteredList.JOURNAL, terms
    )
    assert made.terms == terms


async def test_filters_are_told_apart_by_name_and_are_fifty_at_most() -> None:
    life = await a_life()
    filters, mine = life.platform.keep_filters(), await actor(life, "official")
    for n in range(MOST_FILTERS):
        await filters.add(mine, f"Фильтр {n}", *LATE)
    with pytest.raises(Invalid) as refused:
        await filters.add(mine, "ФИЛЬТР 7", *LATE)
    assert codes(refused) == {("/name", "same-name")}
    with pytest.raises(TooManyFilters):
        await filters.add(mine, "Ещё один", *LATE)
    kept = await filters.all(mine)
    await filters.delete(mine, kept[3].id)
    assert (await filters.add(mine, "Ещё один", *LATE)).place == kept[3].place
    for bad in ("", " \u200b", "две\nстроки", "x" * 101):
        with pytest.raises(Invalid):
            await filters.rename(mine, kept[0].id, bad)


@pytest.mark.clause("4.5")
async def test_an_approver_keeps_the_templates_that_colleagues_answer_by() -> None:
    life = await a_life()
    keep, read = life.platform.keep_templates(), life.platform.read_templates()
    head, official = await actor(life, "approver"), await actor(life, "official")
    with pytest.raises(ApproverRequired):
        await keep.add(official, None, DRAFT)
    made = await keep.add(head, None, DRAFT)
    assert await read(official, None, "roads.pothole", None, 10) == (made,)
    assert await read(official, None, "lighting", None, 10) == ()
    assert await read(await actor(life, "road official"), None, None, None, 10) == ()
    with pytest.raises(RoleRequired):
        await read(await actor(life, "moderator"), None, None, None, 10)
    with pytest.raises(ApproverRequired):
        await keep.change(official, made.id, DRAFT, expected_version=None)
    changed = await keep.change(head, made.id, DRAFT, expected_version=made.version)
    with pytest.raises(StaleVersion):
        await keep.change(head, made.id, DRAFT, expected_version=made.version)
    for stranger, refusal in (("road official", TemplateNotFound), ("moderator", RoleRequired)):
        with pytest.raises(refusal):
            await keep.end(await actor(life, stranger), made.id)
    await keep.end(head, changed.id)
    assert await read(official, None, None, None, 10) == ()
    with pytest.raises(TemplateNotFound):
        await keep.end(head, changed.id)
    acts = sorted(e.action for e, _ in life.store.audit.committed() if e.object_kind == "answer-template")
    assert acts == ["answer-template.add", "answer-template.change", "answer-template.end"]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"title": "x" * 201},
        {"text": ""},
        {"text": "x" * (TEXT_LIMIT + 1)},
        {"category": "none"},
    ],
)
async def test_a_template_has_a_title_a_text_and_a_known_category(changes: dict[str, str]) -> None:
    life = await a_life()
    draft = TemplateDraft(**{"category": "roads", "title": "Дороги", "text": "Ответ", **changes})
    with pytest.raises(Invalid):
        await life.platform.keep_templates().add(await actor(life, "approver"), None, draft)
