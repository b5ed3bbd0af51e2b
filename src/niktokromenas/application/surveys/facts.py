"""What is known of those who answer, at the moment they do (Положение, разд. 9).

Only what the target group or announced tables ask for is looked up.
"""

from collections.abc import Sequence

from attrs import evolve

from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.people import Participant, ParticipantKind
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.surveys.ballots import Voter
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

_OF_KIND = {kind: Facts(kind=kind) for kind in ParticipantKind}


def answerer(actor: Actor) -> Voter:
    """Whose ballot it is: the person's, or that of the organisation they act for. The kind alone is known.

    Raises `SignInRequired`, `RoleRequired`: only a confirmed account of ESIA is a participant.
    """
    acting = actor.acting(Permission.CAST_BALLOT)
    assert acting.participant_id is not None
    if acting.organisation_id is None:
        facts = _OF_KIND[ParticipantKind.PERSON]
        return Voter(participant_id=acting.participant_id, name=actor.name, facts=facts)
    return Voter(
        participant_id=acting.organisation_id,
        name=actor.name,
        facts=_OF_KIND[ParticipantKind.ORGANISATION],
        acted_by=acting.participant_id,
    )


def voter_of(participant: Participant) -> Voter:
    return Voter(participant_id=participant.id, name=participant.name, facts=_OF_KIND[participant.kind])


async def with_facts(tx: Transaction, content: Content, who: Sequence[Voter]) -> Sequence[Voter]:
    """The same in the same order, with the facts the survey asks for; others stay unknown."""
    asked = tuple(parts(content.target.predicate))
    facts = {each.participant_id: each.facts for each in who}
    if content.dimensions or any(isinstance(part, AgeBand | LivesIn) for part in asked):
        facts |= await tx.participants.facts_of(tuple(facts))
    elif not any(isinstance(part, InGroup | TookPart) for part in asked):
        return who
    if any(isinstance(part, InGroup) for part in asked):
        for one, found in facts.items():
            facts[one] = evolve(found, groups=await tx.groups.groups_of(one))
    if surveys := {part.survey for part in asked if isinstance(part, TookPart)}:
        for one, found in facts.items():
            facts[one] = evolve(found, took_part=await tx.ballots.participated(one, surveys))
    return [evolve(each, facts=facts[each.participant_id]) for each in who]
