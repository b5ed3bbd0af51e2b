"""Why a move of the table cannot be made now, in words, and the instant from which it can (п. 4.5-4.7)."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Forbidden
from niktokromenas.domain.ids import MessageId, ParticipantId
from niktokromenas.domain.messages import answering, authoring, merging, moderating
from niktokromenas.domain.messages.answers import Planned
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import (
    Doing,
    IllegalMove,
    NotTheAuthor,
    OwnMessage,
    moved,
    possible_acts,
)
from niktokromenas.domain.messages.stages import CONSEQUENCES, Act, Publicity
from niktokromenas.domain.messages.ticking import next_tick, tick
from niktokromenas.domain.participants.actors import SYSTEM, Acting
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import (
    APPROVER,
    CITY,
    MODERATOR,
    OFFICIAL,
    ROADS,
    a_message,
    a_person,
    accepted,
    author_of,
    doing,
    placed,
    rated,
    ready,
    routed,
)
from tests.contract.stores import NOON, a_region, a_rulebook

RULES = a_rulebook()
INSTANT = timedelta(microseconds=1)


def why(message: Message, act: Act, by: Acting | None = None, at: datetime = NOON) -> str | None:
    """What the refusal says; `None` where the act can be done. The list of what is possible agrees."""
    who = by or author_of(message)
    possible = act in possible_acts(message, frozenset({who.role}), at, RULES)
    try:
        moved(message, act, Doing(by=who, at=at, rules=RULES))
    except IllegalMove as refused:
        assert act in CONSEQUENCES or not possible
        return refused.detail
    assert act in CONSEQUENCES or possible
    return None


def rejected(ground: str = "no_substance") -> Message:
    grounds = a_region().resolve_grounds([ground])
    return moderating.reject(a_message(a_person()), grounds, "Так", doing(MODERATOR))


def asked() -> Message:
    return moderating.ask_clarification(a_message(a_person()), "Где?", doing(MODERATOR))


def answered(value: int | None = None, comment: str | None = None) -> Message:
    message = placed(ready(routed(accepted(a_message(a_person())))))
    return message if value is None else rated(message, value, comment)


def test_what_has_duplicates_is_neither_asked_about_nor_ended_nor_merged() -> None:
    shared = evolve(a_message(a_person()), duplicates=(MessageId(new_id()),))
    for act in (Act.ASK_CLARIFICATION, Act.REJECT, Act.MERGE):
        assert why(shared, act, MODERATOR) == "Сначала отделите объединённые с этим сообщения"
        assert why(evolve(shared, duplicates=()), act, MODERATOR) is None


def test_the_moderator_asks_as_often_as_the_regulation_says() -> None:
    limit = RULES.regulation.max_clarifications
    new = a_message(a_person())
    assert why(evolve(new, clarifications=limit - 1), Act.ASK_CLARIFICATION, MODERATOR) is None
    told = why(evolve(new, clarifications=limit), Act.ASK_CLARIFICATION, MODERATOR)
    assert told == "Уточнение уже запрашивали наибольшее число раз"


def test_what_was_rejected_is_mended_or_brought_back() -> None:
    limit = RULES.regulation.max_revisions
    assert why(rejected(), Act.REVISE) is None
    assert (
        why(rejected("ads"), Act.REVISE) == "Основание отклонения окончательное: исправить сообщение нельзя"
    )
    assert why(evolve(rejected(), revisions=limit - 1), Act.REVISE) is None
    mended = evolve(rejected(), revisions=limit)
    assert why(mended, Act.REVISE) == "Сообщение уже исправляли наибольшее число раз"
    assert why(rejected(), Act.REVIVE) == "Сообщение отклонено по решению модератора"
    lapsed_at = RULES.clarification_due(NOON)
    lapsed = tick(asked(), RULES, at=lapsed_at)
    until = RULES.revival_due(lapsed_at)
    assert why(lapsed, Act.REVIVE, at=until - INSTANT) is None
    assert why(lapsed, Act.REVIVE, at=until) == "Срок возобновления прошёл"
    told = "Сообщение отклонено без ответа на уточнение: его можно возобновить, ответив"
    assert why(lapsed, Act.REVISE) == told


def test_time_lapses_and_closes_not_a_moment_too_early() -> None:
    for message, act, due, told in (
        (asked(), Act.LAPSE, RULES.clarification_due(NOON), "Срок ответа на уточнение ещё не прошёл"),
        (answered(), Act.CLOSE, RULES.rating_due(NOON), "Срок оценки ещё не прошёл"),
    ):
        assert why(message, act, SYSTEM, due) is None
        assert why(message, act, SYSTEM, due - INSTANT) == told
    assert (
        why(evolve(asked(), clarification_due=None), Act.LAPSE, SYSTEM, NOON + timedelta(days=99)) is not None
    )
    assert why(evolve(answered(), rating_due=None), Act.CLOSE, SYSTEM, NOON + timedelta(days=99)) is not None


def test_nothing_is_taken_back_once_the_answer_is_ready() -> None:
    finished = ready(routed(accepted(a_message(a_person()))))
    for act in (Act.WITHDRAW, Act.LEAVE):
        assert why(finished, act) == "Ответ уже готов: отозвать сообщение нельзя"
        assert why(routed(accepted(a_message(a_person()))), act) is None
    assert why(finished, Act.PLACE, MODERATOR) is None
    told = why(routed(accepted(a_message(a_person()))), Act.PLACE, MODERATOR)
    assert told == "Ответ ведущего органа ещё не готов"


def test_an_answer_is_rated_once_in_its_term() -> None:
    due = RULES.rating_due(NOON)
    assert why(answered(), Act.RATE, at=due - INSTANT) is None
    assert why(answered(), Act.RATE, at=due) == "Срок оценки прошёл"
    assert why(evolve(answered(), rating_due=None), Act.RATE) == "Срок оценки прошёл"
    assert why(answered(2), Act.RATE) == "Этот ответ уже оценён"


def test_a_message_is_reopened_once_in_its_term_after_a_bad_rating_with_a_comment() -> None:
    due, bad = RULES.reopening_due(NOON), "Возобновить можно после оценки 1 или 2 с комментарием"
    assert why(answered(2, "Нет"), Act.REOPEN, at=due - INSTANT) is None
    assert why(answered(2, "Нет"), Act.REOPEN, at=due) == "Срок возобновления прошёл"
    assert why(evolve(answered(2, "Нет"), reopening_due=None), Act.REOPEN) == "Срок возобновления прошёл"
    for message in (answered(), answered(2), answered(3, "Да")):
        assert why(message, Act.REOPEN) == bad
    assert why(evolve(answered(2, "Нет"), reopenings=1), Act.REOPEN) == "Сообщение уже возобновляли"


def test_a_promise_is_reported_on_where_there_is_one() -> None:
    told = "У ответа нет обещания, о котором нужно отчитаться"
    assert why(answered(5), Act.REPORT_PROMISE, OFFICIAL) == told
    promise = Planned((NOON + timedelta(days=20)).date())
    promised = rated(placed(ready(routed(accepted(a_message(a_person()))), promise)))
    assert why(promised, Act.REPORT_PROMISE, OFFICIAL) is None


def test_publicity_is_proposed_before_it_is_agreed_to_and_decided_before_it_is_changed() -> None:
    hidden = accepted(a_message(a_person()), public=False)
    told = "Сделать сообщение публичным не предлагали"
    assert why(hidden, Act.ANSWER_PUBLICITY_PROPOSAL) == told
    assert why(evolve(hidden, is_publicity_proposed=True), Act.ANSWER_PUBLICITY_PROPOSAL) is None
    assert why(hidden, Act.SET_PUBLICITY, MODERATOR) is None
    undecided = evolve(hidden, publicity=Publicity.UNDECIDED)
    assert why(undecided, Act.SET_PUBLICITY, MODERATOR) == "Публичность ещё не определена"


def test_whoever_may_never_do_it_is_told_so_before_anything_else() -> None:
    message = a_message(a_person())
    own = evolve(MODERATOR, participant_id=message.author.participant_id)
    stranger = evolve(author_of(message), participant_id=ParticipantId(new_id()))
    other_hat = evolve(author_of(message), organisation_id=ParticipantId(new_id()))
    gone = evolve(message, author_left_at=NOON)
    for subject, act, by, refusal in (
        (message, Act.REJECT, OFFICIAL, Forbidden),
        (message, Act.REJECT, own, OwnMessage),
        (message, Act.WITHDRAW, stranger, NotTheAuthor),
        (message, Act.WITHDRAW, other_hat, NotTheAuthor),
        (gone, Act.WITHDRAW, author_of(message), NotTheAuthor),
        (message, Act.PLACE, own, OwnMessage),
    ):
        with pytest.raises(refusal):
            moved(subject, act, Doing(by=by, at=NOON, rules=RULES))
    nobody = Acting(role=Role.SYSTEM, participant_id=message.author.participant_id)
    with pytest.raises(IllegalMove):
        moved(message, Act.CLOSE, Doing(by=nobody, at=NOON, rules=RULES))


def test_the_one_who_routes_may() -> None:
    waiting = accepted(a_message(a_person()))
    for is_with_coordinator in (False, True):
        message = evolve(waiting, is_with_coordinator=is_with_coordinator)
        for role in (Role.MODERATOR, Role.COORDINATOR):
            may = Act.ROUTE in possible_acts(message, frozenset({role}), NOON, RULES)
            assert may is ((role is Role.COORDINATOR) is is_with_coordinator)


def test_acts_are_listed_in_the_order_of_the_table() -> None:
    new = a_message(a_person())
    assert possible_acts(new, frozenset({Role.MODERATOR}), NOON, RULES) == [
        Act.ASK_CLARIFICATION,
        Act.REJECT,
        Act.ACCEPT,
        Act.MERGE,
        Act.MASK,
    ]
    assert possible_acts(new, frozenset({Role.OFFICIAL}), NOON, RULES) == []
    assert possible_acts(asked(), frozenset({Role.USER}), NOON, RULES) == [Act.CLARIFY, Act.WITHDRAW]
    assert authoring.withdraw(new, doing(author_of(new))).stage == "withdrawn"


def test_what_is_not_there_is_neither_approved_nor_placed_nor_split_off() -> None:
    working = routed(accepted(a_message(a_person())), CITY, ROADS)
    lead, other = (a.id for a in working.assignments)
    working = answering.take(working, lead, doing(OFFICIAL))
    with pytest.raises(IllegalMove):
        answering.approve(working, lead, is_approver=True, doing=doing(APPROVER))
    with pytest.raises(answering.ApproverRequired):
        answering.approve(working, lead, is_approver=False, doing=doing(APPROVER))
    with pytest.raises(IllegalMove, match="вместе с ответом ведущего органа"):
        moderating.place_contribution(working, other, doing(MODERATOR))
    for new_lead in (None, lead):
        with pytest.raises(IllegalMove, match="назвав нового ведущего"):
            moderating.cancel_assignment(working, lead, new_lead, "Снято", doing(MODERATOR))
    with pytest.raises(IllegalMove, match="Продления не просили"):
        moderating.decide_prolongation(working, lead, grants=True, words=None, doing=doing(MODERATOR))
    with pytest.raises(IllegalMove):
        merging.split_off(a_message(a_person()), working, "О разном", doing(MODERATOR))


def test_the_first_instant_of_what_time_does_is_known() -> None:
    waiting = routed(accepted(a_message(a_person())))
    due = waiting.assignments[0].due_at
    assert next_tick(waiting, RULES) == due
    marked = tick(waiting, RULES, at=due)
    assert next_tick(marked, RULES) == RULES.escalation_due(due)
    assert next_tick(tick(marked, RULES, at=RULES.escalation_due(due)), RULES) is None
    assert next_tick(asked(), RULES) == RULES.clarification_due(NOON)
    assert next_tick(answered(), RULES) == RULES.rating_due(NOON)
    assert next_tick(rejected(), RULES) is None
