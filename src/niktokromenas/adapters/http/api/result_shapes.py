"""Results of surveys as they go out: what was kept, in the words that were asked."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.paging import Paging
from niktokromenas.domain.surveys.content import Dimension
from niktokromenas.domain.surveys.stages import Topic

SurveyNumber = Annotated[str, Meta(pattern=r"^S-[0-9]{2}-[0-9]{6,9}$", description="Публичный номер опроса")]


@frozen(kw_only=True)
class ResultsPath:
    number: SurveyNumber


@frozen(kw_only=True)
class BreakdownPath:
    number: SurveyNumber
    dimension: Dimension


@frozen(kw_only=True)
class RoundsQuery(Paging):
    topic: Topic | None = None
    municipality: (
        Annotated[
            str,
            Meta(pattern=r"^([0-9]{8}|region)$", description="ОКТМО или region — опросы по всему региону"),
        ]
        | None
    ) = None


@frozen(kw_only=True)
class EstimateOut:
    """Среднее и 95-процентный доверительный интервал: разброс случая, отвечали те, кто захотел."""

    count: int
    mean: float
    low: float | None
    high: float | None


@frozen(kw_only=True)
class OptionCountOut:
    code: str
    words: str
    count: int
    share: float


@frozen(kw_only=True)
class OptionsResultOut:
    kind: Literal["options"]
    code: str
    words: str
    answered: int
    unanswered: int
    options: tuple[OptionCountOut, ...]


@frozen(kw_only=True)
class MarkCountOut:
    mark: int
    count: int


@frozen(kw_only=True)
class ScaleResultOut:
    kind: Literal["scale"]
    code: str
    words: str
    answered: int
    unanswered: int
    marks: tuple[MarkCountOut, ...]
    estimate: EstimateOut | None


@frozen(kw_only=True)
class ColumnCountOut:
    code: str
    words: str
    count: int


@frozen(kw_only=True)
class MatrixRowOut:
    code: str
    words: str
    columns: tuple[ColumnCountOut, ...]


@frozen(kw_only=True)
class MatrixResultOut:
    kind: Literal["matrix"]
    code: str
    words: str
    answered: int
    unanswered: int
    rows: tuple[MatrixRowOut, ...]


@frozen(kw_only=True)
class RankedOptionOut:
    """`places`: сколько раз вариант поставили на первое, второе и дальнейшие места; `points` — по Борда."""

    code: str
    words: str
    points: int
    places: tuple[int, ...]


@frozen(kw_only=True)
class RankingResultOut:
    kind: Literal["ranking"]
    code: str
    words: str
    answered: int
    unanswered: int
    options: tuple[RankedOptionOut, ...]


@frozen(kw_only=True)
class NumberResultOut:
    kind: Literal["number"]
    code: str
    words: str
    answered: int
    unanswered: int
    unit: str
    total: Decimal
    estimate: EstimateOut | None


@frozen(kw_only=True)
class DayCountOut:
    day: date
    count: int


@frozen(kw_only=True)
class DatesResultOut:
    kind: Literal["dates"]
    code: str
    words: str
    answered: int
    unanswered: int
    days: tuple[DayCountOut, ...]


@frozen(kw_only=True)
class CountResultOut:
    """Слова и точки на карте: только сколько их; сами они показываются после модерации."""

    kind: Literal["count"]
    code: str
    words: str
    answered: int
    unanswered: int


ResultOut = (
    OptionsResultOut
    | ScaleResultOut
    | MatrixResultOut
    | RankingResultOut
    | NumberResultOut
    | DatesResultOut
    | CountResultOut
)


@frozen(kw_only=True)
class TurnoutOut:
    """`target`: сколько человек могло участвовать, до 50; `null` — неизвестно или меньше 25."""

    voted: int
    target: int | None
    share: float | None


@frozen(kw_only=True)
class VoteOut:
    """Голосование «за», «против», «воздержусь»."""

    in_favour: int
    against: int
    abstained: int


@frozen(kw_only=True)
class ScaleChangeOut:
    """`difference` с 95-процентным интервалом (Уэлч); `null` — сравнить нельзя."""

    question: str
    before: EstimateOut | None
    difference: float | None
    low: float | None
    high: float | None
    is_beyond_chance: bool | None


@frozen(kw_only=True)
class ComparisonOut:
    """С прошлым опросом того же ряда."""

    number: SurveyNumber
    published_at: datetime
    scales: tuple[ScaleChangeOut, ...]


@frozen(kw_only=True)
class AnnouncedTablesOut:
    dimension: Dimension
    questions: tuple[str, ...]


@frozen(kw_only=True)
class WithheldOut:
    """Почему итогов нет: в тайном опросе ответили от одного до четырёх участников."""

    code: Literal["too-few-ballots"]
    words: str


@frozen(kw_only=True)
class ResultsOut:
    """Если `withheld` не `null`, есть только число ответивших (`turnout.voted`), а остального нет."""

    number: SurveyNumber
    title: str
    published_at: datetime
    turnout: TurnoutOut
    questions: tuple[ResultOut, ...]
    vote: VoteOut | None
    breakdowns: tuple[AnnouncedTablesOut, ...]
    comparison: ComparisonOut | None
    withheld: WithheldOut | None


@frozen(kw_only=True)
class GroupBallotsOut:
    """`ballots`: сколько человек из группы ответило; `null` — скрыто."""

    code: str
    words: str
    ballots: int | None


@frozen(kw_only=True)
class TableColumnOut:
    code: str
    words: str


@frozen(kw_only=True)
class TableRowOut:
    """`counts` в порядке столбцов; `null` — скрыто."""

    group: str
    counts: tuple[int | None, ...]


@frozen(kw_only=True)
class ResultTableOut:
    question: str
    words: str
    columns: tuple[TableColumnOut, ...]
    rows: tuple[TableRowOut, ...]


@frozen(kw_only=True)
class BreakdownOut:
    """Числа меньше `threshold` и те, по которым их можно было бы узнать, скрыты."""

    number: SurveyNumber
    dimension: Dimension
    threshold: int
    groups: tuple[GroupBallotsOut, ...]
    tables: tuple[ResultTableOut, ...]


@frozen(kw_only=True)
class LiveOut:
    """Числа меняются шагами не меньше `step` поданных и изменённых ответов."""

    number: SurveyNumber
    step: int
    ballots: int
    questions: tuple[ResultOut, ...]


@frozen(kw_only=True)
class MeanOut:
    question: str
    words: str
    low: int
    high: int
    estimate: EstimateOut | None


@frozen(kw_only=True)
class RoundOut:
    """`municipality`: ОКТМО; `null` — весь регион."""

    number: SurveyNumber
    title: str
    topic: Topic
    municipality: str | None
    starts_at: datetime
    ends_at: datetime
    published_at: datetime
    ballots: int
    means: tuple[MeanOut, ...]
