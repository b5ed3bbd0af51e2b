"""Documents in force, each with its version and the day it takes effect (постановление, п. 4)."""

from datetime import date
from enum import StrEnum

from attrs import field, frozen

from niktokromenas.domain.values import is_blank


class DocumentKind(StrEnum):
    """The Regulation, the Moderation Rules, the requirements for survey materials (разд. 9), and the consent
    to processing personal data (152-FZ, art. 9); that to the date of birth is a document of its own."""

    REGULATION = "regulation"
    MODERATION_RULES = "moderation-rules"
    MATERIALS = "materials"
    CONSENT = "consent"
    BIRTH_CONSENT = "birth-date-consent"


def _one_word(_: object, __: object, version: str) -> None:
    if is_blank(version) or len(version.split()) != 1:
        raise ValueError("a version is one word")


def _written(_: object, __: object, text: str) -> None:
    if is_blank(text):
        raise ValueError("a document without text")


@frozen(kw_only=True)
class Document:
    kind: DocumentKind
    version: str = field(validator=_one_word)
    """One word: decisions are recorded as taken under `<kind> <version>`."""
    title: str
    effective_from: date
    text: str = field(repr=False, validator=_written)
    """Markdown, Russian."""
