"""Each act is written down under the document that rules it (decree 0.4): walked through once, every act."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache

import pytest
from attrs import evolve

from niktokromenas.domain.messages import answering, asking, authoring, masking, merging, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Planned
from niktokromenas.domain.messages.content import Found, check
from niktokromenas.domain.messages.masks import Masks
from niktokromenas.domain.messages.message import HistoryEntry, Message
from niktokromenas.domain.messages.moves import Doing
from niktokromenas.domain.messages.stages import Act, AssignmentAct, Publicity
from niktokromenas.domain.messages.suspending import replied
from niktokromenas.domain.messages.ticking import mark_orphaned, tick
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
RULED_BY_MODERATION = {
    Act.ASK_CLARIFICATION,
    Act.REJECT,
    Act.ACCEPT,
    Act.ANNUL,
    Act.SET_PUBLICITY,
    Act.MASK,
    Act.MERGE,
    Act.TAKE_IN,
    Act.SPLIT_OFF,
    Act.LET_GO,
}
LATER = NOON + timedelta(days=200)


@cache
def entries() -> Mapping[str, HistoryEntry]:
    """The newest entry of each act, from lives that between them have all of them."""
    lives = (
        _refused_and_mended(),
        _annulled(),
        _answered_and_closed(),
        _worked_on(),
        _withdrawn(),
        _late(),
        *_merged(),
        _talked_about(),
    )
    return {entry.act: entry for life in lives for entry in life.entries}


def _refused_and_mended() -> Message:
    message = a_message(a_person())
    checked = check(a_draft(), a_region(), Found(municipality="18701000"), at=NOON)
    by = doing(author_of(message))
    asked = moderating.ask_clarification(message, "Где?", doing(MODERATOR))
    replied = authoring.clarify(asked, checked, by)
    lapsed = tick(
        moderating.ask_clarification(replied, "Где?", doing(MODERATOR)), RULES, at=NOON + timedelta(days=5)
    )
    back = authoring.revive(lapsed, checked, by)
    rejected = moderating.reject(
        back, a_region().resolve_grounds(["no_substance"]), "Неясно", doing(MODERATOR)
    )
    return authoring.revise(rejected, checked, by)


def _annulled() -> Message:
    grounds = a_region().resolve_grounds(["ads"])
    return moderating.annul(routed(accepted(a_message(a_person()))), grounds, "Реклама", doing(MODERATOR))


def _answered_and_closed() -> Message:
    promise = Planned((NOON + timedelta(days=20)).date())
    hidden = accepted(a_message(a_person()), public=False)
    proposed = moderating.set_publicity(hidden, Publicity.PUBLIC, None, doing(MODERATOR))
    by = doing(author_of(hidden))
    agreed = authoring.answer_publicity_proposal(proposed, agrees=True, doing=by)
    unhappy = rated(placed(ready(routed(agreed))), 1, "Не сделали")
    again = rated(placed(ready(routed(authoring.reopen(unhappy, by)), promise)), 2)
    late = tick(again, RULES, at=LATER)
    return answering.report_promise(late, is_done=True, words="Сделали", doing=doing(OFFICIAL))


def _worked_on() -> Message:
    message = routed(accepted(a_message(a_person())), CITY, ROADS)
    other = message.current[1].id
    lead, official = lead_id(message), doing(OFFICIAL)
    message = answering.take(message, lead, official)
    message = answering.release(message, lead, official)
    message = answering.take(message, lead, official)
    for grants in (False, True):
        message = answering.ask_prolongation(message, lead, "Ждём", 3, official)
        message = moderating.decide_prolongation(
            message, lead, grants=grants, words="Так", doing=doing(MODERATOR)
        )
    draft = AnswerDraft(text="Да", outcome=Done())
    message = answering.prepare(message, lead, draft, needs_approval=True, doing=official)
    message = answering.send_back_draft(message, lead, "Ещё", is_approver=True, doing=doing(APPROVER))
    message = answering.prepare(message, lead, draft, needs_approval=True, doing=official)
    message = answering.approve(message, lead, is_approver=True, doing=doing(APPROVER))
    message = moderating.return_answer(message, lead, "Ещё", doing(MODERATOR))
    message = answering.prepare(message, lead, draft, needs_approval=False, doing=official)
    message = placed(message)
    message = answering.take(message, other, doing(ROAD_OFFICIAL))
    message = answering.prepare(message, other, draft, needs_approval=False, doing=doing(ROAD_OFFICIAL))
    return moderating.place_contribution(message, other, doing(MODERATOR))


def _withdrawn() -> Message:
    message = routed(accepted(a_message(a_person())), CITY, ROADS)
    message = mark_orphaned(message, CITY, RULES, at=NOON)
    message = moderating.change_lead(message, message.current[1].id, doing(MODERATOR))
    message = moderating.cancel_assignment(message, message.current[0].id, None, "Снято", doing(MODERATOR))
    message = answering.return_assignment(message, lead_id(message), "Не наше", None, doing(ROAD_OFFICIAL))
    return authoring.withdraw(message, doing(author_of(message)))


def _merged() -> tuple[Message, ...]:
    original = accepted(masking.mask(a_message(a_person()), Masks(), "Ничего", doing(MODERATOR)))
    pair = merging.merge(a_message(a_person(2), "26-000002"), original, "Одно", doing(MODERATOR))
    apart = merging.split_off(*pair, "Разное", doing(MODERATOR))
    duplicate, original = merging.merge(*apart, "Одно", doing(MODERATOR))
    answered = placed(ready(routed(original)))
    shared = merging.rate_shared(duplicate, answered, 5, None, doing(author_of(duplicate)))
    gone = merging.leave(original, None, doing(author_of(original)))
    return shared, answered, gone


def _talked_about() -> Message:
    rules = evolve(RULES, regulation=evolve(RULES.regulation, asking_suspends_term=True))
    message = routed(accepted(a_message(a_person())))
    official = Doing(by=OFFICIAL, at=NOON, rules=rules)
    message = answering.take(message, lead_id(message), official)
    message = asking.answer_interim(message, lead_id(message), "Начали", official)
    message = asking.ask(message, lead_id(message), "Где?", official)
    return replied(message, Doing(by=author_of(message), at=NOON, rules=rules))


def _late() -> Message:
    return tick(routed(accepted(a_message(a_person()))), RULES, at=LATER)


def test_the_walk_leaves_no_act_out() -> None:
    assert set(entries()) == {*Act, *AssignmentAct}


@pytest.mark.clause("0.4")
def test_the_two_documents_have_versions_of_their_own() -> None:
    regulation = evolve(RULES.regulation, version="R-7")
    rules = evolve(RULES, regulation=regulation, moderation_rules_version="M-3")
    assert (rules.regulation_words, rules.moderation_words) == ("regulation R-7", "moderation-rules M-3")


@pytest.mark.clause("0.4")
@pytest.mark.clause("8.1")
@pytest.mark.parametrize("act", sorted(RULED_BY_MODERATION))
def test_a_decision_of_moderation_names_the_moderation_rules_version(act: str) -> None:
    assert entries()[act].document == RULES.moderation_words


@pytest.mark.clause("0.4")
@pytest.mark.parametrize("act", sorted({*Act, *AssignmentAct} - RULED_BY_MODERATION - {AssignmentAct.CANCEL}))
def test_every_other_act_names_the_regulations_version(act: str) -> None:
    assert entries()[act].document == RULES.regulation_words


@pytest.mark.clause("0.4")
def test_cancelling_goes_by_the_document_of_what_it_is_part_of() -> None:
    newest = [life.entries[-1] for life in (_annulled(), _unnamed(), _cancelled())]
    assert [(entry.act, entry.document) for entry in newest] == [
        ("cancel", RULES.moderation_words),
        ("cancel", RULES.regulation_words),
        ("cancel", RULES.regulation_words),
    ]


def _unnamed() -> Message:
    again = routed(routed(accepted(a_message(a_person())), CITY, ROADS), CITY)
    assert again.current[1].stage == "cancelled"
    return again


def _cancelled() -> Message:
    message = routed(accepted(a_message(a_person())), CITY, ROADS)
    return moderating.cancel_assignment(message, message.current[1].id, None, "Снято", doing(MODERATOR))
