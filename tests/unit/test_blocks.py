"""A block is temporary, worded, set and reviewed by different people (Положение, п. 5.5; ADR 0019)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import BlockId, MessageId, ParticipantId
from niktokromenas.domain.participants.blocks import (
    LONGEST,
    SHORTEST,
    STOPPED,
    WORDS_LIMIT,
    AlreadyBlocked,
    AnotherDecides,
    Block,
    Blocked,
    Blockee,
    BlockHand,
    BlockStage,
    IllegalBlockMove,
    NotToBlock,
    block,
)
from niktokromenas.domain.participants.roles import Permission, Role
from tests.contract.stores import NOON

pytestmark = pytest.mark.clause("5.5")
WRITER, MODERATOR, OPERATOR = (ParticipantId(new_id()) for _ in range(3))


def hand(who: ParticipantId, role: Role, at: datetime = NOON, words: str = "Так") -> BlockHand:
    return BlockHand(participant_id=who, role=role, at=at, words=words)


def a_block(term: timedelta = timedelta(days=2), **changes: Any) -> Block:
    known: dict[str, Any] = {"participant_id": WRITER, "holds_power": False, "is_blocked": False}
    grounds, by = changes.pop("grounds", ("ads",)), changes.pop("by", hand(MODERATOR, Role.MODERATOR))
    whom = Blockee(message_id=MessageId(new_id()), **{**known, **changes})
    return block(BlockId(new_id()), whom, grounds, NOON + term, by)


@pytest.mark.parametrize("term", [SHORTEST, LONGEST])
def test_a_term_of_an_hour_to_thirty_days_is_taken(term: timedelta) -> None:
    assert a_block(term).is_live(NOON + term - timedelta(microseconds=1))
    assert not a_block(term).is_live(NOON + term)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"term": SHORTEST - timedelta(seconds=1)}, "bad-term"),
        ({"term": LONGEST + timedelta(seconds=1)}, "bad-term"),
        ({"grounds": ()}, "no-grounds"),
        ({"by": hand(MODERATOR, Role.MODERATOR, words=" \u200b")}, "no-words"),
    ],
)
def test_a_block_has_a_term_grounds_and_words(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_block(**changes)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_neither_oneself_nor_a_holder_of_power_nor_the_blocked_is_blocked() -> None:
    for changes in ({"participant_id": MODERATOR}, {"holds_power": True}):
        with pytest.raises(NotToBlock):
            a_block(**changes)
    with pytest.raises(AlreadyBlocked):
        a_block(is_blocked=True)


def test_a_block_stops_what_begins_anew_and_nothing_that_a_term_hangs_on() -> None:
    assert {p.value for p in STOPPED} == {
        "submit-message",
        "revise-message",
        "reopen-message",
        "write-as-author",
        "form-own-survey",
        "form-group",
    }
    made = a_block()
    for permission in Permission:
        if permission in STOPPED:
            with pytest.raises(Blocked) as told:
                made.refuse(permission, Role.USER, NOON)
            assert told.value.members == {
                "block": str(made.id),
                "until": made.until.isoformat(),
                "reason": "Так",
                "object_at": f"/api/v1/me/blocks/{made.id}/object",
            }
            made.refuse(permission, Role.USER, made.until)
        else:
            made.refuse(permission, Role.USER, NOON)


def test_an_objection_is_decided_by_an_operator_who_did_not_block_and_is_not_blocked() -> None:
    objected = a_block().object(hand(WRITER, Role.USER))
    with pytest.raises(AnotherDecides):
        objected.decide(hand(WRITER, Role.OPERATOR), is_granted=True)
    with pytest.raises(AnotherDecides):
        objected.decide(hand(MODERATOR, Role.OPERATOR), is_granted=False)
    with pytest.raises(AnotherDecides):
        objected.lift(hand(WRITER, Role.MODERATOR))
    with pytest.raises(IllegalBlockMove):
        objected.decide(hand(OPERATOR, Role.MODERATOR), is_granted=True)
    late = evolve(hand(OPERATOR, Role.OPERATOR), at=NOON + LONGEST)
    assert objected.decide(late, is_granted=False).decision == late


def test_each_act_keeps_whose_hand_it_was_and_is_told() -> None:
    writer, operator = hand(WRITER, Role.USER, words=" Нет "), hand(OPERATOR, Role.OPERATOR, NOON + SHORTEST)
    message = MessageId(new_id())
    whom = Blockee(participant_id=WRITER, message_id=message, holds_power=False, is_blocked=False)
    made = block(BlockId(new_id()), whom, ("ads", "spam"), NOON + LONGEST, hand(MODERATOR, Role.MODERATOR))
    assert made == Block(
        id=made.id,
        participant_id=WRITER,
        message_id=message,
        grounds=("ads", "spam"),
        set=hand(MODERATOR, Role.MODERATOR),
        until=NOON + LONGEST,
    )
    objected = made.object(writer)
    assert objected == evolve(made, stage=BlockStage.OBJECTED, objection=hand(WRITER, Role.USER, words="Нет"))
    upheld = objected.decide(operator, is_granted=False)
    assert upheld == evolve(objected, stage=BlockStage.UPHELD, decision=operator)
    granted = objected.decide(operator, is_granted=True)
    assert granted == evolve(objected, stage=BlockStage.LIFTED, decision=operator)
    lifted = upheld.lift(operator)
    assert lifted == evolve(upheld, stage=BlockStage.LIFTED, lifted=operator)
    told = [(event.kind, event.subject_id, event.at) for event in lifted.events]
    assert told == [
        ("block-set", made.id, NOON),
        ("block-objected", made.id, NOON),
        ("objection-decided", made.id, NOON + SHORTEST),
        ("block-lifted", made.id, NOON + SHORTEST),
    ]


def test_what_a_block_does_not_allow_is_refused_with_what_it_does() -> None:
    with pytest.raises(IllegalBlockMove) as refused:
        a_block().decide(hand(OPERATOR, Role.OPERATOR), is_granted=True)
    assert refused.value.members == {"possible": ["lift"]}
    over = hand(MODERATOR, Role.MODERATOR, NOON + LONGEST)
    for act in (a_block().lift, a_block().object):
        with pytest.raises(IllegalBlockMove):
            act(over)
    a_block().refuse(next(iter(STOPPED)), Role.OFFICIAL, NOON)


@pytest.mark.parametrize("words", ["", " \u200b", "я" * (WORDS_LIMIT + 1)])
def test_every_act_is_explained(words: str) -> None:
    objected = a_block().object(hand(WRITER, Role.USER))
    for act in (
        lambda: a_block(by=hand(MODERATOR, Role.MODERATOR, words=words)),
        lambda: a_block().object(hand(WRITER, Role.USER, words=words)),
        lambda: a_block().lift(hand(MODERATOR, Role.MODERATOR, words=words)),
        lambda: objected.decide(hand(OPERATOR, Role.OPERATOR, words=words), is_granted=True),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert [(f.pointer, f.code, f.basis) for f in refused.value.faults] == [
            ("/words", "no-words", "Положение, п. 5.5")
        ]
    longest = hand(MODERATOR, Role.MODERATOR, words="я" * WORDS_LIMIT)
    assert a_block(by=longest).lift(longest).set == longest


def test_all_that_is_wrong_with_a_block_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        a_block(timedelta(0), grounds=(), by=hand(MODERATOR, Role.MODERATOR, words=""))
    assert [(f.pointer, f.code, f.basis) for f in refused.value.faults] == [
        ("/grounds", "no-grounds", None),
        ("/until", "bad-term", "Положение, п. 5.5"),
        ("/words", "no-words", "Положение, п. 5.5"),
    ]


class BlockLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.block, self.at = a_block(), NOON
        self.objections = self.decisions = 0
        self.is_lifted = False

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule()
    def object(self) -> None:
        is_open = not self.is_lifted and self.at < self.block.until
        try:
            self.block = self.block.object(hand(WRITER, Role.USER, self.at))
        except IllegalBlockMove:
            assert self.objections or not is_open
        else:
            assert is_open
            self.objections += 1

    @rule(is_granted=st.booleans())
    def decide(self, is_granted: bool) -> None:
        waits = self.objections > self.decisions and not self.is_lifted
        try:
            self.block = self.block.decide(hand(OPERATOR, Role.OPERATOR, self.at), is_granted=is_granted)
        except IllegalBlockMove:
            assert not waits
        else:
            assert waits
            self.decisions += 1
            self.is_lifted = is_granted

    @rule()
    def lift(self) -> None:
        is_open = not self.is_lifted and self.at < self.block.until
        try:
            self.block = self.block.lift(hand(MODERATOR, Role.MODERATOR, self.at))
        except IllegalBlockMove:
            assert not is_open
        else:
            assert is_open
            self.is_lifted = True

    @invariant()
    def it_stops_until_its_end_or_lifting_and_is_objected_to_once(self) -> None:
        assert self.block.is_live(self.at) == (not self.is_lifted and self.at < self.block.until)
        assert self.decisions <= self.objections <= 1
        assert len(self.block.events) == 1 + self.objections + self.decisions + bool(self.block.lifted)


TestBlockLife = BlockLife.TestCase
TestBlockLife.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
