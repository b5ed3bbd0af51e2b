"""What time alone does to a message: the ticker records only what is already true (ADR 0005)."""

from datetime import datetime

from attrs import evolve

from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.authoring import at_rest
from niktokromenas.domain.messages.desks import desk_of
from niktokromenas.domain.messages.message import Message, Rejection
from niktokromenas.domain.messages.moves import Doing, assignment_moved, moved, recorded
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.messages.stages import Act, AssignmentAct, AssignmentStage, Stage
from niktokromenas.domain.messages.suspending import resumed
from niktokromenas.domain.participants.actors import SYSTEM

NO_REPLY = "no_reply"
"""The ground of a message that lapsed for want of a reply."""


def next_tick(message: Message, rules: Rulebook) -> datetime | None:
    """The first instant at which there is something to record about the message."""
    instants = [instant for instant, _ in _pending(message, rules)]
    return min(instants, default=None)


def _pending(message: Message, rules: Rulebook) -> list[tuple[datetime, tuple[str, Assignment | None]]]:
    """Everything time will do, in order of its instants: (when, (what, to which assignment))."""
    pending: list[tuple[datetime, tuple[str, Assignment | None]]] = []
    if message.stage is Stage.CLARIFICATION and message.clarification_due is not None:
        pending.append((message.clarification_due, ("lapse", None)))
    if message.stage is Stage.ANSWERED and message.rating_due is not None:
        pending.append((message.rating_due, ("close", None)))
    desk = desk_of(message)
    found = message.desk_overdue_at
    if desk is not None and (found is None or found < desk.due):
        pending.append((desk.due, ("desk-overdue", None)))
    for assignment in message.current:
        pending += _pending_of(assignment, message.stage, rules)
    return sorted(pending, key=lambda item: item[0])


def _pending_of(
    assignment: Assignment, stage: Stage, rules: Rulebook
) -> list[tuple[datetime, tuple[str, Assignment | None]]]:
    if assignment.suspended_until is not None and assignment.is_open:
        return [(assignment.suspended_until, ("resume", assignment))]
    if assignment.is_awaited and stage in (Stage.ROUTED, Stage.ANSWERED, Stage.CLOSED):
        if assignment.overdue_at is None:
            return [(assignment.due_at, ("overdue", assignment))]
        if assignment.escalated_at is None:
            return [(rules.escalation_due(assignment.due_at), ("escalate", assignment))]
    if assignment.is_lead and stage is Stage.CLOSED:
        return _pending_of_promise(assignment, rules)
    return []


def _pending_of_promise(
    assignment: Assignment, rules: Rulebook
) -> list[tuple[datetime, tuple[str, Assignment | None]]]:
    """`escalated_at` before the promise was found overdue is the answer's."""
    if (promise := assignment.promise) is None:
        return []
    missed, overdue_at, escalated_at = (
        rules.calendar.end_of(promise.by),
        assignment.promise_overdue_at,
        assignment.escalated_at,
    )
    if overdue_at is None:
        return [(missed, ("promise-overdue", assignment))]
    if escalated_at is None or escalated_at < overdue_at:
        return [(rules.escalation_due(missed), ("promise-escalate", assignment))]
    return []


def tick(message: Message, rules: Rulebook, *, at: datetime) -> Message:
    """Record everything that is true at `at`; the same message where nothing is."""
    doing = Doing(by=SYSTEM, at=at, rules=rules)
    while due := [item for item in _pending(message, rules) if item[0] <= at]:
        instant, what = due[0]
        message = _record(message, what, instant, doing)
    return message


def _record(
    message: Message, what: tuple[str, Assignment | None], instant: datetime, doing: Doing
) -> Message:
    match what:
        case ("lapse", _):
            return _lapse(message, doing)
        case ("close", _):
            return evolve(moved(message, Act.CLOSE, doing), rating_due=None)
        case ("resume", Assignment() as waiting):
            return resumed(message, waiting.id, doing)
        case ("overdue", Assignment() as late):
            after = assignment_moved(message, late, AssignmentAct.MARK_OVERDUE, doing)
            return after.replacing(evolve(after.assignment(late.id), overdue_at=doing.at))
        case ("escalate", Assignment() as late):
            after = assignment_moved(message, late, AssignmentAct.ESCALATE, doing)
            return after.replacing(evolve(after.assignment(late.id), escalated_at=doing.at))
        case ("promise-overdue", Assignment() as late):
            missed = evolve(doing, words="promise", assignment=late, due=instant)
            after = moved(message, Act.MARK_OVERDUE, missed)
            return after.replacing(evolve(after.assignment(late.id), promise_overdue_at=doing.at))
        case ("promise-escalate", Assignment() as late):
            assert late.promise is not None
            due = doing.rules.calendar.end_of(late.promise.by)
            missed = evolve(doing, words="promise", assignment=late, due=due)
            after = recorded(message, AssignmentAct.ESCALATE, late.stage, missed)
            return after.replacing(evolve(late, escalated_at=doing.at))
        case _:
            after = moved(message, Act.MARK_OVERDUE, evolve(doing, words="desk", due=instant))
            return evolve(after, desk_overdue_at=doing.at)


def _lapse(message: Message, doing: Doing) -> Message:
    after = moved(message, Act.LAPSE, doing)
    rejection = Rejection(
        grounds=(NO_REPLY,),
        words="Нет ответа на уточнение",
        is_final=False,
        at=doing.at,
        revivable_until=doing.rules.revival_due(doing.at),
    )
    return evolve(at_rest(after), rejection=rejection)


def mark_orphaned(message: Message, authority: str, rules: Rulebook, *, at: datetime) -> Message:
    """The last official of the authority is gone: its open assignments wait for somebody to care."""
    doing = Doing(by=SYSTEM, at=at, rules=rules)
    for assignment in message.current:
        if assignment.authority == authority and assignment.is_open and assignment.orphaned_at is None:
            if assignment.stage is AssignmentStage.READY:
                continue
            message = assignment_moved(message, assignment, AssignmentAct.MARK_ORPHANED, doing)
            message = message.replacing(evolve(message.assignment(assignment.id), orphaned_at=at))
    return message
