"""What of a message is hidden from everyone: ranges of text, regions of pictures (Положение, п. 8.3, 8.5)."""

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Fault, refuse
from niktokromenas.domain.ids import AssignmentId, AttachmentId

COVER = "█"


@frozen(order=True)
class Span:
    """Characters of the text, [start, end), counted in code points."""

    start: int
    end: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            refuse([Fault("/text", "bad-span", "Начало скрытого места должно быть раньше его конца")])


@frozen
class Rectangle:
    """A region of a picture in shares of its width and height, 0 to 1 from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def __attrs_post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            refuse([Fault("/regions", "bad-region", "Область должна лежать внутри снимка")])


@frozen(kw_only=True)
class MaskedCopy:
    """A picture with its regions painted over, stored beside the original."""

    key: str = field(repr=False)
    thumbnail_key: str = field(repr=False)
    size: int
    """Bytes."""
    sha256: str


@frozen
class PictureMask:
    attachment_id: AttachmentId
    regions: tuple[Rectangle, ...]
    copy: MaskedCopy


@frozen
class AnswerMask:
    assignment_id: AssignmentId
    spans: tuple[Span, ...]


@frozen(kw_only=True)
class Masks:
    """Everything hidden in one message and its answers; the originals stay for those who process it."""

    text: tuple[Span, ...] = ()
    answers: tuple[AnswerMask, ...] = ()
    pictures: tuple[PictureMask, ...] = ()
    hidden: tuple[AttachmentId, ...] = ()
    """Attachments that nobody else gets at all."""
    hides_place_words: bool = False
    """The address and the description of the place; the point stays."""

    def of_answer(self, assignment_id: AssignmentId) -> tuple[Span, ...]:
        return next((mask.spans for mask in self.answers if mask.assignment_id == assignment_id), ())

    def of_picture(self, attachment_id: AttachmentId) -> PictureMask | None:
        return next((mask for mask in self.pictures if mask.attachment_id == attachment_id), None)

    def without_answer(self, assignment_id: AssignmentId) -> "Masks":
        """For when the answer is written anew: its old ranges mean nothing in the new text."""
        return evolve(self, answers=tuple(m for m in self.answers if m.assignment_id != assignment_id))


NO_MASKS = Masks()


def covered(text: str, spans: tuple[Span, ...]) -> str:
    """The text with each hidden character covered; line breaks stay."""
    letters = list(text)
    for span in spans:
        for place in range(span.start, min(span.end, len(letters))):
            if letters[place] != "\n":
                letters[place] = COVER
    return "".join(letters)
