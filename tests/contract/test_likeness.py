"""The contract of likeness: words alike in any form and order, either way round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.text.likeness import StemLikeness
from niktokromenas.adapters.text.stems import RussianStems
from niktokromenas.ports.text import Likeness

LIKENESS: Likeness = StemLikeness(RussianStems())
TEXTS = st.text(alphabet="абвгд еёЁ,.", max_size=60)


def check_forms_of_words_are_alike(likeness: Likeness) -> None:
    assert likeness.of("Глубокая яма на дороге", "На дорогах глубокие ямы") == 1
    assert likeness.of("Жёлтый люк", "желтый ЛЮК") == 1
    assert likeness.of("Не горит фонарь у школы", "Мусор во дворе") < 0.5


def test_forms_of_words_are_alike_and_other_words_are_not() -> None:
    check_forms_of_words_are_alike(LIKENESS)


@pytest.mark.parametrize("empty", ["", " ", "…", "и на"])
def test_what_says_nothing_is_like_nothing(empty: str) -> None:
    assert LIKENESS.of(empty, "Яма") == LIKENESS.of("Яма", empty) == LIKENESS.of(empty, empty) == 0


def test_one_common_word_makes_no_likeness() -> None:
    assert LIKENESS.of("Яма", "После дождя яма заполнилась водой, вчера автомобиль пробил колесо") < 0.4


@given(TEXTS, TEXTS)
def test_likeness_is_the_same_either_way_round(one: str, other: str) -> None:
    there, back = LIKENESS.of(one, other), LIKENESS.of(other, one)
    assert 0 <= there <= 1
    assert there == pytest.approx(back)
