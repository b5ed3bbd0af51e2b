"""Signs that nobody sees, and those that make a text read as another (UAX #9; UTS #39)."""

import re
from collections.abc import Iterator

from niktokromenas.domain.errors import Fault
from niktokromenas.domain.values import is_blank

_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufff9-\ufffb"
_TURNERS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = r"\u180e\u200b\u200c\u2060-\u2065\u206a-\u206f\ufeff"
_JOINER = r"\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
"""It belongs between pictures alone: several of them are shown as one."""
_TEXT = re.compile(f"[{_CONTROLS}{_TURNERS}{_UNSEEN}]|{_JOINER}")
_LINE = re.compile(rf"[{_CONTROLS}{_TURNERS}{_UNSEEN}\t\n\r\u00ad\u2028\u2029]|{_JOINER}")


def hidden_faults(text: str | None, pointer: str, *, is_line: bool = False) -> Iterator[Fault]:
    """`hidden-character`, of the first one. A text may have lines, tabs and soft hyphens, a line may not.

    Of a blank text it is told elsewhere that it is blank.
    """
    if text is None or is_blank(text):
        return
    found = (_LINE if is_line else _TEXT).search(text)
    if found is not None:
        place = found.start() + 1
        detail = f"Уберите знак, которого не видно или который меняет направление письма: {place}-й по счёту"
        yield Fault(pointer, "hidden-character", detail)
