"""The contract of text hints: what is found, as exact places, and what is left alone (152-FZ; abuse 35)."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.text.hints import RussianTextHints
from niktokromenas.adapters.text.personal import is_inn, is_snils, luhn
from niktokromenas.domain.messages.hints import HintKind as K
from niktokromenas.ports.text import TextHints

HINTS: TextHints = RussianTextHints()


def found(text: str, hints: TextHints = HINTS) -> set[tuple[K, str]]:
    return {(h.kind, text[h.span.start : h.span.end]) for h in hints.find(text)}


PERSONAL: dict[str, set[tuple[K, str]]] = {
    "Звоните 8 (902) 123-45-67 после шести": {(K.PHONE, "8 (902) 123-45-67")},
    "мой номер +7 902 1234567.": {(K.PHONE, "+7 902 1234567")},
    "тел. 89021234567": {(K.PHONE, "89021234567")},
    "тел. 23-45-67, спросить Олю": {(K.PHONE, "23-45-67")},
    "пишите anna.petrova@example.ru, отвечу": {(K.EMAIL, "anna.petrova@example.ru")},
    "почта иван@почта.рф": {(K.EMAIL, "иван@почта.рф")},
    "СНИЛС 112-233-445 95": {(K.SNILS, "112-233-445 95")},
    "снилс 11223344595": {(K.SNILS, "11223344595")},
    "мой ИНН 500100732259": {(K.INN, "500100732259")},
    "ИНН 7707083893, организация": {(K.INN, "7707083893")},
    "паспорт 1804 123456 выдан УВД": {(K.PASSPORT, "1804 123456")},
    "серия 18 04 № 123456": {(K.PASSPORT, "18 04 № 123456")},
    "паспорт: 1804123456": {(K.PASSPORT, "1804123456")},
    "карта 2200 0000 0000 0004, переведите": {(K.CARD, "2200 0000 0000 0004")},
    "карта 4111111111111111": {(K.CARD, "4111111111111111")},
    "Иванова, СНИЛС 112-233-445 95, т. 8 902 123 45 67, a@b.ru": {
        (K.SNILS, "112-233-445 95"),
        (K.PHONE, "8 902 123 45 67"),
        (K.EMAIL, "a@b.ru"),
    },
}
NOBODYS = [
    "СНИЛС 112-233-445 96 с опечаткой",
    "карта 4111 1111 1111 1112",
    "ИНН 500100732258",
    "Кадастровый номер 34:34:030070:1234",
    "ул. Мира, д. 5, кв. 12, подъезд 3, этаж 10",
    "12.10.2026 в 14:30 и 13.10.2026 в 09:15",
    "Счёт 40702810900000012345, БИК 041806647",
    "Постановление № 674 от 12.10.2020, ОГРН 1023403443061",
    "Гараж 1500 рублей, 2 500 000 рублей на ремонт",
    "Координаты 48.7071, 44.5169",
    "Горячая линия 8 800 200 34 00, звонок бесплатный",
    "Звоните 112",
    "Маршрут 6а, автобус А123ВС134",
    "Сообщение 26-000123 ждёт ответа",
]


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(35)
def test_personal_data_are_found_where_they_stand_and_nothing_else_is() -> None:
    check_personal_data_are_found(HINTS)


def check_personal_data_are_found(hints: TextHints) -> None:
    assert {text: found(text, hints) for text in PERSONAL} == PERSONAL
    assert {text: found(text, hints) for text in NOBODYS} == {text: set() for text in NOBODYS}


AROUND = st.text(alphabet="абвгд \n,;", max_size=40)


def _snils(first: int) -> str:
    digits = f"{first:09}"
    check = sum(int(d) * (9 - n) for n, d in enumerate(digits)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02}"


@pytest.mark.abuse(35)
@given(st.integers(1_001_999, 999_999_999), AROUND, AROUND)
def test_a_snils_is_found_by_its_check_number_alone(first: int, before: str, after: str) -> None:
    right = _snils(first)
    assert found(f"{before} {right} {after}") == {(K.SNILS, right)}
    wrong = right[:-2] + f"{(int(right[-2:]) + 1) % 100:02}"
    assert (K.SNILS, wrong) not in found(f"{before} {wrong} {after}")


@pytest.mark.abuse(35)
@given(st.integers(10**14, 10**15 - 1), AROUND)
def test_a_card_is_found_by_its_check_digit_alone(number: int, before: str) -> None:
    fifteen = "2" + str(number)[1:]
    (last,) = [d for d in "0123456789" if luhn(fifteen + d)]
    grouped = " ".join((fifteen + last)[n : n + 4] for n in range(0, 16, 4))
    assert found(f"{before} {grouped}") == {(K.CARD, grouped)}
    wrong = fifteen + str((int(last) + 5) % 10)
    assert all(kind is not K.CARD for kind, _ in found(f"{before} {wrong}"))


@pytest.mark.abuse(35)
@given(st.integers(0, 10**10 - 1), AROUND)
def test_an_inn_is_found_by_its_check_digits_alone(first: int, before: str) -> None:
    ten = f"{first:010}"
    right = [f"{ten}{n:02}" for n in range(100) if is_inn(f"{ten}{n:02}")]
    assert len(right) == 1 or first == 0
    for number in right:
        assert (K.INN, number) in found(f"{before} {number}")
    assert (K.INN, f"{ten}00") in found(f"{before} {ten}00") or f"{ten}00" not in right


def test_check_digits_are_those_of_published_examples() -> None:
    assert is_snils("11223344595")
    assert is_inn("7707083893")
    assert is_inn("500100732259")
    assert luhn("4111111111111111")


PROFANE = {
    "хуй", "Хуйня какая-то", "н а х у й", "х у й", "х.у.й", "п-и-з-д-е-ц", "xyй", "хyйня", "huй", "pizdец",
    "pizdec", "suka", "cyka", "п1здец", "6лядь", "х*й", "п***ц", "п*здец", "бл@ть", "х@й", "с*ка", "е*ать",
    "хуууууй", "бляяяять", "СУКА!", "ёбаный", "заебали", "доебались", "распиздяи", "охуели", "мудак",
    "пидорасы", "гандоны", "говно", "долбоёб", "уёбки", "нахуй", "ни хуя", "ху*", "блядский", "х.й",
    "дорога.сука", "наебали", "объебали", "выебываются", "жопа", "засранцы, насрали", "херня",
}  # fmt: skip
CLEAN = """
мандарин мандарины команда командир командировка оскорблять оскорбляет ослаблять употреблять потреблять
хлеба хлебать скипидар застрахуй страхуй подстрахуйте потребитель потребление требование рубля рублями
граблями кораблями корабля сабля вопля мебель небо небольшой небезопасно себя себе себестоимость учеба учебный
лебедь лебёдка стебель ребёнок ребята погреб погребение щебень щебёнка жеребёнок дебет вебинар лебеда
истреблять гребной гребень хребет хлебозавод колебание колебать теребить эпизод плохую сухую глухую тихую
психую лихую худой худший хуже хутор хутора художник хуторской выхухоль нахудела мандат мандатный мандраж
мудрый мудрость изумруд педаль педагог педсовет педиатр гондола сразу сражение сравнить посрамить срам страна
срок срочно скамья сук сукно сукна сучок сучки сучья сущность сушка барсука барсуки рассказ дрожь дрочёна
херувим Херсон бухер шлюз шлюпка говор говорить разговор благовония гавань гаванский
бляха бляшка блин блины Бляхер застраховать подхватить ухудшение ухо ухаб ухабы уха пидан эбонит
ebay e-banking ebook hub mebel Huawei wifi sukhoi x y z кв.м т.е. и.о. д.5 м.б. п.п.
ул.Мира 8.30 5*5 № 3 10х20 зебра Небуг требуха тухло требуй рекомендуй реализуй согласуй ребус трибуна ебонит
оглоблях подграблями стеблях дебют себорея небеса хула похулиганить хурма духу воздуху пуху слуху успеху
плуг сахара ухарь махер шухер паникёр бухгалтер
"""
CLEAN_WORDS = CLEAN.split()


@pytest.mark.clause("4.6-process")
def test_profanity_is_found_however_it_is_written() -> None:
    check_profanity_is_found(HINTS)


def check_profanity_is_found(hints: TextHints) -> None:
    assert {text for text in PROFANE if K.PROFANITY not in {k for k, _ in found(text, hints)}} == set()


def test_clean_words_are_left_alone_each_and_together() -> None:
    assert {word: found(word) for word in CLEAN_WORDS if found(word)} == {}
    assert found("Сайт www.suka.ru, а ещё https://site.example/хуй и е и б и а н") == set()
    assert [h for h in HINTS.find(", ".join(CLEAN_WORDS)) if h.kind is K.PROFANITY] == []


def test_a_hint_says_where_the_word_stands_in_code_points() -> None:
    text = "😀 Это хуйня, а не ремонт"
    (hint,) = HINTS.find(text)
    assert text[hint.span.start : hint.span.end] == "хуйня"
    assert hint.reason == "Похоже на бранное слово"


@given(st.text(max_size=300))
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    spans = [h.span for h in HINTS.find(text)]
    assert spans == sorted(spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(0 <= s.start < s.end <= len(text) for s in spans)


@pytest.mark.parametrize("letter", ["1", "1 ", "a", "х у ", "*х", "a@", "8-9", ".a", "- "])
def test_the_longest_text_takes_no_longer_for_being_hostile(letter: str) -> None:
    text = (letter * 10_000)[:10_000]
    began = time.process_time()
    HINTS.find(text)
    assert time.process_time() - began < 2
