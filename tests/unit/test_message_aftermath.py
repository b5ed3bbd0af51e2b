"""What an act leaves behind: nothing of a life that is over decides about the next one."""

from datetime import date, timedelta

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages import answering, authoring, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Planned
from niktokromenas.domain.messages.content import Found, check
from niktokromenas.domain.messages.desks import desk_of
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moderating import CoordinatorRoutes, OwnAnswer
from niktokromenas.domain.messages.moves import IllegalMove, possible_acts
from niktokromenas.domain.messages.stages import Act, AssignmentStage, Publicity, Stage
from niktokromenas.domain.messages.telling import told_events
from niktokromenas.domain.messages.ticking import tick
from niktokromenas.domain.messages.visibility import View, view_of
from niktokromenas.domain.participants.actors import Actor, Channel
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import (
    CITY,
    MODERATOR,
    OFFICIAL,
    ROAD_OFFICIAL,
    ROADS,
    a_draft,
    a_grant,
    a_message,
    a_person,
    accepted,
    at_work,
    author_of,
    doing,
    lead_id,
    placed,
    rated,
    ready,
    routed,
)
from tests.contract.stores import NOON, a_region, a_rulebook
from tests.unit.message_model import COORDINATOR, OTHER_MODERATOR, TWO_HATS

RULES = a_rulebook()
DONE = AnswerDraft(text="Сделано", outcome=Done())


def under_way(*others: str) -> Message:
    return routed(accepted(a_message(a_person())), CITY, *others)


def annulled(message: Message) -> Message:
    grounds = a_region().resolve_grounds(["no_substance"])
    return moderating.annul(message, grounds, "Нашлось", doing(MODERATOR))


def mended(message: Message) -> Message:
    checked = check(a_draft(), a_region(), Found(municipality="18701000"), at=NOON)
    return authoring.revise(message, checked, doing(author_of(message)))


def returned(message: Message) -> Message:
    official = OFFICIAL if message.lead and message.lead.authority == CITY else ROAD_OFFICIAL
    return answering.return_assignment(message, lead_id(message), "Не наше", None, doing(official))


def contributed(message: Message) -> Message:
    """The road office's contribution is ready."""
    other = next(a for a in message.current if a.authority == ROADS).id
    taken = answering.take(message, other, doing(ROAD_OFFICIAL))
    return answering.prepare(taken, other, DONE, needs_approval=False, doing=doing(ROAD_OFFICIAL))


@pytest.mark.clause("8.5")
def test_a_proposal_made_before_annulment_cannot_be_agreed_to_after_it() -> None:
    hidden = accepted(a_message(a_person()), public=False)
    proposed = moderating.set_publicity(hidden, Publicity.PUBLIC, None, doing(MODERATOR))
    again = accepted(mended(annulled(proposed)), public=False)
    with pytest.raises(IllegalMove):
        authoring.answer_publicity_proposal(again, agrees=True, doing=doing(author_of(again)))


@pytest.mark.clause("4.6-process")
def test_after_annulment_the_moderator_routes_what_had_gone_to_the_coordinator() -> None:
    with_coordinator = returned(routed(returned(under_way()), ROADS))
    assert with_coordinator.is_with_coordinator
    again = accepted(mended(annulled(with_coordinator)))
    desk = desk_of(again)
    assert desk is not None
    assert desk.desk == "moderator"
    assert routed(again).stage is Stage.ROUTED


def prolongation_asked() -> Message:
    message = under_way()
    lead = lead_id(message)
    taken = answering.take(message, lead, doing(OFFICIAL))
    return answering.ask_prolongation(taken, lead, "Ждём", 3, doing(OFFICIAL))


@pytest.mark.clause("4.6-process")
def test_what_was_cancelled_waits_on_nobodys_desk() -> None:
    for message in (ready(under_way()), prolongation_asked()):
        assert desk_of(message) is not None
        assert desk_of(routed(message, ROADS)) is None
        assert desk_of(routed(accepted(mended(annulled(message))), ROADS)) is None
    late = contributed(placed(ready(under_way(ROADS))))
    assert desk_of(late) is not None
    cancelled = moderating.cancel_assignment(late, late.current[1].id, None, "Снято", doing(MODERATOR))
    assert desk_of(cancelled) is None


@pytest.mark.clause("4.6-process")
def test_whatever_ends_a_message_tells_the_officials_at_work_on_it() -> None:
    message = under_way(ROADS)
    for ended in (annulled(message), authoring.withdraw(message, doing(author_of(message)))):
        assert [e.authority for e in ended.events if e.act == "cancel"] == [CITY, ROADS]
        assert [a.stage for a in ended.current] == [AssignmentStage.CANCELLED] * 2


@pytest.mark.clause("2.1-interagency")
def test_reopening_ends_contributions_that_nobody_placed() -> None:
    unhappy = rated(placed(ready(under_way(ROADS))), 1, "Не сделали")
    again = authoring.reopen(unhappy, doing(author_of(unhappy)))
    assert [(a.authority, a.stage) for a in again.assignments] == [
        (CITY, AssignmentStage.READY),
        (ROADS, AssignmentStage.CANCELLED),
    ]
    road_grant = a_grant(body=ROADS)
    actor = Actor(channel=Channel.WEB, participant_id=ROAD_OFFICIAL.participant_id, grants=(road_grant,))
    hidden = evolve(again, publicity=Publicity.NON_PUBLIC)
    assert view_of(hidden, actor) is View.TRACE


@pytest.mark.clause("2.2-intake")
def test_a_contributor_who_returns_after_the_answer_sends_nothing_to_the_coordinator() -> None:
    once = routed(returned(under_way()), CITY, ROADS)
    unhappy = rated(placed(ready(once)), 1, "Не сделали")
    late = answering.return_assignment(unhappy, unhappy.current[-1].id, "Не наше", None, doing(ROAD_OFFICIAL))
    assert (late.returns, late.routing_due, late.is_with_coordinator) == (1, None, False)
    again = authoring.reopen(late, doing(author_of(late)))
    assert routed(again).stage is Stage.ROUTED


@pytest.mark.clause("4.7-rate")
def test_whoever_answered_leads_for_ever() -> None:
    answered = placed(ready(under_way(ROADS)))
    with pytest.raises(IllegalMove):
        moderating.change_lead(answered, answered.current[1].id, doing(MODERATOR))
    assert rated(answered).stage is Stage.CLOSED


@pytest.mark.clause("2.1-interagency")
def test_a_contributor_who_comes_to_lead_answers_by_the_authors_term() -> None:
    targets = (
        moderating.Target(authority=CITY, is_lead=True),
        moderating.Target(authority=ROADS, working_days=2),
    )
    message = accepted(a_message(a_person()))
    routing = evolve(_routing(), targets=targets)
    both = moderating.route(message, routing, None, doing(MODERATOR))
    late = tick(both, RULES, at=both.current[1].due_at)
    assert late.current[1].overdue_at is not None
    for led in (
        moderating.change_lead(late, late.current[1].id, doing(MODERATOR)),
        routed(late, ROADS, CITY),
    ):
        assert led.lead is not None
        assert (led.lead.authority, led.lead.due_at, led.lead.overdue_at) == (ROADS, both.answer_due, None)


def _routing() -> moderating.Routing:
    ids = tuple(AssignmentId(new_id()) for _ in range(2))
    return moderating.Routing(targets=(), at_work=at_work(CITY, ROADS), working_days=8, new_ids=ids)


@pytest.mark.clause("4.6-process")
def test_naming_a_lead_routes_a_returned_message_unless_the_coordinator_does() -> None:
    message = returned(under_way(ROADS))
    contributor = message.current[1].id
    led = moderating.change_lead(message, contributor, doing(MODERATOR))
    assert desk_of(led) is None
    twice = evolve(message, returns=2, is_with_coordinator=True)
    with pytest.raises(CoordinatorRoutes):
        moderating.change_lead(twice, contributor, doing(MODERATOR))


@pytest.mark.clause("4.6-process")
def test_what_is_possible_names_the_one_who_routes() -> None:
    message = returned(under_way())
    for waiting, router in (
        (message, Role.MODERATOR),
        (evolve(message, is_with_coordinator=True), Role.COORDINATOR),
    ):
        for role in (Role.MODERATOR, Role.COORDINATOR):
            possible = possible_acts(waiting, frozenset({role}), NOON, RULES)
            assert (Act.ROUTE in possible) == (role is router)
    lead = evolve(_routing(), targets=(moderating.Target(authority=ROADS, is_lead=True),))
    alone = evolve(lead, new_ids=lead.new_ids[:1])
    with pytest.raises(CoordinatorRoutes):
        moderating.route(message, alone, None, doing(COORDINATOR))
    with_coordinator = evolve(message, is_with_coordinator=True)
    assert moderating.route(with_coordinator, alone, None, doing(COORDINATOR)).lead is not None


@pytest.mark.clause("4.6-answers")
def test_nobody_places_or_sends_back_a_contribution_of_their_own() -> None:
    both = routed(accepted(a_message(a_person())), ROADS, CITY)
    city = both.current[1].id
    taken = answering.take(both, city, doing(OFFICIAL))
    prepared = ready(answering.prepare(taken, city, DONE, needs_approval=False, doing=doing(OFFICIAL)))
    with pytest.raises(OwnAnswer):
        moderating.return_answer(prepared, city, "Доработать", doing(TWO_HATS))
    answered = moderating.place(prepared, doing(TWO_HATS))
    assert [a.authority for a in answered.placed] == [ROADS]
    with pytest.raises(OwnAnswer):
        moderating.place_contribution(answered, city, doing(TWO_HATS))
    later = moderating.place_contribution(answered, city, doing(OTHER_MODERATOR))
    assert [a.authority for a in later.placed] == [ROADS, CITY]


@pytest.mark.clause("4.6-process")
def test_history_says_where_an_act_really_led() -> None:
    prepared = ready(under_way())
    assert (prepared.entries[-1].act, prepared.entries[-1].to_stage) == ("prepare", "ready")
    answered = placed(prepared)
    assert [rated(answered, value).entries[-1].to_stage for value in (2, 3)] == ["answered", "closed"]


@pytest.mark.clause("1.3-office")
def test_a_second_term_of_the_moderators_is_found_missed_too() -> None:
    late = contributed(placed(ready(routed(accepted(a_message(a_person())), CITY, ROADS, "vo-kter"))))
    first = desk_of(late)
    assert first is not None
    missed = tick(late, RULES, at=first.due)
    assert tick(missed, RULES, at=first.due + timedelta(hours=1)) is missed
    gone = moderating.place_contribution(missed, missed.current[1].id, doing(MODERATOR, first.due))
    third = gone.current[2].id
    other = evolve(OFFICIAL, body="vo-kter")
    taken = answering.take(gone, third, doing(other, first.due))
    again = answering.prepare(taken, third, DONE, needs_approval=False, doing=doing(other, first.due))
    second = desk_of(again)
    assert second is not None
    marks = [e.at for e in tick(again, RULES, at=second.due).entries if e.words == "desk"]
    assert marks == [first.due, second.due]


@pytest.mark.clause("1.3-office")
def test_asking_for_longer_does_not_hide_or_repeat_a_missed_desk() -> None:
    message = returned(under_way(ROADS))
    desk = desk_of(message)
    assert desk is not None
    missed = tick(message, RULES, at=desk.due)
    other = message.current[1].id
    taken = answering.take(missed, other, doing(ROAD_OFFICIAL, desk.due))
    asked = answering.ask_prolongation(taken, other, "Ждём", 3, doing(ROAD_OFFICIAL, desk.due))
    assert tick(asked, RULES, at=desk.due + timedelta(minutes=1)) is asked


@pytest.mark.clause("1.3-office")
def test_a_missed_desk_or_promise_is_told_with_the_term_that_was_missed() -> None:
    message = a_message(a_person())
    desk = desk_of(message)
    assert desk is not None
    late = told_events(tick(message, RULES, at=desk.due + timedelta(days=1)))[-1]
    assert late.due == desk.due  # type: ignore[attr-defined]
    promised = NOON.date() + timedelta(days=20)
    end = RULES.calendar.end_of(promised)
    closed = rated(placed(ready(under_way(), Planned(promised))))
    broken = tick(closed, RULES, at=end)
    assert told_events(broken)[-1].due == end  # type: ignore[attr-defined]
    escalated = tick(broken, RULES, at=RULES.escalation_due(end))
    newest = told_events(escalated)[-1]
    assert (newest.act, newest.words, newest.due) == ("escalate", "promise", end)  # type: ignore[attr-defined]
    assert tick(escalated, RULES, at=end + timedelta(days=90)) is escalated


@pytest.mark.clause("4.5")
def test_a_promise_is_for_a_day_that_somebody_will_see() -> None:
    taken = answering.take(message := under_way(), lead_id(message), doing(OFFICIAL))
    draft = AnswerDraft(text="Сделаем", outcome=Planned(date.max))
    with pytest.raises(Invalid) as refused:
        answering.prepare(taken, lead_id(taken), draft, needs_approval=False, doing=doing(OFFICIAL))
    assert [fault.code for fault in refused.value.faults] == ["too-far"]
