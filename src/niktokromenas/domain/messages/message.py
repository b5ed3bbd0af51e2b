"""The message: a user's word about what is wrong, and all that came of it (Положение, разд. 4.6, 4.7, 8)."""

from datetime import datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import AssignmentId, MessageId, ParticipantId
from niktokromenas.domain.messages.answers import Rating
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.content import Author, Content
from niktokromenas.domain.messages.masks import NO_MASKS, Masks, covered
from niktokromenas.domain.messages.stages import (
    PUBLIC_STAGES,
    AssignmentStage,
    Publicity,
    Stage,
)
from niktokromenas.domain.participants.actors import Acting, Channel


class AssignmentUnknown(NotFound):
    code: ClassVar[str] = "assignment-unknown"


@frozen(kw_only=True)
class MessageActed(Event):
    """Something was done to a message; the notices and indexes follow from it."""

    kind: ClassVar[str] = "message-acted"
    number: str
    act: str
    by_role: str
    by_participant: ParticipantId | None
    assignment_id: AssignmentId | None = None
    authority: str | None = None
    """Of the assignment, or the one that leads."""
    words: str | None = None
    due: datetime | None = None
    """The term that whoever is told should know: the missed one, else filled in when the message is saved."""


@frozen(kw_only=True)
class HistoryEntry:
    """One act as it stays for ever: who, under which grant, when, why, by which document."""

    act: str
    from_stage: str | None
    to_stage: str
    by: Acting
    at: datetime
    words: str | None = None
    document: str | None = None
    """Version of the Regulation or the Moderation Rules it was done under (decree 0.4)."""
    assignment_id: AssignmentId | None = None
    authority: str | None = None
    edition: int = 1
    content: Content | None = None
    """What the message says from this entry on, where the act changed it."""


@frozen(kw_only=True)
class Rejection:
    grounds: tuple[str, ...]
    words: str
    is_final: bool
    at: datetime
    revivable_until: datetime | None = None
    """Set where it lapsed for want of a reply: until then the author can revive it."""


@frozen(kw_only=True)
class Merged:
    """Which message a duplicate waits with, and where it stood before."""

    into: MessageId
    number: str
    was: Stage


@frozen
class SharedRating:
    """How the author of a duplicate rated an answer of the original."""

    assignment_id: AssignmentId
    rating: Rating


@frozen(kw_only=True)
class Message:
    """Immutable: each act returns the next state with its event and history added."""

    id: MessageId
    number: str
    author: Author
    content: Content
    channel: Channel
    submitted_at: datetime
    category: str | None
    edition: int = 1
    stage: Stage = Stage.SUBMITTED
    publicity: Publicity = Publicity.UNDECIDED
    publicity_reason: str | None = None
    is_publicity_proposed: bool = False
    """The moderator wants to make a non-public one public and awaits the author's agreement."""
    masks: Masks = NO_MASKS
    masks_due: datetime | None = None
    """By when the moderator looks what may be shown of a content that nobody checked."""
    wish_reason: str | None = None
    """Why the author would rather not have it published; `None` where they have no such wish."""
    merged: Merged | None = None
    duplicates: tuple[MessageId, ...] = ()
    """Messages that wait with this one, in the order they were merged."""
    shared_ratings: tuple[SharedRating, ...] = ()
    """Of a duplicate: one for each answer of the original."""
    author_left_at: datetime | None = None
    """The author withdrew; the message goes on for those who joined it."""
    question: str | None = None
    clarifications: int = 0
    revisions: int = 0
    rejection: Rejection | None = None
    round: int = 1
    """1 until the author reopens it, then 2."""
    returns: int = 0
    """Returns by authorities in the present round."""
    is_with_coordinator: bool = False
    """Returned so often that the coordinator routes it next."""
    reopenings: int = 0
    accepted_at: datetime | None = None
    moderation_due: datetime | None = None
    clarification_due: datetime | None = None
    routing_due: datetime | None = None
    answer_due: datetime | None = None
    """The author's term for the answer: set by the first routing of a round."""
    answered_at: datetime | None = None
    rating_due: datetime | None = None
    reopening_due: datetime | None = None
    desk_overdue_at: datetime | None = None
    """When a term of the moderator's was last found missed: what is due later is not missed yet."""
    assignments: tuple[Assignment, ...] = ()
    version: int = 0
    events: tuple[Event, ...] = field(default=(), eq=False, repr=False)
    entries: tuple[HistoryEntry, ...] = field(default=(), eq=False, repr=False)
    """History not saved yet, like `events`."""

    @property
    def is_public(self) -> bool:
        """Anyone may read it and its answer (п. 8.5)."""
        return self.publicity is Publicity.PUBLIC and self.stage in PUBLIC_STAGES

    @property
    def public_text(self) -> str:
        """What everyone may read of the text."""
        return covered(self.content.text, self.masks.text)

    @property
    def current(self) -> tuple[Assignment, ...]:
        """Assignments of the present round."""
        return tuple(a for a in self.assignments if a.round == self.round)

    @property
    def lead(self) -> Assignment | None:
        """Who leads now; none while the lead's return or cancellation waits with the moderator."""
        return next((a for a in self.current if a.is_lead and a.is_open), None)

    @property
    def placed(self) -> tuple[Assignment, ...]:
        """Answers the author has, oldest first."""
        found = [a for a in self.assignments if a.placed_at is not None]
        return tuple(sorted(found, key=lambda a: (a.round, not a.is_lead, a.placed_at)))

    @property
    def answered_lead(self) -> Assignment | None:
        """The lead's placed answer of the present round."""
        return next((a for a in self.current if a.is_lead and a.placed_at is not None), None)

    @property
    def outcome(self) -> str | None:
        """What came of it, told apart from the stage: closed is not solved."""
        lead = self.answered_lead
        if lead is None or lead.answer is None:
            return None
        if lead.promise_report is not None:
            return "done" if lead.promise_report.is_done else "failed"
        return lead.answer.outcome.word

    @property
    def awaits_routing(self) -> bool:
        return self.stage is Stage.ACCEPTED or (self.stage is Stage.ROUTED and self.lead is None)

    def assignment(self, assignment_id: AssignmentId) -> Assignment:
        """Raises `AssignmentUnknown`."""
        for assignment in self.assignments:
            if assignment.id == assignment_id:
                return assignment
        raise AssignmentUnknown("Такого поручения у сообщения нет")

    def replacing(self, *changed: Assignment) -> "Message":
        """With these assignments in place of the old ones, new ones at the end."""
        new = {a.id: a for a in changed}
        kept = tuple(new.pop(a.id, a) for a in self.assignments)
        return evolve(self, assignments=(*kept, *new.values()))

    def open_for(self, authority: str) -> Assignment | None:
        return next((a for a in self.current if a.authority == authority and a.is_open), None)


def ready_lead(message: Message) -> Assignment | None:
    """The lead's assignment, if its answer is ready and not placed."""
    lead = message.lead
    return lead if lead is not None and lead.stage is AssignmentStage.READY else None
