"""The project office watches that answers come in time and are complete (Положение, п. 1.3, 4.5)."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from niktokromenas.domain.ids import AssignmentId
from niktokromenas.ports.messages import Cursor, Page


class Watch(StrEnum):
    """Which of the answers that are still awaited."""

    DUE = "due"
    """Their term runs."""
    OVERDUE = "overdue"
    """Their term is missed."""
    INCOMPLETE = "incomplete"
    """An approver or the moderator sent them back; whether in term or not."""


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
        self, watch: Watch, authority: str | None, now: datetime, after: Cursor | None, limit: int
    ) -> Page[AwaitedAnswer]:
        """Of one authority or of all, the first due first; the cursor holds the due instant and the
        assignment's id."""
        ...
