"""Templates of answers: plain text that an authority's approvers keep for a topic or a group (п. 4.5)."""

from datetime import datetime

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.ids import ParticipantId, TemplateId
from niktokromenas.domain.values import is_blank, stripped

TITLE_LIMIT = 200
TEXT_LIMIT = 20_000


def _titled(_: object, __: object, title: str) -> None:
    if is_blank(title) or len(title) > TITLE_LIMIT or not title.isprintable():
        detail = f"Назовите шаблон: одна строка до {TITLE_LIMIT} знаков"
        raise Invalid(detail, faults=(Fault("/title", "bad-title", detail),))


def _worded(_: object, __: object, text: str) -> None:
    if is_blank(text) or len(text) > TEXT_LIMIT or "\0" in text:
        detail = f"Напишите текст шаблона (до {TEXT_LIMIT} знаков)"
        raise Invalid(detail, faults=(Fault("/text", "bad-text", detail),))


@frozen(kw_only=True)
class AnswerTemplate:
    id: TemplateId
    authority: str
    category: str
    """A topic, or a group: then it serves all topics of the group."""
    title: str = field(converter=stripped, validator=_titled)
    text: str = field(converter=stripped, validator=_worded)
    made_by: ParticipantId
    made_at: datetime
    ended_at: datetime | None = None
    """Since when it is offered no more; it is kept, for answers were made of it."""
    version: int = 0

    def changed(self, category: str, title: str, text: str) -> "AnswerTemplate":
        """Raises `Invalid`."""
        return evolve(self, category=category, title=title, text=text)

    def ended(self, at: datetime) -> "AnswerTemplate":
        return evolve(self, ended_at=at)


def categories_of(code: str) -> tuple[str, ...]:
    """Whose templates serve a message of this category: the topic's own and its group's."""
    group = code.partition(".")[0]
    return (code,) if code == group else (code, group)
