"""Personal data in Russian text: numbers by their form and check digits, phones, e-mail."""

import re
from collections.abc import Iterator

from niktokromenas.domain.messages.hints import Hint, HintKind
from niktokromenas.domain.messages.masks import Span

_GAP = r"[ \t\u00a0\u2007\u2009\u202f\-\u2010-\u2015\u2212]"
_ALONE, _ENDS = r"(?<![0-9])(?<![0-9][.,:/\-])", r"(?![0-9])(?![.,:/\-][0-9])"
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24}(?![\w@])")
_CARD = re.compile(rf"{_ALONE}[2-6][0-9]{{3}}(?:{_GAP}?[0-9]{{4}}){{3}}(?:{_GAP}?[0-9]{{2,3}})?{_ENDS}")
_SNILS = re.compile(rf"{_ALONE}[0-9]{{3}}(?:{_GAP}?[0-9]{{3}}){{2}}{_GAP}?[0-9]{{2}}{_ENDS}")
_INN = re.compile(rf"{_ALONE}(?:[0-9]{{12}}|[0-9]{{10}}){_ENDS}")
_PASSPORT = re.compile(
    rf"{_ALONE}[0-9]{{2}}{_GAP}?(?P<year>[0-9]{{2}})(?P<gap>[\s,]*(?:№|N|номер|ном\.|н\.)?:?\s*)[0-9]{{6}}{_ENDS}",
    re.IGNORECASE,
)
_LOCAL = re.compile(
    r"\bтел(?:ефон\w{0,3})?[.:]{0,2}\s{0,3}(?P<number>[0-9]{2}-?[0-9]{2}-?[0-9]{2})(?![0-9-])", re.I
)
_WORDS_BEFORE = 40
_ABOUT = {
    HintKind.SNILS: re.compile(r"снилс|страхов\w+ (?:номер|свидетельств)", re.I),
    HintKind.INN: re.compile(r"\bинн\b", re.I),
    HintKind.PASSPORT: re.compile(r"паспорт|\bсери[яи]\b", re.I),
    HintKind.PHONE: re.compile(r"\bтел(?:ефон\w*)?\b|звон|моб\w*|\bномер", re.I),
}
_FIRST_SNILS_WITH_CHECK = 1_001_998
"""Numbers up to this one bear no check digits, and nobody's number is that small."""


def luhn(digits: str) -> bool:
    doubled = (int(d) * (2 if n % 2 else 1) for n, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def is_snils(digits: str) -> bool:
    """Eleven digits, the last two follow from the rest."""
    total = sum(int(d) * (9 - n) for n, d in enumerate(digits[:9]))
    return int(digits[:9]) > _FIRST_SNILS_WITH_CHECK and total % 101 % 100 == int(digits[9:])


_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def _inn_digit(digits: str) -> int:
    weights = _WEIGHTS[-len(digits) :]
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 % 10


def is_inn(digits: str) -> bool:
    """Ten digits of an organisation or twelve of a person; those of zeros are nobody's."""
    if not digits.strip("0"):
        return False
    checked = range(len(digits) - (2 if len(digits) == 12 else 1), len(digits))
    return all(_inn_digit(digits[:n]) == int(digits[n]) for n in checked)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isdigit())


def _said(text: str, start: int, kind: HintKind) -> bool:
    """Whether words shortly before speak of such a number, and of no other kind after that."""
    before = text[max(0, start - _WORDS_BEFORE) : start]
    last = {
        each: max((found.start() for found in pattern.finditer(before)), default=-1)
        for each, pattern in _ABOUT.items()
    }
    return last[kind] >= 0 and last[kind] == max(last.values())


def _hint(kind: HintKind, found: "re.Match[str]", reason: str, group: str | int = 0) -> Hint:
    return Hint(kind=kind, span=Span(*found.span(group)), reason=reason)


def emails(text: str) -> Iterator[Hint]:
    for found in _EMAIL.finditer(text):
        yield _hint(HintKind.EMAIL, found, "Адрес электронной почты")


def cards(text: str) -> Iterator[Hint]:
    for found in _CARD.finditer(text):
        if luhn(_digits(found[0])):
            yield _hint(HintKind.CARD, found, "Номер банковской карты: контрольная цифра верна")


def snils(text: str) -> Iterator[Hint]:
    for found in _SNILS.finditer(text):
        digits = _digits(found[0])
        is_phone_like = found[0] == digits and digits[0] in "78"
        if is_snils(digits) and (not is_phone_like or _said(text, found.start(), HintKind.SNILS)):
            yield _hint(HintKind.SNILS, found, "СНИЛС: контрольное число верно")


def inns(text: str) -> Iterator[Hint]:
    for found in _INN.finditer(text):
        digits = found[0]
        is_phone_like = len(digits) == 10 and digits.startswith("9")
        if is_inn(digits) and (not is_phone_like or _said(text, found.start(), HintKind.INN)):
            whose = "физического лица" if len(digits) == 12 else "организации"
            yield _hint(HintKind.INN, found, f"ИНН {whose}: контрольные цифры верны")


def passports(text: str) -> Iterator[Hint]:
    """Series and number: with words about it, or written apart as in the document, printed since 1997."""
    for found in _PASSPORT.finditer(text):
        is_printed = int(found["year"]) >= 97 or int(found["year"]) <= 40
        if _said(text, found.start(), HintKind.PASSPORT) or (
            is_printed and found["gap"] and not _is_phone(found[0])
        ):
            yield _hint(HintKind.PASSPORT, found, "Похоже на серию и номер паспорта")


def _is_phone(written: str) -> bool:
    return any(True for _ in phones(written))


def phones(text: str) -> Iterator[Hint]:
    """Numbers of people: the free ones (8-800) are organisations', published to be called."""
    import phonenumbers  # with the plans of every country: it comes with the first text

    toll_free = phonenumbers.PhoneNumberType.TOLL_FREE
    for match in phonenumbers.PhoneNumberMatcher(text, "RU"):
        if phonenumbers.number_type(match.number) != toll_free:
            yield Hint(kind=HintKind.PHONE, span=Span(match.start, match.end), reason="Номер телефона")
    for found in _LOCAL.finditer(text):
        yield _hint(HintKind.PHONE, found, "Номер городского телефона", "number")
