"""Beside names stand choices alone, whatever was answered (разд. 9; 152-ФЗ, ст. 10.1)."""

from attrs import asdict
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.domain.surveys.answers import OTHER, Cells, Chosen, Ranked, Sheet, Spot, Text
from niktokromenas.domain.surveys.naming import choices_of
from niktokromenas.domain.surveys.questions import Questions
from niktokromenas.domain.values import Point
from tests.unit.surveys.strategies import answered_questionnaires

SECRET = "что скрыл модератор"
SHEET: Sheet = {
    "w": Text(SECRET),
    "p": Spot(Point(48.70712, 44.51693)),
    "o": Chosen(("b", "a"), SECRET),
    "n": Chosen((), SECRET),
    "c": Chosen(("b", "a")),
    "r": Ranked(("b", "a")),
    "m": Cells({"x": "y"}),
}


def test_words_and_points_are_left_out_and_an_own_variant_is_only_told() -> None:
    assert choices_of(SHEET) == {
        "o": Chosen(("a", "b", OTHER)),
        "n": Chosen((OTHER,)),
        "c": Chosen(("a", "b")),
        "r": Ranked(("b", "a")),
        "m": Cells({"x": "y"}),
    }


@settings(max_examples=150, deadline=None)
@given(answered_questionnaires(), st.sampled_from(["слова", "48.70712"]))
def test_nothing_of_words_or_points_remains(asked: tuple[Questions, Sheet], words: str) -> None:
    _, sheet = asked
    said: Sheet = {
        code: Chosen(answer.options, words)
        if isinstance(answer, Chosen) and answer.other is not None
        else Text(words)
        if isinstance(answer, Text)
        else answer
        for code, answer in sheet.items()
    }
    choices = choices_of(said)
    assert words not in repr({code: asdict(choice) for code, choice in choices.items()})
    assert set(choices) == {code for code, each in said.items() if not isinstance(each, Text | Spot)}
    for code, choice in choices.items():
        answer = said[code]
        if isinstance(choice, Chosen) and isinstance(answer, Chosen):
            assert (choice.other, choice.codes) == (None, answer.codes)
        else:
            assert choice == answer
