"""How far a letter comes: never twice, never forgotten."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from niktokromenas.domain.notices import LEASE, PAUSES, Delivery, DeliveryMoved, LetterState

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)
MINUTES = (1, 5, 30, 120, 360, 1440)
LETTER = UUID(int=1)


def claimed(attempts: int = 1) -> Delivery:
    """A letter under way for the given time, each attempt before it refused."""
    delivery, at = Delivery.begun(LETTER, at=NOON), NOON
    for _ in range(attempts - 1):
        delivery = delivery.claim(at).refused(at, "451 later")
        assert delivery.next_at is not None
        at = delivery.next_at
    return delivery.claim(at)


@pytest.mark.parametrize(("attempt", "minutes"), list(enumerate(MINUTES, start=1)))
def test_each_refusal_makes_the_pause_longer(attempt: int, minutes: int) -> None:
    resting = claimed(attempt).refused(NOON, "451 later")
    assert (resting.state, resting.last_error) == (LetterState.PENDING, "451 later")
    assert resting.next_at == NOON + timedelta(minutes=minutes)
    with pytest.raises(DeliveryMoved):
        resting.claim(resting.next_at - timedelta(microseconds=1))


def test_the_refusal_after_the_last_pause_is_the_end() -> None:
    assert claimed(7).refused(NOON, "451 later").state is LetterState.DEAD


def test_a_permanent_refusal_is_the_end_at_once() -> None:
    dead = claimed().refused(NOON, "550 no such mailbox", is_permanent=True)
    assert (dead.state, dead.attempts, dead.next_at) == (LetterState.DEAD, 1, None)


def test_a_claim_left_by_a_crash_is_unknown_once_its_lease_is_over() -> None:
    with pytest.raises(DeliveryMoved):
        claimed().abandon(NOON + LEASE - timedelta(microseconds=1))
    left = claimed().abandon(NOON + LEASE)
    assert left.state is LetterState.UNKNOWN
    assert left.last_error


def test_a_success_forgets_the_trouble_before_it_but_not_its_attempts() -> None:
    sent = claimed(3).sent()
    assert (sent.state, sent.attempts, sent.last_error) == (LetterState.SENT, 3, None)


def test_an_endless_error_is_cut() -> None:
    assert len(claimed().lost("x" * 10_000).last_error or "") == 500


class LetterLife(RuleBasedStateMachine):
    """Acts in any order at any time, against a small model of what is allowed."""

    @initialize()
    def begin(self) -> None:
        self.now = NOON
        self.delivery = Delivery.begun(LETTER, at=NOON)
        self.state = LetterState.PENDING
        self.earliest = NOON
        self.claimed_at = NOON
        self.claims = self.refusals = self.perhaps_taken = 0

    def act(self, act: Callable[[], Delivery], *, is_allowed: bool) -> bool:
        before = self.delivery
        try:
            self.delivery = act()
        except DeliveryMoved:
            assert not is_allowed
            assert self.delivery == before
            return False
        assert is_allowed
        return True

    @rule(minutes=st.sampled_from((0, 1, 4, 5, 14, 15, 30, 119, 120, 360, 1439, 1440)))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def claim(self) -> None:
        is_allowed = self.state is LetterState.PENDING and self.now >= self.earliest
        if self.act(lambda: self.delivery.claim(self.now), is_allowed=is_allowed):
            self.state, self.claimed_at = LetterState.CLAIMED, self.now
            self.claims += 1

    @rule()
    def sent(self) -> None:
        if self.act(self.delivery.sent, is_allowed=self.state is LetterState.CLAIMED):
            self.state = LetterState.SENT
            self.perhaps_taken += 1

    @rule()
    def lost(self) -> None:
        if self.act(lambda: self.delivery.lost("no reply"), is_allowed=self.state is LetterState.CLAIMED):
            self.state = LetterState.UNKNOWN
            self.perhaps_taken += 1

    @rule()
    def abandon(self) -> None:
        is_allowed = self.state is LetterState.CLAIMED and self.now >= self.claimed_at + LEASE
        if self.act(lambda: self.delivery.abandon(self.now), is_allowed=is_allowed):
            self.state = LetterState.UNKNOWN
            self.perhaps_taken += 1

    @rule(is_permanent=st.sampled_from((False, False, False, True)))
    def refused(self, is_permanent: bool) -> None:
        is_allowed = self.state is LetterState.CLAIMED
        if self.act(
            lambda: self.delivery.refused(self.now, "no", is_permanent=is_permanent), is_allowed=is_allowed
        ):
            self.refusals += 1
            if is_permanent or self.refusals > len(MINUTES):
                self.state = LetterState.DEAD
            else:
                self.state = LetterState.PENDING
                self.earliest = self.now + timedelta(minutes=MINUTES[self.refusals - 1])

    @invariant()
    def the_letter_is_where_the_model_says(self) -> None:
        assert self.delivery.state is self.state
        assert (self.delivery.next_at is not None) == (self.state is LetterState.PENDING)

    @invariant()
    def it_may_have_been_taken_once_at_most(self) -> None:
        assert self.perhaps_taken <= 1

    @invariant()
    def attempts_are_counted_and_bounded(self) -> None:
        assert self.delivery.attempts == self.claims <= len(MINUTES) + 1


LetterLife.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestLetterLife = LetterLife.TestCase


def test_each_end_keeps_what_was_said_of_it() -> None:
    letter = Delivery.begun(LETTER, at=NOON)
    assert letter == Delivery(LETTER, LetterState.PENDING, 0, NOON, None, None)
    begun = letter.claim(NOON)
    assert begun == Delivery(LETTER, LetterState.CLAIMED, 1, None, NOON, None)
    again = begun.refused(NOON, "я" * 501)
    assert again == Delivery(LETTER, LetterState.PENDING, 1, NOON + PAUSES[0], NOON, "я" * 500)
    assert begun.refused(NOON, "Нет", is_permanent=True) == Delivery(
        LETTER, LetterState.DEAD, 1, None, NOON, "Нет"
    )
    assert begun.lost("Обрыв") == Delivery(LETTER, LetterState.UNKNOWN, 1, None, NOON, "Обрыв")
    assert again.claim(NOON + PAUSES[0]).sent() == Delivery(
        LETTER, LetterState.SENT, 2, None, NOON + PAUSES[0], None
    )
    told = "Отправка прервалась, исход неизвестен"
    assert begun.abandon(NOON + LEASE) == Delivery(LETTER, LetterState.UNKNOWN, 1, None, NOON, told)


def test_what_cannot_be_done_with_a_letter_names_it() -> None:
    letter = Delivery.begun(LETTER, at=NOON)
    begun = letter.claim(NOON)
    for act, words in (
        (
            lambda: letter.claim(NOON - timedelta(microseconds=1)),
            f"letter {LETTER} cannot be claimed at .*: pending",
        ),
        (lambda: begun.claim(NOON), f"letter {LETTER} cannot be claimed at .*: claimed"),
        (lambda: Delivery(LETTER).claim(NOON), f"letter {LETTER} cannot be claimed at .*: pending"),
        (letter.sent, f"letter {LETTER} is not being sent: pending"),
        (
            lambda: begun.abandon(NOON + LEASE - timedelta(microseconds=1)),
            f"letter {LETTER} may still be on its way",
        ),
        (lambda: letter.abandon(NOON + LEASE), f"letter {LETTER} may still be on its way"),
    ):
        with pytest.raises(DeliveryMoved, match=f"^{words}$"):
            act()
