"""How many participants a target group holds, in memory."""

from datetime import date

from attrs import evolve, frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.groups.membership import Standing as Membership
from niktokromenas.domain.ids import ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.surveys.knowing import stated_facts
from niktokromenas.domain.surveys.target import Target, is_inside


@frozen
class MemoryTargetSizes:
    store: MemoryStore

    async def count(self, target: Target, on: date) -> int:
        facts = (
            evolve(
                stated_facts(person),
                groups=self._groups_of(person.id),
                took_part=self._surveys_of(person.id),
            )
            for person in self.store.participants.committed()
        )
        return sum(is_inside(target, known, on) for known in facts)

    def _groups_of(self, participant_id: ParticipantId) -> frozenset[SocialGroupId]:
        ended = {group.id for group in self.store.groups.committed() if group.has_ended}
        return frozenset(
            one.group_id
            for one in self.store.group_members.committed()
            if one.participant_id == participant_id
            and one.standing is Membership.MEMBER
            and one.group_id not in ended
        )

    def _surveys_of(self, participant_id: ParticipantId) -> frozenset[SurveyId]:
        secretly = self.store.participations.committed()
        openly = (ballot.participation for ballot in self.store.open_ballots.committed())
        return frozenset(
            one.survey_id
            for each in (secretly, openly)
            for one in each
            if one.participant_id == participant_id
        )
