"""What goes out over the API: views are lists of what may be shown, a new field stays private until
it is named here."""

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
class PostOut:
    """Слово в переписке; кто написал, видно по роли и органу."""

    id: UUID
    kind: str
    at: datetime
    role: str
    body: str | None
    body_name: str | None
    is_mine: bool
    text: str
    attachments: tuple[AttachmentOut, ...]
    assignment: UUID | None


@frozen(kw_only=True)
class PostedOut:
    id: UUID


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
class FollowingOut:
    """Как читающий относится к сообщению и сколько таких же."""

    number: str
    joined: int
    followed: int
    has_joined: bool
    follows: bool


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
class JournalItemOut:
    number: str
    excerpt: str
    category: str | None
    municipality: str
    address: str | None
    point: PointOut | None
    authority: str | None
    stage: str
    outcome: str | None
    publicity: str
    rating: int | None
    submitted_at: datetime
    answer_due: datetime | None
    is_overdue: bool
    thumbnail: UUID | None
    joined: int
    followed: int


@frozen(kw_only=True)
class FollowedItemOut:
    message: JournalItemOut
    since: datetime
    has_joined: bool
    follows: bool


@frozen(kw_only=True)
class CircleOut:
    centre: PointOut
    metres: int


@frozen(kw_only=True)
class SubscriptionOut:
    id: UUID
    municipality: str | None
    circle: CircleOut | None
    category: str | None
    at: datetime


@frozen(kw_only=True)
class SubscriptionsOut:
    items: tuple[SubscriptionOut, ...]


@frozen(kw_only=True)
class DeskItemOut:
    message: JournalItemOut
    due: datetime
    task: str


@frozen(kw_only=True)
class InboxItemOut:
    message: JournalItemOut
    assignment: UUID
    stage: str
    is_lead: bool
    due: datetime
    is_taken: bool
    is_mine: bool
    is_overdue: bool


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


@frozen(kw_only=True)
class HintOut:
    """`where` — указатель JSON (RFC 6901) на место в сообщении; `start` и `end` — знаки его текста,
    [start, end), как в скрытых местах."""

    where: str
    kind: str
    start: int
    end: int
    words: str
    reason: str


@frozen(kw_only=True)
class HintsOut:
    items: tuple[HintOut, ...]
    note: str


@frozen(kw_only=True)
class NearMessageOut:
    """`score` от 0 до 1, `reasons` говорят почему; `metres` есть, если у обоих известна точка."""

    number: str
    excerpt: str
    category: str | None
    address: str | None
    submitted_at: datetime
    metres: int | None
    score: float
    reasons: tuple[str, ...]


@frozen(kw_only=True)
class DuplicateOut(NearMessageOut):
    stage: str
    publicity: str


@frozen(kw_only=True)
class NearOut:
    items: tuple[NearMessageOut, ...]


@frozen(kw_only=True)
class DuplicatesOut:
    items: tuple[DuplicateOut, ...]


@frozen(kw_only=True)
class FactOut:
    kind: str
    value: str
    provenance: str
    at: datetime


@frozen(kw_only=True)
class OrganisationOut:
    oid: str
    kind: str
    short_name: str
    full_name: str


@frozen(kw_only=True)
class ConsentOut:
    """Согласие: к какому документу, когда дано и когда отозвано."""

    version: str
    kind: str
    at: datetime
    withdrawn_at: datetime | None


@frozen(kw_only=True)
class MeOut:
    """Кто вошёл, в каком качестве действует, какие полномочия действуют."""

    id: UUID
    name: str
    organisation: str | None
    organisations: tuple[OrganisationOut, ...]
    roles: tuple[str, ...]
    acting_grant: UUID | None
    facts: tuple[FactOut, ...]
    consent_given: bool
    consent_version: str
    consents: tuple[ConsentOut, ...]
    unread: int


@frozen(kw_only=True)
class SessionOut:
    id: UUID
    kind: str
    device: str
    client: str | None
    began_at: datetime
    expires_at: datetime
    is_this: bool


@frozen(kw_only=True)
class SessionsOut:
    items: tuple[SessionOut, ...]


@frozen(kw_only=True)
class LegalActOut:
    title: str
    number: str
    date: date


@frozen(kw_only=True)
class GrantOut:
    id: UUID
    version: int
    role: str
    body: str
    stage: str
    legal_act: LegalActOut
    valid_from: date
    valid_until: date | None
    is_approver: bool
    grantee_oid: str | None
    grantee: str | None
    """Имя по ЕСИА: только в ответе об одном полномочии."""
    is_invitation: bool
    proposed_by: str
    proposed_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    invitation: str | None
    """Одноразовая ссылка; показывается один раз, при создании."""


@frozen(kw_only=True)
class GrantsOut:
    items: tuple[GrantOut, ...]


@frozen(kw_only=True)
class AuthorityOut:
    code: str
    name: str
    version: int
    legal_act: LegalActOut
    registered_at: datetime
    has_active_official: bool
    has_active_approver: bool
    is_not_connected: bool
    can_be_routed_to: bool


@frozen(kw_only=True)
class AuthoritiesOut:
    items: tuple[AuthorityOut, ...]


@frozen(kw_only=True)
class NoticeOut:
    """Что произошло; `about` — название опроса или социальной группы."""

    id: UUID
    kind: str
    title: str
    number: str | None
    about: str | None
    words: str | None
    at: datetime
    is_read: bool


@frozen(kw_only=True)
class AwaitedAnswerOut:
    number: str
    assignment: UUID
    authority: str
    is_lead: bool
    stage: str
    due: datetime
    is_taken: bool
    send_back_words: str | None


@frozen(kw_only=True)
class OfficeSummaryOut:
    """Сколько ответов ждут от органа; `soon` — срок в ближайшие три рабочих дня, вместе с сегодняшним."""

    authority: str
    name: str
    awaited: int
    today: int
    soon: int
    overdue: int
    incomplete: int
    not_taken: int


@frozen(kw_only=True)
class OfficialLoadOut:
    """Что в работе у должностного лица; без имени — у тех, чьё полномочие прекращено."""

    grant: UUID | None
    name: str | None
    is_me: bool
    is_approver: bool
    taken: int
    today: int
    soon: int
    overdue: int
    incomplete: int


@frozen(kw_only=True)
class OfficeLoadOut:
    items: tuple[OfficialLoadOut, ...]


@frozen(kw_only=True)
class FilterOut:
    id: UUID
    name: str
    list: str
    terms: dict[str, str]
    made_at: datetime


@frozen(kw_only=True)
class FiltersOut:
    items: tuple[FilterOut, ...]


@frozen(kw_only=True)
class TemplateOut:
    id: UUID
    version: int
    authority: str
    category: str
    title: str
    text: str
    made_at: datetime


@frozen(kw_only=True)
class LetterOut:
    id: UUID
    kind: str
    message_id: str
    state: str
    attempts: int
    claimed_at: datetime | None
    last_error: str | None


@frozen(kw_only=True)
class LettersOut:
    items: tuple[LetterOut, ...]


@frozen(kw_only=True)
class BlockOut:
    """Блокировка, без имён."""

    id: UUID
    version: int
    stage: str
    grounds: tuple[str, ...]
    reason: str
    set_at: datetime
    until: datetime
    objection: str | None
    objected_at: datetime | None
    decision: str | None
    decided_at: datetime | None
    lifted_because: str | None
    lifted_at: datetime | None


@frozen(kw_only=True)
class CountOut:
    count: int


@frozen(kw_only=True)
class NoticeModeOut:
    kind: str
    title: str
    mode: str
    is_legal: bool


@frozen(kw_only=True)
class NoticeSettingsOut:
    items: tuple[NoticeModeOut, ...]


@frozen(kw_only=True)
class AuditEntryOut:
    id: UUID
    at: datetime
    action: str
    object_kind: str
    object_id: str
    participant: UUID | None
    session: UUID | None
    grant: UUID | None
    facts: dict[str, str]


@frozen(kw_only=True)
class NamedOut:
    code: str
    name: str
    parent: str | None


@frozen(kw_only=True)
class CategoryOut:
    code: str
    name: str
    parent: str | None
    answer_working_days: int


@frozen(kw_only=True)
class DirectoryOut:
    items: tuple[NamedOut, ...]


@frozen(kw_only=True)
class CategoriesOut:
    items: tuple[CategoryOut, ...]


@frozen(kw_only=True)
class DocumentOut:
    kind: str
    version: str
    title: str
    effective_from: date
    text: str


@frozen(kw_only=True)
class BodyOut:
    role: str
    code: str
    name: str


@frozen(kw_only=True)
class AboutOut:
    """Что это за платформа, кто ею управляет, по каким срокам отвечают."""

    name: str
    region: str
    not_an_appeal: str
    bodies: tuple[BodyOut, ...]
    regulation_version: str
    moderation_rules_version: str
    consent_version: str
    birth_consent_version: str
    boundaries_attribution: str
