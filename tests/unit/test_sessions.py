"""Sessions and families of refresh tokens: a spent token ends the family."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from niktokromenas.domain.participants.sessions import (
    NotYourOrganisation,
    Session,
    SessionKind,
    SessionOver,
)
from niktokromenas.domain.secrets import fingerprint, is_same
from tests.contract.building import a_person
from tests.contract.stores import NOON
from tests.contract.test_participants import a_session


class RefreshFamily(RuleBasedStateMachine):
    """Any earlier token that comes back ends the family; time and the owner end it too."""

    def __init__(self) -> None:
        super().__init__()
        self.session: Session = a_session(
            a_person(), kind=SessionKind.APP, expires_at=NOON + timedelta(days=60)
        )
        self.at, self.issued, self.over = NOON, 1, False

    @rule(back=st.integers(0, 4))
    def refresh(self, back: int) -> None:
        generation = max(0, self.issued - 1 - back)
        is_live = not self.over and self.at < self.session.expires_at
        try:
            self.session = self.session.rotated(generation, at=self.at)
        except SessionOver:
            assert not is_live
            return
        assert is_live
        if generation == self.issued - 1:
            self.issued += 1
        else:
            self.over = True

    @rule()
    def owner_ends_it(self) -> None:
        self.session, self.over = self.session.ended(self.at, "by-owner"), True

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        assert (self.session.ended_at is not None) == self.over
        assert self.session.is_live(self.at) == (not self.over and self.at < self.session.expires_at)
        assert self.session.generation == self.issued - 1


TestRefreshFamily: Any = RefreshFamily.TestCase
TestRefreshFamily.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)


def test_an_end_is_recorded_once_with_its_reason() -> None:
    ended = a_session(a_person()).ended(NOON, "by-owner")
    assert ended.ended(NOON + timedelta(hours=1), "again") == ended


def test_one_acts_only_for_organisations_read_at_this_sign_in() -> None:
    session = a_session(a_person())
    known = session.organisations[0]
    assert session.acting_for(known.subject.oid) == known
    with pytest.raises(NotYourOrganisation):
        session.acting_for("999")


def test_bytes_that_are_no_text_are_just_another_secret() -> None:
    assert not is_same("\udcff", fingerprint("s"))
    assert is_same("\udcff", fingerprint("\udcff"))


def test_the_reason_of_an_end_is_kept() -> None:
    session = a_session(a_person())
    ended = session.ended(NOON, "by-owner")
    assert ended == evolve(session, ended_at=NOON, end_reason="by-owner")
    reused = session.rotated(session.generation + 1, at=session.began_at)
    assert reused == evolve(session, ended_at=session.began_at, end_reason="refresh-reused")
    assert session.rotated(session.generation, at=session.began_at).generation == session.generation + 1
    last = session.expires_at - timedelta(microseconds=1)
    assert (session.is_live(last), session.is_live(session.expires_at)) == (True, False)
