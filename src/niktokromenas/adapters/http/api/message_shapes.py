"""What goes out of a message over the API: views are lists of what may be shown, a new field stays private
until it is named here."""

from datetime import date, datetime
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class PointOut:
    lat: float
    lon: float


@frozen(kw_only=True)
class PlaceOut:
    municipality: str
    point: PointOut | None
    address: str | None
    words: str | None


@frozen(kw_only=True)
class OccasionOut:
    begins_at: datetime
    ends_at: datetime | None
    place: PlaceOut


@frozen(kw_only=True)
class AttachmentOut:
    id: UUID
    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    pages: int | None
    has_thumbnail: bool


@frozen(kw_only=True)
class AuthorOut:
    """Только то, что автор разрешил показать, или что нужно обрабатывающему."""

    name: str | None
    stated_name: str | None = None
    phone: str | None
    circumstances: str | None


@frozen(kw_only=True)
class OutcomeOut:
    kind: str
    by: date | None
    reason: str | None


@frozen(kw_only=True)
class RatingOut:
    value: int
    comment: str | None
    at: datetime


@frozen(kw_only=True)
class PromiseReportOut:
    is_done: bool
    words: str
    at: datetime


@frozen(kw_only=True)
class AnswerOut:
    """Размещённый ответ органа."""

    assignment: UUID
    authority: str
    is_lead: bool
    round: int
    text: str
    outcome: OutcomeOut
    attachments: tuple[AttachmentOut, ...]
    placed_at: datetime
    rating: RatingOut | None
    promise_report: PromiseReportOut | None


@frozen(kw_only=True)
class DraftAnswerOut:
    text: str
    outcome: OutcomeOut
    attachments: tuple[AttachmentOut, ...]
    prepared_at: datetime
    ready_at: datetime | None


@frozen(kw_only=True)
class ProlongationOut:
    reason: str
    working_days: int
    asked_at: datetime


@frozen(kw_only=True)
class AssignmentOut:
    """Поручение органу: для тех, кто работает с сообщением."""

    id: UUID
    authority: str
    is_lead: bool
    round: int
    stage: str
    assigned_at: datetime
    due: datetime
    working_days: int
    is_mine: bool
    is_taken: bool
    is_overdue: bool
    is_orphaned: bool
    prolongation: ProlongationOut | None
    return_reason: str | None
    proposed_authority: str | None
    send_back_words: str | None
    answer: DraftAnswerOut | None
    possible: tuple[str, ...]
    """Что читающий может сделать с поручением сейчас."""


@frozen(kw_only=True)
class RejectionOut:
    grounds: tuple[str, ...]
    words: str
    is_final: bool
    revivable_until: datetime | None


@frozen(kw_only=True)
class SpanOut:
    start: int
    end: int


@frozen(kw_only=True)
class RegionOut:
    left: float
    top: float
    right: float
    bottom: float


@frozen(kw_only=True)
class AnswerMaskOut:
    assignment: UUID
    spans: tuple[SpanOut, ...]


@frozen(kw_only=True)
class PictureMaskOut:
    attachment: UUID
    regions: tuple[RegionOut, ...]


@frozen(kw_only=True)
class MasksOut:
    text: tuple[SpanOut, ...]
    answers: tuple[AnswerMaskOut, ...]
    pictures: tuple[PictureMaskOut, ...]
    hidden: tuple[UUID, ...]
    hides_place_words: bool


@frozen(kw_only=True)
class MessageOut:
    """Сообщение, насколько его может видеть читающий (`view`). Чего вид не содержит, того в нём `null`."""

    number: str
    view: str
    version: int
    stage: str
    text: str | None
    attachments: tuple[AttachmentOut, ...]
    occasion: OccasionOut | None
    author: AuthorOut | None
    category: str | None
    publicity: str
    publicity_reason: str | None
    is_publicity_proposed: bool
    wish_reason: str | None
    channel: str | None
    submitted_at: datetime
    accepted_at: datetime | None
    moderation_due: datetime | None
    clarification_due: datetime | None
    routing_due: datetime | None
    answer_due: datetime | None
    rating_due: datetime | None
    reopening_due: datetime | None
    question: str | None
    rejection: RejectionOut | None
    authority: str | None
    authorities: tuple[str, ...]
    outcome: str | None
    is_overdue: bool
    masks: MasksOut | None
    merged_into: str | None
    merged_count: int
    has_author_left: bool
    answers: tuple[AnswerOut, ...]
    assignments: tuple[AssignmentOut, ...]
    joined: int | None
    """Сколько людей присоединилось."""
    followed: int | None
    has_joined: bool
    follows: bool
    possible: tuple[str, ...]


@frozen(kw_only=True)
class SubmittedOut:
    number: str
    version: int
    submitted_at: datetime
    moderation_due: datetime
    message: str
    """Что сказать автору: сроки — по Регламенту, 59-ФЗ не применяется (Положение, п. 1.4)."""


@frozen(kw_only=True)
class ActedOut:
    """Сообщение после действия."""

    number: str
    version: int
    stage: str


@frozen(kw_only=True)
class HistoryEntryOut:
    act: str
    from_stage: str | None
    to_stage: str
    at: datetime
    role: str
    body: str | None
    body_name: str | None
    """Полное наименование органа, который решил."""
    grant: UUID | None
    words: str | None
    document: str | None
    authority: str | None
    edition: int


@frozen(kw_only=True)
class HistoryOut:
    items: tuple[HistoryEntryOut, ...]
