"""Links to surveys and who came by them, in memory."""

from attrs import frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.surveys.links import Attracted, SurveyLink
from niktokromenas.ports.inviting import SurveyLinkUnknown


@frozen
class MemorySurveyLinks:
    store: MemoryStore

    async def save(self, link: SurveyLink) -> None:
        self.store.survey_links.put((link.survey_id, link.inviter_id), link)

    async def by(self, survey_id: SurveyId, fingerprint: str) -> SurveyLink:
        for link in self.store.survey_links.seen():
            if (link.survey_id, link.fingerprint) == (survey_id, fingerprint):
                return link
        raise SurveyLinkUnknown("Такой ссылки нет")

    async def came(self, link: SurveyLink, participant_id: ParticipantId) -> bool:
        key = link.survey_id, participant_id
        if self.store.survey_arrivals.get(key) is not None:
            return False
        self.store.survey_arrivals.put(key, link.inviter_id)
        return True


@frozen
class MemorySurveyArrivals:
    store: MemoryStore

    async def came(self, survey_id: SurveyId) -> int:
        return sum(of == survey_id for of, _ in self.store.survey_arrivals.rows)

    async def attracted(self, survey_id: SurveyId, inviter_id: ParticipantId) -> Attracted:
        keys = [
            key
            for key, inviter in self.store.survey_arrivals.rows.items()
            if key[0] == survey_id and inviter == inviter_id
        ]
        took_part = sum(
            key in self.store.participations.rows or key in self.store.open_ballots.rows for key in keys
        )
        return Attracted(came=len(keys), took_part=took_part)

    async def link_of(self, survey_id: SurveyId, inviter_id: ParticipantId) -> SurveyLink | None:
        return self.store.survey_links.rows.get((survey_id, inviter_id))
