"""Accounts and the facts about them (Положение, п. 1.3; 152-ФЗ, ст. 9)."""

from datetime import timedelta

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.identity import AddressKind, DeclaredAddress
from niktokromenas.domain.participants.people import (
    Fact,
    FactKind,
    Provenance,
    declared_residence,
    newcomer,
)
from tests.contract.building import a_person, an_identity
from tests.contract.stores import NOON, a_region

NAMES = {oktmo: m.short_name for oktmo, m in a_region().municipalities.items()}


def test_facts_say_where_they_come_from() -> None:
    person = a_person()
    told = {fact.kind: fact.provenance for fact in person.facts}
    assert told == {
        FactKind.NAME: Provenance.ESIA_VERIFIED,
        FactKind.EMAIL: Provenance.ESIA_VERIFIED,
        FactKind.PHONE: Provenance.ESIA_VERIFIED,
        FactKind.RESIDENCE: Provenance.ESIA_DECLARED,
    }


def test_a_later_sign_in_replaces_what_esia_said_and_keeps_what_the_platform_knows() -> None:
    own = Fact(FactKind.RESIDENCE, "18710000", Provenance.PLATFORM, NOON)
    person = evolve(a_person(), facts=(own, *a_person().facts))
    later = person.seen_again(an_identity(email=None, mobile=None), None, at=NOON + timedelta(days=1))
    assert own in later.facts
    assert later.verified_email is None
    assert [f.kind for f in later.facts if f.provenance is not Provenance.PLATFORM] == [FactKind.NAME]


def test_a_consent_is_recorded_once_for_each_version() -> None:
    person = evolve(a_person(), consents=()).agreed("1", at=NOON)
    assert person.agreed("1", at=NOON + timedelta(days=1)) is person
    assert [c.version for c in person.agreed("2", at=NOON).consents] == ["1", "2"]
    assert not person.has_agreed("2")


def test_without_consent_nothing_is_kept_of_a_person_but_the_name() -> None:
    account = newcomer(ParticipantId(new_id()), an_identity(), "18701000", at=NOON)
    assert (account.name, account.facts, account.verified_email) == ("Иванова Анна Петровна", (), None)
    agreed = account.agreed("1", at=NOON)
    assert agreed.facts == ()
    assert agreed.seen_again(an_identity(), "18701000", at=NOON).verified_email == "p1@example.org"


def living(region: str | None, **place: str) -> tuple[DeclaredAddress, ...]:
    return (DeclaredAddress(kind=AddressKind.RESIDENCE, region=region, **place),)


@pytest.mark.parametrize(
    "region", ["Волгоградская", "Волгоградская обл", "ВОЛГОГРАДСКАЯ Область", "Волгоградская обл."]
)
def test_residence_is_known_in_every_spelling_of_the_region(region: str) -> None:
    assert declared_residence(living(region, city="г Волгоград"), a_region().name, NAMES) == "18701000"


@pytest.mark.parametrize(
    "addresses",
    [
        (),
        living(None, city="г Волгоград"),
        living("Белгородская обл", city="г Волгоград"),
        living("Волгоградская обл"),
        living("Волгоградская обл", city="г Волгограда"),
        living("Волгоградская обл", settlement="Волгоград"),
    ],
)
def test_what_does_not_match_exactly_is_unknown(addresses: tuple[DeclaredAddress, ...]) -> None:
    assert declared_residence(addresses, a_region().name, NAMES) is None


def test_whoever_lives_elsewhere_is_no_resident_by_an_old_registration() -> None:
    addresses = (
        DeclaredAddress(kind=AddressKind.REGISTRATION, region="Волгоградская", city="Волжский"),
        DeclaredAddress(kind=AddressKind.RESIDENCE, region="Москва", city="Москва"),
    )
    assert declared_residence(addresses, a_region().name, NAMES) is None


def test_residence_goes_before_registration() -> None:
    addresses = (
        DeclaredAddress(kind=AddressKind.REGISTRATION, region="Волгоградская", city="Волжский"),
        DeclaredAddress(kind=AddressKind.RESIDENCE, region="Волгоградская", city="Волгоград"),
    )
    assert declared_residence(addresses, a_region().name, NAMES) == "18701000"
