"""The life of a message as a state machine: everybody tries everything, and the model knows who succeeds."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from niktokromenas.domain.errors import Conflict, Forbidden, Invalid
from niktokromenas.domain.messages.desks import desk_of
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.ticking import mark_orphaned, next_tick, tick
from niktokromenas.domain.participants.roles import Role
from tests.contract.building import CITY, ROADS, a_message, a_person, author_of, doing
from tests.contract.stores import a_rulebook
from tests.unit.message_acts import ACTS, Attempt, Choice, attempt_of
from tests.unit.message_model import ANSWER_DAYS, LISTED, PEOPLE, Model, Part

RULES = a_rulebook()
ENOUGH = datetime(2027, 6, 1, tzinfo=UTC)
"""The calendar ends with that year, and terms reach ahead."""
BY_RULES = {"ask-clarification", "reject", "annul", "accept", "set-publicity"}
ONWARD = {"accept", "clarify", "revive", "take", "prepare", "approve", "place", "rate", "reopen", "report"}
RARE = {"ask-prolongation", "decide-prolongation", "send-back-draft", "return-answer", "place-contribution"}
BACK = {"annul", "withdraw"}

CHOICES: dict[str, tuple[Any, ...]] = {
    "which": (0, 0, 1, 2, 3),
    "other": (None, 0, 1, 2),
    "yes": (True, False),
    "final": (False, False, True),
    "value": (1, 2, 2, 3, 5),
    "comment": ("Слово", "Слово", None),
    "days": tuple(range(ANSWER_DAYS + 2)),
    "city": (True, False),
}
choices = st.builds(
    Choice,
    who=st.sampled_from((None, None, *PEOPLE, "author", "author at work")),
    **{name: st.sampled_from(values) for name, values in CHOICES.items()},
)


seeds = st.binary(min_size=8, max_size=8)
"""Not integers: hypothesis prefers small ones, and every life would be one of a few."""


def some_choice(chance: Random) -> Choice:
    return Choice(who=None, **{name: chance.choice(values) for name, values in CHOICES.items()})


def weight(name: str, model: Model) -> float:
    """How often it is chosen among what may be done."""
    if name in ONWARD or (name == "route" and model.lead is None):
        return 12
    if name in BACK:
        return 0.2
    return 6 if name in RARE else 1


class MessageLife(RuleBasedStateMachine):
    """After every act the message is what the model says, to the last term."""

    message: Message
    model: Model

    @initialize(steps=st.integers(0, 30), seed=seeds)
    def some_way_on(self, steps: int, seed: bytes) -> None:
        self.message = self.last = a_message(a_person())
        self.model = Model(author=author_of(self.message))
        self.go_on(steps, Random(seed))

    def attempt(self, attempt: Attempt) -> None:
        """Do it, or be refused and change nothing, as the model has said."""
        before, at = self.message, self.model.at
        try:
            after = attempt.act(before, doing(attempt.by, at))
        except (Conflict, Forbidden, Invalid) as refusal:
            if attempt.succeeds:
                raise AssertionError("refused, and should not be") from refusal
            return
        assert attempt.succeeds, "done, and should not be"
        newest = after.entries[len(before.entries) :]
        document = RULES.moderation_words if newest[0].act in BY_RULES else RULES.regulation_words
        assert {(entry.by, entry.at, entry.document) for entry in newest} == {(attempt.by, at, document)}
        assert [entry.act for entry in after.entries] == [event.act for event in after.events]
        self.message = after
        attempt.then()

    @rule(name=st.sampled_from(ACTS), choice=choices)
    def somebody_tries(self, name: str, choice: Choice) -> None:
        if (attempt := attempt_of(name, self.model, choice)) is not None:
            self.attempt(attempt)

    @rule(steps=st.integers(1, 8), seed=seeds)
    def work_goes_on(self, steps: int, seed: bytes) -> None:
        """A seed stands for the many choices: drawn one by one they leave no room for long lives."""
        self.go_on(steps, Random(seed))

    def go_on(self, steps: int, chance: Random) -> None:
        """What may be done, mostly what leads on: so that messages get as far as they do in life."""
        for _ in range(steps):
            if chance.random() < 0.15:
                self.a_term_comes(chance.randrange(3), chance.random() < 0.3)
                self.the_ticker_looks()
            choice = some_choice(chance)
            attempts = {name: attempt_of(name, self.model, choice) for name in ACTS}
            possible = {name: found for name, found in attempts.items() if found and found.succeeds}
            if possible:
                weights = [weight(name, self.model) for name in possible]
                name = chance.choices(list(possible), weights)[0]
                note(f"{name} by {possible[name].by.role}, while it is {self.model.stage}")
                self.attempt(possible[name])

    @rule(hours=st.integers(1, 24 * 4))
    def time_passes(self, hours: int) -> None:
        self.model.at = min(self.model.at + timedelta(hours=hours), ENOUGH)

    @rule(nth=st.integers(0, 2), is_early=st.booleans())
    def a_term_comes(self, nth: int, is_early: bool) -> None:
        """To the very instant, or to the last second before it."""
        ahead = self.model.instants()
        if nth < len(ahead):
            instant = ahead[nth] - timedelta(seconds=is_early)
            self.model.at = min(max(instant, self.model.at), ENOUGH)

    @rule()
    def the_ticker_looks(self) -> None:
        before, at = self.message, self.model.at
        due = next_tick(before, RULES)
        acts = self.model.tick()
        after = tick(before, RULES, at=at)
        newest = after.entries[len(before.entries) :]
        assert sorted(entry.act for entry in newest) == acts
        assert (after is before) == (acts == []) == (due is None or due > at)
        assert all(entry.by.role is Role.SYSTEM and entry.at == at for entry in newest)
        assert tick(after, RULES, at=at) is after
        self.message = after

    @rule(authority=st.sampled_from((CITY, ROADS)))
    def the_last_official_goes(self, authority: str) -> None:
        marked = self.model.orphan(authority)
        after = mark_orphaned(self.message, authority, RULES, at=self.model.at)
        assert len(after.entries) - len(self.message.entries) == marked
        self.message = after

    # What holds at any moment

    @invariant()
    def the_message_is_what_the_model_says(self) -> None:
        message, model = self.message, self.model
        rejection = message.rejection
        assert {name: str(getattr(message, name)) for name in _SAME} == {
            name: str(getattr(model, name)) for name in _SAME
        }
        assert (rejection.is_final if rejection else False) == model.is_final
        assert (rejection.revivable_until if rejection else None) == model.revivable_until
        assert [_seen(a) for a in message.assignments] == [_expected(part) for part in model.parts]

    @invariant()
    def only_what_a_moderator_made_public_is_public(self) -> None:
        expected = self.model.publicity == "public" and self.model.stage in LISTED
        assert self.message.is_public == expected

    @invariant()
    def one_at_most_leads_and_by_the_authors_term(self) -> None:
        leading = [a for a in self.message.current if a.is_lead and a.is_open]
        assert [a.due_at for a in leading] in ([], [self.message.answer_due])

    @invariant()
    def what_was_written_down_stays(self) -> None:
        for kept in ("entries", "events"):
            assert getattr(self.message, kept)[: len(getattr(self.last, kept))] == getattr(self.last, kept)
        answers = {a.id: a.answer for a in self.message.placed}
        assert all(answers[a.id] == a.answer for a in self.last.placed)
        self.last = self.message

    @invariant()
    def no_message_is_lost(self) -> None:
        """2.2-intake: somebody owes the next step, by a term, until the message is at its end."""
        message = self.message
        assert (desk_of(message) is None) == (self.model.desk_dues() == [])
        match self.model.stage:
            case "submitted" | "accepted":
                assert desk_of(message) is not None
            case "clarification":
                assert message.clarification_due is not None
            case "routed":
                awaited = [a for a in message.current if a.is_awaited and a.is_lead]
                assert desk_of(message) is not None or awaited
            case "answered":
                assert message.rating_due is not None


_SAME = (
    "stage",
    "publicity",
    "is_publicity_proposed",
    "edition",
    "clarifications",
    "revisions",
    "round",
    "returns",
    "is_with_coordinator",
    "reopenings",
    "outcome",
    "moderation_due",
    "clarification_due",
    "routing_due",
    "answer_due",
    "rating_due",
    "reopening_due",
)


def _seen(a: Any) -> dict[str, Any]:
    answer = a.answer
    is_broken = a.promise_overdue_at is not None
    return {
        "id": a.id,
        "authority": a.authority,
        "is_lead": a.is_lead,
        "round": a.round,
        "stage": a.stage.value,
        "due": a.due_at,
        "taken_by": a.taken_by,
        "asked": a.prolongation.working_days if a.prolongation else None,
        "prolonged": a.prolongations,
        "hands": (answer.prepared_by, answer.approved_by) if answer else None,
        "placing_due": a.placing_due,
        "is_placed": a.placed_at is not None,
        "rating": a.rating.value if a.rating else None,
        "is_overdue": a.overdue_at is not None,
        "is_escalated": a.escalated_at is not None,
        "is_orphaned": a.orphaned_at is not None,
        "has_broken_promise": is_broken,
    }


def _expected(part: Part) -> dict[str, Any]:
    names = (
        "id authority is_lead round stage due taken_by asked prolonged hands placing_due is_placed "
        "rating is_overdue is_orphaned has_broken_promise"
    )
    return {
        **{name: getattr(part, name) for name in names.split()},
        "is_escalated": part.is_escalated or part.is_promise_escalated,
    }


TestMessageLife: Any = pytest.mark.clause("2.2-intake")(MessageLife.TestCase)
TestMessageLife.settings = settings(
    max_examples=300,
    stateful_step_count=25,
    deadline=None,
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
