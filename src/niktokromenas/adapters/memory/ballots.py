"""Ballots in memory."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.adapters.memory.store import KeyOrdered, MemoryStore
from niktokromenas.domain.ids import BallotId, ParticipantId, SurveyId
from niktokromenas.domain.surveys.ballots import (
    AlreadyVoted,
    Edition,
    OpenBallot,
    Participation,
    SecretBallot,
)
from niktokromenas.domain.surveys.log import RepeatedLeaf
from niktokromenas.domain.surveys.sheets import canonical
from niktokromenas.ports.ballots import BallotNotFound, BoxCount, Kept, Named, Vote
from niktokromenas.ports.messages import StaleVersion


def _key(participation: Participation) -> tuple[SurveyId, ParticipantId]:
    return participation.survey_id, participation.participant_id


@frozen
class MemoryBallots:
    store: MemoryStore

    async def cast(self, ballot: OpenBallot) -> None:
        key = _key(ballot.participation)
        if self.store.open_ballots.get(key) is not None:
            raise _voted()
        self._take_leaf(ballot.participation.survey_id, ballot.leaf, ballot.id, None)
        self.store.open_ballots.put(key, ballot)

    async def cast_all(self, ballots: Sequence[OpenBallot]) -> frozenset[ParticipantId]:
        voted: set[ParticipantId] = set()
        for ballot in ballots:
            try:
                await self.cast(ballot)
            except AlreadyVoted:
                voted.add(ballot.participation.participant_id)
        return frozenset(voted)

    async def of(self, participation: Participation) -> OpenBallot:
        ballot: OpenBallot | None = self.store.open_ballots.get(_key(participation))
        if ballot is None:
            raise BallotNotFound("Такого голоса нет")
        return ballot

    async def change(self, ballot: OpenBallot) -> None:
        known: OpenBallot | None = self.store.open_ballots.get(_key(ballot.participation))
        if known is None or known.id != ballot.id or len(known.earlier) != len(ballot.earlier) - 1:
            raise _stale()
        self._take_leaf(ballot.participation.survey_id, ballot.leaf, ballot.id, known.leaf)
        self.store.open_ballots.put(_key(ballot.participation), ballot)

    async def cast_secret(self, participation: Participation, ballot: SecretBallot) -> None:
        if self.store.participations.get(_key(participation)) is not None:
            raise _voted()
        self._put_secret(ballot)
        self.store.participations.put(_key(participation), participation)

    def _put_secret(self, ballot: SecretBallot) -> None:
        self._take_leaf(ballot.survey_id, ballot.leaf, ballot.id, None)
        self.store.secret_ballots.put((ballot.survey_id, ballot.id), ballot)

    async def cast_secret_all(
        self, cast: Sequence[tuple[Participation, SecretBallot]]
    ) -> frozenset[ParticipantId]:
        by_voter = {participation.participant_id: (participation, ballot) for participation, ballot in cast}
        new = [one for one, pair in by_voter.items() if self.store.participations.get(_key(pair[0])) is None]
        for one in sorted(new):
            participation, _ = by_voter[one]
            self.store.participations.put(_key(participation), participation)
        for ballot in sorted((by_voter[one][1] for one in new), key=lambda ballot: ballot.id):
            self._put_secret(ballot)
        return frozenset(by_voter) - frozenset(new)

    async def secret(self, survey_id: SurveyId, ballot_id: BallotId) -> SecretBallot:
        ballot: SecretBallot | None = self.store.secret_ballots.get((survey_id, ballot_id))
        if ballot is None:
            raise BallotNotFound("Такого голоса нет")
        return ballot

    async def change_secret(self, before: SecretBallot, after: SecretBallot) -> None:
        known: SecretBallot | None = self.store.secret_ballots.get((after.survey_id, after.id))
        if known is None or known.leaf != before.leaf:
            raise _stale()
        self._take_leaf(after.survey_id, after.leaf, after.id, known.leaf)
        self.store.secret_ballots.put((after.survey_id, after.id), after)

    def _take_leaf(self, survey_id: SurveyId, leaf: bytes, own: BallotId, before: bytes | None) -> None:
        if self.store.leaves.get((survey_id, leaf)) not in (None, own):
            raise RepeatedLeaf("В журнале голосования уже есть такой лист")
        if before is not None:
            self.store.leaves.drop((survey_id, before))
        self.store.leaves.put((survey_id, leaf), own)

    async def participated(
        self, participant_id: ParticipantId, surveys: Collection[SurveyId]
    ) -> frozenset[SurveyId]:
        return frozenset(
            survey_id
            for survey_id in surveys
            if self.store.participations.get((survey_id, participant_id)) is not None
            or self.store.open_ballots.get((survey_id, participant_id)) is not None
        )

    async def rewrite_in_key_order(
        self, survey_id: SurveyId, kept: Kept, after: UUID | None, limit: int
    ) -> UUID | None:
        """All at once, whatever the limit: the units that follow only tell that they are done."""
        tables: tuple[KeyOrdered[Any, Any], ...] = (self.store.participations,)
        if kept is Kept.BALLOTS:
            tables = (self.store.secret_ballots, self.store.leaves)
            self._drop_locks(survey_id)
        for table in tables:
            table.order()
        rows: dict[tuple[SurveyId, UUID], object] = tables[0].rows
        keys = sorted(key for of, key in rows if of == survey_id and (after is None or key > after))
        return keys[limit - 1] if len(keys) >= limit else None

    def _drop_locks(self, survey_id: SurveyId) -> None:
        for ballot in self.store.secret_ballots.committed():
            if ballot.survey_id == survey_id and ballot.change_lock is not None:
                self.store.secret_ballots.put((survey_id, ballot.id), evolve(ballot, change_lock=None))


def _voted() -> AlreadyVoted:
    return AlreadyVoted("Вы уже проголосовали")


def _stale() -> StaleVersion:
    return StaleVersion("Голос изменился: прочитайте его снова")


@frozen
class MemoryBallotRegister:
    store: MemoryStore

    async def votes(self, survey_id: SurveyId, start: bytes = b"") -> AsyncIterator[Vote]:
        for vote in sorted(self._votes(survey_id), key=lambda vote: vote.leaf):
            if vote.leaf > start:
                yield vote

    def _votes(self, survey_id: SurveyId) -> Iterator[Vote]:
        for openly in self._open(survey_id):
            answers = canonical(openly.answers)
            yield Vote(answers=answers, salt=openly.salt, leaf=openly.leaf, marks=openly.marks)
        for secretly in self.store.secret_ballots.committed():
            if secretly.survey_id == survey_id:
                yield Vote(
                    answers=secretly.answers,
                    salt=secretly.salt,
                    leaf=secretly.leaf,
                    marks=secretly.marks,
                )

    def _open(self, survey_id: SurveyId) -> list[OpenBallot]:
        found = [b for b in self.store.open_ballots.committed() if b.participation.survey_id == survey_id]
        return sorted(found, key=lambda ballot: ballot.participation.participant_id)

    async def index_of(self, survey_id: SurveyId, leaf: bytes) -> int | None:
        leaves = sorted(vote.leaf for vote in self._votes(survey_id))
        return leaves.index(leaf) if leaf in leaves else None

    async def leaves(self, survey_id: SurveyId, after: bytes, limit: int) -> tuple[bytes, ...]:
        return tuple(sorted(vote.leaf for vote in self._votes(survey_id) if vote.leaf > after)[:limit])

    async def named(self, survey_id: SurveyId, after: bytes | None, limit: int) -> tuple[Named, ...]:
        found = [
            Named(leaf=ballot.leaf, name=ballot.shown_name, answers=canonical(ballot.answers))
            for ballot in self._open(survey_id)
            if ballot.shown_name is not None and (after is None or ballot.leaf > after)
        ]
        return tuple(sorted(found, key=lambda named: named.leaf)[:limit])

    async def editions(self, participation: Participation) -> tuple[Edition, ...]:
        ballot: OpenBallot | None = self.store.open_ballots.rows.get(_key(participation))
        return ballot.earlier if ballot else ()

    async def count(self, survey_id: SurveyId) -> BoxCount:
        openly = len(self._open(survey_id))
        took_part = sum(p.survey_id == survey_id for p in self.store.participations.committed())
        secretly = sum(b.survey_id == survey_id for b in self.store.secret_ballots.committed())
        return BoxCount(participants=openly + took_part, ballots=openly + secretly)


@frozen
class MemoryBallotTraces:
    """Nothing is kept of what was before."""

    store: MemoryStore

    async def sweep(self) -> bool:
        return True
