"""The tables of moves: what may follow what, by whom. What is not here is refused (Положение, п. 4.5-4.7)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from attrs import evolve, frozen

from niktokromenas.domain.errors import Conflict, Forbidden
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.content import Content
from niktokromenas.domain.messages.message import HistoryEntry, Message, MessageActed, ready_lead
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.messages.stages import (
    CONSEQUENCES,
    Act,
    AssignmentAct,
    AssignmentStage,
    Publicity,
    Stage,
)
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role


class IllegalMove(Conflict):
    """The act does not follow from where the message stands; `members["possible"]` lists what does."""

    code: ClassVar[str] = "illegal-move"
    basis: ClassVar[str | None] = "Положение, п. 4.6"


class OwnMessage(Forbidden):
    """Nobody decides on their own message."""

    code: ClassVar[str] = "own-message"
    basis: ClassVar[str | None] = "Положение, п. 4.5, 4.6"


class NotTheAuthor(Forbidden):
    code: ClassVar[str] = "not-the-author"
    basis: ClassVar[str | None] = "Положение, п. 4.7"


class NotAssigned(Forbidden):
    """The official's authority does not have this assignment."""

    code: ClassVar[str] = "not-assigned"
    basis: ClassVar[str | None] = "Положение, п. 4.5, 5.3"


Guard = Callable[[Message, datetime, Rulebook], str | None]
"""Why the move cannot be made now, in Russian; `None` where it can."""


@frozen
class Move:
    """Where an act leads (`None`: the stage stays) and which roles may do it."""

    to: Stage | None
    by: frozenset[Role]
    guard: Guard | None = None


@frozen
class AssignmentMove:
    to: AssignmentStage | None
    by: frozenset[Role]


def _stands_alone(message: Message, _: datetime, __: Rulebook) -> str | None:
    return "Сначала отделите объединённые с этим сообщения" if message.duplicates else None


def _may_ask(message: Message, at: datetime, rules: Rulebook) -> str | None:
    if (merged := _stands_alone(message, at, rules)) is not None:
        return merged
    limit = rules.regulation.max_clarifications
    return None if message.clarifications < limit else "Уточнение уже запрашивали наибольшее число раз"


def _may_revise(message: Message, _: datetime, rules: Rulebook) -> str | None:
    rejection = message.rejection
    if rejection is not None and rejection.is_final:
        return "Основание отклонения окончательное: исправить сообщение нельзя"
    if rejection is not None and rejection.revivable_until is not None:
        return "Сообщение отклонено без ответа на уточнение: его можно возобновить, ответив"
    if message.revisions >= rules.regulation.max_revisions:
        return "Сообщение уже исправляли наибольшее число раз"
    return None


def _may_revive(message: Message, at: datetime, _: Rulebook) -> str | None:
    until = message.rejection.revivable_until if message.rejection else None
    if until is None:
        return "Сообщение отклонено по решению модератора"
    return None if at < until else "Срок возобновления прошёл"


def _is_past_clarification(message: Message, at: datetime, _: Rulebook) -> str | None:
    due = message.clarification_due
    return None if due is not None and at >= due else "Срок ответа на уточнение ещё не прошёл"


def _may_withdraw(message: Message, _: datetime, __: Rulebook) -> str | None:
    return "Ответ уже готов: отозвать сообщение нельзя" if ready_lead(message) else None


def _has_ready_answer(message: Message, _: datetime, __: Rulebook) -> str | None:
    return None if ready_lead(message) else "Ответ ведущего органа ещё не готов"


def _may_rate(message: Message, at: datetime, _: Rulebook) -> str | None:
    lead = message.answered_lead
    if lead is None or lead.rating is not None:
        return "Этот ответ уже оценён"
    due = message.rating_due
    return None if due is not None and at < due else "Срок оценки прошёл"


def _may_reopen(message: Message, at: datetime, _: Rulebook) -> str | None:
    lead = message.answered_lead
    if message.reopenings:
        return "Сообщение уже возобновляли"
    if lead is None or lead.rating is None or not lead.rating.is_bad or not lead.rating.comment:
        return "Возобновить можно после оценки 1 или 2 с комментарием"
    due = message.reopening_due
    return None if due is not None and at < due else "Срок возобновления прошёл"


def _is_past_rating(message: Message, at: datetime, _: Rulebook) -> str | None:
    due = message.rating_due
    return None if due is not None and at >= due else "Срок оценки ещё не прошёл"


def _has_promise(message: Message, _: datetime, __: Rulebook) -> str | None:
    lead = message.answered_lead
    return None if lead and lead.promise else "У ответа нет обещания, о котором нужно отчитаться"


def _is_proposed(message: Message, _: datetime, __: Rulebook) -> str | None:
    return None if message.is_publicity_proposed else "Сделать сообщение публичным не предлагали"


def _is_decided(message: Message, _: datetime, __: Rulebook) -> str | None:
    return None if message.publicity is not Publicity.UNDECIDED else "Публичность ещё не определена"


_USER, _MODERATOR, _OFFICIAL = frozenset({Role.USER}), frozenset({Role.MODERATOR}), frozenset({Role.OFFICIAL})
_ROUTERS, _SYSTEM = frozenset({Role.MODERATOR, Role.COORDINATOR}), frozenset({Role.SYSTEM})

MOVES: Mapping[tuple[Act, Stage], Move] = MappingProxyType(
    {
        (Act.ASK_CLARIFICATION, Stage.SUBMITTED): Move(Stage.CLARIFICATION, _MODERATOR, _may_ask),
        (Act.CLARIFY, Stage.CLARIFICATION): Move(Stage.SUBMITTED, _USER),
        (Act.LAPSE, Stage.CLARIFICATION): Move(Stage.REJECTED, _SYSTEM, _is_past_clarification),
        (Act.REVIVE, Stage.REJECTED): Move(Stage.SUBMITTED, _USER, _may_revive),
        (Act.REJECT, Stage.SUBMITTED): Move(Stage.REJECTED, _MODERATOR, _stands_alone),
        (Act.REVISE, Stage.REJECTED): Move(Stage.SUBMITTED, _USER, _may_revise),
        (Act.ACCEPT, Stage.SUBMITTED): Move(Stage.ACCEPTED, _MODERATOR),
        (Act.ANNUL, Stage.ACCEPTED): Move(Stage.REJECTED, _MODERATOR, _stands_alone),
        (Act.ANNUL, Stage.ROUTED): Move(Stage.REJECTED, _MODERATOR, _stands_alone),
        (Act.MERGE, Stage.SUBMITTED): Move(Stage.MERGED, _MODERATOR, _stands_alone),
        (Act.MERGE, Stage.ACCEPTED): Move(Stage.MERGED, _MODERATOR, _stands_alone),
        (Act.SPLIT_OFF, Stage.MERGED): Move(None, _MODERATOR),
        **{
            (act, stage): Move(None, _MODERATOR)
            for act in (Act.TAKE_IN, Act.LET_GO)
            for stage in (Stage.SUBMITTED, Stage.ACCEPTED, Stage.ROUTED, Stage.ANSWERED, Stage.CLOSED)
        },
        (Act.RATE_SHARED, Stage.MERGED): Move(None, _USER),
        (Act.ROUTE, Stage.ACCEPTED): Move(Stage.ROUTED, _ROUTERS),
        (Act.ROUTE, Stage.ROUTED): Move(Stage.ROUTED, _ROUTERS),
        (Act.PLACE, Stage.ROUTED): Move(Stage.ANSWERED, _MODERATOR, _has_ready_answer),
        (Act.RATE, Stage.ANSWERED): Move(None, _USER, _may_rate),
        (Act.REOPEN, Stage.ANSWERED): Move(Stage.ACCEPTED, _USER, _may_reopen),
        (Act.REOPEN, Stage.CLOSED): Move(Stage.ACCEPTED, _USER, _may_reopen),
        (Act.CLOSE, Stage.ANSWERED): Move(Stage.CLOSED, _SYSTEM, _is_past_rating),
        (Act.REPORT_PROMISE, Stage.CLOSED): Move(None, _OFFICIAL, _has_promise),
        (Act.WITHDRAW, Stage.SUBMITTED): Move(Stage.WITHDRAWN, _USER),
        (Act.WITHDRAW, Stage.CLARIFICATION): Move(Stage.WITHDRAWN, _USER),
        (Act.WITHDRAW, Stage.ACCEPTED): Move(Stage.WITHDRAWN, _USER),
        (Act.WITHDRAW, Stage.ROUTED): Move(Stage.WITHDRAWN, _USER, _may_withdraw),
        (Act.LEAVE, Stage.SUBMITTED): Move(None, _USER),
        (Act.LEAVE, Stage.ACCEPTED): Move(None, _USER),
        (Act.LEAVE, Stage.ROUTED): Move(None, _USER, _may_withdraw),
        **{
            (Act.SET_PUBLICITY, stage): Move(None, _MODERATOR, _is_decided)
            for stage in (Stage.ACCEPTED, Stage.ROUTED, Stage.ANSWERED, Stage.CLOSED)
        },
        **{
            (Act.ANSWER_PUBLICITY_PROPOSAL, stage): Move(None, _USER, _is_proposed)
            for stage in (Stage.ACCEPTED, Stage.ROUTED, Stage.ANSWERED, Stage.CLOSED)
        },
        **{
            (Act.MASK, stage): Move(None, _MODERATOR)
            for stage in (Stage.SUBMITTED, Stage.ACCEPTED, Stage.ROUTED, Stage.ANSWERED, Stage.CLOSED)
        },
        **{
            (Act.MARK_OVERDUE, stage): Move(None, _SYSTEM)
            for stage in (Stage.SUBMITTED, Stage.ACCEPTED, Stage.ROUTED, Stage.ANSWERED, Stage.CLOSED)
        },
    }
)

_A = AssignmentStage
ASSIGNMENT_MOVES: Mapping[tuple[AssignmentAct, AssignmentStage], AssignmentMove] = MappingProxyType(
    {
        (AssignmentAct.TAKE, _A.ASSIGNED): AssignmentMove(_A.IN_PROGRESS, _OFFICIAL),
        (AssignmentAct.RELEASE, _A.IN_PROGRESS): AssignmentMove(_A.ASSIGNED, _OFFICIAL),
        (AssignmentAct.RETURN, _A.ASSIGNED): AssignmentMove(_A.RETURNED, _OFFICIAL),
        (AssignmentAct.RETURN, _A.IN_PROGRESS): AssignmentMove(_A.RETURNED, _OFFICIAL),
        (AssignmentAct.ASK, _A.IN_PROGRESS): AssignmentMove(None, _OFFICIAL),
        (AssignmentAct.ANSWER_INTERIM, _A.IN_PROGRESS): AssignmentMove(None, _OFFICIAL),
        (AssignmentAct.RESUME, _A.IN_PROGRESS): AssignmentMove(None, _SYSTEM),
        (AssignmentAct.ASK_PROLONGATION, _A.IN_PROGRESS): AssignmentMove(None, _OFFICIAL),
        (AssignmentAct.GRANT_PROLONGATION, _A.IN_PROGRESS): AssignmentMove(None, _MODERATOR),
        (AssignmentAct.REFUSE_PROLONGATION, _A.IN_PROGRESS): AssignmentMove(None, _MODERATOR),
        (AssignmentAct.PREPARE, _A.IN_PROGRESS): AssignmentMove(_A.FOR_APPROVAL, _OFFICIAL),
        (AssignmentAct.APPROVE, _A.FOR_APPROVAL): AssignmentMove(_A.READY, _OFFICIAL),
        (AssignmentAct.SEND_BACK_DRAFT, _A.FOR_APPROVAL): AssignmentMove(_A.IN_PROGRESS, _OFFICIAL),
        (AssignmentAct.RETURN_ANSWER, _A.READY): AssignmentMove(_A.IN_PROGRESS, _MODERATOR),
        (AssignmentAct.PLACE_CONTRIBUTION, _A.READY): AssignmentMove(None, _MODERATOR),
        **{
            (AssignmentAct.CANCEL, stage): AssignmentMove(_A.CANCELLED, _MODERATOR)
            for stage in (_A.ASSIGNED, _A.IN_PROGRESS, _A.FOR_APPROVAL, _A.READY)
        },
        **{
            (AssignmentAct.CHANGE_LEAD, stage): AssignmentMove(None, _MODERATOR)
            for stage in (_A.ASSIGNED, _A.IN_PROGRESS, _A.FOR_APPROVAL, _A.READY)
        },
        **{
            (act, stage): AssignmentMove(None, _SYSTEM)
            for act in (AssignmentAct.MARK_OVERDUE, AssignmentAct.ESCALATE, AssignmentAct.MARK_ORPHANED)
            for stage in (_A.ASSIGNED, _A.IN_PROGRESS, _A.FOR_APPROVAL, _A.READY)
        },
    }
)


def possible_acts(message: Message, roles: frozenset[Role], at: datetime, rules: Rulebook) -> list[Act]:
    """What these roles may do to the message now, in the order of the table."""
    return [
        act
        for (act, stage), move in MOVES.items()
        if stage is message.stage
        and act not in CONSEQUENCES
        and move.by & roles
        and (move.guard is None or move.guard(message, at, rules) is None)
        and (act is not Act.ROUTE or router_of(message) in roles)
    ]


def router_of(message: Message) -> Role:
    """Who routes it next: the coordinator after the Regulation's number of returns."""
    return Role.COORDINATOR if message.is_with_coordinator else Role.MODERATOR


def possible_assignment_acts(assignment: Assignment, roles: frozenset[Role]) -> list[AssignmentAct]:
    return [
        act
        for (act, stage), move in ASSIGNMENT_MOVES.items()
        if stage is assignment.stage and assignment.placed_at is None and move.by & roles
    ]


def _require_role(message: Message, by: Acting, roles: frozenset[Role]) -> None:
    if by.role not in roles:
        raise Forbidden("Эта роль так не действует")
    is_author = by.participant_id == message.author.participant_id
    acts_for_author = is_author and by.organisation_id == message.author.organisation_id
    if by.role is Role.USER and (not acts_for_author or message.author_left_at is not None):
        raise NotTheAuthor("Это может сделать только автор сообщения")
    if by.role not in (Role.USER, Role.SYSTEM) and is_author:
        raise OwnMessage("По своему сообщению решений не принимают")


def _ever_by(moves: Mapping[Any, Move] | Mapping[Any, AssignmentMove], act: object) -> frozenset[Role]:
    """The roles that may do it at some stage."""
    return frozenset[Role]().union(*(move.by for (each, _), move in moves.items() if each is act))


@frozen(kw_only=True)
class Doing:
    """How an act is written down: by whom, when, in what words, under which document."""

    by: Acting
    at: datetime
    rules: Rulebook
    words: str | None = None
    document: str | None = None
    content: Content | None = None
    assignment: Assignment | None = None
    due: datetime | None = None
    """The term that was missed, where that is what is written down."""


def moved(message: Message, act: Act, doing: Doing, *, to: Stage | None = None) -> Message:
    """The message after the act, by the table; `to` where what is said decides the stage.

    Raises `NotTheAuthor`, `OwnMessage`, `IllegalMove`, in this order: how far the message is concerns only
    those who may do this at some stage.
    """
    _require_role(message, doing.by, _ever_by(MOVES, act))
    move = MOVES.get((act, message.stage))
    if move is None or doing.by.role not in move.by:
        raise _illegal(message, doing, "Сейчас с сообщением так поступить нельзя")
    if move.guard is not None and (refusal := move.guard(message, doing.at, doing.rules)) is not None:
        raise _illegal(message, doing, refusal)
    return recorded(evolve(message, stage=to or move.to or message.stage), act, message.stage, doing)


def assignment_moved(
    message: Message,
    assignment: Assignment,
    act: AssignmentAct,
    doing: Doing,
    *,
    to: AssignmentStage | None = None,
) -> Message:
    """The message with the assignment after the act; `to` where the authority decides the stage.

    Raises `OwnMessage`, `NotAssigned`, `IllegalMove`, in this order.
    """
    _require_role(message, doing.by, _ever_by(ASSIGNMENT_MOVES, act))
    if doing.by.role is Role.OFFICIAL and doing.by.body != assignment.authority:
        raise NotAssigned("Поручение дано другому органу")
    move = ASSIGNMENT_MOVES.get((act, assignment.stage))
    if move is None or assignment.placed_at is not None or assignment.round != message.round:
        raise IllegalMove(
            "Сейчас с поручением так поступить нельзя",
            members={"possible": possible_assignment_acts(assignment, frozenset({doing.by.role}))},
        )
    changed = evolve(assignment, stage=to or move.to or assignment.stage)
    after = evolve(doing, assignment=changed)
    return recorded(message.replacing(changed), act, assignment.stage, after)


def recorded(message: Message, act: Act | AssignmentAct, before: str | None, doing: Doing) -> Message:
    """With the act in the history and its event for the outbox."""
    assignment = doing.assignment
    entry = HistoryEntry(
        act=act.value,
        from_stage=before,
        to_stage=assignment.stage if isinstance(act, AssignmentAct) and assignment else message.stage,
        by=doing.by,
        at=doing.at,
        words=doing.words,
        document=doing.document or doing.rules.regulation_words,
        assignment_id=assignment.id if assignment else None,
        authority=assignment.authority if assignment else None,
        edition=message.edition,
        content=doing.content,
    )
    event = MessageActed(
        at=doing.at,
        subject_id=message.id,
        number=message.number,
        act=act.value,
        by_role=doing.by.role,
        by_participant=doing.by.participant_id,
        assignment_id=entry.assignment_id,
        authority=entry.authority,
        words=doing.words,
        due=doing.due,
    )
    return evolve(message, entries=(*message.entries, entry), events=(*message.events, event))


def _illegal(message: Message, doing: Doing, why: str) -> IllegalMove:
    possible = possible_acts(message, frozenset({doing.by.role}), doing.at, doing.rules)
    return IllegalMove(why, members={"stage": message.stage, "possible": [act.value for act in possible]})
