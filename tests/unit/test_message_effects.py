"""What each act changes, and nothing besides: the next message, its entry in the history, its event."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import AssignmentId, ParticipantId
from niktokromenas.domain.messages import answering, asking, authoring, masking, merging, moderating
from niktokromenas.domain.messages.answers import Answer, AnswerDraft, Done, Planned, PromiseReport, Rating
from niktokromenas.domain.messages.assignments import Assignment, ProlongationRequest, ReturnNote
from niktokromenas.domain.messages.content import Author, AuthorDetails, Checked, Found, check
from niktokromenas.domain.messages.masks import NO_MASKS, AnswerMask, Masks, Span
from niktokromenas.domain.messages.message import (
    HistoryEntry,
    Merged,
    Message,
    MessageActed,
    Rejection,
    SharedRating,
)
from niktokromenas.domain.messages.moderating import Routing, Target
from niktokromenas.domain.messages.moves import Doing
from niktokromenas.domain.messages.stages import Publicity, Stage
from niktokromenas.domain.messages.ticking import mark_orphaned, tick
from niktokromenas.domain.participants.actors import SYSTEM, Acting, Channel
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import (
    APPROVER,
    CITY,
    MODERATOR,
    OFFICIAL,
    ROAD_OFFICIAL,
    ROADS,
    a_draft,
    a_message,
    a_person,
    accepted,
    an_attachment,
    at_work,
    author_of,
    lead_id,
    placed,
    rated,
    ready,
    routed,
)
from tests.contract.building import doing as doing_at
from tests.contract.stores import NOON, a_region, a_rulebook

RULES = a_rulebook()
BY_RULES = RULES.moderation_words
LATER = NOON + timedelta(hours=3)
SUSPENDING = evolve(RULES, regulation=evolve(RULES.regulation, asking_suspends_term=True))
NOTHING = {
    "moderation_due": None,
    "clarification_due": None,
    "routing_due": None,
    "masks_due": None,
    "answer_due": None,
    "rating_due": None,
    "reopening_due": None,
}


def doing(by: Acting, at: datetime = LATER) -> Doing:
    return doing_at(by, at)


def changed(before: Message, assignment_id: AssignmentId, **changes: Any) -> tuple[Assignment, ...]:
    return tuple(evolve(a, **changes) if a.id == assignment_id else a for a in before.assignments)


def expect(before: Message, after: Message, by: Acting, *acts: dict[str, Any], **changes: Any) -> None:
    """`after` is `before` with these changes alone; each act is written and told once, in this order."""
    assert after == evolve(before, **changes)
    entries, events = after.entries[len(before.entries) :], after.events[len(before.events) :]
    assert after.entries[: len(before.entries)] == before.entries
    assert after.events[: len(before.events)] == before.events
    assert len(entries) == len(events) == len(acts)
    for act, entry, event in zip(acts, entries, events, strict=True):
        assignment: Assignment | None = act.get("assignment")
        common = {
            "act": act["act"],
            "at": act.get("at", LATER),
            "words": act.get("words"),
            "assignment_id": assignment and assignment.id,
            "authority": assignment and assignment.authority,
        }
        stages = (before.stage.value, after.stage.value)
        from_stage, to_stage = act.get("moves", stages)
        assert entry == HistoryEntry(
            **common,
            from_stage=from_stage,
            to_stage=to_stage,
            by=by,
            document=act.get("document", RULES.regulation_words),
            edition=after.edition,
            content=act.get("content"),
        )
        assert event == MessageActed(
            **common,
            subject_id=before.id,
            number=before.number,
            by_role=by.role,
            by_participant=by.participant_id,
            due=act.get("due"),
        )


def checked(**changes: Any) -> Checked:
    return check(a_draft(**changes), a_region(), Found(municipality="18701000"), at=NOON)


def test_submitting() -> None:
    author = Author(participant_id=ParticipantId(new_id()), esia_name="Иванова Анна")
    draft = checked(wishes_non_public=True, wish_reason="Боюсь соседей")
    new = authoring.NewMessage(
        id=a_message(a_person()).id, number="26-000009", author=author, channel=Channel.WEB, checked=draft
    )
    by = Acting(role=Role.USER, participant_id=author.participant_id)
    after = authoring.submit(new, by, RULES, at=LATER)
    blank = Message(
        id=new.id,
        number="26-000009",
        author=author,
        content=draft.content,
        channel=Channel.WEB,
        submitted_at=LATER,
        category="roads.pothole",
    )
    expect(
        blank,
        after,
        by,
        {"act": "submit", "moves": (None, "submitted"), "content": draft.content},
        wish_reason=draft.wish_reason,
        moderation_due=RULES.moderation_due(LATER),
    )


def test_asking_for_clarification() -> None:
    before = a_message(a_person())
    after = moderating.ask_clarification(before, " Где? ", doing(MODERATOR))
    expect(
        before,
        after,
        MODERATOR,
        {"act": "ask-clarification", "words": "Где?", "document": BY_RULES},
        stage=Stage.CLARIFICATION,
        question="Где?",
        clarifications=1,
        clarification_due=RULES.clarification_due(LATER),
        moderation_due=None,
    )


@pytest.mark.parametrize("act", ["clarify", "revise", "revive"])
def test_a_new_edition(act: str) -> None:
    new = a_message(a_person())
    if act == "revise":
        ground = a_region().resolve_grounds(["no_substance"])
        before = moderating.reject(new, ground, "Неясно", doing(MODERATOR, NOON))
    else:
        before = moderating.ask_clarification(new, "Где?", doing(MODERATOR, NOON))
    if act == "revive":
        before = tick(before, RULES, at=RULES.clarification_due(NOON))
    before = evolve(before, masks=Masks(hides_place_words=True))
    by, at = author_of(before), RULES.clarification_due(NOON) if act == "revive" else LATER
    draft = checked(text="Другая яма", name="Аня", shows_name=True, category=None)
    after = getattr(authoring, act)(before, draft, doing(by, at))
    expect(
        before,
        after,
        by,
        {"act": act, "content": draft.content, "at": at},
        stage=Stage.SUBMITTED,
        content=draft.content,
        author=evolve(before.author, details=draft.details),
        wish_reason=draft.wish_reason,
        edition=2,
        masks=NO_MASKS,
        rejection=None,
        question=None,
        clarification_due=None,
        moderation_due=RULES.moderation_due(at),
        revisions=1 if act == "revise" else 0,
    )
    assert after.category == "roads.pothole"


def test_rejecting() -> None:
    before = a_message(a_person())
    grounds = a_region().resolve_grounds(["ads", "no_substance"])
    after = moderating.reject(before, grounds, " Реклама ", doing(MODERATOR))
    rejection = Rejection(grounds=("ads", "no_substance"), words="Реклама", is_final=True, at=LATER)
    expect(
        before,
        after,
        MODERATOR,
        {"act": "reject", "words": "Реклама", "document": BY_RULES},
        stage=Stage.REJECTED,
        rejection=rejection,
        **NOTHING,
    )


def test_annulling() -> None:
    routed_message = routed(accepted(a_message(a_person()), public=False), CITY, ROADS)
    before = evolve(
        routed_message,
        is_publicity_proposed=True,
        returns=1,
        is_with_coordinator=True,
        masks_due=NOON,
    )
    after = moderating.annul(before, a_region().resolve_grounds(["ads"]), "Реклама", doing(MODERATOR))
    gone = tuple(a.cancelled() for a in before.assignments)
    cancels = [
        {
            "act": "cancel",
            "words": "Реклама",
            "document": BY_RULES,
            "assignment": a,
            "moves": ("assigned", "cancelled"),
        }
        for a in gone
    ]
    expect(
        before,
        after,
        MODERATOR,
        {"act": "annul", "words": "Реклама", "document": BY_RULES},
        *cancels,
        stage=Stage.REJECTED,
        rejection=Rejection(grounds=("ads",), words="Реклама", is_final=True, at=LATER),
        assignments=gone,
        publicity=Publicity.UNDECIDED,
        publicity_reason=None,
        is_publicity_proposed=False,
        returns=0,
        is_with_coordinator=False,
        **NOTHING,
    )


@pytest.mark.parametrize(("publicity", "why"), [(Publicity.PUBLIC, None), (Publicity.NON_PUBLIC, "Семья")])
def test_accepting(publicity: Publicity, why: str | None) -> None:
    before = a_message(a_person())
    after = moderating.accept(before, "waste.bins", publicity, why and f" {why} ", doing(MODERATOR))
    expect(
        before,
        after,
        MODERATOR,
        {"act": "accept", "words": why, "document": BY_RULES},
        stage=Stage.ACCEPTED,
        category="waste.bins",
        publicity=publicity,
        publicity_reason=why,
        accepted_at=LATER,
        moderation_due=None,
        routing_due=RULES.routing_due(LATER),
    )


def test_publicity_is_taken_away_at_once_and_given_by_agreement() -> None:
    public = accepted(a_message(a_person()))
    hidden = moderating.set_publicity(public, Publicity.NON_PUBLIC, " Семья ", doing(MODERATOR))
    act = {"act": "set-publicity", "document": BY_RULES}
    told = {**act, "words": "Семья"}
    expect(public, hidden, MODERATOR, told, publicity=Publicity.NON_PUBLIC, publicity_reason="Семья")
    proposed = moderating.set_publicity(hidden, Publicity.PUBLIC, None, doing(MODERATOR))
    expect(hidden, proposed, MODERATOR, {**act, "words": "proposed"}, is_publicity_proposed=True)
    by = author_of(hidden)
    answer = {"act": "answer-publicity-proposal"}
    declined = authoring.answer_publicity_proposal(proposed, agrees=False, doing=doing(by))
    expect(proposed, declined, by, {**answer, "words": "declined"}, is_publicity_proposed=False)
    agreed = authoring.answer_publicity_proposal(proposed, agrees=True, doing=doing(by))
    expect(
        proposed,
        agreed,
        by,
        {**answer, "words": "agreed"},
        is_publicity_proposed=False,
        publicity=Publicity.PUBLIC,
        publicity_reason=None,
    )


def routing(*targets: Target, days: int = 8) -> Routing:
    return Routing(
        targets=targets,
        at_work=at_work(*(t.authority for t in targets)),
        working_days=days,
        new_ids=tuple(AssignmentId(new_id()) for _ in targets),
    )


def test_routing_and_routing_anew() -> None:
    before = accepted(a_message(a_person()))
    how = routing(Target(authority=CITY, is_lead=True), Target(authority=ROADS, working_days=3))
    after = moderating.route(before, how, "Срочно", doing(MODERATOR))
    due = RULES.working_days(LATER, 8)
    common = {"round": 1, "assigned_at": LATER}
    new = (
        Assignment(id=how.new_ids[0], authority=CITY, is_lead=True, due_at=due, working_days=8, **common),
        Assignment(
            id=how.new_ids[1],
            authority=ROADS,
            is_lead=False,
            due_at=RULES.working_days(LATER, 3),
            working_days=3,
            **common,
        ),
    )
    given = [{"act": "assign", "moves": (None, "assigned"), "assignment": a} for a in new]
    expect(
        before,
        after,
        MODERATOR,
        {"act": "route", "words": "Срочно"},
        *given,
        stage=Stage.ROUTED,
        answer_due=due,
        routing_due=None,
        assignments=new,
    )
    much_later = LATER + timedelta(days=1)
    other = routing(Target(authority=ROADS, is_lead=True), Target(authority="vo-kter"), days=5)
    again = moderating.route(after, other, None, doing(MODERATOR, much_later))
    third = Assignment(
        id=other.new_ids[1],
        authority="vo-kter",
        is_lead=False,
        round=1,
        assigned_at=much_later,
        due_at=RULES.working_days(much_later, 5),
        working_days=5,
    )
    gone = new[0].cancelled()
    expect(
        after,
        again,
        MODERATOR,
        {"act": "route", "at": much_later},
        {"act": "cancel", "moves": ("assigned", "cancelled"), "assignment": gone, "at": much_later},
        {"act": "assign", "moves": (None, "assigned"), "assignment": third, "at": much_later},
        assignments=(gone, evolve(new[1], is_lead=True, due_at=due), third),
    )


def test_taking_and_releasing() -> None:
    before = mark_orphaned(routed(accepted(a_message(a_person()))), CITY, RULES, at=NOON)
    lead = lead_id(before)
    taken = answering.take(before, lead, doing(OFFICIAL))
    [work] = changed(before, lead, stage="in-progress", taken_by=OFFICIAL.participant_id, orphaned_at=None)
    act = {"act": "take", "assignment": work, "moves": ("assigned", "in-progress")}
    expect(before, taken, OFFICIAL, act, assignments=(work,))
    asked = answering.ask_prolongation(taken, lead, " Ждём ", 3, doing(OFFICIAL))
    wish = evolve(work, prolongation=ProlongationRequest("Ждём", 3, LATER))
    act = {"act": "ask-prolongation", "assignment": work, "words": "Ждём", "moves": ("in-progress",) * 2}
    expect(taken, asked, OFFICIAL, act, assignments=(wish,))
    colleague = evolve(OFFICIAL, participant_id=ParticipantId(new_id()))
    free = answering.release(asked, lead, doing(colleague))
    act = {"act": "release", "assignment": work, "moves": ("in-progress", "assigned")}
    expect(
        asked,
        free,
        colleague,
        act,
        assignments=changed(asked, lead, stage="assigned", taken_by=None, prolongation=None),
    )


def at_work_on(*others: str) -> tuple[Message, AssignmentId]:
    message = routed(accepted(a_message(a_person())), CITY, *others)
    return answering.take(message, lead_id(message), doing(OFFICIAL, NOON)), lead_id(message)


def test_returning() -> None:
    before, lead = at_work_on(ROADS)
    before = answering.ask_prolongation(before, lead, "Ждём", 3, doing(OFFICIAL, NOON))
    after = answering.return_assignment(before, lead, " Не наше ", ROADS, doing(OFFICIAL))
    returned = changed(
        before,
        lead,
        stage="returned",
        return_note=ReturnNote("Не наше", ROADS),
        taken_by=None,
        prolongation=None,
    )
    act = {
        "act": "return",
        "words": "Не наше",
        "moves": ("in-progress", "returned"),
        "assignment": returned[0],
    }
    expect(
        before, after, OFFICIAL, act, assignments=returned, returns=1, routing_due=RULES.routing_due(LATER)
    )
    contributor = before.assignments[1].id
    part = answering.return_assignment(before, contributor, "Не наше", None, doing(ROAD_OFFICIAL))
    back = changed(before, contributor, stage="returned", return_note=ReturnNote("Не наше", None))
    act = {"act": "return", "words": "Не наше", "moves": ("assigned", "returned"), "assignment": back[1]}
    expect(before, part, ROAD_OFFICIAL, act, assignments=back, returns=1)


def test_the_coordinator_has_it_after_the_regulations_number_of_returns() -> None:
    message, limit = accepted(a_message(a_person())), RULES.regulation.return_limit
    for number in range(1, limit + 1):
        message = routed(message)
        message = answering.return_assignment(message, lead_id(message), "Не наше", None, doing(OFFICIAL))
        assert (message.returns, message.is_with_coordinator) == (number, number == limit)


def test_preparing_approving_and_sending_back() -> None:
    working, lead = at_work_on()
    working = answering.ask_prolongation(working, lead, "Ждём", 3, doing(OFFICIAL, NOON))
    masks = Masks(answers=(AnswerMask(lead, (Span(0, 1),)),), hides_place_words=True)
    before = evolve(working, masks=masks, assignments=changed(working, lead, send_back_words="Ещё"))
    draft = AnswerDraft(text=" Заделали ", outcome=Done(), attachments=(an_attachment(),))
    assert OFFICIAL.participant_id is not None
    answer = Answer(
        text="Заделали",
        outcome=Done(),
        prepared_by=OFFICIAL.participant_id,
        prepared_at=LATER,
        attachments=draft.attachments,
    )
    common = {"send_back_words": None, "prolongation": None}
    due = RULES.placing_due(LATER)
    left = {"masks": Masks(hides_place_words=True)}

    at_once = answering.prepare(before, lead, draft, needs_approval=False, doing=doing(OFFICIAL))
    own = changed(
        before, lead, stage="ready", answer=evolve(answer, ready_at=LATER), placing_due=due, **common
    )
    act = {"act": "prepare", "moves": ("in-progress", "ready"), "assignment": own[0]}
    expect(before, at_once, OFFICIAL, act, assignments=own, **left)

    waiting = answering.prepare(before, lead, draft, needs_approval=True, doing=doing(OFFICIAL))
    own = changed(before, lead, stage="for-approval", answer=answer, **common)
    act = {"act": "prepare", "moves": ("in-progress", "for-approval"), "assignment": own[0]}
    expect(before, waiting, OFFICIAL, act, assignments=own, **left)

    approved = answering.approve(waiting, lead, is_approver=True, doing=doing(APPROVER))
    seen = evolve(answer, approved_by=APPROVER.participant_id, ready_at=LATER)
    act = {"act": "approve", "moves": ("for-approval", "ready"), "assignment": own[0]}
    expect(
        waiting,
        approved,
        APPROVER,
        act,
        assignments=changed(waiting, lead, stage="ready", answer=seen, placing_due=due),
    )

    back = answering.send_back_draft(waiting, lead, " Ещё ", is_approver=True, doing=doing(APPROVER))
    act = {
        "act": "send-back-draft",
        "words": "Ещё",
        "moves": ("for-approval", "in-progress"),
        "assignment": own[0],
    }
    expect(
        waiting,
        back,
        APPROVER,
        act,
        assignments=changed(waiting, lead, stage="in-progress", send_back_words="Ещё"),
    )


def test_returning_an_answer_and_placing_it_with_contributions() -> None:
    working, lead = at_work_on(ROADS)
    other = working.assignments[1].id
    draft = AnswerDraft(text="Да", outcome=Done())
    working = answering.prepare(working, lead, draft, needs_approval=False, doing=doing(OFFICIAL, NOON))
    back = moderating.return_answer(working, lead, " Ещё ", doing(MODERATOR))
    act = {
        "act": "return-answer",
        "words": "Ещё",
        "moves": ("ready", "in-progress"),
        "assignment": working.assignments[0],
    }
    expect(
        working,
        back,
        MODERATOR,
        act,
        assignments=changed(working, lead, stage="in-progress", send_back_words="Ещё", placing_due=None),
    )
    alone = moderating.place(working, doing(MODERATOR))
    on_place = {
        "stage": Stage.ANSWERED,
        "answered_at": LATER,
        "answer_due": None,
        "rating_due": RULES.rating_due(LATER),
        "reopening_due": RULES.reopening_due(LATER),
    }
    act = {"act": "place", "assignment": working.assignments[0]}
    expect(
        working,
        alone,
        MODERATOR,
        act,
        assignments=changed(working, lead, placed_at=LATER, placing_due=None),
        **on_place,
    )
    road = doing(ROAD_OFFICIAL, NOON)
    both = answering.prepare(
        answering.take(working, other, road), other, draft, needs_approval=False, doing=road
    )
    together = moderating.place(both, doing(MODERATOR))
    expect(
        both,
        together,
        MODERATOR,
        act,
        assignments=tuple(evolve(a, placed_at=LATER, placing_due=None) for a in both.assignments),
        **on_place,
    )
    late = answering.prepare(
        answering.take(alone, other, road), other, draft, needs_approval=False, doing=road
    )
    added = moderating.place_contribution(late, other, doing(MODERATOR))
    act = {"act": "place-contribution", "moves": ("ready", "ready"), "assignment": late.assignments[1]}
    expect(late, added, MODERATOR, act, assignments=changed(late, other, placed_at=LATER, placing_due=None))


def test_deciding_on_a_longer_term() -> None:
    working, lead = at_work_on(ROADS)
    asked = answering.ask_prolongation(working, lead, "Ждём", 3, doing(OFFICIAL, NOON))
    before = evolve(asked, assignments=changed(asked, lead, overdue_at=NOON, escalated_at=NOON))
    own = before.assignments[0]
    stays = ("in-progress",) * 2
    refused = moderating.decide_prolongation(
        before, lead, grants=False, words=" Нет ", doing=doing(MODERATOR)
    )
    act = {"act": "refuse-prolongation", "words": "Нет", "assignment": own, "moves": stays}
    expect(before, refused, MODERATOR, act, assignments=changed(before, lead, prolongation=None))
    due = RULES.working_days(own.due_at - timedelta(seconds=1), 3)
    longer = {
        "prolongation": None,
        "due_at": due,
        "prolongations": 1,
        "overdue_at": None,
        "escalated_at": None,
    }
    for words, said in ((None, "Ждём"), (" ", "Ждём"), (" Да ", "Да")):
        granted = moderating.decide_prolongation(
            before, lead, grants=True, words=words, doing=doing(MODERATOR)
        )
        act = {"act": "grant-prolongation", "words": said, "assignment": own, "moves": stays}
        expect(before, granted, MODERATOR, act, assignments=changed(before, lead, **longer), answer_due=due)
    other = before.assignments[1].id
    road = doing(ROAD_OFFICIAL, NOON)
    theirs = answering.ask_prolongation(answering.take(before, other, road), other, "Ждём", 2, road)
    granted = moderating.decide_prolongation(theirs, other, grants=True, words=None, doing=doing(MODERATOR))
    assert granted.answer_due == theirs.answer_due
    assert granted.assignment(other).due_at == RULES.working_days(
        theirs.assignment(other).due_at - timedelta(seconds=1), 2
    )


def test_cancelling_and_changing_the_lead() -> None:
    before, lead = at_work_on(ROADS)
    other = before.assignments[1]
    moves = ("assigned", "assigned")
    led = moderating.change_lead(before, other.id, doing(MODERATOR))
    new_leads = tuple(evolve(a, is_lead=a.id == other.id) for a in before.assignments)
    act = {"act": "change-lead", "assignment": other, "moves": moves}
    expect(before, led, MODERATOR, act, assignments=new_leads)
    gone = moderating.cancel_assignment(before, lead, other.id, " Снято ", doing(MODERATOR))
    cancel = {
        "act": "cancel",
        "assignment": before.assignments[0],
        "words": "Снято",
        "moves": ("in-progress", "cancelled"),
    }
    cancelled = (evolve(new_leads[0].cancelled()), new_leads[1])
    expect(before, gone, MODERATOR, act, cancel, assignments=cancelled)
    part = moderating.cancel_assignment(before, other.id, None, "Снято", doing(MODERATOR))
    cancel = {**cancel, "assignment": other, "moves": ("assigned", "cancelled")}
    expect(before, part, MODERATOR, cancel, assignments=(before.assignments[0], other.cancelled()))


def test_questions_and_news_before_the_answer() -> None:
    before, lead = at_work_on()
    own = before.assignments[0]
    stays = ("in-progress",) * 2
    for act, name in ((asking.ask, "ask"), (asking.answer_interim, "answer-interim")):
        after = act(before, lead, " Где? ", doing(OFFICIAL))
        expect(before, after, OFFICIAL, {"act": name, "words": "Где?", "assignment": own, "moves": stays})
    waiting = asking.ask(before, lead, "Где?", evolve(doing(OFFICIAL), rules=SUSPENDING))
    still = {
        "suspended_at": LATER,
        "suspended_until": SUSPENDING.clarification_due(LATER),
        "suspensions": 1,
    }
    told = {"act": "ask", "words": "Где?", "assignment": own, "moves": stays}
    expect(before, waiting, OFFICIAL, told, assignments=changed(before, lead, **still))


def test_withdrawing_rating_and_reopening() -> None:
    before = routed(accepted(a_message(a_person())), CITY, ROADS)
    by = author_of(before)
    gone = tuple(a.cancelled() for a in before.assignments)
    cancels = [{"act": "cancel", "assignment": a, "moves": ("assigned", "cancelled")} for a in gone]
    expect(
        before,
        authoring.withdraw(before, doing(by)),
        by,
        {"act": "withdraw"},
        *cancels,
        stage=Stage.WITHDRAWN,
        assignments=gone,
        **NOTHING,
    )
    answered = placed(ready(before))
    lead = answered.assignments[0].id
    bad = authoring.rate(answered, 2, " Не сделали ", doing(by))
    rating = Rating(value=2, comment="Не сделали", at=LATER)
    expect(
        answered,
        bad,
        by,
        {"act": "rate", "words": "Не сделали"},
        assignments=changed(answered, lead, rating=rating),
    )
    good = authoring.rate(answered, 3, " ", doing(by))
    rating = Rating(value=3, comment=None, at=LATER)
    expect(
        answered,
        good,
        by,
        {"act": "rate"},
        stage=Stage.CLOSED,
        assignments=changed(answered, lead, rating=rating),
        rating_due=None,
    )
    bad = evolve(bad, returns=1, answer_due=NOON)
    contributor = bad.assignments[1].cancelled()
    expect(
        bad,
        authoring.reopen(bad, doing(by)),
        by,
        {"act": "reopen"},
        {"act": "cancel", "assignment": contributor, "moves": ("assigned", "cancelled")},
        stage=Stage.ACCEPTED,
        assignments=(bad.assignments[0], contributor),
        round=2,
        reopenings=1,
        returns=0,
        answer_due=None,
        answered_at=None,
        rating_due=None,
        reopening_due=None,
        routing_due=RULES.routing_due(LATER),
    )


def test_reporting_on_a_promise() -> None:
    promise = Planned((NOON + timedelta(days=20)).date())
    before = rated(placed(ready(routed(accepted(a_message(a_person()))), promise)))
    after = answering.report_promise(before, is_done=False, words=" Нет ", doing=doing(OFFICIAL))
    own = before.assignments[0]
    report = PromiseReport(is_done=False, words="Нет", at=LATER)
    expect(
        before,
        after,
        OFFICIAL,
        {"act": "report-promise", "words": "Нет", "assignment": own},
        assignments=changed(before, own.id, promise_report=report),
    )


def test_masking() -> None:
    before = evolve(accepted(a_message(a_person())), masks_due=NOON)
    masks = Masks(text=(Span(0, 3),))
    after = masking.mask(before, masks, " Имя ", doing(MODERATOR))
    expect(
        before,
        after,
        MODERATOR,
        {"act": "mask", "words": "Имя", "document": BY_RULES},
        masks=masks,
        masks_due=None,
    )


def test_merging_and_splitting_off() -> None:
    original, duplicate = accepted(a_message(a_person())), a_message(a_person(2), "26-000002")
    first = a_message(a_person(3), "26-000003")
    _, original = merging.merge(first, original, "То же", doing(MODERATOR, NOON))
    merged, takes = merging.merge(duplicate, original, " То же ", doing(MODERATOR))
    act = {"document": BY_RULES}
    expect(
        duplicate,
        merged,
        MODERATOR,
        {**act, "act": "merge", "words": "То же"},
        stage=Stage.MERGED,
        merged=Merged(into=original.id, number=original.number, was=Stage.SUBMITTED),
        moderation_due=None,
        routing_due=None,
    )
    expect(
        original,
        takes,
        MODERATOR,
        {**act, "act": "take-in", "words": "26-000002"},
        duplicates=(first.id, duplicate.id),
    )
    split, lets_go = merging.split_off(merged, takes, " Другое ", doing(MODERATOR))
    expect(
        merged,
        split,
        MODERATOR,
        {**act, "act": "split-off", "words": "Другое"},
        stage=Stage.SUBMITTED,
        merged=None,
        moderation_due=RULES.moderation_due(LATER),
    )
    let = {**act, "act": "let-go", "words": "26-000002"}
    expect(takes, lets_go, MODERATOR, let, duplicates=(first.id,))
    checked_one, takes = merging.merge(accepted(duplicate), original, "То же", doing(MODERATOR))
    again, _ = merging.split_off(checked_one, takes, "Другое", doing(MODERATOR))
    assert (again.stage, again.moderation_due, again.routing_due) == (
        Stage.ACCEPTED,
        None,
        RULES.routing_due(LATER),
    )


def test_rating_a_shared_answer() -> None:
    original, duplicate = accepted(a_message(a_person())), a_message(a_person(2), "26-000002")
    merged, original = merging.merge(duplicate, original, "То же", doing(MODERATOR, NOON))
    answered = placed(ready(routed(original)))
    by = author_of(merged)
    for comment, said in ((" Так ", "Так"), (" ", None), (None, None)):
        after = merging.rate_shared(merged, answered, 4, comment, doing(by))
        rating = SharedRating(answered.assignments[0].id, Rating(value=4, comment=said, at=LATER))
        expect(merged, after, by, {"act": "rate-shared", "words": said}, shared_ratings=(rating,))


def test_leaving() -> None:
    message = accepted(a_message(a_person()))
    named = AuthorDetails(name="Аня", shows_name=True)
    message = evolve(message, author=evolve(message.author, details=named))
    by = author_of(message)
    alone = merging.leave(message, None, doing(by))
    nobody = evolve(message.author, details=AuthorDetails())
    expect(message, alone, by, {"act": "leave"}, author=nobody, author_left_at=LATER)

    heir = a_message(a_person(2), "26-000002", text="Тут яма", attachments=(an_attachment(),))
    heir = evolve(heir, wish_reason="Боюсь")
    merged, original = merging.merge(heir, message, "То же", doing(MODERATOR, NOON))
    after = merging.leave(original, merged, doing(by))
    hidden = Masks(
        text=(Span(0, len("Тут яма")),),
        hidden=(heir.content.attachments[0].id,),
        hides_place_words=True,
    )
    expect(
        original,
        after,
        by,
        {"act": "leave", "content": heir.content},
        author=heir.author,
        content=heir.content,
        wish_reason="Боюсь",
        edition=2,
        masks=hidden,
        masks_due=RULES.moderation_due(LATER),
        duplicates=(),
    )
    own = evolve(accepted(heir), masks=Masks(hides_place_words=True))
    for published, is_hidden in ((own, False), (evolve(own, publicity=Publicity.NON_PUBLIC), True)):
        merged, original = merging.merge(published, message, "То же", doing(MODERATOR, NOON))
        for each in (merged, published):
            after = merging.leave(original, each, doing(by))
            assert after.masks == (hidden if is_hidden else own.masks)
            assert after.masks_due == (RULES.moderation_due(LATER) if is_hidden else None)


def test_a_message_without_a_text_is_hidden_whole_too() -> None:
    message = accepted(a_message(a_person()))
    file = an_attachment()
    heir = a_message(a_person(2), "26-000002", text=None, attachments=(file,))
    merged, original = merging.merge(heir, message, "То же", doing(MODERATOR, NOON))
    after = merging.leave(original, merged, doing(author_of(message)))
    assert after.masks == Masks(hidden=(file.id,), hides_place_words=True)


def test_what_time_does_to_terms() -> None:
    asked = moderating.ask_clarification(a_message(a_person()), "Где?", doing(MODERATOR, NOON))
    asked = evolve(asked, desk_overdue_at=NOON)
    at = RULES.clarification_due(NOON)
    lapsed = Rejection(
        grounds=("no_reply",),
        words="Нет ответа на уточнение",
        is_final=False,
        at=at,
        revivable_until=RULES.revival_due(at),
    )
    expect(
        asked,
        tick(asked, RULES, at=at),
        SYSTEM,
        {"act": "lapse", "at": at},
        stage=Stage.REJECTED,
        rejection=lapsed,
        **NOTHING,
    )
    answered = placed(ready(routed(accepted(a_message(a_person())))))
    assert answered.rating_due is not None
    at = answered.rating_due
    closing = {"act": "close", "at": at}
    expect(answered, tick(answered, RULES, at=at), SYSTEM, closing, stage=Stage.CLOSED, rating_due=None)


def test_a_missed_answer_is_marked_then_escalated() -> None:
    before = routed(accepted(a_message(a_person())))
    own = before.assignments[0]
    missed, stays = own.due_at, ("assigned", "assigned")
    marked = tick(before, RULES, at=missed)
    act = {"act": "mark-overdue", "assignment": own, "moves": stays, "at": missed}
    expect(before, marked, SYSTEM, act, assignments=changed(before, own.id, overdue_at=missed))
    assert tick(before, RULES, at=missed - timedelta(microseconds=1)) is before
    later = RULES.escalation_due(missed)
    assert tick(marked, RULES, at=later - timedelta(microseconds=1)) is marked
    escalated = tick(marked, RULES, at=later)
    act = {"act": "escalate", "assignment": own, "moves": stays, "at": later}
    expect(marked, escalated, SYSTEM, act, assignments=changed(marked, own.id, escalated_at=later))
    assert tick(escalated, RULES, at=later + timedelta(days=300)) is escalated


def test_a_missed_promise_is_marked_then_escalated_whatever_became_of_the_answers_term() -> None:
    promise = Planned((NOON + timedelta(days=20)).date())
    closed = rated(placed(ready(routed(accepted(a_message(a_person()))), promise)))
    own = closed.assignments[0]
    missed = RULES.calendar.end_of(promise.by)
    for before in (closed, evolve(closed, assignments=changed(closed, own.id, escalated_at=NOON))):
        assert tick(before, RULES, at=missed - timedelta(microseconds=1)) is before
        marked = tick(before, RULES, at=missed)
        act = {"act": "mark-overdue", "words": "promise", "assignment": own, "at": missed, "due": missed}
        expect(before, marked, SYSTEM, act, assignments=changed(before, own.id, promise_overdue_at=missed))
        later = RULES.escalation_due(missed)
        assert tick(marked, RULES, at=later - timedelta(microseconds=1)) is marked
        act = {
            **act,
            "act": "escalate",
            "at": later,
            "moves": ("ready", "ready"),
        }
        escalated = tick(marked, RULES, at=later)
        expect(marked, escalated, SYSTEM, act, assignments=changed(marked, own.id, escalated_at=later))
        assert tick(escalated, RULES, at=later + timedelta(days=300)) is escalated


def test_a_late_tick_records_everything_once() -> None:
    promise = Planned((NOON + timedelta(days=20)).date())
    closed = rated(placed(ready(routed(accepted(a_message(a_person()))), promise)))
    at = RULES.calendar.end_of(promise.by) + timedelta(days=100)
    late = tick(closed, RULES, at=at)
    assert [entry.act for entry in late.entries[len(closed.entries) :]] == ["mark-overdue", "escalate"]
    assert (late.assignments[0].promise_overdue_at, late.assignments[0].escalated_at) == (at, at)
    assert tick(late, RULES, at=at) is late


def test_whoever_leads_answers_by_the_authors_term_and_may_miss_it_anew() -> None:
    missed = evolve(
        routed(accepted(a_message(a_person())), CITY, ROADS).assignments[1],
        overdue_at=NOON,
        escalated_at=LATER,
    )
    for due in (None, missed.due_at):
        assert missed.leading(due) == evolve(missed, is_lead=True)
    other = missed.due_at + timedelta(days=1)
    assert missed.leading(other) == evolve(
        missed, is_lead=True, due_at=other, overdue_at=None, escalated_at=None
    )


def test_a_missed_desk_is_marked_with_the_term_that_was_missed() -> None:
    before = a_message(a_person())
    due = before.moderation_due
    assert due is not None
    act = {"act": "mark-overdue", "words": "desk", "at": due, "due": due}
    marked = tick(before, RULES, at=due)
    expect(before, marked, SYSTEM, act, desk_overdue_at=due)
    assert tick(marked, RULES, at=due + timedelta(days=100)) is marked


def test_a_term_runs_on_by_itself() -> None:
    before, lead = at_work_on()
    waiting = asking.ask(before, lead, "Где?", evolve(doing(OFFICIAL, NOON), rules=SUSPENDING))
    own = waiting.assignments[0]
    until = own.suspended_until
    assert until is not None
    calendar = SUSPENDING.calendar
    waited = calendar.working_days_between(
        calendar.local_date(NOON), calendar.local_date(until - timedelta(seconds=1))
    )
    due = SUSPENDING.working_days(own.due_at - timedelta(seconds=1), waited)
    act = {"act": "resume", "assignment": own, "moves": ("in-progress",) * 2, "at": until}
    expect(
        waiting,
        tick(waiting, SUSPENDING, at=until),
        SYSTEM,
        act,
        assignments=changed(waiting, lead, due_at=due, suspended_at=None, suspended_until=None),
        answer_due=due,
    )


def test_an_orphaned_assignment_is_marked() -> None:
    before = routed(accepted(a_message(a_person())), CITY, ROADS)
    own = before.assignments[0]
    after = mark_orphaned(before, CITY, RULES, at=LATER)
    act = {"act": "mark-orphaned", "assignment": own, "moves": ("assigned", "assigned")}
    expect(before, after, SYSTEM, act, assignments=changed(before, own.id, orphaned_at=LATER))
    assert mark_orphaned(after, CITY, RULES, at=LATER + timedelta(days=1)) is after
    assert mark_orphaned(before, "vo-kter", RULES, at=LATER) is before


def _owed() -> dict[str, tuple[Any, str, int]]:
    new, working = a_message(a_person()), at_work_on(ROADS)
    message, lead = working
    asked = answering.ask_prolongation(message, lead, "Ждём", 3, doing(OFFICIAL))
    draft = AnswerDraft(text="Да", outcome=Done())
    waiting = answering.prepare(message, lead, draft, needs_approval=True, doing=doing(OFFICIAL))
    finished = answering.approve(waiting, lead, is_approver=True, doing=doing(APPROVER))
    promise = Planned((NOON + timedelta(days=20)).date())
    promised = rated(placed(ready(routed(accepted(a_message(a_person()))), promise)))
    grounds = a_region().resolve_grounds(["ads"])
    other = a_message(a_person(2), "26-000002")
    merged, original = merging.merge(other, accepted(new), "То же", doing(MODERATOR))
    moderator, official, approver = doing(MODERATOR), doing(OFFICIAL), doing(APPROVER)
    return {
        "ask clarification": (
            lambda w: moderating.ask_clarification(new, w, moderator),
            "/question",
            2000,
        ),
        "reject": (lambda w: moderating.reject(new, grounds, w, moderator), "/words", 2000),
        "annul": (lambda w: moderating.annul(message, grounds, w, moderator), "/words", 2000),
        "accept": (
            lambda w: moderating.accept(new, "roads", Publicity.NON_PUBLIC, w, moderator),
            "/reason",
            2000,
        ),
        "set publicity": (
            lambda w: moderating.set_publicity(accepted(new), Publicity.NON_PUBLIC, w, moderator),
            "/reason",
            2000,
        ),
        "cancel": (
            lambda w: moderating.cancel_assignment(message, message.assignments[1].id, None, w, moderator),
            "/words",
            2000,
        ),
        "return answer": (lambda w: moderating.return_answer(finished, lead, w, moderator), "/words", 2000),
        "refuse prolongation": (
            lambda w: moderating.decide_prolongation(asked, lead, grants=False, words=w, doing=moderator),
            "/words",
            2000,
        ),
        "return": (
            lambda w: answering.return_assignment(message, lead, w, None, official),
            "/reason",
            2000,
        ),
        "ask prolongation": (
            lambda w: answering.ask_prolongation(message, lead, w, 3, official),
            "/reason",
            2000,
        ),
        "send back": (
            lambda w: answering.send_back_draft(waiting, lead, w, is_approver=True, doing=approver),
            "/words",
            2000,
        ),
        "report": (
            lambda w: answering.report_promise(promised, is_done=True, words=w, doing=official),
            "/words",
            2000,
        ),
        "ask": (lambda w: asking.ask(message, lead, w, official), "/text", 5000),
        "answer interim": (lambda w: asking.answer_interim(message, lead, w, official), "/text", 5000),
        "mask": (lambda w: masking.mask(accepted(new), Masks(), w, moderator), "/words", 2000),
        "merge": (lambda w: merging.merge(other, accepted(new), w, moderator), "/words", 2000),
        "split off": (lambda w: merging.split_off(merged, original, w, moderator), "/words", 2000),
    }


OWED = _owed()


@pytest.mark.clause("4.6-process")
@pytest.mark.parametrize("name", OWED)
def test_words_that_are_owed_are_there_and_not_too_long(name: str) -> None:
    act, pointer, limit = OWED[name]
    for words in (None, "", " \u200b"):
        with pytest.raises(Invalid) as refused:
            act(words)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [(pointer, "no-words")]
    with pytest.raises(Invalid) as refused:
        act("я" * (limit + 1))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [(pointer, "too-long")]
    assert str(limit) in refused.value.detail
    act("я" * limit)
