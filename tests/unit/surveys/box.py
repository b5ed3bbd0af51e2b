"""A ballot box in memory, pure: what a store promises, so that rules of ballots can be tried without one."""

from attrs import define, field

from niktokromenas.domain.ids import BallotId, ParticipantId
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


@define(eq=False)
class Box:
    """`took_part` is unique; of secret ballots nothing joins the two."""

    took_part: set[Participation] = field(factory=set)
    open: dict[ParticipantId, OpenBallot] = field(factory=dict)
    secret: dict[BallotId, SecretBallot] = field(factory=dict)

    @property
    def leaves(self) -> list[bytes]:
        return [b.leaf for b in self.open.values()] + [b.leaf for b in self.secret.values()]

    def cast(self, survey: Survey, voter: Voter, casting: Casting) -> Receipt:
        """Raises `AlreadyVoted` and what casting raises, which comes first."""
        if survey.content.secrecy is Secrecy.OPEN:
            open_ballot, receipt = cast_open(survey, voter, casting)
            self._take(open_ballot.participation)
            self.open[voter.participant_id] = open_ballot
            return receipt
        participation, secret_ballot, receipt = cast_secret(survey, voter, casting)
        self._take(participation)
        self.secret[secret_ballot.id] = secret_ballot
        return receipt

    def _take(self, participation: Participation) -> None:
        if participation in self.took_part:
            raise AlreadyVoted("Вы уже проголосовали")
        self.took_part.add(participation)

    def change_open(self, survey: Survey, voter: Voter, casting: Casting) -> Receipt:
        ballot, receipt = change_open(self.open[voter.participant_id], survey, voter, casting)
        self.open[voter.participant_id] = ballot
        return receipt

    def change_secret(self, survey: Survey, ballot_id: BallotId, secret: str, casting: Casting) -> Receipt:
        ballot, receipt = change_secret(
            self.secret[ballot_id], survey, casting.answers, secret, casting.salt, at=casting.at
        )
        self.secret[ballot_id] = ballot
        return receipt
