"""The project office watches that answers come in time and are complete (Положение, п. 1.3, 4.5)."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol

from attrs import frozen

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import AssignmentId, FilterId, ParticipantId, TemplateId
from niktokromenas.domain.office.filters import SavedFilter
from niktokromenas.domain.office.templates import AnswerTemplate
from niktokromenas.ports.messages import Cursor, Page


class Watch(StrEnum):
    """Which of the answers that are still awaited."""

    DUE = "due"
    """Their term runs."""
    TODAY = "today"
    """Their term runs and ends today."""
    SOON = "soon"
    """Their term runs and ends within three working days, those of today included."""
    OVERDUE = "overdue"
    """Their term is missed."""
    INCOMPLETE = "incomplete"
    """An approver or the moderator sent them back; whether in term or not."""
    NOT_TAKEN = "not-taken"
    """Nobody has taken them; whether in term or not."""


@frozen(kw_only=True)
class Moment:
    """Now, and where today and the third working day after it end: what terms are compared with."""

    now: datetime
    today_ends: datetime
    soon_ends: datetime


@frozen(kw_only=True)
class AwaitedAnswer:
    """An assignment whose answer is not ready. Nothing personal is in it."""

    number: str
    assignment_id: AssignmentId
    authority: str
    is_lead: bool
    stage: str
    due: datetime
    is_taken: bool
    send_back_words: str | None


class AwaitedAnswers(Protocol):
    """Reading outside a unit. Contract: tests/contract/test_office.py."""

    async def page(
        self, watch: Watch, authority: str | None, at: Moment, after: Cursor | None, limit: int
    ) -> Page[AwaitedAnswer]:
        """Of one authority or of all, the first due first; the cursor holds the due instant and the
        assignment's id."""
        ...


class Figures(NamedTuple):
    """How many awaited answers there are, and how many of each watch."""

    awaited: int = 0
    today: int = 0
    soon: int = 0
    overdue: int = 0
    incomplete: int = 0
    not_taken: int = 0


class OfficeFigures(Protocol):
    """Reading outside a unit: numbers over the open assignments of authorities (ADR 0022).

    Contract: tests/contract/test_office.py.
    """

    async def of_authority(self, authority: str, at: Moment) -> Figures: ...

    async def of_all(self, after: str | None, at: Moment, limit: int) -> tuple[tuple[str, Figures], ...]:
        """Of every registered authority by code, those after the given code."""
        ...

    async def by_official(self, authority: str, at: Moment) -> Mapping[ParticipantId | None, Figures]:
        """By who has taken them; nobody's under `None`."""
        ...


class FilterNotFound(NotFound):
    code: ClassVar[str] = "filter-not-found"


class TemplateNotFound(NotFound):
    code: ClassVar[str] = "template-not-found"


class Filters(Protocol):
    """Saved filters of one unit. Contract: tests/contract/test_keeping.py."""

    async def of(self, owner_id: ParticipantId) -> tuple[SavedFilter, ...]:
        """All of one participant's, by place."""
        ...

    async def save(self, kept: SavedFilter) -> SavedFilter:
        """Store a new or changed one, version + 1.

        Raises `StaleVersion`, also where another of the owner's has that place.
        """
        ...

    async def delete(self, filter_id: FilterId) -> None: ...


class Templates(Protocol):
    """Templates of answers of one unit. Contract: tests/contract/test_keeping.py."""

    async def get(self, template_id: TemplateId) -> AnswerTemplate:
        """Ended ones, too. Raises `TemplateNotFound`."""
        ...

    async def save(self, template: AnswerTemplate) -> AnswerTemplate:
        """Store a new or changed one, version + 1. Raises `StaleVersion`."""
        ...

    async def of(
        self, authority: str, categories: tuple[str, ...] | None, after: TemplateId | None, limit: int
    ) -> tuple[AnswerTemplate, ...]:
        """What the authority offers, of these categories or of all, by id, those after the given one."""
        ...
