"""The contract of `Issuing`: one ballot a participant, and the taking of it learns nothing of whose it is."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs
import pytest
from attrs import define, evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.application.surveys.issuing import TrustedIssuing
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.surveys.ballots import AlreadyVoted, Participation, SecretBallot, cast_secret
from niktokromenas.domain.surveys.log import RepeatedLeaf
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.ballots import BoxCount
from niktokromenas.ports.issuing import Issuing, Spent, UnissuedToken
from tests.contract.blind_issuing import BlindDevice, BlindIssuing
from tests.contract.stores import Stores, opened
from tests.contract.test_ballots import announced, casting, voters


class TrustingDevice:
    """It covers nothing: what was issued is the token."""

    def ask(self) -> bytes:
        return b""

    def token(self, signed: bytes) -> bytes:
        return signed


@define(eq=False)
class Office:
    """An issuer with its box: `of` makes the port for one unit of work."""

    stores: Stores
    of: Any = TrustedIssuing.of
    is_blind: bool = False

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Issuing]:
        async with self.stores.transactions() as tx:
            yield self.of(tx)

    def device(self, survey: Survey) -> Any:
        return BlindDevice(survey.id) if self.is_blind else TrustingDevice()

    async def count(self, survey: Survey) -> BoxCount:
        if self.is_blind:
            blind = self.of(None)
            return BoxCount(participants=len(blind.issued), ballots=len(blind.taken))
        return await self.stores.ballot_register.count(survey.id)


@pytest.fixture(params=["memory", "sqlite", "postgresql", "blind"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened("memory" if request.param == "blind" else request.param, tmp_path) as stores:
        if request.param == "blind":
            blind = BlindIssuing()
            yield Office(stores, lambda _: blind, is_blind=True)
        else:
            yield Office(stores)


Pair = tuple[Participation, SecretBallot]


async def some_ballots(stores: Stores, survey: Survey, number: int) -> list[Pair]:
    made = [cast_secret(survey, voter, casting()) for voter in await voters(stores, number)]
    return [(participation, ballot) for participation, ballot, _ in made]


async def put(office: Office, survey: Survey, *pairs: Pair) -> Sequence[bool]:
    """Whether each was taken, all in one unit; who was told so by `issue` has no ballot in the box."""
    told: list[bool] = []
    async with office.unit() as issuing:
        spent: dict[int, Spent] = {}
        for place, (participation, ballot) in enumerate(pairs):
            device = office.device(survey)
            told.append(True)
            try:
                signed = await issuing.issue(participation, device.ask())
            except AlreadyVoted:
                told[place] = False
            else:
                spent[place] = Spent(token=device.token(signed), ballot=ballot)
        refused = await issuing.spend([*spent.values()])
        for place, each in spent.items():
            told[place] = each.token not in refused
    return told


def _another(ballot: SecretBallot) -> SecretBallot:
    return evolve(ballot, id=BallotId(uuid4()), leaf=secrets.token_bytes(32))


async def check_a_participant_puts_in_one_ballot(office: Office) -> None:
    survey = await announced(office.stores, Secrecy.SECRET)
    (participation, ballot), (other, others) = await some_ballots(office.stores, survey, 2)
    again = participation, _another(ballot)
    assert await put(office, survey, (participation, ballot), again) == [True, False]
    assert await put(office, survey, again, (other, others)) == [False, True]
    assert await put(office, survey, again) == [False]
    assert await office.count(survey) == BoxCount(participants=2, ballots=2)


@pytest.mark.clause("9-participate")
@pytest.mark.abuse(1)
@pytest.mark.abuse(2)
async def test_a_participant_puts_in_one_ballot(office: Office) -> None:
    await check_a_participant_puts_in_one_ballot(office)


@pytest.mark.abuse(5)
async def test_a_token_that_nobody_issued_is_worth_nothing(office: Office) -> None:
    survey = await announced(office.stores, Secrecy.SECRET)
    (participation, ballot), (_, strange) = await some_ballots(office.stores, survey, 2)
    device = office.device(survey)
    blinded = device.ask()
    for made_up in (b"", *map(secrets.token_bytes, (32, 288)), participation.participant_id.bytes):
        async with office.unit() as issuing:
            good = Spent(token=device.token(await issuing.issue(participation, blinded)), ballot=ballot)
            with pytest.raises(UnissuedToken):
                await issuing.spend([good, Spent(token=made_up, ballot=strange)])
    assert (await office.count(survey)).ballots == 0


async def test_a_token_is_for_its_own_survey(office: Office) -> None:
    survey, other = [await announced(office.stores, Secrecy.SECRET) for _ in range(2)]
    ((participation, ballot),) = await some_ballots(office.stores, survey, 1)
    device = office.device(survey)
    async with office.unit() as issuing:
        token = device.token(await issuing.issue(participation, device.ask()))
        elsewhere = Spent(token=token, ballot=evolve(ballot, survey_id=other.id))
        with pytest.raises(UnissuedToken):
            await issuing.spend([elsewhere])
    assert (await office.count(other)).ballots == 0


async def test_a_token_puts_in_one_ballot(office: Office) -> None:
    survey = await announced(office.stores, Secrecy.SECRET)
    ((participation, ballot),) = await some_ballots(office.stores, survey, 1)
    device = office.device(survey)
    async with office.unit() as issuing:
        token = device.token(await issuing.issue(participation, device.ask()))
        assert await issuing.spend([Spent(token=token, ballot=ballot)]) == frozenset()
        assert await issuing.spend([Spent(token=token, ballot=_another(ballot))]) == {token}
    assert await office.count(survey) == BoxCount(participants=1, ballots=1)


async def test_nothing_stays_of_a_unit_that_failed(stores: Stores) -> None:
    """Participation and ballot are there together or not at all."""
    office = Office(stores)
    survey = await announced(stores, Secrecy.SECRET)
    pairs = await some_ballots(stores, survey, 2)
    repeated = pairs[1][0], evolve(pairs[0][1], id=BallotId(uuid4()))
    with pytest.raises(RepeatedLeaf):
        await put(office, survey, pairs[0], repeated)
    assert await office.count(survey) == BoxCount(participants=0, ballots=0)
    assert await put(office, survey, *pairs) == [True, True]


async def test_what_issuing_sees_and_what_the_box_sees_have_only_the_survey_in_common(office: Office) -> None:
    """The box is handed a token and a ballot: neither tells of a participant."""
    assert {each.name for each in attrs.fields(Spent)} == {"token", "ballot"}
    survey = await announced(office.stores, Secrecy.SECRET)
    for participation, ballot in await some_ballots(office.stores, survey, 5):
        device = office.device(survey)
        blinded = device.ask()
        async with office.unit() as issuing:
            signed = await issuing.issue(participation, blinded)
            token = device.token(signed)
            assert await issuing.spend([Spent(token=token, ballot=ballot)]) == frozenset()
        boxed = repr(attrs.asdict(ballot)).encode() + token
        seen = [participation.participant_id.bytes, participation.participant_id.hex.encode()]
        if office.is_blind:
            seen += [blinded[at : at + 16] for at in range(0, len(blinded), 16)]
            seen += [signed[at : at + 16] for at in range(0, len(signed), 16)]
        assert [piece for piece in seen if piece in boxed] == []


async def test_a_blind_token_is_spent_later_in_any_order_by_nobody_in_particular() -> None:
    """What trust cannot do: issuing and spending are units apart, and a lost answer is asked for again."""
    blind, survey_id = BlindIssuing(), SurveyId(new_id())
    people = [Participation(survey_id, ParticipantId(new_id())) for _ in range(3)]
    devices = [BlindDevice(survey_id) for _ in people]
    asked = [device.ask() for device in devices]
    for participation, blinded in zip(people, asked, strict=True):
        assert await blind.issue(participation, blinded) == await blind.issue(participation, blinded)
        with pytest.raises(AlreadyVoted):
            await blind.issue(participation, BlindDevice(survey_id).ask())
    tokens = [d.token(await blind.issue(p, b)) for d, p, b in zip(devices, people, asked, strict=True)]
    for token in reversed(tokens):
        ballot = SecretBallot(
            id=BallotId(uuid4()),
            survey_id=survey_id,
            answers=b"{}",
            salt=secrets.token_bytes(32),
            leaf=secrets.token_bytes(32),
            marks={},
        )
        assert await blind.spend([Spent(token=token, ballot=ballot)]) == frozenset()
    assert len(blind.taken) == 3
