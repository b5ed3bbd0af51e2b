"""Who knows of a group, and who of its members (Положение, разд. 9; 152-FZ)."""

from niktokromenas.domain.groups.group import SocialGroup
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission


def may_see(group: SocialGroup, actor: Actor) -> bool:
    """An active group is everyone's to see, any other its leaders' and the moderators'."""
    return group.is_active or leads(group, actor) or actor.may(Permission.MODERATE_GROUP)


def may_see_history(group: SocialGroup, actor: Actor) -> bool:
    """Reasons of refusals and texts that were refused stay between the leaders and the moderators."""
    return leads(group, actor) or actor.may(Permission.MODERATE_GROUP)


def leads(group: SocialGroup, actor: Actor) -> bool:
    """As a person: who acts for an organisation leads no group meanwhile."""
    return actor.organisation_id is None and group.is_led_by(actor.participant_id)
