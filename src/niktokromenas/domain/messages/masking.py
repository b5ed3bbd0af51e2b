"""Hiding parts of a message from everyone but those who process it (п. 4.6, 8.3; 152-FZ, art. 10.1).

The moderator may hide before accepting: what is accepted as public is public at once (ADR 0015).
"""

from collections.abc import Iterator

from attrs import evolve

from niktokromenas.domain.errors import Fault, refuse
from niktokromenas.domain.messages.answers import Answer
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.messages.content import Content
from niktokromenas.domain.messages.masks import NO_MASKS, Masks, PictureMask, Span, covered
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing, moved
from niktokromenas.domain.messages.stages import Act
from niktokromenas.domain.messages.visibility import ORIGINALS, View

MAX_SPANS = 200
MAX_REGIONS = 50
MASKED_NAME = "снимок"


def mask(message: Message, masks: Masks, words: str | None, doing: Doing) -> Message:
    """Hide exactly this from now on, in place of what was hidden before. Raises `Invalid`."""
    why = words_or_refuse(words, "/words", "Объясните, что и почему скрыто")
    after = moved(message, Act.MASK, evolve(doing, words=why, document=doing.rules.moderation_words))
    refuse([*_text_faults(message, masks), *_attachment_faults(message, masks)])
    return evolve(after, masks=masks, masks_due=None)


def _text_faults(message: Message, masks: Masks) -> Iterator[Fault]:
    yield from _span_faults("/text", masks.text, message.content.text)
    answers = {a.id: a.answer for a in message.assignments if a.answer is not None}
    for index, answer_mask in enumerate(masks.answers):
        answer = answers.get(answer_mask.assignment_id)
        if answer is None:
            yield Fault(f"/answers/{index}/assignment", "no-answer", "У этого поручения нет ответа")
        else:
            yield from _span_faults(f"/answers/{index}/spans", answer_mask.spans, answer.text)
    if len({m.assignment_id for m in masks.answers}) != len(masks.answers):
        yield Fault("/answers", "repeated", "Ответ назван дважды")


def _span_faults(pointer: str, spans: tuple[Span, ...], text: str) -> Iterator[Fault]:
    if len(spans) > MAX_SPANS:
        yield Fault(pointer, "too-many", f"Не больше {MAX_SPANS} скрытых мест")
    for index, span in enumerate(spans):
        if span.end > len(text):
            yield Fault(f"{pointer}/{index}", "outside-text", "Скрытое место выходит за конец текста")


def _attachment_faults(message: Message, masks: Masks) -> Iterator[Fault]:
    known = {attachment.id: attachment for attachment in all_attachments(message)}
    for index, picture in enumerate(masks.pictures):
        attachment = known.get(picture.attachment_id)
        if attachment is None or not attachment.media_type.is_picture:
            yield Fault(f"/pictures/{index}/attachment", "not-a-picture", "Такого снимка у сообщения нет")
        if not 1 <= len(picture.regions) <= MAX_REGIONS:
            yield Fault(f"/pictures/{index}/regions", "bad-count", f"От одной до {MAX_REGIONS} областей")
    if len({picture.attachment_id for picture in masks.pictures}) != len(masks.pictures):
        yield Fault("/pictures", "repeated", "Снимок назван дважды")
    for index, attachment_id in enumerate(masks.hidden):
        if attachment_id not in known:
            yield Fault(f"/hidden/{index}", "unknown-attachment", "Такого вложения у сообщения нет")


def all_attachments(message: Message) -> tuple[Attachment, ...]:
    """Of the message and of every answer, placed or not."""
    answers = (a.answer for a in message.assignments if a.answer is not None)
    return message.content.attachments + tuple(x for answer in answers for x in answer.attachments)


def as_public(message: Message) -> Message:
    """The message as everyone may have it: nothing of what is hidden is in it any more."""
    if message.masks == NO_MASKS:
        return message
    return evolve(
        message,
        content=_public_content(message),
        assignments=tuple(evolve(a, answer=_public_answer(message, a)) for a in message.assignments),
        masks=NO_MASKS,
    )


def as_seen(message: Message, view: View) -> Message:
    """The original for the author and those who process it, for all others the public one."""
    return message if view in ORIGINALS else as_public(message)


def _public_content(message: Message) -> Content:
    masks, content = message.masks, message.content
    if masks.hides_place_words:
        place = evolve(content.occasion.place, address=None, words=None)
        content = evolve(content, occasion=evolve(content.occasion, place=place))
    return evolve(content, text=message.public_text, attachments=_public(content.attachments, masks))


def _public_answer(message: Message, assignment: Assignment) -> Answer | None:
    answer = assignment.answer
    if answer is None:
        return None
    return evolve(
        answer,
        text=covered(answer.text, message.masks.of_answer(assignment.id)),
        attachments=_public(answer.attachments, message.masks),
    )


def _public(attachments: tuple[Attachment, ...], masks: Masks) -> tuple[Attachment, ...]:
    left = (attachment for attachment in attachments if attachment.id not in masks.hidden)
    return tuple(_painted(attachment, masks.of_picture(attachment.id)) for attachment in left)


def _painted(attachment: Attachment, mask: PictureMask | None) -> Attachment:
    """The painted copy in place of the picture, under a name that tells nothing."""
    if mask is None:
        return attachment
    copy, extension = mask.copy, attachment.name.rpartition(".")[2]
    return evolve(
        attachment,
        name=f"{MASKED_NAME}.{extension}",
        key=copy.key,
        thumbnail_key=copy.thumbnail_key,
        size=copy.size,
        sha256=copy.sha256,
    )
