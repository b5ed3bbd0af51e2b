"""Live numbers are counted apart from those who vote, and never move by a few (Положение, разд. 9)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import define, evolve, field

from niktokromenas.application.surveys.live import UpdateLive
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.ballots import Voter, cast_open, change_open
from niktokromenas.domain.surveys.breakdowns import THRESHOLD
from niktokromenas.domain.surveys.live import STEPS, LiveNumbers, step_after
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import tally_of
from niktokromenas.ports.results import CastAnswers
from tests.contract.stores import NOON, Stores
from tests.contract.test_ballots import casting, voted, voters
from tests.integration.application.polling import answered, ended, opened_survey, sheets_of

ONE: Sheet = {"q0": Chosen(("for",)), "q1": Scaled(1)}
OTHER: Sheet = {"q0": Chosen(("against",)), "q1": Scaled(5)}


def updating(stores: Stores, **replaced: Any) -> UpdateLive:
    parts = {
        "transactions": stores.transactions,
        "clock": stores.clock,
        "journal": stores.survey_journal,
        "register": stores.result_register,
        "running": stores.running_ballots,
    }
    return UpdateLive(**{**parts, **replaced})


async def live_survey(stores: Stores, **more: Any) -> Survey:
    return await opened_survey(stores, Secrecy.OPEN, **{"is_live": True, "is_changeable": True, **more})


async def shown(stores: Stores, survey: Survey) -> LiveNumbers | None:
    found: LiveNumbers | None = await stores.result_register.live(survey.id)
    return found


async def changed(stores: Stores, survey: Survey, voter: Voter, sheet: Sheet) -> None:
    async with stores.transactions() as tx:
        before = await tx.ballots.of(cast_open(survey, voter, casting())[0].participation)
        await tx.ballots.change(change_open(before, survey, voter, casting(sheet))[0])


@pytest.mark.abuse(39)
async def test_what_is_shown_is_the_fold_over_ballots_of_some_instant_five_acts_apart(
    stores: Stores,
) -> None:
    survey, update = await live_survey(stores), updating(stores)
    sheets, people = sheets_of(17), await voters(stores, 17)
    seen: list[LiveNumbers] = []
    for number, (voter, sheet) in enumerate(zip(people, sheets, strict=True), 1):
        await voted(stores, survey, voter, answers=sheet)
        await update()
        numbers = await shown(stores, survey)
        if numbers is None:
            assert number < THRESHOLD
            continue
        if not seen or numbers != seen[-1]:
            assert numbers.acts - (seen[-1].acts if seen else 0) >= THRESHOLD
            assert numbers.ballots == number
            assert numbers.tally == tally_of(survey.content.questions, sheets[:number])
            seen.append(numbers)
    assert [numbers.ballots for numbers in seen] == [5, 10, 15]


@pytest.mark.abuse(39)
async def test_a_change_is_an_act_and_no_ballot(stores: Stores) -> None:
    survey, update = await live_survey(stores), updating(stores)
    people = await voters(stores, 5)
    for voter in people:
        await voted(stores, survey, voter, answers=ONE)
    assert await update() == 1
    for number, voter in enumerate(people, 1):
        assert await update() == 0, "no step is one person's"
        await changed(stores, survey, voter, OTHER)
        assert (await shown(stores, survey)).ballots == 5  # type: ignore[union-attr]
        if number < THRESHOLD:
            assert await update() == 0
    assert await update() == 1
    numbers = await shown(stores, survey)
    assert numbers == LiveNumbers(acts=10, ballots=5, tally=tally_of(survey.content.questions, [OTHER] * 5))


async def test_only_open_surveys_that_announced_it_are_counted(stores: Stores) -> None:
    silent = await live_survey(stores, is_live=False)
    secret = await opened_survey(stores, Secrecy.SECRET)
    over = await live_survey(stores)
    for survey in (silent, secret, over):
        await answered(stores, survey, sheets_of(6))
    await ended(stores, over)
    stores.clock.at = NOON
    assert await updating(stores)() == 0
    for survey in (silent, secret, over):
        assert await shown(stores, survey) is None


async def test_workers_side_by_side_show_one_step(stores: Stores) -> None:
    survey = await live_survey(stores)
    await answered(stores, survey, sheets_of(8))
    moved = await asyncio.gather(*(updating(stores)() for _ in range(4)))
    assert sum(moved) == 1
    assert (await shown(stores, survey)).ballots == 8  # type: ignore[union-attr]


@define(eq=False)
class Late:
    """A worker that has counted, and waits before it shows."""

    stores: Stores
    has_counted: asyncio.Event = field(factory=asyncio.Event)
    may_show: asyncio.Event = field(factory=asyncio.Event)

    @asynccontextmanager
    async def transactions(self) -> AsyncIterator[Any]:
        self.has_counted.set()
        await self.may_show.wait()
        async with self.stores.transactions() as tx:
            yield tx

    async def counted(self) -> "asyncio.Task[int]":
        running = asyncio.create_task(updating(self.stores, transactions=self.transactions)())
        await self.has_counted.wait()
        return running


async def test_numbers_counted_before_others_were_shown_are_dropped(stores: Stores) -> None:
    """A slow worker comes with what it counted six acts ago."""
    survey, slow = await live_survey(stores), Late(stores)
    await answered(stores, survey, sheets_of(6))
    running = await slow.counted()
    await answered(stores, survey, sheets_of(6, seed=2))
    assert await updating(stores)() == 1
    first = await shown(stores, survey)
    slow.may_show.set()
    assert await running == 0
    assert await shown(stores, survey) == first


@pytest.mark.abuse(39)
async def test_two_workers_make_no_small_step_between_them(stores: Stores) -> None:
    """Each saw nothing shown when it began; two ballots lie between what they counted."""
    survey, first, second = await live_survey(stores), Late(stores), Late(stores)
    await answered(stores, survey, sheets_of(6))
    one = await first.counted()
    await answered(stores, survey, sheets_of(2, seed=2))
    other = await second.counted()
    first.may_show.set()
    assert await one == 1
    second.may_show.set()
    assert await other == 0
    assert (await shown(stores, survey)).ballots == 6  # type: ignore[union-attr]


async def test_a_survey_that_fails_rests_and_the_others_move(stores: Stores) -> None:
    bad, good = await live_survey(stores), await live_survey(stores)
    for survey in (bad, good):
        await answered(stores, survey, sheets_of(5))

    class Broken(Exception):
        pass

    class Breaks:
        acts = stores.running_ballots.acts

        async def each(self, survey_id: Any) -> AsyncIterator[CastAnswers]:
            if survey_id == bad.id:
                raise Broken
            async for each in stores.running_ballots.each(survey_id):
                yield each

    update = updating(stores, running=Breaks())
    with pytest.raises(ExceptionGroup) as caught:
        await update()
    assert caught.group_contains(Broken)
    assert await shown(stores, good) is not None
    assert await update() == 0, "it rests"
    stores.clock.at += timedelta(minutes=2)
    assert await evolve(update, running=stores.running_ballots)() == 1


def test_steps_of_a_large_survey_are_a_hundredth_of_it() -> None:
    assert step_after(LiveNumbers(tally={})) == THRESHOLD
    assert step_after(LiveNumbers(acts=9, ballots=9, tally={})) == THRESHOLD
    assert step_after(LiveNumbers(acts=9, ballots=100 * STEPS, tally={})) == 100


@define(eq=False)
class Watched:
    """Counts how often all ballots were read; what `meanwhile` does happens when the first of them is."""

    stores: Stores
    meanwhile: Any = None
    readings: int = 0

    async def acts(self, survey_id: Any) -> int:
        number: int = await self.stores.running_ballots.acts(survey_id)
        return number

    async def each(self, survey_id: Any) -> AsyncIterator[CastAnswers]:
        self.readings += 1
        async for ballot in self.stores.running_ballots.each(survey_id):
            if self.meanwhile is not None:
                await self.meanwhile()
                self.meanwhile = None
            yield ballot


async def test_acts_are_those_of_the_ballots_that_were_counted(stores: Stores) -> None:
    """Others vote while they are read: a later step is not shortened by them."""
    survey = await live_survey(stores)
    await answered(stores, survey, sheets_of(6))

    async def meanwhile() -> None:
        await answered(stores, survey, sheets_of(3, seed=2))

    assert await updating(stores, running=Watched(stores, meanwhile))() == 1
    numbers = await shown(stores, survey)
    assert numbers is not None
    assert (numbers.acts, numbers.ballots) == (6, 6)


async def test_ballots_are_not_read_before_enough_was_done(stores: Stores) -> None:
    survey, watched = await live_survey(stores), Watched(stores)
    await answered(stores, survey, sheets_of(4))
    assert await updating(stores, running=watched)() == 0
    assert watched.readings == 0
