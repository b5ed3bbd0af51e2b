"""Contents to begin surveys with: what people and bodies keep, and the region's own (п. 2.2, разд. 9)."""

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Invalid
from niktokromenas.domain.ids import ParticipantId, SurveyTemplateId
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.surveys.content import TITLE_LIMIT, Content, Series
from niktokromenas.domain.surveys.questions import Questions
from niktokromenas.domain.surveys.stages import SurveyKind, Topic
from niktokromenas.domain.surveys.target import WHOEVER, LivesIn, Target
from niktokromenas.domain.values import is_blank

TEMPLATES_LIMIT = 100
"""Of one keeper."""

Keeper = ParticipantId | str
"""Whose templates they are: a person's or an organisation's, or a body's (its code)."""


class TooManySurveyTemplates(Conflict):
    code = "too-many-survey-templates"


@frozen(kw_only=True)
class SurveyTemplate:
    """A content without dates. What is kept for a body is all its people's, whoever of them saved it."""

    id: SurveyTemplateId
    name: str
    content: Content = field(repr=False)
    owner_id: ParticipantId
    body: str | None = None
    version: int = 0

    @property
    def keeper(self) -> Keeper:
        return self.owner_id if self.body is None else self.body


def keeper_acting(by: Acting) -> Keeper:
    """For whom they keep templates: their body, the organisation they act for, or themselves."""
    if by.body is not None:
        return by.body
    assert by.participant_id is not None
    return by.participant_id if by.organisation_id is None else by.organisation_id


def template_of(
    template_id: SurveyTemplateId,
    name: str,
    content: Content,
    *,
    owner_id: ParticipantId,
    body: str | None = None,
) -> SurveyTemplate:
    """Raises `Invalid`."""
    if is_blank(name) or len(name) > TITLE_LIMIT or not name.strip().isprintable():
        detail = f"Назовите шаблон: одна строка до {TITLE_LIMIT} знаков"
        raise Invalid(detail, faults=(Fault("/name", "no-name", detail),))
    return SurveyTemplate(
        id=template_id, name=name.strip(), content=undated(content), owner_id=owner_id, body=body
    )


def undated(content: Content) -> Content:
    """What a copy or a template takes over: everything but the dates."""
    return evolve(content, announce_at=None, starts_at=None, ends_at=None)


@frozen(kw_only=True)
class TopicTemplate:
    """What is asked about a topic in every round and everywhere, so that rounds compare (п. 2.2)."""

    topic: Topic
    title: str
    about: str
    questions: Questions = field(repr=False)


def round_of(template: TopicTemplate, oktmo: str | None, place: str) -> Content:
    """A satisfaction round of the topic in that municipality; `None`: in the whole region.

    `place` is its name as the title shows it.
    """
    return Content(
        kind=SurveyKind.SATISFACTION,
        title=f"{template.title}: {place}",
        about=template.about,
        questions=template.questions,
        target=WHOEVER if oktmo is None else Target(predicate=LivesIn((oktmo,))),
        series=Series(template.topic, oktmo),
    )
