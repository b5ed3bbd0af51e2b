"""An ended survey is counted, signed and published once, whatever interrupts it on the way (разд. 9)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from attrs import define, evolve, field, frozen

from niktokromenas.application.resting import REST
from niktokromenas.application.surveys import closing as closing_module
from niktokromenas.application.surveys.closing import BallotsDiffer, CloseSurveys
from niktokromenas.domain.participants.people import Fact, FactKind, Provenance
from niktokromenas.domain.surveys.breakdowns import breakdown
from niktokromenas.domain.surveys.content import Dimension
from niktokromenas.domain.surveys.counting import groups_of
from niktokromenas.domain.surveys.log import RepeatedLeaf, root_of
from niktokromenas.domain.surveys.moderating import annul
from niktokromenas.domain.surveys.published import Opens, content_digest, opens
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import tally_of
from niktokromenas.domain.surveys.target import AgeBand, Target
from niktokromenas.domain.surveys.ticking import tick
from niktokromenas.ports.ballots import BoxCount, Kept, Vote
from niktokromenas.ports.results import ResultsNotFound
from tests.contract.building import a_person, a_subject
from tests.contract.stores import NOON, Stores
from tests.contract.test_ballots import voters, votes_of
from tests.integration.application.polling import (
    SIGNER,
    TABLES,
    answered,
    closing,
    ended,
    opened_survey,
    reread,
    sheets_of,
)
from tests.unit.surveys.building import END, MUNICIPALITIES, OPERATOR, RULES, doing

SHEETS = sheets_of(12)
_people = count(30000)


async def an_ended_one(stores: Stores, secrecy: Secrecy, *, is_stopped: bool = False) -> Survey:
    survey = await opened_survey(stores, secrecy)
    await answered(stores, survey, SHEETS)
    return await ended(stores, survey, is_stopped=is_stopped)


async def require_closed(stores: Stores, survey: Survey) -> None:
    """What is published is what the ballots say."""
    after, votes = await reread(stores, survey), await votes_of(stores, survey.id)
    assert after.head is not None
    assert SIGNER.is_signed(after.head)
    assert len(votes) == len(SHEETS)
    assert after.head.head.content == content_digest(survey)
    assert (after.head.head.size, after.head.head.root) == (len(votes), root_of(v.leaf for v in votes))
    if survey.stage is Stage.STOPPED:
        assert after.stage is Stage.STOPPED
        with pytest.raises(ResultsNotFound):
            await stores.result_register.totals(survey.id)
        return
    assert after.stage is Stage.PUBLISHED
    totals = await stores.result_register.totals(survey.id)
    assert totals.tally == tally_of(survey.content.questions, SHEETS)
    assert totals.ballots == len(SHEETS)
    assert totals.target_size is not None
    assert totals.target_size % 50 == 0, "roughly"
    async with stores.transactions() as tx:
        kept = await tx.results.of(survey.id)
    assert set(kept.breakdowns) == {table.dimension for table in TABLES}
    for dimension, of in kept.breakdowns.items():
        assert set(of.counted["q0"]) == set(groups_of(dimension, MUNICIPALITIES))
        assert sum(sum(row.values()) for row in of.counted["q0"].values()) == len(SHEETS)
        assert of.shown == breakdown(of.counted)
    history = [entry.act for entry in await stores.survey_journal.history(survey.id)]
    assert history.count("publish") == 1


@pytest.mark.clause("9-inform-results")
@pytest.mark.parametrize("secrecy", Secrecy)
@pytest.mark.parametrize("is_stopped", [False, True])
async def test_an_ended_survey_is_counted_and_signed(
    stores: Stores, secrecy: Secrecy, is_stopped: bool
) -> None:
    survey = await an_ended_one(stores, secrecy, is_stopped=is_stopped)
    close = closing(stores)
    assert await close() == 1
    await require_closed(stores, survey)
    assert await close() == 0, "there is nothing left"


async def test_nothing_is_closed_before_its_end(stores: Stores) -> None:
    survey = await opened_survey(stores, Secrecy.SECRET)
    await answered(stores, survey, SHEETS)
    assert await closing(stores)() == 0
    assert (await reread(stores, survey)).stage is Stage.OPEN


async def test_a_survey_that_nobody_answered_is_published_empty(stores: Stores) -> None:
    survey = await ended(stores, await opened_survey(stores, Secrecy.SECRET))
    assert await closing(stores)() == 1
    totals = await stores.result_register.totals(survey.id)
    assert (totals.ballots, totals.tally) == (0, {"q0": {}, "q1": {}})
    shown = await stores.result_register.breakdown(survey.id, Dimension.AGE_BAND)
    assert set(shown.ballots.values()) == {None}


async def test_the_target_group_is_counted_when_the_survey_ends(stores: Stores) -> None:
    survey = await opened_survey(stores, Secrecy.SECRET)
    await voters(stores, 70)
    await ended(stores, survey)
    assert await closing(stores)() == 1
    assert (await stores.result_register.totals(survey.id)).target_size == 50


@pytest.mark.clause("9-target")
async def test_the_target_group_is_that_of_the_last_day_of_voting(stores: Stores) -> None:
    """Whenever it is counted: here at 24:00 of that day, when sixty more come of age."""
    midnight = datetime.fromisoformat("2026-03-21T00:00:00+03:00")
    grown = Target(predicate=AgeBand(18, None))
    survey = await opened_survey(stores, Secrecy.SECRET, target=grown, ends_at=midnight, tables=())
    for born in [date(2008, 3, 20)] * 60 + [date(2008, 3, 21)] * 60:
        fact = Fact(FactKind.BORN, born.isoformat(), Provenance.ESIA_VERIFIED, NOON)
        async with stores.transactions() as tx:
            person = evolve(a_person(), subject=a_subject(next(_people)), facts=(fact,))
            await tx.participants.save(person)
    assert await stores.target_sizes.count(grown, date(2026, 3, 20)) == 60
    assert await stores.target_sizes.count(grown, date(2026, 3, 21)) == 120
    stores.clock.at = midnight
    async with stores.transactions() as tx:
        await tx.surveys.save(tick(survey, RULES, at=midnight))
    assert await closing(stores)() == 1
    assert (await stores.result_register.totals(survey.id)).target_size == 50


async def annulled(stores: Stores, survey: Survey) -> Survey:
    async with stores.transactions() as tx:
        known = await tx.surveys.by_id(survey.id)
        saved: Survey = await tx.surveys.save(annul(known, "Накрутка", doing(OPERATOR, END)))
        return saved


async def require_sealed(stores: Stores, survey: Survey) -> None:
    after, votes = await reread(stores, survey), await votes_of(stores, survey.id)
    assert after.stage is Stage.ANNULLED
    assert after.head is not None
    assert SIGNER.is_signed(after.head)
    assert (after.head.head.size, after.head.head.root) == (len(SHEETS), root_of(v.leaf for v in votes))
    assert opens(after) is Opens.NOTHING
    with pytest.raises(ResultsNotFound):
        await stores.result_register.totals(survey.id)


@pytest.mark.clause("9-participate")
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_one_annulled_before_it_was_counted_is_sealed_without_a_result(
    stores: Stores, secrecy: Secrecy
) -> None:
    survey = await annulled(stores, await an_ended_one(stores, secrecy))
    assert await closing(stores)() == 1
    await require_sealed(stores, survey)
    assert await closing(stores)() == 0, "there is nothing left"


@frozen
class AnnulledMeanwhile:
    """Somebody annuls the survey while the traces of its ballots are swept."""

    stores: Stores
    survey: Survey

    async def sweep(self) -> bool:
        if (await reread(self.stores, self.survey)).stage is Stage.CLOSED:
            await annulled(self.stores, self.survey)
        is_swept: bool = await self.stores.ballot_traces.sweep()
        return is_swept


async def test_one_annulled_while_it_is_swept_is_found_again(stores: Stores) -> None:
    survey = await an_ended_one(stores, Secrecy.SECRET)
    close = closing(stores, traces=AnnulledMeanwhile(stores, survey))
    assert await close() == 0
    stores.clock.at = END + REST
    assert await close() == 1
    await require_sealed(stores, survey)


# Interrupted


class Killed(Exception):
    """The process is gone."""


@define(eq=False)
class Interrupted:
    """Counts what closing does, and breaks it at the step of that number: before it, or once it is done."""

    at: int
    is_after: bool
    steps: int = 0
    done: list[str] = field(factory=list)

    def _begins(self) -> None:
        self.steps += 1
        if self.steps == self.at and not self.is_after:
            raise Killed

    def _ended(self, name: str) -> None:
        self.done.append(name)
        if self.steps == self.at and self.is_after:
            raise Killed

    @asynccontextmanager
    async def transaction(self, stores: Stores) -> AsyncIterator[Any]:
        """Before: all is written and not committed."""
        async with stores.transactions() as tx:
            yield tx
            self._begins()
        self._ended("unit")

    async def sweep(self, stores: Stores) -> bool:
        self._begins()
        is_swept: bool = await stores.ballot_traces.sweep()
        self._ended("sweep")
        return is_swept

    async def votes(self, stores: Stores, survey_id: Any) -> AsyncIterator[Vote]:
        self._begins()
        async for vote in stores.ballot_register.votes(survey_id):
            yield vote
        self._ended("votes")

    async def count(self, stores: Stores, survey_id: Any) -> BoxCount:
        self._begins()
        box: BoxCount = await stores.ballot_register.count(survey_id)
        self._ended("count")
        return box

    def sign(self, head: Any) -> Any:
        self._begins()
        signed = SIGNER.sign(head)
        self._ended("sign")
        return signed


@frozen
class Through:
    """Ports of a store, each step of which can be the last."""

    stores: Stores
    interrupted: Interrupted

    def closing(self) -> CloseSurveys:
        return closing(self.stores, transactions=self.transactions, register=self, traces=self, signer=self)

    def transactions(self) -> Any:
        return self.interrupted.transaction(self.stores)

    async def sweep(self) -> bool:
        return await self.interrupted.sweep(self.stores)

    def votes(self, survey_id: Any) -> AsyncIterator[Vote]:
        return self.interrupted.votes(self.stores, survey_id)

    async def count(self, survey_id: Any) -> BoxCount:
        return await self.interrupted.count(self.stores, survey_id)

    def sign(self, head: Any) -> Any:
        return self.interrupted.sign(head)


@pytest.mark.clause("9-inform-results")
@pytest.mark.parametrize("secrecy", Secrecy)
@pytest.mark.parametrize("is_stopped", [False, True])
async def test_closing_that_is_killed_anywhere_is_done_again_and_comes_to_the_same(
    stores: Stores, secrecy: Secrecy, is_stopped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing_module, "ROWS_A_UNIT", 5)
    whole = Interrupted(0, is_after=False)
    reference = await an_ended_one(stores, secrecy, is_stopped=is_stopped)
    assert await Through(stores, whole).closing()() == 1
    await require_closed(stores, reference)
    expected = ["unit"] * 2 + (["unit"] * 6 + ["sweep"]) * (secrecy is Secrecy.SECRET)
    assert whole.done == [*expected, "votes", "count", "sign", "unit"]
    for at in range(1, whole.steps + 1):
        for is_after in (False, True):
            survey = await an_ended_one(stores, secrecy, is_stopped=is_stopped)
            interrupted = Interrupted(at, is_after=is_after)
            with pytest.raises((Killed, ExceptionGroup)):
                await Through(stores, interrupted).closing()()
            is_over = is_after and at == whole.steps
            assert (await reread(stores, survey)).head is not None or not is_over
            assert await closing(stores)() == (0 if is_over else 1)
            await require_closed(stores, survey)


async def test_a_survey_that_fails_rests_and_the_others_are_closed(stores: Stores) -> None:
    bad = await an_ended_one(stores, Secrecy.OPEN)
    good = await an_ended_one(stores, Secrecy.SECRET)

    class Miscounts:
        votes = stores.ballot_register.votes

        async def count(self, survey_id: Any) -> BoxCount:
            box: BoxCount = await stores.ballot_register.count(survey_id)
            return BoxCount(box.participants + 1, box.ballots) if survey_id == bad.id else box

    close = closing(stores, register=Miscounts())
    with pytest.raises(ExceptionGroup) as caught:
        await close()
    assert caught.group_contains(BallotsDiffer)
    await require_closed(stores, good)
    assert (await reread(stores, bad)).stage is Stage.CLOSED
    assert await close() == 0, "it rests"
    stores.clock.at = END + timedelta(minutes=2)
    with pytest.raises(ExceptionGroup):
        await close()
    assert await closing(stores)() == 1
    await require_closed(stores, bad)


@pytest.mark.parametrize(
    "count",
    [
        lambda box: BoxCount(box.participants, box.ballots + 1),
        lambda box: BoxCount(box.participants - 1, box.ballots),
    ],
)
async def test_nothing_is_published_where_ballots_and_participants_differ(
    stores: Stores, count: Callable[[BoxCount], BoxCount]
) -> None:
    survey = await an_ended_one(stores, Secrecy.SECRET)

    class Miscounts:
        votes = stores.ballot_register.votes

        async def count(self, survey_id: Any) -> BoxCount:
            return count(await stores.ballot_register.count(survey_id))

    with pytest.raises(ExceptionGroup) as caught:
        await closing(stores, register=Miscounts())()
    assert caught.group_contains(BallotsDiffer)
    after = await reread(stores, survey)
    assert (after.stage, after.head) == (Stage.CLOSED, None)


async def test_one_leaf_twice_is_not_counted(stores: Stores) -> None:
    survey = await an_ended_one(stores, Secrecy.SECRET)

    class Repeats:
        count = stores.ballot_register.count

        async def votes(self, survey_id: Any) -> AsyncIterator[Vote]:
            async for vote in stores.ballot_register.votes(survey_id):
                yield vote
                yield vote

    with pytest.raises(ExceptionGroup) as caught:
        await closing(stores, register=Repeats())()
    assert caught.group_contains(RepeatedLeaf)
    assert (await reread(stores, survey)).head is None


@define(eq=False)
class Held:
    """Somebody reads what should go."""

    is_held: bool = True
    asked: int = 0

    async def sweep(self) -> bool:
        self.asked += 1
        return not self.is_held


async def test_what_cannot_be_swept_yet_is_not_published_and_is_not_rewritten_again(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing_module, "SWEEP_PAUSE", 0.0)
    survey, held = await an_ended_one(stores, Secrecy.SECRET), Held()
    rewritten: list[Kept] = []

    @asynccontextmanager
    async def watched() -> AsyncIterator[Any]:
        async with stores.transactions() as tx:
            write = tx.ballots.rewrite_in_key_order

            class Watching:
                async def rewrite_in_key_order(self, of: Any, kept: Kept, *rest: Any) -> Any:
                    rewritten.append(kept)
                    return await write(of, kept, *rest)

            yield _With(tx, Watching())

    close = closing(stores, traces=held, transactions=watched)
    assert await close() == 0
    assert (await reread(stores, survey)).stage is Stage.CLOSED
    assert (held.asked, rewritten) == (closing_module.SWEEPS, list(Kept))
    held.is_held = False
    assert await close() == 0, "it rests"
    stores.clock.at = END + timedelta(minutes=2)
    assert await close() == 1
    assert rewritten == list(Kept)
    await require_closed(stores, survey)


@frozen
class _With:
    tx: Any
    ballots: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tx, name)
