"""What events tell besides the act itself: the term that follows from it, and who leads."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from attrs import evolve

from niktokromenas.domain.events import Event
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.message import Message, MessageActed
from niktokromenas.domain.messages.stages import Act

TERM_AFTER: Mapping[str, Callable[[Message], datetime | None]] = MappingProxyType(
    {
        Act.SUBMIT: lambda m: m.moderation_due,
        Act.CLARIFY: lambda m: m.moderation_due,
        Act.REVISE: lambda m: m.moderation_due,
        Act.REVIVE: lambda m: m.moderation_due,
        Act.ASK_CLARIFICATION: lambda m: m.clarification_due,
        Act.LAPSE: lambda m: m.rejection.revivable_until if m.rejection else None,
        Act.ACCEPT: lambda m: m.routing_due,
        Act.ROUTE: lambda m: m.answer_due,
        Act.SPLIT_OFF: lambda m: m.moderation_due or m.routing_due,
        Act.REOPEN: lambda m: m.routing_due,
        Act.PLACE: lambda m: m.rating_due,
    }
)
"""The term that begins with an act on a message; acts on assignments tell the assignment's own."""


def told_events(message: Message) -> tuple[Event, ...]:
    """The pending events, each with the term and the leading authority as they are after the act."""
    return tuple(
        _told(event, message) if isinstance(event, MessageActed) else event for event in message.events
    )


def _told(event: MessageActed, message: Message) -> MessageActed:
    assignment = next((a for a in message.assignments if a.id == event.assignment_id), None)
    lead = message.lead or message.answered_lead
    return evolve(
        event,
        due=event.due or _due(event.act, message, assignment),
        authority=event.authority or (lead.authority if lead else None),
    )


def _due(act: str, message: Message, assignment: Assignment | None) -> datetime | None:
    term = TERM_AFTER.get(act)
    if term is not None:
        return term(message)
    if assignment is None:
        return None
    return assignment.placing_due or assignment.due_at
