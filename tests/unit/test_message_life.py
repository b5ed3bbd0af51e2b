"""The life of a message as a state machine: everybody tries everything, the model says what must hold."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Conflict, Forbidden, Invalid
from niktokromenas.domain.ids import AssignmentId, ParticipantId
from niktokromenas.domain.messages import answering, authoring, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Explained, Planned, Refused
from niktokromenas.domain.messages.content import Found, check
from niktokromenas.domain.messages.desks import desk_of
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import ASSIGNMENT_MOVES, MOVES, IllegalMove, moved, possible_acts
from niktokromenas.domain.messages.stages import (
    PUBLIC_STAGES,
    Act,
    AssignmentAct,
    AssignmentStage,
    Publicity,
    Stage,
)
from niktokromenas.domain.messages.ticking import next_tick, tick
from niktokromenas.domain.participants.actors import Acting
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
    at_work,
    author_of,
    doing,
)
from tests.contract.stores import NOON, a_region, a_rulebook

RULES = a_rulebook()
COORDINATOR = Acting(role=Role.COORDINATOR, participant_id=ParticipantId(new_id()), body="vo-kter")
OTHER_MODERATOR = Acting(role=Role.MODERATOR, participant_id=ParticipantId(new_id()), body="vo-kit")
STRANGER = Acting(role=Role.USER, participant_id=ParticipantId(new_id()))

EXPECTED = {
    ("ask-clarification", "submitted", "clarification"),
    ("clarify", "clarification", "submitted"),
    ("lapse", "clarification", "rejected"),
    ("revive", "rejected", "submitted"),
    ("reject", "submitted", "rejected"),
    ("revise", "rejected", "submitted"),
    ("accept", "submitted", "accepted"),
    ("annul", "accepted", "rejected"),
    ("annul", "routed", "rejected"),
    ("route", "accepted", "routed"),
    ("route", "routed", "routed"),
    ("place", "routed", "answered"),
    ("rate", "answered", None),
    ("reopen", "answered", "accepted"),
    ("reopen", "closed", "accepted"),
    ("close", "answered", "closed"),
    ("report-promise", "closed", None),
    ("withdraw", "submitted", "withdrawn"),
    ("withdraw", "clarification", "withdrawn"),
    ("withdraw", "accepted", "withdrawn"),
    ("withdraw", "routed", "withdrawn"),
    *(
        (act, stage, None)
        for act in ("set-publicity", "answer-publicity-proposal")
        for stage in PUBLIC_STAGES
    ),
    *(("mark-overdue", stage, None) for stage in ("submitted", "accepted", "routed", "answered", "closed")),
}


@pytest.mark.clause("4.6-process")
def test_the_table_of_moves_is_the_one_agreed_on() -> None:
    assert {(act.value, stage.value, move.to and move.to.value) for (act, stage), move in MOVES.items()} == {
        (act, str(stage), to) for act, stage, to in EXPECTED
    }


@pytest.mark.parametrize("stage", Stage)
def test_what_is_not_in_the_table_is_refused_with_what_is_possible(stage: Stage) -> None:
    message = evolve(a_message(a_person()), stage=stage)
    for act in Act:
        if (act, stage) in MOVES or act is Act.SUBMIT:
            continue
        with pytest.raises(IllegalMove) as refused:
            moved(message, act, doing(MODERATOR))
        possible = possible_acts(message, frozenset({Role.MODERATOR}), NOON, RULES)
        assert refused.value.members["possible"] == [a.value for a in possible]


def test_an_assignment_that_ended_takes_no_act() -> None:
    ended = {AssignmentStage.RETURNED, AssignmentStage.CANCELLED}
    assert not [act for act, stage in ASSIGNMENT_MOVES if stage in ended]
    assert {act for act, _ in ASSIGNMENT_MOVES} == set(AssignmentAct) - {AssignmentAct.ASSIGN}


class MessageLife(RuleBasedStateMachine):
    """Keeps beside the message: who decided publicity, the author's term, prolongations, ratings, answers."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOON
        self.message: Message = a_message(a_person(), at=NOON)
        self.author = author_of(self.message)
        self.decided_public: bool | None = None
        self.term: Any = None
        self.round = 1
        self.prolonged: dict[Any, int] = {}
        self.placed: dict[Any, Any] = {}
        self.rated: set[Any] = set()
        self.reopened = 0
        self.returns = 0
        self.entries = len(self.message.entries)

    def attempt(self, by: Acting, act: Any) -> bool:
        """Whether the act was done; refusals are of the families a caller can act on and change nothing."""
        before = self.message
        try:
            after: Message = act(doing(by, self.at))
        except (Conflict, Forbidden, Invalid):
            assert self.message is before
            return False
        assert len(after.entries) > len(before.entries)
        assert len(after.entries) == len(after.events)
        newest = after.entries[len(before.entries) :]
        assert all(entry.by == by and entry.at == self.at and entry.document for entry in newest)
        self.message = after
        return True

    @rule(hours=st.integers(1, 24 * 12))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule()
    def ticker(self) -> None:
        due = next_tick(self.message, RULES)
        after = tick(self.message, RULES, at=self.at)
        assert (after is not self.message) == (due is not None and due <= self.at)
        assert tick(after, RULES, at=self.at) is after
        if after.stage is Stage.REJECTED and self.message.stage is Stage.CLARIFICATION:
            assert self.message.clarification_due is not None
            assert self.at >= self.message.clarification_due
        self.message = after

    @rule(public=st.booleans(), by=st.sampled_from((MODERATOR, STRANGER, COORDINATOR)))
    def accept(self, public: bool, by: Acting) -> None:
        publicity = Publicity.PUBLIC if public else Publicity.NON_PUBLIC
        was = self.message.stage
        if self.attempt(
            by, lambda d: moderating.accept(self.message, "roads.pothole", publicity, "Семья", d)
        ):
            assert (was, by.role) == (Stage.SUBMITTED, Role.MODERATOR)
            self.decided_public = public

    @rule()
    def ask(self) -> None:
        asked = self.message.clarifications
        if self.attempt(MODERATOR, lambda d: moderating.ask_clarification(self.message, "Где?", d)):
            assert asked < RULES.regulation.max_clarifications

    @rule(final=st.sampled_from((False, False, False, True)))
    def reject(self, final: bool) -> None:
        grounds = a_region().resolve_grounds(["ads" if final else "no_substance"])
        self.attempt(MODERATOR, lambda d: moderating.reject(self.message, grounds, "Потому что", d))

    @rule()
    def annul(self) -> None:
        grounds = a_region().resolve_grounds(["no_substance"])
        if self.attempt(MODERATOR, lambda d: moderating.annul(self.message, grounds, "Нашлось", d)):
            self.decided_public = None

    @rule(act=st.sampled_from((authoring.clarify, authoring.revise, authoring.revive)))
    def author_edits(self, act: Any) -> None:
        before, rejection = self.message.stage, self.message.rejection
        draft = check(
            a_draft(begins_at=self.at - timedelta(hours=1)),
            a_region(),
            Found(municipality="18701000"),
            at=self.at,
        )
        if self.attempt(self.author, lambda d: act(self.message, draft, d)):
            assert self.message.stage is Stage.SUBMITTED
            assert self.message.moderation_due == RULES.moderation_due(self.at)
            if before is Stage.REJECTED:
                assert rejection is not None
                assert not rejection.is_final
                until = rejection.revivable_until
                assert (act is authoring.revive) == (until is not None)
                assert until is None or self.at < until

    @rule(
        both=st.booleans(), lead=st.sampled_from((CITY, ROADS)), by=st.sampled_from((MODERATOR, COORDINATOR))
    )
    def route(self, both: bool, lead: str, by: Acting) -> None:
        others = [ROADS if lead == CITY else CITY] if both else []
        before, with_coordinator = self.message, self.message.is_with_coordinator
        if self.attempt(by, lambda d: _routed(self.message, d, lead, *others)):
            assert with_coordinator == (by.role is Role.COORDINATOR)
            if before.answer_due is None:
                self.term = self.message.answer_due
            assert self.message.answer_due == self.term, "routing again restarted the author's term"

    def _lead(self) -> Any:
        current = [a for a in self.message.current if a.is_open]
        return next((a for a in current if a.is_lead), current[0] if current else None)

    def _official(self) -> Acting:
        lead = self._lead()
        return ROAD_OFFICIAL if lead is not None and lead.authority == ROADS else OFFICIAL

    @rule(by=st.sampled_from((OFFICIAL, ROAD_OFFICIAL, APPROVER)))
    def take(self, by: Acting) -> None:
        if (lead := self._lead()) is not None and self.attempt(
            by, lambda d: answering.take(self.message, lead.id, d)
        ):
            assert by.body == lead.authority

    @rule()
    def give_back(self) -> None:
        lead, by = self._lead(), self._official()
        if lead is not None and self.attempt(
            by, lambda d: answering.return_assignment(self.message, lead.id, "Не наше", None, d)
        ):
            self.returns += 1
            assert self.message.returns == self.returns

    @rule(days=st.integers(1, 12), grants=st.booleans())
    def prolong(self, days: int, grants: bool) -> None:
        lead, by = self._lead(), self._official()
        if lead is None:
            return
        asked = self.attempt(by, lambda d: answering.ask_prolongation(self.message, lead.id, "Ждём", days, d))
        if asked:
            assert self.at < lead.due_at
            assert days <= lead.working_days
        decided = self.attempt(
            MODERATOR,
            lambda d: moderating.decide_prolongation(
                self.message, lead.id, grants=grants, words="Так", doing=d
            ),
        )
        if decided and grants:
            self.prolonged[lead.id] = self.prolonged.get(lead.id, 0) + 1
            if lead.is_lead:
                self.term = self.message.answer_due

    @rule(approval=st.booleans(), outcome=st.sampled_from(("done", "planned", "explained", "refused")))
    def prepare(self, approval: bool, outcome: str) -> None:
        lead, by = self._lead(), self._official()
        promised = (self.at + timedelta(days=30)).date()
        outcomes: dict[str, Any] = {
            "done": Done(),
            "planned": Planned(promised),
            "explained": Explained(),
            "refused": Refused("Нет средств"),
        }
        if lead is not None:
            draft = AnswerDraft(text="Ответ", outcome=outcomes[outcome])
            self.attempt(
                by,
                lambda d: answering.prepare(self.message, lead.id, draft, needs_approval=approval, doing=d),
            )

    @rule(by=st.sampled_from((OFFICIAL, APPROVER, ROAD_OFFICIAL)), is_approver=st.booleans())
    def approve(self, by: Acting, is_approver: bool) -> None:
        lead = self._lead()
        if lead is not None and self.attempt(
            by, lambda d: answering.approve(self.message, lead.id, is_approver=is_approver, doing=d)
        ):
            assert is_approver
            assert lead.answer.prepared_by != by.participant_id

    @rule()
    def send_back(self) -> None:
        if (lead := self._lead()) is not None:
            self.attempt(
                MODERATOR, lambda d: moderating.return_answer(self.message, lead.id, "Доработать", d)
            )

    @rule(by=st.sampled_from((MODERATOR, OTHER_MODERATOR, OFFICIAL)))
    def place(self, by: Acting) -> None:
        if self.attempt(by, lambda d: moderating.place(self.message, d)):
            assert by.role is Role.MODERATOR
            self.placed |= {a.id: a.answer for a in self.message.placed}
            self.term = None

    @rule(value=st.integers(1, 5), by=st.sampled_from(("author", "stranger")))
    def rate(self, value: int, by: str) -> None:
        lead, due = self.message.answered_lead, self.message.rating_due
        who = self.author if by == "author" else STRANGER
        if self.attempt(who, lambda d: authoring.rate(self.message, value, "Слово", d)):
            assert by == "author"
            assert lead is not None
            assert lead.id not in self.rated
            assert due is not None
            assert self.at < due
            self.rated.add(lead.id)
            assert self.message.stage is (Stage.ANSWERED if value <= 2 else Stage.CLOSED)

    @rule()
    def reopen(self) -> None:
        lead = self.message.answered_lead
        if self.attempt(self.author, lambda d: authoring.reopen(self.message, d)):
            assert lead is not None
            assert lead.rating is not None
            assert lead.rating.is_bad
            self.reopened, self.returns = self.reopened + 1, 0
            assert self.reopened == 1

    @rule(to=st.sampled_from((Publicity.PUBLIC, Publicity.NON_PUBLIC)), agrees=st.booleans())
    def change_publicity(self, to: Publicity, agrees: bool) -> None:
        changed = self.attempt(MODERATOR, lambda d: moderating.set_publicity(self.message, to, "Семья", d))
        if changed and to is Publicity.NON_PUBLIC:
            self.decided_public = False
        if (
            self.attempt(
                self.author,
                lambda d: authoring.answer_publicity_proposal(self.message, agrees=agrees, doing=d),
            )
            and agrees
        ):
            self.decided_public = True

    @rule(steps=st.integers(1, 6), approval=st.booleans(), public=st.booleans(), value=st.integers(1, 5))
    def work_goes_on(self, steps: int, approval: bool, public: bool, value: int) -> None:
        """What usually comes next, so that the machine gets as far as messages do."""
        for _ in range(steps):
            self._next_step(approval, public, value)

    def _next_step(self, approval: bool, public: bool, value: int) -> None:
        lead = self._lead()
        router = COORDINATOR if self.message.is_with_coordinator else MODERATOR
        match self.message.stage:
            case Stage.SUBMITTED:
                self.accept(public, MODERATOR)
            case Stage.CLARIFICATION:
                self.author_edits(authoring.clarify)
            case Stage.REJECTED:
                self.author_edits(authoring.revise)
            case Stage.ANSWERED if self.message.answered_lead and self.message.answered_lead.rating:
                self.reopen()
            case Stage.ANSWERED:
                self.rate(value, "author")
            case Stage.CLOSED:
                self.reopen()
            case Stage.ACCEPTED:
                self.route(approval, CITY, router)
            case Stage.ROUTED if lead is None or not lead.is_lead:
                self.route(approval, ROADS, router)
            case Stage.ROUTED:
                self._next_of(lead, approval)

    def _next_of(self, lead: Any, approval: bool) -> None:
        match lead.stage:
            case AssignmentStage.ASSIGNED:
                self.take(self._official())
            case AssignmentStage.IN_PROGRESS:
                self.prepare(approval, "done")
            case AssignmentStage.FOR_APPROVAL:
                self.approve(APPROVER, True)
            case AssignmentStage.READY:
                self.place(MODERATOR)

    @rule(chance=st.integers(0, 5))
    def withdraw(self, chance: int) -> None:
        if chance:
            return
        lead = self._lead()
        is_ready = lead is not None and lead.is_lead and lead.stage is AssignmentStage.READY
        if self.attempt(self.author, lambda d: authoring.withdraw(self.message, d)):
            assert not is_ready

    @invariant()
    def only_what_a_moderator_made_public_is_public(self) -> None:
        expected = self.decided_public is True and self.message.stage in PUBLIC_STAGES
        assert self.message.is_public == expected

    @invariant()
    def at_most_one_leads(self) -> None:
        assert sum(a.is_lead and a.is_open for a in self.message.current) <= 1

    @invariant()
    def a_term_is_prolonged_at_most_once(self) -> None:
        assert all(times <= RULES.regulation.max_prolongations for times in self.prolonged.values())

    @invariant()
    def a_placed_answer_never_changes(self) -> None:
        now = {a.id: a.answer for a in self.message.placed}
        assert all(now[key] == answer for key, answer in self.placed.items())

    @invariant()
    def history_only_grows(self) -> None:
        assert len(self.message.entries) >= self.entries
        self.entries = len(self.message.entries)

    @invariant()
    def no_message_is_lost(self) -> None:
        """2.2-intake: somebody owes the next step, by a term, until the message is at its end."""
        message = self.message
        match message.stage:
            case Stage.SUBMITTED | Stage.ACCEPTED:
                assert desk_of(message) is not None
            case Stage.CLARIFICATION:
                assert message.clarification_due is not None
            case Stage.ROUTED:
                waits = [a for a in message.current if a.is_awaited]
                assert desk_of(message) is not None or any(a.is_lead for a in waits)
            case Stage.ANSWERED:
                assert message.rating_due is not None
            case _:
                assert message.stage in (Stage.REJECTED, Stage.CLOSED, Stage.WITHDRAWN)


def _routed(message: Message, how: Any, lead: str, *others: str) -> Message:
    targets = (
        moderating.Target(authority=lead, is_lead=True),
        *(moderating.Target(authority=other) for other in others),
    )
    routing = moderating.Routing(
        targets=targets,
        at_work=at_work(lead, *others),
        working_days=8,
        new_ids=tuple(AssignmentId(new_id()) for _ in targets),
    )
    return moderating.route(message, routing, None, how)


TestMessageLife: Any = pytest.mark.clause("2.2-intake")(MessageLife.TestCase)
TestMessageLife.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
