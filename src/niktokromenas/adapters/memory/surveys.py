"""Surveys in memory."""

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, frozen

from niktokromenas.adapters.memory.messages import keyset_page
from niktokromenas.adapters.memory.outbox import publish
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import MessageId, ParticipantId, SocialGroupId, SurveyId
from niktokromenas.domain.surveys.content import Series
from niktokromenas.domain.surveys.stages import BEFORE_ANNOUNCEMENT, Stage
from niktokromenas.domain.surveys.survey import HistoryEntry, Survey
from niktokromenas.domain.surveys.ticking import next_tick
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.messages import Cursor, Page, StaleVersion
from niktokromenas.ports.surveys import (
    MODERATORS,
    SurveyDeskItem,
    SurveyFilter,
    SurveyItem,
    SurveyNotFound,
    awaits_seal,
    desk_of,
    owner_of,
    survey_item,
    survey_number,
)


@frozen
class MemorySurveys:
    store: MemoryStore
    new_id: NewId

    async def by_number(self, number: str) -> Survey:
        return _by_number(self.store.surveys.seen(), number)

    async def by_id(self, survey_id: SurveyId) -> Survey:
        survey: Survey | None = self.store.surveys.get(survey_id)
        if survey is None:
            raise _unknown()
        return survey

    async def to_answer(self, survey_id: SurveyId) -> Survey:
        return await self.by_id(survey_id)

    async def to_count(self, survey_id: SurveyId) -> Survey:
        return await self.by_id(survey_id)

    async def add(self, survey: Survey) -> Survey:
        return await self.save(survey)

    async def save(self, survey: Survey) -> Survey:
        known: Survey | None = self.store.surveys.get(survey.id)
        if survey.version != (known.version if known else 0):
            raise StaleVersion("Опрос изменился: прочитайте его снова")
        if known is None and any(each.number == survey.number for each in self.store.surveys.seen()):
            raise StaleVersion("Такой номер уже есть")
        for entry in survey.entries:
            self.store.survey_history.put(self.new_id(), (survey.id, entry))
        publish(self.store, survey.events, self.new_id)
        stored = evolve(survey, version=survey.version + 1, events=(), entries=())
        self.store.surveys.put(stored.id, stored)
        return stored

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[SurveyId, ...]:
        ticks = ((next_tick(s), s.id) for s in self.store.surveys.seen())
        due = sorted((tick, survey_id) for tick, survey_id in ticks if tick is not None and tick <= at)
        return tuple(survey_id for _, survey_id in due[:limit])

    async def to_seal(self, limit: int) -> tuple[SurveyId, ...]:
        return tuple(sorted(s.id for s in self.store.surveys.seen() if awaits_seal(s))[:limit])

    async def running_of_group(self, group_id: SocialGroupId) -> int:
        return sum(
            s.initiator.group_id == group_id and s.stage in (Stage.ANNOUNCED, Stage.OPEN)
            for s in self.store.surveys.seen()
        )

    async def waiting_of(
        self, whose: SocialGroupId | str, after: SurveyId | None, limit: int
    ) -> tuple[SurveyId, ...]:
        found = sorted(
            s.id
            for s in self.store.surveys.seen()
            if s.stage in BEFORE_ANNOUNCEMENT
            and whose in (owner_of(s.initiator), s.initiator.group_id)
            and (after is None or s.id > after)
        )
        return tuple(found[:limit])

    async def waiting_under(
        self, authority: str, after: SurveyId | None, limit: int, *, frozen: bool
    ) -> tuple[SurveyId, ...]:
        found = sorted(
            s.id
            for s in self.store.surveys.seen()
            if s.stage in BEFORE_ANNOUNCEMENT
            and s.initiator.authority == authority
            and (s.freeze_reason is not None) == frozen
            and (after is None or s.id > after)
        )
        return tuple(found[:limit])

    async def acted_for(
        self, survey_id: SurveyId, organisation_id: ParticipantId
    ) -> tuple[ParticipantId, ...]:
        hands = (entry.by for of, entry in self.store.survey_history.seen() if of == survey_id)
        return tuple(
            sorted(
                {
                    by.participant_id
                    for by in hands
                    if by.organisation_id == organisation_id and by.participant_id is not None
                }
            )
        )

    async def last_round(self, series: Series) -> Survey | None:
        rounds = [
            (s.published_at, s.id, s)
            for s in self.store.surveys.seen()
            if s.stage is Stage.PUBLISHED and s.published_at is not None and s.content.series == series
        ]
        return max(rounds, key=lambda row: row[:2])[2] if rounds else None


def _unknown() -> SurveyNotFound:
    return SurveyNotFound("Такого опроса нет")


def _by_number(surveys: Iterable[Survey], number: str) -> Survey:
    for survey in surveys:
        if survey.number == number:
            return survey
    raise _unknown()


@frozen
class MemorySurveyNumbers:
    store: MemoryStore

    async def next(self, year: int) -> str:
        self.store.survey_numbers[year] = self.store.survey_numbers.get(year, 0) + 1
        return survey_number(year, self.store.survey_numbers[year])


def _fits(item: SurveyItem, chosen: SurveyFilter) -> bool:
    asked = (
        (chosen.kind, item.kind),
        (chosen.stage, item.stage),
        (chosen.topic, item.topic),
        (chosen.municipality, item.municipality),
        (chosen.initiator, item.body),
        (chosen.group_id, item.group_id),
    )
    starts_at = item.starts_at
    assert starts_at is not None
    return (
        all(wanted is None or wanted == found for wanted, found in asked)
        and (chosen.since is None or chosen.since <= starts_at)
        and (chosen.until is None or starts_at < chosen.until)
    )


@frozen
class MemorySurveyJournal:
    store: MemoryStore

    async def public(self, chosen: SurveyFilter, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        found = [
            (s.starts_at, MessageId(s.id), survey_item(s))
            for s in self.store.surveys.committed()
            if s.is_public and _fits(survey_item(s), chosen)
        ]
        return keyset_page(found, after, limit, newest_first=True)  # type: ignore[return-value]

    async def own(self, owner: str, after: Cursor | None, limit: int) -> Page[SurveyItem]:
        found = [
            (s.created_at, MessageId(s.id), survey_item(s))
            for s in self.store.surveys.committed()
            if owner_of(s.initiator) == owner
        ]
        return keyset_page(found, after, limit, newest_first=True)  # type: ignore[return-value]

    async def to_moderate(
        self, after: Cursor | None, limit: int, *, late: bool = False
    ) -> Page[SurveyDeskItem]:
        return self._desk(MODERATORS, after, limit, late=late)

    async def to_consent(self, authority: str, after: Cursor | None, limit: int) -> Page[SurveyDeskItem]:
        return self._desk(f"authority:{authority}", after, limit, late=False)

    def _desk(self, desk: str, after: Cursor | None, limit: int, *, late: bool) -> Page[SurveyDeskItem]:
        found: list[tuple[datetime, MessageId, object]] = []
        for survey in self.store.surveys.committed():
            stands: tuple[str, datetime] | None = desk_of(survey)
            if stands is not None and stands[0] == desk and (survey.is_late or not late):
                item = SurveyDeskItem(survey=survey_item(survey), due=stands[1])
                found.append((stands[1], MessageId(survey.id), item))
        return keyset_page(found, after, limit, newest_first=False)  # type: ignore[return-value]

    async def one(self, number: str) -> Survey:
        return _by_number(self.store.surveys.committed(), number)

    async def history(self, survey_id: SurveyId) -> tuple[HistoryEntry, ...]:
        rows = self.store.survey_history.committed()
        return tuple(evolve(entry, content=None) for of, entry in rows if of == survey_id)
