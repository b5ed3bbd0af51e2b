"""The words of a message's life (Положение, п. 4.5-4.7, разд. 8)."""

from enum import StrEnum


class Stage(StrEnum):
    SUBMITTED = "submitted"
    CLARIFICATION = "clarification"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    ROUTED = "routed"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Act(StrEnum):
    SUBMIT = "submit"
    ASK_CLARIFICATION = "ask-clarification"
    CLARIFY = "clarify"
    LAPSE = "lapse"
    REVIVE = "revive"
    REJECT = "reject"
    REVISE = "revise"
    ACCEPT = "accept"
    ANNUL = "annul"
    MERGE = "merge"
    TAKE_IN = "take-in"
    SPLIT_OFF = "split-off"
    LET_GO = "let-go"
    ROUTE = "route"
    PLACE = "place"
    RATE = "rate"
    RATE_SHARED = "rate-shared"
    REOPEN = "reopen"
    CLOSE = "close"
    REPORT_PROMISE = "report-promise"
    WITHDRAW = "withdraw"
    LEAVE = "leave"
    SET_PUBLICITY = "set-publicity"
    ANSWER_PUBLICITY_PROPOSAL = "answer-publicity-proposal"
    MASK = "mask"
    MARK_OVERDUE = "mark-overdue"


CONSEQUENCES = frozenset({Act.TAKE_IN, Act.LET_GO, Act.LEAVE, Act.RATE_SHARED})
"""What an act asked for by another name does to this message: nobody asks for these themselves."""


class AssignmentStage(StrEnum):
    ASSIGNED = "assigned"
    IN_PROGRESS = "in-progress"
    FOR_APPROVAL = "for-approval"
    READY = "ready"
    RETURNED = "returned"
    CANCELLED = "cancelled"


OPEN_ASSIGNMENT = frozenset(
    {
        AssignmentStage.ASSIGNED,
        AssignmentStage.IN_PROGRESS,
        AssignmentStage.FOR_APPROVAL,
        AssignmentStage.READY,
    }
)


class AssignmentAct(StrEnum):
    ASSIGN = "assign"
    TAKE = "take"
    RELEASE = "release"
    RETURN = "return"
    ASK = "ask"
    ANSWER_INTERIM = "answer-interim"
    RESUME = "resume"
    ASK_PROLONGATION = "ask-prolongation"
    GRANT_PROLONGATION = "grant-prolongation"
    REFUSE_PROLONGATION = "refuse-prolongation"
    PREPARE = "prepare"
    APPROVE = "approve"
    SEND_BACK_DRAFT = "send-back-draft"
    RETURN_ANSWER = "return-answer"
    PLACE_CONTRIBUTION = "place-contribution"
    CANCEL = "cancel"
    CHANGE_LEAD = "change-lead"
    MARK_OVERDUE = "mark-overdue"
    ESCALATE = "escalate"
    MARK_ORPHANED = "mark-orphaned"


class Publicity(StrEnum):
    """Whether everyone may read it: the moderator's decision (п. 4.6, 8.5)."""

    UNDECIDED = "undecided"
    PUBLIC = "public"
    NON_PUBLIC = "non-public"


PUBLIC_STAGES = frozenset({Stage.ACCEPTED, Stage.ROUTED, Stage.ANSWERED, Stage.CLOSED})
"""Stages in which a public message stands in the journal: from acceptance on, unless withdrawn (ADR 0005)."""
