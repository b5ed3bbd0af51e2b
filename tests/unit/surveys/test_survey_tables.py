"""The table of moves of a survey, row by row, as DOMAIN prints it (Положение, разд. 9)."""

from datetime import timedelta

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Forbidden, Invalid
from niktokromenas.domain.ids import SocialGroupId, SurveyId
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.surveys.conditions import Answered
from niktokromenas.domain.surveys.content import Content, Dimension, Series, Table, content_faults
from niktokromenas.domain.surveys.initiating import NewSurvey, create, edit, submit
from niktokromenas.domain.surveys.moderating import approve, consent, decline, refuse_publication, stop
from niktokromenas.domain.surveys.moves import MOVES, IllegalMove, OwnSurvey, moved, possible_acts
from niktokromenas.domain.surveys.questions import FreeText, Question, Scale
from niktokromenas.domain.surveys.remarks import require_decidable
from niktokromenas.domain.surveys.stages import (
    BEFORE_ANNOUNCEMENT,
    Act,
    Secrecy,
    Stage,
    SurveyKind,
    Topic,
)
from niktokromenas.domain.surveys.survey import Initiator
from niktokromenas.domain.surveys.target import AgeBand, All, AnyOf, InGroup, LivesIn, Not, Predicate, Target
from tests.contract.stores import NOON, a_region
from tests.unit.surveys.building import (
    AUTHOR,
    BUSINESSMAN,
    CITY,
    GROUP,
    MODERATOR,
    MUNICIPALITIES,
    OFFICIAL,
    OPERATOR,
    PARTNER,
    RULES,
    START,
    a_content,
    a_survey,
    ballot_question,
    doing,
    initiator_of,
    mark_question,
    person,
)

INITIATOR = {"user", "official", "operator", "coordinator", "technical"}
BEFORE = ("draft", "awaiting-consent", "submitted", "approved", "refused")
EXPECTED: dict[tuple[str, str], tuple[str | None, set[str]]] = {
    ("edit", "draft"): (None, INITIATOR),
    ("submit", "draft"): ("submitted", INITIATOR),
    ("consent", "awaiting-consent"): ("submitted", {"official"}),
    ("decline", "awaiting-consent"): ("refused", {"official"}),
    ("lapse-consent", "awaiting-consent"): ("draft", {"system"}),
    ("approve", "submitted"): ("approved", {"moderator"}),
    ("refuse", "submitted"): ("refused", {"moderator", "operator", "technical"}),
    ("refuse", "approved"): ("refused", {"moderator", "operator", "technical"}),
    ("mark-overdue", "submitted"): (None, {"system"}),
    ("revise", "refused"): ("draft", INITIATOR),
    ("take-back", "submitted"): ("draft", INITIATOR),
    ("take-back", "approved"): ("draft", INITIATOR),
    ("announce", "approved"): ("announced", {"system"}),
    ("miss-start", "approved"): ("draft", {"system"}),
    **{("withdraw", stage): ("withdrawn", INITIATOR) for stage in (*BEFORE, "announced")},
    ("open", "announced"): ("open", {"system"}),
    ("close", "open"): ("closed", {"system"}),
    ("stop", "announced"): ("stopped", {"operator"}),
    ("stop", "open"): ("stopped", {"operator"}),
    ("seal", "stopped"): (None, {"system"}),
    ("seal", "annulled"): (None, {"system"}),
    ("publish", "closed"): ("published", {"system"}),
    ("annul", "closed"): ("annulled", {"operator"}),
    ("annul", "published"): ("annulled", {"operator"}),
    ("follow-up", "published"): (None, INITIATOR),
    ("remind-follow-up", "published"): (None, {"system"}),
    **{("freeze", stage): ("draft", {"system"}) for stage in BEFORE},
    ("unfreeze", "draft"): (None, {"system"}),
}


def test_the_table_is_that_of_the_domain_page() -> None:
    assert {
        (act.value, stage.value): (move.to.value if move.to else None, {role.value for role in move.by})
        for (act, stage), move in MOVES.items()
    } == EXPECTED


@pytest.mark.clause("9-moderation")
def test_nothing_is_announced_that_was_not_approved() -> None:
    into = {stage for (_, stage), move in MOVES.items() if move.to is Stage.ANNOUNCED}
    assert into == {Stage.APPROVED}
    assert {act for (act, _), move in MOVES.items() if move.to is Stage.APPROVED} == {Act.APPROVE}


@pytest.mark.clause("9-refusal")
def test_publication_can_be_refused_up_to_the_announcement_and_by_three() -> None:
    refusing = {stage: move.by for (act, stage), move in MOVES.items() if act is Act.REFUSE}
    three = {Role.MODERATOR, Role.OPERATOR, Role.TECHNICAL}
    assert refusing == {Stage.SUBMITTED: three, Stage.APPROVED: three}


@pytest.mark.abuse(3)
def test_only_a_draft_can_be_edited() -> None:
    assert {stage for act, stage in MOVES if act is Act.EDIT} == {Stage.DRAFT}
    back = {stage for (_, stage), move in MOVES.items() if move.to is Stage.DRAFT}
    assert back <= BEFORE_ANNOUNCEMENT


@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_never_does_it_is_refused_before_the_stage_is_told(role: Role) -> None:
    survey = a_survey()
    for act in Act:
        ever = {r for (each, _), move in MOVES.items() if each is act for r in move.by}
        if act is not Act.CREATE and role not in ever:
            with pytest.raises(Forbidden):
                moved(survey, act, doing(evolve(MODERATOR, role=role)))


@pytest.mark.clause("9-refusal")
def test_a_refusal_names_grounds_and_words() -> None:
    survey = submit(a_survey(), MUNICIPALITIES, doing(OFFICIAL))
    grounds = a_region().resolve_survey_grounds(["ads"])
    for codes, words in (((), "Реклама"), (grounds, " "), (grounds, None)):
        with pytest.raises(Invalid):
            refuse_publication(survey, codes, words, doing(MODERATOR))
    refused = refuse_publication(survey, grounds, " Реклама ", doing(OPERATOR))
    assert refused.refusal is not None
    assert (refused.refusal.grounds, refused.refusal.words) == (("ads",), "Реклама")
    assert refused.refusal.by_role is Role.OPERATOR


@pytest.mark.clause("9-rules")
def test_approval_is_recorded_under_both_documents() -> None:
    survey = approve(submit(a_survey(), MUNICIPALITIES, doing(OFFICIAL)), doing(MODERATOR))
    document = survey.entries[-1].document
    assert document == f"{RULES.rulebook.moderation_words}; materials 1"


def test_nobody_decides_on_a_survey_of_their_own() -> None:
    survey = submit(a_survey(), MUNICIPALITIES, doing(OFFICIAL))
    two_hats = evolve(MODERATOR, participant_id=OFFICIAL.participant_id)
    with pytest.raises(OwnSurvey):
        approve(survey, doing(two_hats))
    mine = submit(a_survey(BUSINESSMAN), MUNICIPALITIES, doing(BUSINESSMAN))
    controller = evolve(OFFICIAL, body="vo-economy", participant_id=BUSINESSMAN.participant_id)
    with pytest.raises(OwnSurvey):
        consent(mine, doing(controller))


def test_nobody_decides_on_a_survey_that_they_edited_or_submitted() -> None:
    """Whoever created it is one of its authors, and not the only one."""
    kit = person(Role.OPERATOR, "vo-kit")
    edited = edit(a_survey(OPERATOR), a_content(title="Иначе"), doing(kit))
    sent = submit(edited, MUNICIPALITIES, doing(person(Role.OPERATOR, "vo-kit")))
    author, editor, sender = sent.authors
    assert (author, editor) == (OPERATOR.participant_id, kit.participant_id)
    for who in sent.authors:
        with pytest.raises(OwnSurvey):
            approve(sent, doing(evolve(MODERATOR, participant_id=who)))
        with pytest.raises(OwnSurvey):
            require_decidable(evolve(sent, stage=Stage.PUBLISHED), evolve(MODERATOR, participant_id=who))
    assert approve(sent, doing(MODERATOR)).authors == sent.authors == (author, editor, sender)
    business = submit(a_survey(BUSINESSMAN), MUNICIPALITIES, doing(PARTNER))
    controller = person(Role.OFFICIAL, "vo-economy")
    for act in (consent, lambda s, d: decline(s, "Нет", d)):
        with pytest.raises(OwnSurvey):
            act(business, doing(evolve(controller, participant_id=PARTNER.participant_id)))
        assert act(business, doing(controller)).authors == business.authors


def test_whoever_leads_a_group_does_not_decide_on_its_surveys() -> None:
    led_by = frozenset(each.participant_id for each in (MODERATOR, OPERATOR) if each.participant_id)
    survey = submit(a_survey(AUTHOR), MUNICIPALITIES, doing(AUTHOR))
    grounds = a_region().resolve_grounds(["ads"])
    for who, act in (
        (MODERATOR, approve),
        (OPERATOR, lambda s, d: refuse_publication(s, grounds, "Реклама", d)),
    ):
        with pytest.raises(OwnSurvey):
            act(survey, doing(who, led_by=led_by))
        assert possible_acts(survey, who, NOON, led_by=led_by) == []
        assert act(survey, doing(who, led_by=led_by - {who.participant_id})).entries
    published = evolve(survey, stage=Stage.PUBLISHED)
    with pytest.raises(OwnSurvey):
        require_decidable(published, MODERATOR, led_by=led_by)
    require_decidable(published, MODERATOR)


@pytest.mark.clause("9-business")
def test_a_business_survey_stops_at_the_rule_without_consent() -> None:
    survey = submit(a_survey(BUSINESSMAN), MUNICIPALITIES, doing(BUSINESSMAN))
    assert survey.stage is Stage.AWAITING_CONSENT
    assert survey.moderation_due is None
    with pytest.raises(IllegalMove):
        approve(survey, doing(MODERATOR))
    agreed = consent(survey, doing(evolve(OFFICIAL, body="vo-economy"), NOON + timedelta(days=1)))
    assert agreed.moderation_due == RULES.moderation_due(NOON + timedelta(days=1))


def test_a_stop_is_demanded_by_the_consenting_authority_alone() -> None:
    survey = evolve(a_survey(BUSINESSMAN), stage=Stage.OPEN)
    with pytest.raises(Invalid):
        stop(survey, "Нарушение", "vo-roads", doing(OPERATOR, START))
    stopped = stop(survey, "Нарушение", "vo-economy", doing(OPERATOR, START))
    assert stopped.ending is not None
    assert stopped.ending.at_demand_of == "vo-economy"


@pytest.mark.clause("9-initiate")
@pytest.mark.parametrize(
    ("initiator", "pointer"),
    [
        (evolve(initiator_of(AUTHOR), group_id=None), "/initiator/group_id"),
        (evolve(initiator_of(BUSINESSMAN), authority=None), "/initiator/authority"),
        (evolve(initiator_of(BUSINESSMAN), organisation_id=None), "/initiator"),
        (evolve(initiator_of(OFFICIAL), body=None), "/initiator/body"),
    ],
)
def test_an_initiator_says_whose_survey_it_is(initiator: Initiator, pointer: str) -> None:
    new = NewSurvey(id=SurveyId(new_id()), number="S-26-000002", initiator=initiator)
    with pytest.raises(Invalid) as refusal:
        create(new, OFFICIAL, RULES, at=NOON)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


@pytest.mark.clause("9-initiate")
def test_a_user_asks_nobody_outside_the_group() -> None:
    other = SocialGroupId(new_id())
    within: tuple[Predicate, ...] = (
        InGroup(GROUP),
        All((AgeBand(18, None), InGroup(GROUP))),
        All((All((InGroup(GROUP),)),)),
    )
    outside: tuple[Predicate, ...] = (
        All(()),
        InGroup(other),
        AnyOf((InGroup(GROUP), AgeBand(1, 2))),
        Not(InGroup(GROUP)),
    )
    for predicate in within:
        submit(a_survey(AUTHOR, target=Target(predicate=predicate)), MUNICIPALITIES, doing(AUTHOR))
    for predicate in outside:
        survey = a_survey(AUTHOR, target=Target(predicate=predicate))
        with pytest.raises(Invalid) as refusal:
            submit(survey, MUNICIPALITIES, doing(AUTHOR))
        assert [fault.code for fault in refusal.value.faults] == ["outside-group"]
        assert submit(a_survey(OFFICIAL, target=survey.content.target), MUNICIPALITIES, doing(OFFICIAL))


# What is wrong with a content


def found(content: Content, **more: object) -> set[tuple[str, str]]:
    faults = content_faults(content, MUNICIPALITIES, at=NOON, **more)  # type: ignore[arg-type]
    return {(fault.pointer, fault.code) for fault in faults}


def test_a_right_content_has_no_faults() -> None:
    assert found(a_content()) == set()


@pytest.mark.clause("9-dates")
def test_an_empty_draft_is_told_everything_at_once() -> None:
    assert found(Content(kind=SurveyKind.LEGISLATIVE, is_live=True, series=Series(Topic.GAS))) == {
        ("/title", "no-title"),
        ("/questions", "no-questions"),
        ("/secrecy", "must-be-open"),
        ("/is_live", "no-live-results"),
        ("/announce_at", "no-date"),
        ("/starts_at", "no-date"),
        ("/ends_at", "no-date"),
        ("/series", "not-a-round"),
    }


SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.clause("9-dates")
@pytest.mark.parametrize(
    ("dates", "fault"),
    [
        ({"announce_at": NOON}, ("/announce_at", "in-the-past")),
        ({"starts_at": START + timedelta(microseconds=1)}, ("/starts_at", "not-to-the-second")),
        ({"ends_at": START + HOUR - SECOND}, ("/ends_at", "bad-length")),
        ({"ends_at": START - HOUR}, ("/ends_at", "bad-length")),
        ({"ends_at": START + timedelta(days=367)}, ("/ends_at", "bad-length")),
        ({"announce_at": START}, ("/announce_at", "after-start")),
        (
            {"starts_at": NOON + timedelta(days=367), "ends_at": NOON + timedelta(days=368)},
            ("/starts_at", "too-far"),
        ),
    ],
)
def test_dates_are_ahead_in_order_and_to_the_second(dates: dict[str, object], fault: tuple[str, str]) -> None:
    assert found(a_content(**dates)) == {fault}


def test_the_shortest_survey_is_an_hour() -> None:
    assert found(a_content(ends_at=START + HOUR)) == set()
    assert found(a_content(announce_at=NOON + SECOND, starts_at=NOON + 2 * SECOND)) == set()


@pytest.mark.clause("9-dates")
def test_every_date_in_the_past_is_told_at_once() -> None:
    past = a_content(announce_at=NOON - 2 * HOUR, starts_at=NOON, ends_at=NOON + HOUR)
    assert found(past) == {("/announce_at", "in-the-past"), ("/starts_at", "in-the-past")}


@pytest.mark.clause("2.1-lawmaking")
def test_a_legislative_vote_is_open_and_has_one_question() -> None:
    vote = a_content(kind=SurveyKind.LEGISLATIVE, secrecy=Secrecy.OPEN, questions=(ballot_question(),))
    assert found(vote) == set()
    assert vote.needs_names
    two = evolve(vote, questions=a_content().questions, secrecy=Secrecy.SECRET)
    assert found(two) == {("/questions", "one-question"), ("/secrecy", "must-be-open")}


def test_tables_are_of_single_unconditional_answers() -> None:
    words = Question(code="q2", words="Почему?", kind=FreeText(), is_required=False)
    later = mark_question("q3", when=Answered("q2"))
    content = a_content(
        questions=(ballot_question(), mark_question(), words, evolve(later, words="Ещё раз")),
        tables=(
            Table("q0", Dimension.MUNICIPALITY),
            Table("q1", Dimension.AGE_BAND),
            Table("q2", Dimension.AGE_BAND),
            Table("q3", Dimension.AGE_BAND),
            Table("q9", Dimension.AGE_BAND),
            Table("q0", Dimension.MUNICIPALITY),
        ),
    )
    assert found(content) == {
        ("/tables/2/question", "table-not-possible"),
        ("/tables/3/question", "table-of-conditional"),
        ("/tables/4/question", "unknown-question"),
        ("/tables/5", "repeated"),
    }


@pytest.mark.clause("2.2-satisfaction")
def test_a_round_asks_what_the_round_before_asked() -> None:
    series = Series(Topic.ROADS, CITY)
    content = a_content(kind=SurveyKind.SATISFACTION, series=series, questions=(mark_question("m"),))
    before = (mark_question("m"), ballot_question())
    assert found(content, previous=before) == set()
    assert found(evolve(content, series=None)) == {("/series", "no-series")}
    assert found(evolve(content, series=Series(Topic.ROADS, "1"))) == {
        ("/series/municipality", "unknown-municipality")
    }
    assert found(evolve(content, questions=(ballot_question(),))) == {("/questions", "no-scale")}
    other_scale = (evolve(mark_question("m"), kind=Scale(low=1, high=10)),)
    assert found(evolve(content, questions=other_scale), previous=before) == {
        ("/questions/0", "not-comparable")
    }
    assert found(evolve(content, questions=(mark_question("n"),)), previous=before) == {
        ("/questions", "not-comparable")
    }


def test_a_target_in_an_unknown_place_is_found_with_the_rest() -> None:
    content = a_content(title="", target=Target(predicate=LivesIn(("1",))))
    assert found(content) == {
        ("/title", "no-title"),
        ("/target/predicate/municipalities/0", "unknown-municipality"),
    }
