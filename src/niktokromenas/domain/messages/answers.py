"""Answers of authorities and how their authors rate them (Положение, п. 1.3, 4.5-4.7)."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from attrs import frozen

from niktokromenas.domain.errors import Fault, refuse
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.values import is_blank

ANSWER_LIMIT = 20_000
FURTHEST_PROMISE = timedelta(days=3653)
"""Ten years: what is promised for later nobody will report on."""
WORST_RATING, LAST_BAD_RATING, BEST_RATING = 1, 2, 5


@frozen
class Done:
    """What was asked for is done."""

    word: ClassVar[str] = "done"


@frozen
class Planned:
    """It will be done by a promised day; somebody will have to report on it."""

    word: ClassVar[str] = "planned"
    by: date


@frozen
class Explained:
    """Nothing had to be done: the matter is explained."""

    word: ClassVar[str] = "explained"


@frozen
class Refused:
    """The authority will not do it, with its reason."""

    word: ClassVar[str] = "refused"
    reason: str


Outcome = Done | Planned | Explained | Refused


@frozen(kw_only=True)
class Answer:
    """An authority's answer: text and/or attachments, with an outcome stated (п. 1.3, 4.5)."""

    text: str
    outcome: Outcome
    prepared_by: ParticipantId
    prepared_at: datetime
    attachments: tuple[Attachment, ...] = ()
    approved_by: ParticipantId | None = None
    ready_at: datetime | None = None


@frozen(kw_only=True)
class AnswerDraft:
    text: str | None
    outcome: Outcome
    attachments: tuple[Attachment, ...] = ()


def check_answer(draft: AnswerDraft, *, today: date) -> None:
    """Text or attachments, a promised day that lies ahead, a reason for a refusal. Raises `Invalid`."""
    faults: list[Fault] = []
    if is_blank(draft.text or "") and not draft.attachments:
        faults.append(
            Fault("/text", "no-content", "Напишите ответ или приложите документ", "Положение, п. 1.3")
        )
    if len(draft.text or "") > ANSWER_LIMIT:
        faults.append(Fault("/text", "too-long", "Ответ не длиннее 20 000 знаков"))
    faults += hidden_faults(draft.text, "/text")
    match draft.outcome:
        case Planned(by) if by < today:
            faults.append(Fault("/outcome/by", "past-date", "Обещанный день уже прошёл"))
        case Planned(by) if by > today + FURTHEST_PROMISE:
            faults.append(Fault("/outcome/by", "too-far", "Обещать можно не дальше чем на десять лет"))
        case Refused(reason) if is_blank(reason):
            faults.append(
                Fault("/outcome/reason", "no-reason", "Назовите причину отказа", "Положение, п. 4.5")
            )
        case _:
            pass
    refuse(faults)


@frozen(kw_only=True)
class Rating:
    """The author's rating of one answer, 1 to 5 (п. 4.7)."""

    value: int
    comment: str | None
    at: datetime

    def __attrs_post_init__(self) -> None:
        faults: list[Fault] = []
        if not WORST_RATING <= self.value <= BEST_RATING:
            faults.append(Fault("/value", "bad-rating", "Оценка: от 1 до 5", "Положение, п. 4.7"))
        if self.comment is not None and len(self.comment) > 2000:
            faults.append(Fault("/comment", "too-long", "Комментарий не длиннее 2000 знаков"))
        refuse(faults)

    @property
    def is_bad(self) -> bool:
        return self.value <= LAST_BAD_RATING


@frozen(kw_only=True)
class PromiseReport:
    """Whether what was planned came to be."""

    is_done: bool
    words: str
    at: datetime
