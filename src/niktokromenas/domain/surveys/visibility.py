"""Who sees a survey before everyone does (Положение, разд. 9)."""

from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey

_BEFORE_MODERATORS = frozenset({Stage.DRAFT, Stage.WITHDRAWN})
_DECIDING = (Role.MODERATOR, Role.OPERATOR, Role.TECHNICAL)


def is_initiator(survey: Survey, actor: Actor) -> bool:
    """Whether under one of their powers they are the initiator."""
    return any(survey.initiator.is_acting(power) for power in actor.powers())


def deciding_power(survey: Survey, actor: Actor) -> Acting | None:
    """Of those who moderate it, from its first submission on, or of the authority that a business named."""
    if survey.stage in _BEFORE_MODERATORS:
        return None
    authority = survey.initiator.authority
    return next(
        (
            power
            for power in actor.powers()
            if power.role in _DECIDING
            or (power.role is Role.OFFICIAL and authority is not None and power.body == authority)
        ),
        None,
    )


def may_see(survey: Survey, actor: Actor) -> bool:
    return survey.is_public or is_initiator(survey, actor) or deciding_power(survey, actor) is not None
