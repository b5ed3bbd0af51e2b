"""The first beat of every use case: under which power, still live in the unit that saves."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from niktokromenas.domain.audit import AuditEntry
from niktokromenas.domain.errors import Forbidden
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.blocks import STOPPED
from niktokromenas.domain.participants.grants import Grant
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.ports.transactions import Transaction


class GrantOver(Forbidden):
    """The grant ended between the request and its decision."""

    code: ClassVar[str] = "grant-over"
    basis: ClassVar[str | None] = "Положение, п. 5.4"


async def confirm_power(tx: Transaction, acting: Acting, at: datetime) -> Grant | None:
    """The grant the act rests on, read again in this unit and held until its end; `None` for a user.

    Raises `GrantOver`.
    """
    if acting.grant_id is None:
        return None
    grant = await tx.grants.hold(acting.grant_id)
    if not grant.is_live(at):
        raise GrantOver("Полномочие прекращено")
    return grant


async def refuse_blocked(tx: Transaction, acting: Acting, permission: Permission, at: datetime) -> None:
    """For what a block can stop, the block is read in the unit that saves: it acts at once (п. 5.5).

    Raises `Blocked`.
    """
    if permission not in STOPPED or acting.role is not Role.USER or acting.participant_id is None:
        return
    block = await tx.blocks.live_of(acting.participant_id, at)
    if block is not None:
        block.refuse(permission, acting.role, at)


def audited(
    entry_id: UUID,
    actor: Actor,
    acting: Acting | None,
    action: str,
    thing: tuple[str, str],
    at: datetime,
    facts: Mapping[str, str] | None = None,
) -> AuditEntry:
    """The entry for what the actor does to `thing` (its kind and id)."""
    return AuditEntry(
        id=entry_id,
        at=at,
        action=action,
        object_kind=thing[0],
        object_id=thing[1],
        participant_id=actor.participant_id,
        session_id=actor.session_id,
        grant_id=acting.grant_id if acting else None,
        facts=facts or {},
    )
