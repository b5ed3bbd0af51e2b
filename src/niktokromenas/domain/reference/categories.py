"""What messages are about: groups and their topics (Положение, п. 6.3)."""

from attrs import field, frozen

MUNICIPALITY_OF_PLACE = "municipality-of-place"
"""Stands for the administration of the municipality where it happened; not a body itself."""


def _positive(_: object, __: object, days: int) -> None:
    if days < 1:
        raise ValueError("an answer has at least one working day")


@frozen(kw_only=True)
class Category:
    """A group (no parent) or a topic in it.

    `answer_working_days` of a group serves messages whose topic is not chosen yet.
    """

    code: str
    parent_code: str | None
    name: str
    default_authority: str
    """The code of a listed authority, or `MUNICIPALITY_OF_PLACE`."""
    answer_working_days: int = field(validator=_positive)
    due_class: str | None = None
    """Why the term is as it is: urgent, fast, standard, explain, works, long. Groups have none."""
