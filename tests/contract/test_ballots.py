"""Ballots over memory, SQLite and PostgreSQL: `Ballots` and `BallotRegister`."""

import asyncio
import random
import secrets as random_secrets
from collections import Counter
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.sql import ballots as sql_ballots
from niktokromenas.adapters.sql.survey_rows import edition_columns, open_columns, secret_columns
from niktokromenas.adapters.sql.tables import ballot_editions, open_ballots, secret_ballots
from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.participants.people import Provenance
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.ballots import (
    AlreadyVoted,
    Casting,
    OpenBallot,
    Participation,
    SecretBallot,
    Voter,
    cast_open,
    cast_secret,
    change_open,
    change_secret,
)
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.log import RepeatedLeaf, leaf
from niktokromenas.domain.surveys.sheets import canonical
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import WHOEVER, Facts, Stated
from niktokromenas.ports.ballots import BallotNotFound, BoxCount, Kept, Named, Vote
from niktokromenas.ports.messages import StaleVersion
from tests.contract.building import a_person, a_subject
from tests.contract.stores import NOON, Stores
from tests.contract.survey_strategies import a_draft
from tests.unit.surveys.building import CITY, OFFICIAL, START, a_content
from tests.unit.surveys.strategies import answered_questionnaires

DAY = date(2026, 3, 14)
TABLES = (Table("q0", Dimension.MUNICIPALITY), Table("q0", Dimension.AGE_BAND))
RIGHT: Sheet = {"q0": Chosen(("for",)), "q1": Scaled(4)}
OTHER: Sheet = {"q0": Chosen(("against",)), "q1": Scaled(2)}
SECRET = "only the device knows"
_numbers, _people = count(1), count(5000)

some = settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def announced(stores: Stores, secrecy: Secrecy, **more: Any) -> Survey:
    content = a_content(target=WHOEVER, secrecy=secrecy, is_changeable=True, **more)
    draft = a_draft(OFFICIAL, content, f"S-25-{next(_numbers):06}")
    async with stores.transactions() as tx:
        survey: Survey = await tx.surveys.add(evolve(draft, stage=Stage.ANNOUNCED, announced_at=NOON))
        return survey


async def voters(stores: Stores, number: int = 1) -> list[Voter]:
    made: list[Voter] = []
    async with stores.transactions() as tx:
        for _ in range(number):
            serial = next(_people)
            person = await tx.participants.save(evolve(a_person(), subject=a_subject(serial)))
            facts = Facts(
                born=Stated(date(1950 + serial % 50, 5, 1), Provenance.ESIA_VERIFIED),
                residence=Stated(CITY, Provenance.ESIA_DECLARED),
            )
            made.append(Voter(participant_id=person.id, name=f"Житель {serial}", facts=facts))
    return made


def casting(answers: Sheet = RIGHT, **more: Any) -> Casting:
    casting = Casting(
        answers=answers,
        salt=random_secrets.token_bytes(32),
        ballot_id=BallotId(uuid4()),
        at=START,
        on=DAY,
    )
    return evolve(casting, **more)


async def cast(stores: Stores, ballot: OpenBallot) -> OpenBallot:
    async with stores.transactions() as tx:
        await tx.ballots.cast(ballot)
    return ballot


async def voted(stores: Stores, survey: Survey, voter: Voter, **more: Any) -> OpenBallot:
    return await cast(stores, cast_open(survey, voter, casting(**{"agrees_to_be_named": True} | more))[0])


async def voted_secretly(
    stores: Stores, survey: Survey, voter: Voter, **more: Any
) -> tuple[Participation, SecretBallot]:
    secret = SECRET if survey.content.is_changeable else None
    participation, ballot, _ = cast_secret(survey, voter, casting(**{"change_secret": secret} | more))
    async with stores.transactions() as tx:
        await tx.ballots.cast_secret(participation, ballot)
    return participation, ballot


async def votes_of(stores: Stores, survey_id: SurveyId) -> list[Vote]:
    return [vote async for vote in stores.ballot_register.votes(survey_id)]


@pytest.mark.clause("9-participate")
@some
@given(answered=answered_questionnaires(), named=st.booleans(), organised=st.booleans())
async def test_an_open_ballot_is_read_back_with_all_it_said_before(
    stores: Stores, answered: Any, named: bool, organised: bool
) -> None:
    questions, sheet = answered
    survey = await announced(stores, Secrecy.OPEN, questions=questions, tables=TABLES)
    voter = (await voters(stores))[0]
    if organised:
        voter = evolve(voter, acted_by=ParticipantId(new_id()))
    given = casting(sheet, agrees_to_be_named=named)
    ballot = await cast(stores, cast_open(survey, voter, given)[0])
    async with stores.transactions() as tx:
        assert await tx.ballots.of(ballot.participation) == ballot
    for minute in (1, 2):
        again = casting(
            sheet, at=START + timedelta(minutes=minute), agrees_to_be_named=(None, not named)[minute - 1]
        )
        async with stores.transactions() as tx:
            before = await tx.ballots.of(ballot.participation)
            ballot, _ = change_open(before, survey, voter, again)
            await tx.ballots.change(ballot)
            assert await tx.ballots.of(ballot.participation) == ballot
    assert len(ballot.earlier) == 2
    assert await stores.ballot_register.editions(ballot.participation) == ballot.earlier
    (vote,) = await votes_of(stores, survey.id)
    assert vote == Vote(
        answers=canonical(ballot.answers), salt=ballot.salt, leaf=ballot.leaf, marks=ballot.marks
    )
    assert leaf(vote.salt, vote.answers) == vote.leaf


@pytest.mark.clause("9-participate")
@some
@given(answered=answered_questionnaires(), changeable=st.booleans())
async def test_a_secret_ballot_is_read_back(stores: Stores, answered: Any, changeable: bool) -> None:
    questions, sheet = answered
    survey = await announced(stores, Secrecy.SECRET, questions=questions, tables=TABLES)
    voter = (await voters(stores))[0]
    _, ballot = await voted_secretly(
        stores, survey, voter, answers=sheet, change_secret=SECRET if changeable else None
    )
    async with stores.transactions() as tx:
        assert await tx.ballots.secret(survey.id, ballot.id) == ballot
        assert await tx.ballots.participated(voter.participant_id, [survey.id]) == {survey.id}
    (vote,) = await votes_of(stores, survey.id)
    assert vote == Vote(answers=ballot.answers, salt=ballot.salt, leaf=ballot.leaf, marks=ballot.marks)


def test_every_column_of_a_ballot_is_written(sample: tuple[OpenBallot, SecretBallot]) -> None:
    openly, secretly = sample
    edition = edition_columns(openly.id, 1, openly.earlier[0])
    for table, columns in (
        (open_ballots, open_columns(openly)),
        (secret_ballots, secret_columns(secretly)),
        (ballot_editions, edition),
    ):
        assert set(columns) == {column.name for column in table.c}


@pytest.fixture
def sample() -> tuple[OpenBallot, SecretBallot]:
    draft = a_draft(OFFICIAL, a_content(target=WHOEVER, is_changeable=True), "S-26-000001")
    secretly = evolve(draft, stage=Stage.ANNOUNCED, announced_at=NOON)
    openly = evolve(secretly, content=evolve(draft.content, secrecy=Secrecy.OPEN))
    voter = Voter(participant_id=ParticipantId(new_id()))
    ballot = change_open(cast_open(openly, voter, casting())[0], openly, voter, casting(OTHER))[0]
    return ballot, cast_secret(secretly, voter, casting(change_secret=SECRET))[1]


async def check_a_participant_has_one_open_ballot(stores: Stores) -> None:
    survey = await announced(stores, Secrecy.OPEN)
    voter, another = await voters(stores, 2)
    first = await voted(stores, survey, voter)
    with pytest.raises(AlreadyVoted):
        await voted(stores, survey, voter, answers=OTHER)
    second = await voted(stores, survey, another)
    assert [vote.leaf for vote in await votes_of(stores, survey.id)] == sorted([first.leaf, second.leaf])
    elsewhere = await announced(stores, Secrecy.OPEN)
    await voted(stores, elsewhere, voter)
    assert await stores.ballot_register.count(survey.id) == BoxCount(2, 2)


async def test_a_participant_has_one_open_ballot(stores: Stores) -> None:
    await check_a_participant_has_one_open_ballot(stores)


async def check_a_unit_goes_on_after_a_repeat(stores: Stores) -> None:
    """A repeat spoils nothing that the same unit does besides."""
    survey, other = await announced(stores, Secrecy.SECRET), await announced(stores, Secrecy.SECRET)
    voter = (await voters(stores))[0]
    await voted_secretly(stores, survey, voter)
    async with stores.transactions() as tx:
        with pytest.raises(AlreadyVoted):
            await tx.ballots.cast_secret(*cast_secret(survey, voter, casting(OTHER))[:2])
        await tx.ballots.cast_secret(*cast_secret(other, voter, casting())[:2])
    assert await stores.ballot_register.count(survey.id) == BoxCount(1, 1)
    assert await stores.ballot_register.count(other.id) == BoxCount(1, 1)


async def test_a_unit_goes_on_after_a_repeat(stores: Stores) -> None:
    await check_a_unit_goes_on_after_a_repeat(stores)


@pytest.mark.abuse(1)
@pytest.mark.abuse(2)
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_fifty_at_once_give_one_ballot_and_forty_nine_refusals(
    stores: Stores, secrecy: Secrecy
) -> None:
    survey = await announced(stores, secrecy)
    voter = (await voters(stores))[0]

    async def once(number: int) -> str:
        answers: Sheet = {"q0": Chosen((("for", "against")[number % 2],)), "q1": Scaled(1 + number % 5)}
        try:
            if secrecy is Secrecy.OPEN:
                await voted(stores, survey, voter, answers=answers)
            else:
                await voted_secretly(stores, survey, voter, answers=answers)
        except AlreadyVoted as refusal:
            return refusal.code
        return "cast"

    outcomes = Counter(await asyncio.gather(*map(once, range(50))))
    assert outcomes == {"cast": 1, "already-voted": 49}
    assert await stores.ballot_register.count(survey.id) == BoxCount(1, 1)
    assert len(await votes_of(stores, survey.id)) == 1


async def check_many_are_cast_together(stores: Stores) -> None:
    """Each of another participant; of those who had voted nothing changes."""
    openly, secretly = await announced(stores, Secrecy.OPEN), await announced(stores, Secrecy.SECRET)
    before, *others = await voters(stores, 40)
    first = await voted(stores, openly, before)
    kept = await voted_secretly(stores, secretly, before)
    everybody = [*others, before]
    ballots = [cast_open(openly, each, casting(OTHER))[0] for each in everybody]
    secret = [cast_secret(secretly, each, casting(OTHER))[:2] for each in everybody]
    async with stores.transactions() as tx:
        assert await tx.ballots.cast_all(ballots) == {before.participant_id}
        assert await tx.ballots.cast_secret_all(secret) == {before.participant_id}
        assert (await tx.ballots.cast_all([]), await tx.ballots.cast_secret_all([])) == (set(), set())
    async with stores.transactions() as tx:
        assert await tx.ballots.of(first.participation) == first
        assert await tx.ballots.secret(secretly.id, kept[1].id) == kept[1]
        for ballot in ballots[:-1]:
            assert await tx.ballots.of(ballot.participation) == ballot
        for _, each in secret[:-1]:
            assert await tx.ballots.secret(secretly.id, each.id) == each
        with pytest.raises(BallotNotFound):
            await tx.ballots.secret(secretly.id, secret[-1][1].id)
    for survey in (openly, secretly):
        assert await stores.ballot_register.count(survey.id) == BoxCount(40, 40)


async def test_many_are_cast_together(stores: Stores) -> None:
    await check_many_are_cast_together(stores)


async def test_those_cast_together_have_leaves_of_their_own(stores: Stores) -> None:
    openly, secretly = await announced(stores, Secrecy.OPEN), await announced(stores, Secrecy.SECRET)
    one, other = await voters(stores, 2)
    salt = random_secrets.token_bytes(32)
    for twice in (
        lambda tx: tx.ballots.cast_all([cast_open(openly, v, casting(salt=salt))[0] for v in (one, other)]),
        lambda tx: tx.ballots.cast_secret_all(
            [cast_secret(secretly, v, casting(salt=salt))[:2] for v in (one, other)]
        ),
    ):
        with pytest.raises(RepeatedLeaf):
            async with stores.transactions() as tx:
                await twice(tx)
    for survey in (openly, secretly):
        assert await stores.ballot_register.count(survey.id) == BoxCount(0, 0)


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_batches_that_meet_never_wait_in_a_circle(stores: Stores, secrecy: Secrecy) -> None:
    survey = await announced(stores, secrecy)
    people = await voters(stores, 30)

    async def together(number: int) -> int:
        some = random.Random(number).sample(people, 30)
        async with stores.transactions() as tx:
            if secrecy is Secrecy.OPEN:
                voted = await tx.ballots.cast_all([cast_open(survey, v, casting())[0] for v in some])
            else:
                voted = await tx.ballots.cast_secret_all(
                    [cast_secret(survey, v, casting())[:2] for v in some]
                )
        return len(some) - len(voted)

    assert sum(await asyncio.gather(*map(together, range(8)))) == 30
    assert await stores.ballot_register.count(survey.id) == BoxCount(30, 30)


async def check_a_failed_unit_leaves_neither_part(stores: Stores) -> None:
    survey = await announced(stores, Secrecy.SECRET)
    voter = (await voters(stores))[0]
    participation, ballot, _ = cast_secret(survey, voter, casting(change_secret=SECRET))
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with stores.transactions() as tx:
            await tx.ballots.cast_secret(participation, ballot)
            raise ZeroDivisionError
    assert await stores.ballot_register.count(survey.id) == BoxCount(0, 0)
    await voted_secretly(stores, survey, voter)
    assert await stores.ballot_register.count(survey.id) == BoxCount(1, 1)


async def test_a_failed_unit_leaves_neither_part(stores: Stores) -> None:
    await check_a_failed_unit_leaves_neither_part(stores)


async def check_two_changes_at_once_lose_nothing(stores: Stores) -> None:
    survey = await announced(stores, Secrecy.OPEN)
    voter = (await voters(stores))[0]
    first = await voted(stores, survey, voter)
    one, other = (change_open(first, survey, voter, casting(OTHER))[0] for _ in range(2))
    async with stores.transactions() as tx:
        await tx.ballots.change(one)
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.ballots.change(other)
    async with stores.transactions() as tx:
        assert await tx.ballots.of(first.participation) == one


async def test_two_changes_at_once_lose_nothing(stores: Stores) -> None:
    await check_two_changes_at_once_lose_nothing(stores)


async def test_a_secret_ballot_is_changed_where_it_stands(stores: Stores) -> None:
    survey = await announced(stores, Secrecy.SECRET)
    voter, another = await voters(stores, 2)
    _, ballot = await voted_secretly(stores, survey, voter)
    await voted_secretly(stores, survey, another)
    after, _ = change_secret(ballot, survey, OTHER, SECRET, random_secrets.token_bytes(32), at=START)
    async with stores.transactions() as tx:
        await tx.ballots.change_secret(ballot, after)
        assert await tx.ballots.secret(survey.id, ballot.id) == after
    with pytest.raises(StaleVersion):
        async with stores.transactions() as tx:
            await tx.ballots.change_secret(ballot, after)
    leaves = [vote.leaf for vote in await votes_of(stores, survey.id)]
    assert after.leaf in leaves
    assert ballot.leaf not in leaves
    assert await stores.ballot_register.count(survey.id) == BoxCount(2, 2)


async def test_two_ballots_never_share_a_leaf(stores: Stores) -> None:
    salt = random_secrets.token_bytes(32)
    openly, secretly = await announced(stores, Secrecy.OPEN), await announced(stores, Secrecy.SECRET)
    one, two, three = await voters(stores, 3)
    await voted(stores, openly, one, salt=salt)
    await voted_secretly(stores, secretly, one, salt=salt)
    with pytest.raises(RepeatedLeaf):
        await voted(stores, openly, two, salt=salt)
    with pytest.raises(RepeatedLeaf):
        await voted_secretly(stores, secretly, two, salt=salt)
    assert await stores.ballot_register.count(secretly.id) == BoxCount(1, 1)
    mine = await voted(stores, openly, three)
    with pytest.raises(RepeatedLeaf):
        async with stores.transactions() as tx:
            await tx.ballots.change(change_open(mine, openly, three, casting(salt=salt))[0])
    _, hidden = await voted_secretly(stores, secretly, three)
    after, _ = change_secret(hidden, secretly, RIGHT, SECRET, salt, at=START)
    with pytest.raises(RepeatedLeaf):
        async with stores.transactions() as tx:
            await tx.ballots.change_secret(hidden, after)


async def test_an_unknown_ballot_is_not_found(stores: Stores) -> None:
    survey, other = await announced(stores, Secrecy.SECRET), await announced(stores, Secrecy.SECRET)
    voter = (await voters(stores))[0]
    participation, ballot = await voted_secretly(stores, survey, voter)
    for ask in (
        lambda tx: tx.ballots.of(participation),
        lambda tx: tx.ballots.secret(survey.id, BallotId(uuid4())),
        lambda tx: tx.ballots.secret(other.id, ballot.id),
    ):
        with pytest.raises(BallotNotFound):
            async with stores.transactions() as tx:
                await ask(tx)
    assert await votes_of(stores, other.id) == []
    assert await stores.ballot_register.index_of(survey.id, b"\x00" * 32) is None
    assert await stores.ballot_register.index_of(other.id, ballot.leaf) is None


async def check_who_took_part_is_known_of_each_survey(stores: Stores) -> None:
    openly, secretly, neither = [
        await announced(stores, secrecy) for secrecy in (Secrecy.OPEN, Secrecy.SECRET, Secrecy.SECRET)
    ]
    voter, another = await voters(stores, 2)
    await voted(stores, openly, voter)
    await voted_secretly(stores, secretly, voter)
    asked = [openly.id, secretly.id, neither.id]
    async with stores.transactions() as tx:
        took_part = tx.ballots.participated
        assert await took_part(voter.participant_id, asked) == {openly.id, secretly.id}
        assert await took_part(voter.participant_id, asked[1:]) == {secretly.id}
        assert await took_part(voter.participant_id, []) == frozenset()
        assert await took_part(another.participant_id, asked) == frozenset()


async def test_who_took_part_is_known_of_each_survey(stores: Stores) -> None:
    await check_who_took_part_is_known_of_each_survey(stores)


async def check_votes_come_in_the_order_of_the_log(stores: Stores) -> None:
    """Over several pages, and each leaf is found at its place."""
    for secrecy in Secrecy:
        survey, other = await announced(stores, secrecy), await announced(stores, secrecy)
        expected: list[bytes] = []
        for number, voter in enumerate(await voters(stores, 7)):
            at = survey if number < 6 else other
            if secrecy is Secrecy.OPEN:
                ballot: Any = await voted(stores, at, voter)
            else:
                _, ballot = await voted_secretly(stores, at, voter)
            if at is survey:
                expected.append(ballot.leaf)
        expected.sort()
        assert [vote.leaf for vote in await votes_of(stores, survey.id)] == expected
        places = [await stores.ballot_register.index_of(survey.id, each) for each in expected]
        assert places == list(range(6))
        leaves = stores.ballot_register.leaves
        assert await leaves(survey.id, b"", 9) == tuple(expected)
        assert await leaves(survey.id, expected[1], 2) == tuple(expected[2:4])
        assert await leaves(survey.id, expected[-1], 9) == ()


@pytest.mark.parametrize("page", [1, 2, 3, 6, 500])
async def test_votes_come_in_the_order_of_the_log(
    stores: Stores, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_ballots, "PAGE", page)
    await check_votes_come_in_the_order_of_the_log(stores)


async def check_only_the_willing_are_named(stores: Stores) -> None:
    survey = await announced(stores, Secrecy.OPEN)
    people = await voters(stores, 5)
    ballots = [
        await voted(stores, survey, voter, agrees_to_be_named=number != 2)
        for number, voter in enumerate(people)
    ]
    expected = [
        Named(leaf=ballots[number].leaf, name=voter.name, answers=canonical(ballots[number].answers))
        for number, voter in enumerate(people)
        if number != 2
    ]
    expected.sort(key=lambda named: named.leaf)
    named = stores.ballot_register.named
    assert list(await named(survey.id, None, 9)) == expected
    assert list(await named(survey.id, None, 2)) == expected[:2]
    assert list(await named(survey.id, expected[1].leaf, 9)) == expected[2:]


async def test_only_the_willing_are_named(stores: Stores) -> None:
    await check_only_the_willing_are_named(stores)


async def rewritten(stores: Stores, survey_id: SurveyId, limit: int) -> list[UUID]:
    """Both parts, each step in a unit of its own; the keys where steps ended."""
    steps: list[UUID] = []
    for kept in Kept:
        after: UUID | None = None
        while True:
            async with stores.transactions() as tx:
                after = await tx.ballots.rewrite_in_key_order(survey_id, kept, after, limit)
            if after is None:
                break
            steps.append(after)
    return steps


async def check_rewriting_changes_nothing_that_is_read(stores: Stores) -> None:
    survey, other = await announced(stores, Secrecy.SECRET), await announced(stores, Secrecy.SECRET)
    people = sorted(await voters(stores, 7), key=lambda voter: voter.participant_id)
    chance = random.Random(1)
    cast = {}
    for voter in people:
        of = survey if voter is not people[0] else other
        answers: Sheet = {"q0": Chosen((chance.choice(["for", "against"]),)), "q1": Scaled(3)}
        _, ballot = await voted_secretly(stores, of, voter, answers=answers)
        cast[ballot.id] = ballot
    before = [await votes_of(stores, each.id) for each in (survey, other)]
    mine = sorted(each.id for each in cast.values() if each.survey_id == survey.id)
    voted_here = sorted(voter.participant_id for voter in people[1:])
    assert await rewritten(stores, survey.id, 2) == [*mine[1::2], *voted_here[1::2]]
    assert await rewritten(stores, survey.id, 100) == []
    assert [await votes_of(stores, each.id) for each in (survey, other)] == before
    async with stores.transactions() as tx:
        for ballot in cast.values():
            stands = evolve(ballot, change_lock=None) if ballot.survey_id == survey.id else ballot
            assert await tx.ballots.secret(ballot.survey_id, ballot.id) == stands
        for voter in people:
            of = survey.id if voter is not people[0] else other.id
            assert await tx.ballots.participated(voter.participant_id, [survey.id, other.id]) == {of}
    with pytest.raises(AlreadyVoted):
        await voted_secretly(stores, survey, people[1])


async def test_rewriting_changes_nothing_that_is_read(stores: Stores) -> None:
    await check_rewriting_changes_nothing_that_is_read(stores)


async def test_nothing_of_a_ballot_goes_to_the_outbox(stores: Stores) -> None:
    openly, secretly = await announced(stores, Secrecy.OPEN), await announced(stores, Secrecy.SECRET)
    voter = (await voters(stores))[0]
    async with stores.transactions() as tx:
        await tx.outbox.take(100)
    await voted(stores, openly, voter)
    await voted_secretly(stores, secretly, voter)
    async with stores.transactions() as tx:
        assert await tx.outbox.take(100) == ()


async def check_sweeping_leaves_every_ballot(stores: Stores) -> None:
    survey = await announced(stores, Secrecy.SECRET)
    people = await voters(stores, 3)
    for voter in people:
        await voted_secretly(stores, survey, voter)
    before = await votes_of(stores, survey.id)
    await rewritten(stores, survey.id, 2)
    assert await stores.ballot_traces.sweep() is True
    assert await votes_of(stores, survey.id) == before
    assert await stores.ballot_register.count(survey.id) == BoxCount(3, 3)
    await voted_secretly(stores, survey, (await voters(stores))[0])


async def test_sweeping_leaves_every_ballot(stores: Stores) -> None:
    await check_sweeping_leaves_every_ballot(stores)
