"""Signs that nobody sees are refused wherever people write, by one rule (UAX #9, UTS #39)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.groups.group import GroupContent, create_group
from niktokromenas.domain.ids import PostId, SocialGroupId
from niktokromenas.domain.messages.answers import AnswerDraft, Done, check_answer
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.messages.content import check
from niktokromenas.domain.messages.thread import NewPost, check_post
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.surveys import initiating
from niktokromenas.domain.surveys.answers import OTHER, Chosen, Text
from niktokromenas.domain.surveys.questions import FreeText, Number, One, Option, Question, Scale
from niktokromenas.domain.surveys.sheets import checked
from tests.contract.building import a_draft
from tests.contract.stores import NOON, a_region
from tests.unit.surveys import building
from tests.unit.surveys.building import MUNICIPALITIES, a_survey, doing
from tests.unit.test_message_content import IN_CITY

HIDDEN = [
    "\u202e",
    "\u2066",
    "\u2069",
    "\u200e",
    "\u061c",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\x07",
    "\x85",
    "\x1b",
]
hidden = pytest.mark.parametrize("sign", HIDDEN, ids=lambda sign: f"U+{ord(sign):04X}")


def told(act: Callable[[], object]) -> set[str]:
    """Where hidden signs are told of; each of them with its place."""
    with pytest.raises(Invalid) as refusal:
        act()
    found = [fault for fault in refusal.value.faults if fault.code == "hidden-character"]
    assert all("3-й по счёту" in fault.detail for fault in found)
    return {fault.pointer for fault in found}


@hidden
def test_messages_have_no_hidden_signs(sign: str) -> None:
    words = f"Да{sign}нет"
    draft = evolve(a_draft(), text=words, address=words, place_words=words, name=words, circumstances=words)
    draft = evolve(draft, wishes_non_public=True, wish_reason=words)
    assert told(lambda: check(draft, a_region(), IN_CITY, at=NOON)) == {
        "/text",
        "/occasion/place/address",
        "/occasion/place/words",
        "/author/name",
        "/author/circumstances",
        "/wish_reason",
    }
    assert told(lambda: words_or_refuse(words, "/words", "Объясните")) == {"/words"}
    assert told(lambda: check_post(NewPost(id=PostId(building.GROUP), text=words))) == {"/text"}
    answer = AnswerDraft(text=words, outcome=Done())
    assert told(lambda: check_answer(answer, today=date(2026, 3, 5))) == {"/text"}


@hidden
def test_groups_have_no_hidden_signs(sign: str) -> None:
    words = f"Да{sign}нет"
    by = doing(building.AUTHOR)
    content = GroupContent(name=words, about=words)
    assert told(lambda: create_group(SocialGroupId(building.GROUP), content, by)) == {"/name", "/about"}


@hidden
def test_surveys_have_no_hidden_signs(sign: str) -> None:
    words = f"Да{sign}нет"
    options = (Option(code="a", words=words), Option(code="b", words="Нет"))
    questions = (
        Question(code="q0", words=words, hint=words, kind=One(options=options)),
        Question(code="q1", words="Ещё?", kind=Scale(low_words=words, high_words=words)),
        Question(code="q2", words="Сколько?", kind=Number(low=Decimal(0), high=Decimal(5), unit=words)),
    )
    draft = a_survey(title=words, about=words, questions=questions)
    assert told(lambda: initiating.submit(draft, MUNICIPALITIES, doing(building.OFFICIAL))) == {
        "/title",
        "/about",
        "/questions/0/words",
        "/questions/0/hint",
        "/questions/0/kind/options/0/words",
        "/questions/1/kind/low_words",
        "/questions/1/kind/high_words",
        "/questions/2/kind/unit",
    }
    asked = (
        Question(code="q0", words="Что?", kind=One(options=options, has_other=True)),
        Question(code="q1", words="Почему?", kind=FreeText()),
    )
    sheet = {"q0": Chosen((), words), "q1": Text(words)}
    assert told(lambda: checked(asked, sheet)) == {"/answers/q0/other", "/answers/q1"}
    assert OTHER not in {option.code for option in options}


def test_two_options_do_not_differ_by_a_soft_hyphen_alone() -> None:
    options = (Option(code="a", words="Да"), Option(code="b", words="Д\u00adа"))
    draft = a_survey(questions=(Question(code="q0", words="Что?", kind=One(options=options)),))
    with pytest.raises(Invalid) as refusal:
        initiating.submit(draft, MUNICIPALITIES, doing(building.OFFICIAL))
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/questions/0/kind/options/1/words", "repeated")
    ]


@pytest.mark.parametrize(
    "text", ["Строка\nдругая\r\n\tи ещё", "Пере\u00adнос", "Семья 👨\u200d👩\u200d👧", "Ёж\u00a0— ёж"]
)
def test_what_people_write_is_taken(text: str) -> None:
    assert list(hidden_faults(text, "/text")) == []


@pytest.mark.parametrize("sign", ["\n", "\r", "\t", "\u2028", "\u00ad"])
def test_a_line_is_one_line(sign: str) -> None:
    assert [fault.code for fault in hidden_faults(f"Да{sign}нет", "", is_line=True)] == ["hidden-character"]


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "M"]), min_size=1))
def test_letters_and_spaces_of_all_people_are_taken(text: str) -> None:
    assert not list(hidden_faults(text, "", is_line=True))
