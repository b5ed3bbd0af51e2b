"""Every act on a message as one attempt: who does it, what the product is asked, what the model says."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve, frozen

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages import answering, authoring, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Explained, Planned, Refused
from niktokromenas.domain.messages.content import Found, check
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.participants.actors import Acting
from tests.contract.building import (
    APPROVER,
    CITY,
    MODERATOR,
    OFFICIAL,
    ROADS,
    a_draft,
    at_work,
)
from tests.contract.stores import a_region
from tests.unit.message_model import (
    ANSWER_DAYS,
    COORDINATOR,
    PEOPLE,
    ROAD_APPROVER,
    Model,
    Part,
    official_of,
    promised_at,
)

GROUNDS = {final: a_region().resolve_grounds(["ads" if final else "no_substance"]) for final in (True, False)}
OUTCOMES = ("done", "planned", "explained", "refused")


@frozen(kw_only=True)
class Choice:
    """What chance decides about an act, whichever act it is."""

    who: Acting | str | None
    """`None`: whoever the act is for; `author`, or the `author at work` in the role that it takes."""
    which: int
    """One of the assignments, those that are open and lead first."""
    other: int | None
    yes: bool
    final: bool
    value: int
    comment: str | None
    days: int
    city: bool


@frozen(kw_only=True)
class Attempt:
    by: Acting
    succeeds: bool
    act: Callable[[Message, Doing], Message]
    then: Callable[[], Any]
    """The model after the act."""


def _who(model: Model, choice: Choice, whose: Acting) -> Acting:
    match choice.who:
        case None:
            return whose
        case Acting() as somebody:
            return somebody
        case "author":
            return model.author
        case _:
            return evolve(whose, participant_id=model.author.participant_id)


def _part(model: Model, which: int | None) -> Part | None:
    parts = sorted(model.parts, key=lambda part: (not part.is_open, not part.is_lead, -part.round, part.due))
    return None if which is None or which >= len(parts) else parts[which]


# The moderator and the author


def accept(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, MODERATOR)
    publicity = Publicity.PUBLIC if choice.yes else Publicity.NON_PUBLIC
    return Attempt(
        by=by,
        succeeds=model.may_moderate(by),
        act=lambda m, d: moderating.accept(m, "roads.pothole", publicity, "Семья", d),
        then=lambda: model.accept(publicity.value),
    )


def ask(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, MODERATOR)
    return Attempt(
        by=by,
        succeeds=model.may_ask(by),
        act=lambda m, d: moderating.ask_clarification(m, "Где?", d),
        then=model.ask,
    )


def reject(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, MODERATOR)
    return Attempt(
        by=by,
        succeeds=model.may_moderate(by),
        act=lambda m, d: moderating.reject(m, GROUNDS[choice.final], "Потому что", d),
        then=lambda: model.reject(is_final=choice.final),
    )


def annul(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, MODERATOR)
    return Attempt(
        by=by,
        succeeds=model.may_annul(by),
        act=lambda m, d: moderating.annul(m, GROUNDS[choice.final], "Нашлось", d),
        then=lambda: model.annul(is_final=choice.final),
    )


def _edited(how: str) -> Callable[[Model, Choice], Attempt]:
    act = {"clarify": authoring.clarify, "revise": authoring.revise, "revive": authoring.revive}[how]

    def edit(model: Model, choice: Choice) -> Attempt:
        by = _who(model, choice, model.author)
        draft = a_draft(begins_at=model.at - timedelta(hours=1))
        checked = check(draft, a_region(), Found(municipality="18701000"), at=model.at)
        return Attempt(
            by=by,
            succeeds=model.may_edit(by, how),
            act=lambda m, d: act(m, checked, d),
            then=lambda: model.edit(how),
        )

    return edit


def route(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, COORDINATOR if model.is_with_coordinator else MODERATOR)
    lead, other = (CITY, ROADS) if choice.city else (ROADS, CITY)
    targets = [_target(model, lead, is_lead=True)]
    if choice.yes:
        targets.append(_target(model, other, is_lead=False))
    return Attempt(
        by=by,
        succeeds=model.may_route(by),
        act=lambda m, d: _routed(m, targets, d),
        then=lambda: model.route(targets),
    )


def place(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, MODERATOR)
    return Attempt(by=by, succeeds=model.may_place(by), act=moderating.place, then=lambda: model.place(by))


def rate(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, model.author)
    return Attempt(
        by=by,
        succeeds=model.may_rate(by),
        act=lambda m, d: authoring.rate(m, choice.value, choice.comment, d),
        then=lambda: model.rate(choice.value, has_comment=choice.comment is not None),
    )


def reopen(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, model.author)
    return Attempt(by=by, succeeds=model.may_reopen(by), act=authoring.reopen, then=model.reopen)


def report(model: Model, choice: Choice) -> Attempt:
    lead = model.answered_lead
    by = _who(model, choice, official_of(lead.authority) if lead else OFFICIAL)
    return Attempt(
        by=by,
        succeeds=model.may_report(by),
        act=lambda m, d: answering.report_promise(m, is_done=choice.yes, words="Так", doing=d),
        then=lambda: model.report(is_done=choice.yes),
    )


def withdraw(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, model.author)
    return Attempt(by=by, succeeds=model.may_withdraw(by), act=authoring.withdraw, then=model.withdraw)


def set_publicity(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, MODERATOR)
    to = Publicity.PUBLIC if choice.yes else Publicity.NON_PUBLIC
    return Attempt(
        by=by,
        succeeds=model.may_set_publicity(by, to.value),
        act=lambda m, d: moderating.set_publicity(m, to, "Семья", d),
        then=lambda: model.set_publicity(to.value),
    )


def answer_proposal(model: Model, choice: Choice) -> Attempt:
    by = _who(model, choice, model.author)
    return Attempt(
        by=by,
        succeeds=model.may_answer_proposal(by),
        act=lambda m, d: authoring.answer_publicity_proposal(m, agrees=choice.yes, doing=d),
        then=lambda: model.answer_proposal(agrees=choice.yes),
    )


# Officials, and the moderator about their assignments


def take(model: Model, choice: Choice, part: Part) -> Attempt:
    by = _who(model, choice, official_of(part.authority))
    return Attempt(
        by=by,
        succeeds=model.may_take(by, part),
        act=lambda m, d: answering.take(m, part.id, d),
        then=lambda: model.take(by, part),
    )


def release(model: Model, choice: Choice, part: Part) -> Attempt:
    by = _who(model, choice, official_of(part.authority))
    return Attempt(
        by=by,
        succeeds=model.may_release(by, part),
        act=lambda m, d: answering.release(m, part.id, d),
        then=lambda: model.release(part),
    )


def give_back(model: Model, choice: Choice, part: Part) -> Attempt:
    by = _who(model, choice, official_of(part.authority))
    return Attempt(
        by=by,
        succeeds=model.may_return(by, part),
        act=lambda m, d: answering.return_assignment(m, part.id, "Не наше", None, d),
        then=lambda: model.give_back(part),
    )


def _taker(part: Part) -> Acting:
    found = [one for one in PEOPLE if one.body == part.authority and one.participant_id == part.taken_by]
    return found[0] if found else official_of(part.authority)


def ask_prolongation(model: Model, choice: Choice, part: Part) -> Attempt:
    by = _who(model, choice, _taker(part))
    return Attempt(
        by=by,
        succeeds=model.may_ask_prolongation(by, part, choice.days),
        act=lambda m, d: answering.ask_prolongation(m, part.id, "Ждём", choice.days, d),
        then=lambda: model.ask_prolongation(part, choice.days),
    )


def decide_prolongation(model: Model, choice: Choice, part: Part) -> Attempt:
    by = _who(model, choice, MODERATOR)
    return Attempt(
        by=by,
        succeeds=model.may_decide_prolongation(by, part),
        act=lambda m, d: moderating.decide_prolongation(m, part.id, grants=choice.yes, words="Так", doing=d),
        then=lambda: model.decide_prolongation(part, grants=choice.yes),
    )


def prepare(model: Model, choice: Choice, part: Part) -> Attempt:
    by, outcome = _who(model, choice, _taker(part)), OUTCOMES[choice.days % len(OUTCOMES)]
    draft = _draft(outcome, model.at)
    return Attempt(
        by=by,
        succeeds=model.works(by, part),
        act=lambda m, d: answering.prepare(m, part.id, draft, needs_approval=choice.yes, doing=d),
        then=lambda: model.prepare(by, part, needs_approval=choice.yes, outcome=outcome),
    )


def _approver(part: Part) -> Acting:
    return APPROVER if part.authority == CITY else ROAD_APPROVER


def approve(model: Model, choice: Choice, part: Part) -> Attempt:
    by, is_approver = _who(model, choice, _approver(part)), choice.value > 1
    return Attempt(
        by=by,
        succeeds=model.may_approve(by, part, is_approver=is_approver),
        act=lambda m, d: answering.approve(m, part.id, is_approver=is_approver, doing=d),
        then=lambda: model.approve(by, part),
    )


def send_back_draft(model: Model, choice: Choice, part: Part) -> Attempt:
    by, is_approver = _who(model, choice, _approver(part)), choice.value > 1
    return Attempt(
        by=by,
        succeeds=model.may_approve(by, part, is_approver=is_approver),
        act=lambda m, d: answering.send_back_draft(m, part.id, "Ещё", is_approver=is_approver, doing=d),
        then=lambda: model.return_answer(part),
    )


def return_answer(model: Model, choice: Choice, part: Part) -> Attempt:
    by = _who(model, choice, MODERATOR)
    return Attempt(
        by=by,
        succeeds=model.may_return_answer(by, part),
        act=lambda m, d: moderating.return_answer(m, part.id, "Доработать", d),
        then=lambda: model.return_answer(part),
    )


def place_contribution(model: Model, choice: Choice, part: Part) -> Attempt:
    by = _who(model, choice, MODERATOR)
    return Attempt(
        by=by,
        succeeds=model.may_place_contribution(by, part),
        act=lambda m, d: moderating.place_contribution(m, part.id, d),
        then=lambda: model.place_contribution(part),
    )


def change_lead(model: Model, choice: Choice, part: Part) -> Attempt:
    by = _who(model, choice, MODERATOR)
    return Attempt(
        by=by,
        succeeds=model.may_change_lead(by, part),
        act=lambda m, d: moderating.change_lead(m, part.id, d),
        then=lambda: model.change_lead(part),
    )


def cancel(model: Model, choice: Choice, part: Part) -> Attempt:
    by, new = _who(model, choice, MODERATOR), _part(model, choice.other)
    return Attempt(
        by=by,
        succeeds=model.may_cancel(by, part, new),
        act=lambda m, d: moderating.cancel_assignment(m, part.id, new.id if new else None, "Снято", d),
        then=lambda: model.cancel(part, new),
    )


OF_MESSAGE: Mapping[str, Callable[[Model, Choice], Attempt]] = {
    "accept": accept,
    "ask": ask,
    "reject": reject,
    "annul": annul,
    "clarify": _edited("clarify"),
    "revise": _edited("revise"),
    "revive": _edited("revive"),
    "route": route,
    "place": place,
    "rate": rate,
    "reopen": reopen,
    "report": report,
    "withdraw": withdraw,
    "set-publicity": set_publicity,
    "answer-proposal": answer_proposal,
}
OF_ASSIGNMENT: Mapping[str, Callable[[Model, Choice, Part], Attempt]] = {
    "take": take,
    "release": release,
    "return": give_back,
    "ask-prolongation": ask_prolongation,
    "decide-prolongation": decide_prolongation,
    "prepare": prepare,
    "approve": approve,
    "send-back-draft": send_back_draft,
    "return-answer": return_answer,
    "place-contribution": place_contribution,
    "change-lead": change_lead,
    "cancel": cancel,
}
ACTS = (*OF_MESSAGE, *OF_ASSIGNMENT)


def attempt_of(name: str, model: Model, choice: Choice) -> Attempt | None:
    """`None` for an act on an assignment where there is none."""
    if name in OF_MESSAGE:
        return OF_MESSAGE[name](model, choice)
    part = _part(model, choice.which)
    return None if part is None else OF_ASSIGNMENT[name](model, choice, part)


def _target(model: Model, authority: str, *, is_lead: bool) -> Part:
    days = ANSWER_DAYS if is_lead else 3
    return Part(
        id=AssignmentId(new_id()),
        authority=authority,
        is_lead=is_lead,
        round=model.round,
        due=model.at,
        days=days,
    )


def _routed(message: Message, parts: list[Part], how: Doing) -> Message:
    targets = tuple(
        moderating.Target(
            authority=p.authority, is_lead=p.is_lead, working_days=None if p.is_lead else p.days
        )
        for p in parts
    )
    routing = moderating.Routing(
        targets=targets,
        at_work=at_work(*(part.authority for part in parts)),
        working_days=ANSWER_DAYS,
        new_ids=tuple(part.id for part in parts),
    )
    return moderating.route(message, routing, None, how)


def _draft(outcome: str, at: datetime) -> AnswerDraft:
    outcomes: dict[str, Any] = {
        "done": Done(),
        "planned": Planned(promised_at(at)),
        "explained": Explained(),
        "refused": Refused("Нет средств"),
    }
    return AnswerDraft(text="Ответ", outcome=outcomes[outcome])
