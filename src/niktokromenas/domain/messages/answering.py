"""What officials do with their authority's assignment (Положение, п. 4.5, 5.3)."""

from typing import ClassVar

from attrs import evolve

from niktokromenas.domain.errors import Fault, Forbidden, Invalid
from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages.answers import Answer, AnswerDraft, PromiseReport, check_answer
from niktokromenas.domain.messages.assignments import Assignment, ProlongationRequest, ReturnNote
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing, IllegalMove, NotAssigned, assignment_moved, moved
from niktokromenas.domain.messages.stages import Act, AssignmentAct, AssignmentStage, Stage
from niktokromenas.domain.messages.suspending import resumed


class NotTaken(Forbidden):
    """A colleague has the assignment in progress."""

    code: ClassVar[str] = "not-taken"
    basis: ClassVar[str | None] = "Положение, п. 4.5"


class ApproverRequired(Forbidden):
    """Approval takes a second pair of eyes: an approver who did not prepare the answer."""

    code: ClassVar[str] = "approver-required"
    basis: ClassVar[str | None] = "Положение, п. 4.5"


def take(message: Message, assignment_id: AssignmentId, doing: Doing) -> Message:
    """Take the assignment into work; its taker alone sees the author's contacts and answers."""
    after = assignment_moved(message, message.assignment(assignment_id), AssignmentAct.TAKE, doing)
    taken = evolve(after.assignment(assignment_id), taken_by=doing.by.participant_id, orphaned_at=None)
    return after.replacing(taken)


def release(message: Message, assignment_id: AssignmentId, doing: Doing) -> Message:
    """Give the assignment back to the colleagues; any official of the authority may."""
    message = resumed(message, assignment_id, doing)
    after = assignment_moved(message, message.assignment(assignment_id), AssignmentAct.RELEASE, doing)
    return after.replacing(evolve(after.assignment(assignment_id), taken_by=None, prolongation=None))


def return_assignment(
    message: Message, assignment_id: AssignmentId, reason: str | None, proposed: str | None, doing: Doing
) -> Message:
    """Not this authority's matter: back to the moderator, with a reason and who it may be.

    Only before the answer is there anything to route anew: a late contributor's return ends its part alone.
    """
    why = words_or_refuse(reason, "/reason", "Объясните, почему вопрос не к вашему органу")
    message = resumed(message, assignment_id, doing)
    assignment = message.assignment(assignment_id)
    after = assignment_moved(message, assignment, AssignmentAct.RETURN, evolve(doing, words=why))
    returned = evolve(
        after.assignment(assignment_id),
        return_note=ReturnNote(why, proposed),
        taken_by=None,
        prolongation=None,
    )
    after = after.replacing(returned)
    if message.stage is not Stage.ROUTED:
        return after
    returns = message.returns + 1
    after = evolve(after, returns=returns)
    if after.lead is not None:
        return after
    return evolve(
        after,
        routing_due=doing.rules.routing_due(doing.at),
        is_with_coordinator=returns >= doing.rules.regulation.return_limit,
    )


def ask_prolongation(
    message: Message, assignment_id: AssignmentId, reason: str | None, working_days: int, doing: Doing
) -> Message:
    """Ask for a longer term: once, before it is due, for at most the first term."""
    assignment = taken(message, assignment_id, doing)
    why = words_or_refuse(reason, "/reason", "Объясните, зачем продлевать срок")
    if not 1 <= working_days <= assignment.working_days:
        detail = f"Продлить можно на 1-{assignment.working_days} рабочих дней"
        raise Invalid(detail, faults=(Fault("/working_days", "bad-term", detail),))
    if assignment.prolongation is not None:
        raise IllegalMove("О продлении уже попросили")
    if assignment.prolongations >= doing.rules.regulation.max_prolongations:
        raise IllegalMove("Срок уже продлевали")
    if doing.at >= assignment.due_at:
        raise IllegalMove("Срок прошёл: просить о продлении поздно")
    after = assignment_moved(message, assignment, AssignmentAct.ASK_PROLONGATION, evolve(doing, words=why))
    request = ProlongationRequest(why, working_days, doing.at)
    return after.replacing(evolve(after.assignment(assignment_id), prolongation=request))


def prepare(
    message: Message, assignment_id: AssignmentId, draft: AnswerDraft, *, needs_approval: bool, doing: Doing
) -> Message:
    """Write the answer: to the approver, or straight to ready where the authority has none."""
    assignment = taken(message, assignment_id, doing)
    message = resumed(message, assignment_id, doing)
    assignment = message.assignment(assignment_id)
    check_answer(draft, today=doing.rules.calendar.local_date(doing.at))
    to = None if needs_approval else AssignmentStage.READY
    after = assignment_moved(message, assignment, AssignmentAct.PREPARE, doing, to=to)
    participant = doing.by.participant_id
    assert participant is not None
    answer = Answer(
        text=(draft.text or "").strip(),
        outcome=draft.outcome,
        attachments=draft.attachments,
        prepared_by=participant,
        prepared_at=doing.at,
        ready_at=None if needs_approval else doing.at,
    )
    after = evolve(after, masks=message.masks.without_answer(assignment_id))
    prepared = evolve(after.assignment(assignment_id), answer=answer, send_back_words=None, prolongation=None)
    return after.replacing(prepared) if needs_approval else _ready(after, prepared, doing)


def approve(message: Message, assignment_id: AssignmentId, *, is_approver: bool, doing: Doing) -> Message:
    """The second pair of eyes: the answer is ready for the moderator."""
    assignment = message.assignment(assignment_id)
    _require_approver(assignment, is_approver=is_approver, doing=doing)
    after = assignment_moved(message, assignment, AssignmentAct.APPROVE, doing)
    approved = after.assignment(assignment_id)
    assert approved.answer is not None
    answer = evolve(approved.answer, approved_by=doing.by.participant_id, ready_at=doing.at)
    return _ready(after, evolve(approved, answer=answer), doing)


def send_back_draft(
    message: Message, assignment_id: AssignmentId, words: str | None, *, is_approver: bool, doing: Doing
) -> Message:
    """The approver wants the answer mended."""
    said = words_or_refuse(words, "/words", "Напишите, что исправить")
    assignment = message.assignment(assignment_id)
    _require_approver(assignment, is_approver=is_approver, doing=doing)
    after = assignment_moved(message, assignment, AssignmentAct.SEND_BACK_DRAFT, evolve(doing, words=said))
    return after.replacing(evolve(after.assignment(assignment_id), send_back_words=said))


def report_promise(message: Message, *, is_done: bool, words: str | None, doing: Doing) -> Message:
    """Tell whether what was planned is done; the lead's officials owe it."""
    said = words_or_refuse(words, "/words", "Расскажите, что сделано")
    lead = message.answered_lead
    if lead is not None and doing.by.body != lead.authority:
        raise NotAssigned("Обещание давал другой орган")
    after = moved(message, Act.REPORT_PROMISE, evolve(doing, words=said, assignment=lead))
    lead = after.answered_lead
    assert lead is not None
    report = PromiseReport(is_done=is_done, words=said, at=doing.at)
    return after.replacing(evolve(lead, promise_report=report))


def _ready(message: Message, assignment: Assignment, doing: Doing) -> Message:
    due = doing.rules.placing_due(doing.at)
    return message.replacing(evolve(assignment, placing_due=due))


def taken(message: Message, assignment_id: AssignmentId, doing: Doing) -> Assignment:
    """The assignment, if it is the official's own. Raises `NotAssigned`, `NotTaken`."""
    assignment = message.assignment(assignment_id)
    if doing.by.body != assignment.authority:
        raise NotAssigned("Поручение дано другому органу")
    if assignment.stage is AssignmentStage.IN_PROGRESS and assignment.taken_by != doing.by.participant_id:
        raise NotTaken("Поручение в работе у коллеги")
    return assignment


def _require_approver(assignment: Assignment, *, is_approver: bool, doing: Doing) -> None:
    prepared_by = assignment.answer.prepared_by if assignment.answer else None
    if not is_approver or doing.by.participant_id == prepared_by:
        raise ApproverRequired("Ответ согласует другой человек с правом согласования")
