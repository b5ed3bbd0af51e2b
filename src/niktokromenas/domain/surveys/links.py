"""Drawing others in by a link of one's own: how many came is counted, how they answered is not (разд. 9)."""

from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey


class NothingToInviteTo(Conflict):
    """The survey is not announced, or it is over."""

    code: ClassVar[str] = "nothing-to-invite-to"
    basis: ClassVar[str | None] = "Положение, разд. 9"


@frozen(kw_only=True)
class SurveyLink:
    """One for each participant and survey. Only the fingerprint of its secret is stored."""

    survey_id: SurveyId
    inviter_id: ParticipantId
    fingerprint: str = field(repr=False)
    made_at: datetime

    def counts(self, participant_id: ParticipantId) -> bool:
        """Nobody draws themselves in."""
        return participant_id != self.inviter_id


@frozen
class Attracted:
    """Numbers only. The survey shows `came` of all links, the inviter sees both of their own."""

    came: int = 0
    took_part: int = 0


def require_inviting(survey: Survey, at: datetime) -> None:
    """Raises `NothingToInviteTo`."""
    if survey.stage not in (Stage.ANNOUNCED, Stage.OPEN) or at >= survey.ends_at:
        raise NothingToInviteTo("Приглашать можно в объявленный опрос, пока он не закончился")


def link_to(survey: Survey, inviter_id: ParticipantId, fingerprint: str, *, at: datetime) -> SurveyLink:
    """Raises `NothingToInviteTo`."""
    require_inviting(survey, at)
    return SurveyLink(survey_id=survey.id, inviter_id=inviter_id, fingerprint=fingerprint, made_at=at)
