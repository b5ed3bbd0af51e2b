"""Surveys over memory, SQLite and PostgreSQL: `Surveys`, `SurveyNumbers` and `SurveyJournal`."""

import asyncio
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from attrs import evolve, fields
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import select

from niktokromenas.adapters.sql.stored import read, read_maybe, write
from niktokromenas.adapters.sql.survey_rows import survey_columns, survey_history_columns
from niktokromenas.adapters.sql.tables import survey_history
from niktokromenas.adapters.sql.tables import surveys as surveys_table
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.participants.actors import SYSTEM, Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys import initiating, moderating, ticking
from niktokromenas.domain.surveys.conditions import Measure, Negated, Within
from niktokromenas.domain.surveys.content import Content, Series
from niktokromenas.domain.surveys.stages import BEFORE_ANNOUNCEMENT, FreezeReason, Stage, SurveyKind, Topic
from niktokromenas.domain.surveys.survey import HistoryEntry, Survey
from niktokromenas.domain.surveys.ticking import next_tick
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.surveys import (
    SurveyFilter,
    SurveyNotFound,
    awaits_seal,
    desk_of,
    owner_acting,
    owner_of,
    survey_item,
)
from tests.contract.stores import NOON, Stores, opened
from tests.contract.survey_strategies import (
    ASIDE,
    INITIATORS,
    ON_THE_WAY,
    a_draft,
    drafts,
    lives,
    on_the_way,
    tried,
)
from tests.unit.surveys.building import (
    ANNOUNCE,
    AUTHOR,
    BUSINESSMAN,
    CITY,
    COMPANY,
    CONTROLLER,
    END,
    GROUP,
    MUNICIPALITIES,
    OFFICIAL,
    PARTNER,
    PEOPLE,
    RULES,
    START,
    a_content,
    a_survey,
    doing,
    mark_question,
)

some = settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_numbers = count(1)


async def added(stores: Stores, survey: Survey) -> Survey:
    async with stores.transactions() as tx:
        stored: Survey = await tx.surveys.add(survey)
        return stored


async def saved(stores: Stores, survey: Survey) -> Survey:
    async with stores.transactions() as tx:
        stored: Survey = await tx.surveys.save(survey)
        return stored


def fresh(by: Acting = OFFICIAL, at: datetime = NOON, **more: Any) -> Survey:
    return a_draft(by, a_content(**more), f"S-26-{next(_numbers):06}", at)


@some
@given(life=lives())
async def test_a_survey_is_read_back_with_its_history_and_events(stores: Stores, life: Any) -> None:
    created, later = life
    async with stores.transactions() as tx:
        stored = await tx.surveys.add(created)
        assert stored == evolve(created, version=1)
        assert (stored.events, stored.entries) == ((), ())
        assert await tx.surveys.by_id(created.id) == stored
        assert await tx.surveys.by_number(created.number) == stored
        told = [event.kind for event in await tx.outbox.take(100)]
    assert told == [event.kind for event in created.events]
    assert await stores.survey_journal.history(created.id) == listed(*created.entries)
    async with stores.transactions() as tx:
        changed = await tx.surveys.save(later)
        assert changed == evolve(later, version=2)
        for ask in (tx.surveys.by_id, tx.surveys.to_answer, tx.surveys.to_count):
            assert await ask(created.id) == changed
        events = await tx.outbox.take(100)
    assert [(e.kind, e.at, e.facts["act"]) for e in events] == [(e.kind, e.at, e.act) for e in later.events]
    assert await stores.survey_journal.one(created.number) == changed
    entries = (*created.entries, *later.entries)
    assert await stores.survey_journal.history(created.id) == listed(*entries)
    assert await contents_kept(stores, created.id) == [entry.content for entry in entries]


def listed(*entries: HistoryEntry) -> tuple[HistoryEntry, ...]:
    """The history as a list of acts: what each made the survey say is kept and not read with them."""
    return tuple(evolve(entry, content=None) for entry in entries)


async def contents_kept(stores: Stores, survey_id: SurveyId) -> list[Content | None]:
    if stores.memory is not None:
        kept = stores.memory.survey_history.committed()
        return [entry.content for of, entry in kept if of == survey_id]
    assert stores.units is not None
    asked = (
        select(survey_history.c.content)
        .where(survey_history.c.survey_id == survey_id)
        .order_by(survey_history.c.position)
    )
    async with stores.units.reading() as connection:
        return [read_maybe(row.content, Content) for row in await connection.rows(asked, {})]


def test_every_column_of_a_survey_is_written() -> None:
    survey = fresh()
    assert set(survey_columns(survey)) == {column.name for column in surveys_table.c}
    written = survey_history_columns(survey.id, 1, survey.entries[0])
    assert set(written) == {column.name for column in survey_history.c}
    assert {f.name for f in fields(HistoryEntry)} - {"by"} <= set(written)


async def test_an_unknown_survey_is_not_found(stores: Stores) -> None:
    for ask in (
        lambda tx: tx.surveys.by_id(SurveyId(new_id())),
        lambda tx: tx.surveys.to_answer(SurveyId(new_id())),
        lambda tx: tx.surveys.to_count(SurveyId(new_id())),
        lambda tx: tx.surveys.by_number("S-26-999999"),
    ):
        with pytest.raises(SurveyNotFound):
            async with stores.transactions() as tx:
                await ask(tx)
    with pytest.raises(SurveyNotFound):
        await stores.survey_journal.one("S-26-999999")
    assert await stores.survey_journal.history(SurveyId(new_id())) == ()


async def check_a_survey_that_moved_on_is_not_overwritten(stores: Stores) -> None:
    first = await added(stores, fresh())
    second = await saved(stores, initiating.edit(first, a_content(title="Иначе"), doing(OFFICIAL)))
    with pytest.raises(StaleVersion):
        await saved(stores, initiating.withdraw(first, None, doing(OFFICIAL)))
    assert await stores.survey_journal.one(first.number) == second
    assert len(await stores.survey_journal.history(first.id)) == 2
    for twin in (evolve(fresh(), number=first.number), evolve(fresh(), id=first.id)):
        with pytest.raises(StaleVersion):
            await added(stores, twin)


async def test_a_survey_that_moved_on_is_not_overwritten(stores: Stores) -> None:
    await check_a_survey_that_moved_on_is_not_overwritten(stores)


async def check_numbers_are_given_once(stores: Stores) -> None:
    given = await asyncio.gather(*(stores.survey_numbers.next(2026) for _ in range(20)))
    assert len(set(given)) == 20
    assert max(given) < await stores.survey_numbers.next(2026)
    assert await stores.survey_numbers.next(2027) == "S-27-000001"
    assert given[0].startswith("S-26-")


async def test_numbers_are_given_once(stores: Stores) -> None:
    await check_numbers_are_given_once(stores)


async def _many(stores: Stores, total: int = 60, seed: int = 1) -> list[Survey]:
    """Surveys of everybody in every stage, saved in an order of their own."""
    chance = random.Random(seed)
    made: list[Survey] = []
    for _ in range(total):
        by = chance.choice(INITIATORS)
        at = NOON + timedelta(minutes=chance.randrange(30))
        start = START + timedelta(days=chance.randrange(4))
        content = a_content(starts_at=start, kind=chance.choice([SurveyKind.SURVEY, SurveyKind.VOTE]))
        if content.kind is SurveyKind.VOTE:
            content = evolve(content, questions=content.questions[:1])
        if chance.random() < 0.4 and by.role is not Role.USER:
            series = Series(chance.choice([Topic.ROADS, Topic.GAS]), chance.choice([None, CITY]))
            content = evolve(
                content, kind=SurveyKind.SATISFACTION, questions=(mark_question(),), series=series
            )
        survey = a_draft(by, content, f"S-26-{next(_numbers):06}", at)
        survey = _lived(survey, by, chance)
        made.append(await added(stores, survey))
    return made


def _lived(survey: Survey, by: Acting, chance: random.Random) -> Survey:
    for do, at in ON_THE_WAY[: chance.randrange(len(ON_THE_WAY) + 1)]:
        survey = tried(do, survey, by, at + timedelta(days=5 if at >= START else 0))
        if chance.random() < 0.1:
            survey = tried(chance.choice(ASIDE), survey, by, at + timedelta(days=6))
    return survey


async def _pages(read: Callable[[Any], Any], limit: int = 7) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        page = await read((after, limit))
        assert len(page.items) <= limit
        found += page.items
        if page.next is None:
            return found
        after = page.next


FILTERS = (
    SurveyFilter(),
    SurveyFilter(kind="vote"),
    SurveyFilter(stage="open"),
    SurveyFilter(stage="draft"),
    SurveyFilter(topic="roads"),
    SurveyFilter(topic="roads", municipality=CITY),
    SurveyFilter(municipality=CITY),
    SurveyFilter(initiator=OFFICIAL.body),
    SurveyFilter(group_id=GROUP),
    SurveyFilter(since=START + timedelta(days=1), until=START + timedelta(days=3)),
    SurveyFilter(kind="survey", stage="published", initiator=OFFICIAL.body, since=START),
)


def _passes(survey: Survey, chosen: SurveyFilter) -> bool:
    content, series = survey.content, survey.content.series
    start = content.starts_at
    assert start is not None
    return all(
        (
            chosen.kind in (None, content.kind),
            chosen.stage in (None, survey.stage),
            chosen.topic in (None, series.topic if series else ""),
            chosen.municipality in (None, series.municipality if series else ""),
            chosen.initiator in (None, survey.initiator.body),
            chosen.group_id in (None, survey.initiator.group_id),
            chosen.since is None or start >= chosen.since,
            chosen.until is None or start < chosen.until,
        )
    )


async def check_the_public_list_is_a_plain_filter(stores: Stores) -> None:
    every = await _many(stores)
    assert {survey.stage for survey in every} >= {Stage.DRAFT, Stage.OPEN, Stage.PUBLISHED}
    for chosen in FILTERS:
        expected = [s for s in every if s.is_public and _passes(s, chosen)]
        expected.sort(key=lambda s: (s.starts_at, s.id), reverse=True)
        shown = await _pages(lambda at, chosen=chosen: stores.survey_journal.public(chosen, *at))
        assert shown == [survey_item(survey) for survey in expected], chosen


async def test_the_public_list_is_a_plain_filter(stores: Stores) -> None:
    await check_the_public_list_is_a_plain_filter(stores)


async def check_everybody_finds_their_own(stores: Stores) -> None:
    every = await _many(stores, seed=2)
    for by in PEOPLE:
        owner = owner_acting(by)
        if owner is None:
            continue
        mine = [s for s in every if s.initiator.is_acting(by)]
        mine.sort(key=lambda s: (s.created_at, s.id), reverse=True)
        shown = await _pages(lambda at, owner=owner: stores.survey_journal.own(owner, *at), limit=3)
        assert shown == [survey_item(survey) for survey in mine], by


async def test_everybody_finds_their_own(stores: Stores) -> None:
    await check_everybody_finds_their_own(stores)


def test_an_owner_is_whoever_the_domain_lets_act() -> None:
    for initiator in (a_survey(by).initiator for by in INITIATORS):
        for by in (*PEOPLE, SYSTEM, Acting(role=Role.OFFICIAL), Acting(role=Role.USER)):
            assert (owner_acting(by) == owner_of(initiator)) is initiator.is_acting(by), (initiator, by)


async def check_queues_hold_what_waits_the_first_due_first(stores: Stores) -> None:
    every = await _many(stores, seed=3)
    late = await added(stores, on_the_way(fresh(at=NOON - timedelta(days=9)), OFFICIAL, 1))
    late = await saved(stores, ticking.tick(late, RULES, at=NOON + timedelta(days=6)))
    assert late.is_late
    every.append(late)

    def waiting(desk: str, *, only_late: bool = False) -> list[Any]:
        found = [(d, s) for s in every if (d := desk_of(s)) is not None and d[0] == desk]
        found.sort(key=lambda each: (each[0][1], each[1].id))
        return [(survey_item(s), d[1]) for d, s in found if s.is_late or not only_late]

    journal = stores.survey_journal
    for listed, expected in (
        (lambda at: journal.to_moderate(*at), waiting("moderator")),
        (lambda at: journal.to_moderate(*at, late=True), waiting("moderator", only_late=True)),
        (lambda at: journal.to_consent("vo-economy", *at), waiting("authority:vo-economy")),
    ):
        assert [(item.survey, item.due) for item in await _pages(listed, limit=2)] == expected != []
    assert len(waiting("moderator", only_late=True)) < len(waiting("moderator"))
    assert (await journal.to_consent("vo-roads", None, 9)).items == ()


@pytest.mark.clause("9-term")
async def test_queues_hold_what_waits_the_first_due_first(stores: Stores) -> None:
    await check_queues_hold_what_waits_the_first_due_first(stores)


async def check_the_ticker_finds_what_is_due(stores: Stores) -> None:
    every = await _many(stores, seed=4)
    async with stores.transactions() as tx:
        for at in (NOON, NOON + timedelta(days=4), ANNOUNCE, START, END, END + timedelta(days=90)):
            ticks = ((next_tick(survey), survey.id) for survey in every)
            due = sorted((tick, of) for tick, of in ticks if tick is not None and tick <= at)
            assert list(await tx.surveys.due_to_tick(at, 99)) == [of for _, of in due]
            assert list(await tx.surveys.due_to_tick(at, 2)) == [of for _, of in due][:2]
        unsealed = sorted(survey.id for survey in every if awaits_seal(survey))
        assert list(await tx.surveys.to_seal(99)) == unsealed != []
        assert list(await tx.surveys.to_seal(1)) == unsealed[:1]


@pytest.mark.clause("9-dates")
async def test_the_ticker_finds_what_is_due(stores: Stores) -> None:
    await check_the_ticker_finds_what_is_due(stores)


async def test_what_ends_finds_the_surveys_that_hang_on_it(stores: Stores) -> None:
    every = await _many(stores, seed=5)
    async with stores.transactions() as tx:
        running = [
            s for s in every if s.initiator.group_id == GROUP and s.stage in (Stage.ANNOUNCED, Stage.OPEN)
        ]
        assert await tx.surveys.running_of_group(GROUP) == len(running) > 0
        assert await tx.surveys.running_of_group(SocialGroupId(new_id())) == 0
        for whose, by in ((GROUP, AUTHOR), (owner_acting(BUSINESSMAN), BUSINESSMAN)):
            waiting = sorted(
                s.id for s in every if s.initiator.is_acting(by) and s.stage in BEFORE_ANNOUNCEMENT
            )
            assert list(await tx.surveys.waiting_of(whose, None, 99)) == waiting != []
            assert list(await tx.surveys.waiting_of(whose, waiting[0], 1)) == waiting[1:2]


async def check_who_acted_for_an_organisation_is_found(stores: Stores) -> None:
    survey, other = fresh(BUSINESSMAN), fresh(PARTNER)
    for by in (PARTNER, PARTNER, BUSINESSMAN):
        survey = initiating.edit(survey, survey.content, doing(by))
    survey = initiating.submit(survey, MUNICIPALITIES, doing(PARTNER))
    survey = moderating.decline(survey, "Не наше", doing(CONTROLLER))
    async with stores.transactions() as tx:
        stored, kept = await tx.surveys.add(survey), await tx.surveys.add(other)
        both = sorted(by.participant_id for by in (BUSINESSMAN, PARTNER) if by.participant_id is not None)
        assert list(await tx.surveys.acted_for(stored.id, COMPANY)) == both
        assert await tx.surveys.acted_for(kept.id, COMPANY) == (PARTNER.participant_id,)
        assert await tx.surveys.acted_for(stored.id, ParticipantId(new_id())) == ()


async def test_who_acted_for_an_organisation_is_found(stores: Stores) -> None:
    await check_who_acted_for_an_organisation_is_found(stores)


async def check_an_authority_finds_what_waits_under_it(stores: Stores) -> None:
    every = await _many(stores, seed=7)
    for n, survey in enumerate(every):
        if n % 2 and survey.stage in BEFORE_ANNOUNCEMENT and survey.freeze_reason is None:
            every[n] = await saved(stores, ticking.freeze(survey, FreezeReason.CONSENT_ENDED, RULES, at=END))
    for frozen in (False, True):
        waiting = sorted(
            s.id
            for s in every
            if s.initiator.authority == CONTROLLER.body
            and s.stage in BEFORE_ANNOUNCEMENT
            and (s.freeze_reason is not None) == frozen
        )
        async with stores.transactions() as tx:
            ask = tx.surveys.waiting_under
            assert list(await ask(CONTROLLER.body, None, 99, frozen=frozen)) == waiting != []
            assert list(await ask(CONTROLLER.body, waiting[0], 1, frozen=frozen)) == waiting[1:2]
            assert await ask("adm-none", None, 99, frozen=frozen) == ()


async def test_an_authority_finds_what_waits_under_it(stores: Stores) -> None:
    await check_an_authority_finds_what_waits_under_it(stores)


async def test_a_round_is_compared_with_the_last_one_published(stores: Stores) -> None:
    every = await _many(stores, seed=6)
    for topic in (Topic.ROADS, Topic.GAS, Topic.HEATING):
        for municipality in (None, CITY):
            series = Series(topic, municipality)
            rounds = [s for s in every if s.stage is Stage.PUBLISHED and s.content.series == series]
            last = max(rounds, key=lambda s: (s.published_at, s.id), default=None)
            async with stores.transactions() as tx:
                assert await tx.surveys.last_round(series) == last


async def check_who_counts_waits_for_those_who_answer(stores: Stores) -> None:
    survey = await added(stores, fresh())
    order: list[str] = []
    holds, may_end = asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        async with stores.transactions() as tx:
            await tx.surveys.to_answer(survey.id)
            holds.set()
            await may_end.wait()
            order.append("answered")

    async def tally() -> None:
        await holds.wait()
        async with stores.transactions() as tx:
            await tx.surveys.to_count(survey.id)
            order.append("counted")

    answering, counting = asyncio.create_task(answer()), asyncio.create_task(tally())
    await holds.wait()
    done, _ = await asyncio.wait([counting], timeout=0.2)
    assert not done
    may_end.set()
    await asyncio.gather(answering, counting)
    assert order == ["answered", "counted"]


async def test_who_counts_waits_for_those_who_answer(stores: Stores) -> None:
    await check_who_counts_waits_for_those_who_answer(stores)


async def test_those_who_answer_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """On PostgreSQL, the one store whose units run at once."""
    async with opened("postgresql", tmp_path) as stores:
        survey = await added(stores, fresh())
        together = asyncio.Barrier(2)

        async def answer() -> None:
            async with stores.transactions() as tx:
                await tx.surveys.to_answer(survey.id)
                async with asyncio.timeout(20):
                    await together.wait()

        await asyncio.gather(answer(), answer())


@settings(max_examples=50, deadline=None)
@given(content=drafts)
def test_a_content_is_read_back_from_its_column(content: Content) -> None:
    assert read(orjson.loads(orjson.dumps(write(content))), Content) == content


@pytest.mark.parametrize(
    "bound",
    [0, -3, Decimal("1.50"), Decimal("-0.5"), Decimal("20260105"), Decimal("1E+3"), date(2026, 1, 5)],
    ids=str,
)
def test_a_bound_is_read_back_as_the_measure_it_was(bound: Measure) -> None:
    """Numbers and dates look alike once they are words."""
    for condition in (Within("q0", bound, None), Negated(Within("q0", None, bound))):
        content = a_content(questions=(mark_question(when=condition),))
        found = read(orjson.loads(orjson.dumps(write(content))), Content)
        assert found == content
        assert repr(found) == repr(content)
