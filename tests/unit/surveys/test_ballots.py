"""Ballots: one each, within the instants, by who may; secret ones hold nothing of whose they are."""

import json
import secrets as random_secrets
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import attrs
import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from niktokromenas.adapters.system import new_id
from niktokromenas.domain import secrets
from niktokromenas.domain.errors import Conflict, Forbidden, Invalid
from niktokromenas.domain.ids import BallotId, ParticipantId, SocialGroupId
from niktokromenas.domain.participants.people import ParticipantKind, Provenance
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet
from niktokromenas.domain.surveys.ballots import (
    AGE_BAND_WORDS,
    AGE_BANDS,
    UNKNOWN,
    AlreadyVoted,
    Casting,
    NotChangeable,
    SecretBallot,
    Voter,
    WrongChangeSecret,
    age_band,
    cast_open,
    cast_secret,
    change_open,
    change_secret,
    marks_of,
)
from niktokromenas.domain.surveys.breakdowns import UNANSWERED, breakdown, column_of, columns_of
from niktokromenas.domain.surveys.content import Content, Dimension, Table
from niktokromenas.domain.surveys.links import NothingToInviteTo, link_to
from niktokromenas.domain.surveys.log import head_of, inclusion, leaf, sealed
from niktokromenas.domain.surveys.opening import NotOpen
from niktokromenas.domain.surveys.questions import FreeText
from niktokromenas.domain.surveys.receipts import Proof, Receipt
from niktokromenas.domain.surveys.sheets import canonical, read
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import tally_of
from niktokromenas.domain.surveys.target import Facts, InGroup, IsKind, NotInTarget, Stated, Target
from tests.contract.stores import NOON
from tests.unit.surveys.box import Box
from tests.unit.surveys.building import END, GROUP, START, a_survey, ballot_question, mark_question

DAY = date(2026, 3, 14)
TABLES = (Table("q0", Dimension.MUNICIPALITY), Table("q1", Dimension.AGE_BAND))
CHOICES = ("for", "against", "abstain")


def announced(**more: Any) -> Survey:
    return evolve(a_survey(**more), stage=Stage.ANNOUNCED, announced_at=NOON)


def a_voter(number: int = 0, **facts: Any) -> Voter:
    known = Facts(
        born=Stated(date(1950 + 7 * number, 5, 1), Provenance.ESIA_VERIFIED),
        residence=Stated(f"1870{number % 2}000", Provenance.ESIA_DECLARED),
        groups=frozenset({GROUP}),
    )
    return Voter(
        participant_id=ParticipantId(new_id()), name=f"Житель {number}", facts=evolve(known, **facts)
    )


def casting(answers: Sheet | None = None, at: datetime = START, **more: Any) -> Casting:
    right: Sheet = {"q0": Chosen(("for",)), "q1": Scaled(4)}
    casting = Casting(
        answers=right if answers is None else answers,
        salt=random_secrets.token_bytes(32),
        ballot_id=BallotId(uuid4()),
        at=at,
        on=DAY,
    )
    return evolve(casting, **more)


seeds = st.binary(min_size=8, max_size=8)
"""Not integers: hypothesis prefers small ones, and every life would be one of a few."""


class Voting(RuleBasedStateMachine):
    """Ballots are cast, changed, repeated at all times; the machine keeps its own tally."""

    @initialize(secrecy=st.sampled_from(Secrecy), is_changeable=st.booleans(), with_tables=st.booleans())
    def a_survey_is_announced(self, secrecy: Secrecy, is_changeable: bool, with_tables: bool) -> None:
        self.survey = announced(
            secrecy=secrecy, is_changeable=is_changeable, tables=TABLES if with_tables else ()
        )
        self.box, self.at = Box(), START - timedelta(hours=2)
        self.voters = [a_voter(number) for number in range(5)]
        self.voters.append(a_voter(5, groups=frozenset[SocialGroupId]()))
        self.said: dict[int, tuple[str, int | None]] = {}
        self.receipts: dict[int, tuple[Receipt, Sheet]] = {}
        self.keys: dict[int, BallotId] = {}

    @property
    def runs(self) -> bool:
        return START <= self.at < END

    @rule(seed=seeds)
    def much_happens(self, seed: bytes) -> None:
        """A seed stands for the many choices: drawn one by one they leave no room for long lives."""
        chance = Random(seed)
        for _ in range(10):
            match chance.randrange(8):
                case 0:
                    self.time_passes(timedelta(hours=chance.randrange(1, 30)))
                case 1:
                    edge = chance.choice((START, START, START, END))
                    self.an_edge_comes(edge, chance.random() < 0.5)
                case _:
                    choice = chance.choice((*CHOICES, *CHOICES, "nothing"))
                    mark = chance.choice((None, 0, *range(1, 6), *range(1, 6)))
                    changes, knows = chance.random() < 0.6, chance.random() < 0.7
                    self.somebody_votes(chance.randrange(6), choice, mark, changes, knows)

    def somebody_votes(self, who: int, choice: str, mark: int | None, changes: bool, knows: bool) -> None:
        answers: Sheet = {"q0": Chosen((choice,))}
        if mark is not None:
            answers = {**answers, "q1": Scaled(mark)}
        content = self.survey.content
        can_change = content.is_changeable and content.secrecy is Secrecy.SECRET
        sent = casting(answers, self.at, change_secret="the device's" if can_change else None)
        is_right = choice != "nothing" and mark is not None and mark > 0
        may = self.runs and is_right and who < 5
        voter = self.voters[who]
        if changes and who in self.said:
            may = may and content.is_changeable and (knows or content.secrecy is Secrecy.OPEN)
        else:
            changes = False
            may = may and who not in self.said
        try:
            if not changes:
                receipt = self.box.cast(self.survey, voter, sent)
                self.keys[who] = sent.ballot_id
            elif content.secrecy is Secrecy.OPEN:
                receipt = self.box.change_open(self.survey, voter, sent)
            else:
                secret = "the device's" if knows else "a guess"
                receipt = self.box.change_secret(self.survey, self.keys[who], secret, sent)
        except (Conflict, Forbidden, Invalid) as refusal:
            if may:
                raise AssertionError("refused, and should not be") from refusal
            return
        assert may, "counted, and should not be"
        self.said[who] = choice, mark
        self.receipts[who] = receipt, answers

    @rule(
        step=st.sampled_from(
            (timedelta(hours=1), timedelta(days=1), START - NOON, END - START, timedelta(microseconds=1))
        )
    )
    def time_passes(self, step: timedelta) -> None:
        self.at += step

    def an_edge_comes(self, edge: datetime, before: bool) -> None:
        self.at = max(self.at, edge - timedelta(microseconds=before))

    @invariant()
    def the_tally_is_that_of_the_machine(self) -> None:
        sheets = [ballot.answers for ballot in self.box.open.values()]
        sheets += [read(json.loads(ballot.answers)) for ballot in self.box.secret.values()]
        tally = tally_of(self.survey.content.questions, sheets)
        expected = Counter(choice for choice, _ in self.said.values())
        assert {c: tally["q0"].get(f"o:{c}", 0) for c in CHOICES} == {c: expected[c] for c in CHOICES}
        marks = Counter(mark for _, mark in self.said.values())
        assert all(tally["q1"].get(f"v:{mark}", 0) == marks[mark] for mark in range(1, 6))
        assert len(self.box.took_part) == len(self.box.leaves) == len(self.said)

    @invariant()
    def every_receipt_that_holds_proves_its_own_ballot(self) -> None:
        entries = sealed(self.box.leaves)
        head = head_of(self.survey.id, entries, content=bytes(32), at=self.at)
        for receipt, answers in self.receipts.values():
            assert receipt.opens(canonical(answers))
            index = entries.index(receipt.leaf)
            assert Proof(index=index, path=inclusion(entries, index)).shows(receipt, head)

    @invariant()
    def secret_ballots_hold_nothing_of_whose_they_are(self) -> None:
        people = {str(voter.participant_id) for voter in self.voters}
        for ballot in self.box.secret.values():
            held = repr(attrs.asdict(ballot))
            assert not any(person in held for person in people)
            assert "Житель" not in held
            assert "datetime" not in held
            assert ballot.marks.keys() == self.survey.content.dimensions

    @invariant()
    def tables_are_made_of_every_ballot_once(self) -> None:
        question = ballot_question()
        if not self.survey.content.tables:
            return
        groups = ["18700000", "18701000"]
        ballots = [(b.answers, b.marks) for b in self.box.open.values()]
        ballots += [(read(json.loads(b.answers)), b.marks) for b in self.box.secret.values()]
        table = {group: dict.fromkeys(columns_of(question), 0) for group in groups}
        for answers, marks in ballots:
            table[marks[Dimension.MUNICIPALITY]][column_of(answers.get("q0"))] += 1
        made = breakdown({"q0": table})
        assert sum(sum(row.values()) for row in table.values()) == len(ballots)
        assert all(count is None for row in made.tables["q0"].values() for count in row.values())


Voting.TestCase.settings = settings(max_examples=100, stateful_step_count=6, deadline=None)
TestVoting = pytest.mark.clause("9-dates")(pytest.mark.abuse(4)(Voting.TestCase))


@pytest.mark.clause("4.7-vote")
@pytest.mark.abuse(1)
def test_a_repeat_is_told_already_voted_and_counts_nothing() -> None:
    box, survey, voter = Box(), announced(), a_voter()
    box.cast(survey, voter, casting())
    with pytest.raises(AlreadyVoted):
        box.cast(survey, voter, casting())
    assert len(box.leaves) == 1


@pytest.mark.clause("9-target")
def test_who_is_outside_the_target_group_casts_no_ballot() -> None:
    outsider = a_voter(groups=frozenset[SocialGroupId]())
    for secrecy, cast in ((Secrecy.OPEN, cast_open), (Secrecy.SECRET, cast_secret)):
        with pytest.raises(NotInTarget):
            cast(announced(secrecy=secrecy), outsider, casting())


@pytest.mark.clause("9-dates")
@pytest.mark.abuse(4)
def test_a_ballot_is_cast_and_changed_between_the_instants_alone() -> None:
    moment = timedelta(microseconds=1)
    open_one = announced(secrecy=Secrecy.OPEN, is_changeable=True)
    secret_one, voter = announced(is_changeable=True), a_voter()
    first, _ = cast_open(open_one, voter, casting())
    _, hidden, _ = cast_secret(secret_one, voter, casting(change_secret="the device's"))
    for at in (START - moment, START, END - moment, END):
        sent = casting(at=at)
        acts: tuple[Callable[[], Any], ...] = (
            lambda sent=sent: cast_open(open_one, voter, sent),
            lambda sent=sent: cast_secret(secret_one, voter, sent),
            lambda sent=sent: change_open(first, open_one, voter, sent),
            lambda sent=sent: change_secret(
                hidden, secret_one, sent.answers, "the device's", sent.salt, at=sent.at
            ),
        )
        for act in acts:
            if START <= at < END:
                assert act()
            else:
                with pytest.raises(NotOpen):
                    act()


def test_an_organisation_has_one_ballot_where_it_is_named() -> None:
    company = evolve(a_voter(kind=ParticipantKind.ORGANISATION), acted_by=ParticipantId(new_id()))
    target = Target(predicate=IsKind(ParticipantKind.ORGANISATION))
    ballot, _ = cast_open(announced(secrecy=Secrecy.OPEN, target=target), company, casting())
    assert ballot.participation.participant_id == company.participant_id
    assert ballot.acted_by == company.acted_by
    with pytest.raises(NotInTarget):
        cast_open(
            announced(secrecy=Secrecy.OPEN, target=Target(predicate=InGroup(GROUP))), company, casting()
        )


@pytest.mark.clause("2.1-lawmaking")
def test_an_open_vote_takes_no_ballot_without_consent_to_be_named() -> None:
    vote = {"kind": SurveyKind.LEGISLATIVE, "questions": (ballot_question(),), "secrecy": Secrecy.OPEN}
    answers: Sheet = {"q0": Chosen(("for",))}
    with pytest.raises(Invalid) as refusal:
        cast_open(announced(**vote), a_voter(), casting(answers, agrees_to_be_named=False))
    faults = [(fault.pointer, fault.code) for fault in refusal.value.faults]
    assert faults == [("/agrees_to_be_named", "no-consent")]
    named, _ = cast_open(announced(**vote), a_voter(3), casting(answers, agrees_to_be_named=True))
    assert named.shown_name == "Житель 3"


def test_an_open_survey_shows_a_name_only_by_consent() -> None:
    survey = announced(secrecy=Secrecy.OPEN)
    ballot, _ = cast_open(survey, a_voter(), casting(agrees_to_be_named=False))
    assert ballot.shown_name is None


def test_changes_of_an_open_ballot_keep_what_was_said_before() -> None:
    survey, voter = announced(secrecy=Secrecy.OPEN, is_changeable=True), a_voter()
    first, receipt = cast_open(survey, voter, casting())
    later = START + timedelta(hours=1)
    second, _ = change_open(
        first, survey, voter, casting({"q0": Chosen(("against",)), "q1": Scaled(1)}, later)
    )
    assert second.id == first.id
    assert [(e.answers, e.cast_at) for e in second.earlier] == [(first.answers, START)]
    assert second.leaf != receipt.leaf
    with pytest.raises(ValueError, match="else"):
        change_open(first, survey, a_voter(), casting())
    with pytest.raises(NotOpen):
        change_open(second, survey, voter, casting(at=END))
    fixed = evolve(survey, content=evolve(survey.content, is_changeable=False))
    with pytest.raises(NotChangeable):
        change_open(first, fixed, voter, casting())


def test_a_ballot_keeps_the_salt_that_opens_its_leaf() -> None:
    """The log of a vote is opened by what is stored, not by what the voter holds."""
    for secrecy in Secrecy:
        survey, voter = announced(secrecy=secrecy, is_changeable=True), a_voter()
        sent = casting(change_secret=None if secrecy is Secrecy.OPEN else "the device's")
        other: Sheet = {"q0": Chosen(("against",)), "q1": Scaled(1)}
        if secrecy is Secrecy.OPEN:
            first, receipt = cast_open(survey, voter, sent)
            changed, again = change_open(first, survey, voter, casting(other))
            kept = [(first.salt, canonical(first.answers)), (changed.salt, canonical(changed.answers))]
            leaves = [first.leaf, changed.leaf]
            assert first.id == changed.id == sent.ballot_id
        else:
            _, cast, receipt = cast_secret(survey, voter, sent)
            anew, again = change_secret(cast, survey, other, "the device's", b"1" * 32, at=START)
            kept = [(cast.salt, cast.answers), (anew.salt, anew.answers)]
            leaves = [cast.leaf, anew.leaf]
            assert cast.id == anew.id == sent.ballot_id
        assert leaves == [receipt.leaf, again.leaf] == [leaf(*each) for each in kept]
        assert (receipt.survey_id, again.survey_id) == (survey.id, survey.id)
        assert receipt.salt == sent.salt


def test_a_changed_ballot_keeps_all_its_history_and_where_it_counts() -> None:
    """Who moved or grew older meanwhile is counted where the ballot was first cast."""
    survey = announced(secrecy=Secrecy.OPEN, is_changeable=True, tables=TABLES)
    voter = a_voter()
    first, _ = cast_open(survey, voter, casting())
    moved = evolve(voter, facts=evolve(voter.facts, residence=None, born=None))
    times = [START + timedelta(hours=hour) for hour in range(3)]
    second, _ = change_open(first, survey, moved, casting({**first.answers, "q1": Scaled(1)}, times[1]))
    third, _ = change_open(second, survey, moved, casting({**first.answers, "q1": Scaled(2)}, times[2]))
    assert [edition.answers["q1"] for edition in third.earlier] == [Scaled(4), Scaled(1)]
    assert [*(edition.cast_at for edition in third.earlier), third.cast_at] == times
    assert third.marks == first.marks
    assert first.marks == {Dimension.MUNICIPALITY: "18700000", Dimension.AGE_BAND: "65+"}


def test_a_secret_ballot_is_changed_by_whoever_holds_its_secret() -> None:
    survey = announced(is_changeable=True)
    _, ballot, _ = cast_secret(survey, a_voter(), casting(change_secret="the device's"))
    answers: Sheet = {"q0": Chosen(("against",)), "q1": Scaled(1)}
    changed, _ = change_secret(ballot, survey, answers, "the device's", b"1" * 32, at=START)
    assert (changed.id, changed.change_lock) == (ballot.id, ballot.change_lock)
    assert changed.answers == canonical(answers)
    without = cast_secret(survey, a_voter(), casting(change_secret=None))[1]
    for other, secret in ((ballot, "a guess"), (without, ""), (without, "the device's")):
        with pytest.raises(WrongChangeSecret):
            change_secret(other, survey, answers, secret, b"1" * 32, at=START)
    with pytest.raises(ValueError, match="another"):
        change_secret(ballot, announced(is_changeable=True), answers, "the device's", b"1" * 32, at=START)
    _, fixed, _ = cast_secret(announced(), a_voter(), casting())
    assert fixed.change_lock is None


@pytest.mark.abuse(7)
def test_one_secret_of_a_device_joins_no_ballots_of_two_surveys() -> None:
    surveys = [announced(is_changeable=True) for _ in range(2)]
    given = casting(change_secret="the device's")
    locks = {cast_secret(survey, a_voter(), given)[1].change_lock for survey in surveys}
    assert len(locks) == 2
    assert None not in locks
    assert secrets.fingerprint("the device's") not in locks


def test_a_lock_of_before_is_opened_once_more_and_then_of_its_survey() -> None:
    survey = announced(is_changeable=True)
    _, ballot, _ = cast_secret(survey, a_voter(), casting(change_secret="the device's"))
    of_before = evolve(ballot, change_lock=secrets.fingerprint("the device's"))
    answers: Sheet = {"q0": Chosen(("against",)), "q1": Scaled(1)}
    with pytest.raises(WrongChangeSecret):
        change_secret(of_before, survey, answers, "a guess", b"1" * 32, at=START)
    changed, _ = change_secret(of_before, survey, answers, "the device's", b"1" * 32, at=START)
    assert changed.change_lock == ballot.change_lock
    again, _ = change_secret(changed, survey, answers, "the device's", b"2" * 32, at=START)
    assert again.change_lock == ballot.change_lock


@pytest.mark.clause("9-participate")
def test_what_does_not_fit_a_secret_or_an_open_survey_is_refused_with_all_else() -> None:
    secret, wrong = "the device's", {"q0": Chosen(("for",)), "q1": Scaled(9)}
    for of, sent, expected in (
        ({}, {"agrees_to_be_named": True}, {("/agrees_to_be_named", "secret-ballot")}),
        ({}, {"change_secret": secret}, {("/change_secret", "not-changeable")}),
        (
            {"secrecy": Secrecy.OPEN, "is_changeable": True},
            {"change_secret": secret},
            {("/change_secret", "open-ballot")},
        ),
        (
            {},
            {"agrees_to_be_named": True, "change_secret": secret, "answers": wrong},
            {
                ("/agrees_to_be_named", "secret-ballot"),
                ("/change_secret", "not-changeable"),
                ("/answers/q1", "out-of-bounds"),
            },
        ),
    ):
        survey = announced(**of)
        cast: Any = cast_open if survey.content.secrecy is Secrecy.OPEN else cast_secret
        with pytest.raises(Invalid) as refusal:
            cast(survey, a_voter(), casting(**sent))
        assert {(fault.pointer, fault.code) for fault in refusal.value.faults} == expected
    for_all = casting(agrees_to_be_named=False)
    assert cast_secret(announced(), a_voter(), for_all)[1].change_lock is None


@pytest.mark.clause("9-participate")
def test_a_change_that_is_silent_of_the_name_leaves_it_as_it_was() -> None:
    survey, voter = announced(secrecy=Secrecy.OPEN, is_changeable=True), a_voter()
    for was in (True, False):
        ballot, _ = cast_open(survey, voter, casting(agrees_to_be_named=was))
        for now, shown in ((None, was), (True, True), (False, False)):
            changed, _ = change_open(ballot, survey, voter, casting(agrees_to_be_named=now))
            assert changed.shown_name == (voter.name if shown else None)
    renamed = evolve(voter, name="Житель под другим именем")
    ballot, _ = cast_open(survey, voter, casting(agrees_to_be_named=True))
    assert change_open(ballot, survey, renamed, casting())[0].shown_name == voter.name
    vote = announced(
        kind=SurveyKind.VOTE, questions=(ballot_question(),), secrecy=Secrecy.OPEN, is_changeable=True
    )
    answers: Sheet = {"q0": Chosen(("for",))}
    ballot, _ = cast_open(vote, voter, casting(answers, agrees_to_be_named=True))
    assert change_open(ballot, vote, voter, casting(answers))[0].shown_name == voter.name
    with pytest.raises(Invalid) as refusal:
        change_open(ballot, vote, voter, casting(answers, agrees_to_be_named=False))
    assert [fault.code for fault in refusal.value.faults] == ["no-consent"]


def test_the_key_of_a_secret_ballot_tells_no_time() -> None:
    with pytest.raises(ValueError, match="random"):
        cast_secret(announced(), a_voter(), casting(ballot_id=BallotId(new_id())))
    fields = {field.name for field in attrs.fields(SecretBallot)}
    assert not {name for name in fields if name.endswith("_at") or "participant" in name}


def test_open_and_secret_are_not_taken_for_each_other() -> None:
    with pytest.raises(ValueError, match="secret"):
        cast_secret(announced(secrecy=Secrecy.OPEN), a_voter(), casting())
    with pytest.raises(ValueError, match="open"):
        cast_open(announced(), a_voter(), casting())


@pytest.mark.abuse(39)
def test_a_ballot_carries_only_what_announced_tables_need() -> None:
    facts = a_voter(3).facts
    assert marks_of(Content(), facts, DAY) == {}
    assert marks_of(Content(tables=TABLES[:1]), facts, DAY) == {Dimension.MUNICIPALITY: "18701000"}
    assert marks_of(Content(tables=TABLES), Facts(), DAY) == {
        Dimension.MUNICIPALITY: "unknown",
        Dimension.AGE_BAND: "unknown",
    }
    bands = [age_band(years) for years in (0, 17, 18, 24, 25, 64, 65, 119)]
    assert bands == ["0-17", "0-17", "18-24", "18-24", "25-34", "55-64", "65+", "65+"]
    assert len({code for code, _, _ in AGE_BANDS}) == len(AGE_BANDS)


def test_every_age_is_in_the_band_that_its_code_names() -> None:
    for years in range(150):
        first, _, last = age_band(years).removesuffix("+").partition("-")
        assert int(first) <= years <= int(last or 150)
    assert age_band(-1) == UNKNOWN


def test_the_age_on_a_ballot_is_that_of_the_local_day() -> None:
    content = Content(tables=TABLES[1:])
    born = Stated(date(2001, 3, 14), Provenance.ESIA_DECLARED)
    for on, band in ((date(2026, 3, 13), "18-24"), (date(2026, 3, 14), "25-34")):
        assert marks_of(content, Facts(born=born), on) == {Dimension.AGE_BAND: band}
    survey = announced(tables=TABLES[1:])
    voter = a_voter(born=born)
    assert cast_secret(survey, voter, casting(on=date(2026, 3, 13)))[1].marks[Dimension.AGE_BAND] == "18-24"
    assert cast_secret(survey, voter, casting(on=date(2026, 3, 14)))[1].marks[Dimension.AGE_BAND] == "25-34"


def test_bands_of_age_are_told_in_words_that_agree() -> None:
    assert [*AGE_BAND_WORDS] == [code for code, _, _ in AGE_BANDS]
    said = [AGE_BAND_WORDS[code] for code in ("0-17", "18-24", "25-34", "65+")]
    assert said == ["0–17 лет", "18–24 года", "25–34 года", "65 лет и старше"]


def test_columns_of_a_table_are_those_of_the_question() -> None:
    assert columns_of(mark_question()) == ("1", "2", "3", "4", "5", UNANSWERED)
    assert columns_of(ballot_question()) == (*CHOICES, UNANSWERED)
    assert column_of(None) == UNANSWERED
    assert column_of(Scaled(3)) == "3"
    assert column_of(Chosen((), "Иное")) == "other"
    with pytest.raises(ValueError, match="tables"):
        columns_of(evolve(mark_question(), kind=FreeText()))


@pytest.mark.clause("9-attract")
def test_a_link_leads_to_an_announced_survey_and_counts_others_alone() -> None:
    inviter = a_voter().participant_id
    link = link_to(announced(), inviter, "f", at=NOON)
    assert link.counts(a_voter().participant_id)
    assert not link.counts(inviter)
    closed = evolve(announced(), stage=Stage.CLOSED)
    for survey, at in ((a_survey(), NOON), (announced(), END), (closed, START)):
        with pytest.raises(NothingToInviteTo):
            link_to(survey, inviter, "f", at=at)
