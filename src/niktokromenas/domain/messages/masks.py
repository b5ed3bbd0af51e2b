"""What of a message is hidden from everyone: ranges of text, regions of pictures (Положение, п. 8.3, 8.5)."""

from attrs import field, frozen

from niktokromenas.domain.errors import Fault, refuse

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


def covered(text: str, spans: tuple[Span, ...]) -> str:
    """The text with each hidden character covered; line breaks stay."""
    letters = list(text)
    for span in spans:
        for place in range(span.start, min(span.end, len(letters))):
            if letters[place] != "\n":
                letters[place] = COVER
    return "".join(letters)
