"""Templates, topics and files of surveys as the API takes and shows them."""

from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.api.survey_initiators import InitiatorIn
from niktokromenas.adapters.http.api.survey_questions import SurveyQuestion
from niktokromenas.adapters.http.api.survey_shapes import SurveyNumber
from niktokromenas.adapters.http.api.survey_target import Oktmo
from niktokromenas.adapters.http.api.survey_wire import ContentIn, ContentOut
from niktokromenas.domain.surveys.content import TITLE_LIMIT
from niktokromenas.domain.surveys.stages import Topic


@frozen(kw_only=True)
class SurveyTemplateIn:
    """Опрос, который сохраняют как шаблон: без дат."""

    survey: SurveyNumber
    name: Annotated[str, Meta(max_length=TITLE_LIMIT)]


@frozen(kw_only=True)
class SurveyTemplateItemOut:
    id: UUID
    name: str
    kind: str


@frozen(kw_only=True)
class SurveyTemplateOut:
    id: UUID
    name: str
    kind: str
    content: ContentOut


@frozen(kw_only=True)
class DraftIn:
    """Кто проводит опрос, который начинают."""

    initiator: InitiatorIn


@frozen(kw_only=True)
class RoundIn:
    """Муниципалитет (ОКТМО), где спрашивают; `null` — во всём регионе."""

    initiator: InitiatorIn
    municipality: Oktmo | None = None


@frozen(kw_only=True)
class TopicPath:
    topic: Topic


@frozen(kw_only=True)
class SurveyTopicOut:
    """О чём и как регулярно спрашивают жителей (Положение, п. 2.2)."""

    topic: Topic
    title: str
    about: str
    questions: tuple[SurveyQuestion, ...]


@frozen(kw_only=True)
class SurveyTopicsOut:
    items: tuple[SurveyTopicOut, ...]


@frozen(kw_only=True)
class SurveyFile:
    """Содержание опроса в файле: его можно загрузить здесь же или на другой такой платформе."""

    format: Literal["niktokromenas-survey"]
    version: Literal[1]
    content: ContentIn


@frozen(kw_only=True)
class SurveyImportIn:
    initiator: InitiatorIn
    file: SurveyFile
