"""Who someone is, as ESIA says (Положение, п. 1.3, 3 (4))."""

from datetime import date, datetime
from enum import StrEnum

from attrs import field, frozen

from niktokromenas.domain.errors import Fault, Invalid


def _digits(_: object, __: object, oid: str) -> None:
    if not (oid.isascii() and oid.isdigit() and len(oid) <= 20):
        fault = Fault("/oid", "bad-oid", "Номер учётной записи ЕСИА состоит из цифр")
        raise Invalid(fault.detail, faults=(fault,))


@frozen
class Subject:
    """The key of an account: the issuer and its number for the person or organisation.

    E-mail, phone and SNILS are never keys.
    """

    issuer: str
    oid: str = field(validator=_digits)


@frozen
class PersonName:
    last: str
    first: str
    middle: str | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (self.last, self.first, self.middle) if part)


class OrganisationKind(StrEnum):
    """ESIA's kinds of organisations: a legal person, an individual entrepreneur, an authority."""

    LEGAL = "LEGAL"
    BUSINESS = "BUSINESS"
    AGENCY = "AGENCY"


@frozen(kw_only=True)
class OrganisationRole:
    """A person's place in an organisation, as just read from ESIA: active and not liquidated."""

    subject: Subject
    kind: OrganisationKind
    short_name: str
    full_name: str
    ogrn: str | None = None
    is_chief: bool = False
    is_admin: bool = False


class AddressKind(StrEnum):
    RESIDENCE = "PLV"
    REGISTRATION = "PRG"


@frozen(kw_only=True)
class DeclaredAddress:
    """An address the person declared to ESIA. Nobody verified it; parts may be absent."""

    kind: AddressKind
    region: str | None = None
    area: str | None = None
    city: str | None = None
    district: str | None = None
    settlement: str | None = None


@frozen(kw_only=True)
class Identity:
    """A confirmed person who has just signed in. Only verified contacts are here."""

    subject: Subject
    name: PersonName
    authenticated_at: datetime
    esia_session: str
    email: str | None = None
    mobile: str | None = None
    born: date | None = None
    """Only where it was asked for, with a consent of its own."""
    addresses: tuple[DeclaredAddress, ...] = ()
    organisations: tuple[OrganisationRole, ...] = ()
    liquidated: tuple[Subject, ...] = ()
    """Organisations the person had to do with that ESIA says are no more."""
