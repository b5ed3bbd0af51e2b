"""Who may do what, and under which grant (Положение, разд. 4, п. 5.3)."""

from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import GrantId, ParticipantId
from niktokromenas.domain.messages.moves import ASSIGNMENT_MOVES, MOVES
from niktokromenas.domain.messages.stages import Act, AssignmentAct
from niktokromenas.domain.participants.actors import (
    Acting,
    Actor,
    Channel,
    ChooseGrant,
    RoleRequired,
    SignInRequired,
    guest,
)
from niktokromenas.domain.participants.roles import PERMITTED, Permission, Role, permitted
from niktokromenas.domain.surveys.moves import INITIATORS_ACTS
from niktokromenas.domain.surveys.moves import MOVES as SURVEY_MOVES
from niktokromenas.domain.surveys.stages import Act as SurveyAct
from tests.contract.building import CITY, ROADS, a_grant, terms

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
    Act.MASK: P.MASK_MESSAGE,
    Act.MERGE: P.MERGE_MESSAGE,
    Act.TAKE_IN: P.MERGE_MESSAGE,
    Act.SPLIT_OFF: P.MERGE_MESSAGE,
    Act.LET_GO: P.MERGE_MESSAGE,
    Act.RATE_SHARED: P.RATE_ANSWER,
    Act.LEAVE: P.WITHDRAW_MESSAGE,
    AssignmentAct.ASK: P.ASK_AUTHOR,
    AssignmentAct.ANSWER_INTERIM: P.ANSWER_INTERIM,
    AssignmentAct.RESUME: P.MARK_OVERDUE,
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

GRANTED = "moderator official coordinator operator technical"
SECTION_4 = {
    # 4.2 coordinator
    "monitor-messages": "coordinator operator",
    "reroute-after-returns": "coordinator",
    # 4.3 operator; 5.1, 5.4 powers
    "propose-grant": "coordinator operator technical",
    "confirm-grant": "operator technical",
    "end-grant": "coordinator operator technical",
    "read-grants": "coordinator operator technical",
    "decide-objection": "operator",
    "end-sessions": "operator technical",
    "read-audit": "operator",
    "read-troubled-letters": "operator",
    # 4.4, 5.2 technical body
    "register-authority": "technical",
    "record-not-connected": "technical",
    "read-authorities-at-work": "coordinator moderator operator technical",
    # 4.5 project office
    "read-inbox": "official",
    "take-assignment": "official",
    "release-assignment": "official",
    "return-assignment": "official",
    "ask-author": "official",
    "answer-interim": "official",
    "ask-prolongation": "official",
    "prepare-answer": "official",
    "approve-answer": "official",
    "send-back-draft": "official",
    "report-promise": "official",
    "keep-answer-templates": "official",
    "keep-filters": "official coordinator operator",
    "export-journal": GRANTED,
    # 4.6 moderator; after the second return the coordinator routes
    "read-queue": "moderator",
    "read-hints": "moderator",
    "ask-clarification": "moderator",
    "reject-message": "moderator",
    "accept-message": "moderator",
    "annul-message": "moderator",
    "route-message": "moderator coordinator",
    "place-answer": "moderator",
    "return-answer": "moderator",
    "set-publicity": "moderator",
    "block-author": "moderator",
    "lift-block": "moderator operator",
    "read-blocks": "moderator operator",
    "cancel-assignment": "moderator",
    "mask-message": "moderator",
    "merge-message": "moderator",
    "write-as-staff": "moderator official",
    "decide-prolongation": "moderator",
    # 4.7 users
    "follow-message": "user",
    "use-cabinet": "user",
    "submit-message": "user",
    "upload-attachment": "user",
    "clarify-message": "user",
    "revise-message": "user",
    "revive-message": "user",
    "withdraw-message": "user",
    "rate-answer": "user",
    "reopen-message": "user",
    "answer-publicity-proposal": "user",
    "write-as-author": "user",
    # 9 surveys and votes
    "form-survey": "official operator coordinator technical",
    "form-own-survey": "user",
    "preview-target": "user official operator coordinator technical",
    "keep-survey-template": "user official operator coordinator technical",
    "consent-to-survey": "official",
    "read-survey-queue": "moderator operator technical",
    "approve-survey": "moderator",
    "refuse-survey": "moderator operator technical",
    "stop-survey": "operator",
    "moderate-remark": "moderator",
    "read-anomalies": "operator",
    "cast-ballot": "user",
    "invite-to-survey": "user",
    "form-group": "user",
    "join-group": "user",
    "moderate-group": "moderator",
    # 4.8 guests read, as everybody does
    "read-public": f"guest user {GRANTED}",
    # what is true by the clock
    "lapse-message": "system",
    "close-message": "system",
    "mark-overdue": "system",
    "mark-orphaned": "system",
}
"""Section 4 of the Положение, written out once more: who may try what."""


@pytest.mark.clause("1.3-authorisation")
@pytest.mark.clause("2.1-exchange")
@pytest.mark.clause("4.8")
@pytest.mark.abuse(7, 12)
def test_the_permission_table_says_what_section_4_says_row_by_row() -> None:
    said = {p.value: {role.value for role in permitted(p)} for p in Permission}
    assert said == {name: set(roles.split()) for name, roles in SECTION_4.items()}


@pytest.mark.clause("1.3-authorisation")
@pytest.mark.parametrize("role", ["guest", "user", *GRANTED.split()])
def test_an_actor_may_try_what_the_table_gives_to_their_roles_and_nothing_else(role: str) -> None:
    grants = (_held(Role(role)),) if role in GRANTED.split() else ()
    actor = guest() if role == "guest" else an_actor(*grants)
    held = {"guest"} if role == "guest" else {"user", role}
    for permission in Permission:
        if held & set(SECTION_4[permission.value].split()):
            actor.require(permission)
            actor.acting(permission)
        else:
            for ask in (actor.require, actor.acting):
                with pytest.raises(SignInRequired if role == "guest" else RoleRequired):
                    ask(permission)


def _held(role: Role) -> Any:
    return evolve(a_grant(50), terms=terms(role, CITY))


@pytest.mark.clause("1.3-authorisation")
def test_the_moves_and_the_permission_table_name_the_same_roles() -> None:
    for (act, _), move in (*MOVES.items(), *ASSIGNMENT_MOVES.items()):
        assert permitted(PERMISSION_OF[act]) == move.by, act


_FORMING = frozenset({P.FORM_SURVEY, P.FORM_OWN_SURVEY})
PERMISSIONS_OF_SURVEYS: dict[SurveyAct, frozenset[Permission]] = {
    **dict.fromkeys(INITIATORS_ACTS, _FORMING),
    **dict.fromkeys((SurveyAct.CONSENT, SurveyAct.DECLINE), frozenset({P.CONSENT_TO_SURVEY})),
    SurveyAct.APPROVE: frozenset({P.APPROVE_SURVEY}),
    SurveyAct.REFUSE: frozenset({P.REFUSE_SURVEY}),
    **dict.fromkeys((SurveyAct.STOP, SurveyAct.ANNUL), frozenset({P.STOP_SURVEY})),
}


@pytest.mark.clause("9-initiate")
@pytest.mark.clause("9-refusal")
def test_the_moves_of_a_survey_and_the_permission_table_name_the_same_roles() -> None:
    """What is not here is the clock's."""
    for (act, _), move in SURVEY_MOVES.items():
        roles = [permitted(each) for each in PERMISSIONS_OF_SURVEYS.get(act, frozenset[Permission]())]
        assert move.by == (frozenset[Role]().union(*roles) or {Role.SYSTEM}), act


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


def test_what_an_act_is_done_under_names_who_for_whom_and_by_which_grant() -> None:
    grant, organisation = a_grant(50), ParticipantId(new_id())
    actor = evolve(an_actor(grant), organisation_id=organisation)
    assert actor.acting(P.SUBMIT_MESSAGE) == Acting(
        role=Role.USER, participant_id=actor.participant_id, organisation_id=organisation
    )
    under = Acting(role=Role.OFFICIAL, participant_id=actor.participant_id, grant_id=grant.id, body=CITY)
    assert actor.acting(P.TAKE_ASSIGNMENT) == under
    assert evolve(actor, acting_grant=grant.id).acting(P.TAKE_ASSIGNMENT) == under
    assert guest().acting(P.READ_PUBLIC) == Acting(role=Role.GUEST)
    assert (guest(), guest(Channel.MOBILE)) == (Actor(channel=Channel.WEB), Actor(channel=Channel.MOBILE))


def test_a_grant_is_held_in_its_body() -> None:
    actor = an_actor(a_grant(50))
    assert [actor.holds(Role.OFFICIAL, body) for body in (None, CITY, ROADS)] == [True, True, False]
    assert not actor.holds(Role.MODERATOR)
    assert not actor.holds(Role.MODERATOR, CITY)
