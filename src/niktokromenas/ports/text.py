"""What programs can tell about Russian words, so that people need not look for it."""

from typing import Protocol

from niktokromenas.domain.messages.hints import Hint


class TextHints(Protocol):
    """Contract: tests/contract/test_text_hints.py."""

    def find(self, text: str) -> tuple[Hint, ...]:
        """What may be personal or profane, in the order of the text; spans do not overlap."""
        ...


class Likeness(Protocol):
    """Contract: tests/contract/test_likeness.py."""

    def of(self, one: str, other: str) -> float:
        """From 0, nothing in common, to 1, the same words; either way round. 0 where one says nothing."""
        ...
