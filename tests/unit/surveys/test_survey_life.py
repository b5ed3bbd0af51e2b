"""The life of a survey as a state machine: everybody tries everything, and the model knows who succeeds."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from attrs import define, evolve, field
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from niktokromenas.domain.errors import Conflict, Forbidden, Invalid
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.actors import SYSTEM, Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys import initiating, moderating, ticking
from niktokromenas.domain.surveys.content import Content
from niktokromenas.domain.surveys.moves import Doing, NotTheAuthority, NotTheInitiator, possible_acts
from niktokromenas.domain.surveys.opening import NotOpen, is_open, require_open
from niktokromenas.domain.surveys.stages import Act, FreezeReason
from niktokromenas.domain.surveys.survey import Survey, SurveyActed
from tests.contract.stores import NOON, a_region
from tests.unit.surveys.building import (
    ANNOUNCE,
    AUTHOR,
    BUSINESSMAN,
    COLLEAGUE,
    CONTROLLER,
    COORDINATOR,
    END,
    MODERATOR,
    MUNICIPALITIES,
    OFFICIAL,
    OPERATOR,
    PARTNER,
    PEOPLE,
    RULES,
    START,
    STRANGER,
    TECHNICAL,
    a_content,
    a_head,
    a_survey,
    doing,
)

GROUNDS = a_region().resolve_survey_grounds(["ads"])
EDITS = (
    a_content(title="Иначе"),
    a_content(starts_at=START + timedelta(days=3), ends_at=END + timedelta(days=3)),
    a_content(is_changeable=True),
    a_content(title=" "),
)
CALENDAR = RULES.rulebook.calendar
EVERYBODY = (
    *PEOPLE,
    evolve(MODERATOR, participant_id=COLLEAGUE.participant_id),
    evolve(CONTROLLER, participant_id=PARTNER.participant_id),
)
"""Some have two hats."""


@define(eq=False)
class Model:
    """What DOMAIN says of it, in plain values. Nothing here asks the product what it would do."""

    by: Acting
    content: Content
    authors: list[ParticipantId | None] = field(factory=list)
    stage: str = "draft"
    at: datetime = NOON
    round: int = 0
    due: datetime | None = None
    late: tuple[int, ...] = ()
    frozen: bool = False
    announced: Content | None = None
    sealed: bool = False
    told: bool = False
    follow_up_due: datetime | None = None

    @property
    def start(self) -> datetime:
        assert self.content.starts_at is not None
        return self.content.starts_at

    @property
    def end(self) -> datetime:
        assert self.content.ends_at is not None
        return self.content.ends_at

    def is_initiator(self, who: Acting) -> bool:
        if self.by.role is Role.USER and self.by.organisation_id is not None:
            return who.role is Role.USER and who.organisation_id == self.by.organisation_id
        if self.by.role is Role.USER:
            return who == self.by
        return (who.role, who.body) == (self.by.role, self.by.body)

    def decides(self, who: Acting, *roles: Role) -> bool:
        return who.role in roles and who.participant_id not in (self.by.participant_id, *self.authors)

    def days(self, number: int) -> datetime:
        return CALENDAR.due_after_working_days(self.at, number)

    def can(self, act: str, who: Acting) -> bool:
        """Whether it succeeds when that person tries it now."""
        mine = self.is_initiator(who)
        drafts = ("draft", "awaiting-consent", "submitted", "approved", "refused")
        match act:
            case "edit":
                return mine and self.stage == "draft" and not self.frozen
            case "submit":
                announce_at = self.content.announce_at
                ahead = announce_at is not None and min(announce_at, self.start) > self.at
                whole = bool(self.content.title.strip()) and ahead
                return mine and self.stage == "draft" and not self.frozen and whole
            case "consent" | "decline":
                business = self.by.organisation_id is not None
                ours = who.body == "vo-economy" and business
                waits = self.stage == "awaiting-consent" and self.due is not None and self.at < self.due
                return self.decides(who, Role.OFFICIAL) and ours and waits
            case "approve":
                return (
                    self.decides(who, Role.MODERATOR) and self.stage == "submitted" and self.at < self.start
                )
            case "refuse":
                three = (Role.MODERATOR, Role.OPERATOR, Role.TECHNICAL)
                return self.decides(who, *three) and self.stage in ("submitted", "approved")
            case "revise":
                return mine and self.stage == "refused"
            case "take-back":
                return mine and self.stage in ("submitted", "approved")
            case "withdraw":
                before = self.stage == "announced" and self.at < self.start
                return mine and (self.stage in drafts or before)
            case "stop":
                running = self.stage in ("announced", "open") and self.at < self.end
                return self.decides(who, Role.OPERATOR) and running
            case "annul":
                return self.decides(who, Role.OPERATOR) and self.stage in ("closed", "published")
            case "follow-up":
                return mine and self.stage == "published"
            case _:
                raise AssertionError(act)

    @property
    def is_overdue(self) -> bool:
        """Its moderation is late, and that is marked nowhere."""
        return (
            self.stage == "submitted"
            and self.due is not None
            and self.at >= self.due
            and self.round not in self.late
        )

    def mark(self) -> None:
        if self.is_overdue:
            self.late = (*self.late, self.round)

    def do(self, act: str, who: Acting) -> None:
        self.mark()
        if act in ("edit", "submit"):
            self.authors.append(who.participant_id)
        match act:
            case "submit":
                self.round += 1
                business = self.by.organisation_id is not None
                self.stage = "awaiting-consent" if business else "submitted"
                self.due = self.days(5 if business else 2)
            case "consent":
                self.stage, self.due = "submitted", self.days(2)
            case "decline" | "refuse":
                self.stage, self.due = "refused", None
            case "approve":
                self.stage, self.due = "approved", None
            case "revise" | "take-back":
                self.stage, self.due = "draft", None
            case "withdraw":
                self.stage, self.due = "withdrawn", None
            case "stop":
                self.stage = "stopped"
            case "annul":
                self.stage, self.follow_up_due = "annulled", None
            case "follow-up":
                self.told, self.follow_up_due = True, None
            case _:
                pass

    def tick(self) -> None:
        if self.stage == "awaiting-consent" and self.due is not None and self.at >= self.due:
            self.stage, self.due = "draft", None
        self.mark()
        if self.stage == "approved" and self.at >= self.start:
            self.stage = "draft"
        announce_at = self.content.announce_at
        assert announce_at is not None
        if self.stage == "approved" and self.at >= announce_at:
            self.stage, self.announced = "announced", self.content
        if self.stage == "announced" and self.at >= self.start:
            self.stage = "open"
        if self.stage == "open" and self.at >= self.end:
            self.stage = "closed"
        if self.follow_up_due is not None and self.at >= self.follow_up_due:
            self.follow_up_due = None


ACTS: dict[str, Callable[[Survey, Doing], Survey]] = {
    "submit": lambda s, d: initiating.submit(s, MUNICIPALITIES, d),
    "consent": moderating.consent,
    "decline": lambda s, d: moderating.decline(s, "Не наше дело", d),
    "approve": moderating.approve,
    "refuse": lambda s, d: moderating.refuse_publication(s, GROUNDS, "Реклама", d),
    "revise": initiating.revise,
    "take-back": initiating.take_back,
    "withdraw": lambda s, d: initiating.withdraw(s, "Передумали", d),
    "stop": lambda s, d: moderating.stop(s, "Нарушение", None, d),
    "annul": lambda s, d: moderating.annul(s, "Накрутка", d),
    "follow-up": lambda s, d: initiating.follow_up(s, "Отремонтировали", d),
}
WHO_MAY = {
    "consent": CONTROLLER,
    "decline": CONTROLLER,
    "approve": MODERATOR,
    "refuse": TECHNICAL,
    "stop": OPERATOR,
    "annul": OPERATOR,
}
seeds = st.binary(min_size=8, max_size=8)
"""Not integers: hypothesis prefers small ones, and every life would be one of a few."""
WAY = ("draft", "awaiting-consent", "submitted", "approved", "announced", "open", "closed", "published")
ONWARD = ("submit", "consent", "approve", "submit", "consent", "approve", "follow-up")


class SurveyLife(RuleBasedStateMachine):
    survey: Survey
    model: Model

    @initialize(seed=seeds)
    def somebody_is_some_way_on(self, seed: bytes) -> None:
        chance = Random(seed)
        by = chance.choice((AUTHOR, BUSINESSMAN, BUSINESSMAN, OFFICIAL, OPERATOR, COORDINATOR))
        stage = chance.choice(WAY)
        self.survey = a_survey(by)
        self.model = Model(by=by, content=self.survey.content)
        for act in ("submit", "consent", "approve"):
            if self.model.stage == stage:
                return
            if act != "consent" or by is BUSINESSMAN:
                self.attempt(act, WHO_MAY.get(act, by), ACTS[act])
        for term in (ANNOUNCE, START, END):
            if self.model.stage == stage:
                return
            self.model.at = term
            self.the_ticker_looks()
        if stage == "published":
            self.it_is_counted()

    @rule(seed=seeds)
    def much_happens(self, seed: bytes) -> None:
        """A seed stands for the many choices: drawn one by one they leave no room for long lives."""
        chance = Random(seed)
        for _ in range(25):
            match chance.randrange(11):
                case 10 if self.model.authors:
                    act, who = chance.choice(sorted(WHO_MAY)), chance.choice(self.model.authors)
                    self.somebody_tries(act, evolve(WHO_MAY[act], participant_id=who))
                case 0 | 1:
                    self.somebody_tries(chance.choice(sorted(ACTS)), chance.choice(EVERYBODY))
                case 2 | 3 | 4:
                    act = chance.choice((*ONWARD, *sorted(ACTS)))
                    if act not in ("withdraw", "annul", "stop") or chance.random() < 0.15:
                        self.the_right_one_does(act)
                case 5:
                    self.somebody_edits(chance.choice(EDITS), chance.choice((None, None, *PEOPLE)))
                case 6:
                    self.a_term_comes(chance.randrange(5), chance.random() < 0.5)
                case 7:
                    self.the_ticker_looks()
                case 8 if self.model.stage == "closed":
                    self.it_is_counted()
                case 8 if self.model.stage in ("stopped", "annulled"):
                    self.its_log_is_sealed()
                case 9 if chance.random() < 0.3:
                    self.the_group_ends_or_comes_back(chance.random() < 0.5)
                case _:
                    self.time_passes(chance.randrange(1, 100), chance.choice((-1, 0, 1)))
            self.it_is_what_the_model_says()
            self.nothing_moves_once_it_is_announced()
            self.answers_are_taken_between_the_instants_whatever_the_ticker_has_done()

    def attempt(self, act: str, who: Acting, what: Callable[[Survey, Doing], Survey]) -> None:
        note(f"{act} by {who.role} while {self.model.stage}")
        succeeds = self.model.can(act, who)
        listed = Act(act) in possible_acts(self.survey, who, self.model.at)
        assert listed or not succeeds, "it succeeds and is not told as possible"
        try:
            after = what(self.survey, doing(who, self.model.at))
        except (Conflict, Forbidden, Invalid) as refusal:
            if succeeds:
                raise AssertionError("refused, and should not be") from refusal
            return
        assert succeeds, "done, and should not be"
        newest = after.entries[len(self.survey.entries) :]
        marked = [("mark-overdue", SYSTEM, self.model.at)] if self.model.is_overdue else []
        assert [(entry.act, entry.by, entry.at) for entry in newest] == [*marked, (act, who, self.model.at)]
        told = [event.act for event in after.events if isinstance(event, SurveyActed)]
        assert told == [entry.act for entry in after.entries]
        self.survey = after
        self.model.do(act, who)

    def somebody_tries(self, act: str, who: Acting) -> None:
        self.attempt(act, who, ACTS[act])

    @rule(act=st.sampled_from((*ONWARD, *sorted(ACTS))))
    def the_right_one_does(self, act: str) -> None:
        who = WHO_MAY.get(act, PARTNER if self.model.by is BUSINESSMAN else self.model.by)
        self.attempt(act, who, ACTS[act])

    def somebody_edits(self, content: Content, who: Acting | None) -> None:
        before = self.survey
        self.attempt("edit", who or self.model.by, lambda s, d: initiating.edit(s, content, d))
        if self.survey is not before:
            self.model.content = content

    def time_passes(self, hours: int, seconds: int) -> None:
        self.model.at += timedelta(hours=hours, seconds=seconds)

    def a_term_comes(self, which: int, early: bool) -> None:
        terms = (self.model.due, ANNOUNCE, self.model.start, self.model.end, self.model.follow_up_due)
        if (term := terms[which]) is not None and term - timedelta(seconds=1) > self.model.at:
            self.model.at = term - timedelta(seconds=early)

    def the_ticker_looks(self) -> None:
        due = ticking.next_tick(self.survey)
        after = ticking.tick(self.survey, RULES, at=self.model.at)
        assert (after == self.survey) is (due is None or due > self.model.at)
        assert ticking.tick(after, RULES, at=self.model.at) == after
        self.survey = after
        self.model.tick()

    def it_is_counted(self) -> None:
        at = self.model.at
        self.survey = ticking.publish(self.survey, a_head(self.survey, at=at), RULES, at=at)
        self.model.stage, self.model.sealed = "published", True
        day = CALENDAR.local_date(at) + timedelta(days=30)
        self.model.follow_up_due = CALENDAR.end_of(day)

    def its_log_is_sealed(self) -> None:
        head = a_head(self.survey)
        if self.model.sealed:
            with pytest.raises(Conflict):
                ticking.seal(self.survey, head, RULES, at=self.model.at)
        else:
            self.survey = ticking.seal(self.survey, head, RULES, at=self.model.at)
            self.model.sealed = True

    def the_group_ends_or_comes_back(self, is_over: bool) -> None:
        drafts = ("draft", "awaiting-consent", "submitted", "approved", "refused")
        may = self.model.stage in drafts and self.model.frozen is not is_over
        may = may and (is_over or self.model.stage == "draft")
        try:
            if is_over:
                after = ticking.freeze(self.survey, FreezeReason.GROUP_ENDED, RULES, at=self.model.at)
            else:
                after = ticking.unfreeze(self.survey, RULES, at=self.model.at)
        except Conflict:
            assert not may
            return
        assert may
        self.survey = after
        self.model.mark()
        self.model.frozen, self.model.stage, self.model.due = is_over, "draft", None

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        survey, model = self.survey, self.model
        assert (survey.stage.value, survey.round, survey.content) == (model.stage, model.round, model.content)
        assert (survey.consent_due or survey.moderation_due) == model.due
        assert survey.overdue_rounds == model.late
        assert (survey.freeze_reason is not None) is model.frozen
        assert (survey.head is not None) is model.sealed
        assert survey.follow_up_due == model.follow_up_due
        assert bool(survey.follow_ups) is model.told
        assert survey.is_public is (model.announced is not None)
        reasons = ("withdrawn", "stopped", "annulled")
        assert (survey.ending is not None) is (model.stage in reasons)

    @invariant()
    def nothing_moves_once_it_is_announced(self) -> None:
        if self.model.announced is not None:
            assert self.survey.content == self.model.announced

    @invariant()
    def answers_are_taken_between_the_instants_whatever_the_ticker_has_done(self) -> None:
        model = self.model
        running = model.stage in ("announced", "open") and model.start <= model.at < model.end
        assert is_open(self.survey, model.at) is running

    @invariant()
    def the_history_leads_from_stage_to_stage(self) -> None:
        stages = [(entry.from_stage, entry.to_stage) for entry in self.survey.entries]
        assert stages[0][0] is None
        for (_, before), (after, _) in pairwise(stages):
            assert before == after


SurveyLife.TestCase.settings = settings(max_examples=120, stateful_step_count=8, deadline=None)
TestSurveyLife = pytest.mark.clause("9-term")(SurveyLife.TestCase)


def announced() -> Survey:
    survey = initiating.submit(a_survey(), MUNICIPALITIES, doing(OFFICIAL))
    return ticking.tick(moderating.approve(survey, doing(MODERATOR)), RULES, at=ANNOUNCE)


@pytest.mark.abuse(4)
@pytest.mark.clause("9-dates")
def test_an_answer_a_moment_outside_is_refused_with_the_dates() -> None:
    survey = announced()
    moment = timedelta(microseconds=1)
    for at, words in (
        (START - moment, "не начался"),
        (END, "завершён"),
        (END + moment, "завершён"),
    ):
        with pytest.raises(NotOpen, match=words) as refusal:
            require_open(survey, at)
        assert refusal.value.members == {
            "stage": "announced",
            "starts_at": START.isoformat(),
            "ends_at": END.isoformat(),
        }
    require_open(survey, START)
    require_open(survey, END - moment)
    draft = a_survey()
    with pytest.raises(NotOpen) as refusal:
        require_open(draft, START)
    assert "starts_at" not in refusal.value.members


def edge(act: str, survey: Survey, who: Acting, at: datetime) -> tuple[bool, bool]:
    """Whether it succeeds a second before the instant, and at it."""

    def succeeds(moment: datetime) -> bool:
        try:
            ACTS[act](survey, doing(who, moment))
        except Conflict:
            return False
        return True

    return succeeds(at - timedelta(seconds=1)), succeeds(at)


def test_what_must_be_done_before_an_instant_is_refused_at_it() -> None:
    """A late ticker changes nothing: the instants are looked at, not the stage alone."""
    survey = initiating.submit(a_survey(), MUNICIPALITIES, doing(OFFICIAL))
    assert edge("approve", survey, MODERATOR, START) == (True, False)
    assert edge("withdraw", announced(), COLLEAGUE, START) == (True, False)
    assert edge("stop", announced(), OPERATOR, END) == (True, False)
    business = initiating.submit(a_survey(BUSINESSMAN), MUNICIPALITIES, doing(BUSINESSMAN))
    assert business.consent_due is not None
    for act in ("consent", "decline"):
        assert edge(act, business, CONTROLLER, business.consent_due) == (True, False)
    opened = ticking.tick(announced(), RULES, at=START)
    assert edge("stop", opened, OPERATOR, END) == (True, False)
    draft = a_survey()
    with pytest.raises(Invalid, match="Начало"):
        initiating.submit(draft, MUNICIPALITIES, doing(OFFICIAL, START))


@pytest.mark.clause("9-business")
def test_only_the_named_authority_consents() -> None:
    survey = initiating.submit(a_survey(BUSINESSMAN), MUNICIPALITIES, doing(BUSINESSMAN))
    for act in ("consent", "decline"):
        with pytest.raises(NotTheAuthority):
            ACTS[act](survey, doing(OFFICIAL))
        assert ACTS[act](survey, doing(CONTROLLER)).entries


def test_a_business_may_act_by_another_of_its_people_and_a_group_member_may_not() -> None:
    business = a_survey(BUSINESSMAN)
    assert initiating.edit(business, EDITS[0], doing(PARTNER)).content == EDITS[0]
    with pytest.raises(NotTheInitiator):
        initiating.edit(a_survey(AUTHOR), EDITS[0], doing(STRANGER))
    with pytest.raises(NotTheInitiator):
        initiating.edit(a_survey(OFFICIAL), EDITS[0], doing(CONTROLLER))


def test_a_stopped_survey_takes_no_answers() -> None:
    stopped = moderating.stop(announced(), "Нарушение", None, doing(OPERATOR, START))
    with pytest.raises(NotOpen, match="прекращён"):
        require_open(stopped, START)


@pytest.mark.clause("9-term")
def test_moderation_takes_two_working_days_by_the_production_calendar() -> None:
    friday = datetime.fromisoformat("2026-03-06T12:00:00+03:00")
    survey = initiating.submit(a_survey(at=friday), MUNICIPALITIES, doing(OFFICIAL, friday))
    due = survey.moderation_due
    assert due is not None
    assert due == datetime.fromisoformat("2026-03-12T00:00:00+03:00"), "Monday the 9th is a day off"
    late = ticking.tick(survey, RULES, at=due)
    assert late.is_late
    overdue = late.events[-1]
    assert isinstance(overdue, SurveyActed)
    assert (overdue.act, overdue.due) == ("mark-overdue", due)
    approved = moderating.approve(late, doing(MODERATOR, due))
    assert approved.overdue_rounds == (1,)


def test_an_announced_survey_is_withdrawn_with_a_public_reason_only() -> None:
    with pytest.raises(Invalid):
        initiating.withdraw(announced(), None, doing(OFFICIAL, ANNOUNCE))
    draft = initiating.withdraw(a_survey(), None, doing(OFFICIAL))
    assert draft.ending is None
    assert not draft.is_public
    gone = initiating.withdraw(announced(), " Отменён ", doing(OFFICIAL, ANNOUNCE))
    assert gone.ending is not None
    assert (gone.ending.words, gone.is_public) == ("Отменён", True)


def test_a_head_of_another_survey_is_a_bug() -> None:
    closed = ticking.tick(announced(), RULES, at=END)
    with pytest.raises(ValueError, match="another"):
        ticking.publish(closed, a_head(a_survey()), RULES, at=END)


def test_the_log_of_a_stopped_survey_is_sealed_once_and_without_a_tally() -> None:
    stopped = moderating.stop(announced(), "Нарушение", None, doing(OPERATOR, START))
    sealed = ticking.seal(stopped, a_head(stopped, b"1" * 32), RULES, at=START)
    assert (sealed.head, sealed.stage) == (a_head(stopped, b"1" * 32), stopped.stage)
    with pytest.raises(Conflict, match="запечатан"):
        ticking.seal(sealed, a_head(sealed), RULES, at=START)
    with pytest.raises(Conflict):
        ticking.publish(sealed, a_head(sealed), RULES, at=END)


@pytest.mark.clause("9-term")
def test_every_late_round_stays_marked() -> None:
    later = a_content(
        announce_at=ANNOUNCE + timedelta(days=60),
        starts_at=START + timedelta(days=60),
        ends_at=END + timedelta(days=60),
    )
    survey, at = initiating.edit(a_survey(), later, doing(OFFICIAL)), NOON
    for number in (1, 2, 3):
        survey = initiating.submit(survey, MUNICIPALITIES, doing(OFFICIAL, at))
        if number != 2:
            assert survey.moderation_due is not None
            at = survey.moderation_due
            survey = ticking.tick(survey, RULES, at=at)
            assert ticking.next_tick(survey) is None
        assert survey.is_late is (number != 2)
        survey = initiating.take_back(survey, doing(OFFICIAL, at))
    assert survey.overdue_rounds == (1, 3)
    assert [entry.round for entry in survey.entries if entry.act == "mark-overdue"] == [1, 3]


LATE_ACTS: dict[str, Callable[[Survey, datetime], Survey]] = {
    "approve": lambda s, at: moderating.approve(s, doing(MODERATOR, at)),
    "refuse": lambda s, at: moderating.refuse_publication(s, GROUNDS, "Реклама", doing(MODERATOR, at)),
    "take-back": lambda s, at: initiating.take_back(s, doing(OFFICIAL, at)),
    "withdraw": lambda s, at: initiating.withdraw(s, None, doing(OFFICIAL, at)),
    "freeze": lambda s, at: ticking.freeze(s, FreezeReason.GROUP_ENDED, RULES, at=at),
}


@pytest.mark.clause("9-term")
@pytest.mark.parametrize("act", LATE_ACTS)
def test_late_moderation_is_marked_where_the_decision_comes_before_the_ticker(act: str) -> None:
    survey = initiating.submit(a_survey(), MUNICIPALITIES, doing(OFFICIAL))
    due = survey.moderation_due
    assert due is not None
    in_time = LATE_ACTS[act](survey, due - timedelta(seconds=1))
    assert in_time.overdue_rounds == ()
    late = LATE_ACTS[act](survey, due)
    assert late.overdue_rounds == (1,)
    marked, last = late.entries[-2:]
    assert (marked.act, marked.by, last.act) == ("mark-overdue", SYSTEM, act)
    told = late.events[-2]
    assert isinstance(told, SurveyActed)
    assert (told.act, told.due, told.by_participant) == ("mark-overdue", due, None)
    twice = LATE_ACTS[act](ticking.tick(survey, RULES, at=due), due)
    assert [entry.act for entry in twice.entries].count("mark-overdue") == 1
