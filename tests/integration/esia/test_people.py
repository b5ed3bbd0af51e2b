"""What comes of each person that the imitation knows (Положение, п. 1.3, 3 (4))."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.esia import profile
from niktokromenas.adapters.esia.emulator.people import SEEDED, Person, Role
from niktokromenas.domain.participants.identity import AddressKind, OrganisationKind, Subject
from niktokromenas.ports.identity import IdentityRefused
from tests.integration.esia.support import NOON, Setting, Stand, standing

REFUSED = {
    "1000000002": "not-confirmed",
    "1000000003": "not-confirmed",
    "1000000004": "not-confirmed",
    "1000000005": "account-deleted",
}
WITHOUT_EMAIL = {"1000000009"}
ORGANISATIONS = {
    "1000000011": ("1000100001", OrganisationKind.LEGAL),
    "1000000012": ("1000100002", OrganisationKind.BUSINESS),
    "1000000013": ("1000100003", OrganisationKind.AGENCY),
}
CONFIRMED = [person for person in SEEDED if person.oid not in REFUSED]


@pytest.mark.clause("1.3-user")
@pytest.mark.clause("3.4")
@pytest.mark.parametrize("person", CONFIRMED, ids=lambda person: person.oid)
async def test_a_confirmed_person_is_let_in_as_declared(stand: Stand, person: Person) -> None:
    identity = await stand.identify(person.oid)
    assert identity.subject == Subject(stand.emulator.issuer, person.oid)
    assert str(identity.name) == person.name
    assert identity.authenticated_at == NOON
    assert identity.esia_session
    assert identity.email == (None if person.oid in WITHOUT_EMAIL else person.email)
    assert identity.mobile == f"+7900{int(person.oid) % 1000:07}"
    assert [address.region for address in identity.addresses] == [
        address.region for address in person.addresses
    ]
    assert {address.kind for address in identity.addresses} <= {
        AddressKind.RESIDENCE,
        AddressKind.REGISTRATION,
    }
    held = [(role.subject.oid, role.kind) for role in identity.organisations]
    assert held == ([ORGANISATIONS[person.oid]] if person.oid in ORGANISATIONS else [])


@pytest.mark.abuse(5)
@pytest.mark.clause("1.3-user")
@pytest.mark.parametrize(("oid", "reason"), REFUSED.items())
async def test_an_account_that_proves_no_identity_is_refused(stand: Stand, oid: str, reason: str) -> None:
    with pytest.raises(IdentityRefused) as refusal:
        await stand.identify(oid)
    assert refusal.value.members == {"reason": reason}


async def test_a_mail_that_waits_for_its_code_is_not_used(stand: Stand) -> None:
    identity = await stand.identify("1000000010")
    assert identity.email == "person010@example.ru"


async def test_a_head_of_an_organisation_is_told_from_an_employee(stand: Stand) -> None:
    head, employee = await stand.identify("1000000011"), await stand.identify("1000000013")
    assert (head.organisations[0].is_chief, head.organisations[0].is_admin) == (True, True)
    assert (employee.organisations[0].is_chief, employee.organisations[0].is_admin) == (False, False)
    assert head.organisations[0].short_name == 'ООО "Пример"'


async def test_people_of_the_configuration_stand_beside_the_seeded_and_before_them(keys: Path) -> None:
    mine = (
        Person(oid="77", last="Своя", first="Анна", roles=(Role(oid="8", short_name="О", full_name="О"),)),
        Person(oid="1000000001", last="Другая", first="Вера"),
    )
    async with standing(keys, Setting(emulator={"people": mine})) as stand:
        assert str((await stand.identify("77")).name) == "Своя Анна"
        assert str((await stand.identify("1000000001")).name) == "Другая Вера"
        assert (await stand.identify("1000000006")).name.middle is None


async def test_what_was_not_granted_is_not_asked_for(keys: Path) -> None:
    setting = Setting(gateway={"scopes": ("openid", "fullname")})
    async with standing(keys, setting) as stand:
        identity = await stand.identify("1000000011")
        assert (identity.email, identity.mobile) == (None, None)
        assert (identity.addresses, identity.organisations) == ((), ())
        assert [url.rpartition("/")[2] for url in stand.visited] == ["te", "1000000011"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
FIELDS = """
    type value vrfStu verifyingValue region city oid prnOid fullName shortName ogrn chief admin active
    isLiquidated status trusted lastName firstName middleName somethingNew
"""
LIKELY = st.sampled_from(["EML", "MBT", "VERIFIED", "PLV", "LEGAL", "REGISTERED", "+79001234567", "a@b.ru"])
resources = st.dictionaries(st.sampled_from(FIELDS.split()), LIKELY | json_values, max_size=8)


@given(st.lists(resources, max_size=3))
def test_resources_of_any_shape_become_our_words_or_nothing(found: list[dict[str, object]]) -> None:
    person = Subject("http://esia/", "1")
    email, mobile = profile.verified_email(found), profile.verified_mobile(found)
    assert email is None or ("@" in email and email.isprintable())
    assert mobile is None or mobile.startswith("+")
    assert all(address.region != "" for address in profile.addresses(found))
    for organisation in profile.organisations(found, person):
        assert organisation.subject.oid.isdigit()
        assert organisation.short_name
        assert organisation.full_name


@given(resources)
def test_only_a_registered_and_trusted_person_with_a_name_passes(found: dict[str, object]) -> None:
    try:
        profile.require_confirmed(found)
        named = profile.name(found)
    except IdentityRefused:
        return
    assert found["trusted"] is True
    assert str(found["status"]).strip().upper() == "REGISTERED"
    assert named.last
    assert named.first


def test_only_a_plain_word_of_esia_ends_an_organisation_of_ones_own() -> None:
    person = Subject("http://esia/", "1")
    role = {"oid": 8, "prnOid": 1, "isLiquidated": True}
    assert profile.liquidated([role], person) == (Subject("http://esia/", "8"),)
    doubtful: list[dict[str, object]] = [
        {"isLiquidated": "true"}, {"isLiquidated": 1}, {"isLiquidated": None}, {"prnOid": 2}, {"oid": "x"},
    ]  # fmt: skip
    for said in doubtful:
        assert profile.liquidated([{**role, **said}], person) == ()


@pytest.mark.parametrize(
    "spoilt",
    [
        {"active": False},
        {"active": None},
        {"active": "true"},
        {"isLiquidated": True},
        {"isLiquidated": "false"},
        {"type": "MINISTRY"},
        {"oid": "../prns/1"},
        {"oid": -5},
        {"prnOid": 2},
        {"fullName": None, "shortName": " "},
    ],
    ids=str,
)
def test_a_role_that_is_not_surely_held_now_is_not_offered(spoilt: dict[str, object]) -> None:
    role = {"oid": 8, "prnOid": 1, "type": "LEGAL", "active": True, "fullName": "ООО", "someNewField": {}}
    person = Subject("http://esia/", "1")
    assert len(profile.organisations([role], person)) == 1
    assert profile.organisations([role | spoilt], person) == ()
