"""Accounts and the facts about them (Положение, п. 1.3; 152-ФЗ, ст. 9)."""

from datetime import date, timedelta

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.identity import (
    AddressKind,
    DeclaredAddress,
    OrganisationKind,
    OrganisationRole,
)
from niktokromenas.domain.participants.people import (
    Fact,
    FactKind,
    Participant,
    ParticipantKind,
    Provenance,
    declared_residence,
    newcomer,
    organisation,
)
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.surveys.knowing import stated_facts
from niktokromenas.domain.surveys.target import Stated
from tests.contract.building import a_person, a_subject, an_identity
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


def test_a_birth_date_is_forgotten_with_its_consent_whatever_its_version() -> None:
    later, again = NOON + timedelta(days=1), NOON + timedelta(days=2)
    person = a_person().agreed("old-birth", at=NOON, kind=DocumentKind.BIRTH_CONSENT)
    person = person.agreed("birth", at=NOON).seen_again(an_identity(born=date(1980, 1, 1)), None, at=NOON)
    withdrawn = person.withdrew_birth_consent("birth", at=later)
    assert withdrawn.fact(FactKind.BORN) is None
    assert stated_facts(withdrawn).born is None
    assert withdrawn.agreed_to == a_person().agreed_to
    assert {c.version: (c.at, c.withdrawn_at) for c in withdrawn.consents if not c.stands} == {
        "old-birth": (NOON, later),
        "birth": (NOON, later),
    }
    assert withdrawn.withdrew_birth_consent("birth", at=again) is withdrawn
    assert withdrawn.seen_again(an_identity(), None, at=again).fact(FactKind.BORN) is None
    given = withdrawn.agreed("birth", at=again, kind=DocumentKind.BIRTH_CONSENT)
    assert [(c.at, c.withdrawn_at) for c in given.consents if c.version == "birth"] == [
        (NOON, later),
        (again, None),
    ]
    assert given.has_withdrawn_since("birth", NOON)
    assert not given.has_withdrawn_since("birth", later)


def test_without_a_standing_consent_a_sign_in_keeps_the_name_alone() -> None:
    person = a_person()
    person = evolve(person, consents=tuple(evolve(c, withdrawn_at=NOON) for c in person.consents))
    assert person.seen_again(an_identity(), "18701000", at=NOON).facts == ()


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


def test_an_organisation_has_an_account_of_its_own_under_its_short_name() -> None:
    role = OrganisationRole(
        subject=a_subject(7),
        kind=OrganisationKind.LEGAL,
        short_name="ООО «Мост»",
        full_name="Общество «Мост»",
    )
    account = organisation(ParticipantId(new_id()), role)
    assert account == Participant(
        id=account.id, kind=ParticipantKind.ORGANISATION, subject=a_subject(7), name="ООО «Мост»"
    )


def test_facts_carry_what_was_told_and_when() -> None:
    later = NOON + timedelta(days=1)
    person = a_person().seen_again(an_identity(2), "18710000", at=later)
    assert [(fact.kind.value, fact.value, fact.at) for fact in person.facts] == [
        ("name", "Иванова Анна Петровна", later),
        ("email", "p2@example.org", later),
        ("phone", "+79001234567", later),
        ("residence", "18710000", later),
    ]
    assert (person.kind, person.subject) == (ParticipantKind.PERSON, a_subject(1))


WORDS = (
    "г",
    "город",
    "г.",
    "городской округ",
    "го",
    "ГО",
    "муниципальный район",
    "р-н",
    "округ",
    "район",
    "обл.",
)


@pytest.mark.parametrize("word", WORDS)
def test_words_for_the_kind_of_a_place_do_not_matter(word: str) -> None:
    for name in (f"{word} Дубовка", f"Дубовка {word}", f"{word.upper()} ДУБОВКА"):
        for known in ({"1": "Дубовка"}, {"1": f"{word} Дубовка"}):
            assert declared_residence(living("Волгоградская", area=name), a_region().name, known) == "1"


def test_yo_is_e_and_the_area_goes_before_the_city() -> None:
    known = {"1": "Зелёный Гай", "2": "Быково"}
    assert declared_residence(living("Волгоградская", city="ЗЕЛЕНЫЙ ГАЙ"), a_region().name, known) == "1"
    assert (
        declared_residence(living("Волгоградская", city="Зелёный Гай"), a_region().name, {"1": "Зеленый Гай"})
        == "1"
    )
    assert declared_residence(living("Волгоградская", city="ЗеленыйГай"), a_region().name, known) is None
    both = living("Волгоградская", area="Быково", city="Зелёный Гай")
    assert declared_residence(both, a_region().name, known) == "2"
    unknown_area = living("Волгоградская", area="Нигде", city="Зелёный Гай")
    assert declared_residence(unknown_area, a_region().name, known) == "1"


def test_one_name_of_two_places_is_doubtful_and_a_further_address_may_tell() -> None:
    known = {"1": "Октябрьский район", "2": "Октябрьский округ", "3": "Быково"}
    doubtful = living("Волгоградская", area="Октябрьский")
    assert declared_residence(doubtful, a_region().name, known) is None
    told = (*doubtful, *living(None, area="Быково"), *living("Волгоградская", area="Быково"))
    assert declared_residence(told, a_region().name, known) == "3"
    elsewhere_first = (*living("Москва", area="Быково"), *living("Волгоградская", area="Быково"))
    assert declared_residence(elsewhere_first, a_region().name, known) == "3"


def test_a_birth_date_is_asked_for_once_and_stays() -> None:
    born = date(1980, 2, 29)
    asked = a_person().seen_again(an_identity(born=born), None, at=NOON)
    fact = asked.fact(FactKind.BORN)
    assert stated_facts(asked).born == Stated(born, Provenance.ESIA_VERIFIED)
    later = asked.seen_again(an_identity(), None, at=NOON + timedelta(days=1))
    assert fact is not None
    assert later.fact(FactKind.BORN) == fact
    moved = later.seen_again(an_identity(born=date(1981, 1, 1)), None, at=NOON)
    assert [f.value for f in moved.facts if f.kind is FactKind.BORN] == ["1981-01-01"]
    stranger = evolve(a_person(), consents=())
    assert stranger.seen_again(an_identity(born=born), None, at=NOON).facts == ()
