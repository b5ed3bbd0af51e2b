"""Authorities, their contacts of record, and what is told where nobody answers for one (п. 5.2, 5.4)."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.participants.authorities import (
    CONTACT_LIMIT,
    Authority,
    AuthorityAtWork,
    AuthorityOrphaned,
    Contact,
    register,
)
from tests.contract.building import ACT, CITY, an_authority
from tests.contract.stores import NOON

CONTACT = Contact(person_or_office="Приёмная", email="a@example.org", phone="+78442300000")


@pytest.mark.clause("5.2")
def test_a_body_is_registered_by_an_act_and_whoever_wrote_it_down() -> None:
    by = ParticipantId(new_id())
    made = register(CITY, ACT, "head@example.org", by=by, at=NOON)
    assert made == Authority(
        code=CITY,
        legal_act=ACT,
        registered_at=NOON,
        registered_by=by,
        contact=None,
        head_email="head@example.org",
        orphaned_at=None,
        version=0,
    )
    assert (made.events, register(CITY, ACT, None, by=None, at=NOON).head_email) == ((), None)
    with pytest.raises(Invalid) as refused:
        register(CITY, ACT, "не адрес", by=by, at=NOON)
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/head_email", "bad-email")]


@pytest.mark.clause("5.2")
def test_a_body_takes_part_by_its_contact_until_it_is_connected() -> None:
    apart = an_authority().not_connected(CONTACT)
    assert (apart.contact, apart.is_not_connected) == (CONTACT, True)
    joined = apart.connected()
    assert (joined.contact, joined.is_not_connected) == (None, False)
    assert joined == an_authority()


@pytest.mark.parametrize("contact", [CONTACT, evolve(CONTACT, email=None), evolve(CONTACT, phone=None)])
def test_either_way_to_reach_somebody_is_enough(contact: Contact) -> None:
    assert an_authority().not_connected(contact).contact == contact


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"person_or_office": "\u200b "}, [("/contact", "no-contact", "Постановление, п. 6")]),
        ({"email": None, "phone": None}, [("/contact", "no-contact", "Постановление, п. 6")]),
        (
            {"person_or_office": "я" * (CONTACT_LIMIT + 1)},
            [("/contact/person_or_office", "too-long", None)],
        ),
        ({"email": "не адрес"}, [("/contact/email", "bad-email", None)]),
        ({"phone": "12"}, [("/contact/phone", "bad-phone", None)]),
        (
            {"email": "не адрес", "phone": "12"},
            [("/contact/email", "bad-email", None), ("/contact/phone", "bad-phone", None)],
        ),
    ],
)
def test_everything_wrong_with_a_contact_is_told_at_once(
    changes: dict[str, Any], faults: list[tuple[str, str, str | None]]
) -> None:
    with pytest.raises(Invalid) as refused:
        an_authority().not_connected(evolve(CONTACT, **changes))
    assert [(f.pointer, f.code, f.basis) for f in refused.value.faults] == faults


def test_a_contact_may_be_as_long_as_its_limit() -> None:
    longest = evolve(CONTACT, person_or_office="я" * CONTACT_LIMIT)
    assert an_authority().not_connected(longest).contact == longest


@pytest.mark.clause("5.4")
def test_an_orphan_is_told_once_until_somebody_comes() -> None:
    orphan = an_authority().orphaned(NOON)
    [told] = orphan.events
    assert isinstance(told, AuthorityOrphaned)
    assert (orphan.orphaned_at, told.at, told.authority) == (NOON, NOON, CITY)
    assert orphan.orphaned(NOON + timedelta(days=1)) is orphan
    staffed = orphan.staffed()
    assert staffed.orphaned_at is None
    again = staffed.orphaned(NOON + timedelta(days=2))
    assert [event.at for event in again.events] == [NOON, NOON + timedelta(days=2)]
    assert {event.subject_id for event in again.events} == {told.subject_id}
    assert an_authority("vo-road").orphaned(NOON).events[0].subject_id != told.subject_id


@pytest.mark.clause("5.2")
@pytest.mark.parametrize(
    ("official", "apart", "can"),
    [(True, False, True), (False, True, True), (True, True, True), (False, False, False)],
)
def test_work_goes_where_somebody_can_be_reached(official: bool, apart: bool, can: bool) -> None:
    seen = AuthorityAtWork(
        code=CITY, has_active_official=official, has_active_approver=False, is_not_connected=apart
    )
    assert seen.can_be_routed_to is can
