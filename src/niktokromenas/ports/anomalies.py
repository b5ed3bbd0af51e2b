"""Counts that tell of a survey what looks unlike people answering; nobody is named in them (разд. 9)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.links import Attracted


class SurveyFigures(Protocol):
    """Reading outside a unit: only what is committed. Contract: tests/contract/test_anomalies.py.

    No store knows when a secret ballot came, or from where: of these only who took part is counted.
    """

    async def paced(
        self, survey_id: SurveyId, since: datetime, span: timedelta
    ) -> tuple[tuple[datetime, int], ...]:
        """Open ballots by when they were cast or, where they were, last changed.

        In spans of that many whole seconds from `since`, a whole second; spans without any are left out.
        """
        ...

    async def residences(self, survey_id: SurveyId) -> Mapping[str, int]:
        """People's open ballots by the municipality where they live by now; who is not known is left out."""
        ...

    async def by_link(self, survey_id: SurveyId, limit: int) -> tuple[Attracted, ...]:
        """Numbers of each link, of open and of secret ballots, those by whom most took part first."""
        ...

    async def registered(self) -> Mapping[str, int]:
        """People who are registered, by the municipality where they live; who is not known is left out."""
        ...
