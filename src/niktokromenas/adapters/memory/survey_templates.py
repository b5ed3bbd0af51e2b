"""Templates of surveys in memory."""

from attrs import evolve, frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import SurveyTemplateId
from niktokromenas.domain.surveys.templates import Keeper, SurveyTemplate
from niktokromenas.ports.messages import StaleVersion
from niktokromenas.ports.survey_templates import SurveyTemplateItem, SurveyTemplateNotFound


@frozen
class MemorySurveyTemplates:
    store: MemoryStore

    async def get(self, template_id: SurveyTemplateId) -> SurveyTemplate:
        return _found(self.store.survey_templates.get(template_id))

    async def count(self, keeper: Keeper, most: int) -> int:
        kept = sum(template.keeper == keeper for template in self.store.survey_templates.seen())
        return min(kept, most)

    async def save(self, template: SurveyTemplate) -> SurveyTemplate:
        known = self.store.survey_templates.get(template.id)
        if (known.version if known else 0) != template.version:
            raise StaleVersion("Запись изменилась: прочитайте её снова")
        stored = evolve(template, version=template.version + 1)
        self.store.survey_templates.put(template.id, stored)
        return stored

    async def delete(self, template_id: SurveyTemplateId) -> None:
        self.store.survey_templates.drop(template_id)


def _found(template: SurveyTemplate | None) -> SurveyTemplate:
    if template is None:
        raise SurveyTemplateNotFound("Такого шаблона нет")
    return template


@frozen
class MemorySurveyTemplateRegister:
    store: MemoryStore

    async def one(self, template_id: SurveyTemplateId) -> SurveyTemplate:
        rows = self.store.survey_templates.committed()
        return _found(next((template for template in rows if template.id == template_id), None))

    async def of(
        self, keeper: Keeper, before: SurveyTemplateId | None, limit: int
    ) -> tuple[SurveyTemplateItem, ...]:
        found = [
            SurveyTemplateItem(template.id, template.name, template.content.kind.value)
            for template in self.store.survey_templates.committed()
            if template.keeper == keeper and (before is None or template.id < before)
        ]
        return tuple(sorted(found, reverse=True)[:limit])
