"""Remarks over memory, SQLite and PostgreSQL: `Remarks` and `RemarkRegister`, and how they are gathered."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from attrs import evolve, frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.sql.tables import survey_remarks
from niktokromenas.adapters.system import new_id, new_random_id
from niktokromenas.application.surveys.remarks import GatherRemarks, begin_remarks
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.answers import Answer, Chosen, Sheet, Spot, Text
from niktokromenas.domain.surveys.ballots import cast_open, cast_secret
from niktokromenas.domain.surveys.questions import FreeText, One, OnMap, Option, Question
from niktokromenas.domain.surveys.remarks import ELSEWHERE, Remark, RemarkStage, hide, show
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.values import Point
from niktokromenas.ports.locator import Located
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.remarks import (
    Gathered,
    Gathering,
    GatheringPhase,
    RemarkCounts,
    RemarkNotFound,
    RemarkPlace,
)
from tests.contract.stores import Stores
from tests.contract.survey_strategies import GROUNDS
from tests.contract.test_ballots import announced, casting, voters
from tests.unit.surveys.building import MODERATOR

OPTIONS = (Option(code="for", words="За"), Option(code="against", words="Против"))
QUESTIONS = (
    Question(code="q0", words="Как вам?", kind=One(options=OPTIONS, has_other=True), is_required=False),
    Question(code="q1", words="Что добавить?", kind=FreeText(), is_required=False),
    Question(code="q2", words="Где поставить?", kind=OnMap(), is_required=False),
)
NORTH, SOUTH, FAR = Point(50.0, 44.0), Point(48.0, 44.0), Point(10.0, 10.0)
some = settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class TwoPlaces:
    def locate(self, point: Point) -> Located | None:
        if point == FAR:
            return None
        return Located("north" if point.lat > 49 else "south")


async def published(stores: Stores, survey: Survey) -> Survey:
    """Its result is there and its words are to be gathered, in one unit."""
    async with stores.transactions() as tx:
        survey = await tx.surveys.by_id(survey.id)
        saved: Survey = await tx.surveys.save(evolve(survey, stage=Stage.PUBLISHED))
        await begin_remarks(tx, saved)
        return saved


async def a_survey_said(
    stores: Stores, sheets: Sequence[Sheet], secrecy: Secrecy = Secrecy.OPEN, **more: Any
) -> Survey:
    """Published, with these answers of as many people."""
    survey = await announced(stores, secrecy, questions=QUESTIONS, **more)
    for voter, sheet in zip(await voters(stores, len(sheets)), sheets, strict=True):
        given = casting(sheet, agrees_to_be_named=True if secrecy is Secrecy.OPEN else None)
        async with stores.transactions() as tx:
            if secrecy is Secrecy.OPEN:
                await tx.ballots.cast(cast_open(survey, voter, given)[0])
            else:
                participation, ballot, _ = cast_secret(survey, voter, given)
                await tx.ballots.cast_secret(participation, ballot)
    return await published(stores, survey)


def gatherer(stores: Stores, at_once: int = 3) -> GatherRemarks:
    return GatherRemarks(
        stores.transactions,
        stores.remark_register,
        stores.ballot_register,
        stores.ballot_traces,
        TwoPlaces(),
        new_random_id,
        stores.clock,
        at_once,
    )


async def gathered(stores: Stores, at_once: int = 3) -> None:
    gather = gatherer(stores, at_once)
    while await gather():
        pass


async def all_of(stores: Stores, survey: Survey, stage: RemarkStage = RemarkStage.UNREAD) -> list[Remark]:
    """By pages of two."""
    found: list[Remark] = []
    after: RemarkPlace | None = None
    while page := await stores.remark_register.queue(stage, survey.id, after, 2):
        found += [queued.remark for queued in page]
        after = RemarkPlace(survey_id=survey.id, id=found[-1].id)
    return found


def said(remarks: Sequence[Remark]) -> Counter[tuple[str, str]]:
    return Counter((remark.question, remark.words) for remark in remarks)


def expected(sheets: Sequence[Sheet]) -> Counter[tuple[str, str]]:
    """Told by hand: nothing of the product reads the sheets here."""
    found: Counter[tuple[str, str]] = Counter()
    for sheet in sheets:
        for code, answer in sheet.items():
            if isinstance(answer, Text):
                found[code, answer.words] += 1
            elif isinstance(answer, Chosen) and answer.other is not None:
                found[code, answer.other] += 1
    return found


_words = st.sampled_from(["Хорошо", "Плохо", "=1+1", "<script>"])
_answers: Mapping[str, st.SearchStrategy[Answer]] = {
    "q0": st.sampled_from([Chosen(("for",)), Chosen((), "иначе"), Chosen((), "=HYPERLINK(1)")]),
    "q1": st.builds(Text, _words),
    "q2": st.builds(Spot, st.sampled_from([NORTH, SOUTH, FAR])),
}
sheets = st.fixed_dictionaries({}, optional=dict(_answers)).filter(bool)


@pytest.mark.clause("9-participate")
@some
@given(sheets=st.lists(sheets, max_size=8), secrecy=st.sampled_from(Secrecy), at_once=st.integers(1, 4))
async def test_every_word_of_every_ballot_becomes_one_remark(
    stores: Stores, sheets: list[Sheet], secrecy: Secrecy, at_once: int
) -> None:
    survey = await a_survey_said(stores, sheets, secrecy)
    await gathered(stores, at_once)
    found = await all_of(stores, survey)
    assert said(found) == expected(sheets)
    assert [remark.id for remark in found] == sorted(remark.id for remark in found)
    assert {remark.id.version for remark in found} <= {4}
    counts = await stores.remark_register.counts(survey.id)
    assert {code: count.unread for code, count in counts.items()} == Counter(r.question for r in found)
    places = Counter(
        ELSEWHERE if spot == Spot(FAR) else "north" if spot == Spot(NORTH) else "south"
        for sheet in sheets
        if (spot := sheet.get("q2")) is not None
    )
    assert await stores.remark_register.spots(survey.id) == ({"q2": places} if places else {})
    assert await stores.remark_register.is_whole(survey.id)
    assert await stores.remark_register.unfinished(10) == ()


class Killed(BaseException):
    """What no handler catches, as a kill."""


async def test_a_survey_that_cannot_be_read_does_not_hold_up_the_others(stores: Stores) -> None:
    broken = await a_survey_said(stores, [{"q1": Text("Раз")}])
    whole = await a_survey_said(stores, [{"q1": Text("Два")}])
    gather = evolve(gatherer(stores), ballots=Unreadable(stores.ballot_register, broken.id))
    with pytest.raises(ExceptionGroup):
        await gather()
    while await gather():
        pass
    assert [each.words for each in await all_of(stores, whole)] == ["Два"]
    assert [each.survey_id for each in await stores.remark_register.unfinished(10)] == [broken.id]


@frozen
class Unreadable:
    inner: Any
    survey_id: SurveyId

    def votes(self, survey_id: SurveyId, start: bytes = b"") -> Any:
        if survey_id == self.survey_id:
            raise OSError("the disk is broken")
        return self.inner.votes(survey_id, start)


@frozen
class Dying:
    """Transactions some of which are cut off before they commit."""

    inner: Any
    chance: random.Random

    def __call__(self) -> Any:
        return _DyingUnit(self.inner(), self.chance.random() < 0.4)


@frozen
class _DyingUnit:
    unit: Any
    dies: bool

    async def __aenter__(self) -> Any:
        return await self.unit.__aenter__()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> Any:
        if self.dies and error is None:
            killed = Killed()
            await self.unit.__aexit__(Killed, killed, None)
            raise killed
        return await self.unit.__aexit__(kind, error, trace)


@pytest.mark.parametrize("seed", range(5))
async def test_whenever_it_is_killed_each_word_is_gathered_once(stores: Stores, seed: int) -> None:
    chance = random.Random(seed)
    sheets: list[Sheet] = [
        {"q0": Chosen((), f"о{n}"), "q1": Text(f"т{n}"), "q2": Spot(NORTH)} for n in range(9)
    ]
    survey = await a_survey_said(stores, sheets, Secrecy.SECRET)
    gather = gatherer(stores)
    dying = evolve(gather, transactions=Dying(stores.transactions, chance))
    deaths = 0
    while await stores.remark_register.unfinished(10):
        try:
            await dying()
        except Killed:
            deaths += 1
    assert deaths
    assert said(await all_of(stores, survey)) == expected(sheets)
    assert await stores.remark_register.spots(survey.id) == {"q2": {"north": 9}}


async def check_a_batch_is_gathered_once(stores: Stores) -> None:
    survey = await a_survey_said(stores, [])
    (first,) = await stores.remark_register.unfinished(10)
    assert first == Gathering(survey_id=survey.id)
    remark = Remark(id=uuid4(), survey_id=survey.id, question="q1", words="Раз")
    found = Gathered(remarks=[remark], spots={("q2", "north"): 1}, last_leaf=b"\x05" * 32)
    async with stores.transactions() as tx:
        await tx.remarks.gather(first, found)
    again = evolve(found, remarks=[evolve(remark, id=uuid4())])
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.remarks.gather(first, again)
    (second,) = await stores.remark_register.unfinished(10)
    assert second == evolve(first, after=b"\x05" * 32)
    async with stores.transactions() as tx:
        await tx.remarks.begin(survey.id)
        await tx.remarks.gather(second, Gathered())
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.remarks.gather(second, again)
    (third,) = await stores.remark_register.unfinished(10)
    assert third == evolve(second, phase=GatheringPhase.LAYING)
    assert await all_of(stores, survey) == []
    await gathered(stores)
    assert [each.words for each in await all_of(stores, survey)] == ["Раз"]
    assert await stores.remark_register.spots(survey.id) == {"q2": {"north": 1}}


async def test_a_batch_is_gathered_once(stores: Stores) -> None:
    await check_a_batch_is_gathered_once(stores)


async def check_nothing_is_seen_before_all_is_gathered(stores: Stores) -> None:
    survey = await a_survey_said(stores, [{"q1": Text("Раз")}, {"q1": Text("Два")}, {"q1": Text("Три")}])
    other = await a_survey_said(stores, [{"q1": Text("Чужое")}])
    remark = Remark(id=uuid4(), survey_id=survey.id, question="q1", words="Раз")
    async with stores.transactions() as tx:
        await tx.remarks.gather(Gathering(survey_id=survey.id), Gathered(remarks=[remark], last_leaf=b"\xff"))
    with pytest.raises(RemarkNotFound):
        async with stores.transactions() as tx:
            await tx.remarks.get(remark.id)
    assert await all_of(stores, survey) == []
    assert await stores.remark_register.counts(survey.id) == {}
    assert not await stores.remark_register.is_whole(survey.id)
    async with stores.transactions() as tx:
        assert await tx.remarks.lay_out(other.id, 5) == 0
        assert await tx.remarks.lay_out(survey.id, 1) == 1
    assert not await stores.remark_register.is_whole(survey.id)
    async with stores.transactions() as tx:
        assert (await tx.remarks.get(remark.id)).words == "Раз"
        assert await tx.remarks.lay_out(survey.id, 1) == 0
    assert await stores.remark_register.is_whole(survey.id)
    assert await stores.remark_register.counts(survey.id) == {"q1": RemarkCounts(unread=1)}


async def test_nothing_is_seen_before_all_is_gathered(stores: Stores) -> None:
    await check_nothing_is_seen_before_all_is_gathered(stores)


async def saved(stores: Stores, remark: Remark) -> Remark:
    async with stores.transactions() as tx:
        stored: Remark = await tx.remarks.save(remark)
        return stored


async def check_decisions_are_read_back_and_counted(stores: Stores) -> None:
    survey = await a_survey_said(stores, [{"q0": Chosen((), "да"), "q1": Text(str(n))} for n in range(4)])
    await gathered(stores)
    remarks = [each for each in await all_of(stores, survey) if each.question == "q1"]
    shown = await saved(stores, show(remarks[0], MODERATOR))
    hidden = await saved(stores, hide(remarks[1], GROUNDS, "Реклама", MODERATOR))
    again = await saved(
        stores, hide(await saved(stores, show(remarks[2], MODERATOR)), GROUNDS, "Нет", MODERATOR)
    )
    for each in (shown, hidden, again):
        async with stores.transactions() as tx:
            assert await tx.remarks.get(each.id) == each
    assert (shown.version, again.version) == (2, 3)
    counts = await stores.remark_register.counts(survey.id)
    assert counts == {"q0": RemarkCounts(unread=4), "q1": RemarkCounts(unread=1, shown=1, hidden=2)}
    assert await stores.remark_register.shown(survey.id, "q1", None, 10) == (shown,)
    assert await stores.remark_register.shown(survey.id, "q0", None, 10) == ()
    assert await all_of(stores, survey, RemarkStage.HIDDEN) == sorted((hidden, again), key=lambda r: r.id)


@pytest.mark.clause("9-participate")
async def test_decisions_are_read_back_and_counted(stores: Stores) -> None:
    await check_decisions_are_read_back_and_counted(stores)


async def test_a_remark_that_moved_on_is_not_decided_again(stores: Stores) -> None:
    survey = await a_survey_said(stores, [{"q1": Text("Раз")}])
    await gathered(stores)
    (remark,) = await all_of(stores, survey)
    await saved(stores, show(remark, MODERATOR))
    with pytest.raises(StaleVersion):
        await saved(stores, hide(remark, GROUNDS, "Реклама", MODERATOR))
    with pytest.raises(RemarkNotFound):
        async with stores.transactions() as tx:
            await tx.remarks.get(uuid4())
    assert await stores.remark_register.counts(survey.id) == {"q1": RemarkCounts(shown=1)}


async def test_shown_ones_come_in_pages_by_key(stores: Stores) -> None:
    survey = await a_survey_said(stores, [{"q1": Text(str(n))} for n in range(5)])
    await gathered(stores)
    remarks = [await saved(stores, show(each, MODERATOR)) for each in await all_of(stores, survey)]
    found: list[Remark] = []
    after: UUID | None = None
    while page := await stores.remark_register.shown(survey.id, "q1", after, 2):
        found += page
        after = page[-1].id
    assert found == sorted(remarks, key=lambda remark: remark.id)


async def check_the_queue_holds_published_surveys_alone(stores: Stores) -> None:
    surveys = [await a_survey_said(stores, [{"q1": Text(f"{n}{m}")} for m in range(2)]) for n in range(3)]
    await gathered(stores)
    async with stores.transactions() as tx:
        gone = await tx.surveys.by_id(surveys[1].id)
        await tx.surveys.save(evolve(gone, stage=Stage.ANNULLED))
    found: list[Any] = []
    after: RemarkPlace | None = None
    while page := await stores.remark_register.queue(RemarkStage.UNREAD, None, after, 3):
        found += page
        after = RemarkPlace(survey_id=page[-1].remark.survey_id, id=page[-1].remark.id)
    left = [surveys[0], surveys[2]]
    assert [each.remark.survey_id for each in found] == [s.id for s in left for _ in range(2)]
    assert {(each.number, each.title, each.question_words) for each in found} == {
        (s.number, s.content.title, "Что добавить?") for s in left
    }
    assert await all_of(stores, surveys[1]) == []


async def test_the_queue_holds_published_surveys_alone(stores: Stores) -> None:
    await check_the_queue_holds_published_surveys_alone(stores)


async def test_a_survey_annulled_meanwhile_is_gathered_no_further(stores: Stores) -> None:
    survey = await a_survey_said(stores, [{"q1": Text("Раз")}])
    async with stores.transactions() as tx:
        await tx.surveys.save(evolve(await tx.surveys.by_id(survey.id), stage=Stage.ANNULLED))
    await gathered(stores)
    assert await stores.remark_register.unfinished(10) == ()
    assert await stores.remark_register.counts(survey.id) == {}


async def test_a_survey_without_own_words_is_not_gathered(stores: Stores) -> None:
    survey = await announced(stores, Secrecy.OPEN)
    await published(stores, survey)
    assert await stores.remark_register.unfinished(10) == ()
    assert not await stores.remark_register.is_whole(survey.id)
    assert not await stores.remark_register.is_whole(SurveyId(new_id()))


_BESIDE = {
    "postgresql": ("xmin::text", "ctid::text"),
    "sqlite": (),
}


async def rows_as_they_lie(stores: Stores) -> list[dict[str, Any]]:
    assert stores.units is not None
    added = [sa.literal_column(each).label(each) for each in _BESIDE[stores.name]]
    async with stores.units.reading() as connection:
        found = await connection.execute(sa.select(survey_remarks, *added))
        return [dict(row) for row in found.mappings().all()]


@pytest.mark.clause("9-participate")
async def test_rows_lie_by_their_random_keys_and_tell_nothing_of_batches(stores: Stores) -> None:
    """Neither which remarks came of one ballot nor which came of leaves beside each other."""
    if stores.units is None:
        pytest.skip("memory has no places")
    sheets: list[Sheet] = [{"q0": Chosen((), f"о{n}"), "q1": Text(f"т{n}")} for n in range(40)]
    await a_survey_said(stores, sheets, Secrecy.SECRET)
    gather = gatherer(stores, at_once=10)
    before = await rows_as_they_lie(stores)
    assert not before
    while await stores.remark_register.unfinished(1):
        await gather()
    rows = await rows_as_they_lie(stores)
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    units: list[Any] = [row.get("xmin::text") for row in rows]
    assert units == sorted(units, key=units.index), "rows of one unit are neighbours by key"
