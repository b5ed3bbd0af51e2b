"""The term of an answer waits for the author's reply, where the Regulation says so (Положение, п. 4.5)."""

from datetime import datetime, timedelta

from attrs import evolve

from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing, recorded
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.messages.stages import AssignmentAct


def suspended(assignment: Assignment, doing: Doing) -> Assignment:
    """Waiting from now on, at most as long as a clarification takes and as often as one may be asked for.

    A term that is missed already, or waits already, stays as it is.
    """
    regulation = doing.rules.regulation
    if (
        not regulation.asking_suspends_term
        or assignment.suspended_at is not None
        or assignment.suspensions >= regulation.max_clarifications
        or doing.at >= assignment.due_at
    ):
        return assignment
    return evolve(
        assignment,
        suspended_at=doing.at,
        suspended_until=doing.rules.clarification_due(doing.at),
        suspensions=assignment.suspensions + 1,
    )


def waits_for_author(message: Message) -> bool:
    """Some term of an answer stands still until the author replies."""
    return any(a.suspended_at is not None for a in message.current)


def resumed(message: Message, assignment_id: AssignmentId, doing: Doing) -> Message:
    """As part of another act: the term runs on, longer by the working days that it waited."""
    before = message.assignment(assignment_id)
    if before.suspended_at is None:
        return message
    after = _running(before, doing)
    how = evolve(doing, assignment=after, words=None)
    message = recorded(message.replacing(after), AssignmentAct.RESUME, before.stage, how)
    return evolve(message, answer_due=after.due_at) if after.is_lead else message


def replied(message: Message, doing: Doing) -> Message:
    """The author wrote: every term that waited for it runs on. The same message where none did."""
    for assignment in message.current:
        message = resumed(message, assignment.id, doing)
    return message


def _running(assignment: Assignment, doing: Doing) -> Assignment:
    assert assignment.suspended_at is not None
    assert assignment.suspended_until is not None
    calendar = doing.rules.calendar
    until = min(doing.at, assignment.suspended_until - timedelta(seconds=1))
    waited = calendar.working_days_between(
        calendar.local_date(assignment.suspended_at), calendar.local_date(until)
    )
    due = _later(assignment, waited, doing.rules) if waited else assignment.due_at
    return evolve(assignment, due_at=due, suspended_at=None, suspended_until=None)


def _later(assignment: Assignment, working_days: int, rules: Rulebook) -> datetime:
    """`due_at` is already the first instant of the next day."""
    return rules.working_days(assignment.due_at - timedelta(seconds=1), working_days)
