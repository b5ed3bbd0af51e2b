"""The contract of what people of the office keep: filters, each at a place of its own, and templates."""

from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import FilterId, ParticipantId, TemplateId
from niktokromenas.domain.office.filters import FilteredList, SavedFilter
from niktokromenas.domain.office.templates import AnswerTemplate
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.office import TemplateNotFound
from tests.contract.building import CITY, ROADS, arrived
from tests.contract.stores import NOON, Stores


def a_filter(owner: ParticipantId, place: int = 1, **changes: Any) -> SavedFilter:
    kept = SavedFilter(
        id=FilterId(new_id()),
        owner_id=owner,
        place=place,
        name=f"Просрочено {place}",
        list=FilteredList.ANSWERS,
        terms={"watch": "overdue", "authority": CITY},
        made_at=NOON,
    )
    return evolve(kept, **changes)


def a_template(authority: str = CITY, category: str = "roads.pothole", **changes: Any) -> AnswerTemplate:
    template = AnswerTemplate(
        id=TemplateId(new_id()),
        authority=authority,
        category=category,
        title="Яма",
        text="Заделаем\nдо конца недели",
        made_by=ParticipantId(new_id()),
        made_at=NOON,
    )
    return evolve(template, **changes)


async def kept(stores: Stores, *filters: SavedFilter) -> list[SavedFilter]:
    async with stores.transactions() as tx:
        return [await tx.filters.save(each) for each in filters]


async def check_two_filters_never_share_a_place(stores: Stores) -> None:
    owner, other = (await arrived(stores)).id, (await arrived(stores, 2)).id
    await kept(stores, a_filter(owner), a_filter(owner, 2), a_filter(other))
    with pytest.raises(StaleVersion):
        await kept(stores, a_filter(owner))


async def test_two_filters_never_share_a_place(stores: Stores) -> None:
    await check_two_filters_never_share_a_place(stores)


async def test_filters_are_their_owners_by_place_until_they_are_deleted(stores: Stores) -> None:
    owner, other = (await arrived(stores)).id, (await arrived(stores, 2)).id
    second, first, foreign = await kept(stores, a_filter(owner, 2), a_filter(owner), a_filter(other))
    async with stores.transactions() as tx:
        assert await tx.filters.of(owner) == (first, second)
        await tx.filters.delete(second.id)
        assert await tx.filters.of(owner) == (first,)
        assert await tx.filters.of(other) == (foreign,)


async def test_a_filter_is_renamed_over_the_version_read(stores: Stores) -> None:
    (stored,) = await kept(stores, a_filter((await arrived(stores)).id))
    (renamed,) = await kept(stores, stored.renamed("Другое"))
    assert (renamed.name, renamed.version) == ("Другое", 2)
    with pytest.raises(StaleVersion):
        await kept(stores, stored.renamed("Третье"))


async def offered(stores: Stores, *categories: str, authority: str = CITY) -> list[str]:
    async with stores.transactions() as tx:
        return [t.title for t in await tx.templates.of(authority, categories or None, None, 10)]


async def check_templates_are_offered_for_their_authority_and_category(stores: Stores) -> None:
    made = [
        a_template(title="Яма"),
        a_template(category="roads", title="Дороги"),
        a_template(category="roads.snow", title="Снег"),
        a_template(ROADS, title="Чужой"),
        a_template(title="Старый", ended_at=NOON),
    ]
    async with stores.transactions() as tx:
        for template in made:
            await tx.templates.save(template)
    assert await offered(stores, "roads.pothole", "roads") == ["Яма", "Дороги"]
    assert await offered(stores, "roads") == ["Дороги"]
    assert await offered(stores) == ["Яма", "Дороги", "Снег"]
    assert await offered(stores, authority=ROADS) == ["Чужой"]


async def test_templates_are_offered_for_their_authority_and_category(stores: Stores) -> None:
    await check_templates_are_offered_for_their_authority_and_category(stores)


async def test_templates_are_pages_in_the_order_they_were_made(stores: Stores) -> None:
    made = [a_template(title=str(n)) for n in range(3)]
    async with stores.transactions() as tx:
        for template in reversed(made):
            await tx.templates.save(template)
        first = await tx.templates.of(CITY, None, None, 2)
        assert [t.title for t in first] == ["0", "1"]
        assert [t.title for t in await tx.templates.of(CITY, None, first[-1].id, 2)] == ["2"]


async def test_a_template_is_changed_over_the_version_read_and_kept_when_ended(stores: Stores) -> None:
    async with stores.transactions() as tx:
        stored = await tx.templates.save(a_template())
        changed = await tx.templates.save(stored.changed("roads", "Дороги", "Ответ"))
        ended = await tx.templates.save(changed.ended(NOON))
        assert await tx.templates.get(stored.id) == ended
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.templates.save(stored.changed("roads", "Иное", "Ответ"))
    with pytest.raises(TemplateNotFound):
        async with stores.transactions() as tx:
            await tx.templates.get(TemplateId(new_id()))
