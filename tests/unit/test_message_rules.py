"""The rules of section 8 and of paragraphs 4.5-4.7, one named example each."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages import answering, authoring, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Planned, Refused
from niktokromenas.domain.messages.content import Found, check
from niktokromenas.domain.messages.desks import desk_of
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moderating import OwnAnswer, Routing, Target
from niktokromenas.domain.messages.moves import IllegalMove, NotAssigned, NotTheAuthor, OwnMessage
from niktokromenas.domain.messages.stages import AssignmentStage, Publicity, Stage
from niktokromenas.domain.messages.ticking import next_tick, tick
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.authorities import AuthorityAtWork, CannotBeRoutedTo
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.values import Point
from tests.contract.building import (
    APPROVER,
    CITY,
    MODERATOR,
    OFFICIAL,
    ROADS,
    a_draft,
    a_message,
    a_person,
    accepted,
    an_attachment,
    author_of,
    doing,
    lead_id,
    placed,
    rated,
    ready,
    routed,
)
from tests.contract.stores import NOON, a_region, a_rulebook

RULES, REGION = a_rulebook(), a_region()
IN_CITY = Found(municipality="18701000", neighbours=("18605000",))


def faults_of(**changes: Any) -> dict[str, str]:
    """Pointer → code of everything wrong with the draft."""
    found = changes.pop("found", IN_CITY)
    with pytest.raises(Invalid) as refused:
        check(a_draft(**changes), REGION, found, at=NOON)
    return {fault.pointer: fault.code for fault in refused.value.faults}


@pytest.mark.clause("8.2-content")
@pytest.mark.clause("1.3-message")
@pytest.mark.parametrize("text", [None, "", "   ", "\u200b\u00ad\ufeff", "\u3164"])
def test_a_message_says_something_or_brings_something(text: str | None) -> None:
    assert faults_of(text=text) == {"/text": "no-content"}
    assert check(a_draft(text=text, attachments=(an_attachment(),)), REGION, IN_CITY, at=NOON)


@pytest.mark.clause("8.2-occasion")
def test_a_message_states_when_and_where() -> None:
    assert faults_of(begins_at=None, point=None, found=None) == {
        "/occasion/begins_at": "no-time",
        "/occasion/place": "no-place",
    }
    in_words = a_draft(point=None, municipality="18710000", place_words="У дома культуры")
    assert check(in_words, REGION, None, at=NOON).content.occasion.place.municipality == "18710000"


def test_the_occasion_may_lie_ahead_but_not_beyond_a_year() -> None:
    assert check(a_draft(begins_at=NOON + timedelta(days=300)), REGION, IN_CITY, at=NOON)
    assert faults_of(begins_at=NOON + timedelta(days=400)) == {"/occasion/begins_at": "bad-time"}
    assert faults_of(ends_at=NOON - timedelta(days=9)) == {"/occasion/ends_at": "ends-before-start"}


def test_the_place_lies_in_the_region_and_near_a_border_the_author_chooses() -> None:
    assert faults_of(found=None, point=Point(55.75, 37.61)) == {"/occasion/place/point": "out-of-region"}
    assert faults_of(municipality="18710000") == {"/occasion/place/municipality": "wrong-municipality"}
    chosen = check(a_draft(municipality="18605000"), REGION, IN_CITY, at=NOON)
    assert chosen.content.occasion.place.municipality == "18605000"


@pytest.mark.clause("8.1")
@pytest.mark.clause("8.4")
def test_every_problem_is_told_at_once_with_its_paragraph() -> None:
    with pytest.raises(Invalid) as refused:
        check(
            a_draft(
                text=" ",
                begins_at=None,
                point=None,
                phone="12",
                category="no.such",
                confirms_public=False,
                wishes_non_public=True,
            ),
            REGION,
            None,
            at=NOON,
        )
    told = {fault.code: fault.basis for fault in refused.value.faults}
    assert told == {
        "no-content": "Положение, п. 8.2",
        "no-time": "Положение, п. 8.2",
        "no-place": "Положение, п. 8.2",
        "bad-phone": None,
        "unknown-category": None,
        "not-confirmed": "Положение, п. 8.4",
        "no-reason": None,
    }


@pytest.mark.clause("8.4")
def test_without_the_confirmation_nothing_is_placed() -> None:
    assert faults_of(confirms_public=False) == {"/confirms_public": "not-confirmed"}


@pytest.mark.clause("8.3")
@pytest.mark.parametrize("written", ["8 (900) 123-45-67", "+7 900 123 45 67", "9001234567", "79001234567"])
def test_a_phone_is_optional_and_understood_as_people_write_it(written: str) -> None:
    checked = check(a_draft(phone=written), REGION, IN_CITY, at=NOON)
    assert checked.details.phone is not None
    assert checked.details.phone.number == "+79001234567"
    assert not checked.details.shows_phone
    assert check(a_draft(phone=" "), REGION, IN_CITY, at=NOON).details.phone is None


def fresh() -> Message:
    return a_message(a_person())


@pytest.mark.clause("4.6-publicity")
@pytest.mark.clause("8.5")
def test_the_moderator_decides_publicity_with_a_reason_where_non_public() -> None:
    assert not fresh().is_public
    assert accepted(fresh()).is_public
    hidden = accepted(fresh(), public=False)
    assert (hidden.is_public, hidden.publicity_reason) == (False, "Сведения о семье")
    for publicity, reason in ((Publicity.NON_PUBLIC, " "), (Publicity.UNDECIDED, None)):
        with pytest.raises(Invalid):
            moderating.accept(fresh(), "roads.pothole", publicity, reason, doing(MODERATOR))


def test_it_becomes_public_later_only_if_the_author_agrees() -> None:
    hidden = accepted(fresh(), public=False)
    proposed = moderating.set_publicity(hidden, Publicity.PUBLIC, None, doing(MODERATOR))
    assert not proposed.is_public
    by = doing(author_of(hidden))
    assert not authoring.answer_publicity_proposal(proposed, agrees=False, doing=by).is_public
    assert authoring.answer_publicity_proposal(proposed, agrees=True, doing=by).is_public


@pytest.mark.clause("4.6-process")
@pytest.mark.clause("0.4")
def test_decisions_name_their_document_and_their_grounds() -> None:
    rejected = moderating.reject(fresh(), REGION.resolve_grounds(["ads"]), "Это реклама", doing(MODERATOR))
    assert rejected.entries[-1].document == f"moderation-rules {RULES.moderation_rules_version}"
    assert routed(accepted(fresh())).entries[-1].document == f"regulation {RULES.regulation.version}"
    assert rejected.rejection is not None
    assert rejected.rejection.is_final
    with pytest.raises(Invalid):
        moderating.reject(fresh(), (), "Слова", doing(MODERATOR))
    with pytest.raises(Invalid):
        moderating.reject(fresh(), REGION.resolve_grounds(["ads"]), " ", doing(MODERATOR))


def test_nobody_decides_on_their_own_message() -> None:
    message = fresh()
    themselves = Acting(role=Role.MODERATOR, participant_id=message.author.participant_id, body="vo-kit")
    with pytest.raises(OwnMessage):
        moderating.accept(message, "roads.pothole", Publicity.PUBLIC, None, doing(themselves))


@pytest.mark.clause("2.1-interagency")
def test_one_leads_and_others_contribute_each_with_a_term() -> None:
    message = accepted(fresh())
    targets = (Target(authority=CITY, is_lead=True), Target(authority=ROADS, working_days=2))
    routing = _routing(targets, days=8)
    both = moderating.route(message, routing, None, doing(MODERATOR))
    lead, other = both.current
    assert (lead.is_lead, other.is_lead) == (True, False)
    assert lead.due_at == both.answer_due == RULES.working_days(NOON, 8)
    assert other.due_at == RULES.working_days(NOON, 2)
    for wrong in ((), (Target(authority=CITY),), (*targets, targets[0])):
        with pytest.raises(Invalid):
            moderating.route(message, _routing(wrong, days=8), None, doing(MODERATOR))


def _routing(targets: tuple[Target, ...], days: int, **stands: bool) -> Routing:
    at_work = {
        t.authority: AuthorityAtWork(
            code=t.authority,
            has_active_official=stands.get("official", True),
            has_active_approver=False,
            is_not_connected=stands.get("apart", False),
        )
        for t in targets
    }
    ids = tuple(AssignmentId(new_id()) for _ in targets)
    return Routing(targets=targets, at_work=at_work, working_days=days, new_ids=ids)


@pytest.mark.clause("0.5")
@pytest.mark.clause("0.6")
def test_only_an_authority_with_an_official_or_a_contact_of_record_is_routed_to() -> None:
    target = (Target(authority=CITY, is_lead=True),)
    with pytest.raises(CannotBeRoutedTo) as refused:
        moderating.route(accepted(fresh()), _routing(target, 8, official=False), None, doing(MODERATOR))
    assert refused.value.members["authorities"] == [CITY]
    apart = _routing(target, 8, official=False, apart=True)
    assert moderating.route(accepted(fresh()), apart, None, doing(MODERATOR)).stage is Stage.ROUTED


@pytest.mark.clause("4.5")
@pytest.mark.clause("1.3-answer")
def test_an_answer_says_something_and_states_its_outcome() -> None:
    taken = _taken()
    for draft, code in (
        (AnswerDraft(text=" ", outcome=Done()), "no-content"),
        (AnswerDraft(text="Да", outcome=Planned(NOON.date() - timedelta(days=1))), "past-date"),
        (AnswerDraft(text="Нет", outcome=Refused(" ")), "no-reason"),
    ):
        with pytest.raises(Invalid) as refused:
            answering.prepare(taken, lead_id(taken), draft, needs_approval=False, doing=doing(OFFICIAL))
        assert [fault.code for fault in refused.value.faults] == [code]
    document = AnswerDraft(text=None, outcome=Done(), attachments=(an_attachment("акт.jpg"),))
    assert answering.prepare(taken, lead_id(taken), document, needs_approval=False, doing=doing(OFFICIAL))


def _taken() -> Message:
    message = routed(accepted(fresh()))
    return answering.take(message, lead_id(message), doing(OFFICIAL))


@pytest.mark.clause("4.5")
def test_where_there_is_an_approver_a_second_pair_of_eyes_looks() -> None:
    taken = _taken()
    prepared = answering.prepare(
        taken,
        lead_id(taken),
        AnswerDraft(text="Да", outcome=Done()),
        needs_approval=True,
        doing=doing(OFFICIAL),
    )
    assert prepared.current[0].stage is AssignmentStage.FOR_APPROVAL
    for by, is_approver in ((OFFICIAL, True), (APPROVER, False)):
        with pytest.raises(answering.ApproverRequired):
            answering.approve(prepared, lead_id(prepared), is_approver=is_approver, doing=doing(by))
    approved = answering.approve(prepared, lead_id(prepared), is_approver=True, doing=doing(APPROVER))
    assert approved.current[0].stage is AssignmentStage.READY


@pytest.mark.clause("5.3")
def test_an_official_acts_for_their_own_authority_alone() -> None:
    message = routed(accepted(fresh()))
    stranger = evolve(OFFICIAL, body=ROADS)
    with pytest.raises(NotAssigned):
        answering.take(message, lead_id(message), doing(stranger))


@pytest.mark.clause("4.6-answers")
def test_the_moderator_places_what_the_author_then_has_and_never_their_own() -> None:
    message = ready(routed(accepted(fresh())))
    assert message.placed == ()
    themselves = evolve(MODERATOR, participant_id=OFFICIAL.participant_id)
    with pytest.raises(OwnAnswer):
        moderating.place(message, doing(themselves))
    answered = placed(message)
    assert answered.stage is Stage.ANSWERED
    assert [a.answer.text for a in answered.placed if a.answer] == ["Заделали"]
    with pytest.raises(IllegalMove):
        moderating.place(routed(accepted(fresh())), doing(MODERATOR))


@pytest.mark.clause("4.7-rate")
def test_the_author_rates_an_answer_once_from_one_to_five() -> None:
    answered = placed(ready(routed(accepted(fresh()))))
    assert rated(answered, 3).stage is Stage.CLOSED
    unhappy = rated(answered, 2, "Не сделали")
    assert unhappy.stage is Stage.ANSWERED
    with pytest.raises(IllegalMove):
        rated(unhappy, 5)
    with pytest.raises(Invalid):
        rated(answered, 6)
    with pytest.raises(NotTheAuthor):
        authoring.rate(answered, 5, None, doing(author_of(fresh())))
    again = authoring.reopen(unhappy, doing(author_of(unhappy)))
    assert (again.stage, again.round, again.outcome) == (Stage.ACCEPTED, 2, None)


@pytest.mark.clause("1.3-office")
def test_a_missed_term_is_marked_once_then_escalated_and_stays_in_history() -> None:
    message = routed(accepted(fresh()))
    due = message.current[0].due_at
    assert tick(message, RULES, at=due - timedelta(seconds=1)) is message
    late = tick(message, RULES, at=due)
    assert late.current[0].overdue_at == due
    escalated = tick(late, RULES, at=RULES.escalation_due(due))
    assert [entry.act for entry in escalated.entries][-2:] == ["mark-overdue", "escalate"]
    assert tick(escalated, RULES, at=due + timedelta(days=60)) is escalated
    assert ready(escalated).current[0].overdue_at == due


def test_a_reply_before_the_lapse_counts_and_a_lapse_can_be_revived_in_its_term() -> None:
    asked = moderating.ask_clarification(fresh(), "Где именно?", doing(MODERATOR))
    due = asked.clarification_due
    assert due is not None
    late = due + timedelta(hours=3)
    checked = check(a_draft(), REGION, IN_CITY, at=late)
    assert authoring.clarify(asked, checked, doing(author_of(asked), late)).stage is Stage.SUBMITTED
    lapsed = tick(asked, RULES, at=due)
    assert lapsed.rejection is not None
    assert lapsed.rejection.grounds == ("no_reply",)
    until = lapsed.rejection.revivable_until
    assert until is not None
    with pytest.raises(IllegalMove):
        authoring.revise(lapsed, checked, doing(author_of(asked), due))
    with pytest.raises(IllegalMove):
        authoring.revive(lapsed, checked, doing(author_of(asked), until))
    back = authoring.revive(lapsed, checked, doing(author_of(asked), until - timedelta(seconds=1)))
    assert (back.stage, back.rejection) == (Stage.SUBMITTED, None)


def test_a_final_ground_cannot_be_mended_and_others_a_few_times() -> None:
    message = fresh()
    final = moderating.reject(message, REGION.resolve_grounds(["ads"]), "Реклама", doing(MODERATOR))
    checked = check(a_draft(), REGION, IN_CITY, at=NOON)
    with pytest.raises(IllegalMove):
        authoring.revise(final, checked, doing(author_of(message)))
    for _ in range(RULES.regulation.max_revisions):
        rejected = moderating.reject(
            message, REGION.resolve_grounds(["no_substance"]), "Неясно", doing(MODERATOR)
        )
        message = authoring.revise(rejected, checked, doing(author_of(message)))
    rejected = moderating.reject(
        message, REGION.resolve_grounds(["no_substance"]), "Неясно", doing(MODERATOR)
    )
    with pytest.raises(IllegalMove):
        authoring.revise(rejected, checked, doing(author_of(message)))


def test_a_promise_is_reported_on_or_found_overdue() -> None:
    promised = NOON.date() + timedelta(days=20)
    answered = rated(placed(ready(routed(accepted(fresh())), Planned(promised))))
    assert answered.outcome == "planned"
    done = answering.report_promise(answered, is_done=True, words="Сделали", doing=doing(OFFICIAL))
    assert done.outcome == "done"
    assert next_tick(done, RULES) is None
    late = tick(answered, RULES, at=RULES.calendar.end_of(promised))
    assert late.current[0].promise_overdue_at is not None
    failed = answering.report_promise(late, is_done=False, words="Не успели", doing=doing(OFFICIAL))
    assert failed.outcome == "failed"


def test_routing_again_keeps_the_authors_term() -> None:
    message = routed(accepted(fresh()))
    later = NOON + timedelta(days=4)
    again = routed(message, ROADS, at=later)
    assert again.answer_due == message.answer_due
    assert again.lead is not None
    assert again.lead.due_at == message.answer_due
    assert [a.stage for a in again.current] == [AssignmentStage.CANCELLED, AssignmentStage.ASSIGNED]


def test_a_message_is_reopened_once() -> None:
    unhappy = rated(placed(ready(routed(accepted(fresh())))), 1, "Не сделали")
    again = authoring.reopen(unhappy, doing(author_of(unhappy)))
    still = rated(placed(ready(routed(again))), 1, "Опять не сделали")
    with pytest.raises(IllegalMove):
        authoring.reopen(still, doing(author_of(still)))


def test_it_is_reopened_only_after_a_bad_rating_with_a_comment() -> None:
    silent = rated(placed(ready(routed(accepted(fresh())))), 1, None)
    happy = rated(placed(ready(routed(accepted(fresh())))), 4, "Хорошо")
    for message in (silent, happy):
        with pytest.raises(IllegalMove):
            authoring.reopen(message, doing(author_of(message)))


@pytest.mark.clause("4.5")
def test_a_term_is_prolonged_once_before_it_is_due_by_at_most_itself() -> None:
    taken = _taken()
    lead = lead_id(taken)
    with pytest.raises(Invalid):
        answering.ask_prolongation(taken, lead, "Ждём", 9, doing(OFFICIAL))
    with pytest.raises(IllegalMove):
        answering.ask_prolongation(taken, lead, "Ждём", 3, doing(OFFICIAL, taken.current[0].due_at))
    asked = answering.ask_prolongation(taken, lead, "Ждём", 3, doing(OFFICIAL))
    granted = moderating.decide_prolongation(asked, lead, grants=True, words=None, doing=doing(MODERATOR))
    before, after = taken.current[0].due_at, granted.current[0].due_at
    assert after == RULES.working_days(before - timedelta(seconds=1), 3)
    assert granted.answer_due == after
    with pytest.raises(IllegalMove):
        answering.ask_prolongation(granted, lead, "Ещё", 3, doing(OFFICIAL))


def test_a_message_cannot_be_withdrawn_once_the_answer_is_ready() -> None:
    message = ready(routed(accepted(fresh())))
    with pytest.raises(IllegalMove):
        authoring.withdraw(message, doing(author_of(message)))
    early = _taken()
    gone = authoring.withdraw(early, doing(author_of(early)))
    assert gone.stage is Stage.WITHDRAWN
    assert [a.stage for a in gone.current] == [AssignmentStage.CANCELLED]


@pytest.mark.clause("2.2-intake")
def test_a_returned_message_waits_with_the_moderator_then_with_the_coordinator() -> None:
    message = routed(accepted(fresh()))
    back = answering.return_assignment(message, lead_id(message), "Не наше", ROADS, doing(OFFICIAL))
    desk = desk_of(back)
    assert desk is not None
    assert (desk.desk, desk.task, desk.due) == ("moderator", "re-route", RULES.routing_due(NOON))
    twice = routed(back)
    twice = answering.return_assignment(twice, lead_id(twice), "Не наше", None, doing(OFFICIAL))
    desk = desk_of(twice)
    assert desk is not None
    assert desk.desk == "coordinator"
    with pytest.raises(moderating.CoordinatorRoutes):
        routed(twice)
