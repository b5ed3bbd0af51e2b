"""The contract of searching the journal: the same words find the same messages in every store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.text.stems import LONGEST, RussianStems
from niktokromenas.adapters.text.stop_words import STOP_WORDS
from niktokromenas.ports.search import Stemmer

STEMMER: Stemmer = RussianStems()


@pytest.mark.parametrize(
    ("said", "stems"),
    [
        ("яма, ямы; ЯМОЙ", ("ям", "ям", "ям")),
        ("Ёлка, елка", ("елк", "елк")),
        ("на дороге и дорогах", ("дорог", "дорог")),
        ("я\u0301мы до\u00adроги ёлки", ("ям", "дорог", "елк")),
        ("й и и\u0306", ("й", "й")),
        ("Мира, 5 корп.2а LADA № 26-000123", ("мир", "5", "корп", "2а", "lada", "no", "26", "000123")),
        ("позвонить ████ вечером", ("позвон", "вечер")),
        ('foo_bar\' OR "1"="1" *', ("foo", "bar", "or", "1", "1")),
        ("  … ", ()),
    ],
)
def test_forms_of_a_word_have_one_stem(said: str, stems: tuple[str, ...]) -> None:
    assert STEMMER.stems(said) == stems


@given(st.text())
def test_stems_are_letters_and_digits_in_small_letters(text: str) -> None:
    for stem in STEMMER.stems(text):
        assert stem.isalnum()
        assert stem == stem.casefold()
        assert "ё" not in stem
        assert 0 < len(stem) <= LONGEST


def test_stop_words_are_folded() -> None:
    assert all("ё" not in word and word == word.casefold() for word in STOP_WORDS)
