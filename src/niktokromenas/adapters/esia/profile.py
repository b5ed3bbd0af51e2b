"""From ESIA's resources to our words. Fields may be missing; unknown ones are ignored."""

from collections.abc import Iterable
from datetime import date, datetime

from niktokromenas.adapters.esia.oid import oid_of
from niktokromenas.adapters.esia.refusals import Reason, refused
from niktokromenas.adapters.esia.rest import Resource
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.participants.identity import (
    AddressKind,
    DeclaredAddress,
    OrganisationKind,
    OrganisationRole,
    PersonName,
    Subject,
)
from niktokromenas.domain.values import Phone, is_blank

MAX_TEXT = 1000
_KINDS = frozenset(kind.value for kind in OrganisationKind)
_ADDRESSES = frozenset(kind.value for kind in AddressKind)


def text(resource: Resource, name: str) -> str | None:
    """The field as one printable line without spaces around; `None` if there is nothing to read."""
    value = resource.get(name)
    if not isinstance(value, str) or is_blank(value) or len(value) > MAX_TEXT:
        return None
    line = value.strip()
    return line if line.isprintable() else None


def require_confirmed(person: Resource) -> None:
    """Raises `IdentityRefused` unless the account is alive and its owner's identity was checked."""
    status = text(person, "status")
    if status is not None and status.upper() == "DELETED":
        raise refused(Reason.ACCOUNT_DELETED)
    if status is None or status.upper() != "REGISTERED":
        raise refused(Reason.BAD_ANSWER)
    if person.get("trusted") is not True:
        raise refused(Reason.NOT_CONFIRMED)


def name(person: Resource) -> PersonName:
    last, first = text(person, "lastName"), text(person, "firstName")
    if last is None or first is None:
        raise refused(Reason.BAD_ANSWER)
    return PersonName(last, first, text(person, "middleName"))


def birth_date(person: Resource) -> date | None:
    """ESIA writes DD.MM.YYYY; of a confirmed account it is what the passport says."""
    written = text(person, "birthDate")
    try:
        return None if written is None else datetime.strptime(written, "%d.%m.%Y").date()
    except ValueError:
        return None


def verified_email(contacts: Iterable[Resource]) -> str | None:
    return next((value for value in _verified(contacts, "EML") if _may_be_mail(value)), None)


def verified_mobile(contacts: Iterable[Resource]) -> str | None:
    """As E.164 writes it."""
    for value in _verified(contacts, "MBT"):
        try:
            return Phone(value).number
        except Invalid:
            continue
    return None


def _verified(contacts: Iterable[Resource], kind: str) -> list[str]:
    """Only `value`: what stands in `verifyingValue` nobody has confirmed yet."""
    chosen = (c for c in contacts if c.get("type") == kind and c.get("vrfStu") == "VERIFIED")
    return [value for contact in chosen if (value := text(contact, "value"))]


def _may_be_mail(value: str) -> bool:
    local, at, host = value.rpartition("@")
    return bool(local and at and host) and len(value) <= 254 and not any(c.isspace() for c in value)


def addresses(resources: Iterable[Resource]) -> tuple[DeclaredAddress, ...]:
    """Residence and registration, spelled as the person did."""
    return tuple(
        DeclaredAddress(
            kind=AddressKind(kind),
            region=text(resource, "region"),
            area=text(resource, "area"),
            city=text(resource, "city"),
            district=text(resource, "district"),
            settlement=text(resource, "settlement"),
        )
        for resource in resources
        if (kind := text(resource, "type")) is not None and kind in _ADDRESSES
    )


def organisations(roles: Iterable[Resource], person: Subject) -> tuple[OrganisationRole, ...]:
    """Places the person holds now, in organisations that exist, of kinds we know."""
    held = (_organisation(role, person) for role in roles)
    return tuple(organisation for organisation in held if organisation is not None)


def liquidated(roles: Iterable[Resource], person: Subject) -> tuple[Subject, ...]:
    """Organisations that are no more, by a plain word of ESIA's: whatever else it says is no such word."""
    gone = (
        oid_of(role.get("oid"))
        for role in roles
        if _is_own(role, person) and role.get("isLiquidated") is True
    )
    return tuple(Subject(person.issuer, oid) for oid in gone if oid is not None)


def _is_own(role: Resource, person: Subject) -> bool:
    return oid_of(role.get("prnOid", person.oid)) == person.oid


def _organisation(role: Resource, person: Subject) -> OrganisationRole | None:
    if role.get("active") is not True or role.get("isLiquidated", False) is not False:
        return None
    oid, kind = oid_of(role.get("oid")), text(role, "type")
    full_name = text(role, "fullName") or text(role, "shortName")
    short_name = text(role, "shortName") or full_name
    if oid is None or kind not in _KINDS or full_name is None or short_name is None:
        return None
    if not _is_own(role, person):
        return None
    return OrganisationRole(
        subject=Subject(person.issuer, oid),
        kind=OrganisationKind(kind),
        short_name=short_name,
        full_name=full_name,
        ogrn=text(role, "ogrn"),
        is_chief=role.get("chief") is True,
        is_admin=role.get("admin") is True,
    )
