"""Questions of surveys as they are written in JSON, in and out alike.

`{"code": "q1", "words": "…", "kind": {"type": "one", "options": [{"code": "a", "words": "…"}, …]}}`. Names
and nesting are the domain's own, so that a pointer of its faults leads to the place in what was sent.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.api.survey_conditions import (
    Code,
    ConditionBody,
    condition_of,
    condition_out,
)
from niktokromenas.domain.surveys import questions as domain

_Words = Annotated[str, Meta(max_length=domain.WORDS_LIMIT)]


@frozen(kw_only=True)
class SurveyOption:
    """Вариант ответа; `when` — при каких прежних ответах он предлагается."""

    code: Code
    words: _Words
    when: ConditionBody | None = None


_Options = Annotated[tuple[SurveyOption, ...], Meta(max_length=domain.OPTIONS_LIMIT)]


@frozen(kw_only=True)
class OneKind:
    """Один из вариантов; `has_other` — со своим вариантом."""

    type: Literal["one"]
    options: _Options
    has_other: bool = False


@frozen(kw_only=True)
class SeveralKind:
    """От `least` до `most` вариантов; свой вариант считается за один."""

    type: Literal["several"]
    options: _Options
    least: int = 1
    most: int
    has_other: bool = False


@frozen(kw_only=True)
class ScaleKind:
    """Целые числа от `low` до `high` включительно."""

    type: Literal["scale"]
    low: int = 1
    high: int = 5
    low_words: _Words = ""
    high_words: _Words = ""


@frozen(kw_only=True)
class MatrixKind:
    """Один столбец для каждой строки."""

    type: Literal["matrix"]
    rows: _Options
    columns: _Options


@frozen(kw_only=True)
class RankingKind:
    """Лучшие `places` вариантов по порядку."""

    type: Literal["ranking"]
    options: _Options
    places: int


@frozen(kw_only=True)
class TextKind:
    """Свободный ответ, не длиннее `longest` знаков."""

    type: Literal["text"]
    longest: int = 2000


@frozen(kw_only=True)
class NumberKind:
    """Число от `low` до `high`; `decimals` — сколько знаков может быть после запятой."""

    type: Literal["number"]
    low: Decimal
    high: Decimal
    decimals: int = 0
    unit: _Words = ""


@frozen(kw_only=True)
class DateKind:
    """Дата с `first` по `last` включительно."""

    type: Literal["date"]
    first: date
    last: date


@frozen(kw_only=True)
class PointKind:
    """Точка на карте."""

    type: Literal["point"]


KindBody = (
    OneKind
    | SeveralKind
    | ScaleKind
    | MatrixKind
    | RankingKind
    | TextKind
    | NumberKind
    | DateKind
    | PointKind
)


@frozen(kw_only=True)
class SurveyQuestion:
    """Вопрос; `code` называет его в условиях, ответах и итогах, `when` — когда его задают."""

    code: Code
    words: _Words
    kind: KindBody
    is_required: bool = True
    when: ConditionBody | None = None
    hint: _Words = ""


QuestionBodies = Annotated[tuple[SurveyQuestion, ...], Meta(max_length=domain.QUESTIONS_LIMIT)]


def question_of(written: SurveyQuestion) -> domain.Question:
    return domain.Question(
        code=written.code,
        words=written.words,
        kind=_kind_of(written.kind),
        is_required=written.is_required,
        when=None if written.when is None else condition_of(written.when),
        hint=written.hint,
    )


def _kind_of(written: KindBody) -> domain.Kind:
    match written:
        case OneKind(options=options, has_other=has_other):
            return domain.One(options=_options_of(options), has_other=has_other)
        case SeveralKind(options=options, least=least, most=most, has_other=has_other):
            return domain.Several(options=_options_of(options), least=least, most=most, has_other=has_other)
        case ScaleKind(low=low, high=high, low_words=low_words, high_words=high_words):
            return domain.Scale(low=low, high=high, low_words=low_words, high_words=high_words)
        case MatrixKind(rows=rows, columns=columns):
            return domain.Matrix(rows=_options_of(rows), columns=_options_of(columns))
        case RankingKind(options=options, places=places):
            return domain.Ranking(options=_options_of(options), places=places)
        case TextKind(longest=longest):
            return domain.FreeText(longest=longest)
        case NumberKind(low=low, high=high, decimals=decimals, unit=unit):
            return domain.Number(low=low, high=high, decimals=decimals, unit=unit)
        case DateKind(first=first, last=last):
            return domain.Calendar(first=first, last=last)
        case PointKind():
            return domain.OnMap()


def _options_of(written: tuple[SurveyOption, ...]) -> tuple[domain.Option, ...]:
    return tuple(
        domain.Option(
            code=each.code,
            words=each.words,
            when=None if each.when is None else condition_of(each.when),
        )
        for each in written
    )


def question_out(question: domain.Question) -> SurveyQuestion:
    return SurveyQuestion(
        code=question.code,
        words=question.words,
        kind=_kind_out(question.kind),
        is_required=question.is_required,
        when=None if question.when is None else condition_out(question.when),
        hint=question.hint,
    )


def _kind_out(kind: domain.Kind) -> KindBody:
    match kind:
        case domain.One(options=options, has_other=has_other):
            return OneKind(type="one", options=_options_out(options), has_other=has_other)
        case domain.Several(options=options, least=least, most=most, has_other=has_other):
            return SeveralKind(
                type="several", options=_options_out(options), least=least, most=most, has_other=has_other
            )
        case domain.Scale(low=low, high=high, low_words=low_words, high_words=high_words):
            return ScaleKind(type="scale", low=low, high=high, low_words=low_words, high_words=high_words)
        case domain.Matrix(rows=rows, columns=columns):
            return MatrixKind(type="matrix", rows=_options_out(rows), columns=_options_out(columns))
        case domain.Ranking(options=options, places=places):
            return RankingKind(type="ranking", options=_options_out(options), places=places)
        case domain.FreeText(longest=longest):
            return TextKind(type="text", longest=longest)
        case domain.Number(low=low, high=high, decimals=decimals, unit=unit):
            return NumberKind(type="number", low=low, high=high, decimals=decimals, unit=unit)
        case domain.Calendar(first=first, last=last):
            return DateKind(type="date", first=first, last=last)
        case domain.OnMap():
            return PointKind(type="point")


def _options_out(options: tuple[domain.Option, ...]) -> tuple[SurveyOption, ...]:
    return tuple(
        SurveyOption(
            code=each.code,
            words=each.words,
            when=None if each.when is None else condition_out(each.when),
        )
        for each in options
    )
