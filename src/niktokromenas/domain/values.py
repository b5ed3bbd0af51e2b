"""Words that several capabilities share. Each value is correct from birth."""

import datetime
import math
import re

from attrs import field, frozen

from niktokromenas.domain.errors import Fault, Invalid

EARTH_RADIUS_M = 6_371_008.8
_NOT_DIGITS = re.compile(r"[\s()\-.\u00a0]+")
_EMAIL = re.compile(r"""[^\s@<>()\[\],;:\\"']+@[^\s@<>()\[\],;:\\"'.]+(?:\.[^\s@<>()\[\],;:\\"'.]+)+""")
EMAIL_LIMIT = 254
_BLANK = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff\u2800\u3164]*")


def is_blank(text: str) -> bool:
    """Nothing a reader could see: only spaces, soft hyphens, zero-width and filler characters."""
    return _BLANK.fullmatch(text) is not None


def stripped(text: str) -> str:
    return text.strip()


def is_email(text: str) -> bool:
    """One address in one printable line (RFC 5321, 4.5.3.1.3 for its length).

    No quoted local parts, no comments, no lists: what two programs might read differently.
    """
    return len(text) <= EMAIL_LIMIT and text.isprintable() and _EMAIL.fullmatch(text) is not None


def _refused(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, faults=(Fault(pointer, code, detail),))


def _latitude(_: object, __: object, lat: float) -> None:
    if not (math.isfinite(lat) and -90 <= lat <= 90):
        raise _refused("/lat", "bad-latitude", "Широта лежит между −90 и 90 градусами")


def _longitude(_: object, __: object, lon: float) -> None:
    if not (math.isfinite(lon) and -180 <= lon <= 180):
        raise _refused("/lon", "bad-longitude", "Долгота лежит между −180 и 180 градусами")


@frozen
class Point:
    """A place on the map: WGS 84, degrees."""

    lat: float = field(validator=_latitude)
    lon: float = field(validator=_longitude)

    def metres_to(self, other: "Point") -> float:
        """Great-circle distance (haversine, mean Earth radius)."""
        lat1, lat2 = math.radians(self.lat), math.radians(other.lat)
        dlat, dlon = lat2 - lat1, math.radians(other.lon - self.lon)
        half = math.sin(dlat / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(dlon / 2) ** 2
        return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def _phone(value: str) -> str:
    digits = _NOT_DIGITS.sub("", value)
    if len(digits) == 11 and digits.startswith("8"):
        digits = "+7" + digits[1:]
    elif len(digits) == 10 and digits.startswith("9"):
        digits = "+7" + digits
    elif len(digits) == 11 and digits.startswith("7"):
        digits = "+" + digits
    return digits


def _e164(_: object, __: object, number: str) -> None:
    if re.fullmatch(r"\+[1-9][0-9]{7,14}", number, re.ASCII) is None:
        raise _refused("", "bad-phone", "Телефон запишите с кодом, например +7 900 123-45-67")


@frozen
class Phone:
    """A phone number as E.164 writes it; Russian habits of writing (8…, brackets) are understood."""

    number: str = field(converter=_phone, validator=_e164)


def _titled(_: object, __: object, title: str) -> None:
    if is_blank(title) or len(title) > 500:
        raise _refused("/title", "no-title", "Назовите правовой акт (до 500 знаков)")


def _numbered(_: object, __: object, number: str) -> None:
    if is_blank(number) or len(number) > 100:
        raise _refused("/number", "no-number", "Укажите номер правового акта")


@frozen
class LegalAct:
    """The act a registration or a power rests on (Положение, п. 5.2, 5.3)."""

    title: str = field(converter=stripped, validator=_titled)
    number: str = field(converter=stripped, validator=_numbered)
    date: datetime.date
