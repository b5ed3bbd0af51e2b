"""Every number of section 8 and of the Regulation, and its neighbour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import AssignmentId, ParticipantId
from niktokromenas.domain.messages import answering, authoring, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Outcome, Planned
from niktokromenas.domain.messages.content import Found, MessageDraft, check
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moderating import Routing, Target
from niktokromenas.domain.messages.moves import Doing, IllegalMove, NotAssigned, NotTheAuthor, OwnMessage
from niktokromenas.domain.messages.stages import AssignmentStage, Publicity, Stage
from niktokromenas.domain.messages.telling import told_events
from niktokromenas.domain.messages.ticking import mark_orphaned, tick
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.authorities import AuthorityOrphaned, CannotBeRoutedTo
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
    doing,
    lead_id,
    placed,
    rated,
    ready,
    routed,
)
from tests.contract.stores import NOON, a_region, a_rulebook

RULES = a_rulebook()
IN_CITY = Found(municipality="18701000")
SECOND = timedelta(seconds=1)
YEAR = timedelta(days=366)
PHOTO = an_attachment()


def codes_of(found: Found | None = IN_CITY, **changes: Any) -> list[str]:
    """What is wrong with the draft; nothing, where it may be sent."""
    try:
        check(a_draft(**changes), a_region(), found, at=NOON)
    except Invalid as refused:
        return [fault.code for fault in refused.faults]
    return []


@pytest.mark.clause("8.2-content")
@pytest.mark.parametrize(
    ("within", "beyond", "code"),
    [
        ({"text": "я" * 10_000}, {"text": "я" * 10_001}, "too-long"),
        (
            {"attachments": tuple(an_attachment() for _ in range(10))},
            {"attachments": tuple(an_attachment() for _ in range(11))},
            "too-many",
        ),
        ({"attachments": (PHOTO,)}, {"attachments": (PHOTO, PHOTO)}, "repeated"),
    ],
)
def test_a_message_has_room_for_so_much(within: Any, beyond: Any, code: str) -> None:
    assert (codes_of(**within), codes_of(**beyond)) == ([], [code])


@pytest.mark.clause("8.2-occasion")
@pytest.mark.parametrize(
    ("within", "beyond", "code"),
    [
        (
            {"begins_at": datetime(2000, 1, 1, tzinfo=UTC)},
            {"begins_at": datetime(2000, 1, 1, tzinfo=UTC) - SECOND},
            "bad-time",
        ),
        ({"begins_at": NOON + YEAR}, {"begins_at": NOON + YEAR + SECOND}, "bad-time"),
        ({"ends_at": NOON + YEAR}, {"ends_at": NOON + YEAR + SECOND}, "bad-time"),
        (
            {"begins_at": NOON, "ends_at": NOON},
            {"begins_at": NOON, "ends_at": NOON - SECOND},
            "ends-before-start",
        ),
        ({"address": "у" * 500}, {"address": "у" * 501}, "too-long"),
        ({"place_words": "у" * 500}, {"place_words": "у" * 501}, "too-long"),
    ],
)
def test_a_time_and_a_place_lie_within_reach(within: Any, beyond: Any, code: str) -> None:
    assert (codes_of(**within), codes_of(**beyond)) == ([], [code])


@pytest.mark.clause("8.2-occasion")
@pytest.mark.parametrize(
    "missing",
    [
        {"municipality": None, "place_words": "У дома культуры"},
        {"municipality": "18710000", "place_words": None},
        {"municipality": "18710000", "place_words": " "},
    ],
)
def test_without_a_point_a_place_is_a_municipality_and_words(missing: dict[str, Any]) -> None:
    assert codes_of(found=None, point=None, **missing) == ["no-place"]


@pytest.mark.clause("8.3")
@pytest.mark.parametrize(
    ("within", "beyond", "code"),
    [
        ({"name": "а" * 200}, {"name": "а" * 201}, "too-long"),
        ({"circumstances": "а" * 2000}, {"circumstances": "а" * 2001}, "too-long"),
        ({"phone": "+79001234567", "shows_phone": True}, {"shows_phone": True}, "nothing-to-show"),
    ],
)
def test_what_the_author_adds_is_bounded_and_is_there_to_be_shown(
    within: Any, beyond: Any, code: str
) -> None:
    assert (codes_of(**within), codes_of(**beyond)) == ([], [code])


@pytest.mark.clause("8.3")
def test_each_tick_shows_its_own_detail_and_no_other() -> None:
    details = {"name": "Анна", "phone": "+79001234567", "circumstances": "Болею"}
    for ticked in details:
        found = check(a_draft(**details, **{f"shows_{ticked}": True}), a_region(), IN_CITY, at=NOON).details
        assert [name for name in details if getattr(found, f"shows_{name}")] == [ticked]


@pytest.mark.clause("8.4")
def test_a_wish_for_non_public_has_a_reason_of_at_most_500_characters() -> None:
    wish = {"wishes_non_public": True}
    assert codes_of(**wish, wish_reason="с" * 500) == []
    assert codes_of(**wish, wish_reason="с" * 501) == ["too-long"]
    assert codes_of(**wish, wish_reason=" ") == ["no-reason"]


def under_way() -> Message:
    return routed(accepted(a_message(a_person())))


def in_progress() -> Message:
    message = under_way()
    return answering.take(message, lead_id(message), doing(OFFICIAL))


def prepared(text: str = "Да", outcome: Outcome | None = None, by: Acting = OFFICIAL) -> Message:
    draft = AnswerDraft(text=text, outcome=outcome or Done())
    message = in_progress()
    return answering.prepare(message, lead_id(message), draft, needs_approval=False, doing=doing(by))


@pytest.mark.clause("1.3-answer")
def test_an_answer_has_room_for_20_000_characters_and_may_promise_today() -> None:
    assert prepared("а" * 20_000)
    with pytest.raises(Invalid):
        prepared("а" * 20_001)
    assert prepared(outcome=Planned(RULES.calendar.local_date(NOON)))


@pytest.mark.clause("4.7-rate")
def test_a_rating_is_one_to_five_with_a_comment_of_at_most_2000_characters() -> None:
    answered = placed(prepared())
    stages = [rated(answered, value).stage for value in range(1, 6)]
    assert stages == [Stage.ANSWERED] * 2 + [Stage.CLOSED] * 3
    assert rated(answered, 1, "а" * 2000)
    for value, comment in ((0, None), (6, None), (1, "а" * 2001)):
        with pytest.raises(Invalid):
            rated(answered, value, comment)


@pytest.mark.clause("4.7-rate")
def test_rating_and_reopening_end_with_the_last_second_of_their_terms() -> None:
    answered = placed(prepared())
    due = answered.rating_due
    assert due == RULES.working_days(NOON, 10)
    unhappy = rated(answered, 1, "Нет", at=due - SECOND)
    assert authoring.reopen(unhappy, doing(author_of(unhappy), due - SECOND)).stage is Stage.ACCEPTED
    with pytest.raises(IllegalMove):
        rated(answered, 1, at=due)
    with pytest.raises(IllegalMove):
        authoring.reopen(unhappy, doing(author_of(unhappy), due))


@pytest.mark.clause("4.6-process")
def test_the_moderator_asks_twice_at_most() -> None:
    message = a_message(a_person())
    checked = check(a_draft(), a_region(), IN_CITY, at=NOON)
    for _ in range(2):
        asked = moderating.ask_clarification(message, "Где?", doing(MODERATOR))
        assert (asked.question, asked.moderation_due) == ("Где?", None)
        message = authoring.clarify(asked, checked, doing(author_of(message)))
    with pytest.raises(IllegalMove):
        moderating.ask_clarification(message, "Где?", doing(MODERATOR))


@pytest.mark.clause("4.6-process")
@pytest.mark.parametrize("words", ["в" * 2001, " ", None])
def test_whoever_owes_words_says_them_within_2000_characters(words: str | None) -> None:
    assert moderating.ask_clarification(a_message(a_person()), "в" * 2000, doing(MODERATOR)).question
    with pytest.raises(Invalid):
        moderating.ask_clarification(a_message(a_person()), words, doing(MODERATOR))


@pytest.mark.clause("4.6-process")
def test_one_final_ground_among_several_makes_a_rejection_final() -> None:
    grounds = a_region().resolve_grounds(["no_substance", "ads"])
    rejected = moderating.reject(a_message(a_person()), grounds, "Реклама", doing(MODERATOR))
    assert rejected.rejection is not None
    assert (rejected.rejection.is_final, rejected.moderation_due) == (True, None)


def different_terms() -> Doing:
    """Numbers of a Regulation of which no two are alike."""
    regulation = evolve(
        RULES.regulation,
        moderation_working_days=2,
        routing_working_days=3,
        placing_working_days=4,
        clarification_calendar_days=5,
        lapse_revival_calendar_days=16,
        rating_working_days=7,
        reopening_working_days=9,
    )
    return Doing(by=MODERATOR, at=NOON, rules=evolve(RULES, regulation=regulation))


@pytest.mark.clause("1.4")
def test_each_term_is_the_one_the_regulation_has_for_it() -> None:
    how = different_terms()
    days, at = RULES.calendar.due_after_working_days, NOON
    message = a_message(a_person())
    author, official = evolve(how, by=author_of(message)), evolve(how, by=OFFICIAL)
    asked = moderating.ask_clarification(message, "Где?", how)
    assert asked.clarification_due == RULES.calendar.due_after_calendar_days(at, 5)
    lapsed = tick(asked, how.rules, at=asked.clarification_due)
    assert lapsed.rejection is not None
    assert lapsed.rejection.revivable_until == RULES.calendar.due_after_calendar_days(lapsed.rejection.at, 16)
    again = authoring.clarify(asked, check(a_draft(), a_region(), IN_CITY, at=NOON), author)
    assert again.moderation_due == days(at, 2)
    taken_in = moderating.accept(again, "roads.pothole", Publicity.PUBLIC, None, how)
    assert taken_in.routing_due == days(at, 3)
    given = routed(taken_in)
    back = answering.return_assignment(given, lead_id(given), "Не наше", None, official)
    assert back.routing_due == days(at, 3)
    taken = answering.take(given, lead_id(given), official)
    draft = AnswerDraft(text="Да", outcome=Done())
    done = answering.prepare(taken, lead_id(taken), draft, needs_approval=False, doing=official)
    assert done.current[0].placing_due == days(at, 4)
    answered = moderating.place(done, how)
    assert (answered.rating_due, answered.reopening_due) == (days(at, 7), days(at, 9))
    assert told_events(answered)[-1].due == days(at, 7)  # type: ignore[attr-defined]
    closed = tick(rated(answered, 1, "Нет"), how.rules, at=days(at, 7))
    reopened = authoring.reopen(closed, evolve(author, at=days(at, 9) - SECOND))
    assert reopened.routing_due == days(days(at, 9) - SECOND, 3)
    with pytest.raises(IllegalMove):
        authoring.reopen(closed, evolve(author, at=days(at, 9)))


def routing_of(*targets: Target) -> Routing:
    ids = tuple(AssignmentId(new_id()) for _ in targets)
    codes = (target.authority for target in targets)
    return Routing(targets=targets, at_work=at_work(*codes), working_days=8, new_ids=ids)


LEAD = Target(authority=CITY, is_lead=True)


@pytest.mark.clause("2.1-interagency")
@pytest.mark.parametrize(
    ("targets", "code"),
    [
        ((), "no-targets"),
        ((LEAD, *(Target(authority=f"a{number}") for number in range(10))), "no-targets"),
        ((Target(authority=CITY), Target(authority=ROADS)), "one-lead"),
        ((LEAD, Target(authority=ROADS, is_lead=True)), "one-lead"),
        ((LEAD, Target(authority=CITY)), "repeated"),
        ((LEAD, Target(authority=ROADS, working_days=0)), "bad-term"),
        ((LEAD, Target(authority=ROADS, working_days=9)), "bad-term"),
    ],
)
def test_a_routing_names_one_lead_and_up_to_nine_contributors_within_the_term(
    targets: tuple[Target, ...], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        moderating.route(accepted(a_message(a_person())), routing_of(*targets), None, doing(MODERATOR))
    assert code in [fault.code for fault in refused.value.faults]


@pytest.mark.clause("2.1-interagency")
def test_ten_authorities_work_on_one_message_each_by_its_term() -> None:
    others = [Target(authority=f"a{number}", working_days=number) for number in range(1, 9)]
    targets = (LEAD, *others, Target(authority=ROADS))
    message = moderating.route(accepted(a_message(a_person())), routing_of(*targets), None, doing(MODERATOR))
    terms = [8, *range(1, 9), 8]
    assert [a.due_at for a in message.current] == [RULES.working_days(NOON, days) for days in terms]
    assert [a.is_lead for a in message.current] == [True] + [False] * 9


@pytest.mark.clause("2.1-interagency")
def test_a_lead_named_later_has_what_is_left_of_the_authors_term_and_a_contributor_its_own() -> None:
    message, later = under_way(), NOON + timedelta(days=5)
    how = doing(MODERATOR, later)
    again = moderating.route(
        message, routing_of(Target(authority=ROADS, is_lead=True), Target(authority="a1")), None, how
    )
    lead, other = again.current[1:]
    assert lead.due_at == message.answer_due
    assert other.due_at == RULES.working_days(later, 8)


@pytest.mark.clause("4.5")
def test_only_the_one_who_took_it_answers_and_anyone_of_the_body_may_free_it() -> None:
    taken = in_progress()
    draft = AnswerDraft(text="Да", outcome=Done())
    with pytest.raises(answering.NotTaken):
        prepared(by=APPROVER)
    with pytest.raises(answering.NotTaken):
        answering.ask_prolongation(taken, lead_id(taken), "Ждём", 3, doing(APPROVER))
    with pytest.raises(NotAssigned):
        answering.prepare(taken, lead_id(taken), draft, needs_approval=False, doing=doing(ROAD_OFFICIAL))
    freed = answering.release(taken, lead_id(taken), doing(APPROVER))
    assert (freed.current[0].stage, freed.current[0].taken_by) == (AssignmentStage.ASSIGNED, None)


@pytest.mark.clause("4.5")
def test_a_prolongation_is_asked_for_in_term_for_at_most_that_term() -> None:
    taken = in_progress()
    lead, due = lead_id(taken), taken.current[0].due_at
    assert answering.ask_prolongation(taken, lead, "Ждём", 8, doing(OFFICIAL, due - SECOND))
    for days in (0, 9):
        with pytest.raises(Invalid):
            answering.ask_prolongation(taken, lead, "Ждём", days, doing(OFFICIAL))
    asked = answering.ask_prolongation(taken, lead, "Ждём", 8, doing(OFFICIAL))
    with pytest.raises(IllegalMove):
        answering.ask_prolongation(asked, lead, "Ждём", 8, doing(OFFICIAL))
    refused = moderating.decide_prolongation(asked, lead, grants=False, words="Нет", doing=doing(MODERATOR))
    assert (refused.current[0].due_at, refused.current[0].prolongation) == (due, None)
    with pytest.raises(Invalid):
        moderating.decide_prolongation(asked, lead, grants=False, words=" ", doing=doing(MODERATOR))
    ready_now = answering.prepare(
        asked, lead, AnswerDraft(text="Да", outcome=Done()), needs_approval=False, doing=doing(OFFICIAL)
    )
    assert ready_now.current[0].prolongation is None


@pytest.mark.clause("4.5")
def test_an_answer_sent_back_is_mended_by_whoever_has_it() -> None:
    done = ready(under_way())
    back = moderating.return_answer(done, lead_id(done), "Нет фото", doing(MODERATOR))
    assignment = back.current[0]
    assert (assignment.stage, assignment.taken_by, assignment.send_back_words, assignment.placing_due) == (
        AssignmentStage.IN_PROGRESS,
        OFFICIAL.participant_id,
        "Нет фото",
        None,
    )
    draft = AnswerDraft(text="С фото", outcome=Done(), attachments=(an_attachment(),))
    again = answering.prepare(back, assignment.id, draft, needs_approval=False, doing=doing(OFFICIAL))
    assert again.current[0].send_back_words is None


@pytest.mark.clause("4.5")
def test_only_the_authority_that_promised_reports_on_it() -> None:
    promise = Planned(NOON.date() + timedelta(days=20))
    closed = rated(placed(ready(under_way(), promise)))
    with pytest.raises(NotAssigned):
        answering.report_promise(closed, is_done=True, words="Так", doing=doing(ROAD_OFFICIAL))
    reported = answering.report_promise(closed, is_done=False, words="Нет", doing=doing(OFFICIAL))
    with pytest.raises(IllegalMove):
        answering.report_promise(reported, is_done=True, words="Так", doing=doing(OFFICIAL))


@pytest.mark.clause("1.3-office")
def test_an_orphaned_assignment_is_marked_once_until_somebody_takes_it() -> None:
    message = routed(accepted(a_message(a_person())), CITY, ROADS)
    marked = mark_orphaned(message, CITY, RULES, at=NOON)
    assert [a.orphaned_at for a in marked.current] == [NOON, None]
    assert mark_orphaned(marked, CITY, RULES, at=NOON + SECOND) is marked
    taken = answering.take(marked, lead_id(marked), doing(OFFICIAL))
    assert taken.current[0].orphaned_at is None
    done = ready(message)
    assert mark_orphaned(done, CITY, RULES, at=NOON) is done


@pytest.mark.clause("1.3-office")
def test_a_ready_answer_is_not_overdue_and_its_term_is_the_moderators() -> None:
    done = ready(under_way())
    due = done.current[0].placing_due
    assert due is not None
    late = tick(done, RULES, at=done.current[0].due_at + timedelta(days=30))
    assert [(entry.act, entry.words) for entry in late.entries[len(done.entries) :]] == [
        ("mark-overdue", "desk")
    ]
    assert told_events(done)[-1].due == due  # type: ignore[attr-defined]


def test_nobody_works_on_their_own_message() -> None:
    message = under_way()
    themselves = evolve(OFFICIAL, participant_id=message.author.participant_id)
    with pytest.raises(OwnMessage):
        answering.take(message, lead_id(message), doing(themselves))


def test_what_was_sent_for_an_organisation_is_that_organisations() -> None:
    message = a_message(a_person())
    organisation = ParticipantId(new_id())
    theirs = evolve(message, author=evolve(message.author, organisation_id=organisation))
    with pytest.raises(NotTheAuthor):
        authoring.withdraw(theirs, doing(author_of(message)))
    assert authoring.withdraw(theirs, doing(author_of(theirs))).stage is Stage.WITHDRAWN


@pytest.mark.clause("4.6-process")
def test_a_new_edition_brings_new_details_and_keeps_the_category_where_it_names_none() -> None:
    message = a_message(a_person())
    asked = moderating.ask_clarification(message, "Где?", doing(MODERATOR))
    draft: MessageDraft = a_draft(text="Яма у школы", category=None, circumstances="Хожу с коляской")
    checked = check(draft, a_region(), IN_CITY, at=NOON)
    again = authoring.clarify(asked, checked, doing(author_of(message)))
    assert (again.category, again.edition, again.content.text) == ("roads.pothole", 2, "Яма у школы")
    assert again.author.details.circumstances == "Хожу с коляской"
    assert again.entries[-1].content == again.content


@pytest.mark.clause("4.6-publicity")
def test_a_message_made_public_with_consent_has_no_reason_against_it_left() -> None:
    hidden = accepted(a_message(a_person()), public=False)
    proposed = moderating.set_publicity(hidden, Publicity.PUBLIC, None, doing(MODERATOR))
    agreed = authoring.answer_publicity_proposal(proposed, agrees=True, doing=doing(author_of(hidden)))
    assert (agreed.publicity_reason, agreed.is_publicity_proposed) == (None, False)
    for publicity, reason in ((Publicity.PUBLIC, None), (Publicity.NON_PUBLIC, " ")):
        with pytest.raises((IllegalMove, Invalid)):
            moderating.set_publicity(agreed, publicity, reason, doing(MODERATOR))


@pytest.mark.clause("4.6-answers")
def test_what_an_act_on_an_assignment_was_about_stays_in_history() -> None:
    done = ready(under_way())
    lead = lead_id(done)
    assert [(e.assignment_id, e.authority) for e in done.entries[-2:]] == [(lead, CITY)] * 2


@pytest.mark.clause("2.1-interagency")
@pytest.mark.parametrize(
    ("targets", "faults"),
    [
        ((), [("/targets", "no-targets", None), ("/targets", "one-lead", "Положение, п. 2.1")]),
        (
            (LEAD, *(Target(authority=f"a{number}") for number in range(10))),
            [("/targets", "no-targets", None)],
        ),
        ((Target(authority=CITY),), [("/targets", "one-lead", "Положение, п. 2.1")]),
        ((LEAD, LEAD), [("/targets", "one-lead", "Положение, п. 2.1"), ("/targets", "repeated", None)]),
        ((LEAD, Target(authority=ROADS, working_days=0)), [("/targets/1/working_days", "bad-term", None)]),
        ((LEAD, Target(authority=ROADS, working_days=9)), [("/targets/1/working_days", "bad-term", None)]),
    ],
)
def test_what_is_wrong_with_a_routing_is_told_at_its_place(
    targets: tuple[Target, ...], faults: list[tuple[str, str, str | None]]
) -> None:
    with pytest.raises(Invalid) as refused:
        moderating.route(accepted(a_message(a_person())), routing_of(*targets), None, doing(MODERATOR))
    assert [(fault.pointer, fault.code, fault.basis) for fault in refused.value.faults] == faults
    for days in (1, 8):
        fitting = routing_of(LEAD, Target(authority=ROADS, working_days=days))
        assert moderating.route(accepted(a_message(a_person())), fitting, None, doing(MODERATOR))


def test_who_cannot_be_routed_to_is_named() -> None:
    routing = routing_of(LEAD, Target(authority=ROADS), Target(authority="vo-kter"))
    away = evolve(routing.at_work[ROADS], has_active_official=False)
    known = {CITY: routing.at_work[CITY], ROADS: away}
    with pytest.raises(CannotBeRoutedTo) as refused:
        moderating.route(
            accepted(a_message(a_person())), evolve(routing, at_work=known), None, doing(MODERATOR)
        )
    assert refused.value.members == {"authorities": [ROADS, "vo-kter"]}


def test_what_is_refused_tells_what_is_possible() -> None:
    message = in_progress()
    with pytest.raises(IllegalMove) as refused:
        moderating.accept(message, "roads", Publicity.PUBLIC, None, doing(MODERATOR))
    assert refused.value.members["stage"] == "routed"
    assert "annul" in str(refused.value.members["possible"])
    assert "take-in" not in refused.value.members["possible"]  # type: ignore[operator]
    with pytest.raises(IllegalMove) as refused:
        answering.take(message, lead_id(message), doing(OFFICIAL))
    assert refused.value.members == {
        "possible": ["release", "return", "ask", "answer-interim", "ask-prolongation", "prepare"]
    }


@pytest.mark.parametrize("days", [0, 9])
def test_a_longer_term_is_within_the_first(days: int) -> None:
    message = in_progress()
    with pytest.raises(Invalid) as refused:
        answering.ask_prolongation(message, lead_id(message), "Ждём", days, doing(OFFICIAL))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/working_days", "bad-term")]
    assert "1-8" in refused.value.detail
    for fitting in (1, 8):
        assert answering.ask_prolongation(message, lead_id(message), "Ждём", fitting, doing(OFFICIAL))


def test_events_tell_the_term_that_follows_and_who_leads() -> None:
    new = a_message(a_person())
    taken_in = accepted(new)
    waiting = routed(taken_in, CITY, ROADS)
    finished = ready(waiting)
    answered = placed(finished)
    for message, due, authority in (
        (new, new.moderation_due, None),
        (taken_in, taken_in.routing_due, None),
        (finished, finished.assignments[0].placing_due, CITY),
        (answered, answered.rating_due, CITY),
    ):
        told = told_events(message)[-1]
        assert (told.due, told.authority) == (due, authority)  # type: ignore[attr-defined]
    route, *assigns = told_events(waiting)[-3:]
    assert (route.due, route.authority) == (waiting.answer_due, CITY)  # type: ignore[attr-defined]
    assert [(told.due, told.authority) for told in assigns] == [  # type: ignore[attr-defined]
        (a.due_at, a.authority) for a in waiting.assignments
    ]
    bad = rated(answered, 1, "Нет")
    assert told_events(bad)[-1].authority == CITY  # type: ignore[attr-defined]
    assert told_events(bad)[-1].due is None  # type: ignore[attr-defined]
    marked = evolve(new, events=(evolve(new.events[0], due=NOON),))  # type: ignore[call-arg]
    assert told_events(marked)[0].due == NOON  # type: ignore[attr-defined]
    other = AuthorityOrphaned(subject_id=new.id, at=NOON, authority=CITY)
    assert told_events(evolve(new, events=(other,))) == (other,)
