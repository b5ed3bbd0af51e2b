"""What is searched in a message and how well it answers (ADR 0017)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.masks import COVER
from niktokromenas.domain.messages.searching import (
    BREAK,
    LENGTHENED,
    QUERY_LIMIT,
    Part,
    Stems,
    Tier,
    Wanted,
    is_misspelt,
    may_be_misspelt,
    place_of,
    searched_texts,
    stems_of,
    tier_of,
    typo_keys,
    understood,
)
from tests.contract.building import a_message, a_person, accepted, placed, ready, routed
from tests.contract.stores import NOON

STEM = st.text("абв", min_size=1, max_size=6)


def by_spaces(text: str) -> Stems:
    return tuple(text.lower().split())


def wanted(*phrases: str) -> Wanted:
    return Wanted(tuple(Part(by_spaces(phrase), is_quoted=" " in phrase) for phrase in phrases))


@pytest.mark.clause("6.1-nondisclosure")
def test_what_everyone_may_read_is_searched_and_nothing_of_a_message_that_is_not_public() -> None:
    message = a_message(a_person())
    assert searched_texts(message) == ()
    assert searched_texts(accepted(message, public=False)) == ()
    public = accepted(message)
    assert searched_texts(public) == ("Яма на дороге", "ул. Мира, 5", "26-000001")
    answered = placed(ready(routed(public)))
    assert searched_texts(answered) == ("Яма на дороге", "ул. Мира, 5", "Заделали", "26-000001")
    assert "Заделали" not in searched_texts(ready(routed(public)))
    place = evolve(public.content.occasion.place, words="у моста", address=None)
    told = evolve(public.content, occasion=evolve(public.content.occasion, place=place))
    assert searched_texts(evolve(public, content=told)) == ("Яма на дороге", "у моста", "26-000001")


def test_no_phrase_reaches_across_parts_or_masks() -> None:
    texts = (f"Яма {COVER * 4} дорога", "улица")
    assert stems_of(texts, by_spaces) == ("яма", BREAK, "дорога", BREAK, "улица", BREAK)
    assert stems_of((), by_spaces) == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("яма дорога", (Part(("яма",)), Part(("дорога",)))),
        ("«яма дорога»", (Part(("яма", "дорога"), is_quoted=True),)),
        ("“яма”", (Part(("яма",), is_quoted=True),)),
        (
            'у "яма дорога" моста „два“ тут',
            (
                Part(("у",)),
                Part(("яма", "дорога"), is_quoted=True),
                Part(("моста",)),
                Part(("два",), is_quoted=True),
                Part(("тут",)),
            ),
        ),
        ('яма ""', (Part(("яма",)),)),
        ("«яма «дорога»", (Part(("«яма",)), Part(("дорога",), is_quoted=True))),
    ],
)
def test_words_are_looked_for_singly_and_quoted_ones_together(text: str, parts: tuple[Part, ...]) -> None:
    assert understood(text, by_spaces) == Wanted(parts)


@pytest.mark.parametrize("text", ["", " ", '""', "« »"])
def test_nothing_to_look_for_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        understood(text, by_spaces)
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/q", "no-words")]
    assert QUERY_LIMIT == 200


def test_typos_are_looked_for_behind_single_words() -> None:
    sought = wanted("яма", "дорога", "26", "я", "яма", "у моста")
    assert sought.sequence == ("яма", "дорога", "26", "я", "яма", "у", "моста")
    assert sought.doubtful == ("яма", "дорога")
    assert sought.tiers == (Tier.TOGETHER, Tier.ALL_WORDS, Tier.MISSPELT)
    assert wanted("26").tiers == (Tier.TOGETHER,)
    assert wanted("яма").tiers == (Tier.TOGETHER, Tier.MISSPELT)
    assert wanted("26", "27").tiers == (Tier.TOGETHER, Tier.ALL_WORDS)


@pytest.mark.parametrize(
    ("stem", "may"), [("яма", True), ("ям", True), ("я", False), ("26", False), ("2а", False)]
)
def test_numbers_and_single_letters_are_as_they_are(stem: str, may: bool) -> None:
    assert may_be_misspelt(stem) is may


@pytest.mark.parametrize(
    ("stem", "other", "is_one"),
    [
        ("яма", "яма", False),
        ("яма", "ява", True),
        ("яма", "мяа", True),
        ("яма", "яам", True),
        ("яма", "амя", False),
        ("яма", "явб", False),
        ("дорога", "догора", False),
        ("абвг", "бавг", True),
        ("абвг", "бвга", False),
        ("абвг", "багв", False),
        ("абвгд", "баввд", False),
        ("яма", "ямка", True),
        ("ямка", "яма", True),
        ("яма", "аяма", True),
        ("аяма", "яма", True),
        ("ям", "яма", False),
        ("яма", "ям", False),
        ("яма", "ямкап", False),
        ("яма", "мямк", False),
        ("ям", "як", True),
        ("ям", "я", False),
        ("дом2", "дом3", False),
        ("дом", "дом3", False),
    ],
)
def test_one_typo_is_forgiven(stem: str, other: str, is_one: bool) -> None:
    assert is_misspelt(stem, other) is is_one


@given(STEM, STEM)
def test_stems_that_differ_by_a_typo_share_a_key(stem: str, other: str) -> None:
    if is_misspelt(stem, other):
        assert typo_keys(stem) & typo_keys(other)
        assert abs(len(stem) - len(other)) <= 1
        assert len(stem) == len(other) or min(len(stem), len(other)) >= LENGTHENED


def test_keys_are_the_stem_and_what_is_left_without_each_letter() -> None:
    assert typo_keys("яма") == {"яма", "ма", "яа", "ям"}


@pytest.mark.parametrize(
    ("stems", "sought", "near", "tier"),
    [
        ("у яма дорога", wanted("яма", "дорога"), {}, Tier.TOGETHER),
        ("яма", wanted("яма"), {}, Tier.TOGETHER),
        ("дорога яма", wanted("яма", "дорога"), {}, Tier.ALL_WORDS),
        ("яма _ дорога", wanted("яма", "дорога"), {}, Tier.ALL_WORDS),
        ("дорога у моста", wanted("у моста", "дорога"), {}, Tier.ALL_WORDS),
        ("моста у дорога", wanted("у моста", "дорога"), {}, None),
        ("яма", wanted("яма", "дорога"), {}, None),
        ("ява дорога", wanted("яма", "дорога"), {"яма": {"ява"}}, Tier.MISSPELT),
        ("ява дарога", wanted("яма", "дорога"), {"яма": {"ява"}, "дорога": {"дарога"}}, Tier.MISSPELT),
        ("ява дарога", wanted("яма", "дорога"), {"яма": {"ява"}}, None),
        ("ява моста", wanted("яма моста"), {"яма": {"ява"}}, None),
        ("ява", wanted("яма"), {}, None),
        ("", wanted("яма"), {}, None),
    ],
)
def test_tiers(stems: str, sought: Wanted, near: dict[str, set[str]], tier: Tier | None) -> None:
    forgiven = {stem: frozenset(others) for stem, others in near.items()}
    assert tier_of(by_spaces(stems), sought, forgiven) is tier


@given(
    st.datetimes(datetime(2021, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 10**9),
    st.uuids(),
    st.uuids(),
)
def test_a_later_message_stands_higher_and_the_place_fits(
    at: datetime, later: int, one: UUID, two: UUID
) -> None:
    first = place_of(at, MessageId(one))
    assert 0 <= first < 2**63
    assert place_of(at + timedelta(microseconds=later), MessageId(two)) > first


def test_messages_of_one_microsecond_are_told_apart_by_the_end_of_their_ids() -> None:
    epoch = datetime(2020, 1, 1, tzinfo=UTC)
    assert place_of(epoch, MessageId(UUID(int=1025))) == 1
    assert place_of(epoch, MessageId(UUID(int=1023))) == 1023
    assert place_of(epoch + timedelta(microseconds=2), MessageId(UUID(int=5))) == 2 * 1024 + 5
    assert place_of(NOON, MessageId(UUID(int=0))) == (NOON - epoch) // timedelta(microseconds=1) * 1024
