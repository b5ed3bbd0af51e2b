"""Bodies and queries: one verdict in the schema and in the reader, every fault at once."""

import copy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import jsonschema_rs
import pytest
from attrs import frozen
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import UNSET, Meta
from multidict import MultiDict

from niktokromenas.adapters.http import wire
from niktokromenas.adapters.http.faults import MOST_FAULTS
from niktokromenas.adapters.http.http_errors import Unreadable
from niktokromenas.adapters.http.query import query_reader
from niktokromenas.adapters.http.schemas import Schemas
from niktokromenas.adapters.http.wire_scalars import LARGEST_INTEGER
from niktokromenas.adapters.http.wire_shapes import Nested
from niktokromenas.domain.errors import Invalid
from tests.integration.http.sample import (
    Accepted,
    Colour,
    Declined,
    NoteChange,
    NoteIn,
    NoteQuery,
    Weight,
)

READ = wire.reader(NoteIn)
ID = "0190f3a4-5b6c-4d7e-8f90-a1b2c3d4e5f6"


def a_note(**changes: Any) -> dict[str, Any]:
    return {"title": "Яма", "at": "2026-03-05T12:00:00+03:00", "id": ID, **changes}


def told(call: Any, *arguments: Any) -> dict[str, str]:
    """Codes of the faults by pointer."""
    with pytest.raises(Invalid) as caught:
        call(*arguments)
    return {fault.pointer: fault.code for fault in caught.value.faults}


def schema_of(kind: Any) -> jsonschema_rs.Draft202012Validator:
    schemas = Schemas()
    root = schemas.of(kind)
    whole = {**root, "components": {"schemas": schemas.components}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


NOTE_SCHEMA = schema_of(NoteIn)

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
rubbish = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
spots = st.fixed_dictionaries({"lat": st.floats(-91, 91), "lon": st.integers(-181, 181)})
decisions = st.one_of(
    st.fixed_dictionaries({"kind": st.just("accepted")}, optional={"is_public": st.booleans()}),
    st.fixed_dictionaries({"kind": st.just("declined"), "reason": st.text("абв", min_size=2, max_size=6)}),
    st.fixed_dictionaries({"kind": words}),
)
moments = st.datetimes(timezones=st.timezones()).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC).isoformat()
)
notes = st.fixed_dictionaries(
    {"title": st.text("аб \n", max_size=22), "at": moments, "id": st.uuids().map(str)},
    optional={
        "colour": st.sampled_from(["red", "green", "blue", None]),
        "weight": st.sampled_from([1, 2, 3, None, True, 1.0, "1"]),
        "day": st.dates().map(str) | st.none(),
        "spot": spots | st.none(),
        "stars": st.integers(0, 6),
        "code": st.from_regex(r"^[0-9]{2}-[0-9]{3}$") | st.just("26-00a"),
        "tags": st.lists(st.text("я", max_size=6), max_size=4),
        "places": st.lists(spots, max_size=2),
        "unique": st.lists(st.integers(0, 3), max_size=3),
        "decision": decisions | st.none(),
        "answers": st.dictionaries(st.text("аб", max_size=2), decisions, max_size=2),
        "is_urgent": st.booleans(),
        "free": st.integers(-(2**53), 2**53) | st.floats(-5, 5),
    },
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A note with one value anywhere in it replaced, added or taken away."""
    note = copy.deepcopy(draw(notes))
    holder: Any = note
    for _ in range(draw(st.integers(0, 2))):
        inner = [each for each in (holder.values() if isinstance(holder, dict) else holder) if each]
        inner = [each for each in inner if isinstance(each, dict | list)]
        if not inner:
            break
        holder = draw(st.sampled_from(inner))
    if isinstance(holder, list):
        holder.append(draw(rubbish))
    elif draw(st.booleans()) and holder:
        holder.pop(draw(st.sampled_from(sorted(holder))))
    else:
        holder[draw(st.sampled_from(sorted(holder) or ["x"]) | words)] = draw(rubbish)
    return note


def accepts(value: Any) -> bool:
    try:
        READ(value)
    except Invalid as error:
        return not error.faults
    return True


@given(notes | mutated() | rubbish)
@example(a_note(weight=1.0))
@example(a_note(weight=True))
@example(a_note(unique=[1, 1.0]))
@example(a_note(at="2016-12-31T23:59:59+24:00"))
def test_the_schema_and_the_reader_give_the_same_verdict(note: Any) -> None:
    as_sent = wire.parse(wire.dumps(note))
    assert accepts(as_sent) == NOTE_SCHEMA.is_valid(as_sent)


@given(rubbish)
def test_a_tagged_union_has_the_same_verdict_in_both(value: Any) -> None:
    read = wire.reader(Accepted | Declined)
    for each in (value, {"kind": value}, {"kind": "accepted", "is_public": value}):
        as_sent = wire.parse(wire.dumps(each))
        try:
            read(as_sent)
            verdict = True
        except Invalid:
            verdict = False
        assert verdict == schema_of(Accepted | Declined).is_valid(as_sent)


def test_all_problems_of_a_body_are_told_at_once() -> None:
    note = a_note(
        title="",
        at="2026-03-05T12:00:00",
        id="{" + ID + "}",
        colour="blue",
        weight=True,
        day="2026-02-30",
        spot={"lat": 91, "lon": "0", "alt": 1},
        stars=6,
        code="26-001\n",
        tags=["а", "слишком"],
        decision={"kind": "declined"},
        answers={"а/б~в": {"kind": "postponed"}},
        is_urgent=1,
        free=2**53,
        unique=[1, 1],
    )
    del note["title"]
    assert told(READ, {**note, "status": "accepted"}) == {
        "/title": "missing",
        "/at": "no-offset",
        "/id": "bad-uuid",
        "/colour": "not-one-of",
        "/weight": "not-one-of",
        "/day": "bad-date",
        "/spot/lat": "too-large",
        "/spot/lon": "wrong-type",
        "/spot/alt": "unknown-field",
        "/stars": "too-large",
        "/code": "bad-format",
        "/tags/1": "too-long",
        "/decision/reason": "missing",
        "/answers/а~1б~0в/kind": "not-one-of",
        "/is_urgent": "wrong-type",
        "/free": "too-large",
        "/unique": "repeated",
        "/status": "unknown-field",
    }


def test_a_right_body_becomes_typed_values() -> None:
    note = READ(
        a_note(
            colour="green", weight=2, day="2026-03-05", spot={"lat": 48, "lon": 44.5}, tags=["а"], free=2.0
        )
    )
    assert note.at == datetime(2026, 3, 5, 9, tzinfo=UTC)
    assert note.id == UUID(ID)
    assert (note.colour, note.weight, note.day) == (Colour.GREEN, Weight.HEAVY, date(2026, 3, 5))
    assert (note.spot.lat, note.tags, note.free) == (48.0, ("а",), 2)
    assert type(note.free) is int


@pytest.mark.abuse(33)
def test_an_absent_field_of_a_change_is_not_null() -> None:
    read = wire.reader(NoteChange)
    assert read({}).place is UNSET
    assert read({"place": None}).place is None
    assert told(read, {"title": None}) == {"/title": "wrong-type"}
    assert told(read, {"owner": "я"}) == {"/owner": "unknown-field"}


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-13-01T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:00+99:99",
        "20260101T000000Z",
        "2026-W01-1T00:00:00Z",
        "٢٠٢٦-01-01T00:00:00Z",
        5,
        None,
    ],
)
def test_moments_that_cannot_be_stored_are_refused(at: Any) -> None:
    assert told(READ, a_note(at=at)) == {"/at": "bad-datetime"}


def test_text_with_a_null_character_is_refused() -> None:
    assert told(READ, a_note(title="а\0б")) == {"/title": "bad-character"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b'{"a": Infinity}',
        b'"\\ud800"',
        b"\xff",
        b"1" + b"0" * 400,
        b"[" * 5000 + b"]" * 5000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        wire.parse(body)


def test_an_answer_does_not_grow_with_the_rubbish_that_was_sent() -> None:
    rubbish = a_note(**{str(n) + "я" * 5000: n for n in range(500)})
    found = told(READ, rubbish)
    assert len(found) == MOST_FAULTS
    assert sum(map(len, found)) < 20_000


def test_a_query_is_read_by_type() -> None:
    read = query_reader(NoteQuery)
    query = MultiDict(
        [
            ("limit", "5"),
            ("colour", "red"),
            ("colour", "green"),
            ("mine", "true"),
            ("near", "1.5"),
            ("weight", "2"),
            ("since", "2026-03-05"),
        ]
    )
    found = read(query)
    assert (found.limit, found.colour, found.mine) == (5, (Colour.RED, Colour.GREEN), True)
    assert (found.near, found.weight, found.since) == (1.5, Weight.HEAVY, date(2026, 3, 5))
    assert read(MultiDict()).limit == 20


@pytest.mark.abuse(10)
@pytest.mark.abuse(11)
def test_a_query_tells_all_its_problems_at_once() -> None:
    query = MultiDict(
        [
            ("limit", "101"),
            ("sort", "id;drop table"),
            ("sort", "new"),
            ("colour", "red' or 1=1"),
            ("mine", "yes"),
            ("near", "NaN"),
            ("author.phone", "1"),
            ("weight", "٢"),
        ]
    )
    assert told(query_reader(NoteQuery), query) == {
        "/limit": "too-large",
        "/sort": "repeated",
        "/colour/0": "not-one-of",
        "/mine": "wrong-type",
        "/near": "wrong-type",
        "/author.phone": "unknown-parameter",
        "/weight": "not-one-of",
    }


@given(st.integers())
def test_integers_are_those_every_json_program_reads_alike(number: int) -> None:
    read = wire.reader(int)
    if abs(number) <= LARGEST_INTEGER:
        assert read(number) == number
    else:
        assert told(read, number)[""] in ("too-large", "too-small")


def test_a_union_that_cannot_be_told_apart_is_refused_when_it_is_built() -> None:
    with pytest.raises(TypeError):
        wire.reader(int | str)


@frozen(kw_only=True)
class Leaf:
    type: Literal["leaf"]
    size: Decimal


@frozen(kw_only=True)
class Branch:
    type: Literal["branch"]
    of: "tuple[Tree, ...]"


Tree = Leaf | Branch


@frozen(kw_only=True)
class Grove:
    tree: Annotated[Tree, Nested(deepest=3, most=5)]


@frozen(kw_only=True)
class Otherwise:
    kind: Literal["leaf"]


LEAF = {"type": "leaf", "size": 1}


def a_branch(*parts: Any) -> dict[str, Any]:
    return {"type": "branch", "of": list(parts)}


def test_a_union_may_hold_itself_and_is_told_apart_by_its_type() -> None:
    read, schema = wire.reader(Grove), schema_of(Grove)
    for tree in (LEAF, a_branch(), a_branch(a_branch(LEAF), LEAF)):
        assert read({"tree": tree}).tree is not None
        assert schema.is_valid({"tree": tree})
    wrong = {
        "/tree/type": ({"of": []}, "missing"),
        "/tree/of/0/type": (a_branch({"type": "root"}), "not-one-of"),
        "/tree/of/1/size": (a_branch(LEAF, {"type": "leaf"}), "missing"),
        "/tree/kind": ({**LEAF, "kind": "leaf"}, "unknown-field"),
    }
    for pointer, (tree, code) in wrong.items():
        assert told(read, {"tree": tree}) == {pointer: code}
        assert not schema.is_valid({"tree": tree})


def test_a_union_that_holds_itself_is_bounded_in_depth_and_size() -> None:
    read = wire.reader(Grove)
    assert read({"tree": a_branch(a_branch(LEAF), LEAF)})
    assert told(read, {"tree": a_branch(a_branch(a_branch(LEAF)))}) == {"/tree": "too-deep"}
    assert told(read, {"tree": a_branch(*[LEAF] * 5)}) == {"/tree": "too-many"}
    deep: Any = LEAF
    for _ in range(100_000):
        deep = [deep]
    assert told(read, {"tree": {"type": "branch", "of": deep}}) == {"/tree/of/0": "wrong-type"}


@pytest.mark.parametrize(
    ("size", "code"),
    [
        (True, "wrong-type"),
        (None, "wrong-type"),
        ("1e5", "bad-decimal"),
        ("+1", "bad-decimal"),
        ("1.", "bad-decimal"),
        ("٤", "bad-decimal"),
        ("NaN", "bad-decimal"),
        ("1\n", "bad-decimal"),
        (2**53, "too-large"),
        (-1e300, "too-small"),
    ],
)
def test_what_is_no_decimal_is_refused(size: Any, code: str) -> None:
    leaf = {"type": "leaf", "size": size}
    assert told(wire.reader(Leaf), leaf) == {"/size": code}
    assert not schema_of(Leaf).is_valid(leaf)


def test_a_wrong_key_of_a_map_hides_no_wrong_value() -> None:
    read = wire.reader(dict[Annotated[str, Meta(max_length=3)], int])
    assert told(read, {"four": 1, "two": "2"}) == {"/four": "too-long", "/two": "wrong-type"}


def test_classes_told_apart_by_different_fields_are_no_union() -> None:
    with pytest.raises(TypeError):
        wire.reader(Leaf | Otherwise)
