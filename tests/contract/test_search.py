"""The contract of searching the journal: the same words find the same messages in every store."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.sql.tables import search_docs
from niktokromenas.adapters.text.stems import LONGEST, RussianStems
from niktokromenas.adapters.text.stop_words import STOP_WORDS
from niktokromenas.application.messages.searching import RebuildSearch
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.messages import authoring
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.searching import understood
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.values import Point
from niktokromenas.ports.messages import Box, JournalFilter
from niktokromenas.ports.search import FoundCursor, Stemmer
from tests.contract.building import (
    CITY,
    HERE,
    a_message,
    accepted,
    arrived,
    author_of,
    doing,
    placed,
    ready,
    routed,
)
from tests.contract.stores import NOON, Stores
from tests.contract.test_messages import stored

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


def check_forms_have_one_stem(stemmer: Stemmer) -> None:
    for forms in ("яма ямы ЯМОЙ я́мы", "ёлка елки ЁЛКУ", "дорога дорогах"):
        assert len(set(stemmer.stems(forms))) == 1, forms


def test_forms_that_people_write_have_one_stem() -> None:
    check_forms_have_one_stem(STEMMER)


async def _published(
    stores: Stores, *texts: str, person: Participant | None = None, **changes: Any
) -> list[Message]:
    """Public messages with these texts, a minute between them."""
    author = person or await arrived(stores)
    made = []
    for number, text in enumerate(texts):
        at = NOON + timedelta(minutes=number)
        message = a_message(author, f"26-{number:06d}", at, text=text, **changes)
        made.append(await stored(stores, accepted(message, at=at)))
    return made


EVERYTHING = JournalFilter()


async def _found(
    stores: Stores, said: str, chosen: JournalFilter = EVERYTHING, limit: int = 100
) -> list[str]:
    """Numbers of all pages."""
    wanted, numbers, after = understood(said, STEMMER.stems), list[str](), None
    while True:
        page = await stores.search.find(wanted, chosen, after, limit)
        assert len(page.items) <= limit
        numbers += [item.number for item in page.items]
        if (after := page.next) is None:
            return numbers


def _numbers(messages: Sequence[Message], *order: int) -> list[str]:
    return [messages[n].number for n in order]


async def check_forms_and_typos_are_found(stores: Stores) -> None:
    made = await _published(
        stores, "Большая яма на дороге", "Ёлка упала", "Ямы во дворе", "На дорогах снова ямы"
    )
    for said, order in (
        ("яма", (3, 2, 0)),
        ("ЯМОЙ", (3, 2, 0)),
        ("елка", (1,)),
        ("ёлки", (1,)),
        ("ямы на дороге", (0, 3)),
        ("емы на дарогах", (3, 0)),
        ("дрога", (3, 0)),
        ("дорогга", (3, 0)),
        ("одрога", (3, 0)),
        ("асфальт", ()),
        ("дорога асфальт", ()),
    ):
        assert await _found(stores, said) == _numbers(made, *order), f"searching for {said}"


async def test_forms_of_words_yo_and_typos_are_forgiven(stores: Stores) -> None:
    await check_forms_and_typos_are_found(stores)


async def test_the_best_answers_come_first_and_of_those_the_newest(stores: Stores) -> None:
    made = await _published(
        stores,
        "Шум стройки",  # side by side
        "Шум большой стройки",  # both words
        "Шум стройги на улице",  # a typo away
        "Стройка, и от неё шум",
        "ШУМ на СТРОЙКЕ",
        "Стройка",  # one word alone is not enough
        "Щум стройки",
    )
    assert await _found(stores, "шум стройки") == _numbers(made, 4, 0, 3, 1, 6, 2)


async def test_a_phrase_is_those_words_side_by_side_in_this_order(stores: Stores) -> None:
    made = await _published(
        stores,
        "Улица Мира, яма",
        "Мир на нашей улице",
        "На улице весь мир",
        "Улицы мира",
        "Улица Мера, яма",
        address="Новая, 5",
    )
    assert await _found(stores, "«улица мира»") == _numbers(made, 3, 0)
    assert await _found(stores, '"улица мира" яма') == _numbers(made, 0)
    assert await _found(stores, 'яма "мира"') == _numbers(made, 0)
    assert await _found(stores, "“мира улица”") == []


async def test_a_phrase_does_not_reach_from_one_part_into_another(stores: Stores) -> None:
    await _published(stores, "Провал на Мира", address="Улица Новая, 5")
    assert await _found(stores, "«мира улица»") == []
    assert await _found(stores, "мира улица") == ["26-000000"]


async def test_numbers_have_no_typos(stores: Stores) -> None:
    made = await _published(stores, "Дом 15, подъезд 2а", "Дом 16")
    assert await _found(stores, "дом 15") == _numbers(made, 0)
    assert await _found(stores, "дом 17") == []
    assert await _found(stores, "26-000001") == _numbers(made, 1)


@pytest.mark.clause("8.5")
async def test_the_place_and_placed_answers_are_searched_too(stores: Stores) -> None:
    (message,) = await _published(stores, "Темно", address="Набережная", place_words="у фонтана")
    assert await _found(stores, "набережной фонтан") == [message.number]
    waiting = await stored(stores, ready(routed(message)))
    assert await _found(stores, "заделали") == []
    await stored(stores, placed(waiting))
    assert await _found(stores, "заделали") == [message.number]


@pytest.mark.abuse(9)
@pytest.mark.clause("6.1-nondisclosure")
async def test_what_is_not_public_is_not_found(stores: Stores) -> None:
    await check_what_is_not_public_is_not_found(stores)


async def check_what_is_not_public_is_not_found(stores: Stores) -> None:
    person = await arrived(stores)
    sent = await stored(stores, a_message(person, "26-000001", text="Секретная яма"))
    private = a_message(person, "26-000002", text="Секретный люк")
    await stored(stores, accepted(private, public=False))
    assert await _found(stores, "секретный") == []
    public = await stored(stores, accepted(sent))
    assert await _found(stores, "секретный") == [public.number]
    assert await _found(stores, "секредный") == [public.number]
    await stored(stores, authoring.withdraw(public, doing(author_of(public))))
    assert await _found(stores, "секретный") == [], "withdrawn, but still found"
    assert await _found(stores, "секредный") == []


@pytest.mark.abuse(9)
async def test_only_the_present_public_words_are_found(stores: Stores) -> None:
    await check_only_the_present_public_words_are_found(stores)


async def check_only_the_present_public_words_are_found(stores: Stores) -> None:
    (message,) = await _published(stores, "Звоните Корнейчуку вечером")
    assert await _found(stores, "Корнейчук") == [message.number]
    covered = evolve(message.content, text="Звоните ██████████ вечером")
    await stored(stores, evolve(message, content=covered))
    assert await _found(stores, "Корнейчук") == [], "a masked word is found"
    assert await _found(stores, "Корнийчук") == []
    assert await _found(stores, "«звоните вечером»") == []
    assert await _found(stores, "вечером звонить") == [message.number]


@pytest.mark.abuse(11)
@pytest.mark.parametrize(
    "said",
    ["яма' OR '1'='1", 'яма" OR ""', "яма*", "яма NOT люк", "яма) OR (люк", "stems:яма", "яма:*A",
     "яма & !люк", "^яма", "яма <-> люк", "{яма}", "яма; DROP TABLE messages --", "яма\\",
     "NEAR(яма люк, 2)", "яма % _", "яма\x00люк"],
)  # fmt: skip
async def test_signs_of_query_languages_are_no_more_than_spaces(stores: Stores, said: str) -> None:
    plain = "Про " + " ".join(STEMMER.stems(said)) + " и всё"
    made = await _published(stores, "Люк закрыт", plain, "Нет ничего")
    assert await _found(stores, said) == _numbers(made, 1)


async def check_index_forgets_what_is_withdrawn(stores: Stores) -> None:
    """The index alone: the journal's own condition would hide it too."""
    (public,) = await _published(stores, "Секретная яма")
    await stored(stores, authoring.withdraw(public, doing(author_of(public))))
    if stores.units is not None:
        async with stores.units.reading() as connection:
            left = (await connection.execute(sa.select(search_docs.c.message_id))).all()
        assert left == [], "withdrawn, but still in the index"


async def test_the_index_forgets_what_is_withdrawn(stores: Stores) -> None:
    await check_index_forgets_what_is_withdrawn(stores)


async def test_every_filter_of_the_journal_holds_page_by_page(stores: Stores) -> None:
    chance, person, made = random.Random(3), await arrived(stores), list[Message]()
    for number in range(40):
        at = NOON + timedelta(minutes=chance.randrange(6))
        text = chance.choice(["Шум стройки", "Стройка и шум", "Шум стройги", "Снег"])
        where = chance.choice(((HERE, "18701000"), (Point(48.7858, 44.7797), "18710000")))
        message = a_message(person, f"26-{number:06d}", at, text=text, point=where[0], municipality=where[1])
        message = accepted(message, category=chance.choice(("roads.snow", "lighting.lamp")), at=at)
        made.append(await stored(stores, routed(message, at=at) if number % 2 else message))
    tiers = {"Шум стройки": 0, "Стройка и шум": 1, "Шум стройги": 2}
    box = Box(south_west=Point(48.7, 44.5), north_east=Point(48.71, 44.52))
    wide = Box(south_west=Point(48.0, 44.0), north_east=Point(48.75, 45.0))
    since, until = NOON + timedelta(minutes=2), NOON + timedelta(minutes=5)
    for chosen, keeps in (
        (JournalFilter(), lambda m: True),
        (JournalFilter(category="roads"), lambda m: m.category == "roads.snow"),
        (JournalFilter(category="lighting.lamp"), lambda m: m.category == "lighting.lamp"),
        (JournalFilter(municipality="18710000"), lambda m: m.content.occasion.place.point != HERE),
        (JournalFilter(box=box), lambda m: m.content.occasion.place.point == HERE),
        (JournalFilter(box=wide), lambda m: m.content.occasion.place.point == HERE),
        (JournalFilter(authority=CITY, stage="routed"), lambda m: bool(m.assignments)),
        (JournalFilter(outcome="done"), lambda m: False),
        (JournalFilter(since=since, until=until), lambda m: since <= m.submitted_at < until),
    ):
        expected = {m.number: m for m in made if m.content.text in tiers and keeps(m)}
        order = await _found(stores, "шум стройки", chosen)
        assert sorted(order) == sorted(expected), chosen
        keys = [
            (tiers[expected[n].content.text], NOON - expected[n].submitted_at, expected[n]) for n in order
        ]
        assert [key[:2] for key in keys] == sorted(key[:2] for key in keys), chosen
        for limit in (1, 3, 7):
            assert await _found(stores, "шум стройки", chosen, limit) == order, chosen


async def test_a_cursor_from_elsewhere_lifts_no_filter(stores: Stores) -> None:
    await _published(stores, "Яма", "Яма", category="roads.snow")
    wanted = understood("яма", STEMMER.stems)
    for tier, place in ((0, 2**63 - 1), (0, -(2**63)), (1, 0), (2, 2**63 - 1)):
        cursor = FoundCursor(tier=tier, place=place)
        page = await stores.search.find(wanted, JournalFilter(stage="closed"), cursor, 10)
        assert page.items == ()
        assert page.next is None


async def _said(stores: Stores) -> list[list[str]]:
    asked = ("яма", "ямы на дороге", "емы", "«на дороге»", "заделали", "мира", "26", "люк")
    return [await _found(stores, said) for said in asked]


async def test_what_is_made_anew_is_what_was_kept(stores: Stores) -> None:
    person = await arrived(stores)
    for number in range(45):
        message = a_message(person, f"26-{number:06d}", text=("Яма на дороге", "Люк, ямка")[number % 2])
        lives: tuple[Any, ...] = (
            lambda m: m,
            lambda m: accepted(m),
            lambda m: accepted(m, public=False),
            lambda m: placed(ready(routed(accepted(m)))),
            lambda m: authoring.withdraw(accepted(m), doing(author_of(m))),
        )
        await stored(stores, lives[number % len(lives)](message))
    kept = await _said(stores)
    assert kept[0]
    rebuild = RebuildSearch(stores.transactions)
    assert [done async for done in rebuild()] == [20, 40, 45]
    assert await _said(stores) == kept


def test_words_that_say_nothing_are_refused() -> None:
    for said in ("", "  ", "на", "«» ,", "***", "█"):
        with pytest.raises(Invalid) as refused:
            understood(said, STEMMER.stems)
        assert [fault.code for fault in refused.value.faults] == ["no-words"]
