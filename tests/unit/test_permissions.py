"""Who may do what, and under which grant (Положение, разд. 4, п. 5.3)."""

from typing import Any

import pytest

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import GrantId, ParticipantId
from niktokromenas.domain.messages.moves import ASSIGNMENT_MOVES, MOVES
from niktokromenas.domain.messages.stages import Act, AssignmentAct
from niktokromenas.domain.participants.actors import (
    Actor,
    Channel,
    ChooseGrant,
    RoleRequired,
    SignInRequired,
    guest,
)
from niktokromenas.domain.participants.roles import PERMITTED, Permission, Role, permitted
from tests.contract.building import CITY, ROADS, a_grant

P = Permission
PERMISSION_OF: dict[Act | AssignmentAct, Permission] = {
    Act.ASK_CLARIFICATION: P.ASK_CLARIFICATION,
    Act.CLARIFY: P.CLARIFY_MESSAGE,
    Act.LAPSE: P.LAPSE_MESSAGE,
    Act.REVIVE: P.REVIVE_MESSAGE,
    Act.REJECT: P.REJECT_MESSAGE,
    Act.REVISE: P.REVISE_MESSAGE,
    Act.ACCEPT: P.ACCEPT_MESSAGE,
    Act.ANNUL: P.ANNUL_MESSAGE,
    Act.ROUTE: P.ROUTE_MESSAGE,
    Act.PLACE: P.PLACE_ANSWER,
    Act.RATE: P.RATE_ANSWER,
    Act.REOPEN: P.REOPEN_MESSAGE,
    Act.CLOSE: P.CLOSE_MESSAGE,
    Act.REPORT_PROMISE: P.REPORT_PROMISE,
    Act.WITHDRAW: P.WITHDRAW_MESSAGE,
    Act.SET_PUBLICITY: P.SET_PUBLICITY,
    Act.ANSWER_PUBLICITY_PROPOSAL: P.ANSWER_PUBLICITY_PROPOSAL,
    Act.MARK_OVERDUE: P.MARK_OVERDUE,
    AssignmentAct.TAKE: P.TAKE_ASSIGNMENT,
    AssignmentAct.RELEASE: P.RELEASE_ASSIGNMENT,
    AssignmentAct.RETURN: P.RETURN_ASSIGNMENT,
    AssignmentAct.ASK_PROLONGATION: P.ASK_PROLONGATION,
    AssignmentAct.GRANT_PROLONGATION: P.DECIDE_PROLONGATION,
    AssignmentAct.REFUSE_PROLONGATION: P.DECIDE_PROLONGATION,
    AssignmentAct.PREPARE: P.PREPARE_ANSWER,
    AssignmentAct.APPROVE: P.APPROVE_ANSWER,
    AssignmentAct.SEND_BACK_DRAFT: P.SEND_BACK_DRAFT,
    AssignmentAct.RETURN_ANSWER: P.RETURN_ANSWER,
    AssignmentAct.PLACE_CONTRIBUTION: P.PLACE_ANSWER,
    AssignmentAct.CANCEL: P.CANCEL_ASSIGNMENT,
    AssignmentAct.CHANGE_LEAD: P.CANCEL_ASSIGNMENT,
    AssignmentAct.MARK_OVERDUE: P.MARK_OVERDUE,
    AssignmentAct.ESCALATE: P.MARK_OVERDUE,
    AssignmentAct.MARK_ORPHANED: P.MARK_ORPHANED,
}


@pytest.mark.clause("1.3-authorisation")
def test_the_moves_and_the_permission_table_name_the_same_roles() -> None:
    for (act, _), move in (*MOVES.items(), *ASSIGNMENT_MOVES.items()):
        assert permitted(PERMISSION_OF[act]) == move.by, act


@pytest.mark.clause("1.3-authorisation")
def test_every_permission_stands_in_the_table_and_what_does_not_is_nobodys() -> None:
    assert set(PERMITTED) == set(Permission)
    unknown: Any = "make-coffee"
    assert permitted(unknown) == frozenset()


@pytest.mark.clause("4.8")
@pytest.mark.clause("1.3-guest")
def test_a_guest_reads_and_can_change_nothing() -> None:
    may = {p for p in Permission if Role.GUEST in permitted(p)}
    assert may == {P.READ_PUBLIC}
    for permission in set(Permission) - may:
        with pytest.raises(SignInRequired):
            guest().acting(permission)


def test_the_ticker_decides_nothing_of_substance() -> None:
    may = {p for p in Permission if Role.SYSTEM in permitted(p)}
    assert may == {P.LAPSE_MESSAGE, P.CLOSE_MESSAGE, P.MARK_OVERDUE, P.MARK_ORPHANED}


def an_actor(*grants: Any, acting: GrantId | None = None) -> Actor:
    return Actor(
        channel=Channel.WEB,
        participant_id=ParticipantId(new_id()),
        grants=tuple(grants),
        acting_grant=acting,
    )


@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("5.3")
def test_an_act_takes_a_grant_that_permits_it() -> None:
    grant = a_grant(50)
    assert an_actor(grant).acting(P.TAKE_ASSIGNMENT).grant_id == grant.id
    assert an_actor(grant).acting(P.SUBMIT_MESSAGE).role is Role.USER
    with pytest.raises(RoleRequired):
        an_actor(grant).acting(P.ACCEPT_MESSAGE)
    with pytest.raises(RoleRequired):
        an_actor().acting(P.TAKE_ASSIGNMENT)


def test_of_several_fitting_grants_one_must_be_chosen_and_must_itself_permit() -> None:
    city, roads = a_grant(50), a_grant(50, body=ROADS)
    with pytest.raises(ChooseGrant) as several:
        an_actor(city, roads).acting(P.READ_INBOX)
    assert several.value.members["grants"] == [str(city.id), str(roads.id)]
    assert an_actor(city, roads, acting=roads.id).acting(P.READ_INBOX).body == ROADS
    assert an_actor(city, roads).acting(P.READ_INBOX, body=CITY).body == CITY
    with pytest.raises(RoleRequired):
        an_actor(city, roads, acting=roads.id).acting(P.READ_INBOX, body=CITY)
    with pytest.raises(RoleRequired):
        an_actor(city, acting=GrantId(new_id())).acting(P.TAKE_ASSIGNMENT)
