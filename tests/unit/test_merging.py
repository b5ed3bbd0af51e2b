"""Duplicates wait with an original and share its answer (Положение, п. 4.6; DOMAIN, moves of a message)."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from niktokromenas.domain.errors import Conflict, Forbidden, Invalid
from niktokromenas.domain.messages import answering, asking, authoring, merging, moderating
from niktokromenas.domain.messages.masking import as_public
from niktokromenas.domain.messages.masks import COVER
from niktokromenas.domain.messages.merging import MAX_DUPLICATES, CannotMerge
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import IllegalMove, NotTheAuthor, OwnMessage, possible_acts
from niktokromenas.domain.messages.stages import Act, Stage
from niktokromenas.domain.messages.suspending import waits_for_author
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import (
    MODERATOR,
    OFFICIAL,
    a_message,
    a_person,
    accepted,
    an_attachment,
    author_of,
    doing,
    placed,
    rated,
    ready,
    routed,
)
from tests.contract.stores import NOON, a_region, a_rulebook

RULES = a_rulebook()
WORDS = "Об одном и том же"


def a_pair(**changes: Any) -> tuple[Message, Message]:
    """A duplicate and its original, two authors."""
    original = accepted(a_message(a_person(1), "26-000001"))
    duplicate = a_message(a_person(2), "26-000002", NOON + timedelta(hours=1), **changes)
    return duplicate, original


def merged(duplicate: Message, original: Message) -> tuple[Message, Message]:
    return merging.merge(duplicate, original, WORDS, doing(MODERATOR, NOON + timedelta(hours=2)))


@pytest.mark.clause("4.6-process")
def test_a_duplicate_waits_with_its_original() -> None:
    duplicate, original = merged(*a_pair())
    assert (duplicate.stage, original.stage) == (Stage.MERGED, Stage.ACCEPTED)
    assert duplicate.merged is not None
    assert (duplicate.merged.into, duplicate.merged.number) == (original.id, "26-000001")
    assert original.duplicates == (duplicate.id,)
    assert (duplicate.moderation_due, duplicate.is_public) == (None, False)
    assert (duplicate.entries[-1].act, original.entries[-1].act) == ("merge", "take-in")
    assert duplicate.entries[-1].document == RULES.moderation_words


def _withdrawn(message: Message) -> Message:
    return authoring.withdraw(message, doing(author_of(message)))


def _rejected(message: Message) -> Message:
    grounds = a_region().resolve_grounds(["no_substance"])
    return moderating.annul(message, grounds, "Нет", doing(MODERATOR))


@pytest.mark.parametrize("ended", [_withdrawn, _rejected])
def test_nothing_is_merged_onto_what_has_ended(ended: Any) -> None:
    duplicate, original = a_pair()
    with pytest.raises(IllegalMove):
        merged(duplicate, ended(original))


def test_merging_is_flat() -> None:
    duplicate, original = merged(*a_pair())
    third = accepted(a_message(a_person(3), "26-000003"))
    with pytest.raises(IllegalMove):
        merged(third, duplicate)
    with pytest.raises(IllegalMove):
        merged(original, third)
    with pytest.raises(CannotMerge):
        merged(third, third)


@pytest.mark.parametrize("is_public", [True, False])
def test_a_non_public_original_takes_only_non_public_duplicates(is_public: bool) -> None:
    original = accepted(a_message(a_person(1)), public=False)
    fitting = accepted(a_message(a_person(2), "26-000002"), public=False)
    assert merged(fitting, original)[1].duplicates == (fitting.id,)
    other = a_message(a_person(3), "26-000003")
    with pytest.raises(CannotMerge):
        merged(accepted(other) if is_public else other, original)


def test_there_is_an_end_to_how_many_share_one_answer() -> None:
    duplicate, original = a_pair()
    full = evolve(original, duplicates=tuple(duplicate.id for _ in range(MAX_DUPLICATES)))
    with pytest.raises(CannotMerge):
        merged(duplicate, full)


def test_nobody_merges_their_own_message_or_into_it() -> None:
    duplicate, original = a_pair()
    for own in (duplicate, original):
        by = evolve(MODERATOR, participant_id=own.author.participant_id)
        with pytest.raises(OwnMessage):
            merging.merge(duplicate, original, WORDS, doing(by))


def test_a_merge_and_a_split_are_explained() -> None:
    duplicate, original = a_pair()
    with pytest.raises(Invalid):
        merging.merge(duplicate, original, " ", doing(MODERATOR))
    both = merged(duplicate, original)
    with pytest.raises(Invalid):
        merging.split_off(*both, None, doing(MODERATOR))


@pytest.mark.parametrize("was", ["submitted", "accepted"])
def test_what_is_split_off_stands_where_it_stood_with_a_new_term(was: str) -> None:
    duplicate, original = a_pair()
    both = merged(accepted(duplicate) if was == "accepted" else duplicate, original)
    later = NOON + timedelta(days=4)
    alone, left = merging.split_off(*both, "О разном", doing(MODERATOR, later))
    assert (alone.stage, alone.merged, left.duplicates) == (was, None, ())
    assert alone.moderation_due == (RULES.moderation_due(later) if was == "submitted" else None)
    assert alone.routing_due == (RULES.routing_due(later) if was == "accepted" else None)


def test_an_original_is_neither_rejected_nor_asked_about_before_its_duplicates_are_split_off() -> None:
    first, second = a_message(a_person(1)), a_message(a_person(2), "26-000002")
    _, original = merged(second, first)
    grounds = a_region().resolve_grounds(["no_substance"])
    possible = possible_acts(original, frozenset({Role.MODERATOR}), NOON, RULES)
    assert not {Act.REJECT, Act.ASK_CLARIFICATION, Act.MERGE} & set(possible)
    with pytest.raises(IllegalMove):
        moderating.reject(original, grounds, "Нет", doing(MODERATOR))
    with pytest.raises(IllegalMove):
        moderating.annul(accepted(original), grounds, "Нет", doing(MODERATOR))


@pytest.mark.clause("4.7-rate")
def test_each_author_of_a_duplicate_rates_the_shared_answer_once() -> None:
    duplicate, original = merged(*a_pair())
    with pytest.raises(IllegalMove):
        merging.rate_shared(duplicate, original, 5, None, doing(author_of(duplicate)))
    answered = placed(ready(routed(original)))
    rating = merging.rate_shared(duplicate, answered, 2, "Яма осталась", doing(author_of(duplicate)))
    [shared] = rating.shared_ratings
    assert (shared.rating.value, shared.rating.comment) == (2, "Яма осталась")
    assert answered.answered_lead is not None
    assert answered.answered_lead.rating is None
    with pytest.raises(IllegalMove):
        merging.rate_shared(rating, answered, 5, None, doing(author_of(duplicate)))
    with pytest.raises(NotTheAuthor):
        merging.rate_shared(duplicate, answered, 5, None, doing(author_of(original)))
    with pytest.raises(Invalid):
        merging.rate_shared(duplicate, answered, 6, None, doing(author_of(duplicate)))


def test_the_term_of_a_shared_rating_does_not_end_with_the_originals() -> None:
    duplicate, original = merged(*a_pair())
    closed = rated(placed(ready(routed(original))), 5)
    due = RULES.rating_due(NOON)
    in_time, late = due - timedelta(seconds=1), due
    merging.rate_shared(duplicate, closed, 5, None, doing(author_of(duplicate), in_time))
    with pytest.raises(IllegalMove):
        merging.rate_shared(duplicate, closed, 5, None, doing(author_of(duplicate), late))


@pytest.mark.clause("4.7-rate")
def test_a_second_answer_is_rated_anew() -> None:
    duplicate, original = merged(*a_pair())
    unhappy = rated(placed(ready(routed(original))), 1, "Плохо")
    duplicate = merging.rate_shared(duplicate, unhappy, 1, None, doing(author_of(duplicate)))
    again = authoring.reopen(unhappy, doing(author_of(unhappy)))
    with pytest.raises(IllegalMove):
        merging.rate_shared(duplicate, again, 4, None, doing(author_of(duplicate)))
    answered = placed(ready(routed(again)))
    duplicate = merging.rate_shared(duplicate, answered, 4, None, doing(author_of(duplicate)))
    assert [shared.rating.value for shared in duplicate.shared_ratings] == [1, 4]
    with pytest.raises(NotTheAuthor):
        authoring.reopen(answered, doing(author_of(duplicate)))


def left(original: Message, heir: Message | None) -> Message:
    return merging.leave(original, heir, doing(author_of(original), NOON + timedelta(hours=3)))


def test_the_oldest_duplicate_takes_over_with_its_own_words() -> None:
    duplicate, original = merged(*a_pair(text="Провал у школы", attachments=(an_attachment(),)))
    at_work = routed(original)
    after = left(at_work, duplicate)
    assert (after.author, after.content) == (duplicate.author, duplicate.content)
    assert (after.number, after.stage, after.answer_due) == (original.number, "routed", at_work.answer_due)
    assert after.assignments == at_work.assignments
    assert (after.duplicates, after.edition) == ((), original.edition + 1)
    assert after.entries[-1].content == duplicate.content


def test_what_nobody_checked_is_hidden_until_a_moderator_looked_at_it() -> None:
    secret = an_attachment("паспорт.jpg")
    duplicate, original = merged(*a_pair(text="Провал у школы", attachments=(secret,)))
    after = left(original, duplicate)
    shown = as_public(after)
    assert after.is_public
    assert set(shown.content.text) == {COVER}
    assert shown.content.attachments == ()
    assert shown.content.occasion.place.address is None
    assert after.masks_due == RULES.moderation_due(NOON)


def test_what_was_published_already_stays_as_it_was_shown() -> None:
    original = accepted(a_message(a_person(1)))
    duplicate, original = merged(accepted(a_message(a_person(2), "26-000002", text="Провал")), original)
    after = left(original, duplicate)
    assert (as_public(after).content.text, after.masks_due) == ("Провал", None)


def test_an_heir_rates_as_the_author_and_is_not_split_off() -> None:
    duplicate, original = merged(*a_pair())
    answered = placed(ready(routed(left(original, duplicate))))
    with pytest.raises(IllegalMove):
        merging.rate_shared(duplicate, answered, 5, None, doing(author_of(duplicate)))
    with pytest.raises(IllegalMove):
        merging.split_off(duplicate, answered, "Отдельно", doing(MODERATOR))
    assert rated(answered, 5).stage is Stage.CLOSED


def test_a_message_others_joined_stays_without_its_author() -> None:
    original = accepted(a_message(a_person(1), phone="+7 900 123-45-67", shows_phone=True))
    after = left(original, None)
    assert (after.stage, after.author_left_at) == ("accepted", NOON + timedelta(hours=3))
    assert after.author.details.phone is None
    answered = placed(ready(routed(after)))
    with pytest.raises(NotTheAuthor):
        rated(answered, 5)


@pytest.mark.parametrize("joined", [True, False])
def test_a_term_that_waited_for_the_author_runs_on_when_they_leave(joined: bool) -> None:
    """Nobody is left who could reply to what the first author was asked."""
    duplicate, original = merged(*a_pair())
    at_work = routed(original)
    lead = at_work.lead
    assert lead is not None
    suspending = evolve(RULES, regulation=evolve(RULES.regulation, asking_suspends_term=True))
    by = evolve(doing(OFFICIAL), rules=suspending)
    asked = asking.ask(answering.take(at_work, lead.id, by), lead.id, "Где?", by)
    assert waits_for_author(asked)
    later = evolve(doing(author_of(asked), NOON + timedelta(days=1)), rules=suspending)
    after = merging.leave(asked, None if joined else duplicate, later)
    assert not waits_for_author(after)
    assert merging.taken_over_at(after.entries) == later.at
    assert merging.taken_over_at(asked.entries) is None


def test_nobody_leaves_when_the_answer_is_ready() -> None:
    duplicate, original = merged(*a_pair())
    with pytest.raises(IllegalMove):
        left(ready(routed(original)), duplicate)


def test_each_refusal_says_why() -> None:
    duplicate, original = a_pair()
    hidden = accepted(a_message(a_person(3), "26-000003"), public=False)
    full = evolve(original, duplicates=tuple(duplicate.id for _ in range(MAX_DUPLICATES)))
    for one, other, words in (
        (original, original, "с ним самим"),
        (duplicate, hidden, "только непубличные"),
        (duplicate, full, f"не больше {MAX_DUPLICATES} других"),
    ):
        with pytest.raises(CannotMerge, match=words):
            merged(one, other)
    almost = evolve(original, duplicates=full.duplicates[1:])
    assert len(merged(duplicate, almost)[1].duplicates) == MAX_DUPLICATES
    stranger = evolve(merged(*a_pair())[1], duplicates=())
    with pytest.raises(IllegalMove, match=f"сообщение {stranger.number}"):
        merging.split_off(merged(duplicate, original)[0], stranger, "О разном", doing(MODERATOR))


def test_why_a_shared_answer_is_not_rated_is_told_in_words() -> None:
    duplicate, original = merged(*a_pair())
    answered = placed(ready(routed(original)))
    due = RULES.rating_due(NOON)

    def why(one: Message = duplicate, other: Message = answered, at: Any = NOON) -> str | None:
        return merging.why_not_rated(one, other, at, RULES)

    assert why() is why(at=due - timedelta(microseconds=1)) is None
    assert why(other=routed(original)) == why(other=original) == "На сообщение ещё не ответили"
    assert why(other=evolve(answered, duplicates=())) == f"Оцените ответ в сообщении {original.number}"
    done = merging.rate_shared(duplicate, answered, 5, None, doing(author_of(duplicate)))
    assert why(done) == "Этот ответ уже оценён"
    assert why(at=due) == "Срок оценки прошёл"
    with pytest.raises(IllegalMove, match="Этот ответ уже оценён"):
        merging.rate_shared(done, answered, 5, None, doing(author_of(duplicate)))
    lead = answered.assignments[0]
    undated = answered.replacing(evolve(lead, placed_at=None))
    assert why(other=undated) == "На сообщение ещё не ответили"


class Merging(RuleBasedStateMachine):
    """Four messages merged and split at random: whatever succeeds, the two sides agree and it stays flat."""

    messages: list[Message]

    @initialize(publics=st.lists(st.booleans(), min_size=4, max_size=4))
    def some_messages(self, publics: list[bool]) -> None:
        made = [a_message(a_person(n), f"26-00000{n}") for n in range(1, 5)]
        self.heirs: set[object] = set()
        self.messages = [accepted(made[0]), *made[1:]]
        for place, is_public in enumerate(publics[1:], 1):
            if is_public:
                self.messages[place] = accepted(made[place], public=place % 2 == 0)

    def attempt(self, one: int, other: int, act: Any) -> None:
        try:
            changed = act(self.messages[one], self.messages[other])
        except (Conflict, Forbidden):
            return
        self.messages[one], self.messages[other] = changed

    @rule(one=st.integers(0, 3), other=st.integers(0, 3))
    def merge(self, one: int, other: int) -> None:
        self.attempt(one, other, lambda a, b: merging.merge(a, b, WORDS, doing(MODERATOR)))

    @rule(one=st.integers(0, 3))
    def split_off(self, one: int) -> None:
        into = self.messages[one].merged
        if into is not None:
            other = next(n for n, m in enumerate(self.messages) if m.id == into.into)
            self.attempt(one, other, lambda a, b: merging.split_off(a, b, "Разное", doing(MODERATOR)))

    @rule(one=st.integers(0, 3))
    def leave(self, one: int) -> None:
        message = self.messages[one]
        if message.duplicates:
            heir = next(m for m in self.messages if m.id == min(message.duplicates))
            self.heirs.add(heir.id)
            self.messages[one] = merging.leave(message, heir, doing(author_of(message)))

    @invariant()
    def both_sides_agree(self) -> None:
        by_id = {message.id: message for message in self.messages}
        for message in self.messages:
            assert (message.stage is Stage.MERGED) == (message.merged is not None)
            assert not (message.merged and message.duplicates)
            for each in message.duplicates:
                merged_into = by_id[each].merged
                assert merged_into is not None
                assert merged_into.into == message.id
            assert len(set(message.duplicates)) == len(message.duplicates)
            if message.merged:
                original = by_id[message.merged.into]
                assert (message.id in original.duplicates) == (message.id not in self.heirs)


TestMerging: Any = pytest.mark.clause("4.6-process")(Merging.TestCase)
TestMerging.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
