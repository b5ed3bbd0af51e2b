"""What stands around a survey: promises told before, free words read before shown, odd counts (разд. 9)."""

from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Forbidden, Invalid
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.anomalies import bursts, poisson_tail, skews
from niktokromenas.domain.surveys.answers import Chosen, Scaled, Sheet, Spot, Text
from niktokromenas.domain.surveys.content import Dimension, Table
from niktokromenas.domain.surveys.moves import OwnSurvey
from niktokromenas.domain.surveys.questions import FreeText, One, OnMap, Question, Several
from niktokromenas.domain.surveys.remarks import (
    AlreadyDecided,
    Remark,
    RemarksNotOpen,
    RemarkStage,
    are_gathered,
    hide,
    require_decidable,
    show,
    shown_spots,
    spots_of,
    takes_spots,
    takes_words,
    words_of,
)
from niktokromenas.domain.surveys.stages import Secrecy, Stage, SurveyKind
from niktokromenas.domain.surveys.telling import promises
from niktokromenas.domain.values import Point
from tests.contract.stores import NOON, a_region
from tests.unit.surveys.building import (
    AUTHOR,
    MODERATOR,
    OFFICIAL,
    OPERATOR,
    a_content,
    a_survey,
    mark_question,
)
from tests.unit.surveys.strategies import options

GROUNDS = a_region().resolve_grounds(["ads"])


def test_a_participant_is_told_what_was_fixed() -> None:
    secret = promises(a_content())
    assert (secret.is_secret, secret.is_named, secret.is_changeable, secret.is_live) == (
        True,
        False,
        False,
        False,
    )
    assert secret.words == (
        "Опрос тайный: кто и как ответил, не хранится вместе, но до окончания это мог бы выяснить тот,"
        " кто управляет сервером",
        "Ответ нельзя изменить",
        "Итоги показывают после окончания",
        "Если ответят меньше пяти участников, итоги не опубликуют, только число ответивших",
    )
    tables = (Table("q0", Dimension.AGE_BAND), Table("q0", Dimension.MUNICIPALITY))
    vote = a_content(
        kind=SurveyKind.VOTE, secrecy=Secrecy.OPEN, is_live=True, is_changeable=True, tables=tables
    )
    assert promises(vote).is_named
    assert promises(vote).words == (
        "Голосование открытое: имя и ответ публикуют, для этого нужно ваше согласие",
        "Ответ можно изменить до окончания; прежние ответы остаются в истории",
        "Числа показывают во время проведения, шагами не меньше пяти ответов",
        "Итоги покажут и по муниципалитетам и по возрасту; числа меньше пяти скроют",
    )
    changing = promises(a_content(is_changeable=True)).words[1]
    assert "только с устройства, которое сохранит для этого секрет" in changing
    assert not promises(a_content(secrecy=Secrecy.OPEN)).is_named


def a_remark() -> Remark:
    return Remark(id=uuid4(), survey_id=SurveyId(new_id()), question="q0", words="Хорошо")


@pytest.mark.clause("9-rules")
def test_free_words_are_shown_only_after_a_moderator_has_read_them() -> None:
    remark = a_remark()
    assert remark.shown_words is None
    for by in (AUTHOR, OPERATOR):
        with pytest.raises(Forbidden):
            show(remark, by)
    shown = show(remark, MODERATOR)
    assert (shown.shown_words, shown.decided_by) == ("Хорошо", MODERATOR.participant_id)
    with pytest.raises(AlreadyDecided):
        show(shown, MODERATOR)
    hidden = hide(shown, GROUNDS, "Реклама", MODERATOR)
    assert (hidden.stage, hidden.shown_words, hidden.grounds) == (RemarkStage.HIDDEN, None, ("ads",))
    assert show(hidden, MODERATOR).grounds == ()


def test_hiding_words_owes_grounds_and_a_reason() -> None:
    with pytest.raises(Invalid):
        hide(a_remark(), (), "Реклама", MODERATOR)
    with pytest.raises(Invalid):
        hide(a_remark(), GROUNDS, " ", MODERATOR)


def test_the_key_of_a_remark_tells_no_time() -> None:
    with pytest.raises(ValueError, match="random"):
        evolve(a_remark(), id=new_id())


WORDED = Question(code="w", words="Почему?", kind=FreeText())
PLACED = Question(code="p", words="Где?", kind=OnMap())


def test_own_words_and_points_are_gathered_of_every_answer_that_holds_them() -> None:
    here = Point(48.7, 44.5)
    sheet: Sheet = {
        "w": Text("Пыльно"),
        "o": Chosen((), "Иное"),
        "s": Chosen(("o1",)),
        "m": Scaled(3),
        "p": Spot(here),
    }
    assert list(words_of(sheet)) == [("w", "Пыльно"), ("o", "Иное")]
    assert list(spots_of(sheet)) == [("p", here)]


def test_only_surveys_with_words_or_points_have_something_to_moderate() -> None:
    choices = (One(options=options(2)), Several(options=options(2), most=2))
    for kind in choices:
        plain = Question(code="q", words="?", kind=kind)
        own = evolve(plain, kind=evolve(kind, has_other=True))
        assert (takes_words(plain), takes_words(own)) == (False, True)
        assert (are_gathered((plain,)), are_gathered((plain, own))) == (False, True)
    assert takes_words(WORDED)
    assert not takes_words(PLACED)
    assert takes_spots(PLACED)
    assert not takes_spots(WORDED)
    assert are_gathered((mark_question(), PLACED))
    assert not are_gathered((mark_question(),))


@pytest.mark.abuse(39)
def test_points_are_shown_by_municipality_and_few_are_hidden() -> None:
    many = {"a": 40, "b": 30, "c": 20}
    assert shown_spots(many) == many
    assert shown_spots(many | {"d": 2}) == {"a": 40, "b": 30, "c": None, "d": None}


@pytest.mark.parametrize("stage", Stage)
def test_words_are_decided_on_while_the_result_stands_and_by_others(stage: Stage) -> None:
    survey = evolve(a_survey(), stage=stage)
    with pytest.raises(OwnSurvey):
        require_decidable(survey, evolve(MODERATOR, participant_id=OFFICIAL.participant_id))
    if stage is Stage.PUBLISHED:
        require_decidable(survey, MODERATOR)
    else:
        with pytest.raises(RemarksNotOpen):
            require_decidable(survey, MODERATOR)


@pytest.mark.abuse(6)
def test_a_burst_is_told_and_the_ordinary_day_is_not() -> None:
    chance = Random(1)
    spans = [(NOON + timedelta(minutes=10 * n), chance.randrange(15, 26)) for n in range(200)]
    assert bursts(spans) == ()
    spans[77] = (spans[77][0], 90)
    assert [(burst.begins_at, burst.ballots) for burst in bursts(spans)] == [spans[77]]
    assert bursts([]) == ()
    assert bursts([(NOON, 0), (NOON, 3)]) == ()


@pytest.mark.parametrize(
    ("count", "mean", "tail"),
    [(1, 1.0, 0.632121), (5, 2.0, 0.052653), (10, 5.0, 0.031828), (3, 0.5, 0.014388)],
)
def test_the_tail_of_poisson_is_that_of_the_tables(count: int, mean: float, tail: float) -> None:
    assert poisson_tail(count, mean) == pytest.approx(tail, abs=1e-6)


@pytest.mark.abuse(6)
def test_a_place_with_more_ballots_than_its_people_make_likely_is_told() -> None:
    registered = {"a": 60_000, "b": 30_000, "c": 9_000, "d": 1_000}
    assert skews({"a": 605, "b": 295, "c": 92, "d": 8}, registered) == ()
    found = skews({"a": 600, "b": 300, "c": 90, "d": 90}, registered)
    assert [skew.place for skew in found] == ["d"]
    assert found[0].expected == pytest.approx(10.8)
    assert skews({}, registered) == skews({"a": 5}, {}) == ()
    assert skews({"a": 600, "x": 60}, registered)[0].place == "x"
