"""What a draft becomes, and all that may be wrong with it, each problem at its place (Положение, разд. 8)."""

from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.messages import answering, moderating
from niktokromenas.domain.messages.answers import (
    AnswerDraft,
    Done,
    Explained,
    Outcome,
    Planned,
    Rating,
    Refused,
    check_answer,
)
from niktokromenas.domain.messages.content import (
    AuthorDetails,
    Checked,
    Content,
    Found,
    MessageDraft,
    Occasion,
    Place,
    check,
)
from niktokromenas.domain.messages.desks import Desk, desk_of
from niktokromenas.domain.messages.stages import Publicity, Stage
from niktokromenas.domain.values import Phone, Point
from tests.contract.building import (
    CITY,
    HERE,
    MODERATOR,
    OFFICIAL,
    ROADS,
    a_draft,
    a_message,
    a_person,
    accepted,
    an_attachment,
    doing,
    lead_id,
    placed,
    ready,
    routed,
)
from tests.contract.stores import NOON, a_region

IN_CITY = Found(municipality="18701000", neighbours=("18710000",))
VOLGOGRAD = ZoneInfo("Europe/Volgograd")
LAW = "Положение, п. 8.2"
Fault = tuple[str, str, str | None]


def faults(draft: MessageDraft, found: Found | None = IN_CITY) -> list[Fault]:
    with pytest.raises(Invalid) as refused:
        check(draft, a_region(), found, at=NOON)
    return [(fault.pointer, fault.code, fault.basis) for fault in refused.value.faults]


def test_a_draft_becomes_what_it_says() -> None:
    file = an_attachment()
    draft = MessageDraft(
        text=" Яма ",
        attachments=(file,),
        begins_at=(NOON - timedelta(days=2)).astimezone(VOLGOGRAD),
        ends_at=(NOON - timedelta(days=1)).astimezone(VOLGOGRAD),
        point=HERE,
        address=" ул. Мира, 5 ",
        place_words=" у моста ",
        category="roads.pothole",
        name=" Аня ",
        phone="8 900 123-45-67",
        circumstances=" Болею ",
        shows_circumstances=True,
        confirms_public=True,
        wishes_non_public=True,
        wish_reason=" Боюсь ",
    )
    place = Place(municipality="18701000", point=HERE, address="ул. Мира, 5", words="у моста")
    occasion = Occasion(begins_at=NOON - timedelta(days=2), ends_at=NOON - timedelta(days=1), place=place)
    made = check(draft, a_region(), IN_CITY, at=NOON)
    assert made == Checked(
        content=Content(text="Яма", occasion=occasion, attachments=(file,)),
        details=AuthorDetails(
            name="Аня", phone=Phone("+79001234567"), circumstances="Болею", shows_circumstances=True
        ),
        category="roads.pothole",
        wish_reason="Боюсь",
    )
    assert {made.content.occasion.begins_at.tzinfo, made.content.occasion.ends_at.tzinfo} == {UTC}  # type: ignore[union-attr]


def test_the_least_a_draft_says() -> None:
    file = an_attachment()
    draft = MessageDraft(
        attachments=(file,),
        begins_at=NOON,
        municipality="18710000",
        place_words="у моста",
        name=" ",
        phone="\u200b ",
        circumstances=" ",
        address=" ",
        confirms_public=True,
        wish_reason="Не желаю, но говорю",
    )
    place = Place(municipality="18710000", words="у моста")
    assert check(draft, a_region(), None, at=NOON) == Checked(
        content=Content(text="", occasion=Occasion(begins_at=NOON, place=place), attachments=(file,)),
        details=AuthorDetails(),
        category=None,
        wish_reason=None,
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"text": None}, [("/text", "no-content", LAW)]),
        ({"text": "\u200b "}, [("/text", "no-content", LAW)]),
        ({"text": "я" * 10_001}, [("/text", "too-long", None)]),
        ({"attachments": tuple(an_attachment() for _ in range(11))}, [("/attachments", "too-many", None)]),
        ({"attachments": (an_attachment(),) * 2}, [("/attachments", "repeated", None)]),
        ({"begins_at": None}, [("/occasion/begins_at", "no-time", LAW)]),
        ({"begins_at": NOON + timedelta(days=400)}, [("/occasion/begins_at", "bad-time", None)]),
        (
            {"ends_at": NOON + timedelta(days=400)},
            [("/occasion/ends_at", "bad-time", None)],
        ),
        ({"ends_at": NOON - timedelta(days=3)}, [("/occasion/ends_at", "ends-before-start", None)]),
        ({"address": "я" * 501}, [("/occasion/place/address", "too-long", None)]),
        ({"place_words": "я" * 501}, [("/occasion/place/words", "too-long", None)]),
        ({"municipality": "1"}, [("/occasion/place/municipality", "unknown-municipality", None)]),
        (
            {"municipality": "1", "point": None, "place_words": "у моста"},
            [("/occasion/place/municipality", "unknown-municipality", None)],
        ),
        (
            {"municipality": "18715000"},
            [("/occasion/place/municipality", "wrong-municipality", None)],
        ),
        ({"point": None}, [("/occasion/place", "no-place", LAW)]),
        ({"phone": "12"}, [("/author/phone", "bad-phone", None)]),
        ({"category": "no.such"}, [("/category", "unknown-category", None)]),
        ({"name": "я" * 201}, [("/author/name", "too-long", None)]),
        ({"circumstances": "я" * 2001}, [("/author/circumstances", "too-long", None)]),
        ({"shows_phone": True}, [("/author/shows_phone", "nothing-to-show", None)]),
        ({"shows_phone": True, "phone": " "}, [("/author/shows_phone", "nothing-to-show", None)]),
        ({"confirms_public": False}, [("/confirms_public", "not-confirmed", "Положение, п. 8.4")]),
        ({"wishes_non_public": True}, [("/wish_reason", "no-reason", None)]),
        ({"wishes_non_public": True, "wish_reason": "\u200b"}, [("/wish_reason", "no-reason", None)]),
        ({"wish_reason": "я" * 501}, [("/wish_reason", "too-long", None)]),
    ],
)
def test_each_problem_is_told_at_its_place(changes: dict[str, Any], expected: list[Fault]) -> None:
    assert faults(a_draft(**changes)) == expected


def test_a_point_outside_the_region_is_told_alone() -> None:
    assert faults(a_draft(), None) == [("/occasion/place/point", "out-of-region", None)]
    assert faults(a_draft(municipality="18701000"), None) == [
        ("/occasion/place/point", "out-of-region", None)
    ]


def test_near_a_border_the_author_says_where_it_is() -> None:
    for stated, municipality in ((None, "18701000"), ("18701000", "18701000"), ("18710000", "18710000")):
        made = check(a_draft(municipality=stated), a_region(), IN_CITY, at=NOON)
        assert made.content.occasion.place.municipality == municipality


def test_many_problems_are_told_in_the_order_of_the_form() -> None:
    draft = MessageDraft(phone="12", category="no.such", name="я" * 201)
    assert [pointer for pointer, _, _ in faults(draft)] == [
        "/text",
        "/occasion/begins_at",
        "/occasion/place",
        "/author/phone",
        "/category",
        "/author/name",
        "/confirms_public",
    ]


TODAY = NOON.date()


@pytest.mark.parametrize(
    ("text", "outcome", "expected"),
    [
        (None, Done(), [("/text", "no-content", "Положение, п. 1.3")]),
        (" ", Done(), [("/text", "no-content", "Положение, п. 1.3")]),
        ("я" * 20_001, Done(), [("/text", "too-long", None)]),
        ("Да", Planned(TODAY - timedelta(days=1)), [("/outcome/by", "past-date", None)]),
        ("Да", Planned(TODAY + timedelta(days=4000)), [("/outcome/by", "too-far", None)]),
        ("Нет", Refused("\u200b "), [("/outcome/reason", "no-reason", "Положение, п. 4.5")]),
        (
            None,
            Refused(""),
            [
                ("/text", "no-content", "Положение, п. 1.3"),
                ("/outcome/reason", "no-reason", "Положение, п. 4.5"),
            ],
        ),
    ],
)
def test_what_an_answer_lacks_is_told_at_its_place(
    text: str | None, outcome: Outcome, expected: list[Fault]
) -> None:
    with pytest.raises(Invalid) as refused:
        check_answer(AnswerDraft(text=text, outcome=outcome), today=TODAY)
    assert [(fault.pointer, fault.code, fault.basis) for fault in refused.value.faults] == expected


@pytest.mark.parametrize("outcome", [Done(), Explained(), Refused("Нет средств"), Planned(TODAY)])
def test_an_answer_of_each_outcome_may_be_given(outcome: Outcome) -> None:
    check_answer(AnswerDraft(text="я" * 20_000, outcome=outcome), today=TODAY)
    check_answer(AnswerDraft(text=None, outcome=outcome, attachments=(an_attachment(),)), today=TODAY)


@pytest.mark.clause("4.7-rate")
def test_what_is_wrong_with_a_rating_is_told_at_once() -> None:
    for value in (0, 6):
        with pytest.raises(Invalid) as refused:
            Rating(value=value, comment="я" * 2001, at=NOON)
        assert [(fault.pointer, fault.code, fault.basis) for fault in refused.value.faults] == [
            ("/value", "bad-rating", "Положение, п. 4.7"),
            ("/comment", "too-long", None),
        ]
    assert [Rating(value=value, comment="я" * 2000, at=NOON).is_bad for value in range(1, 6)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_each_desk_says_whose_it_is_and_what_is_to_be_done() -> None:
    new = a_message(a_person())
    assert desk_of(new) == Desk("moderator", "moderate", new.moderation_due)  # type: ignore[arg-type]
    taken_in = accepted(new)
    assert desk_of(taken_in) == Desk("moderator", "route", taken_in.routing_due)  # type: ignore[arg-type]
    waiting = routed(taken_in, CITY, ROADS)
    assert desk_of(waiting) is None
    finished = ready(waiting)
    due = finished.assignments[0].placing_due
    assert due is not None
    assert desk_of(finished) == Desk("moderator", "place", due)
    for is_with_coordinator, desk in ((True, "coordinator"), (False, "moderator")):
        back = evolve(waiting, routing_due=NOON, is_with_coordinator=is_with_coordinator)
        assert desk_of(back) == Desk(desk, "re-route", NOON)
    other = waiting.assignments[1]
    contributed = waiting.replacing(evolve(other, placing_due=due))
    assert desk_of(contributed) is None
    answered = placed(ready(waiting))
    late = answered.replacing(evolve(other, placing_due=due))
    assert desk_of(late) == Desk("moderator", "place-contribution", due)
    masks = evolve(late, masks_due=due - timedelta(days=1))
    assert desk_of(masks) == Desk("moderator", "check-masks", due - timedelta(days=1))
    assert desk_of(evolve(masks, masks_due=due + timedelta(days=1))) == desk_of(late)
    assert desk_of(evolve(new, stage=Stage.WITHDRAWN)) is None
    assert desk_of(evolve(new, moderation_due=None)) is None


def test_a_wish_for_a_longer_term_lies_on_the_desk_until_the_term() -> None:
    message = routed(accepted(a_message(a_person())))
    lead = lead_id(message)
    message = answering.take(message, lead, doing(OFFICIAL))
    message = answering.ask_prolongation(message, lead, "Ждём", 3, doing(OFFICIAL))
    assert desk_of(message) == Desk("moderator", "decide-prolongation", message.assignment(lead).due_at)


def test_what_is_not_decided_has_no_publicity() -> None:
    for act in (
        lambda: moderating.accept(
            a_message(a_person()), "roads", Publicity.UNDECIDED, None, doing(MODERATOR)
        ),
        lambda: moderating.set_publicity(
            accepted(a_message(a_person())), Publicity.UNDECIDED, None, doing(MODERATOR)
        ),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert [(f.pointer, f.code, f.basis) for f in refused.value.faults] == [
            ("/publicity", "undecided", "Положение, п. 4.6")
        ]
    with pytest.raises(Invalid) as refused:
        moderating.reject(a_message(a_person()), (), "Так", doing(MODERATOR))
    assert [(f.pointer, f.code, f.basis) for f in refused.value.faults] == [
        ("/grounds", "no-grounds", "Правила модерации")
    ]


def test_a_point_alone_is_a_place() -> None:
    made = check(a_draft(address=None, point=Point(48.7, 44.5)), a_region(), IN_CITY, at=NOON)
    assert made.content.occasion.place == Place(municipality="18701000", point=Point(48.7, 44.5))
