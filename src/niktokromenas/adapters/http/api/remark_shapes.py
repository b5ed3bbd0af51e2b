"""Remarks on the wire: what comes in and what goes out."""

from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.api.hint_shapes import HintOut
from niktokromenas.adapters.http.api.survey_shapes import SurveyNumber
from niktokromenas.adapters.http.api.wire import FROM_GROUNDS, Words
from niktokromenas.adapters.http.paging import Paging

AT_ONCE = 100


@frozen(kw_only=True)
class RemarkQueueQuery(Paging):
    """Без номера опроса — по всем опросам с опубликованными итогами."""

    stage: Literal["unread", "shown", "hidden"] = "unread"
    survey: SurveyNumber | None = None


@frozen(kw_only=True)
class RemarksQuery(Paging):
    question: Annotated[str, Meta(min_length=1, max_length=32, description="Код вопроса")]


@frozen(kw_only=True)
class HideRemarkIn:
    grounds: Annotated[tuple[str, ...], Meta(min_length=1, max_length=10, description=FROM_GROUNDS)]
    words: Words


@frozen(kw_only=True)
class PickedRemarkIn:
    """Ответ, каким его прочитал модератор."""

    id: UUID
    version: Annotated[int, Meta(ge=1)]


@frozen(kw_only=True)
class ShowRemarksIn:
    remarks: Annotated[tuple[PickedRemarkIn, ...], Meta(min_length=1, max_length=AT_ONCE)]


@frozen(kw_only=True)
class HideRemarksIn:
    remarks: Annotated[tuple[PickedRemarkIn, ...], Meta(min_length=1, max_length=AT_ONCE)]
    grounds: Annotated[tuple[str, ...], Meta(min_length=1, max_length=10, description=FROM_GROUNDS)]
    words: Words


@frozen(kw_only=True)
class DecidedRemarkOut:
    """Чей это ответ, не хранится."""

    id: UUID
    version: int
    question: str
    words: str
    stage: str
    grounds: Annotated[tuple[str, ...], Meta(description=FROM_GROUNDS)]
    reason: str | None


@frozen(kw_only=True)
class DecidedRemarksOut:
    items: tuple[DecidedRemarkOut, ...]


@frozen(kw_only=True)
class QueuedRemarkOut:
    """`hints` — подсказки программы: `where` всегда `/words`."""

    survey: str
    survey_title: str
    question_words: str
    remark: DecidedRemarkOut
    hints: tuple[HintOut, ...]


@frozen(kw_only=True)
class RemarkQueueOut:
    items: tuple[QueuedRemarkOut, ...]
    next: str | None
    note: str


@frozen(kw_only=True)
class ShownRemarkOut:
    id: UUID
    words: str


@frozen(kw_only=True)
class RemarkCountsOut:
    """Показано, скрыто модератором, ещё не прочитано."""

    shown: int
    hidden: int
    unread: int


@frozen(kw_only=True)
class SpotsOut:
    """Сколько точек в муниципалитете (ОКТМО; `elsewhere` — вне области); `null` — скрыто, мало точек."""

    municipality: str
    count: int | None


@frozen(kw_only=True)
class RemarksOut:
    """Показанные ответы своими словами, в случайном порядке, с которым ничего не связано.

    `is_whole`: ответы уже выделены из всех бюллетеней. `spots` — для вопроса с точкой на карте.
    """

    items: tuple[ShownRemarkOut, ...]
    next: str | None
    counts: RemarkCountsOut
    spots: tuple[SpotsOut, ...]
    is_whole: bool
