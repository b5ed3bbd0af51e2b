"""Who sees how much of a message (Положение, п. 4.5, 4.6, 6.1, 8.3, 8.5)."""

from enum import StrEnum

from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.stages import AssignmentStage
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Role


class View(StrEnum):
    """From most to least; each names what a reader gets."""

    OWN = "own"
    """The author: all of it but internal words between authorities."""
    DESK = "desk"
    """The moderator: everything, contacts included."""
    OFFICE = "office"
    """Officials at work on it; contacts only for the one in progress."""
    MONITORING = "monitoring"
    """Coordinator and operator: everything but contacts."""
    TRACE = "trace"
    """Officials who had it: number, dates and their own acts."""
    PUBLIC = "public"
    NONE = "none"
    """For all others it does not exist."""


ORIGINALS = frozenset({View.OWN, View.DESK, View.OFFICE})
"""Views of the author and of those who process the message: nothing is masked in them."""


READS_THREAD = ORIGINALS | {View.MONITORING}


def view_of(message: Message, actor: Actor) -> View:
    """What this actor may see of the message: the fullest of what their roles give."""
    if is_author(message, actor):
        return View.OWN
    if actor.participant_id is not None and actor.participant_id == message.author.participant_id:
        return (
            View.PUBLIC if message.is_public else View.NONE
        )  # wrote it in another capacity: nobody's staff here
    if actor.holds(Role.MODERATOR):
        return View.DESK
    offices = {grant.body for grant in actor.grants if grant.role is Role.OFFICIAL}
    mine = [a for a in message.assignments if a.authority in offices]
    if any(a.is_open or a.placed_at is not None for a in mine):
        return View.OFFICE
    if actor.holds(Role.COORDINATOR) or actor.holds(Role.OPERATOR):
        return View.MONITORING
    if message.is_public:
        return View.PUBLIC
    return View.TRACE if mine else View.NONE


def is_author(message: Message, actor: Actor) -> bool:
    """The author, acting in the same capacity: for themselves or for the same organisation."""
    author = message.author
    return (
        not actor.is_guest
        and message.author_left_at is None
        and actor.participant_id == author.participant_id
        and actor.organisation_id == author.organisation_id
    )


def sees_contacts(message: Message, actor: Actor) -> bool:
    """Phone, private name and circumstances: the moderator, and the official in progress (п. 8.3).

    Each look is audited. The author sees their own.
    """
    match view_of(message, actor):
        case View.OWN | View.DESK:
            return True
        case View.OFFICE:
            return any(
                a.stage in (AssignmentStage.IN_PROGRESS, AssignmentStage.FOR_APPROVAL)
                and a.taken_by == actor.participant_id
                for a in message.current
            )
        case _:
            return False
