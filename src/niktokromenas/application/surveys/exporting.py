"""The result of a survey as a file: the words that were asked, what was counted, what may be read (разд. 9).

A line is one fact: all formats have the same ones, in the same order, behind the same gate as the result.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import astuple, evolve, frozen

from niktokromenas.application.exporting import Export
from niktokromenas.application.surveys.remarks import ReadRemarks
from niktokromenas.application.surveys.results import ReadResults, Results
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.answers import OTHER
from niktokromenas.domain.surveys.ballots import AGE_BAND_WORDS, UNKNOWN
from niktokromenas.domain.surveys.breakdowns import UNANSWERED, Breakdown, columns_of
from niktokromenas.domain.surveys.content import Dimension
from niktokromenas.domain.surveys.counting import groups_of
from niktokromenas.domain.surveys.outcome import require_told
from niktokromenas.domain.surveys.questions import (
    Matrix,
    Number,
    One,
    Option,
    Question,
    Ranking,
    Scale,
    Several,
)
from niktokromenas.domain.surveys.remarks import ELSEWHERE, takes_spots, takes_words
from niktokromenas.domain.surveys.stages import VOTES, Secrecy, SurveyKind
from niktokromenas.domain.surveys.survey import Survey
from niktokromenas.domain.surveys.tallies import (
    DatesResult,
    Estimate,
    MatrixResult,
    NumberResult,
    OptionsResult,
    RankingResult,
    Result,
    ScaleResult,
    result_of,
    turnout,
)
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.reports import Cell, ReportWriter, Row

REMARKS_AT_ONCE = 500


class ResultFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class Section(StrEnum):
    SURVEY = "survey"
    TURNOUT = "turnout"
    ANSWERS = "answers"
    TABLE = "table"
    COMPARISON = "comparison"
    SPOTS = "spots"
    REMARKS = "remarks"


_SECTIONS: Mapping[Section, str] = {
    Section.SURVEY: "опрос",
    Section.TURNOUT: "явка",
    Section.ANSWERS: "ответы",
    Section.TABLE: "таблица",
    Section.COMPARISON: "сравнение с прошлым опросом",
    Section.SPOTS: "точки на карте",
    Section.REMARKS: "ответы своими словами",
}
HEAD = (
    "Раздел",
    "Код вопроса",
    "Вопрос",
    "Код группы",
    "Группа",
    "Код ответа",
    "Ответ",
    "Число",
    "Доля",
    "Скрыто",
)
KEYS = (
    "section",
    "question",
    "question_words",
    "group",
    "group_words",
    "answer",
    "answer_words",
    "value",
    "share",
    "is_hidden",
)
_KINDS: Mapping[SurveyKind, str] = {
    SurveyKind.SURVEY: "опрос",
    SurveyKind.VOTE: "голосование",
    SurveyKind.SATISFACTION: "опрос удовлетворённости",
    SurveyKind.LEGISLATIVE: "голосование о законодательной инициативе",
}
_SECRECY: Mapping[Secrecy, str] = {Secrecy.OPEN: "открытый", Secrecy.SECRET: "тайный"}
_SECRECY_OF_VOTE: Mapping[Secrecy, str] = {Secrecy.OPEN: "открытое", Secrecy.SECRET: "тайное"}
_FACTS: Mapping[str, str] = {
    "number": "Номер",
    "title": "Название",
    "about": "О чём",
    "kind": "Вид",
    "secrecy": "Тайный или открытый",
    "starts_at": "Начало",
    "ends_at": "Окончание",
    "published_at": "Итоги опубликованы",
    "root": "Корень журнала ответов",
}
"""Of the survey itself, by the name in JSON."""
SHARE_DIGITS = 4
MEAN_DIGITS = 2
"""Of means, their intervals and changes; those of a question with decimals have as many more."""
_WORDS: Mapping[str, str] = {
    OTHER: "Свой вариант",
    UNKNOWN: "Не указано",
    UNANSWERED: "Нет ответа",
    ELSEWHERE: "Вне области",
    "answered": "Ответили",
    "voted": "Приняли участие",
    "target": "Могли участвовать, с округлением до 50",
    "points": "Баллы (Борда)",
    "total": "Сумма",
    "mean": "Среднее",
    "low": "Нижняя граница 95 % интервала",
    "high": "Верхняя граница 95 % интервала",
    "difference": "Изменение среднего",
}


@frozen(kw_only=True)
class Line:
    """In the order of `HEAD`. A hidden one has no value, and says that it is hidden."""

    section: Section
    question: str | None = None
    question_words: str | None = None
    group: str | None = None
    group_words: str | None = None
    answer: str | None = None
    answer_words: str | datetime | None = None
    value: int | float | None = None
    share: float | None = None
    is_hidden: bool = False


@frozen
class ExportResults:
    read_results: ReadResults
    read_remarks: ReadRemarks
    clock: Clock
    region: Region
    writers: Mapping[ResultFormat, ReportWriter]

    async def __call__(self, actor: Actor, number: str, format: ResultFormat) -> Export:
        """For everybody who may see the result.

        Raises `SurveyNotFound`, `NoResultsYet`, `NoResults`, `TooFewBallots`.
        """
        found = await self.read_results(actor, number)
        require_told(found.survey)
        breakdowns = {
            dimension: (await self.read_results.breakdown(actor, number, dimension))[1]
            for dimension in sorted(found.survey.content.dimensions)
        }
        writer = self.writers[format]
        day = self.region.calendar.local_date(self.clock.now())
        is_json = format is ResultFormat.JSON
        return Export(
            name=f"results-{number}-{day.isoformat()}.{format.value}",
            media_type=writer.media_type,
            chunks=writer.write(
                KEYS if is_json else HEAD,
                _rows(self._pages(found, breakdowns), None if is_json else _digits(found.survey)),
            ),
        )

    async def _pages(
        self, found: Results, breakdowns: Mapping[Dimension, Breakdown]
    ) -> AsyncIterator[Iterable[Line]]:
        survey = found.survey
        yield _about(survey)
        yield _turnout(found)
        for question in survey.content.questions:
            counts = found.totals.tally.get(question.code, {})
            yield _answers(question, result_of(question, counts, found.totals.ballots))
        for dimension, shown in breakdowns.items():
            yield self._tables(survey, dimension, shown)
        yield _comparison(found)
        if not await self.read_remarks.register.is_whole(survey.id):
            return
        for question in survey.content.questions:
            yield self._spots(question, await self.read_remarks.spots(survey, question))
        for question in survey.content.questions:
            if takes_words(question):
                async for page in self._remarks(survey, question):
                    yield page

    def _tables(self, survey: Survey, dimension: Dimension, shown: Breakdown) -> Iterator[Line]:
        groups = groups_of(dimension, self.region.municipalities)
        for group in groups:
            if group in shown.ballots:
                yield self._cell(dimension, group, "voted", _WORDS["voted"], shown.ballots[group])
        for question in survey.content.questions:
            if (table := shown.tables.get(question.code)) is None:
                continue
            words = _option_words(question)
            for group in groups:
                for column in columns_of(question) if group in table else ():
                    said = words.get(column, column)
                    yield self._cell(dimension, group, column, said, table[group][column], question)

    def _cell(
        self,
        dimension: Dimension,
        group: str,
        answer: str,
        words: str,
        count: int | None,
        question: Question | None = None,
    ) -> Line:
        return Line(
            section=Section.TABLE,
            question=question.code if question else None,
            question_words=question.words if question else None,
            group=group,
            group_words=self._group_words(dimension, group),
            answer=answer,
            answer_words=words,
            value=count,
            is_hidden=count is None,
        )

    def _group_words(self, dimension: Dimension, group: str) -> str:
        if group in _WORDS:
            return _WORDS[group]
        if dimension is Dimension.AGE_BAND:
            return AGE_BAND_WORDS[group]
        return self.region.municipalities[group].name

    def _spots(self, question: Question, spots: Mapping[str, int | None]) -> Iterator[Line]:
        for place, count in spots.items() if takes_spots(question) else ():
            yield Line(
                section=Section.SPOTS,
                question=question.code,
                question_words=question.words,
                group=place,
                group_words=self._group_words(Dimension.MUNICIPALITY, place),
                value=count,
                is_hidden=count is None,
            )

    async def _remarks(self, survey: Survey, question: Question) -> AsyncIterator[Iterable[Line]]:
        after: UUID | None = None
        while True:
            register = self.read_remarks.register
            found = await register.shown(survey.id, question.code, after, REMARKS_AT_ONCE)
            yield [
                Line(
                    section=Section.REMARKS,
                    question=question.code,
                    question_words=question.words,
                    answer_words=remark.shown_words,
                )
                for remark in found
            ]
            if len(found) < REMARKS_AT_ONCE:
                return
            after = found[-1].id


def _digits(survey: Survey) -> Mapping[str, int]:
    """How many digits behind the comma people read of a mean, by question."""
    return {
        question.code: MEAN_DIGITS + (question.kind.decimals if isinstance(question.kind, Number) else 0)
        for question in survey.content.questions
    }


async def _rows(
    pages: AsyncIterator[Iterable[Line]], digits: Mapping[str, int] | None
) -> AsyncIterator[Sequence[Row]]:
    """`digits` where people read it; programs get every number as it was reckoned."""
    async for lines in pages:
        yield [_row(line, digits) for line in lines]


def _row(line: Line, digits: Mapping[str, int] | None) -> Row:
    if digits is not None:
        line = _in_words(line, digits)
    section, *rest = astuple(line)
    cells: list[Cell] = [section.value if digits is None else _SECTIONS[section], *rest]
    return cells


def _in_words(line: Line, digits: Mapping[str, int]) -> Line:
    """For people: the survey's own facts named in Russian, numbers no finer than they are read."""
    answer, value = line.answer, line.value
    if line.section is Section.SURVEY and answer is not None:
        answer = _FACTS[answer]
    if isinstance(value, float) and line.question is not None:
        value = round(value, digits[line.question])
    share = None if line.share is None else round(line.share, SHARE_DIGITS)
    return evolve(line, answer=answer, value=value, share=share)


def _about(survey: Survey) -> Iterator[Line]:
    content, head = survey.content, survey.head
    facts: dict[str, str | datetime | None] = {
        "number": survey.number,
        "title": content.title,
        "about": content.about or None,
        "kind": _KINDS[content.kind],
        "secrecy": (_SECRECY_OF_VOTE if content.kind in VOTES else _SECRECY)[content.secrecy],
        "starts_at": content.starts_at,
        "ends_at": content.ends_at,
        "published_at": survey.published_at,
        "root": head.head.root.hex() if head else None,
    }
    for name, fact in facts.items():
        if fact is not None:
            yield Line(section=Section.SURVEY, answer=name, answer_words=fact)


def _turnout(found: Results) -> Iterator[Line]:
    took_part = turnout(found.totals.ballots, found.totals.target_size)
    for name, count, share in (
        ("voted", took_part.voted, took_part.share),
        ("target", took_part.target, None),
    ):
        if count is not None:
            yield Line(
                section=Section.TURNOUT, answer=name, answer_words=_WORDS[name], value=count, share=share
            )


def _answers(question: Question, result: Result) -> Iterator[Line]:
    def line(answer: str, words: str, value: float | None, **more: str | float | None) -> Line:
        return Line(
            section=Section.ANSWERS,
            question=question.code,
            question_words=question.words,
            answer=answer,
            answer_words=words,
            value=value,
            **more,  # type: ignore[arg-type]
        )

    answered, words = result.answered, _option_words(question)
    yield line("answered", _WORDS["answered"], answered)
    yield line(UNANSWERED, _WORDS[UNANSWERED], result.unanswered)
    match result:
        case OptionsResult(counts=counts):
            for code, count in counts.items():
                yield line(code, words[code], count, share=result.share(code))
        case ScaleResult(counts=marks, estimate=estimate):
            for mark, count in marks.items():
                yield line(str(mark), str(mark), count, share=count / answered if answered else 0.0)
            assert isinstance(question.kind, Scale)
            shown = estimate.within(question.kind.low, question.kind.high) if estimate else None
            yield from (line(*each) for each in _estimated(shown))
        case MatrixResult(counts=table):
            assert isinstance(question.kind, Matrix)
            columns = {option.code: option.words for option in question.kind.columns}
            for row, of in table.items():
                for code, count in of.items():
                    yield line(code, columns[code], count, group=row, group_words=words[row])
        case RankingResult(counts=ranks, points=points):
            for code, places in ranks.items():
                for place, count in places.items():
                    yield line(code, words[code], count, group=str(place), group_words=f"{place}-е место")
                yield line(code, words[code], points[code], group="points", group_words=_WORDS["points"])
        case NumberResult(total=total, estimate=estimate):
            yield line("total", _in_units(question, "total"), float(total))
            yield from (line(*each) for each in _estimated(estimate))
        case DatesResult(counts=days):
            for day, count in days.items():
                yield line(day, day, count, share=count / answered if answered else 0.0)
        case _:
            pass


def _estimated(estimate: Estimate | None) -> Iterator[tuple[str, str, float]]:
    if estimate is not None:
        for name in ("mean", "low", "high"):
            if (value := getattr(estimate, name)) is not None:
                yield name, _WORDS[name], value


def _in_units(question: Question, name: str) -> str:
    unit = question.kind.unit if isinstance(question.kind, Number) else ""
    return f"{_WORDS[name]}, {unit}" if unit else _WORDS[name]


def _option_words(question: Question) -> Mapping[str, str]:
    match question.kind:
        case One(options=options) | Several(options=options) | Ranking(options=options):
            listed: Sequence[Option] = options
        case Matrix(rows=rows):
            listed = rows
        case _:
            listed = ()
    return {**_WORDS, **{option.code: option.words for option in listed}}


def _comparison(found: Results) -> Iterator[Line]:
    """Of a satisfaction round with the one before it."""
    for each in found.comparisons:
        change = each.change
        if found.before is None or change is None:
            continue
        for name in ("difference", "low", "high"):
            yield Line(
                section=Section.COMPARISON,
                question=each.now.question,
                question_words=each.now.words,
                group=found.before.number,
                group_words=found.before.title,
                answer=name,
                answer_words=_WORDS[name],
                value=getattr(change, name),
            )
