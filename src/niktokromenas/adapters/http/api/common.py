"""What the faces of all capabilities share."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from niktokromenas.adapters.http.endpoints import Call
from niktokromenas.adapters.http.paging import decode_cursor, encode_cursor
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.participants.actors import Actor, Channel, guest
from niktokromenas.domain.participants.roles import Permission, permitted
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.messages import Cursor

USER = ("user",)
EVERYBODY = ("guest",)
UNDER_A_GRANT = ((403, "role-required"), (403, "grant-over"), (409, "choose-grant"))
"""What any act that needs a grant may be told."""
STAFF = ("moderator", "official", "coordinator", "operator", "technical")


def actor_of(call: Call) -> Actor:
    """Whoever the authenticator found, or a guest."""
    found = cast("Actor | None", call.actor)
    return found if found is not None else guest(Channel.WEB)


def roles_of(*permissions: Permission) -> tuple[str, ...]:
    """Who may try any of these, as the document tells it."""
    return tuple(sorted({role.value for each in permissions for role in permitted(each)}))


def request_key(call: Call, route: str) -> RequestKey | None:
    """What makes a repeat of the request recognisable, where it has an `Idempotency-Key`."""
    actor = actor_of(call)
    if call.idempotency_key is None or actor.participant_id is None:
        return None
    return RequestKey(
        participant_id=actor.participant_id, route=route, key=call.idempotency_key, body_hash=call.body_hash
    )


def cursor(after: str | None) -> Cursor | None:
    """Raises `Invalid` for anything this server did not write."""
    if after is None:
        return None
    at, message_id = decode_cursor(after, datetime, UUID)
    return Cursor(at=at, id=MessageId(message_id))


def written(found: Cursor | None) -> str | None:
    return None if found is None else encode_cursor(found.at, found.id)


def page(items: list[Any], following: Cursor | None) -> dict[str, Any]:
    return {"items": items, "next": written(following)}
