"""Answering a survey or voting, and changing what was said (Положение, разд. 9; ADR 0024).

Of a secret ballot nothing is kept but what the box holds: no key of the request, no audit, no event, no line
in the log. Ballots of one survey that come at once share a unit of work, in which neither their order nor
their time is told.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from attrs import Factory, define, field, frozen

from niktokromenas.application.messages.submitting import require_consent
from niktokromenas.application.surveys.facts import answerer, with_facts
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
from niktokromenas.domain.surveys.log import SALT_BYTES
from niktokromenas.domain.surveys.receipts import Receipt
from niktokromenas.domain.surveys.sheets import SheetChecker
from niktokromenas.domain.surveys.stages import Secrecy
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.target import Names
from niktokromenas.domain.surveys.visibility import may_see
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.issuing import IssuingOf, Spent, Token
from niktokromenas.ports.surveys import SurveyJournal, SurveyNotFound
from niktokromenas.ports.tokens import NewSecret
from niktokromenas.ports.transactions import Transaction, Transactions

_KEY_BYTES = 16
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


@frozen
class _Sent:
    """What one participant brought."""

    command: CastBallot
    voter: Voter

    def casting(self, names: Names, at: datetime, on: date, salt: bytes, ballot_id: BallotId) -> Casting:
        return Casting(
            answers=self.command.answers,
            agrees_to_be_named=self.command.agrees_to_be_named,
            salt=salt,
            ballot_id=ballot_id,
            change_secret=self.command.change_secret,
            at=at,
            on=on,
            names=names,
        )


def chances(new_secret: NewSecret, count: int) -> list[tuple[bytes, bytes]]:
    """The random parts of so many ballots: a salt (32 bytes) and what a key is made of (16).

    All are of 256 random bits (SHAKE256): without those nobody can guess a leaf's answers or a ballot's key,
    nor one ballot's part by another's.
    """
    size = SALT_BYTES + _KEY_BYTES
    drawn = hashlib.shake_256(new_secret().encode()).digest(size * count)
    parts = (drawn[start : start + size] for start in range(0, len(drawn), size))
    return [(part[:SALT_BYTES], part[SALT_BYTES:]) for part in parts]


def _random_key(chance: bytes) -> BallotId:
    """Of a secret ballot: it must not tell the time."""
    return BallotId(UUID(bytes=chance, version=4))


def _salt(new_secret: NewSecret) -> bytes:
    ((salt, _),) = chances(new_secret, 1)
    return salt


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
        sent = _Sent(command, voter)
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
            voters = await with_facts(tx, survey.content, [sent.voter for sent in some])
            names = await names_for(tx, self.region, survey.content.target)
            on = self.region.calendar.local_date(now)
            told: list[Cast | DomainError] = []
            box = _Box(survey)
            drawn = chances(self.new_secret, len(some))
            for sent, voter, (salt, chance) in zip(some, voters, drawn, strict=True):
                try:
                    _require_seen(survey, sent.command.actor)
                    key = _random_key(chance) if box.is_secret else BallotId(self.new_id())
                    casting = sent.casting(names, now, on, salt, key)
                    told.append(box.take(voter, casting))
                except DomainError as refused:
                    told.append(refused)
            voted = await box.put(tx, self.issuing)
            return [
                AlreadyVoted("Вы уже проголосовали")
                if isinstance(each, Cast) and voter.participant_id in voted
                else each
                for voter, each in zip(voters, told, strict=True)
            ]


@define(eq=False)
class _Box:
    """Ballots of one survey on their way into the store, one of each participant."""

    survey: Survey
    is_secret: bool = field(init=False)
    _check: SheetChecker = field(init=False)
    _voters: set[ParticipantId] = field(factory=set[ParticipantId], init=False)
    _open: list[OpenBallot] = field(factory=list[OpenBallot], init=False)
    _secret: list[tuple[Participation, SecretBallot]] = field(
        factory=list[tuple[Participation, SecretBallot]], init=False
    )

    def __attrs_post_init__(self) -> None:
        content = self.survey.content
        self.is_secret = content.secrecy is Secrecy.SECRET
        self._check = SheetChecker(content.questions)

    def take(self, voter: Voter, casting: Casting) -> Cast:
        """Raises `NotOpen`, `NotInTarget`, `Invalid`, `AlreadyVoted`."""
        if voter.participant_id in self._voters:
            raise AlreadyVoted("Вы уже проголосовали")
        cast = self._take_secret(voter, casting) if self.is_secret else self._take_open(voter, casting)
        self._voters.add(voter.participant_id)
        return cast

    def _take_open(self, voter: Voter, casting: Casting) -> Cast:
        ballot, receipt = cast_open(self.survey, voter, casting, self._check)
        self._open.append(ballot)
        return Cast(receipt=receipt)

    def _take_secret(self, voter: Voter, casting: Casting) -> Cast:
        participation, ballot, receipt = cast_secret(self.survey, voter, casting, self._check)
        self._secret.append((participation, ballot))
        return Cast(receipt=receipt, ballot_id=ballot.id if ballot.change_lock is not None else None)

    async def put(self, tx: Transaction, issuing_of: IssuingOf) -> frozenset[ParticipantId]:
        """Who had voted before."""
        if not self.is_secret:
            return await tx.ballots.cast_all(self._open)
        issuing = issuing_of(tx)
        whose: dict[Token, ParticipantId] = {}
        spent: list[Spent] = []
        for participation, ballot in self._secret:
            token = await issuing.issue(participation, b"")
            whose[token] = participation.participant_id
            spent.append(Spent(token=token, ballot=ballot))
        return frozenset(whose[token] for token in await issuing.spend(spent))


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
            (voter,) = await with_facts(tx, survey.content, [voter])
            names = await names_for(tx, self.region, survey.content.target)
            on = self.region.calendar.local_date(now)
            sent = _Sent(command, voter)
            casting = sent.casting(names, now, on, _salt(self.new_secret), ballot.id)
            changed, receipt = change_open(ballot, survey, voter, casting)
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
            after, receipt = change_secret(before, survey, answers, secret, _salt(self.new_secret), at=now)
            await tx.ballots.change_secret(before, after)
            return receipt


async def _to_answer(tx: Transaction, number: str, actor: Actor | None) -> Survey:
    """Held until the unit is over. Raises `SurveyNotFound`."""
    survey = await tx.surveys.to_answer((await tx.surveys.by_number(number)).id)
    if not (survey.is_public if actor is None else may_see(survey, actor)):
        raise SurveyNotFound("Такого опроса нет")
    return survey
