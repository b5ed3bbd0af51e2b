"""Grounds for rejecting a message, or refusing a survey (Правила модерации; Положение, п. 8.1, разд. 9)."""

from attrs import frozen

NO_REPLY = "no_reply"
"""The system's own: the author did not answer a clarifying question in time."""


@frozen(kw_only=True)
class Ground:
    """A ground that is final cannot be mended by another edition of the same message."""

    code: str
    name: str
    is_final: bool
    advice: str
    """What the author can do now, in words for the author."""
