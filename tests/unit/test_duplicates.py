"""Duplicates are offered for place, time and words together, with reasons; figures as measured (ADR 0016)."""

from datetime import timedelta

import pytest
from attrs import evolve

from niktokromenas.adapters.text.likeness import StemLikeness
from niktokromenas.adapters.text.stems import RussianStems
from niktokromenas.domain.messages.duplicates import Resemblance, Sight, Words, resemblance
from niktokromenas.domain.values import Point
from tests.contract.stores import NOON
from tests.unit.duplicate_pairs import HERE, Measured, measured

SAME = Words(text=0.8, place=0.0)


def a_sight(metres: float = 0, days: float = 0, **changes: object) -> Sight:
    at = NOON - timedelta(days=days)
    sight = Sight(
        text="Яма",
        begins_at=at,
        submitted_at=at,
        municipality="18701000",
        point=Point(HERE.lat + metres / 111_195, HERE.lon),
        category="roads.pothole",
    )
    return evolve(sight, **changes)  # type: ignore[arg-type]


def of(other: Sight, words: Words = SAME) -> Resemblance | None:
    return resemblance(a_sight(), other, words)


@pytest.mark.clause("4.6-process")
def test_what_made_pairs_tell_is_as_recorded() -> None:
    assert measured(StemLikeness(RussianStems())) == Measured(pairs=141, duplicates=31, missed=3, wrong=3)


def test_reasons_say_where_when_and_what() -> None:
    found = of(a_sight(42, 2))
    assert found is not None
    assert (found.metres, found.reasons) == (40, ("в 40 м", "разница 2 дня", "похожий текст", "та же тема"))
    bare = of(a_sight(0, 0, category=None), Words(text=0.2, place=0.0))
    assert bare is not None
    assert bare.reasons == ("в том же месте", "разница меньше суток")


@pytest.mark.parametrize(
    ("days", "words"),
    [(1, "1 день"), (3, "3 дня"), (5, "5 дней"), (11, "11 дней"), (12, "12 дней"), (21, "21 день")],
)
def test_days_are_counted_as_russian_counts(days: int, words: str) -> None:
    found = of(a_sight(0, days))
    assert found is not None
    assert f"разница {words}" in found.reasons


def test_further_longer_ago_or_otherwise_told_is_another_thing() -> None:
    assert of(a_sight(299, 0)) is not None
    assert of(a_sight(301, 0)) is None
    assert of(a_sight(0, 30)) is not None
    assert of(a_sight(0, 30.1)) is None
    assert of(a_sight(), Words(text=0.0, place=1.0)) is None


def test_topics_of_one_group_and_unknown_ones_may_be_the_same() -> None:
    assert of(a_sight(category=None)) is not None
    assert of(a_sight(category="roads.repair")) is not None
    assert of(a_sight(category="waste.bins")) is None


def test_without_a_point_words_about_the_place_tell_in_one_municipality() -> None:
    nowhere = a_sight(point=None)
    told = of(nowhere, Words(text=0.8, place=0.7))
    assert told is not None
    assert (told.metres, told.reasons[0]) == (None, "похоже описано место")
    assert of(nowhere, Words(text=0.8, place=0.5)) is None
    assert of(evolve(nowhere, municipality="18710000"), Words(text=0.8, place=1.0)) is None


def test_nearer_sooner_and_liker_scores_higher() -> None:
    best = of(a_sight(), Words(text=1.0, place=0.0))
    assert best is not None
    assert best.score == 1
    for worse in (of(a_sight(100)), of(a_sight(0, 10)), of(a_sight())):
        assert worse is not None
        assert worse.score < best.score


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (2, "2 дня"),
        (4, "4 дня"),
        (13, "13 дней"),
        (14, "14 дней"),
        (15, "15 дней"),
        (20, "20 дней"),
        (22, "22 дня"),
        (24, "24 дня"),
        (25, "25 дней"),
        (30, "30 дней"),
    ],
)
def test_further_days_are_counted_as_russian_counts(days: int, words: str) -> None:
    found = of(a_sight(0, days), Words(text=1.0, place=0.0))
    assert found is not None
    assert f"разница {words}" in found.reasons


def test_a_score_weighs_words_place_and_time() -> None:
    for metres, days, text in ((0.0, 0.0, 1.0), (150.0, 15.0, 0.7), (30.0, 3.0, 0.5), (10.0, 0.0, 0.777)):
        found = of(a_sight(metres, days), Words(text=text, place=0.0))
        assert found is not None
        told = 0.6 * text + 0.3 * (1 - metres / 300) + 0.1 * (1 - days / 30)
        assert found.score == pytest.approx(told, abs=0.006)
        assert found.score == round(found.score, 2)
    nowhere = a_sight(point=None)
    found = of(nowhere, Words(text=0.8, place=0.6))
    assert found is not None
    assert found.score == pytest.approx(0.6 * 0.8 + 0.3 * 0.6 + 0.1, abs=0.006)
    assert of(nowhere, Words(text=0.8, place=0.59)) is None


def test_the_nearer_of_two_times_counts() -> None:
    found = of(evolve(a_sight(), begins_at=NOON - timedelta(days=40)))
    assert found is not None
    assert "разница меньше суток" in found.reasons
    found = of(evolve(a_sight(), submitted_at=NOON - timedelta(days=40), begins_at=NOON - timedelta(days=3)))
    assert found is not None
    assert "разница 3 дня" in found.reasons
    later = of(evolve(a_sight(), begins_at=NOON + timedelta(days=3), submitted_at=NOON + timedelta(days=3)))
    assert later is not None
    assert "разница 3 дня" in later.reasons
    assert of(a_sight(0, -30)) is not None
    assert of(a_sight(0, -30.1)) is None


def test_likeness_is_named_from_its_threshold_on() -> None:
    for text, is_named in ((0.3, True), (0.29, False)):
        found = of(a_sight(), Words(text=text, place=0.0))
        assert found is not None
        assert ("похожий текст" in found.reasons) is is_named
    assert of(a_sight(category="roads.repair")) is not None
    other_topic = of(a_sight(category="roads.repair"))
    assert other_topic is not None
    assert "та же тема" not in other_topic.reasons
    for category in ("roads", "roads.pothole.deep"):
        assert of(a_sight(category=category)) is not None
    assert resemblance(a_sight(category="a.x"), a_sight(category="b.x"), SAME) is None
    assert resemblance(a_sight(category=None), a_sight(category="b.x"), SAME) is not None


def test_one_point_alone_tells_nothing_of_nearness() -> None:
    found = resemblance(a_sight(), a_sight(point=None), Words(text=0.8, place=0.9))
    assert found is not None
    assert (found.metres, found.reasons[0]) == (None, "похоже описано место")
    assert resemblance(a_sight(point=None), a_sight(), Words(text=0.8, place=0.1)) is None


def test_a_topic_of_a_topic_belongs_to_the_first_group() -> None:
    for one, other in (("a.b.c", "a.d"), ("a.d", "a.b.c")):
        assert resemblance(a_sight(category=one), a_sight(category=other), SAME) is not None
