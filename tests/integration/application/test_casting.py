"""Casting ballots by the use cases, over memory, SQLite and PostgreSQL (Положение, разд. 9)."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from attrs import define, evolve, field

from niktokromenas.adapters.system import new_id, new_secret
from niktokromenas.application.surveys.before_casting import BeforeCasting, NamesNotYet, NoNames, ReadBallots
from niktokromenas.application.surveys.casting import (
    Cast,
    CastBallot,
    CastBallotHandler,
    ChangeBallotHandler,
)
from niktokromenas.domain.errors import DomainError, Invalid
from niktokromenas.domain.ids import BallotId, ParticipantId
from niktokromenas.domain.participants.actors import Actor, Channel, SignInRequired, guest
from niktokromenas.domain.participants.identity import OrganisationKind, OrganisationRole
from niktokromenas.domain.participants.people import (
    ConsentRequired,
    Fact,
    FactKind,
    Participant,
    ParticipantKind,
    Provenance,
    organisation,
)
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.ballots import AlreadyVoted, NotChangeable, WrongChangeSecret
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.opening import NotOpen
from niktokromenas.domain.surveys.sheets import canonical
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Ending, Survey
from niktokromenas.domain.surveys.target import (
    WHOEVER,
    AgeBand,
    All,
    IsKind,
    LivesIn,
    NotInTarget,
    Standing,
    Target,
    TookPart,
)
from niktokromenas.ports.ballots import BallotNotFound, BoxCount
from niktokromenas.ports.surveys import SurveyNotFound
from tests.contract.building import a_person, a_subject
from tests.contract.stores import NOON, Stores, a_region
from tests.contract.survey_strategies import a_draft
from tests.unit.surveys.building import CITY, END, OFFICIAL, OTHER_CITY, START, a_content, ballot_question

RIGHT: Sheet = {"q0": Chosen(("for",)), "q1": Scaled(4)}
OTHER: Sheet = {"q0": Chosen(("against",)), "q1": Scaled(2)}
SECRET = "a secret that only the device of the voter holds"
SECOND = timedelta(seconds=1)
_numbers, _people = count(1), count(7000)
TABLES = (Table("q0", Dimension.MUNICIPALITY), Table("q0", Dimension.AGE_BAND))


@define(eq=False)
class Booth:
    stores: Stores
    cast: CastBallotHandler = field(init=False)
    change: ChangeBallotHandler = field(init=False)
    before: BeforeCasting = field(init=False)
    read: ReadBallots = field(init=False)

    def __attrs_post_init__(self) -> None:
        parts = self.stores.transactions, self.stores.clock
        self.stores.clock.at = START
        journal = self.stores.survey_journal
        self.cast = CastBallotHandler(*parts, new_id, new_secret, a_region(), journal)
        self.change = ChangeBallotHandler(*parts, new_secret, a_region())
        self.before = BeforeCasting(*parts, a_region())
        self.read = ReadBallots(self.stores.transactions, journal, self.stores.ballot_register)

    async def survey(self, secrecy: Secrecy = Secrecy.SECRET, **more: Any) -> Survey:
        fitting: dict[str, Any] = {"target": WHOEVER, "secrecy": secrecy, "is_changeable": True} | more
        draft = a_draft(OFFICIAL, a_content(**fitting), f"S-24-{next(_numbers):06}")
        async with self.stores.transactions() as tx:
            survey: Survey = await tx.surveys.add(evolve(draft, stage=Stage.OPEN, announced_at=NOON))
            return survey

    async def move(self, survey: Survey, **changes: Any) -> None:
        async with self.stores.transactions() as tx:
            await tx.surveys.save(evolve(survey, **changes))

    async def voter(self, *facts: Fact, **more: Any) -> Actor:
        async with self.stores.transactions() as tx:
            person = evolve(a_person(), subject=a_subject(next(_people)), facts=facts)
            return actor_of(await tx.participants.save(person), **more)

    async def company(self) -> Participant:
        serial = next(_people)
        role = OrganisationRole(
            subject=a_subject(serial), kind=OrganisationKind.LEGAL, short_name="ООО", full_name="ООО"
        )
        async with self.stores.transactions() as tx:
            made: Participant = await tx.participants.save(organisation(ParticipantId(new_id()), role))
            return made

    async def __call__(self, survey: Survey, actor: Actor, answers: Sheet = RIGHT, **more: Any) -> Cast:
        command = CastBallot(actor=actor, number=survey.number, answers=answers, **more)
        return await self.cast(command)

    async def count(self, survey: Survey) -> BoxCount:
        found: BoxCount = await self.stores.ballot_register.count(survey.id)
        return found


def actor_of(person: Participant, **more: Any) -> Actor:
    return Actor(
        channel=Channel.API,
        participant_id=person.id,
        subject=person.subject,
        name=person.name,
        agreed_to=person.agreed_to,
        **more,
    )


def lives(code: str, provenance: Provenance = Provenance.ESIA_DECLARED) -> Fact:
    return Fact(FactKind.RESIDENCE, code, provenance, NOON)


def born(day: date) -> Fact:
    return Fact(FactKind.BORN, day.isoformat(), Provenance.ESIA_VERIFIED, NOON)


@pytest.fixture
def booth(stores: Stores) -> Booth:
    return Booth(stores)


@pytest.mark.clause("9-participate")
async def test_a_secret_ballot_is_in_the_box_and_its_receipt_opens_its_leaf(booth: Booth) -> None:
    survey, actor = await booth.survey(tables=TABLES), await booth.voter(lives(CITY), born(date(1990, 3, 1)))
    cast = await booth(survey, actor, change_secret=SECRET)
    (vote,) = [vote async for vote in booth.stores.ballot_register.votes(survey.id)]
    assert (vote.leaf, vote.salt, vote.answers) == (cast.receipt.leaf, cast.receipt.salt, canonical(RIGHT))
    assert cast.receipt.opens(vote.answers)
    assert vote.marks == {Dimension.MUNICIPALITY: CITY, Dimension.AGE_BAND: "35-44"}
    assert cast.ballot_id is not None
    assert cast.ballot_id.version == 4
    assert (await booth.before(actor, survey.number)).took_part
    assert await booth.count(survey) == BoxCount(1, 1)


@pytest.mark.clause("9-participate")
async def test_a_ballot_that_cannot_be_changed_keeps_its_key(booth: Booth) -> None:
    fixed, changeable = await booth.survey(is_changeable=False), await booth.survey()
    actor = await booth.voter()
    with pytest.raises(Invalid) as refused:
        await booth(fixed, actor, change_secret=SECRET)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/change_secret", "not-changeable")
    ]
    assert (await booth(fixed, actor)).ballot_id is None
    assert (await booth(changeable, actor)).ballot_id is None


@pytest.mark.abuse(1)
@pytest.mark.abuse(2)
@pytest.mark.parametrize("secrecy", Secrecy)
async def test_of_fifty_at_once_one_is_cast(booth: Booth, secrecy: Secrecy) -> None:
    survey, actor = await booth.survey(secrecy), await booth.voter()

    async def once(number: int) -> str:
        answers: Sheet = {"q0": Chosen((("for", "against")[number % 2],)), "q1": Scaled(1 + number % 5)}
        try:
            await booth(survey, actor, answers)
        except AlreadyVoted as refusal:
            return refusal.code
        return "cast"

    assert Counter(await asyncio.gather(*map(once, range(50)))) == {"cast": 1, "already-voted": 49}
    assert await booth.count(survey) == BoxCount(1, 1)
    assert await once(1) == "already-voted"


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_each_of_many_at_once_is_told_their_own(booth: Booth, secrecy: Secrecy) -> None:
    survey = await booth.survey(secrecy, target=Target(predicate=LivesIn((CITY,))))
    inside = [await booth.voter(lives(CITY)) for _ in range(20)]
    outside = [await booth.voter(lives(OTHER_CITY)) for _ in range(5)]
    unknown = [await booth.voter() for _ in range(5)]
    await booth(survey, inside[0])

    async def once(actor: Actor, answers: Sheet) -> str:
        try:
            cast = await booth(survey, actor, answers)
        except DomainError as refusal:
            return refusal.code
        assert cast.receipt.opens(canonical(answers))
        return "cast"

    told = await asyncio.gather(
        *(once(actor, RIGHT if number % 2 else OTHER) for number, actor in enumerate(inside)),
        *(once(actor, RIGHT) for actor in (*outside, *unknown)),
        once(await booth.voter(lives(CITY)), {"q0": Scaled(7)}),
    )
    assert told == ["already-voted"] + ["cast"] * 19 + ["not-in-target"] * 10 + ["invalid"]
    assert await booth.count(survey) == BoxCount(20, 20)


async def test_of_many_at_once_each_has_a_salt_and_a_key_of_its_own(booth: Booth) -> None:
    survey = await booth.survey()
    voters = [await booth.voter() for _ in range(20)]
    cast = await asyncio.gather(*(booth(survey, voter, change_secret=SECRET) for voter in voters))
    assert len({each.receipt.salt for each in cast}) == len({each.receipt.leaf for each in cast}) == 20
    keys = {each.ballot_id for each in cast if each.ballot_id is not None}
    assert len(keys) == 20
    assert {key.version for key in keys} == {4}
    assert not {key.bytes[:4] for key in keys} & {each.receipt.salt[:4] for each in cast}


async def test_who_sent_nonsense_first_may_send_sense_at_the_same_time(booth: Booth) -> None:
    survey, actor = await booth.survey(), await booth.voter()
    told = await asyncio.gather(
        booth(survey, actor, {"q0": Scaled(7)}), booth(survey, actor), return_exceptions=True
    )
    assert [type(each) for each in told] == [Invalid, Cast]


@pytest.mark.abuse(4)
@pytest.mark.clause("9-dates")
@pytest.mark.parametrize("secrecy", Secrecy)
@pytest.mark.parametrize(
    ("at", "is_taken"),
    [
        (START - SECOND, False),
        (START - timedelta(microseconds=1), False),
        (START, True),
        (END - SECOND, True),
        (END - timedelta(microseconds=1), True),
        (END, False),
        (END + SECOND, False),
    ],
)
async def test_ballots_are_taken_from_the_start_to_the_second_before_the_end(
    booth: Booth, secrecy: Secrecy, at: datetime, is_taken: bool
) -> None:
    survey, actor = await booth.survey(secrecy), await booth.voter()
    booth.stores.clock.at = at
    if is_taken:
        await booth(survey, actor)
    else:
        with pytest.raises(NotOpen) as refused:
            await booth(survey, actor)
        told = refused.value.members
        assert (told["starts_at"], told["ends_at"]) == (START.isoformat(), END.isoformat())
    assert await booth.count(survey) == BoxCount(int(is_taken), int(is_taken))
    assert (await booth.before(actor, survey.number)).is_open is is_taken


@pytest.mark.abuse(4)
@pytest.mark.parametrize("stage", [Stage.STOPPED, Stage.CLOSED, Stage.WITHDRAWN, Stage.ANNULLED])
async def test_a_survey_that_ended_refuses_at_once(booth: Booth, stage: Stage) -> None:
    survey, actor = await booth.survey(), await booth.voter()
    await booth(survey, await booth.voter())
    await booth.move(survey, stage=stage, ending=Ending(words="Ошибка", at=START))
    with pytest.raises(NotOpen):
        await booth(survey, actor)
    assert await booth.count(survey) == BoxCount(1, 1)


@pytest.mark.abuse(7)
async def test_a_survey_that_is_not_public_does_not_exist(booth: Booth) -> None:
    survey, actor = await booth.survey(), await booth.voter()
    await booth.move(survey, stage=Stage.APPROVED, announced_at=None)
    secret = new_secret()
    for attempt in (
        booth(survey, actor),
        booth.before(actor, survey.number),
        booth.read.own(actor, survey.number),
        booth.read.named(survey.number, None, 20),
        booth.change.openly(CastBallot(actor=actor, number=survey.number, answers=RIGHT)),
        booth.change.secretly(survey.number, BallotId(new_id()), secret, RIGHT),
    ):
        with pytest.raises(SurveyNotFound):
            await attempt
    with pytest.raises(SurveyNotFound):
        await booth.before(actor, "S-99-000001")


@pytest.mark.abuse(5)
async def test_only_a_participant_who_agreed_casts(booth: Booth) -> None:
    survey, actor = await booth.survey(), await booth.voter()
    with pytest.raises(SignInRequired):
        await booth(survey, guest())
    with pytest.raises(SignInRequired):
        await booth.before(guest(), survey.number)
    with pytest.raises(ConsentRequired):
        await booth(survey, evolve(actor, agreed_to=frozenset()))
    assert await booth.count(survey) == BoxCount(0, 0)


@pytest.mark.clause("9-target")
async def test_what_is_told_before_casting_is_what_casting_does(booth: Booth) -> None:
    predicate = All((LivesIn((CITY,)), AgeBand(18, 35)))
    survey = await booth.survey(target=Target(predicate=predicate), tables=TABLES[:1])
    young, old = born(date(2000, 3, 1)), born(date(1950, 3, 1))
    for facts, standing, failed in (
        ((lives(CITY), young), Standing.INSIDE, 0),
        ((lives(CITY), old), Standing.OUTSIDE, 1),
        ((lives(OTHER_CITY), old), Standing.OUTSIDE, 2),
        ((lives(CITY),), Standing.UNKNOWN, 1),
        ((), Standing.UNKNOWN, 2),
    ):
        actor = await booth.voter(*facts)
        part = await booth.before(actor, survey.number)
        assert (part.standing, len(part.failed), part.took_part) == (standing, failed, False)
        provenances = {fact.kind: fact.provenance for fact in part.facts}
        known = {fact.kind: fact.provenance for fact in facts}
        assert provenances == {kind: known.get(kind) for kind in (FactKind.RESIDENCE, FactKind.BORN)}
        assert [fact.is_for_tables for fact in part.facts] == [True, False]
        if standing is Standing.INSIDE:
            await booth(survey, actor)
            continue
        with pytest.raises(NotInTarget) as refused:
            await booth(survey, actor)
        assert (refused.value.members["standing"], refused.value.members["failed"]) == (
            standing.value,
            list(part.failed),
        )


async def test_a_weaker_fact_than_accepted_is_unknown(booth: Booth) -> None:
    target = Target(predicate=LivesIn((CITY,)), accepts=Provenance.ESIA_VERIFIED)
    survey, actor = await booth.survey(target=target), await booth.voter(lives(CITY))
    with pytest.raises(NotInTarget):
        await booth(survey, actor)
    await booth(survey, await booth.voter(lives(CITY, Provenance.ESIA_VERIFIED)))


@pytest.mark.clause("9-target")
async def test_who_took_part_elsewhere_is_inside_and_the_survey_is_named(booth: Booth) -> None:
    earlier = await booth.survey(Secrecy.OPEN, title="Первый опрос")
    survey = await booth.survey(target=Target(predicate=TookPart(earlier.id)))
    actor, stranger = await booth.voter(), await booth.voter()
    await booth(earlier, actor)
    await booth(survey, actor)
    with pytest.raises(NotInTarget, match="Первый опрос"):
        await booth(survey, stranger)


@pytest.mark.clause("9-participate")
async def test_an_organisation_votes_as_one_where_it_is_named(booth: Booth) -> None:
    company = await booth.company()
    first, second = [await booth.voter(organisation_id=company.id) for _ in range(2)]
    for_people = await booth.survey(Secrecy.OPEN)
    with pytest.raises(NotInTarget):
        await booth(for_people, first)
    target = Target(predicate=IsKind(ParticipantKind.ORGANISATION))
    survey = await booth.survey(Secrecy.OPEN, target=target)
    assert (await booth.before(first, survey.number)).as_organisation
    await booth(survey, first, agrees_to_be_named=True)
    with pytest.raises(AlreadyVoted):
        await booth(survey, second)
    with pytest.raises(NotInTarget):
        await booth(survey, evolve(first, organisation_id=None))
    own = await booth.read.own(second, survey.number)
    assert (own.participation.participant_id, own.acted_by) == (company.id, first.participant_id)


@pytest.mark.clause("9-participate")
async def test_an_open_ballot_is_changed_with_its_history(booth: Booth) -> None:
    survey, actor = await booth.survey(Secrecy.OPEN), await booth.voter()
    with pytest.raises(BallotNotFound):
        await booth.read.own(actor, survey.number)
    await booth(survey, actor)
    booth.stores.clock.forward(hours=1)
    command = CastBallot(actor=actor, number=survey.number, answers=OTHER)
    receipt = await booth.change.openly(command)
    own = await booth.read.own(actor, survey.number)
    assert (own.answers, own.leaf) == (OTHER, receipt.leaf)
    assert [(edition.answers, edition.cast_at) for edition in own.earlier] == [(RIGHT, START)]
    booth.stores.clock.at = END
    with pytest.raises(NotOpen):
        await booth.change.openly(command)
    fixed = await booth.survey(Secrecy.OPEN, is_changeable=False)
    booth.stores.clock.at = START
    await booth(fixed, actor)
    with pytest.raises(NotChangeable):
        await booth.change.openly(evolve(command, number=fixed.number))


@pytest.mark.clause("9-participate")
async def test_a_secret_ballot_is_changed_by_its_device_alone(booth: Booth) -> None:
    survey, actor = await booth.survey(), await booth.voter()
    with pytest.raises(Invalid):
        await booth(survey, actor, change_secret="short")
    cast = await booth(survey, actor, change_secret=SECRET)
    assert cast.ballot_id is not None
    with pytest.raises(BallotNotFound):
        await booth.read.own(actor, survey.number)
    with pytest.raises(WrongChangeSecret):
        await booth.change.secretly(survey.number, cast.ballot_id, new_secret(), OTHER)
    with pytest.raises(BallotNotFound):
        await booth.change.secretly(survey.number, BallotId(new_id()), SECRET, OTHER)
    receipt = await booth.change.secretly(survey.number, cast.ballot_id, SECRET, OTHER)
    (vote,) = [vote async for vote in booth.stores.ballot_register.votes(survey.id)]
    assert (vote.leaf, vote.answers) == (receipt.leaf, canonical(OTHER))
    assert await booth.count(survey) == BoxCount(1, 1)


@pytest.mark.clause("9-participate")
async def test_an_open_vote_names_those_who_agreed_once_the_result_is_out(booth: Booth) -> None:
    vote = await booth.survey(Secrecy.OPEN, kind=SurveyKind.VOTE, questions=(ballot_question(),))
    answers: Sheet = {"q0": Chosen(("for",))}
    actor = await booth.voter()
    with pytest.raises(Invalid) as refused:
        await booth(vote, actor, answers)
    assert [fault.code for fault in refused.value.faults] == ["no-consent"]
    for each in (actor, await booth.voter()):
        await booth(vote, each, answers, agrees_to_be_named=True)
    with pytest.raises(NamesNotYet):
        await booth.read.named(vote.number, None, 20)
    await booth.move(vote, stage=Stage.PUBLISHED)
    first = await booth.read.named(vote.number, None, 1)
    second = await booth.read.named(vote.number, first.next, 1)
    assert [len(first.items), len(second.items), second.next] == [1, 1, None]
    assert {named.name for named in (*first.items, *second.items)} == {actor.name}
    leaves = [vote.leaf async for vote in booth.stores.ballot_register.votes(vote.id)]
    assert first.next == leaves[0]


@pytest.mark.clause("9-participate")
async def test_of_what_has_no_names_it_is_told_plainly(booth: Booth) -> None:
    for stage in (Stage.OPEN, Stage.CLOSED, Stage.PUBLISHED):
        secret = await booth.survey(Secrecy.SECRET)
        await booth.move(secret, stage=stage)
        with pytest.raises(NoNames, match="тайные"):
            await booth.read.named(secret.number, None, 20)
    for stage, words in (
        (Stage.STOPPED, "остановлен"),
        (Stage.ANNULLED, "отменены"),
        (Stage.WITHDRAWN, "отозван"),
    ):
        survey = await booth.survey(Secrecy.OPEN)
        await booth.move(survey, stage=stage)
        with pytest.raises(NoNames, match=words):
            await booth.read.named(survey.number, None, 20)
