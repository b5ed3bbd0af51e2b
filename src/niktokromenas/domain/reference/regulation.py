"""The terms and limits of the Regulation in force (Положение, п. 1.4, 4.3, 4.5)."""

from datetime import date

from attrs import Attribute, field, frozen


def _positive(_: object, attribute: "Attribute[int]", value: int) -> None:
    if value < 1:
        raise ValueError(f"{attribute.name} is 1 or more")


def _not_negative(_: object, attribute: "Attribute[int]", value: int) -> None:
    if value < 0:
        raise ValueError(f"{attribute.name} is 0 or more")


@frozen(kw_only=True)
class Regulation:
    """Numbers of the document of the same version. Terms of answers stand with the categories.

    `return_limit`: how often bodies may return a message before the coordinator routes it.
    `asking_suspends_term`: whether an official's question to the author stops the term of the answer.
    """

    version: str
    effective_from: date
    moderation_working_days: int = field(validator=_positive)
    routing_working_days: int = field(validator=_positive)
    placing_working_days: int = field(validator=_positive)
    """Moderation of an answer that is ready."""
    clarification_calendar_days: int = field(validator=_positive)
    lapse_revival_calendar_days: int = field(validator=_positive)
    rating_working_days: int = field(validator=_positive)
    reopening_working_days: int = field(validator=_positive)
    max_clarifications: int = field(validator=_not_negative)
    max_revisions: int = field(validator=_not_negative)
    max_prolongations: int = field(validator=_not_negative)
    return_limit: int = field(validator=_positive)
    asking_suspends_term: bool
