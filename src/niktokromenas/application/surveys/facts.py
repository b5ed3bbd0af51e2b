"""What is known of those who answer, at the moment they do (Положение, разд. 9).

Only what the target group or announced tables ask for is looked up.
"""

from collections.abc import Collection, Mapping

from attrs import evolve, field, frozen

from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.people import ParticipantKind
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.target import (
    AgeBand,
    Facts,
    InGroup,
    LivesIn,
    TookPart,
    parts,
)
from niktokromenas.ports.transactions import Transaction


@frozen(kw_only=True)
class Answerer:
    """Whose ballot it is: the person's, or that of the organisation they act for."""

    participant_id: ParticipantId
    kind: ParticipantKind
    name: str = field(repr=False)
    acted_by: ParticipantId | None = None


def answerer(actor: Actor) -> Answerer:
    """Raises `SignInRequired`, `RoleRequired`: only a confirmed account of ESIA is a participant."""
    acting = actor.acting(Permission.CAST_BALLOT)
    assert acting.participant_id is not None
    if acting.organisation_id is None:
        return Answerer(participant_id=acting.participant_id, kind=ParticipantKind.PERSON, name=actor.name)
    return Answerer(
        participant_id=acting.organisation_id,
        kind=ParticipantKind.ORGANISATION,
        name=actor.name,
        acted_by=acting.participant_id,
    )


async def facts_of(
    tx: Transaction, content: Content, who: Collection[Answerer]
) -> Mapping[ParticipantId, Facts]:
    """Whatever the survey does not ask for stays unknown."""
    asked = tuple(parts(content.target.predicate))
    facts = {each.participant_id: Facts(kind=each.kind) for each in who}
    if content.dimensions or any(isinstance(part, AgeBand | LivesIn) for part in asked):
        facts |= await tx.participants.facts_of(tuple(facts))
    if any(isinstance(part, InGroup) for part in asked):
        for one, known in facts.items():
            facts[one] = evolve(known, groups=await tx.groups.groups_of(one))
    if surveys := {part.survey for part in asked if isinstance(part, TookPart)}:
        for one, known in facts.items():
            facts[one] = evolve(known, took_part=await tx.ballots.participated(one, surveys))
    return facts
