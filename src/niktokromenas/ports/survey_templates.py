"""Templates of surveys, as units of work and readers need them (Положение, разд. 9, п. 2.2)."""

from typing import ClassVar, NamedTuple, Protocol

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import SurveyTemplateId
from niktokromenas.domain.surveys.templates import Keeper, SurveyTemplate


class SurveyTemplateNotFound(NotFound):
    code: ClassVar[str] = "survey-template-not-found"


class SurveyTemplateItem(NamedTuple):
    """A template as lists show it."""

    id: SurveyTemplateId
    name: str
    kind: str


class SurveyTemplates(Protocol):
    """Templates of surveys of one unit. Contract: tests/contract/test_survey_templates.py."""

    async def get(self, template_id: SurveyTemplateId) -> SurveyTemplate:
        """Raises `SurveyTemplateNotFound`."""
        ...

    async def count(self, keeper: Keeper, most: int) -> int:
        """How many the keeper has, counted to `most` at most.

        Other units that ask so of the keeper wait until this one is over.
        """
        ...

    async def save(self, template: SurveyTemplate) -> SurveyTemplate:
        """Store a new or changed one, version + 1. Raises `StaleVersion`."""
        ...

    async def delete(self, template_id: SurveyTemplateId) -> None: ...


class SurveyTemplateRegister(Protocol):
    """Reading templates outside a unit. Contract: tests/contract/test_survey_templates.py."""

    async def one(self, template_id: SurveyTemplateId) -> SurveyTemplate:
        """Raises `SurveyTemplateNotFound`."""
        ...

    async def of(
        self, keeper: Keeper, before: SurveyTemplateId | None, limit: int
    ) -> tuple[SurveyTemplateItem, ...]:
        """The keeper's own, the newest first, ids below `before`."""
        ...
