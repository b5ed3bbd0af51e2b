"""What the moderator decides: checking, publicity, routing, placing (Положение, п. 4.6)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.domain.errors import Fault, Forbidden, refuse
from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.authoring import (
    at_rest,
    cancelled_assignment,
    cancelled_assignments,
    words_or_refuse,
)
from niktokromenas.domain.messages.message import Message, Rejection, ready_lead
from niktokromenas.domain.messages.moves import (
    Doing,
    IllegalMove,
    assignment_moved,
    moved,
    recorded,
    router_of,
)
from niktokromenas.domain.messages.stages import Act, AssignmentAct, AssignmentStage, Publicity, Stage
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.authorities import AuthorityAtWork, CannotBeRoutedTo
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.grounds import Ground
from niktokromenas.domain.values import is_blank

MAX_TARGETS = 10


class OwnAnswer(Forbidden):
    """Nobody decides on an answer they prepared."""

    code: ClassVar[str] = "own-answer"
    basis: ClassVar[str | None] = "Положение, п. 4.5, 4.6"


class CoordinatorRoutes(IllegalMove):
    """After the second return the coordinator routes."""

    code: ClassVar[str] = "coordinator-routes"


def _by_rules(doing: Doing, words: str | None = None) -> Doing:
    """A decision of moderation is recorded under the Moderation Rules (decree 0.4, п. 8.1)."""
    return evolve(doing, words=words, document=doing.rules.moderation_words)


def ask_clarification(message: Message, question: str | None, doing: Doing) -> Message:
    """Ask the author; no reply within the Regulation's term lapses the message."""
    asked = words_or_refuse(question, "/question", "Напишите, что нужно уточнить")
    after = moved(message, Act.ASK_CLARIFICATION, _by_rules(doing, asked))
    return evolve(
        after,
        question=asked,
        clarifications=message.clarifications + 1,
        clarification_due=doing.rules.clarification_due(doing.at),
        moderation_due=None,
    )


def _rejection(grounds: tuple[Ground, ...], words: str | None, at: datetime) -> Rejection:
    if not grounds:
        refuse([Fault("/grounds", "no-grounds", "Назовите основание отклонения", "Правила модерации")])
    said = words_or_refuse(words, "/words", "Объясните решение автору своими словами")
    final = any(ground.is_final for ground in grounds)
    return Rejection(grounds=tuple(g.code for g in grounds), words=said, is_final=final, at=at)


def reject(message: Message, grounds: tuple[Ground, ...], words: str | None, doing: Doing) -> Message:
    """Refuse to take the message, by grounds of the Moderation Rules and in words."""
    rejection = _rejection(grounds, words, doing.at)
    after = moved(message, Act.REJECT, _by_rules(doing, rejection.words))
    return evolve(at_rest(after), rejection=rejection)


def annul(message: Message, grounds: tuple[Ground, ...], words: str | None, doing: Doing) -> Message:
    """Reject what was accepted, for a ground found later; assignments are cancelled.

    What was decided on the way here is void: if the author mends it, all of that is decided anew.
    """
    rejection = _rejection(grounds, words, doing.at)
    by_rules = _by_rules(doing, rejection.words)
    calm = at_rest(cancelled_assignments(moved(message, Act.ANNUL, by_rules), by_rules))
    return evolve(
        calm,
        rejection=rejection,
        publicity=Publicity.UNDECIDED,
        publicity_reason=None,
        is_publicity_proposed=False,
        returns=0,
        is_with_coordinator=False,
    )


def accept(
    message: Message, category: str, publicity: Publicity, reason: str | None, doing: Doing
) -> Message:
    """Take the message, name its category, decide its publicity; a reason where non-public (п. 4.6, 8.5)."""
    why = _publicity_reason(publicity, reason)
    after = moved(message, Act.ACCEPT, _by_rules(doing, why))
    return evolve(
        after,
        category=category,
        publicity=publicity,
        publicity_reason=why,
        accepted_at=doing.at,
        moderation_due=None,
        routing_due=doing.rules.routing_due(doing.at),
    )


def _publicity_reason(publicity: Publicity, reason: str | None) -> str | None:
    if publicity is Publicity.UNDECIDED:
        refuse([Fault("/publicity", "undecided", "Решите, публичное ли сообщение", "Положение, п. 4.6")])
    if publicity is Publicity.PUBLIC:
        return None
    return words_or_refuse(reason, "/reason", "Объясните, почему сообщение не публичное")


def set_publicity(message: Message, publicity: Publicity, reason: str | None, doing: Doing) -> Message:
    """Change the decision; to public only by a proposal that the author agrees to (ADR 0005)."""
    why = _publicity_reason(publicity, reason)
    if publicity is message.publicity:
        raise IllegalMove("Решение о публичности уже такое")
    after = moved(message, Act.SET_PUBLICITY, _by_rules(doing, why or "proposed"))
    if publicity is Publicity.PUBLIC:
        return evolve(after, is_publicity_proposed=True)
    return evolve(after, publicity=publicity, publicity_reason=why, is_publicity_proposed=False)


@frozen(kw_only=True)
class Target:
    """An authority to route to; `working_days` shortens a contributor's term."""

    authority: str
    is_lead: bool = False
    working_days: int | None = None


@frozen(kw_only=True)
class Routing:
    """A routing with what it rests on: who can be routed to, and the category's term."""

    targets: tuple[Target, ...]
    at_work: Mapping[str, AuthorityAtWork]
    working_days: int
    new_ids: tuple[AssignmentId, ...]
    """One for each target."""


def _check_targets(routing: Routing) -> None:
    faults: list[Fault] = []
    targets = routing.targets
    if not targets or len(targets) > MAX_TARGETS:
        faults.append(Fault("/targets", "no-targets", "Назовите от одного до десяти органов"))
    if sum(target.is_lead for target in targets) != 1:
        faults.append(Fault("/targets", "one-lead", "Ведущий орган ровно один", "Положение, п. 2.1"))
    if len({target.authority for target in targets}) != len(targets):
        faults.append(Fault("/targets", "repeated", "Орган назван дважды"))
    for index, target in enumerate(targets):
        if target.working_days is not None and not 1 <= target.working_days <= routing.working_days:
            detail = f"Срок: от 1 до {routing.working_days} рабочих дней"
            faults.append(Fault(f"/targets/{index}/working_days", "bad-term", detail))
    refuse(faults)
    unreachable = [
        t.authority
        for t in targets
        if t.authority not in routing.at_work or not routing.at_work[t.authority].can_be_routed_to
    ]
    if unreachable:
        raise CannotBeRoutedTo(
            "Орган не зарегистрирован или у него нет должностного лица", members={"authorities": unreachable}
        )


def route(message: Message, routing: Routing, words: str | None, doing: Doing) -> Message:
    """Give the message to authorities, one of which leads; routing again keeps the author's term.

    Open assignments of authorities that are not named again are cancelled. After the Regulation's number
    of returns only the coordinator routes. Raises `CannotBeRoutedTo`, `CoordinatorRoutes`.
    """
    _check_targets(routing)
    if message.is_with_coordinator:
        _require_router(message, doing)
    elif doing.by.role is Role.COORDINATOR:
        raise CoordinatorRoutes("Координатор направляет сообщение только после второго возврата")
    after = moved(message, Act.ROUTE, evolve(doing, words=words))
    first_due = message.answer_due or doing.rules.working_days(doing.at, routing.working_days)
    after = evolve(after, answer_due=first_due, routing_due=None, is_with_coordinator=False)
    after = _without_unnamed(after, {t.authority for t in routing.targets}, doing)
    for target, new_id in zip(routing.targets, routing.new_ids, strict=True):
        after = _assigned(after, target, new_id, routing, doing)
    return after


def _require_router(message: Message, doing: Doing) -> None:
    if doing.by.role is not router_of(message):
        raise CoordinatorRoutes("После второго возврата направляет координатор")


def _without_unnamed(message: Message, named: set[str], doing: Doing) -> Message:
    for assignment in message.current:
        if assignment.is_open and assignment.authority not in named:
            message = cancelled_assignment(message, assignment, doing)
    return message


def _assigned(
    message: Message, target: Target, new_id: AssignmentId, routing: Routing, doing: Doing
) -> Message:
    assert message.answer_due is not None
    if (running := message.open_for(target.authority)) is not None:
        kept = running.leading(message.answer_due) if target.is_lead else evolve(running, is_lead=False)
        return message.replacing(kept)
    days = (None if target.is_lead else target.working_days) or routing.working_days
    due = message.answer_due if target.is_lead else doing.rules.working_days(doing.at, days)
    new = Assignment(
        id=new_id,
        authority=target.authority,
        is_lead=target.is_lead,
        round=message.round,
        assigned_at=doing.at,
        due_at=due,
        working_days=days,
    )
    return recorded(message.replacing(new), AssignmentAct.ASSIGN, None, evolve(doing, assignment=new))


def cancel_assignment(
    message: Message,
    assignment_id: AssignmentId,
    new_lead: AssignmentId | None,
    words: str | None,
    doing: Doing,
) -> Message:
    """Take an authority out; contributors go on. To take the lead out, name who leads from now on."""
    assignment = message.assignment(assignment_id)
    said = words_or_refuse(words, "/words", "Объясните, почему поручение снято")
    if assignment.is_lead:
        if new_lead is None or new_lead == assignment_id:
            raise IllegalMove("Ведущего снимают, назвав нового ведущего, или направляют сообщение заново")
        message = change_lead(message, new_lead, doing)
    after = assignment_moved(
        message, message.assignment(assignment_id), AssignmentAct.CANCEL, evolve(doing, words=said)
    )
    return after.replacing(after.assignment(assignment_id).cancelled())


def change_lead(message: Message, assignment_id: AssignmentId, doing: Doing) -> Message:
    """Another of those at work leads; the author's term stays as it is and is theirs from now on.

    Whoever answered leads for ever. Raises `CoordinatorRoutes` where the coordinator says who leads next.
    """
    assignment = message.assignment(assignment_id)
    if message.stage is not Stage.ROUTED:
        raise IllegalMove("Ведущего меняют, пока на сообщение не ответили")
    _require_router(message, doing)
    after = assignment_moved(message, assignment, AssignmentAct.CHANGE_LEAD, doing)
    old = [evolve(a, is_lead=False) for a in after.current if a.is_lead and a.id != assignment_id]
    new = after.assignment(assignment_id).leading(after.answer_due)
    return evolve(after.replacing(*old, new), routing_due=None)


def _is_own(assignment: Assignment, by: Acting) -> bool:
    answer = assignment.answer
    return answer is not None and by.participant_id in (answer.prepared_by, answer.approved_by)


def _refuse_own(assignment: Assignment, by: Acting) -> None:
    if _is_own(assignment, by):
        raise OwnAnswer("Ответ, который вы готовили, проверяет другой модератор")


def place(message: Message, doing: Doing) -> Message:
    """Place the lead's ready answer (public) or send it (non-public), with the contributions at hand.

    A contribution that the moderator prepared themselves waits for another moderator.
    """
    lead = ready_lead(message)
    if lead is not None:
        _refuse_own(lead, doing.by)
    after = moved(message, Act.PLACE, evolve(doing, assignment=lead))
    ready = [
        a
        for a in after.current
        if a.is_open and a.stage is AssignmentStage.READY and not _is_own(a, doing.by)
    ]
    placed = after.replacing(*(evolve(a, placed_at=doing.at, placing_due=None) for a in ready))
    return evolve(
        placed,
        answered_at=doing.at,
        answer_due=None,
        rating_due=doing.rules.rating_due(doing.at),
        reopening_due=doing.rules.reopening_due(doing.at),
    )


def place_contribution(message: Message, assignment_id: AssignmentId, doing: Doing) -> Message:
    """Attach a contribution that became ready after the answer was placed."""
    assignment = message.assignment(assignment_id)
    _refuse_own(assignment, doing.by)
    if message.stage not in (Stage.ANSWERED, Stage.CLOSED):
        raise IllegalMove("Дополнение размещают вместе с ответом ведущего органа или после него")
    after = assignment_moved(message, assignment, AssignmentAct.PLACE_CONTRIBUTION, doing)
    return after.replacing(evolve(after.assignment(assignment_id), placed_at=doing.at, placing_due=None))


def return_answer(message: Message, assignment_id: AssignmentId, words: str | None, doing: Doing) -> Message:
    """Send a ready answer back to its authority, saying what is missing."""
    said = words_or_refuse(words, "/words", "Напишите, что в ответе нужно исправить")
    assignment = message.assignment(assignment_id)
    _refuse_own(assignment, doing.by)
    after = assignment_moved(message, assignment, AssignmentAct.RETURN_ANSWER, evolve(doing, words=said))
    return after.replacing(evolve(after.assignment(assignment_id), send_back_words=said, placing_due=None))


def decide_prolongation(
    message: Message, assignment_id: AssignmentId, *, grants: bool, words: str | None, doing: Doing
) -> Message:
    """Grant the term asked for, or refuse it in words; the lead's new term is the author's."""
    assignment = message.assignment(assignment_id)
    request = assignment.prolongation
    if request is None:
        raise IllegalMove("Продления не просили")
    if not grants:
        words = words_or_refuse(words, "/words", "Объясните, почему срок не продлён")
    said = None if words is None or is_blank(words) else words.strip()
    act = AssignmentAct.GRANT_PROLONGATION if grants else AssignmentAct.REFUSE_PROLONGATION
    after = assignment_moved(message, assignment, act, evolve(doing, words=said or request.reason))
    changed = evolve(after.assignment(assignment_id), prolongation=None)
    if not grants:
        return after.replacing(changed)
    due = doing.rules.working_days(_last_moment(changed.due_at), request.working_days)
    changed = evolve(
        changed, due_at=due, prolongations=changed.prolongations + 1, overdue_at=None, escalated_at=None
    )
    after = after.replacing(changed)
    return evolve(after, answer_due=due) if changed.is_lead else after


def _last_moment(due: datetime) -> datetime:
    """Inside the last day of the term: `due` itself is already the next day's first instant."""
    return due - timedelta(seconds=1)
