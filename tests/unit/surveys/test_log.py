"""A log that anyone can recount: whatever is changed in it is found (Положение, разд. 9; RFC 9162)."""

import hashlib
from datetime import timedelta, timezone

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import SurveyId
from niktokromenas.domain.surveys.answers import Sheet
from niktokromenas.domain.surveys.log import (
    GrowingRoot,
    RepeatedLeaf,
    head_of,
    inclusion,
    is_included,
    leaf,
    root_of,
    rooted,
    sealed,
)
from niktokromenas.domain.surveys.questions import Questions
from niktokromenas.domain.surveys.receipts import (
    Proof,
    Receipt,
    UnreadableReceipt,
    read_receipt,
    receipt_for,
)
from niktokromenas.domain.surveys.sheets import canonical
from tests.contract.stores import NOON
from tests.unit.surveys.strategies import answered_questionnaires

SURVEY = SurveyId(new_id())
CONTENT = bytes(32)
digests = st.binary(min_size=32, max_size=32)
logs = st.lists(digests, min_size=1, max_size=40, unique=True)


def _by_the_book(entries: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word by word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + _by_the_book(entries[:k]) + _by_the_book(entries[k:])).digest()


def test_the_tree_is_that_of_other_programs() -> None:
    """Roots of the test vectors that certificate-transparency implementations share."""
    last = "606162636465666768696a6b6c6d6e6f"
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", last]
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for size, root in roots.items():
        assert root_of([bytes.fromhex(entry) for entry in inputs[:size]]).hex() == root


@given(st.lists(digests, max_size=40))
def test_the_root_is_that_of_the_rfc(entries: list[bytes]) -> None:
    assert root_of(entries) == _by_the_book(entries)


@given(st.lists(digests, max_size=70, unique=True).map(sorted))
def test_a_root_that_grows_is_the_root_of_all_that_came(entries: list[bytes]) -> None:
    assert rooted(entries) == root_of(entries)
    growing = GrowingRoot()
    for size, entry in enumerate(entries, 1):
        growing.add(entry)
        assert growing.size == size
        assert growing.root == root_of(entries[:size])
        assert len(growing._peaks) == size.bit_count()


def test_a_growing_log_takes_no_leaf_twice_and_none_out_of_order() -> None:
    with pytest.raises(RepeatedLeaf):
        rooted([b"a", b"b", b"b"])
    with pytest.raises(ValueError, match="sorted"):
        rooted([b"b", b"a"])


@given(logs, st.data())
def test_every_entry_is_proved_and_nothing_else_is(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    path, root, size = inclusion(entries, index), root_of(entries), len(entries)
    assert is_included(entries[index], index, size, path, root)
    other = data.draw(digests.filter(lambda digest: digest != entries[index]))
    assert not is_included(other, index, size, path, root)
    assert not is_included(entries[index], index, size, (*path, other), root)
    assert not is_included(entries[index], index, size, path[:-1], root) or not path
    assert not is_included(entries[index], index, size, path, other)
    elsewhere = data.draw(st.integers(-2, size + 2).filter(lambda place: place != index))
    assert not is_included(entries[index], elsewhere, size, path, root)


@given(logs, st.data())
def test_a_changed_a_dropped_and_an_added_leaf_are_found(entries: list[bytes], data: st.DataObject) -> None:
    head = head_of(SURVEY, entries, content=CONTENT, at=NOON)
    place = data.draw(st.integers(0, len(entries) - 1))
    strange = data.draw(digests.filter(lambda digest: digest not in entries))
    changed = [*entries[:place], strange, *entries[place + 1 :]]
    dropped = [*entries[:place], *entries[place + 1 :]]
    for other in (changed, dropped, [*entries, strange]):
        found = head_of(SURVEY, other, content=CONTENT, at=NOON)
        assert found.root != head.root
        assert found.signed_words() != head.signed_words()
    with pytest.raises(RepeatedLeaf):
        sealed([*entries, entries[place]])


@given(logs.flatmap(lambda entries: st.tuples(st.just(entries), st.permutations(entries))))
def test_the_order_in_which_ballots_came_is_not_in_the_log(logs: tuple[list[bytes], list[bytes]]) -> None:
    entries, shuffled = logs
    assert head_of(SURVEY, shuffled, content=CONTENT, at=NOON) == head_of(
        SURVEY, entries, content=CONTENT, at=NOON
    )


def test_the_signature_covers_survey_size_root_content_and_time() -> None:
    head = head_of(SURVEY, [b"1" * 32], content=CONTENT, at=NOON)
    others = (
        evolve(head, survey_id=SurveyId(new_id())),
        evolve(head, size=2),
        evolve(head, root=b"2" * 32),
        evolve(head, content=b"2" * 32),
        evolve(head, sealed_at=NOON + timedelta(microseconds=1)),
    )
    assert len({head.signed_words(), *(other.signed_words() for other in others)}) == 6
    elsewhere = NOON.astimezone(timezone(timedelta(hours=3)))
    assert evolve(head, sealed_at=elsewhere).signed_words() == head.signed_words()


@settings(max_examples=50, deadline=None)
@given(answered_questionnaires(), digests, digests, logs)
def test_a_receipt_opens_its_own_leaf_alone(
    asked: tuple[Questions, Sheet], salt: bytes, other_salt: bytes, others: list[bytes]
) -> None:
    ballot = canonical(asked[1])
    receipt = receipt_for(SURVEY, salt, ballot)
    assert receipt.opens(ballot)
    assert not receipt.opens(ballot + b" ")
    assert (receipt.leaf == leaf(other_salt, ballot)) == (other_salt == salt)
    assert read_receipt(f"  {receipt}\n") == receipt
    entries = sealed({*others, receipt.leaf})
    head = head_of(SURVEY, entries, content=CONTENT, at=NOON)
    index = entries.index(receipt.leaf)
    proof = Proof(index=index, path=inclusion(entries, index))
    assert proof.shows(receipt, head)
    assert not proof.shows(evolve(receipt, survey_id=SurveyId(new_id())), head)
    assert not proof.shows(receipt_for(SURVEY, salt, ballot + b" "), head)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "nk1",
        "nk1.a.b.c",
        f"nk2.{SURVEY.hex}.{'0' * 64}.{'0' * 64}",
        f"nk1.{SURVEY.hex}.{'0' * 62}.{'0' * 64}",
        f"nk1.{SURVEY.hex}.{'0' * 66}.{'0' * 64}",
        f"nk1.{SURVEY.hex}.{'0' * 64}.{'0' * 62}",
        f"nk1.{SURVEY.hex}.{'0' * 64}.{'0' * 66}",
        f"nk1.{SURVEY.hex[1:]}.{'0' * 64}.{'0' * 64}",
        f"nk1.{SURVEY}.{'0' * 64}.{'0' * 64}",
        f"nk1.{SURVEY.hex}.{'x' * 64}.{'0' * 64}",
        f"nk1.{SURVEY.hex}.{'0' * 64}.{'0' * 64}.",
    ],
)
def test_a_receipt_that_was_not_copied_whole_is_refused(words: str) -> None:
    with pytest.raises(UnreadableReceipt):
        read_receipt(words)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_salt_of_another_length_is_a_bug(size: int) -> None:
    """Or a byte of the ballot could pass for one of the salt."""
    with pytest.raises(ValueError, match="salt"):
        leaf(bytes(size), b"ballot")
    with pytest.raises(ValueError, match="salt"):
        Receipt(survey_id=SURVEY, salt=bytes(size), leaf=bytes(32))


def test_there_is_no_path_from_where_no_entry_is() -> None:
    entries = [bytes([number]) * 32 for number in range(3)]
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion(entries, index)
    assert not is_included(entries[0], 0, 0, (), root_of([]))
