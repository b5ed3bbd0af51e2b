"""What an account says of its holder to a target group, and how far it can be trusted (разд. 9)."""

from datetime import date

from niktokromenas.domain.participants.people import FactKind, Participant
from niktokromenas.domain.surveys.target import Facts, Stated


def stated_facts(participant: Participant) -> Facts:
    """Without groups and surveys: those the platform looks up."""
    born, residence = participant.fact(FactKind.BORN), participant.fact(FactKind.RESIDENCE)
    return Facts(
        kind=participant.kind,
        born=Stated(date.fromisoformat(born.value), born.provenance) if born else None,
        residence=Stated(residence.value, residence.provenance) if residence else None,
    )
