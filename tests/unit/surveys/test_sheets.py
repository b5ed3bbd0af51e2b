"""A sheet of answers is taken whole or refused with everything wrong, and written in one way (разд. 9)."""

import json
import unicodedata
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.surveys.answers import (
    Amount,
    Answer,
    Cells,
    Chosen,
    Day,
    Ranked,
    Scaled,
    Sheet,
    Spot,
    Text,
)
from niktokromenas.domain.surveys.conditions import Answered, Chose, Within
from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Kind,
    Matrix,
    Number,
    One,
    OnMap,
    Question,
    Questions,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.sheets import CheckedSheet, SheetChecker, canonical, checked, read, written
from niktokromenas.domain.values import Point
from tests.unit.surveys.strategies import FIRST, answered_questionnaires, options

WORD = FreeText(longest=10)


def asked(kind: Kind, code: str = "q0", **more: Any) -> Question:
    return Question(code=code, words="?", kind=kind, **more)


def found(questions: Questions, sheet: Sheet) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        checked(questions, sheet)
    return {(fault.pointer, fault.code) for fault in refusal.value.faults}


@pytest.mark.clause("9-participate")
@settings(max_examples=80, deadline=None)
@given(answered_questionnaires())
def test_whoever_answers_what_is_asked_is_heard(asked: tuple[Questions, Sheet]) -> None:
    questions, sheet = asked
    assert checked(questions, sheet).keys() == sheet.keys()


@settings(max_examples=60, deadline=None)
@given(answered_questionnaires(), st.data())
def test_a_required_answer_left_out_is_missed_and_one_too_many_is_refused(
    asked: tuple[Questions, Sheet], data: st.DataObject
) -> None:
    questions, sheet = asked
    code = data.draw(st.sampled_from(sorted(sheet)))
    without = {name: answer for name, answer in sheet.items() if name != code}
    question = next(q for q in questions if q.code == code)
    if question.is_required:
        assert (f"/answers/{code}", "unanswered") in found(questions, without)
    assert ("/answers/nobody~1asked", "unknown-question") in found(
        questions, {**sheet, "nobody/asked": Scaled(1)}
    )


@settings(max_examples=80, deadline=None)
@given(answered_questionnaires(), st.data())
def test_answers_that_could_not_be_read_make_no_other_wrong(
    asked: tuple[Questions, Sheet], data: st.DataObject
) -> None:
    questions, sheet = asked
    unread = data.draw(st.frozensets(st.sampled_from(sorted(sheet))))
    rest = {code: answer for code, answer in sheet.items() if code not in unread}
    assert checked(questions, rest, unread=unread).keys() <= rest.keys()


def test_of_what_depends_on_an_unread_answer_nothing_is_said() -> None:
    questions = (
        asked(One(options=options(2)), "q0"),
        asked(Scale(low=1, high=5), "q1", when=Chose("q0", ("o0",))),
        asked(WORD, "q2", when=Answered("q1")),
        asked(WORD, "q3"),
    )
    with pytest.raises(Invalid) as refusal:
        checked(questions, {"q1": Scaled(9), "nobody": Scaled(1)}, unread=frozenset({"q0"}))
    assert [fault.pointer for fault in refusal.value.faults] == ["/answers/nobody", "/answers/q3"]


@settings(max_examples=80, deadline=None)
@given(answered_questionnaires(), st.randoms(use_true_random=False))
def test_the_same_answers_give_the_same_bytes(asked: tuple[Questions, Sheet], chance: Random) -> None:
    questions, sheet = asked
    plain = checked(questions, sheet)
    assert SheetChecker(questions)(sheet) == CheckedSheet(plain, canonical(plain))
    again = checked(questions, _said_otherwise(sheet, chance))
    assert canonical(again) == canonical(plain)
    assert checked(questions, plain) == plain
    assert read(json.loads(canonical(plain))) == plain
    assert canonical(plain).decode() == json.dumps(
        written(plain), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )


def _said_otherwise(sheet: Sheet, chance: Random) -> Sheet:
    def otherwise(answer: Answer) -> Answer:
        match answer:
            case Chosen(options, other):
                own = None if other is None else f" {unicodedata.normalize('NFD', other)}\n"
                return Chosen(tuple(chance.sample(options, len(options))), own)
            case Cells(columns):
                return Cells(dict(chance.sample(list(columns.items()), len(columns))))
            case Text(words):
                return Text(f"\u2003{unicodedata.normalize('NFD', words)} ")
            case Amount(value):
                return Amount(value.normalize())
            case _:
                return answer

    return {code: otherwise(sheet[code]) for code in chance.sample(list(sheet), len(sheet))}


@settings(max_examples=80, deadline=None)
@given(answered_questionnaires(), st.randoms(use_true_random=False))
def test_sheets_that_come_together_are_told_what_each_would_be_alone(
    asked: tuple[Questions, Sheet], chance: Random
) -> None:
    questions, sheet = asked
    less = {code: answer for code, answer in sheet.items() if code != min(sheet)}
    wrong = {**sheet, min(sheet): Scaled(1000)}
    some = [sheet, _said_otherwise(sheet, chance), less, wrong, {**sheet, "nobody-asks": Scaled(1)}, {}] * 2
    together = SheetChecker(questions)
    for each in chance.sample(some, len(some)):
        assert _told(together, each) == _told(SheetChecker(questions), each)


def _told(check: SheetChecker, sheet: Sheet) -> object:
    try:
        return check(sheet)
    except Invalid as wrong:
        return wrong.faults


@settings(max_examples=60, deadline=None)
@given(answered_questionnaires(), st.data())
def test_other_answers_give_other_bytes(asked: tuple[Questions, Sheet], data: st.DataObject) -> None:
    questions, sheet = asked
    plain = checked(questions, sheet)
    code = data.draw(st.sampled_from(sorted(plain)))
    fewer = {name: answer for name, answer in plain.items() if name != code}
    assert canonical(fewer) != canonical(plain)


def test_the_bytes_are_those_of_the_document() -> None:
    sheet: Sheet = {
        "b": Chosen(("o2", "o1"), "Своё «слово»\n"),
        "a": Scaled(3),
        "c": Cells({"r2": "x", "r1": "y"}),
        "d": Ranked(("o2", "o1")),
        "e": Amount(Decimal("12.50")),
        "f": Day(FIRST),
        "g": Spot(Point(48.7080004, -0.000001)),
        "h": Text("ё"),
    }
    assert canonical(sheet).decode() == (
        '{"a":{"scaled":3},"b":{"chosen":["o1","o2"],"other":"Своё «слово»\\n"},'
        '"c":{"cells":{"r1":"y","r2":"x"}},"d":{"ranked":["o2","o1"]},"e":{"amount":"12.5"},'
        '"f":{"day":"2026-01-01"},"g":{"spot":["48.70800","0.00000"]},"h":{"text":"ё"}}'
    )


@pytest.mark.parametrize(
    ("kind", "answer", "fault"),
    [
        (One(options=options(2)), Scaled(1), ("", "wrong-kind")),
        (Scale(), Chosen(("o1",)), ("", "wrong-kind")),
        (One(options=options(2)), Chosen(("o9",)), ("/options/0", "unknown-option")),
        (One(options=options(2)), Chosen(("o0", "o1")), ("", "too-many")),
        (One(options=options(2)), Chosen(("o0", "o0")), ("/options/1", "repeated")),
        (One(options=options(2)), Chosen(()), ("", "too-few")),
        (One(options=options(2)), Chosen((), "Иное"), ("/other", "unknown-option")),
        (One(options=options(2), has_other=True), Chosen((), "\u200b"), ("/other", "no-words")),
        (One(options=options(2), has_other=True), Chosen((), "я" * 501), ("/other", "too-long")),
        (One(options=options(2), has_other=True), Chosen(("o0",), "Иное"), ("", "too-many")),
        (Several(options=options(4), least=2, most=3), Chosen(("o1",)), ("", "too-few")),
        (Several(options=options(4), least=2, most=3), Chosen(("o0", "o1", "o2", "o3")), ("", "too-many")),
        (Scale(low=1, high=5), Scaled(6), ("", "out-of-bounds")),
        (Scale(low=1, high=5), Scaled(0), ("", "out-of-bounds")),
        (Ranking(options=options(3), places=2), Ranked(("o1",)), ("/order", "too-few")),
        (Ranking(options=options(3), places=2), Ranked(("o1", "o2", "o0")), ("/order", "too-many")),
        (Ranking(options=options(3), places=2), Ranked(("o1", "o1")), ("/order/1", "repeated")),
        (Matrix(rows=options(2), columns=options(2)), Cells({"o0": "o1"}), ("/columns/o1", "unanswered")),
        (Matrix(rows=options(1), columns=options(2)), Cells({"o0": "o7"}), ("/columns/o0", "unknown-column")),
        (Matrix(rows=options(1), columns=options(2)), Cells({"~/": "o1"}), ("/columns/~0~1", "unknown-row")),
        (WORD, Text("\u2800 "), ("", "no-words")),
        (WORD, Text("я" * 11), ("", "too-long")),
        (WORD, Text("\ud800"), ("", "no-words")),
        (Number(low=Decimal(0), high=Decimal(9)), Amount(Decimal(10)), ("", "out-of-bounds")),
        (Number(low=Decimal(0), high=Decimal(9)), Amount(Decimal("1.5")), ("", "out-of-bounds")),
        (Number(low=Decimal(0), high=Decimal(9)), Amount(Decimal("NaN")), ("", "out-of-bounds")),
        (Calendar(first=FIRST, last=FIRST), Day(FIRST.replace(day=2)), ("", "out-of-bounds")),
        (OnMap(), Text("Здесь"), ("", "wrong-kind")),
    ],
)
def test_a_wrong_answer_is_named(kind: Kind, answer: Answer, fault: tuple[str, str]) -> None:
    assert (f"/answers/q0{fault[0]}", fault[1]) in found((asked(kind),), {"q0": answer})


def test_only_what_is_asked_may_be_answered_and_only_with_what_is_offered() -> None:
    questions = (
        asked(One(options=options(2))),
        asked(WORD, "q1", when=Chose("q0", ("o1",))),
        asked(One(options=options(3, [Chose("q0", ("o1",))])), "q2"),
    )
    assert found(questions, {"q0": Chosen(("o0",)), "q1": Text("Да"), "q2": Chosen(("o0",))}) == {
        ("/answers/q1", "not-asked"),
        ("/answers/q2/options/0", "not-offered"),
    }
    assert checked(questions, {"q0": Chosen(("o0",)), "q2": Chosen(("o1",))})


@pytest.mark.parametrize("words", ["NaN", "sNaN", "Infinity", "-Infinity", "1e400"])
def test_what_is_no_amount_is_named_also_where_a_condition_asks_for_it(words: str) -> None:
    questions = (
        asked(Number(low=Decimal(0), high=Decimal(9))),
        asked(WORD, "q1", when=Within("q0", Decimal(1), Decimal(2))),
    )
    sheet: Sheet = {"q0": Amount(Decimal(words))}
    assert found(questions, sheet) == {("/answers/q0", "out-of-bounds")}
    with pytest.raises(Invalid, match="Число"):
        SheetChecker(questions)(sheet)


def test_an_optional_matrix_may_be_answered_in_part_but_not_by_nothing() -> None:
    questions = (asked(Matrix(rows=options(2), columns=options(2)), is_required=False),)
    assert checked(questions, {"q0": Cells({"o1": "o0"})})
    assert found(questions, {"q0": Cells({})}) == {("/answers/q0", "too-few")}
    assert found(questions, {}) == {("/answers", "empty")}


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"scaled": True},
        {"scaled": 1.0},
        {"scaled": 1, "more": 2},
        {"chosen": "o1"},
        {"chosen": [1]},
        {"cells": {"a": 1}},
        {"amount": 1},
        {"amount": "ten"},
        {"day": "05.03.2026"},
        {"spot": ["91", "0"]},
        {"spot": [1, 2]},
    ],
)
def test_what_nobody_wrote_is_not_read(value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        read({"q0": value, "q1": value})
    assert [fault.pointer for fault in refusal.value.faults] == ["/answers/q0", "/answers/q1"]
