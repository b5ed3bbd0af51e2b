"""What is written down of a decision, byte for byte: seals are worth as much as it stays so (п. 6.1)."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.audit import FIRST_LINK, AuditEntry, chain, signed_words
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId

AT = datetime(2026, 3, 5, 12, 0, 1, 20, timezone(timedelta(hours=3)))
pytestmark = pytest.mark.clause("6.1-nondisclosure")


def an_entry(number: int = 1, **changes: Any) -> AuditEntry:
    entry = AuditEntry(
        id=UUID(int=number),
        at=AT,
        action="message.accept",
        object_kind="message",
        object_id="26-000001",
        participant_id=ParticipantId(UUID(int=2)),
        session_id=SessionId(UUID(int=3)),
        grant_id=GrantId(UUID(int=4)),
        facts={"б": "да", "а": "нет"},
    )
    return evolve(entry, **changes)


def test_an_entry_is_written_in_one_way() -> None:
    zeros = "00000000-0000-0000-0000-00000000000"
    assert an_entry().canonical().decode() == (
        '{"action":"message.accept","at":"2026-03-05T09:00:01.000020Z","facts":{"а":"нет","б":"да"},'
        f'"grant":"{zeros}4","id":"{zeros}1","object":["message","26-000001"],'
        f'"participant":"{zeros}2","session":"{zeros}3"}}'
    )


def test_what_nobody_did_in_no_session_is_written_as_null() -> None:
    written = an_entry(participant_id=None, session_id=None, grant_id=None).canonical().decode()
    assert '"grant":null' in written
    assert '"participant":null,"session":null}' in written


@given(st.lists(st.integers(1, 50), unique=True, max_size=6), st.randoms())
def test_a_chain_takes_entries_in_the_order_of_their_ids(numbers: list[int], random: Any) -> None:
    expected = hashlib.sha256(FIRST_LINK.encode())
    for number in sorted(numbers):
        expected.update(hashlib.sha256(an_entry(number).canonical()).digest())
    entries = [an_entry(number) for number in numbers]
    random.shuffle(entries)
    assert chain(FIRST_LINK, entries) == (expected.hexdigest(), len(numbers))


def test_a_seal_signs_its_number_count_head_and_instant() -> None:
    words = signed_words(7, "ab", 3, AT)
    assert words == b"niktokromenas audit seal 7 3 ab 2026-03-05T09:00:01.000020Z"
    assert signed_words(7, "ab", 3, AT.astimezone(UTC)) == words
