"""What is fixed with a survey when it is announced, and all that can be wrong with it (разд. 9)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import frozen

from niktokromenas.domain.errors import Fault
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.surveys.breakdowns import (
    COLUMNS_LIMIT,
    COLUMNS_TOGETHER,
    TABLES_LIMIT,
    width_of,
)
from niktokromenas.domain.surveys.conditions import questions_in
from niktokromenas.domain.surveys.paths import faults_of
from niktokromenas.domain.surveys.questions import (
    WORDS_LIMIT,
    Matrix,
    One,
    Question,
    Questions,
    Scale,
    listed,
)
from niktokromenas.domain.surveys.stages import VOTES, Secrecy, SurveyKind, Topic
from niktokromenas.domain.surveys.target import WHOEVER, Target, faults_of_target
from niktokromenas.domain.values import is_blank

TITLE_LIMIT = 200
ABOUT_LIMIT = 10_000
SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=366)
FURTHEST_AHEAD = timedelta(days=366)
_BASIS = "Положение, разд. 9"


class Dimension(StrEnum):
    """By what answers may be broken down, one at a time."""

    MUNICIPALITY = "municipality"
    AGE_BAND = "age-band"


@frozen
class Table:
    """Answers to one question by one dimension, announced beforehand."""

    question: str
    dimension: Dimension


@frozen
class Series:
    """Rounds that are compared with each other: one topic in one municipality (OKTMO; `None`: the region)."""

    topic: Topic
    municipality: str | None = None


@frozen(kw_only=True)
class Content:
    """A draft may lack anything; what is submitted has passed `content_faults`."""

    kind: SurveyKind = SurveyKind.SURVEY
    title: str = ""
    about: str = ""
    questions: Questions = ()
    target: Target = WHOEVER
    announce_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    """The first instant at which no answer is taken any more."""
    secrecy: Secrecy = Secrecy.SECRET
    is_changeable: bool = False
    """Whoever answered may answer anew until the end."""
    is_live: bool = False
    """Numbers are shown while it runs, in steps."""
    tables: tuple[Table, ...] = ()
    series: Series | None = None

    @property
    def needs_names(self) -> bool:
        """No ballot without consent to be named: an open vote."""
        return self.kind in VOTES and self.secrecy is Secrecy.OPEN

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """What a ballot carries besides its choices."""
        return frozenset(table.dimension for table in self.tables)

    def question(self, code: str) -> Question | None:
        return next((question for question in self.questions if question.code == code), None)


def content_faults(
    content: Content,
    municipalities: Mapping[str, object],
    *,
    at: datetime,
    previous: Questions | None = None,
) -> Iterator[Fault]:
    """Everything wrong with it at that instant; `previous` are the questions of the round before, if any.

    Codes: those of `faults_of` and `faults_of_target`; `no-title`, `too-long`; `one-question`,
    `must-be-open`, `no-live-results`; `no-date`, `not-to-the-second`, `in-the-past`, `too-far`,
    `bad-length`, `after-start`; `too-many-tables`, `tables-too-wide`, `unknown-question`,
    `table-not-possible`, `table-of-conditional`, `table-too-wide`, `repeated`; `no-series`, `not-a-round`,
    `no-scale`, `not-comparable`, `unknown-municipality`.
    """
    yield from _word_faults(content)
    yield from faults_of(content.questions)
    yield from faults_of_target(content.target, municipalities)
    yield from _kind_faults(content)
    yield from _date_faults(content, at)
    yield from _table_faults(content)
    yield from _series_faults(content, municipalities, previous)


def _word_faults(content: Content) -> Iterator[Fault]:
    if is_blank(content.title):
        yield Fault("/title", "no-title", "Назовите опрос", _BASIS)
    if len(content.title) > TITLE_LIMIT:
        yield Fault("/title", "too-long", f"Не длиннее {TITLE_LIMIT} знаков")
    if len(content.about) > ABOUT_LIMIT:
        yield Fault("/about", "too-long", f"Не длиннее {ABOUT_LIMIT} знаков")
    yield from hidden_faults(content.title, "/title", is_line=True)
    yield from hidden_faults(content.about, "/about")


def _kind_faults(content: Content) -> Iterator[Fault]:
    if content.kind in VOTES and len(content.questions) > 1:
        yield Fault("/questions", "one-question", "В голосовании один вопрос", _BASIS)
    if content.kind is SurveyKind.LEGISLATIVE and content.secrecy is not Secrecy.OPEN:
        detail = "Голосование о законодательной инициативе проводят открыто"
        yield Fault("/secrecy", "must-be-open", detail, "Положение, п. 2.1")
    if content.is_live and content.secrecy is Secrecy.SECRET:
        yield Fault("/is_live", "no-live-results", "Ход тайного голосования не показывают")


def _date_faults(content: Content, at: datetime) -> Iterator[Fault]:
    announce, start, end = content.announce_at, content.starts_at, content.ends_at
    for pointer, moment, what in (
        ("/announce_at", announce, "время объявления"),
        ("/starts_at", start, "дату начала"),
        ("/ends_at", end, "дату окончания"),
    ):
        if moment is None:
            yield Fault(pointer, "no-date", f"Укажите {what}", _BASIS)
        elif moment.microsecond:
            yield Fault(pointer, "not-to-the-second", "Время указывают с точностью до секунды")
    if announce is not None and announce <= at:
        yield Fault("/announce_at", "in-the-past", "Время объявления должно быть впереди", _BASIS)
    if start is not None and start <= at:
        yield Fault("/starts_at", "in-the-past", "Начало должно быть впереди", _BASIS)
    if start is not None and start > at + FURTHEST_AHEAD:
        yield Fault("/starts_at", "too-far", "Начало не дальше года вперёд")
    if start is not None and end is not None and not SHORTEST <= end - start <= LONGEST:
        yield Fault("/ends_at", "bad-length", "Опрос идёт от часа до года", _BASIS)
    if announce is not None and start is not None and announce >= start:
        yield Fault("/announce_at", "after-start", "Опрос объявляют до его начала", _BASIS)


def _table_faults(content: Content) -> Iterator[Fault]:
    if len(content.tables) > TABLES_LIMIT:
        yield Fault("/tables", "too-many-tables", f"Не больше {TABLES_LIMIT} разбивок")
    for dimension in sorted(content.dimensions):
        asked = (content.question(table.question) for table in content.tables if table.dimension is dimension)
        if sum(width_of(question) for question in asked if question is not None) > COLUMNS_TOGETHER:
            detail = (
                f"По одному признаку — не больше {COLUMNS_TOGETHER} вариантов и отметок всех разбивок вместе,"
                " считая «нет ответа»"
            )
            yield Fault("/tables", "tables-too-wide", detail)
    for place, table in enumerate(content.tables):
        pointer = f"/tables/{place}"
        question = content.question(table.question)
        if question is None:
            yield Fault(f"{pointer}/question", "unknown-question", "Такого вопроса нет")
        elif not isinstance(question.kind, One | Scale):
            detail = "Разбивка возможна для вопросов с одним ответом и для шкал"
            yield Fault(f"{pointer}/question", "table-not-possible", detail)
        elif is_conditional(question):
            detail = "Разбивка невозможна там, где вопрос или вариант зависит от других ответов"
            yield Fault(f"{pointer}/question", "table-of-conditional", detail)
        elif width_of(question) > COLUMNS_LIMIT:
            detail = f"Разбивка возможна, где не больше {COLUMNS_LIMIT - 1} вариантов или отметок"
            yield Fault(f"{pointer}/question", "table-too-wide", detail)
        if table in content.tables[:place]:
            yield Fault(pointer, "repeated", "Такая разбивка уже есть")


def is_conditional(question: Question) -> bool:
    """What is asked depends on earlier answers, so that its numbers tell of them."""
    whens = (option.when for _, options in listed(question.kind) for option in options)
    return any(questions_in(when) for when in (question.when, *whens))


def _series_faults(
    content: Content, municipalities: Mapping[str, object], previous: Questions | None
) -> Iterator[Fault]:
    is_round = content.kind is SurveyKind.SATISFACTION
    if not is_round:
        if content.series is not None:
            detail = "Тема и муниципалитет есть только у опросов удовлетворённости"
            yield Fault("/series", "not-a-round", detail)
        return
    if content.series is None:
        yield Fault("/series", "no-series", "Укажите тему и муниципалитет", "Положение, п. 2.2")
    elif content.series.municipality not in (None, *municipalities):
        detail = "Такого муниципалитета нет в справочнике"
        yield Fault("/series/municipality", "unknown-municipality", detail)
    if not any(isinstance(question.kind, Scale | Matrix) for question in content.questions):
        yield Fault("/questions", "no-scale", "Нужна хотя бы одна оценка", "Положение, п. 2.2")
    if previous is not None:
        yield from _comparison_faults(content.questions, previous)


def _comparison_faults(questions: Questions, previous: Questions) -> Iterator[Fault]:
    """A scale of the round before is asked again in the same words, on the same scale."""
    now = {question.code: (place, question) for place, question in enumerate(questions)}
    for question in previous:
        if not isinstance(question.kind, Scale):
            continue
        place, again = now.get(question.code, (None, None))
        if again is None:
            detail = f"В прошлом раунде спрашивали «{question.words[:WORDS_LIMIT]}»: спросите снова"
            yield Fault("/questions", "not-comparable", detail, "Положение, п. 2.2")
        elif (again.words, again.kind) != (question.words, question.kind):
            detail = "Вопрос отличается от прошлого раунда: сравнить будет нельзя"
            yield Fault(f"/questions/{place}", "not-comparable", detail, "Положение, п. 2.2")
