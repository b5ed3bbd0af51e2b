"""Counts of a survey in memory."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from attrs import frozen

from niktokromenas.adapters.memory.inviting import MemorySurveyArrivals
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.participants.people import FactKind, Participant, ParticipantKind
from niktokromenas.domain.surveys.ballots import OpenBallot
from niktokromenas.domain.surveys.links import Attracted


@frozen
class MemorySurveyFigures:
    store: MemoryStore

    async def paced(
        self, survey_id: SurveyId, since: datetime, span: timedelta
    ) -> tuple[tuple[datetime, int], ...]:
        counts = Counter((ballot.cast_at - since) // span for ballot in self._open(survey_id))
        return tuple((since.astimezone(UTC) + place * span, count) for place, count in sorted(counts.items()))

    def _open(self, survey_id: SurveyId) -> Iterator[OpenBallot]:
        ballots = self.store.open_ballots.committed()
        return (ballot for ballot in ballots if ballot.participation.survey_id == survey_id)

    async def residences(self, survey_id: SurveyId) -> Mapping[str, int]:
        voters = (ballot.participation.participant_id for ballot in self._open(survey_id))
        return _lived_in(self.store.participants.rows[each] for each in voters)

    async def by_link(self, survey_id: SurveyId, limit: int) -> tuple[Attracted, ...]:
        arrivals = MemorySurveyArrivals(self.store)
        rows = self.store.survey_arrivals.rows.items()
        inviters = {inviter for (of, _), inviter in rows if of == survey_id}
        found = [await arrivals.attracted(survey_id, inviter) for inviter in inviters]
        return tuple(sorted(found, key=lambda each: (-each.took_part, -each.came))[:limit])

    async def registered(self) -> Mapping[str, int]:
        return _lived_in(self.store.participants.committed())


def _lived_in(people: Iterator[Participant]) -> Mapping[str, int]:
    facts = (each.fact(FactKind.RESIDENCE) for each in people if each.kind is ParticipantKind.PERSON)
    return Counter(fact.value for fact in facts if fact is not None)
