"""The Regulation and the calendar as one: every term of a message's life (Положение, п. 1.4, 4.5)."""

from datetime import datetime

from attrs import frozen

from niktokromenas.domain.calendar import WorkingCalendar
from niktokromenas.domain.reference.regulation import Regulation

ESCALATION_WORKING_DAYS = 1
"""From the head of an authority to the coordinator, where a term stays missed (ADR 0005)."""


@frozen
class Rulebook:
    """What is in force. Terms are working days, due at 24:00 local of the last day; the event's day is 0."""

    regulation: Regulation
    calendar: WorkingCalendar
    moderation_rules_version: str

    @property
    def regulation_words(self) -> str:
        return f"regulation {self.regulation.version}"

    @property
    def moderation_words(self) -> str:
        return f"moderation-rules {self.moderation_rules_version}"

    def working_days(self, at: datetime, days: int) -> datetime:
        return self.calendar.due_after_working_days(at, days)

    def moderation_due(self, at: datetime) -> datetime:
        return self.working_days(at, self.regulation.moderation_working_days)

    def routing_due(self, at: datetime) -> datetime:
        return self.working_days(at, self.regulation.routing_working_days)

    def placing_due(self, at: datetime) -> datetime:
        return self.working_days(at, self.regulation.placing_working_days)

    def clarification_due(self, at: datetime) -> datetime:
        return self.calendar.due_after_calendar_days(at, self.regulation.clarification_calendar_days)

    def revival_due(self, at: datetime) -> datetime:
        return self.calendar.due_after_calendar_days(at, self.regulation.lapse_revival_calendar_days)

    def rating_due(self, at: datetime) -> datetime:
        return self.working_days(at, self.regulation.rating_working_days)

    def reopening_due(self, at: datetime) -> datetime:
        return self.working_days(at, self.regulation.reopening_working_days)

    def escalation_due(self, missed: datetime) -> datetime:
        return self.working_days(missed, ESCALATION_WORKING_DAYS)
