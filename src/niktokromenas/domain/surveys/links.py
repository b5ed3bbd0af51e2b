"""Drawing others in by a link of one's own: how many came is counted, how they answered is not (разд. 9)."""

from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.surveys.stages import Secrecy, Stage
from niktokromenas.domain.surveys.survey import Survey

_ENDED = frozenset({Stage.CLOSED, Stage.PUBLISHED, Stage.STOPPED, Stage.ANNULLED})


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
    """Numbers only. The survey shows `came` of all links, the inviter sees their own (`shown_to_inviter`)."""

    came: int = 0
    took_part: int = 0


@frozen
class OwnAttracted:
    """What the inviter is told; `took_part` is `None` until it may be."""

    came: int
    took_part: int | None


def shown_to_inviter(attracted: Attracted, survey: Survey, at: datetime) -> OwnAttracted:
    """While a secret survey runs nobody is told how many took part: of one guest that is when they did."""
    has_ended = survey.stage in _ENDED or at >= survey.ends_at
    is_told = has_ended or survey.content.secrecy is Secrecy.OPEN
    return OwnAttracted(came=attracted.came, took_part=attracted.took_part if is_told else None)


def require_inviting(survey: Survey, at: datetime) -> None:
    """Raises `NothingToInviteTo`."""
    if survey.stage not in (Stage.ANNOUNCED, Stage.OPEN) or at >= survey.ends_at:
        raise NothingToInviteTo("Приглашать можно в объявленный опрос, пока он не закончился")


def link_to(survey: Survey, inviter_id: ParticipantId, fingerprint: str, *, at: datetime) -> SurveyLink:
    """Raises `NothingToInviteTo`."""
    require_inviting(survey, at)
    return SurveyLink(survey_id=survey.id, inviter_id=inviter_id, fingerprint=fingerprint, made_at=at)
