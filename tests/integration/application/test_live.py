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
async def test_what_is_shown_is_the_fold_over_ballots_of_some_instant_five_ballots_apart(
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
            assert numbers.ballots - (seen[-1].ballots if seen else 0) >= THRESHOLD
            assert numbers.ballots == number
            assert numbers.tally == tally_of(survey.content.questions, sheets[:number])
            seen.append(numbers)
    assert [numbers.ballots for numbers in seen] == [5, 10, 15]


@pytest.mark.abuse(39)
async def test_nobody_sees_a_strangers_answers_by_changing_the_own(stores: Stores) -> None:
    """Five acts lie between: four are changes of one voter, the fifth is somebody else's ballot."""
    survey, update = await live_survey(stores), updating(stores)
    prying, *others = await voters(stores, 9)
    for voter in (prying, *others[:4]):
        await voted(stores, survey, voter, answers=ONE)
    assert await update() == 1
    before = await shown(stores, survey)
    for sheet in (OTHER, ONE, OTHER, ONE):
        await changed(stores, survey, prying, sheet)
    await voted(stores, survey, others[4], answers=OTHER)
    assert await update() == 0
    assert await shown(stores, survey) == before
    for voter in others[5:]:
        await voted(stores, survey, voter, answers=OTHER)
    await changed(stores, survey, prying, OTHER)
    assert await update() == 0, "four new ballots and a change are no step"
    (last,) = await voters(stores, 1)
    await voted(stores, survey, last, answers=OTHER)
    assert await update() == 1
    expected = tally_of(survey.content.questions, [*[ONE] * 4, *[OTHER] * 6])
    assert await shown(stores, survey) == LiveNumbers(ballots=10, tally=expected)


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
    """A slow worker comes with what it counted six ballots ago."""
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
        count = stores.running_ballots.count

        async def each(self, survey_id: Any) -> AsyncIterator[bytes]:
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
    assert step_after(LiveNumbers(ballots=9, tally={})) == THRESHOLD
    assert step_after(LiveNumbers(ballots=100 * STEPS, tally={})) == 100


@define(eq=False)
class Watched:
    """Counts how often all ballots were read; what `meanwhile` does happens when the first of them is."""

    stores: Stores
    meanwhile: Any = None
    readings: int = 0

    async def count(self, survey_id: Any) -> int:
        number: int = await self.stores.running_ballots.count(survey_id)
        return number

    async def each(self, survey_id: Any) -> AsyncIterator[bytes]:
        self.readings += 1
        async for ballot in self.stores.running_ballots.each(survey_id):
            if self.meanwhile is not None:
                await self.meanwhile()
                self.meanwhile = None
            yield ballot


async def test_ballots_shown_are_those_that_were_counted(stores: Stores) -> None:
    """Others vote while they are read: a later step is not shortened by them."""
    survey = await live_survey(stores)
    await answered(stores, survey, sheets_of(6))

    async def meanwhile() -> None:
        await answered(stores, survey, sheets_of(3, seed=2))

    assert await updating(stores, running=Watched(stores, meanwhile))() == 1
    numbers = await shown(stores, survey)
    assert numbers is not None
    assert numbers.ballots == 6


async def test_ballots_are_not_read_before_enough_was_done(stores: Stores) -> None:
    survey, watched = await live_survey(stores), Watched(stores)
    await answered(stores, survey, sheets_of(4))
    assert await updating(stores, running=watched)() == 0
    assert watched.readings == 0
