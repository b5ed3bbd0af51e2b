"""The two tables of moves, row by row (Положение, п. 4.5-4.7)."""

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Forbidden
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.moves import ASSIGNMENT_MOVES, MOVES, IllegalMove, moved, possible_acts
from niktokromenas.domain.messages.stages import (
    OPEN_ASSIGNMENT,
    PUBLIC_STAGES,
    Act,
    AssignmentAct,
    AssignmentStage,
    Stage,
)
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import MODERATOR, a_message, a_person, author_of, doing
from tests.contract.stores import NOON, a_rulebook

RULES = a_rulebook()

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
    ("merge", "submitted", "merged"),
    ("merge", "accepted", "merged"),
    ("split-off", "merged", None),
    ("rate-shared", "merged", None),
    *(("leave", stage, None) for stage in ("submitted", "accepted", "routed")),
    *(
        (act, stage, None)
        for act in ("mask", "take-in", "let-go")
        for stage in ("submitted", "accepted", "routed", "answered", "closed")
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
        role = sorted(next(move.by for (each, _), move in MOVES.items() if each is act))[0]
        by = author_of(message) if role is Role.USER else evolve(MODERATOR, role=role)
        with pytest.raises(IllegalMove) as refused:
            moved(message, act, doing(by))
        possible = possible_acts(message, frozenset({role}), NOON, RULES)
        assert refused.value.members["possible"] == [a.value for a in possible]


@pytest.mark.clause("1.3-authorisation")
@pytest.mark.parametrize("stage", Stage)
def test_how_far_a_message_is_concerns_only_those_who_may_act(stage: Stage) -> None:
    message = evolve(a_message(a_person()), stage=stage)
    stranger = evolve(author_of(message), participant_id=ParticipantId(new_id()))
    for act in Act:
        if act is Act.SUBMIT:
            continue
        with pytest.raises(Forbidden):
            moved(message, act, doing(stranger))


ASSIGNMENTS_EXPECTED = {
    ("take", "assigned", "in-progress"),
    ("release", "in-progress", "assigned"),
    ("return", "assigned", "returned"),
    ("return", "in-progress", "returned"),
    ("ask", "in-progress", None),
    ("answer-interim", "in-progress", None),
    ("resume", "in-progress", None),
    ("ask-prolongation", "in-progress", None),
    ("grant-prolongation", "in-progress", None),
    ("refuse-prolongation", "in-progress", None),
    ("prepare", "in-progress", "for-approval"),
    ("approve", "for-approval", "ready"),
    ("send-back-draft", "for-approval", "in-progress"),
    ("return-answer", "ready", "in-progress"),
    ("place-contribution", "ready", None),
    *(("cancel", stage, "cancelled") for stage in OPEN_ASSIGNMENT),
    *(
        (act, stage, None)
        for act in ("change-lead", "mark-overdue", "escalate", "mark-orphaned")
        for stage in OPEN_ASSIGNMENT
    ),
}


@pytest.mark.clause("4.5")
def test_the_table_of_an_assignments_moves_is_the_one_agreed_on() -> None:
    found = {
        (act.value, stage.value, move.to and move.to.value) for (act, stage), move in ASSIGNMENT_MOVES.items()
    }
    assert found == {(act, str(stage), to) for act, stage, to in ASSIGNMENTS_EXPECTED}


def test_an_assignment_that_ended_takes_no_act() -> None:
    ended = {AssignmentStage.RETURNED, AssignmentStage.CANCELLED}
    assert not [act for act, stage in ASSIGNMENT_MOVES if stage in ended]
    assert {act for act, _ in ASSIGNMENT_MOVES} == set(AssignmentAct) - {AssignmentAct.ASSIGN}
