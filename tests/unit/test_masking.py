"""What is masked nobody else gets (Положение, п. 4.6, 8.3, 8.5)."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.messages import answering, authoring, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done
from niktokromenas.domain.messages.attachments import MediaType
from niktokromenas.domain.messages.content import Found, check
from niktokromenas.domain.messages.masking import as_public, as_seen, mask
from niktokromenas.domain.messages.masks import (
    COVER,
    NO_MASKS,
    AnswerMask,
    MaskedCopy,
    Masks,
    PictureMask,
    Rectangle,
    Span,
    covered,
)
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import IllegalMove, OwnMessage
from niktokromenas.domain.messages.visibility import View
from niktokromenas.domain.values import Point
from niktokromenas.ports.journal import journal_item
from tests.contract.building import (
    HERE,
    MODERATOR,
    OFFICIAL,
    a_draft,
    a_message,
    a_person,
    accepted,
    an_attachment,
    author_of,
    doing,
    placed,
    ready,
    routed,
)
from tests.contract.stores import NOON, a_region

SECRET = "8 900 123-45-67"
TEXT = f"Яма у дома, звоните {SECRET}, спросите Анну"
HIDES = Masks(text=(Span(TEXT.index(SECRET), TEXT.index(SECRET) + len(SECRET)),))
REGION = Rectangle(0.1, 0.1, 0.5, 0.5)
COPY = MaskedCopy(key="c" * 32, thumbnail_key="d" * 32, size=900, sha256="b" * 64)


def masked(message: Message, masks: Masks, words: str | None = "Телефон") -> Message:
    return mask(message, masks, words, doing(MODERATOR))


def a_told(**changes: Any) -> Message:
    return a_message(a_person(), text=TEXT, **changes)


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(1, 20)), max_size=4))
def test_covering_hides_each_character_and_keeps_the_rest(text: str, spans: list[tuple[int, int]]) -> None:
    ranges = tuple(Span(start, start + length) for start, length in spans)
    shown = covered(text, ranges)
    assert len(shown) == len(text)
    for place, (before, after) in enumerate(zip(text, shown, strict=True)):
        hides = any(span.start <= place < span.end for span in ranges)
        assert after == (COVER if hides and before != "\n" else before)


@pytest.mark.clause("4.6-publicity")
def test_a_masked_word_is_in_no_public_form_of_the_message() -> None:
    message = accepted(masked(a_told(), HIDES))
    assert SECRET in message.content.text
    assert SECRET not in repr(as_public(message))
    assert SECRET not in journal_item(message).excerpt
    assert SECRET not in message.public_text
    assert as_public(message).masks == NO_MASKS


@pytest.mark.parametrize("view", View)
def test_the_original_is_for_the_author_and_those_who_process_it(view: View) -> None:
    message = accepted(masked(a_told(), HIDES))
    gets_it = SECRET in as_seen(message, view).content.text
    assert gets_it == (view in (View.OWN, View.DESK, View.OFFICE))


def test_the_moderator_hides_before_what_is_accepted_is_public_at_once() -> None:
    message = masked(a_told(), HIDES)
    assert message.stage == "submitted"
    assert SECRET not in journal_item(accepted(message)).excerpt


def test_a_painted_copy_stands_in_place_of_the_picture_under_a_name_that_tells_nothing() -> None:
    picture, other = an_attachment("паспорт Иванова.jpg"), an_attachment()
    message = a_told(attachments=(picture, other))
    masks = Masks(pictures=(PictureMask(picture.id, (REGION,), COPY),))
    shown, untouched = as_public(masked(message, masks)).content.attachments
    assert (shown.id, shown.key, shown.thumbnail_key) == (picture.id, COPY.key, COPY.thumbnail_key)
    assert (shown.size, shown.sha256, shown.name) == (COPY.size, COPY.sha256, "снимок.jpg")
    assert untouched == other


def test_a_hidden_attachment_is_not_there_and_is_no_thumbnail() -> None:
    picture, other = an_attachment(), an_attachment()
    message = masked(a_told(attachments=(picture, other)), Masks(hidden=(picture.id,)))
    assert as_public(message).content.attachments == (other,)
    assert journal_item(message).thumbnail == other.id


def test_hidden_place_words_leave_the_point() -> None:
    message = masked(a_told(address="ул. Мира, 5, кв. 8"), Masks(hides_place_words=True))
    place = as_public(message).content.occasion.place
    assert (place.address, place.words, place.point) == (None, None, Point(HERE.lat, HERE.lon))
    assert journal_item(message).address is None


def test_an_answer_is_masked_before_it_is_placed_and_its_new_text_is_not() -> None:
    at_hand = ready(routed(accepted(a_told())))
    lead = at_hand.lead
    assert lead is not None
    hidden = masked(at_hand, Masks(answers=(AnswerMask(lead.id, (Span(0, 3),)),)))
    [answer] = as_public(placed(hidden)).placed
    assert answer.answer is not None
    assert answer.answer.text == COVER * 3 + "елали"
    back = moderating.return_answer(hidden, lead.id, "Подробнее", doing(MODERATOR))
    draft = AnswerDraft(text="Всё заделали", outcome=Done())
    again = answering.prepare(back, lead.id, draft, needs_approval=False, doing=doing(OFFICIAL))
    assert again.masks == NO_MASKS


def test_a_new_edition_is_looked_at_anew() -> None:
    asked = moderating.ask_clarification(masked(a_told(), HIDES), "Где?", doing(MODERATOR))
    checked = check(a_draft(), a_region(), Found(municipality="18701000"), at=NOON)
    assert authoring.clarify(asked, checked, doing(author_of(asked))).masks == NO_MASKS


BAD: dict[str, tuple[Masks, str]] = {
    "behind the end": (Masks(text=(Span(0, len(TEXT) + 1),)), "outside-text"),
    "too many": (Masks(text=tuple(Span(0, 1) for _ in range(201))), "too-many"),
    "no such answer": (Masks(answers=(AnswerMask(a_told().id, (Span(0, 1),)),)), "no-answer"),  # type: ignore[arg-type]
    "no such attachment": (Masks(hidden=(an_attachment().id,)), "unknown-attachment"),
    "no such picture": (Masks(pictures=(PictureMask(an_attachment().id, (REGION,), COPY),)), "not-a-picture"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_the_message_is_refused(name: str) -> None:
    masks, code = BAD[name]
    with pytest.raises(Invalid) as refused:
        masked(a_told(), masks)
    assert code in {fault.code for fault in refused.value.faults}


@given(st.tuples(*(st.floats(-1, 2) | st.just(float("nan")) for _ in range(4))))
def test_a_region_lies_inside_its_picture(edges: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = edges
    fits = 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    if fits:
        assert Rectangle(*edges).left == left
    else:
        with pytest.raises(Invalid):
            Rectangle(*edges)


def test_a_mask_is_explained_and_written_down_and_nobody_masks_their_own() -> None:
    message = a_told()
    with pytest.raises(Invalid):
        masked(message, HIDES, "  ")
    entry = masked(message, HIDES).entries[-1]
    assert (entry.act, entry.words) == ("mask", "Телефон")
    own = evolve(MODERATOR, participant_id=message.author.participant_id)
    with pytest.raises(OwnMessage):
        mask(message, HIDES, "Телефон", doing(own))
    with pytest.raises(IllegalMove):
        masked(authoring.withdraw(message, doing(author_of(message))), HIDES)


def _picture_mask(attachment_id: Any, count: int = 1) -> PictureMask:
    return PictureMask(attachment_id, (REGION,) * count, COPY)


def test_everything_that_does_not_fit_is_told_at_its_place() -> None:
    picture = an_attachment()
    document = evolve(an_attachment(), name="паспорт.pdf", media_type=MediaType.PDF)
    message = ready(routed(accepted(a_told(attachments=(picture, document)))))
    lead = message.assignments[0].id
    answer = message.assignments[0].answer
    assert answer is not None
    unknown: Any = an_attachment().id
    masks = Masks(
        text=(Span(0, 1), Span(0, len(TEXT) + 1)),
        answers=(
            AnswerMask(lead, (Span(0, len(answer.text) + 1),)),
            AnswerMask(unknown, (Span(0, 1),)),
            AnswerMask(lead, ()),
        ),
        pictures=(
            _picture_mask(picture.id, 0),
            _picture_mask(document.id),
            _picture_mask(unknown, 51),
            _picture_mask(picture.id),
        ),
        hidden=(document.id, unknown),
    )
    with pytest.raises(Invalid) as refused:
        masked(message, masks)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        ("/text/1", "outside-text"),
        ("/answers/0/spans/0", "outside-text"),
        ("/answers/1/assignment", "no-answer"),
        ("/answers", "repeated"),
        ("/pictures/0/regions", "bad-count"),
        ("/pictures/1/attachment", "not-a-picture"),
        ("/pictures/2/attachment", "not-a-picture"),
        ("/pictures/2/regions", "bad-count"),
        ("/pictures", "repeated"),
        ("/hidden/1", "unknown-attachment"),
    ]
    for masks, pointer in (
        (Masks(text=(Span(0, 1),) * 201), "/text"),
        (Masks(answers=(AnswerMask(lead, (Span(0, 1),) * 201),)), "/answers/0/spans"),
    ):
        with pytest.raises(Invalid) as refused:
            masked(message, masks)
        assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, "too-many")]


def test_what_just_fits_is_hidden() -> None:
    picture, document = an_attachment(), evolve(an_attachment(), name="паспорт.pdf", media_type=MediaType.PDF)
    message = ready(routed(accepted(a_told(attachments=(picture, document)))))
    lead, answer = message.assignments[0], message.assignments[0].answer
    assert answer is not None
    attached = answer.attachments[0]
    masks = Masks(
        text=(Span(0, len(TEXT)),) * 200,
        answers=(AnswerMask(lead.id, (Span(0, len(answer.text)),) * 200),),
        pictures=(_picture_mask(picture.id, 50), _picture_mask(attached.id)),
        hidden=(document.id,),
    )
    shown = as_public(masked(message, masks))
    assert set(shown.content.text) == {COVER}
    [painted] = shown.content.attachments
    own = shown.assignments[0].answer
    assert own is not None
    [answered] = own.attachments
    assert (painted.id, painted.key, answered.id, answered.key) == (
        picture.id,
        COPY.key,
        attached.id,
        COPY.key,
    )
    assert own == evolve(answer, text=COVER * len(answer.text), attachments=(answered,))
    hidden = as_public(masked(message, Masks(hidden=(attached.id,)))).assignments[0].answer
    assert hidden == evolve(answer, attachments=())


def test_a_painted_copy_keeps_only_the_ending_of_the_name() -> None:
    picture = an_attachment("паспорт.Иванова.jpg")
    shown = as_public(masked(a_told(attachments=(picture,)), Masks(pictures=(_picture_mask(picture.id),))))
    assert [a.name for a in shown.content.attachments] == ["снимок.jpg"]


def test_hidden_words_of_a_place_without_a_point_are_gone() -> None:
    message = a_told(point=None, municipality="18701000", place_words="у дома 5", address=None)
    place = as_public(masked(message, Masks(hides_place_words=True))).content.occasion.place
    assert (place.address, place.words, place.municipality) == (None, None, "18701000")
    assert as_public(masked(message, HIDES)).content.occasion.place == message.content.occasion.place


@pytest.mark.parametrize("edges", [(-1, 1), (0, 0), (3, 2), (3, 3)])
def test_a_span_has_a_length(edges: tuple[int, int]) -> None:
    with pytest.raises(Invalid) as refused:
        Span(*edges)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/text", "bad-span")]
    assert Span(0, 1).end == 1


@pytest.mark.parametrize(
    "edges",
    [
        (-0.1, 0, 1, 1),
        (0, -0.1, 1, 1),
        (0, 0, 1.1, 1),
        (0, 0, 1, 1.1),
        (0.5, 0, 0.5, 1),
        (0, 0.5, 1, 0.5),
        (0.6, 0, 0.5, 1),
        (0, 0.6, 1, 0.5),
    ],
)
def test_a_region_has_a_size_and_ends_with_its_picture(edges: tuple[float, float, float, float]) -> None:
    with pytest.raises(Invalid) as refused:
        Rectangle(*edges)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/regions", "bad-region")]
    assert Rectangle(0, 0, 1, 1).right == 1


def test_masks_are_found_by_what_they_hide() -> None:
    one, two, three = (an_attachment().id for _ in range(3))
    answers: Any = (AnswerMask(one, (Span(0, 1),)), AnswerMask(two, (Span(1, 2),)))  # type: ignore[arg-type]
    masks = Masks(answers=answers, pictures=(_picture_mask(one), _picture_mask(two, 2)), hidden=(three,))
    found: Any = masks
    assert [found.of_answer(each) for each in (one, two, three)] == [(Span(0, 1),), (Span(1, 2),), ()]
    assert [found.of_picture(each) for each in (one, two, three)] == [*masks.pictures, None]
    assert found.without_answer(one) == evolve(masks, answers=answers[1:])
    assert found.without_answer(three) == masks
