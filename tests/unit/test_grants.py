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
    INVITATION_LIFE,
    PROPOSER_AND_CONFIRMER,
    AnotherBody,
    FourEyes,
    Grant,
    GrantClosed,
    GrantConfirmed,
    GrantEnded,
    GrantProposed,
    GrantStage,
    GrantTerms,
    GrantTurnedDown,
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
    machine = Hand(participant_id=None, subject=None, role=Role.SYSTEM, at=NOON)
    assert first == Grant(
        id=first.id,
        terms=terms(Role.OPERATOR, OPERATOR_BODY),
        proposed=machine,
        subject=a_subject(1),
        stage=GrantStage.CONFIRMED,
        confirmed=machine,
    )
    assert first.events == (GrantConfirmed(subject_id=first.id, at=NOON),)
    with pytest.raises(FourEyes):
        bootstrap(GrantId(new_id()), terms(Role.OFFICIAL, CITY), a_subject(1), at=NOON)


def test_each_act_is_told_and_keeps_whose_hand_it_was_and_why() -> None:
    day = timedelta(days=1)
    proposer, confirmer = hand(31, Role.TECHNICAL), evolve(hand(22, Role.OPERATOR), at=NOON + day)
    proposed = propose(
        GrantId(new_id()), terms(), proposer, operator_body=OPERATOR_BODY, subject=a_subject(50)
    )
    assert proposed == Grant(id=proposed.id, terms=terms(), proposed=proposer, subject=a_subject(50))
    assert proposed.events == (GrantProposed(subject_id=proposed.id, at=NOON),)
    refused = proposed.turn_down(confirmer, "  Не тот  ")
    assert refused == evolve(proposed, stage=GrantStage.REFUSED, ended=confirmer, end_reason="Не тот")
    assert refused.events == (*proposed.events, GrantTurnedDown(subject_id=proposed.id, at=NOON + day))
    with pytest.raises(GrantClosed):
        refused.turn_down(confirmer, "Ещё раз")
    with pytest.raises(GrantClosed):
        refused.confirm(confirmer)
    confirmed = proposed.confirm(confirmer)
    assert confirmed == evolve(proposed, stage=GrantStage.CONFIRMED, confirmed=confirmer)
    assert confirmed.events == (*proposed.events, GrantConfirmed(subject_id=proposed.id, at=NOON + day))
    ender = evolve(hand(21, Role.OPERATOR), at=NOON + 2 * day)
    ended = confirmed.end(ender, " Уволен ")
    assert ended == evolve(confirmed, stage=GrantStage.ENDED, ended=ender, end_reason="Уволен")
    assert ended.events == (*confirmed.events, GrantEnded(subject_id=proposed.id, at=NOON + 2 * day))


def test_a_proposer_takes_a_proposal_back_and_an_invitation_dies_with_it() -> None:
    invited = a_proposal(invitation_hash="a" * 64)
    assert invited.events == ()
    taken_back = invited.turn_down(hand(31, Role.TECHNICAL), "Ошибка")
    assert (taken_back.stage, taken_back.invitation_hash) == (GrantStage.REFUSED, None)
    nobody = Hand(participant_id=None, subject=None, role=Role.TECHNICAL, at=NOON)
    with pytest.raises(NotYourGrant):
        invited.turn_down(nobody, "Некто")
    unknown_proposer = evolve(invited, proposed=evolve(invited.proposed, subject=None))
    with pytest.raises(NotYourGrant):
        unknown_proposer.turn_down(nobody, "Некто")


def test_an_invitation_lives_its_term_and_is_not_for_whoever_made_it() -> None:
    invited = a_proposal(invitation_hash="a" * 64)
    end = invited.proposed.at + INVITATION_LIFE
    with pytest.raises(GrantClosed):
        invited.claim(a_subject(50), at=end)
    with pytest.raises(FourEyes):
        invited.claim(a_subject(31), at=NOON)
    last = end - timedelta(microseconds=1)
    claimed = invited.claim(a_subject(50), at=last)
    assert claimed == evolve(invited, subject=a_subject(50), invitation_hash=None)
    assert claimed.events == (GrantProposed(subject_id=invited.id, at=last),)
    with pytest.raises(GrantClosed):
        a_proposal(50).claim(a_subject(51), at=NOON)
    with pytest.raises(GrantClosed):
        evolve(invited, stage=GrantStage.REFUSED).claim(a_subject(50), at=NOON)


@pytest.mark.parametrize("words", ["", " \u200b", "я" * 2001])
def test_an_end_has_a_reason_of_bounded_length(words: str) -> None:
    for act in (a_proposal(50).turn_down, a_grant(50).end):
        with pytest.raises(Invalid) as refused:
            act(hand(22, Role.OPERATOR), words)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [("/reason", "no-reason")]
    assert a_grant(50).end(hand(22, Role.OPERATOR), "я" * 2000).end_reason == "я" * 2000


@pytest.mark.clause("5.1")
def test_nobody_proposes_to_themselves_to_nobody_or_twice_over() -> None:
    def proposed(by: Hand, **whom: Any) -> Grant:
        return propose(GrantId(new_id()), terms(), by, operator_body=OPERATOR_BODY, **whom)

    by = hand(31, Role.TECHNICAL)
    with pytest.raises(FourEyes):
        proposed(by, subject=a_subject(31))
    with pytest.raises(FourEyes):
        proposed(hand(31, Role.OFFICIAL), subject=a_subject(50))
    for whom in ({}, {"subject": a_subject(50), "invitation_hash": "a" * 64}):
        with pytest.raises(Invalid) as refused:
            proposed(by, **whom)
        assert [(f.pointer, f.code) for f in refused.value.faults] == [("/grantee", "no-grantee")]
    day = NOON.date()
    with pytest.raises(Invalid) as refused:
        propose(
            GrantId(new_id()),
            terms(Role.MODERATOR, CITY, valid_until=day - timedelta(days=1)),
            hand(21, Role.OPERATOR),
            operator_body=OPERATOR_BODY,
        )
    assert [(f.pointer, f.code) for f in refused.value.faults] == [
        ("/valid_until", "past-date"),
        ("/grantee", "no-grantee"),
        ("/body", "not-operator"),
    ]


@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.booleans(), st.booleans())
def test_terms_overlap_where_they_share_a_day(days: list[int], one_ends: bool, other_ends: bool) -> None:
    def spell(start: int, length: int, ends: bool) -> GrantTerms:
        first = NOON.date() + timedelta(days=start)
        return terms(valid_from=first, valid_until=first + timedelta(days=abs(length)) if ends else None)

    one, other = spell(days[0], days[1], one_ends), spell(days[2], days[3], other_ends)
    shared = any(
        all(t.days[0] <= NOON.date() + timedelta(days=n) <= t.days[1] for t in (one, other))
        for n in range(-9, 9)
    )
    assert one.overlaps(other) is other.overlaps(one) is shared


def test_terms_of_one_day_and_an_official_who_approves_are_right() -> None:
    day = NOON.date()
    right = terms(valid_from=day, valid_until=day, is_approver=True, work_email="a@example.org")
    assert right.days == (day, day)
    assert terms().days[1] == type(day).max
    with pytest.raises(Invalid) as refused:
        GrantTerms(
            role=Role.GUEST,
            body=" ",
            legal_act=ACT,
            valid_from=day,
            valid_until=day - timedelta(days=1),
            is_approver=True,
            work_email="не адрес",
        )
    assert [(f.pointer, f.basis) for f in refused.value.faults] == [
        ("/role", "Положение, п. 1.3"),
        ("/body", "Положение, п. 5.3"),
        ("/valid_until", None),
        ("/is_approver", None),
        ("/work_email", None),
    ]
