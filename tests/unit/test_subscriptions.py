"""Following an area or a category, joining and following a message (ADR 0023)."""

from datetime import timedelta
from math import cos, radians

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.errors import DomainError, Invalid
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.following import (
    JOINABLE,
    MADE_PUBLIC,
    Following,
    FollowingKind,
    NotPublic,
    OwnFollowing,
    TooLateToJoin,
    require_may_take_up,
    told_of,
)
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.stages import Stage
from niktokromenas.domain.messages.subscriptions import MOST_METRES, Circle, Scope, keys_of
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.values import Point
from tests.contract.building import HERE, a_message, a_person, accepted, closed, placed, ready, routed
from tests.contract.stores import NOON

CITY_AREA = "18701000"
PUBLIC = accepted(a_message(a_person()))
CIRCLE = Circle(centre=HERE, metres=500)


def at(point: Point | None, category: str | None = "roads.pothole") -> Message:
    place = evolve(PUBLIC.content.occasion.place, point=point)
    occasion = evolve(PUBLIC.content.occasion, place=place)
    return evolve(PUBLIC, content=evolve(PUBLIC.content, occasion=occasion), category=category)


@pytest.mark.parametrize("metres", [-1, 0, 99, MOST_METRES + 1])
def test_a_circle_is_neither_a_point_nor_a_town(metres: int) -> None:
    with pytest.raises(Invalid) as refused:
        Circle(centre=HERE, metres=metres)
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/circle/metres", "bad-radius")]


def test_a_circle_holds_its_rim() -> None:
    other = Point(HERE.lat + 0.001, HERE.lon)
    metres = round(HERE.metres_to(other))
    assert Circle(centre=HERE, metres=metres + 1).holds(other)
    assert not Circle(centre=HERE, metres=metres - 1).holds(other)
    assert {Circle(centre=HERE, metres=m).metres for m in (100, MOST_METRES)} == {100, 5000}
    assert Circle(centre=HERE, metres=100).holds(HERE)


def test_a_scope_names_something_and_one_place_at_most() -> None:
    with pytest.raises(Invalid) as refused:
        Scope()
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("", "empty-scope")]
    with pytest.raises(Invalid) as refused:
        Scope(municipality=CITY_AREA, circle=CIRCLE, category="roads")
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/circle", "two-places")]
    for parts in ({"municipality": CITY_AREA}, {"circle": CIRCLE}, {"category": "roads"}):
        Scope(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "concerns"),
    [
        (Scope(municipality=CITY_AREA), True),
        (Scope(municipality="18710000"), False),
        (Scope(category="roads"), True),
        (Scope(category="roads.pothole"), True),
        (Scope(category="roads.repair"), False),
        (Scope(category="waste"), False),
        (Scope(circle=CIRCLE), True),
        (Scope(circle=Circle(centre=Point(48.8, 44.5), metres=500)), False),
        (Scope(municipality=CITY_AREA, category="waste"), False),
        (Scope(municipality="18710000", category="roads"), False),
        (Scope(circle=CIRCLE, category="waste"), False),
        (Scope(circle=CIRCLE, category="roads"), True),
        (Scope(municipality=CITY_AREA, category="roads"), True),
    ],
)
def test_all_given_parts_must_hold(scope: Scope, concerns: bool) -> None:
    assert scope.concerns(PUBLIC) is concerns
    assert scope.key in keys_of(PUBLIC) or not concerns


def test_a_message_without_a_point_lies_in_no_circle_and_one_without_a_topic_in_none() -> None:
    nowhere = at(None)
    assert not Scope(circle=CIRCLE).concerns(nowhere)
    assert Scope(municipality=CITY_AREA).concerns(nowhere)
    assert keys_of(nowhere) == {
        f"{area}|{topic}" for area in ("*", CITY_AREA) for topic in ("*", "roads.pothole", "roads")
    }
    topicless = at(None, None)
    assert keys_of(topicless) == {"*|*", f"{CITY_AREA}|*"}
    assert Scope(municipality=CITY_AREA).concerns(topicless)
    assert not Scope(category="roads").concerns(topicless)
    deep = at(None, "roads.pothole.deep")
    assert Scope(category="roads").concerns(deep)
    assert not Scope(category="roads.pothole").concerns(deep)
    assert Scope(category="roads").key in keys_of(deep)


def test_keys_are_the_cells_around_the_point() -> None:
    topicless = at(Point(48.71, -0.05), None)
    cells = {f"@{lat},{lon}|*" for lat in (486, 487, 488) for lon in (-2, -1, 0)}
    assert keys_of(topicless) == cells | {"*|*", f"{CITY_AREA}|*"}
    assert Scope(circle=Circle(centre=Point(48.71, -0.05), metres=100)).key == "@487,-1|*"


POINTS = st.builds(Point, st.floats(-60, 60), st.floats(-179, 179))


@given(POINTS, st.integers(100, MOST_METRES), st.floats(-1, 1), st.floats(-1, 1))
def test_whatever_a_scope_concerns_is_found_by_its_key(
    centre: Point, metres: int, north: float, east: float
) -> None:
    reach = metres / 111_000
    point = Point(centre.lat + north * reach, centre.lon + east * reach / cos(radians(centre.lat)))
    scope = Scope(circle=Circle(centre=centre, metres=metres), category="roads")
    message = at(point)
    assert not scope.concerns(message) or scope.key in keys_of(message)


def test_equal_scopes_alone_have_the_same_words() -> None:
    scopes = [
        Scope(municipality="1"),
        Scope(category="1"),
        Scope(circle=CIRCLE),
        Scope(circle=evolve(CIRCLE, metres=501)),
        Scope(circle=evolve(CIRCLE, centre=Point(HERE.lat + 0.001, HERE.lon))),
        Scope(circle=CIRCLE, category="1"),
        Scope(municipality="1", category="1"),
    ]
    assert len({scope.words for scope in scopes}) == len(scopes)
    assert Scope(circle=evolve(CIRCLE)).words == Scope(circle=CIRCLE).words == "|48.70710,44.51690,500|"


def test_others_join_while_it_matters_and_follow_as_long_as_it_is_public() -> None:
    other, join, follow = ParticipantId(new_id()), FollowingKind.JOIN, FollowingKind.FOLLOW
    hidden = accepted(a_message(a_person()), public=False)
    answered = placed(ready(routed(PUBLIC)))
    refusals: list[tuple[Message, ParticipantId, FollowingKind, type[DomainError]]] = [
        (hidden, hidden.author.participant_id, join, OwnFollowing),
        (hidden, other, follow, NotPublic),
        (answered, other, join, TooLateToJoin),
    ]
    for message, who, kind, refusal in refusals:
        with pytest.raises(refusal):
            require_may_take_up(message, who, kind)
    for stage in (PUBLIC, routed(PUBLIC)):
        assert stage.stage in JOINABLE
        require_may_take_up(stage, other, join)
    for stage in (PUBLIC, answered, closed(a_message(a_person()))):
        require_may_take_up(stage, other, follow)


@given(st.lists(st.tuples(st.sampled_from(FollowingKind), st.booleans())))
def test_joining_and_following_are_set_apart(acts: list[tuple[FollowingKind, bool]]) -> None:
    stands = Following(message_id=PUBLIC.id, participant_id=ParticipantId(new_id()), since=NOON)
    set_to = dict.fromkeys(FollowingKind, False)
    for kind, to in acts:
        stands, set_to[kind] = stands.setting(kind, to=to), to
        assert {each: stands.is_set(each) for each in FollowingKind} == set_to
        assert stands.is_empty is not any(set_to.values())
    assert (stands.message_id, stands.since) == (PUBLIC.id, NOON)


@pytest.mark.clause("8.5")
def test_followers_hear_what_the_public_history_tells() -> None:
    later = NOON + timedelta(days=1)
    answered = placed(ready(routed(PUBLIC, at=later), at=later), at=later)
    finished = closed(a_message(a_person()))
    assert finished.stage is Stage.CLOSED
    assert {
        act: told_of(answered, act) for act in ("route", "place", "report-promise", "rate", "close", "take")
    } == {
        "route": NoticeKind.FOLLOWED_ROUTED,
        "place": NoticeKind.FOLLOWED_ANSWERED,
        "report-promise": NoticeKind.FOLLOWED_REPORTED,
        "rate": None,
        "close": None,
        "take": None,
    }
    assert {told_of(finished, act) for act in ("rate", "close")} == {NoticeKind.FOLLOWED_CLOSED}
    assert {told_of(PUBLIC, act) for act in MADE_PUBLIC} == {NoticeKind.NEW_NEARBY}
    hidden = accepted(a_message(a_person()), public=False)
    assert {told_of(hidden, act) for act in (*MADE_PUBLIC, "route", "place")} == {None}
