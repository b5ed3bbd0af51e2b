"""Templates of surveys over memory, SQLite and PostgreSQL: `SurveyTemplates` and `SurveyTemplateRegister`."""

import asyncio
from itertools import count
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import ParticipantId, SurveyTemplateId
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.templates import SurveyTemplate, template_of
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.survey_templates import SurveyTemplateItem, SurveyTemplateNotFound
from tests.contract.building import arrived
from tests.contract.stores import Stores
from tests.contract.survey_strategies import drafts
from tests.unit.surveys.building import a_content

_serials = count(90_000)


async def a_person(stores: Stores) -> ParticipantId:
    return (await arrived(stores, next(_serials))).id


def a_template(owner_id: ParticipantId, body: str | None = None, **more: Any) -> SurveyTemplate:
    return template_of(SurveyTemplateId(new_id()), "Дороги", a_content(**more), owner_id=owner_id, body=body)


async def kept(stores: Stores, template: SurveyTemplate) -> SurveyTemplate:
    async with stores.transactions() as tx:
        saved: SurveyTemplate = await tx.survey_templates.save(template)
        return saved


def item(template: SurveyTemplate) -> SurveyTemplateItem:
    return SurveyTemplateItem(template.id, template.name, template.content.kind.value)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(first=drafts, then=drafts)
async def test_a_template_is_read_back_equal(stores: Stores, first: Content, then: Content) -> None:
    made = evolve(a_template(await a_person(stores)), content=first)
    saved = await kept(stores, made)
    assert saved == evolve(made, version=1)
    assert await stores.survey_template_register.one(made.id) == saved
    changed = await kept(stores, evolve(saved, name="Иначе", content=then, body="vo-roads"))
    async with stores.transactions() as tx:
        assert await tx.survey_templates.get(made.id) == changed
    assert changed == evolve(made, name="Иначе", content=then, body="vo-roads", version=2)


async def check_everyone_finds_their_own_newest_first(stores: Stores) -> None:
    person, other = await a_person(stores), await a_person(stores)
    body = f"vo-{new_id().hex[:8]}"
    mine = [await kept(stores, a_template(person)) for _ in range(3)]
    await kept(stores, a_template(other))
    shared = [await kept(stores, a_template(who, body)) for who in (person, other)]
    register = stores.survey_template_register
    newest = [item(template) for template in reversed(mine)]
    assert list(await register.of(person, None, 9)) == newest
    assert list(await register.of(person, None, 2)) == newest[:2]
    assert list(await register.of(person, mine[2].id, 9)) == newest[1:]
    assert list(await register.of(person, mine[0].id, 9)) == []
    assert list(await register.of(body, None, 9)) == [item(shared[1]), item(shared[0])]
    assert list(await register.of(str(person), None, 9)) == []
    async with stores.transactions() as tx:
        counts = [await tx.survey_templates.count(whose, 9) for whose in (person, other, body, "vo-nobody")]
        assert await tx.survey_templates.count(person, 2) == 2
    assert counts == [3, 1, 2, 0]


async def test_everyone_finds_their_own_newest_first(stores: Stores) -> None:
    await check_everyone_finds_their_own_newest_first(stores)


async def check_what_is_deleted_is_gone_and_nothing_else(stores: Stores) -> None:
    person = await a_person(stores)
    gone, left = await kept(stores, a_template(person)), await kept(stores, a_template(person))
    async with stores.transactions() as tx:
        await tx.survey_templates.delete(gone.id)
        assert await tx.survey_templates.count(person, 9) == 1
    assert await stores.survey_template_register.of(person, None, 9) == (item(left),)
    with pytest.raises(SurveyTemplateNotFound):
        await stores.survey_template_register.one(gone.id)
    with pytest.raises(SurveyTemplateNotFound):
        async with stores.transactions() as tx:
            await tx.survey_templates.get(gone.id)
    assert await stores.survey_template_register.one(left.id) == left


async def test_what_is_deleted_is_gone_and_nothing_else(stores: Stores) -> None:
    await check_what_is_deleted_is_gone_and_nothing_else(stores)


async def check_a_template_that_moved_on_is_not_overwritten(stores: Stores) -> None:
    made = a_template(await a_person(stores))
    saved = await kept(stores, made)
    for stale in (made, evolve(saved, version=7)):
        with pytest.raises(StaleVersion):
            await kept(stores, evolve(stale, name="Поздно"))
    assert await stores.survey_template_register.one(made.id) == saved


async def test_a_template_that_moved_on_is_not_overwritten(stores: Stores) -> None:
    await check_a_template_that_moved_on_is_not_overwritten(stores)


async def check_readers_see_only_what_is_committed(stores: Stores) -> None:
    person = await a_person(stores)

    async def stopped() -> None:
        async with stores.transactions() as tx:
            await tx.survey_templates.save(a_template(person))
            raise LookupError

    with pytest.raises(LookupError):
        await stopped()
    assert await stores.survey_template_register.of(person, None, 9) == ()


async def test_readers_see_only_what_is_committed(stores: Stores) -> None:
    await check_readers_see_only_what_is_committed(stores)


async def check_who_counts_waits_for_who_counted_before(stores: Stores) -> None:
    person = await a_person(stores)
    counts: list[int] = []
    holds, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with stores.transactions() as tx:
            counts.append(await tx.survey_templates.count(person, 9))
            holds.set()
            await may_end.wait()
            await tx.survey_templates.save(a_template(person))

    async def second() -> None:
        await holds.wait()
        async with stores.transactions() as tx:
            counts.append(await tx.survey_templates.count(person, 9))

    counting, waiting = asyncio.create_task(first()), asyncio.create_task(second())
    await holds.wait()
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    may_end.set()
    await asyncio.gather(counting, waiting)
    assert not done
    assert counts == [0, 1]


async def test_who_counts_waits_for_who_counted_before(stores: Stores) -> None:
    await check_who_counts_waits_for_who_counted_before(stores)
