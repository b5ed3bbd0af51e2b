"""Answering a survey or voting, and changing what was said (Положение, разд. 9; ADR 0024).

Of a secret ballot nothing is kept but what the box holds: no key of the request, no audit, no event, no line
in the log. Ballots of one survey that come at once share a unit of work, in which neither their order nor
their time is told.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from attrs import Factory, define, field, frozen

from niktokromenas.application.messages.submitting import require_consent
from niktokromenas.application.surveys.facts import Answerer, answerer, facts_of
from niktokromenas.application.surveys.issuing import TrustedIssuing
from niktokromenas.application.surveys.names import names_for
from niktokromenas.application.surveys.together import UNITS_AT_ONCE, Together
from niktokromenas.domain.errors import DomainError, Fault, refuse
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.answers import Sheet
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
from niktokromenas.domain.surveys.receipts import Receipt
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import Facts, Names
from niktokromenas.domain.surveys.visibility import may_see
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.issuing import IssuingOf, Spent, Token
from niktokromenas.ports.surveys import SurveyJournal, SurveyNotFound
from niktokromenas.ports.tokens import NewSecret
from niktokromenas.ports.transactions import Transaction, Transactions

SHORTEST_SECRET = 32
"""Letters of a change secret: 43 hold 256 bits, as devices should make them."""


@frozen(kw_only=True)
class CastBallot:
    actor: Actor
    number: str
    answers: Sheet
    agrees_to_be_named: bool | None = None
    """`None`: as `Casting` says."""
    change_secret: str | None = field(default=None, repr=False)
    """Made by the device, which alone keeps it; only of secret ballots."""


@frozen(kw_only=True)
class Cast:
    """What the voter keeps. `ballot_id`: the key of a secret ballot that its device can change."""

    receipt: Receipt
    ballot_id: BallotId | None = None


@frozen(kw_only=True)
class _Sent:
    """What one participant brought, and the random parts of their ballot."""

    command: CastBallot
    voter: Answerer
    chance: bytes = field(repr=False)
    """64 random bytes."""

    def casting(self, names: Names, at: datetime, on: date, ballot_id: BallotId) -> Casting:
        return Casting(
            answers=self.command.answers,
            agrees_to_be_named=self.command.agrees_to_be_named,
            salt=self.chance[:32],
            ballot_id=ballot_id,
            change_secret=self.command.change_secret,
            at=at,
            on=on,
            names=names,
        )

    @property
    def key(self) -> BallotId:
        """Of a secret ballot: random, it must not tell the time."""
        return BallotId(UUID(bytes=self.chance[32:48], version=4))

    def whose(self, facts: Mapping[ParticipantId, Facts]) -> Voter:
        voter = self.voter
        return Voter(
            participant_id=voter.participant_id,
            name=voter.name,
            facts=facts[voter.participant_id],
            acted_by=voter.acted_by,
        )


def random_bytes(new_secret: NewSecret) -> bytes:
    """64, of 256 random bits: without them nobody can guess a leaf's answers or a ballot's key."""
    return hashlib.sha512(new_secret().encode()).digest()


def salt(new_secret: NewSecret) -> bytes:
    return random_bytes(new_secret)[:32]


@define(eq=False)
class CastBallotHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    new_secret: NewSecret
    region: Region
    journal: SurveyJournal
    units_at_once: int = UNITS_AT_ONCE
    issuing: IssuingOf = TrustedIssuing.of
    _known: dict[str, SurveyId] = field(factory=dict[str, SurveyId], init=False)
    """Numbers never move to another survey."""
    _together: Together[SurveyId, _Sent, Cast] = field(
        default=Factory(lambda self: Together(self._cast, self.units_at_once), takes_self=True), init=False
    )

    async def __call__(self, command: CastBallot) -> Cast:
        """Raises `SignInRequired`, `ConsentRequired`, `SurveyNotFound`, `NotOpen`, `NotInTarget`, `Invalid`,
        `AlreadyVoted`."""
        voter = answerer(command.actor)
        require_consent(command.actor, self.region)
        require_strong(command.change_secret)
        sent = _Sent(command=command, voter=voter, chance=random_bytes(self.new_secret))
        return await self._together(await self._survey_id(command.number), sent)

    async def _survey_id(self, number: str) -> SurveyId:
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = (await self.journal.one(number)).id
        return known

    async def _cast(self, survey_id: SurveyId, some: Sequence[_Sent]) -> Sequence[Cast | DomainError]:
        async with self.transactions() as tx:
            survey = await tx.surveys.to_answer(survey_id)
            now = self.clock.now()
            facts = await facts_of(tx, survey.content, [sent.voter for sent in some])
            names = await names_for(tx, self.region, survey.content.target)
            on = self.region.calendar.local_date(now)
            told: list[Cast | DomainError] = []
            box = _Box(survey)
            for sent in some:
                try:
                    _require_seen(survey, sent.command.actor)
                    key = sent.key if box.is_secret else BallotId(self.new_id())
                    casting = sent.casting(names, now, on, key)
                    told.append(box.take(sent.whose(facts), casting))
                except DomainError as refused:
                    told.append(refused)
            voted = await box.put(tx, self.issuing)
            return [
                AlreadyVoted("Вы уже проголосовали")
                if isinstance(each, Cast) and sent.voter.participant_id in voted
                else each
                for sent, each in zip(some, told, strict=True)
            ]


@define(eq=False)
class _Box:
    """Ballots of one survey on their way into the store, one of each participant."""

    survey: Survey
    _open: dict[ParticipantId, OpenBallot] = field(factory=dict[ParticipantId, OpenBallot], init=False)
    _secret: dict[ParticipantId, tuple[Participation, SecretBallot]] = field(
        factory=dict[ParticipantId, tuple[Participation, SecretBallot]], init=False
    )

    @property
    def is_secret(self) -> bool:
        return self.survey.content.secrecy is Secrecy.SECRET

    def take(self, voter: Voter, casting: Casting) -> Cast:
        """Raises `NotOpen`, `NotInTarget`, `Invalid`, `AlreadyVoted`."""
        if voter.participant_id in self._open or voter.participant_id in self._secret:
            raise AlreadyVoted("Вы уже проголосовали")
        if not self.is_secret:
            openly, receipt = cast_open(self.survey, voter, casting)
            self._open[voter.participant_id] = openly
            return Cast(receipt=receipt)
        participation, ballot, receipt = cast_secret(self.survey, voter, casting)
        self._secret[voter.participant_id] = participation, ballot
        return Cast(receipt=receipt, ballot_id=ballot.id if ballot.change_lock is not None else None)

    async def put(self, tx: Transaction, issuing_of: IssuingOf) -> frozenset[ParticipantId]:
        """Who had voted before."""
        if self.is_secret:
            issuing = issuing_of(tx)
            whose: dict[Token, ParticipantId] = {}
            spent: list[Spent] = []
            for participant_id, (participation, ballot) in self._secret.items():
                token = await issuing.issue(participation, b"")
                whose[token] = participant_id
                spent.append(Spent(token=token, ballot=ballot))
            return frozenset(whose[token] for token in await issuing.spend(spent))
        return await tx.ballots.cast_all(tuple(self._open.values()))


def _require_seen(survey: Survey, actor: Actor) -> None:
    if not may_see(survey, actor):
        raise SurveyNotFound("Такого опроса нет")


def require_strong(secret: str | None) -> None:
    """Raises `Invalid` (`weak-secret`)."""
    if secret is not None and len(secret) < SHORTEST_SECRET:
        detail = f"Секрет для изменения голоса короче {SHORTEST_SECRET} знаков"
        refuse([Fault("/change_secret", "weak-secret", detail)])


@frozen
class ChangeBallotHandler:
    transactions: Transactions
    clock: Clock
    new_secret: NewSecret
    region: Region

    async def openly(self, command: CastBallot) -> Receipt:
        """Other answers of the participant; those given before stay in the history of the ballot.

        Raises `SignInRequired`, `SurveyNotFound`, `BallotNotFound`, `NotOpen`, `NotChangeable`,
        `NotInTarget`, `Invalid`, `StaleVersion`.
        """
        voter = answerer(command.actor)
        require_consent(command.actor, self.region)
        async with self.transactions() as tx:
            survey = await _to_answer(tx, command.number, command.actor)
            ballot = await tx.ballots.of(Participation(survey.id, voter.participant_id))
            now = self.clock.now()
            facts = await facts_of(tx, survey.content, [voter])
            names = await names_for(tx, self.region, survey.content.target)
            sent = _Sent(command=command, voter=voter, chance=random_bytes(self.new_secret))
            casting = sent.casting(names, now, self.region.calendar.local_date(now), ballot.id)
            changed, receipt = change_open(ballot, survey, sent.whose(facts), casting)
            await tx.ballots.change(changed)
            return receipt

    async def secretly(self, number: str, ballot_id: BallotId, secret: str, answers: Sheet) -> Receipt:
        """By whoever holds the key and the secret; nobody asks who that is, and nothing of it is kept.

        Raises `SurveyNotFound`, `BallotNotFound`, `NotOpen`, `NotChangeable`, `WrongChangeSecret`,
        `Invalid`, `StaleVersion`.
        """
        async with self.transactions() as tx:
            survey = await _to_answer(tx, number, None)
            before = await tx.ballots.secret(survey.id, ballot_id)
            now = self.clock.now()
            after, receipt = change_secret(before, survey, answers, secret, salt(self.new_secret), at=now)
            await tx.ballots.change_secret(before, after)
            return receipt


async def _to_answer(tx: Transaction, number: str, actor: Actor | None) -> Survey:
    """Held until the unit is over. Raises `SurveyNotFound`."""
    survey = await tx.surveys.to_answer((await tx.surveys.by_number(number)).id)
    if not (survey.is_public if actor is None else may_see(survey, actor)):
        raise SurveyNotFound("Такого опроса нет")
    return survey
