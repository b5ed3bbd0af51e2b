"""Surveys as they are written in JSON: nothing is lost, every fault has its place, rubbish is refused."""

import copy
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from niktokromenas.adapters.geo.locator import ShapelyLocator
from niktokromenas.adapters.http import wire
from niktokromenas.adapters.http.api.survey_answers import SheetIn, SheetOut, sheet_of, sheet_out
from niktokromenas.adapters.http.api.survey_wire import (
    ContentIn,
    ContentOut,
    content_as_sent,
    content_of,
    content_out,
    edited,
)
from niktokromenas.adapters.regions.pack import BOUNDARIES_FILE, bundled_region
from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.surveys.answers import Amount, Spot
from niktokromenas.domain.surveys.conditions import Answered, Chose, Every, Negated, Some, Within
from niktokromenas.domain.surveys.content import Content, Dimension, Series, Table, content_faults
from niktokromenas.domain.surveys.questions import (
    Calendar,
    FreeText,
    Matrix,
    Number,
    One,
    OnMap,
    Option,
    Question,
    Questions,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.sheets import checked
from niktokromenas.domain.surveys.stages import SurveyKind, Topic
from niktokromenas.domain.surveys.target import AgeBand, All, AnyOf, InGroup, LivesIn, Names, Not, Target
from niktokromenas.domain.values import Point
from niktokromenas.ports.locator import Located
from tests.contract.stores import NOON
from tests.contract.survey_strategies import drafts
from tests.integration.http.test_foundation_wire import rubbish, schema_of, told
from tests.unit.surveys.building import CITY, GROUP, MUNICIPALITIES, a_content, mark_question
from tests.unit.surveys.strategies import answered_questionnaires, questionnaires

READ = wire.reader(ContentIn)
READ_SHEET = wire.reader(SheetIn)
SCHEMA = schema_of(ContentIn)
SHEET_SCHEMA = schema_of(SheetIn)
SHOWN = schema_of(ContentOut)
SHOWN_SHEET = schema_of(SheetOut)


patient = settings(suppress_health_check=[HealthCheck.too_slow])
"""Whole questionnaires are slow to draw where the machine is busy."""


class Everywhere:
    """A region without borders."""

    def locate(self, point: Point) -> Located | None:
        return Located("18701000")


def as_json(value: object) -> Any:
    return wire.parse(wire.dumps(value))


def refused(call: Callable[[], object]) -> tuple[Fault, ...]:
    """What is wrong, nothing where it went well."""
    try:
        call()
    except Invalid as error:
        return error.faults or (Fault("", error.code, error.detail),)
    return ()


def resolved(document: Any, pointer: str) -> Any:
    """Raises where the pointer leads nowhere (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


_codes = st.sampled_from(["q0", "q1", "q2", "Q!", "", "other", "a~/b"])
_few = st.integers(-1, 4)
_bounds = st.none() | _few.map(Decimal) | st.sampled_from([Decimal("0.5"), Decimal("1E+12")])
_days = st.none() | st.sampled_from([date(2026, 1, 1), date(2025, 1, 1)])
_atoms = (
    st.builds(Chose, _codes, st.lists(_codes, max_size=2).map(tuple))
    | st.builds(Within, _codes, _bounds, _bounds)
    | st.builds(Within, _codes, _days, _days)
    | st.builds(Answered, _codes)
)
_whens = st.none() | st.recursive(
    _atoms,
    lambda inner: (
        st.builds(Negated, inner)
        | st.builds(Every, st.lists(inner, max_size=2).map(tuple))
        | st.builds(Some, st.lists(inner, max_size=2).map(tuple))
    ),
    max_leaves=4,
)
_words = st.sampled_from(["", "Вопрос", "вопрос ", "=1+1"])
_options = st.lists(st.builds(Option, code=_codes, words=_words, when=_whens), max_size=3).map(tuple)
_numbers = _few.map(Decimal) | st.sampled_from([Decimal("0.25"), Decimal("1E+10")])
_dates = st.sampled_from([date(2026, 1, 1), date(2025, 12, 31)])
_kinds = st.one_of(
    st.builds(One, options=_options, has_other=st.booleans()),
    st.builds(Several, options=_options, least=_few, most=_few, has_other=st.booleans()),
    st.builds(Scale, low=_few, high=_few | st.just(500), low_words=st.just("я" * 1000)),
    st.builds(Matrix, rows=_options, columns=_options),
    st.builds(Ranking, options=_options, places=_few),
    st.builds(FreeText, longest=_few),
    st.builds(Number, low=_numbers, high=_numbers, decimals=_few),
    st.builds(Calendar, first=_dates, last=_dates),
    st.just(OnMap()),
)
_questions = st.lists(
    st.builds(Question, code=_codes, words=_words, kind=_kinds, is_required=st.booleans(), when=_whens),
    max_size=3,
).map(tuple)
_predicates = st.recursive(
    st.builds(AgeBand, st.none() | _few, st.none() | _few | st.just(500))
    | st.builds(LivesIn, st.lists(st.sampled_from([CITY, "1"]), max_size=3).map(tuple))
    | st.just(InGroup(GROUP)),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, max_size=2).map(tuple))
        | st.builds(AnyOf, st.lists(inner, max_size=2).map(tuple))
    ),
    max_leaves=4,
)
messy = st.builds(
    Content,
    kind=st.sampled_from(SurveyKind),
    title=_words,
    questions=_questions,
    target=st.builds(Target, predicate=_predicates),
    announce_at=st.none() | st.just(NOON),
    starts_at=st.none() | st.just(NOON),
    ends_at=st.none() | st.just(NOON),
    is_live=st.booleans(),
    tables=st.lists(st.builds(Table, _codes, st.sampled_from(Dimension)), max_size=3).map(tuple),
    series=st.none() | st.builds(Series, st.sampled_from(Topic), st.sampled_from([None, CITY, "1"])),
)
"""Drafts with much wrong in them."""


@patient
@given(drafts | messy)
def test_a_content_comes_back_as_it_went_out(content: Content) -> None:
    sent = as_json(content_as_sent(content))
    assert SCHEMA.is_valid(sent)
    assert content_of(READ(sent)) == content


@patient
@given(drafts | messy)
def test_what_is_shown_keeps_to_its_schema(content: Content) -> None:
    shown = as_json(content_out(content, Names(municipalities={CITY: "Волгоград"})))
    SHOWN.validate(shown)
    assert shown["questions"] == as_json(content_as_sent(content))["questions"]
    assert shown["target"]["words"]
    assert shown["promises"]["words"]


@patient
@given(messy)
def test_the_pointer_of_every_fault_leads_to_a_place_in_what_was_sent(content: Content) -> None:
    sent = as_json(content_as_sent(content))
    for fault in content_faults(content, MUNICIPALITIES, at=NOON, previous=(mark_question("q9"),)):
        resolved(sent, fault.pointer)


@patient
@given(answered_questionnaires())
def test_answers_come_back_as_they_went_out(given_: tuple[Questions, Any]) -> None:
    questions, sheet = given_
    sent = {"answers": as_json(sheet_out(sheet))}
    assert SHOWN_SHEET.is_valid(sent)
    assert SHEET_SCHEMA.is_valid(sent)
    assert sheet_of(READ_SHEET(sent), questions, Everywhere()) == sheet


@patient
@given(questionnaires, answered_questionnaires())
def test_the_pointer_of_every_fault_leads_to_an_answer(
    questions: Questions, other: tuple[Questions, Any]
) -> None:
    sent = {"answers": as_json(sheet_out(other[1]))}
    for fault in refused(lambda: checked(questions, sheet_of(READ_SHEET(sent), questions, Everywhere()))):
        is_absent = fault.code == "unanswered"
        resolved(sent, fault.pointer.rpartition("/")[0] if is_absent else fault.pointer)


@st.composite
def spoilt(draw: st.DrawFn, whole: st.SearchStrategy[Any]) -> Any:
    """JSON of such a value with one place in it replaced, added or taken away."""
    document = copy.deepcopy(draw(whole))
    holders, waiting = [], [document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list):
            holders.append(part)
            waiting += part.values() if isinstance(part, dict) else part
    holder = draw(st.sampled_from(holders))
    if isinstance(holder, list):
        holder.append(draw(rubbish))
    elif holder and draw(st.booleans()):
        holder.pop(draw(st.sampled_from(sorted(holder))))
    else:
        holder[draw(st.sampled_from([*sorted(holder), "type", "of", "extra"]))] = draw(rubbish)
    return document


contents = drafts.map(content_as_sent).map(as_json)
sheets = answered_questionnaires().map(lambda given: {"answers": as_json(sheet_out(given[1]))})


@pytest.mark.abuse(18)
@pytest.mark.abuse(33)
@patient
@given(spoilt(contents) | rubbish)
@example({"questions": [{"code": "q", "words": "?", "kind": {"type": "number", "low": 1e-17, "high": "1"}}]})
@example({"questions": [{"code": "q", "words": "?", "kind": {"type": "number", "low": 1e300, "high": "1"}}]})
@example({"questions": [{"code": "q", "words": "?", "kind": {"type": "number", "low": "1e3", "high": True}}]})
def test_schema_and_reader_agree_on_spoilt_contents(document: Any) -> None:
    sent = as_json(document)
    is_right = not refused(lambda: READ(sent))
    assert is_right == SCHEMA.is_valid(sent)
    if is_right:
        content = content_of(READ(sent))
        list(content_faults(content, MUNICIPALITIES, at=NOON))
        assert content_of(READ(as_json(content_as_sent(content)))) == content


@patient
@given(spoilt(sheets) | rubbish, questionnaires)
def test_schema_and_reader_agree_on_spoilt_answers(document: Any, questions: Questions) -> None:
    sent = as_json(document)
    is_right = not refused(lambda: READ_SHEET(sent))
    assert is_right == SHEET_SCHEMA.is_valid(sent)
    if is_right:
        sheet_of(READ_SHEET(sent), questions, Everywhere())


def nested(depth: int, width: int = 1) -> dict[str, Any]:
    leaf: dict[str, Any] = {"type": "answered", "question": "q0"}
    for _ in range(depth - 1):
        leaf = {"type": "all", "of": [leaf] * width}
    return leaf


def asked(when: Any) -> dict[str, Any]:
    return {"questions": [{"code": "q1", "words": "?", "kind": {"type": "text"}, "when": when}]}


def targeted(predicate: Any) -> dict[str, Any]:
    return {"target": {"predicate": predicate, "accepts": "platform"}}


def in_not(depth: int) -> dict[str, Any]:
    predicate: dict[str, Any] = {"type": "age", "oldest": 3}
    for _ in range(depth - 1):
        predicate = {"type": "not", "of": predicate}
    return predicate


@pytest.mark.abuse(18)
@pytest.mark.parametrize(
    ("sent", "pointer", "code"),
    [
        (asked(nested(11)), "/questions/0/when", "too-deep"),
        (asked(nested(900)), "/questions/0/when", "too-deep"),
        (asked(nested(3, 15)), "/questions/0/when", "too-many"),
        (targeted(in_not(11)), "/target/predicate", "too-deep"),
        (targeted(in_not(900)), "/target/predicate", "too-deep"),
        (targeted({"type": "any", "of": [{"type": "age"}] * 200}), "/target/predicate", "too-many"),
        ({"questions": [{}] * 101}, "/questions/0/code", "missing"),
        ({"tables": [{"question": "q0", "dimension": "age-band"}] * 11}, "/tables", "too-long"),
    ],
)
def test_what_is_too_deep_or_too_much_is_refused(sent: Any, pointer: str, code: str) -> None:
    assert told(READ, sent)[pointer] == code


def test_as_deep_and_as_much_as_is_allowed_is_read() -> None:
    READ(asked(nested(10)))
    READ(asked(nested(3, 13)))
    READ(targeted(in_not(10)))
    READ({"tables": [{"question": "q0", "dimension": "age-band"}] * 10})


@pytest.mark.abuse(33)
def test_an_edit_leaves_alone_what_it_does_not_name() -> None:
    content = a_content(about="Зачем", is_changeable=True, tables=(Table("q1", Dimension.AGE_BAND),))
    assert edited(content, READ({})) == content
    changed = edited(content, READ({"title": "Иначе", "starts_at": None, "tables": []}))
    assert changed == evolve(content, title="Иначе", starts_at=None, tables=())
    for name in ("id", "stage", "initiator", "number", "version", "promises"):
        assert told(READ, {name: "published"}) == {f"/{name}": "unknown-field"}


@pytest.mark.abuse(33)
def test_a_target_is_given_whole_so_that_nobody_opens_it_by_leaving_a_part_out() -> None:
    assert told(READ, {"target": {"accepts": "platform"}}) == {"/target/predicate": "missing"}
    assert told(READ, {"target": {"predicate": {"type": "all", "of": []}}}) == {"/target/accepts": "missing"}


def test_all_faults_of_a_content_are_told_at_once() -> None:
    question = {"code": 1, "kind": {"type": "several", "options": [{"code": "a", "words": "А", "x": 0}]}}
    assert told(
        READ,
        {
            "kind": "poll",
            "starts_at": "2026-01-01T00:00:00",
            "questions": [question, {"code": "q", "words": "?", "kind": {"type": "one-of"}}],
            "target": {"predicate": {"type": "in-group", "group": "7"}, "accepts": "rumour"},
            "tables": [{"question": "q", "dimension": "shoe-size"}],
            "series": {"topic": "snow"},
        },
    ) == {
        "/kind": "not-one-of",
        "/starts_at": "no-offset",
        "/questions/0/code": "wrong-type",
        "/questions/0/words": "missing",
        "/questions/0/kind/options/0/x": "unknown-field",
        "/questions/0/kind/most": "missing",
        "/questions/1/kind/type": "not-one-of",
        "/target/predicate/group": "bad-uuid",
        "/target/accepts": "not-one-of",
        "/tables/0/dimension": "not-one-of",
        "/series/topic": "not-one-of",
    }


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        (b"0.1", "0.1"),
        (b"2", "2"),
        (b'"0.10"', "0.10"),
        (b'"1.0000000000000000000000000000000001"', "1.0000000000000000000000000000000001"),
        (b"999999999.123456", "999999999.123456"),
        (b"-0.000001", "-0.000001"),
    ],
)
def test_numbers_are_read_digit_for_digit(sent: bytes, value: str) -> None:
    body = b'{"answers": {"q0": {"type": "number", "value": %s}}}' % sent
    sheet = sheet_of(READ_SHEET(wire.parse(body)), (), Everywhere())
    assert sheet == {"q0": Amount(Decimal(value))}
    assert as_json(sheet_out(sheet))["q0"]["value"] == value


def test_digits_beyond_what_is_asked_are_not_rounded_away() -> None:
    kind = Number(low=Decimal(0), high=Decimal(2), decimals=2)
    questions = (Question(code="q0", words="?", kind=kind),)
    sheet = {"q0": Amount(Decimal("1.0000000000000000000000000000000001"))}
    with pytest.raises(Invalid) as caught:
        checked(questions, sheet)
    assert [(f.pointer, f.code) for f in caught.value.faults] == [("/answers/q0", "out-of-bounds")]


def test_a_point_outside_the_region_is_refused() -> None:
    locator = ShapelyLocator.from_geojson(bundled_region("volgograd") / BOUNDARIES_FILE)
    questions = tuple(Question(code=code, words=code, kind=OnMap()) for code in ("in", "out", "far"))
    spots = {"in": Point(48.708, 44.513), "out": Point(55.75, 37.62), "far": Point(-48.7, 44.5)}
    sent = {"answers": as_json(sheet_out({code: Spot(point) for code, point in spots.items()}))}
    with pytest.raises(Invalid) as caught:
        sheet_of(READ_SHEET(sent), questions, locator)
    assert [(f.pointer, f.code) for f in caught.value.faults] == [
        ("/answers/out/point", "outside-region"),
        ("/answers/far/point", "outside-region"),
    ]
    assert sheet_of(READ_SHEET({"answers": {"in": sent["answers"]["in"]}}), questions, locator) == {
        "in": Spot(spots["in"])
    }
