"""Who sees a survey before everyone does (Положение, разд. 9)."""

from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.stages import Stage
from niktokromenas.domain.surveys.survey import Survey

_BEFORE_MODERATORS = frozenset({Stage.DRAFT, Stage.WITHDRAWN})
_DECIDING = (Role.MODERATOR, Role.OPERATOR, Role.TECHNICAL)


def is_initiator(survey: Survey, actor: Actor) -> bool:
    """Whether under one of their powers they are the initiator."""
    if actor.participant_id is None:
        return False
    powers = [
        Acting(role=Role.USER, participant_id=actor.participant_id, organisation_id=actor.organisation_id),
        *(
            Acting(role=g.role, participant_id=actor.participant_id, grant_id=g.id, body=g.body)
            for g in actor.grants
        ),
    ]
    return any(survey.initiator.is_acting(power) for power in powers)


def is_deciding(survey: Survey, actor: Actor) -> bool:
    """Those who moderate it, from its first submission on, and the authority that a business named."""
    if survey.stage in _BEFORE_MODERATORS:
        return False
    of_authority = survey.initiator.authority is not None and actor.holds(
        Role.OFFICIAL, survey.initiator.authority
    )
    return of_authority or any(actor.holds(role) for role in _DECIDING)


def may_see(survey: Survey, actor: Actor) -> bool:
    return survey.is_public or is_initiator(survey, actor) or is_deciding(survey, actor)
