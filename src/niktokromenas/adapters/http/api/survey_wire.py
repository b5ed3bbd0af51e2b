"""What a survey consists of as it is written in JSON, in and out (Положение, разд. 9).

Names and nesting are the domain's own: a pointer of its faults (`/questions/0/kind/options/1/code`,
`/target/predicate/of/0`) leads to the place in what was sent. Questions: survey_questions.py; conditions:
survey_conditions.py; target groups: survey_target.py; answers: survey_answers.py.
"""

from datetime import datetime
from typing import Annotated, Any

from attrs import asdict, evolve, frozen
from msgspec import UNSET, Meta, UnsetType

from niktokromenas.adapters.http.api.survey_conditions import Code
from niktokromenas.adapters.http.api.survey_questions import (
    QuestionBodies,
    SurveyQuestion,
    question_of,
    question_out,
)
from niktokromenas.adapters.http.api.survey_target import (
    Oktmo,
    TargetGroupIn,
    TargetGroupOut,
    target_as_sent,
    target_of,
    target_out,
)
from niktokromenas.domain.surveys.breakdowns import TABLES_LIMIT
from niktokromenas.domain.surveys.content import (
    ABOUT_LIMIT,
    TITLE_LIMIT,
    Content,
    Dimension,
    Series,
    Table,
)
from niktokromenas.domain.surveys.stages import Secrecy, SurveyKind, Topic
from niktokromenas.domain.surveys.target import Names
from niktokromenas.domain.surveys.telling import promises


@frozen(kw_only=True)
class SurveyTable:
    """Разбивка ответов на один вопрос по одному признаку, объявленная заранее."""

    question: Code
    dimension: Dimension


@frozen(kw_only=True)
class SurveySeries:
    """Ряд сравнимых опросов удовлетворённости: тема и муниципалитет (ОКТМО; `null` — регион)."""

    topic: Topic
    municipality: Oktmo | None = None


Tables = Annotated[tuple[SurveyTable, ...], Meta(max_length=TABLES_LIMIT)]


@frozen(kw_only=True)
class ContentIn:
    """Содержание опроса. Черновику может недоставать чего угодно; чего нет в запросе, то не меняется."""

    kind: SurveyKind | UnsetType = UNSET
    title: Annotated[str, Meta(max_length=TITLE_LIMIT)] | UnsetType = UNSET
    about: Annotated[str, Meta(max_length=ABOUT_LIMIT)] | UnsetType = UNSET
    questions: QuestionBodies | UnsetType = UNSET
    target: TargetGroupIn | UnsetType = UNSET
    announce_at: datetime | UnsetType | None = UNSET
    starts_at: datetime | UnsetType | None = UNSET
    ends_at: datetime | UnsetType | None = UNSET
    secrecy: Secrecy | UnsetType = UNSET
    is_changeable: bool | UnsetType = UNSET
    is_live: bool | UnsetType = UNSET
    tables: Tables | UnsetType = UNSET
    series: SurveySeries | UnsetType | None = UNSET


@frozen(kw_only=True)
class PromisesOut:
    """Что обещано участнику до ответа: программам признаки, людям слова."""

    is_secret: bool
    is_named: bool
    is_changeable: bool
    is_live: bool
    words: tuple[str, ...]


@frozen(kw_only=True)
class ContentOut:
    """Содержание опроса; `target.words` и `promises.words` — для людей."""

    kind: SurveyKind
    title: str
    about: str
    questions: tuple[SurveyQuestion, ...]
    target: TargetGroupOut
    announce_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    secrecy: Secrecy
    is_changeable: bool
    is_live: bool
    tables: tuple[SurveyTable, ...]
    series: SurveySeries | None
    promises: PromisesOut


def content_of(given: ContentIn) -> Content:
    return edited(Content(), given)


def edited(content: Content, given: ContentIn) -> Content:
    """What was not given stays as it is; `null` takes away."""
    changes: dict[str, Any] = {
        name: value
        for name, value in asdict(given, recurse=False).items()
        if value is not UNSET and name not in ("questions", "target", "tables", "series")
    }
    if not isinstance(given.questions, UnsetType):
        changes["questions"] = tuple(question_of(each) for each in given.questions)
    if not isinstance(given.target, UnsetType):
        changes["target"] = target_of(given.target)
    if not isinstance(given.tables, UnsetType):
        changes["tables"] = tuple(Table(each.question, each.dimension) for each in given.tables)
    if not isinstance(given.series, UnsetType):
        changes["series"] = (
            None if given.series is None else Series(given.series.topic, given.series.municipality)
        )
    return evolve(content, **changes)


def content_as_sent(content: Content) -> ContentIn:
    """Its inverse is `content_of`: the form of exports, which can be sent back."""
    return ContentIn(
        **_plain_parts(content),
        questions=tuple(question_out(each) for each in content.questions),
        target=target_as_sent(content.target),
    )


def content_out(content: Content, names: Names) -> ContentOut:
    promised = promises(content)
    return ContentOut(
        **_plain_parts(content),
        questions=tuple(question_out(each) for each in content.questions),
        target=target_out(content.target, names),
        promises=PromisesOut(**asdict(promised)),
    )


def _plain_parts(content: Content) -> dict[str, Any]:
    series = content.series
    return {
        "kind": content.kind,
        "title": content.title,
        "about": content.about,
        "announce_at": content.announce_at,
        "starts_at": content.starts_at,
        "ends_at": content.ends_at,
        "secrecy": content.secrecy,
        "is_changeable": content.is_changeable,
        "is_live": content.is_live,
        "tables": tuple(
            SurveyTable(question=each.question, dimension=each.dimension) for each in content.tables
        ),
        "series": None
        if series is None
        else SurveySeries(topic=series.topic, municipality=series.municipality),
    }
