"""What those whom a survey asks hear, when, and how long it is news (Положение, разд. 9)."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.notices import NOTICE_KINDS, Audience, NoticeKind, NoticeMode
from niktokromenas.domain.surveys import initiating, moderating, ticking
from niktokromenas.domain.surveys.announcing import (
    ANNOUNCING,
    LAST_DAY,
    announcements_of,
    asks_who_took_part,
    day_that_counts,
    is_news,
    last_day_of,
    still_matters,
    told_to,
)
from niktokromenas.domain.surveys.stages import Act, Stage
from niktokromenas.domain.surveys.survey import Survey
from tests.contract.survey_strategies import lives
from tests.unit.surveys.building import (
    AUTHOR,
    BUSINESSMAN,
    END,
    MODERATOR,
    MUNICIPALITIES,
    NOON,
    OPERATOR,
    RULES,
    START,
    a_head,
    a_survey,
    doing,
)

K = NoticeKind
TO_PEOPLE = frozenset(kind for kind, about in NOTICE_KINDS.items() if about.audience is Audience.RESPONDENT)
SPREAD = TO_PEOPLE - {K.ANY_SURVEY_RESULTS} | {K.CONSENT_DUE_SOON}
EVENT = UUID(int=7)
some = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def announced(end: datetime = END) -> Survey:
    submitted = initiating.submit(a_survey(AUTHOR, ends_at=end), MUNICIPALITIES, doing(AUTHOR))
    approved = moderating.approve(submitted, doing(MODERATOR))
    return ticking.tick(approved, RULES, at=START - timedelta(hours=1))


def opened(end: datetime = END) -> Survey:
    return ticking.tick(announced(end), RULES, at=START)


def published() -> Survey:
    closed = ticking.tick(opened(), RULES, at=END)
    return ticking.publish(closed, a_head(closed, at=END), RULES, at=END)


def of_act(survey: Survey, act: str, due: datetime | None = None) -> dict[NoticeKind, datetime]:
    found = announcements_of(survey, act, event_id=EVENT, at=START, by=None, due=due)
    assert {(each.event_id, each.survey_id, each.after) for each in found} <= {(EVENT, survey.id, None)}
    return {each.kind: each.begins_at for each in found}


def test_every_kind_for_those_asked_comes_of_an_act() -> None:
    assert set(ANNOUNCING.values()) | {K.SURVEY_LAST_DAY, K.ANY_SURVEY_RESULTS} == TO_PEOPLE


@pytest.mark.clause("9-inform-upcoming")
def test_opening_is_told_at_once_and_the_last_day_a_day_before_the_end() -> None:
    assert of_act(announced(), Act.ANNOUNCE) == {K.SURVEY_UPCOMING: START}
    assert of_act(opened(), Act.OPEN) == {K.SURVEY_OPEN: START, K.SURVEY_LAST_DAY: END - LAST_DAY}
    _, last = announcements_of(opened(), Act.OPEN, event_id=EVENT, at=START, by=None, due=None)
    assert last.at == END - LAST_DAY, "the feed shows it on its day"


def test_one_of_less_than_two_days_has_no_last_day() -> None:
    two_days = START + timedelta(hours=48)
    assert last_day_of(opened(two_days)) == START + timedelta(hours=24)
    assert last_day_of(opened(two_days - timedelta(seconds=1))) is None
    assert of_act(opened(two_days - timedelta(seconds=1)), Act.OPEN) == {K.SURVEY_OPEN: START}


@some
@given(life=lives())
def test_nobody_outside_hears_of_what_is_not_public(life: tuple[Survey, Survey]) -> None:
    for survey in life:
        for act in Act:
            kinds = set(of_act(survey, act, due=NOON))
            assert kinds <= SPREAD
            assert survey.is_public or kinds <= {K.CONSENT_DUE_SOON}


def test_a_withdrawal_is_told_only_where_the_survey_was_announced() -> None:
    quiet = initiating.withdraw(a_survey(AUTHOR), None, doing(AUTHOR))
    assert of_act(quiet, Act.WITHDRAW) == {}
    late = doing(AUTHOR, START - timedelta(minutes=1))
    assert of_act(initiating.withdraw(announced(), "Нет", late), Act.WITHDRAW) == {K.SURVEY_WITHDRAWN: START}


def test_the_authority_is_reminded_a_day_before_its_term() -> None:
    asked = initiating.submit(a_survey(BUSINESSMAN), MUNICIPALITIES, doing(BUSINESSMAN))
    due = asked.consent_due
    assert due is not None
    assert of_act(asked, Act.SUBMIT, due=START + timedelta(hours=30)) == {
        K.CONSENT_DUE_SOON: START + timedelta(hours=6)
    }
    assert of_act(asked, Act.SUBMIT, due=START) == {K.CONSENT_DUE_SOON: START}, "at once where it is near"
    for at, expected in (
        (due - LAST_DAY - timedelta(seconds=1), False),
        (due - LAST_DAY, True),
        (due - timedelta(seconds=1), True),
        (due, False),
    ):
        assert is_news(K.CONSENT_DUE_SOON, asked, at) is expected
    own = initiating.submit(a_survey(AUTHOR), MUNICIPALITIES, doing(AUTHOR))
    assert of_act(own, Act.SUBMIT, due=START) == {}


MOMENT = timedelta(seconds=1)


@pytest.mark.clause("9-inform-upcoming")
@pytest.mark.parametrize(
    ("survey", "at", "expected"),
    [
        (announced(), START - MOMENT, {K.SURVEY_UPCOMING}),
        (announced(), START, {K.SURVEY_OPEN, K.SURVEY_LAST_DAY}),
        (opened(), START, {K.SURVEY_OPEN, K.SURVEY_LAST_DAY}),
        (opened(), END - LAST_DAY - MOMENT, {K.SURVEY_OPEN, K.SURVEY_LAST_DAY}),
        (opened(), END - LAST_DAY, {K.SURVEY_LAST_DAY}),
        (opened(), END - MOMENT, {K.SURVEY_LAST_DAY}),
        (opened(), END, set()),
        (
            opened(START + timedelta(hours=2)),
            START + timedelta(hours=2) - MOMENT,
            {K.SURVEY_OPEN, K.SURVEY_LAST_DAY},
        ),
        (published(), END, {K.SURVEY_RESULTS}),
    ],
)
def test_each_step_takes_the_place_of_the_one_before(
    survey: Survey, at: datetime, expected: set[NoticeKind]
) -> None:
    assert {kind for kind in SPREAD if is_news(kind, survey, at)} == expected


@some
@given(life=lives(), at=st.datetimes(NOON.replace(tzinfo=None), END.replace(tzinfo=None)))
def test_an_end_is_news_while_it_stands_and_nothing_else_is(
    life: tuple[Survey, Survey], at: datetime
) -> None:
    moment = at.replace(tzinfo=NOON.tzinfo)
    ends = {
        Stage.PUBLISHED: {K.SURVEY_RESULTS},
        Stage.WITHDRAWN: {K.SURVEY_WITHDRAWN},
        Stage.STOPPED: {K.SURVEY_STOPPED},
        Stage.ANNULLED: {K.SURVEY_ANNULLED},
    }
    for survey in life:
        news = {kind for kind in SPREAD if is_news(kind, survey, moment)}
        if survey.stage in ends and survey.is_public:
            assert news == ends[survey.stage]
        else:
            assert not news & set().union(*ends.values())


def test_the_letter_of_the_day_tells_of_a_survey_while_it_can_be_answered() -> None:
    coming = (K.SURVEY_UPCOMING, K.SURVEY_OPEN, K.SURVEY_LAST_DAY)
    for kind in coming:
        assert still_matters(kind, announced(), START - MOMENT)
        assert still_matters(kind, opened(), END - MOMENT)
        assert not still_matters(kind, opened(), END)
        stopped = moderating.stop(opened(), "Ошибка", None, doing(OPERATOR, START))
        assert not still_matters(kind, stopped, START)
        assert still_matters(K.SURVEY_STOPPED, stopped, START)
    for kind in (K.SURVEY_RESULTS, K.ANY_SURVEY_RESULTS):
        assert still_matters(kind, published(), END)
        annulled = moderating.annul(published(), "Подлог", doing(OPERATOR, END))
        assert not still_matters(kind, annulled, END)


@pytest.mark.clause("9-inform-results")
@pytest.mark.parametrize("mode", NoticeMode)
def test_results_come_to_who_took_part_and_to_who_could_and_asked(mode: NoticeMode) -> None:
    def hears(kind: NoticeKind, *, is_inside: bool, took_part: bool) -> NoticeKind | None:
        return told_to(kind, is_inside=is_inside, took_part=took_part, mode=mode)

    for kind in TO_PEOPLE - {K.ANY_SURVEY_RESULTS}:
        assert hears(kind, is_inside=False, took_part=False) is None
        assert hears(kind, is_inside=False, took_part=True) is kind
        if kind is K.SURVEY_RESULTS:
            expected = None if mode is NoticeMode.OFF else K.ANY_SURVEY_RESULTS
            assert hears(kind, is_inside=True, took_part=False) is expected
        else:
            assert hears(kind, is_inside=True, took_part=False) is kind


def test_while_it_runs_nobodys_taking_part_is_asked_for() -> None:
    """Else feeds would tell when somebody answered (ADR 0024)."""
    assert {kind for kind in SPREAD if asks_who_took_part(kind)} == {
        K.SURVEY_RESULTS,
        K.SURVEY_STOPPED,
        K.SURVEY_ANNULLED,
    }


def test_people_are_looked_at_as_they_are_when_they_can_answer() -> None:
    survey = opened()
    assert day_that_counts(survey, NOON) == START
    assert day_that_counts(survey, START + MOMENT) == START + MOMENT
    assert day_that_counts(survey, END + LAST_DAY) == END - timedelta.resolution


def test_who_acted_is_kept_with_the_news() -> None:
    person = new_id()
    [news] = announcements_of(published(), Act.PUBLISH, event_id=EVENT, at=END, by=person, due=None)  # type: ignore[arg-type]
    assert evolve(news, by_participant=None) != news
