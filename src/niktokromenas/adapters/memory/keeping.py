"""What people of the office keep, in memory: filters and templates of answers."""

from attrs import evolve, frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import FilterId, ParticipantId, TemplateId
from niktokromenas.domain.office.filters import SavedFilter
from niktokromenas.domain.office.templates import AnswerTemplate
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.office import TemplateNotFound


@frozen
class MemoryFilters:
    store: MemoryStore

    async def of(self, owner_id: ParticipantId) -> tuple[SavedFilter, ...]:
        found: list[SavedFilter] = [f for f in self.store.filters.seen() if f.owner_id == owner_id]
        return tuple(sorted(found, key=lambda kept: kept.place))

    async def save(self, kept: SavedFilter) -> SavedFilter:
        known: SavedFilter | None = self.store.filters.get(kept.id)
        others = [f for f in await self.of(kept.owner_id) if f.id != kept.id]
        is_stale = (known.version if known else 0) != kept.version
        if is_stale or kept.place in {other.place for other in others}:
            raise StaleVersion("Запись изменилась: прочитайте её снова")
        stored = evolve(kept, version=kept.version + 1)
        self.store.filters.put(kept.id, stored)
        return stored

    async def delete(self, filter_id: FilterId) -> None:
        self.store.filters.drop(filter_id)


@frozen
class MemoryTemplates:
    store: MemoryStore

    async def get(self, template_id: TemplateId) -> AnswerTemplate:
        found: AnswerTemplate | None = self.store.templates.get(template_id)
        if found is None:
            raise TemplateNotFound("Такого шаблона нет")
        return found

    async def save(self, template: AnswerTemplate) -> AnswerTemplate:
        known: AnswerTemplate | None = self.store.templates.get(template.id)
        if (known.version if known else 0) != template.version:
            raise StaleVersion("Запись изменилась: прочитайте её снова")
        stored = evolve(template, version=template.version + 1)
        self.store.templates.put(template.id, stored)
        return stored

    async def of(
        self, authority: str, categories: tuple[str, ...] | None, after: TemplateId | None, limit: int
    ) -> tuple[AnswerTemplate, ...]:
        found: list[AnswerTemplate] = [
            template
            for template in self.store.templates.seen()
            if template.authority == authority
            and template.ended_at is None
            and (categories is None or template.category in categories)
            and (after is None or template.id > after)
        ]
        return tuple(sorted(found, key=lambda template: template.id)[:limit])
