"""Who leads the group whose survey it is: they have a hand in it, and do not decide on it (разд. 9)."""

from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.ports.groups import GroupNotFound
from niktokromenas.ports.transactions import Transaction


async def leaders_of(tx: Transaction, survey: Survey) -> frozenset[ParticipantId]:
    """Nobody where it is of no group."""
    if survey.initiator.group_id is None:
        return frozenset()
    try:
        return (await tx.groups.by_id(survey.initiator.group_id)).leaders
    except GroupNotFound:
        return frozenset()
