"""The terms of a survey's life (Положение, разд. 9)."""

from datetime import datetime, timedelta

from attrs import frozen

from niktokromenas.domain.messages.rulebook import Rulebook

MODERATION_WORKING_DAYS = 2
"""By the decree itself; submission's day is not counted."""
CONSENT_WORKING_DAYS = 5
"""For the authority a business names. The decree is silent; ours."""
FOLLOW_UP_DAYS = 30
"""After publication the initiator is reminded to tell what was done with the result."""


@frozen
class SurveyRules:
    """What is in force: the calendar, the Moderation Rules, the requirements for materials."""

    rulebook: Rulebook
    materials_version: str

    @property
    def moderation_words(self) -> str:
        """Both documents that a decision of moderation rests on."""
        return f"{self.rulebook.moderation_words}; materials {self.materials_version}"

    @property
    def regulation_words(self) -> str:
        return self.rulebook.regulation_words

    def moderation_due(self, at: datetime) -> datetime:
        """Raises `CalendarExhausted`."""
        return self.rulebook.working_days(at, MODERATION_WORKING_DAYS)

    def consent_due(self, at: datetime) -> datetime:
        """Raises `CalendarExhausted`."""
        return self.rulebook.working_days(at, CONSENT_WORKING_DAYS)

    def follow_up_due(self, at: datetime) -> datetime:
        """24:00 local of the thirtieth day, free or not."""
        calendar = self.rulebook.calendar
        return calendar.end_of(calendar.local_date(at) + timedelta(days=FOLLOW_UP_DAYS))
