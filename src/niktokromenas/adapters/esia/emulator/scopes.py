"""Scopes that ESIA knows, that the system was granted, and that suit the person."""

from urllib.parse import parse_qs

from niktokromenas.adapters.esia.emulator.errors import EsiaError
from niktokromenas.adapters.esia.emulator.imitation import Imitation
from niktokromenas.adapters.esia.emulator.people import Person

_PERSON = """
    openid fullname birthdate gender birthplace snils inn id_doc email mobile contacts addresses usr_org
    medical_doc military_doc foreign_passport_doc drivers_licence_doc birth_cert_doc residence_doc
    temporary_residence_doc vehicles
"""
_ORGANISATION = """
    org_shortname org_fullname org_type org_ogrn org_inn org_leg org_kpp org_ctts org_addrs org_grps org_emps
"""
PERSON_SCOPES = frozenset(_PERSON.split())
ORGANISATION_SCOPES = frozenset(_ORGANISATION.split())
_LONG = "http://esia.gosuslugi.ru/"


def require_known(imitation: Imitation, scope: str, scope_org: str) -> None:
    """007006 for a scope ESIA does not know, 007019 for one the system was not granted."""
    names = scope.split(" ")
    organisation = [organisation_scope(item)[0] for item in scope_org.split()]
    if not PERSON_SCOPES.issuperset(names) or not ORGANISATION_SCOPES.issuperset(organisation):
        raise EsiaError("007006")
    if not set(imitation.config.granted_scopes).issuperset((*names, *organisation)):
        raise EsiaError("007019")


def require_employed(person: Person, scope_org: str) -> None:
    """007194 unless the person works, unblocked, in every organisation that is asked about."""
    held = {role.oid for role in person.roles if role.active}
    if not held.issuperset(organisation_scope(item)[1] for item in scope_org.split()):
        raise EsiaError("007194")


def organisation_scope(item: str) -> tuple[str, str]:
    """`[http://esia.gosuslugi.ru/]org_inn?org_oid=1000` → (`org_inn`, `1000`); 007006 without an oid."""
    name, _, query = item.removeprefix(_LONG).partition("?")
    oids = parse_qs(query).get("org_oid", [])
    if len(oids) != 1:
        raise EsiaError("007006")
    return name, oids[0]
