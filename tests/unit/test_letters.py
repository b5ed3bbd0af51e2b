"""Letters as people read them: every kind, hostile facts, links that switch off."""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from niktokromenas.adapters.smtp.compose import Composed, composed
from niktokromenas.adapters.smtp.config import Sender
from niktokromenas.adapters.smtp.russian import counted, day_text, moment_text, plural, until, when
from niktokromenas.adapters.smtp.templates import JinjaLetterTemplates, Letterhead
from niktokromenas.adapters.smtp.unsubscribe import SignedUnsubscribeLinks
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.notices import NOTICE_KINDS, Letter, Notice, NoticeKind
from niktokromenas.ports.mail import UnfitFacts, UnsubscribeRefused

BASE = "https://platform.example"
NOON = datetime(2026, 11, 24, 12, 40, tzinfo=UTC)
LETTER_ID, ANNA, BORIS = UUID(int=3), UUID(int=7), UUID(int=8)
LINKS = SignedUnsubscribeLinks(b"s" * 32, BASE)
HEAD = Letterhead(
    platform_name="Никто, кроме нас!",
    base_url=BASE,
    not_an_appeal="Сообщение не является обращением по закону № 59-ФЗ.",
    mail_domain="platform.example",
)
TEMPLATES = JinjaLetterTemplates(HEAD, LINKS)
SENDER = Sender(address="robot@platform.example", name="Никто, кроме нас!")
VALUES: Mapping[str, str] = {
    "number": "26-000123",
    "message_url": f"{BASE}/m/26-000123",
    "category": "Дороги и дворы",
    "municipality": "городской округ Камышин",
    "authority": "Комитет транспорта",
    "due": "2026-11-26T21:00:00+00:00",
    "words": "Где стоит столб?\nНапишите ближайший дом.",
    "actor_body": "Аппарат губернатора",
    "rating": "2",
    "news": "22",
    "legal_act": "Приказ № 5",
    "role": "должностное лицо",
    "title": "Дороги района",
    "organisation": "ООО «Забота»",
    "group": "Соседи по двору",
    "announced": "2026-11-27T05:00:00+00:00",
    "opens": "2026-11-28T05:00:00+00:00",
    "closes": "2026-12-05T21:00:00+00:00",
    "withheld": "Ответили 2 участника, меньше пяти",
}
WITH_NOTHING = ["category", "municipality", "due", "legal_act", "words", "withheld"]


def facts_of(kind: NoticeKind) -> dict[str, str | None]:
    return {name: VALUES[name] for name in NOTICE_KINDS[kind].facts}


def a_notice(kind: NoticeKind, facts: Mapping[str, str | None] | None = None) -> Notice:
    told = facts_of(kind) if facts is None else facts
    return Notice(id=UUID(int=1), event_id=UUID(int=2), recipient_id=ANNA, kind=kind, facts=told, at=NOON)


def letter_of(kind: NoticeKind, facts: Mapping[str, str | None] | None = None) -> Letter:
    return TEMPLATES.render(a_notice(kind, facts), "anna@example.org", LETTER_ID)


class Seen(HTMLParser):
    """What a mail reader would make of the HTML: visible text, elements, addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.elements, self.links = "", [], []  # type: str, list[str], list[str]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_tells_all_its_facts_in_both_forms(kind: NoticeKind) -> None:
    letter = letter_of(kind)
    shown = dict(VALUES) | {
        "due": "26 ноября 2026",
        "rating": "2 балла",
        "news": "22 новости",
        "words": "Напишите ближайший дом.",
        "announced": "27 ноября 2026, 08:00 (по Волгограду)",
        "opens": "28 ноября 2026, 08:00 (по Волгограду)",
        "closes": "конца дня 5 декабря 2026",
    }
    seen = Seen(letter.html)
    for name in NOTICE_KINDS[kind].facts:
        assert shown[name] in letter.text, name
        assert shown[name] in seen.text + " ".join(seen.links), name
    assert "{{" not in letter.text + letter.html
    assert "None" not in letter.text + letter.html


@pytest.mark.parametrize("kind", NoticeKind)
def test_both_forms_say_the_same(kind: NoticeKind) -> None:
    letter = letter_of(kind)
    visible = Seen(letter.html).text
    for line in letter.text.splitlines():
        said = line.removeprefix("> ").split(": http")[0].rstrip(":")
        if said not in ("--", BASE):
            assert said in visible


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_missing_fact_is_an_error_not_a_gap(kind: NoticeKind) -> None:
    for name in NOTICE_KINDS[kind].facts:
        rest = {key: value for key, value in facts_of(kind).items() if key != name}
        with pytest.raises(UnfitFacts):
            letter_of(kind, rest)


@pytest.mark.parametrize("kind", NoticeKind)
def test_what_may_be_unknown_leaves_a_whole_sentence(kind: NoticeKind) -> None:
    unknown = {name: None for name in NOTICE_KINDS[kind].facts if name in WITH_NOTHING}
    letter = letter_of(kind, facts_of(kind) | unknown)
    assert "None" not in letter.text + letter.html
    assert not re.search(r" [.,:]|\.\.|::| $", letter.text, re.MULTILINE)
    assert not letter.text.count("\n> ")


def test_what_must_be_known_cannot_be_none() -> None:
    with pytest.raises(UnfitFacts):
        letter_of(NoticeKind.MESSAGE_ROUTED, facts_of(NoticeKind.MESSAGE_ROUTED) | {"authority": None})


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_html_is_russian_and_needs_nothing_from_elsewhere(kind: NoticeKind) -> None:
    letter = letter_of(kind)
    seen = Seen(letter.html)
    assert '<html lang="ru">' in letter.html
    assert not {"script", "img", "link", "iframe", "form", "style"} & set(seen.elements)
    assert all(link.startswith(BASE) for link in seen.links)
    assert "url(" not in letter.html


@pytest.mark.parametrize("kind", NoticeKind)
def test_only_optional_kinds_carry_a_link_that_switches_them_off(kind: NoticeKind) -> None:
    letter = letter_of(kind)
    if NOTICE_KINDS[kind].is_legal:
        assert letter.unsubscribe_url is None
        assert "/unsubscribe/" not in letter.text + letter.html
    else:
        assert letter.unsubscribe_url is not None
        assert letter.unsubscribe_url in letter.text
        assert letter.unsubscribe_url in Seen(letter.html).links
        assert LINKS.read(letter.unsubscribe_url.rpartition("/")[2]) == (ANNA, kind)


@pytest.mark.clause("1.4")
def test_the_author_is_told_that_the_message_is_no_appeal() -> None:
    letter = letter_of(NoticeKind.MESSAGE_SUBMITTED)
    assert HEAD.not_an_appeal in letter.text
    assert HEAD.not_an_appeal in letter.html


def test_what_a_letter_does_not_tell_is_not_in_it_even_if_it_was_given() -> None:
    more = {"phone": "+79001234567", "circumstances": "живу один", "base_url": "https://evil.example"}
    for kind in NoticeKind:
        letter = letter_of(kind, facts_of(kind) | more)
        for secret in more.values():
            assert secret not in letter.subject + letter.text + letter.html


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% include 'x' %}",
    "a\r\nBcc: victim@example.org\r\n\r\n--\r\nhttps://evil.example",
    "\u202egpj.exe \u2066злой\u2069",
    "\x00\x07\x1b[31m\x85\u2028",
    "\ud800 surrogate",
    "ж" * 100_000,
    "\n" * 100_000 + "x",
    "&lt;b&gt; & 'кавычки'",
]
WRITTEN_BY_PEOPLE = (
    "category",
    "municipality",
    "authority",
    "words",
    "actor_body",
    "legal_act",
    "role",
    "due",
    "title",
    "group",
)


def check_harmless(kind: NoticeKind, hostile: str) -> None:
    facts = {k: hostile if k in WRITTEN_BY_PEOPLE else v for k, v in facts_of(kind).items()}
    letter = letter_of(kind, facts)
    plain = letter_of(kind)
    assert set(Seen(letter.html).elements) <= set(Seen(plain.html).elements) | {"br", "blockquote", "p"}
    assert Seen(letter.html).links == Seen(plain.html).links
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", letter.text)
    assert len(letter.text) < 8000
    assert letter.text.split("\n--\n")[1:] == plain.text.split("\n--\n")[1:]
    bytes_of(letter)


@pytest.mark.abuse(16)
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", NoticeKind)
def test_hostile_facts_stay_words(kind: NoticeKind, hostile: str) -> None:
    check_harmless(kind, hostile)


@pytest.mark.abuse(16)
@given(st.sampled_from(NoticeKind), st.text(max_size=3000))
def test_any_fact_stays_words(kind: NoticeKind, hostile: str) -> None:
    check_harmless(kind, hostile)


@pytest.mark.abuse(16)
def test_a_fact_is_never_read_as_a_template() -> None:
    letter = letter_of(
        NoticeKind.MESSAGE_ROUTED, facts_of(NoticeKind.MESSAGE_ROUTED) | {"authority": "{{ 7*7 }}"}
    )
    assert "Отвечает: {{ 7*7 }}." in letter.text
    assert "Отвечает: {{ 7*7 }}." in letter.html


@pytest.mark.abuse(16)
def test_a_hostile_number_cannot_break_the_subject() -> None:
    facts = facts_of(NoticeKind.MESSAGE_CLOSED) | {"number": "1\r\nBcc: v@example.org\u202e" + "9" * 9999}
    letter = letter_of(NoticeKind.MESSAGE_CLOSED, facts)
    assert letter.subject.isprintable()
    assert len(letter.subject) <= 150
    message = message_from_bytes(composed(letter, SENDER, NOON).content, policy=default)
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://evil.example/m/1", f"{BASE}.evil.example/m", f"{BASE}@evil/m", ""]
)
def test_a_letter_never_links_off_the_platform(url: str) -> None:
    with pytest.raises(UnfitFacts):
        letter_of(NoticeKind.MESSAGE_CLOSED, facts_of(NoticeKind.MESSAGE_CLOSED) | {"message_url": url})


def test_a_letter_to_no_address_is_refused() -> None:
    with pytest.raises(Invalid):
        TEMPLATES.render(a_notice(NoticeKind.NEW_SESSION), "anna@example.org\r\nBcc: x@y", LETTER_ID)


def bytes_of(letter: Letter) -> Composed:
    return composed(letter, SENDER, NOON)


def test_the_message_has_all_headers_and_both_parts() -> None:
    letter = letter_of(NoticeKind.MESSAGE_ROUTED)
    message = message_from_bytes(bytes_of(letter).content, policy=default)
    assert message["From"] == '"Никто, кроме нас!" <robot@platform.example>'
    assert message["To"] == "anna@example.org"
    assert message["Subject"] == letter.subject == "Сообщение № 26-000123 передано исполнителю"
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == f"<{LETTER_ID}@platform.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    contents = [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]
    assert contents == [letter.text, letter.html]


_ENCODED_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/=]+)\?=")


def strictly_read(content: bytes) -> str:
    """The subject by RFC 2047 to the letter: white space between encoded words is no part of it."""
    found = re.search(rb"^Subject: (.*(?:\r\n[ \t].*)*)\r\n", content, re.MULTILINE)
    assert found is not None
    lines = found[1].decode("ascii").split("\r\n")
    assert len("Subject: ") + len(lines[0]) <= 76
    assert all(len(line) <= 76 for line in lines[1:])
    words = [_ENCODED_WORD.fullmatch(word) for word in " ".join(lines).split()]
    if not any(words):
        assert "=?" not in " ".join(lines)
        return " ".join(lines)
    assert all(word is not None and len(word[0]) <= 75 for word in words)
    return "".join(base64.b64decode(word[1]).decode("utf-8") for word in words if word is not None)


SUBJECTS = st.one_of(
    st.lists(
        st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁ", min_size=1, max_size=25)
        | st.sampled_from(["«Двор»", '"да"', "№ 26-000123", "—", "2026", "S-26-000001", "=?utf-8?q?x?="])
        | st.text("0123456789«»\"'.,:;!?()-", min_size=1, max_size=12),
        min_size=1,
        max_size=30,
    ).map(" ".join),
    st.text('абвЯ «»"0129az😀', min_size=1, max_size=150),
).map(lambda subject: subject[:150])


@given(SUBJECTS, st.sampled_from(["anna@example.org", "анна@почта.рф"]))
@example("Начался опрос «Детская площадка во дворе»", "anna@example.org")
@example("A plain one", "anna@example.org")
@example("", "anna@example.org")
def test_a_subject_is_read_as_it_was_written(subject: str, to: str) -> None:
    """By Python and by whoever drops white space between encoded words, as RFC 2047 (6.2) asks."""
    content = bytes_of(evolve(letter_of(NoticeKind.MESSAGE_ROUTED), subject=subject, to=to)).content
    assert message_from_bytes(content, policy=default)["Subject"] == subject
    assert strictly_read(content) == subject


def test_the_message_is_ascii_in_short_lines_and_its_unsubscribe_link_is_readable() -> None:
    letter = letter_of(NoticeKind.MESSAGE_ROUTED)
    content = bytes_of(letter).content
    assert content.isascii()
    assert f"List-Unsubscribe: <{letter.unsubscribe_url}>\r\n".encode() in content
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_a_legal_letter_has_no_unsubscribe_header() -> None:
    content = bytes_of(letter_of(NoticeKind.MESSAGE_ANSWERED)).content
    assert b"List-Unsubscribe" not in content


def test_a_russian_domain_travels_in_ascii_and_a_russian_mailbox_needs_smtputf8() -> None:
    domain = bytes_of(TEMPLATES.render(a_notice(NoticeKind.NEW_SESSION), "anna@почта.рф", LETTER_ID))
    assert (domain.recipient, domain.is_international) == ("anna@xn--80a1acny.xn--p1ai", False)
    mailbox = bytes_of(TEMPLATES.render(a_notice(NoticeKind.NEW_SESSION), "анна@почта.рф", LETTER_ID))
    assert mailbox.is_international
    assert "анна@xn--80a1acny.xn--p1ai".encode() in mailbox.content


@pytest.mark.abuse(37)
@given(st.uuids(), st.sampled_from(NoticeKind))
def test_a_link_names_whom_it_was_made_for(participant_id: UUID, kind: NoticeKind) -> None:
    token = LINKS.link(participant_id, kind).rpartition("/")[2]
    assert LINKS.read(token) == (participant_id, kind)


@pytest.mark.abuse(37)
@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_link_altered_by_one_sign_is_refused(place: int, sign: str) -> None:
    token = LINKS.link(ANNA, NoticeKind.MESSAGE_ROUTED).rpartition("/")[2]
    at = place % len(token)
    altered = token[:at] + sign + token[at + 1 :]
    if altered != token:
        with pytest.raises(UnsubscribeRefused):
            LINKS.read(altered)


@pytest.mark.abuse(37)
def test_a_link_of_another_secret_person_or_kind_cannot_be_made_from_a_known_one() -> None:
    token = LINKS.link(ANNA, NoticeKind.MESSAGE_ROUTED).rpartition("/")[2]
    signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    forged = [
        signed.replace(ANNA.bytes, BORIS.bytes),
        signed.replace(b"message-routed", b"message-closed"),
        signed[32:],
        b"\0" * 32 + signed[32:],
    ]
    for claim in forged:
        with pytest.raises(UnsubscribeRefused):
            LINKS.read(base64.urlsafe_b64encode(claim).rstrip(b"=").decode())
    with pytest.raises(UnsubscribeRefused):
        SignedUnsubscribeLinks(b"t" * 32, BASE).read(token)


@pytest.mark.abuse(37)
@given(st.text(max_size=300))
def test_any_other_text_is_no_link(text: str) -> None:
    with pytest.raises(UnsubscribeRefused):
        LINKS.read(text)


def test_the_secret_is_long_and_never_shown() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SignedUnsubscribeLinks(b"short", BASE)
    assert "sss" not in repr(LINKS)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "дней"),
        (1, "день"),
        (2, "дня"),
        (5, "дней"),
        (11, "дней"),
        (14, "дней"),
        (21, "день"),
        (22, "дня"),
    ],
)
def test_plurals_agree(number: int, expected: str) -> None:
    assert plural(number, "день", "дня", "дней") == expected


def test_times_are_written_for_volgograd() -> None:
    assert moment_text(NOON) == "24 ноября 2026, 15:40 (по Волгограду)"
    assert day_text(date(2026, 5, 9)) == "9 мая 2026"
    assert when("2026-11-24T12:40:00Z") == "24 ноября 2026, 15:40 (по Волгограду)"
    assert when("2026-11-24") == "24 ноября 2026"
    assert until("2026-11-24T21:00:00+00:00") == "конца дня 24 ноября 2026"
    assert until("2026-11-24T12:40:00+00:00") == "24 ноября 2026, 15:40 (по Волгограду)"
    assert until("2026-11-24") == "конца дня 24 ноября 2026"


@pytest.mark.parametrize(
    "text", ["", "24 ноября 2026", "2026-13-45", "2026-11-24T99:99:99Z", "20261124", "9999-12-31T23:59:00Z"]
)
def test_words_that_are_no_time_stay_as_they_are(text: str) -> None:
    assert when(text) == until(text) == text


def test_a_rating_that_is_no_number_stays_as_it_is() -> None:
    assert counted("5", "балл", "балла", "баллов") == "5 баллов"
    assert counted("отлично", "балл", "балла", "баллов") == "отлично"
