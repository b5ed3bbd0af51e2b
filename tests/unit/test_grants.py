"""Powers: two people, two bodies, never the grantee; the end acts at once (Положение, п. 5.1-5.4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import DomainError, Invalid
from niktokromenas.domain.ids import GrantId
from niktokromenas.domain.participants.grants import (
    PROPOSER_AND_CONFIRMER,
    AnotherBody,
    FourEyes,
    Grant,
    GrantClosed,
    GrantStage,
    GrantTerms,
    Hand,
    InvitationUnclaimed,
    NotYourGrant,
    bootstrap,
    covers,
    propose,
    refuse_two_bodies,
)
from niktokromenas.domain.participants.roles import GRANTED_ROLES, Role
from tests.contract.building import ACT, CITY, a_grant, a_proposal, a_subject, terms
from tests.contract.stores import NOON

OPERATOR_BODY = "vo-kit"
BODIES = {
    Role.OPERATOR: OPERATOR_BODY,
    Role.MODERATOR: OPERATOR_BODY,
    Role.TECHNICAL: "vo-cit",
    Role.COORDINATOR: "vo-kter",
    Role.OFFICIAL: CITY,
}
STAFF = (Role.OPERATOR, Role.TECHNICAL, Role.COORDINATOR, Role.MODERATOR, Role.OFFICIAL)


def hand(number: int, role: Role) -> Hand:
    return Hand(participant_id=None, subject=a_subject(number), role=role, at=NOON)


class GrantLife(RuleBasedStateMachine):
    """Four people of any body try to give, confirm and end one grant; the model says who may."""

    grant: Grant | None = None
    stage = "none"

    @initialize(role=st.sampled_from(GRANTED_ROLES), grantee=st.integers(0, 3))
    def begin(self, role: Role, grantee: int) -> None:
        self.role, self.grantee = role, grantee
        self.proposer: tuple[int, Role] | None = None

    @rule(person=st.integers(0, 3), of=st.sampled_from(STAFF), invites=st.booleans())
    def propose(self, person: int, of: Role, invites: bool) -> None:
        if self.stage != "none":
            return
        may = any(proposer is of for proposer, _ in PROPOSER_AND_CONFIRMER[self.role])
        may = may and (invites or person != self.grantee)
        try:
            self.grant = propose(
                GrantId(new_id()),
                terms(self.role, BODIES[self.role]),
                hand(person, of),
                operator_body=OPERATOR_BODY,
                subject=None if invites else a_subject(self.grantee),
                invitation_hash="a" * 64 if invites else None,
            )
        except FourEyes:
            assert not may
            return
        assert may
        self.proposer, self.stage = (person, of), "invited" if invites else "proposed"

    @rule()
    def claim(self) -> None:
        if self.grant is None:
            return
        may = self.stage == "invited" and self.proposer is not None and self.proposer[0] != self.grantee
        try:
            self.grant = self.grant.claim(a_subject(self.grantee), at=NOON)
        except DomainError:
            assert not may
            return
        assert may
        self.stage = "proposed"

    @rule(person=st.integers(0, 3), of=st.sampled_from(STAFF))
    def confirm(self, person: int, of: Role) -> None:
        if self.grant is None or self.proposer is None:
            return
        two_people = person not in (self.grantee, self.proposer[0])
        two_hands = (self.proposer[1], of) in PROPOSER_AND_CONFIRMER[self.role]
        try:
            self.grant = self.grant.confirm(hand(person, of))
        except DomainError:
            assert not (self.stage == "proposed" and two_people and two_hands)
            return
        assert self.stage == "proposed"
        assert two_people
        assert two_hands
        self.stage = "confirmed"

    @rule(person=st.integers(0, 3), of=st.sampled_from(STAFF))
    def turn_down(self, person: int, of: Role) -> None:
        if self.grant is None or self.proposer is None:
            return
        decides = (self.proposer[1], of) in PROPOSER_AND_CONFIRMER[self.role] or person == self.proposer[0]
        is_own = self.stage == "proposed" and person == self.grantee
        may = self.stage in ("invited", "proposed") and decides and not is_own
        try:
            self.grant = self.grant.turn_down(hand(person, of), "Нет оснований")
        except DomainError:
            assert not may
            return
        assert may
        self.stage = "refused"

    @rule(person=st.integers(0, 3), of=st.sampled_from(STAFF))
    def end(self, person: int, of: Role) -> None:
        if self.grant is None:
            return
        has_a_part = any(of in pair for pair in PROPOSER_AND_CONFIRMER[self.role])
        may = self.stage == "confirmed" and person != self.grantee and has_a_part
        try:
            self.grant = self.grant.end(hand(person, of), "Переведён")
        except DomainError:
            assert not may
            return
        assert may
        self.stage = "ended"

    @invariant()
    def it_gives_power_only_between_confirmation_and_end(self) -> None:
        if self.grant is not None:
            assert self.grant.is_live(NOON) == (self.stage == "confirmed")
            if self.stage == "confirmed" and self.role is Role.OFFICIAL:
                assert self.grant.confirmed is not None
                assert self.grant.confirmed.role is not self.grant.proposed.role


TestGrantLife = GrantLife.TestCase
TestGrantLife.settings = settings(max_examples=150, stateful_step_count=12, deadline=None)


@pytest.mark.clause("5.1")
def test_an_official_takes_two_bodies_two_people_and_neither_is_the_grantee() -> None:
    proposed = a_proposal(50)
    for by in (hand(31, Role.OPERATOR), hand(50, Role.OPERATOR), hand(22, Role.TECHNICAL)):
        with pytest.raises(FourEyes):
            proposed.confirm(by)
    assert proposed.confirm(hand(22, Role.OPERATOR)).is_live(NOON)


@pytest.mark.clause("5.3")
@pytest.mark.parametrize("missing", ["title", "number"])
def test_a_power_rests_on_a_legal_act(missing: str) -> None:
    with pytest.raises(Invalid):
        type(ACT)(**{"title": "Приказ", "number": "1", "date": ACT.date, missing: "\u200b "})


@pytest.mark.clause("5.3")
def test_terms_tell_everything_wrong_with_them_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        GrantTerms(
            role=Role.GUEST,
            body=" ",
            legal_act=ACT,
            valid_from=NOON.date(),
            valid_until=NOON.date() - timedelta(days=1),
            is_approver=True,
            work_email="не адрес",
        )
    codes = {fault.code for fault in refused.value.faults}
    assert codes == {"not-granted", "no-body", "ends-before-start", "not-official", "bad-email"}


@pytest.mark.clause("5.4")
def test_an_ended_grant_gives_nothing_from_that_moment() -> None:
    ended = a_grant(50).end(hand(22, Role.OPERATOR), "Уволен")
    assert ended.stage is GrantStage.ENDED
    assert not ended.is_live(NOON)
    with pytest.raises(GrantClosed):
        ended.end(hand(22, Role.OPERATOR), "Ещё раз")
    with pytest.raises(FourEyes):
        a_grant(50).end(hand(50, Role.OPERATOR), "Сам себя")


@given(st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_days_of_a_grant_are_days_in_volgograd(at: datetime) -> None:
    day = (at + timedelta(hours=3)).date()
    assert covers(day, day, at)
    assert not covers(day + timedelta(days=1), None, at)
    assert not covers(day - timedelta(days=9), day - timedelta(days=1), at)


def test_an_invitation_nobody_claimed_cannot_be_confirmed_and_is_claimed_once() -> None:
    invited = a_proposal(invitation_hash="a" * 64)
    with pytest.raises(InvitationUnclaimed):
        invited.confirm(hand(22, Role.OPERATOR))
    claimed = invited.claim(a_subject(50), at=NOON)
    with pytest.raises(GrantClosed):
        claimed.claim(a_subject(51), at=NOON)
    assert claimed.confirm(hand(22, Role.OPERATOR)).subject == a_subject(50)


@pytest.mark.clause("1.3-moderator")
def test_a_moderator_belongs_to_the_operator_alone() -> None:
    with pytest.raises(Invalid) as refused:
        propose(
            GrantId(new_id()),
            terms(Role.MODERATOR, CITY),
            hand(21, Role.OPERATOR),
            operator_body=OPERATOR_BODY,
            subject=a_subject(60),
        )
    assert [fault.basis for fault in refused.value.faults] == ["Положение, п. 1.3"]
    moderator: Any = a_grant(60)
    object.__setattr__(moderator, "terms", terms(Role.MODERATOR, OPERATOR_BODY))
    technical: Any = a_grant(60)
    object.__setattr__(technical, "terms", terms(Role.TECHNICAL, "vo-cit"))
    operator: Any = a_grant(60)
    object.__setattr__(operator, "terms", terms(Role.OPERATOR, OPERATOR_BODY))
    for other in (a_grant(60), technical):
        with pytest.raises(AnotherBody):
            refuse_two_bodies(moderator, (other,), OPERATOR_BODY)
        with pytest.raises(AnotherBody):
            refuse_two_bodies(other, (moderator,), OPERATOR_BODY)
    refuse_two_bodies(moderator, (operator,), OPERATOR_BODY)
    refuse_two_bodies(technical, (a_grant(60),), OPERATOR_BODY)


@pytest.mark.clause("5.1")
def test_days_to_come_count_when_two_bodies_are_compared() -> None:
    moderator: Any = a_grant(60)
    object.__setattr__(moderator, "terms", terms(Role.MODERATOR, OPERATOR_BODY))
    day = NOON.date()
    later = a_grant(60, valid_from=day + timedelta(days=30))
    with pytest.raises(AnotherBody):
        refuse_two_bodies(moderator, (later,), OPERATOR_BODY)
    over = a_grant(60, valid_from=day - timedelta(days=8), valid_until=day - timedelta(days=2))
    object.__setattr__(moderator, "terms", evolve(moderator.terms, valid_from=day))
    refuse_two_bodies(moderator, (over,), OPERATOR_BODY)


@pytest.mark.clause("5.1")
def test_only_those_with_a_part_in_giving_a_power_take_it_back() -> None:
    operators: Any = a_grant(60)
    object.__setattr__(operators, "terms", terms(Role.OPERATOR, OPERATOR_BODY))
    with pytest.raises(NotYourGrant):
        operators.end(hand(31, Role.TECHNICAL), "Захват")
    with pytest.raises(NotYourGrant):
        a_proposal(50).turn_down(hand(41, Role.COORDINATOR), "Не моё")
    with pytest.raises(FourEyes):
        a_proposal(50).turn_down(hand(50, Role.OPERATOR), "Сам о себе")


@pytest.mark.clause("5.3")
def test_what_is_already_over_is_neither_proposed_nor_confirmed() -> None:
    day = NOON.date()
    past = terms(Role.OFFICIAL, CITY, valid_from=day - timedelta(days=9), valid_until=day - timedelta(days=1))
    with pytest.raises(Invalid):
        propose(
            GrantId(new_id()),
            past,
            hand(31, Role.TECHNICAL),
            operator_body=OPERATOR_BODY,
            subject=a_subject(50),
        )
    proposed = a_proposal(50, valid_until=day)
    late = evolve(hand(22, Role.OPERATOR), at=NOON + timedelta(days=2))
    with pytest.raises(GrantClosed):
        proposed.confirm(late)


def test_only_governing_bodies_are_bootstrapped() -> None:
    first = bootstrap(GrantId(new_id()), terms(Role.OPERATOR, OPERATOR_BODY), a_subject(1), at=NOON)
    assert first.is_live(NOON)
    with pytest.raises(FourEyes):
        bootstrap(GrantId(new_id()), terms(Role.OFFICIAL, CITY), a_subject(1), at=NOON)
