"""An authority's part in a message: one leads, others contribute, each with its term (п. 2.1, 4.5)."""

from datetime import datetime

from attrs import evolve, frozen

from niktokromenas.domain.ids import AssignmentId, ParticipantId
from niktokromenas.domain.messages.answers import Answer, Planned, PromiseReport, Rating
from niktokromenas.domain.messages.stages import OPEN_ASSIGNMENT, AssignmentStage


@frozen
class ReturnNote:
    """Why an authority gave it back, and who it thinks should have it."""

    reason: str
    proposed_authority: str | None


@frozen
class ProlongationRequest:
    reason: str
    working_days: int
    asked_at: datetime


@frozen(kw_only=True)
class Assignment:
    id: AssignmentId
    authority: str
    """Code of the directory."""
    is_lead: bool
    round: int
    """1 for the first routing, one more after each reopening."""
    assigned_at: datetime
    due_at: datetime
    working_days: int
    """The first term; a prolongation is at most as long."""
    stage: AssignmentStage = AssignmentStage.ASSIGNED
    taken_by: ParticipantId | None = None
    prolongation: ProlongationRequest | None = None
    prolongations: int = 0
    suspended_at: datetime | None = None
    """Since when its term waits for the author's reply."""
    suspended_until: datetime | None = None
    """When the term runs on, reply or not."""
    suspensions: int = 0
    return_note: ReturnNote | None = None
    answer: Answer | None = None
    send_back_words: str | None = None
    placed_at: datetime | None = None
    placing_due: datetime | None = None
    rating: Rating | None = None
    promise_report: PromiseReport | None = None
    overdue_at: datetime | None = None
    escalated_at: datetime | None = None
    promise_overdue_at: datetime | None = None
    orphaned_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Its authority still has something to do with the message."""
        return self.stage in OPEN_ASSIGNMENT and self.placed_at is None

    @property
    def is_awaited(self) -> bool:
        """Its term runs: the answer is not ready yet, and nobody waits for the author."""
        is_running = self.stage is not AssignmentStage.READY and self.suspended_at is None
        return self.is_open and is_running

    @property
    def promise(self) -> Planned | None:
        """A placed promise that nobody has reported on."""
        if self.placed_at is None or self.answer is None or self.promise_report is not None:
            return None
        return self.answer.outcome if isinstance(self.answer.outcome, Planned) else None

    def cancelled(self) -> "Assignment":
        """Nothing about it waits on a moderator's desk any more."""
        return evolve(
            self,
            stage=AssignmentStage.CANCELLED,
            prolongation=None,
            placing_due=None,
            suspended_at=None,
            suspended_until=None,
        )

    def leading(self, answer_due: datetime | None) -> "Assignment":
        """Whoever leads answers by the author's term, and may miss that one anew."""
        if answer_due is None or answer_due == self.due_at:
            return evolve(self, is_lead=True)
        return evolve(self, is_lead=True, due_at=answer_due, overdue_at=None, escalated_at=None)
