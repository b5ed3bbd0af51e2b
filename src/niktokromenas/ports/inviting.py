"""Links by which participants draw others into surveys, and who came by them (Положение, разд. 9)."""

from typing import ClassVar, Protocol

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.surveys.links import Attracted, SurveyLink


class SurveyLinkUnknown(NotFound):
    code: ClassVar[str] = "survey-link-unknown"


class SurveyLinks(Protocol):
    """Links and arrivals of one unit. Contract: tests/contract/test_inviting.py."""

    async def save(self, link: SurveyLink) -> None:
        """In place of the inviter's earlier link to the survey, which leads nowhere from then on."""
        ...

    async def by(self, survey_id: SurveyId, fingerprint: str) -> SurveyLink:
        """Raises `SurveyLinkUnknown`."""
        ...

    async def came(self, link: SurveyLink, participant_id: ParticipantId) -> bool:
        """Remember by whose link they came first. `False` where that is known already."""
        ...


class SurveyArrivals(Protocol):
    """Reading outside a unit: only what is committed. Contract: tests/contract/test_inviting.py."""

    async def came(self, survey_id: SurveyId) -> int:
        """By the links of everybody together."""
        ...

    async def attracted(self, survey_id: SurveyId, inviter_id: ParticipantId) -> Attracted:
        """By the links of one."""
        ...

    async def link_of(self, survey_id: SurveyId, inviter_id: ParticipantId) -> SurveyLink | None: ...
