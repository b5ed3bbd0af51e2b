"""What comes in over the API. Each class is one body; a hand-written function makes the command of it."""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.paging import Paging
from niktokromenas.domain.messages.searching import QUERY_LIMIT, Tier

FROM_GROUNDS = "Коды оснований: /api/v1/reference/grounds"
Number = Annotated[str, Meta(pattern=r"^[0-9]{2}-[0-9]{6,9}$", description="Публичный номер сообщения")]
Words = Annotated[str, Meta(max_length=2000)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
Lon = Annotated[float, Meta(ge=-180, le=180)]


@frozen(kw_only=True)
class PointIn:
    """WGS 84, градусы."""

    lat: Lat
    lon: Lon


@frozen(kw_only=True)
class PlaceIn:
    """Точка с адресом или муниципалитет (ОКТМО) со словами."""

    point: PointIn | None = None
    address: str | None = None
    municipality: str | None = None
    words: str | None = None


@frozen(kw_only=True)
class OccasionIn:
    """Время и место, с которыми связана информация (Положение, п. 8.2)."""

    begins_at: datetime | None = None
    ends_at: datetime | None = None
    place: PlaceIn = PlaceIn()


@frozen(kw_only=True)
class AuthorIn:
    """Необязательное (Положение, п. 8.3); не видно никому, кроме обрабатывающих, пока не отмечено."""

    name: str | None = None
    phone: str | None = None
    circumstances: str | None = None
    shows_name: bool = False
    shows_phone: bool = False
    shows_circumstances: bool = False


@frozen(kw_only=True)
class MessageIn:
    text: str | None = None
    attachments: Annotated[tuple[UUID, ...], Meta(max_length=10)] = ()
    occasion: OccasionIn = OccasionIn()
    author: AuthorIn = AuthorIn()
    category: str | None = None
    confirms_public: bool = False
    wishes_non_public: bool = False
    wish_reason: str | None = None


@frozen(kw_only=True)
class NearIn:
    """То, что автор уже написал: точка или муниципалитет со словами о месте."""

    text: Annotated[str, Meta(max_length=10_000)] = ""
    begins_at: datetime | None = None
    point: PointIn | None = None
    municipality: str | None = None
    words: Annotated[str, Meta(max_length=500)] | None = None
    category: str | None = None


@frozen(kw_only=True)
class QuestionIn:
    question: str


@frozen(kw_only=True)
class RejectionIn:
    grounds: Annotated[tuple[str, ...], Meta(max_length=10)]
    words: str


@frozen(kw_only=True)
class AcceptanceIn:
    category: str
    publicity: Literal["public", "non-public"]
    reason: str | None = None


@frozen(kw_only=True)
class PublicityIn:
    publicity: Literal["public", "non-public"]
    reason: str | None = None


@frozen(kw_only=True)
class TargetIn:
    authority: str
    is_lead: bool = False
    working_days: int | None = None


@frozen(kw_only=True)
class RoutingIn:
    """Без органов сообщение уйдёт тому, кого называет его тема для этого места."""

    targets: Annotated[tuple[TargetIn, ...], Meta(max_length=10)] = ()
    words: str | None = None


@frozen(kw_only=True)
class WordsIn:
    words: str


@frozen(kw_only=True)
class RatingIn:
    value: Annotated[int, Meta(ge=1, le=5)]
    comment: str | None = None


@frozen(kw_only=True)
class AgreementIn:
    agrees: bool


@frozen(kw_only=True)
class PostIn:
    """Слово в переписке."""

    text: Annotated[str, Meta(max_length=5000)] | None = None
    attachments: Annotated[tuple[UUID, ...], Meta(max_length=10)] = ()


@frozen(kw_only=True)
class SaidIn:
    """Вопрос автору или промежуточный ответ."""

    text: Annotated[str, Meta(max_length=5000)]
    attachments: Annotated[tuple[UUID, ...], Meta(max_length=10)] = ()


@frozen(kw_only=True)
class MergeIn:
    into: Number
    words: Words


@frozen(kw_only=True)
class SpanIn:
    """Знаки текста [start, end), считая кодовые точки Юникода."""

    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=1)]


@frozen(kw_only=True)
class RegionIn:
    """Область снимка в долях его ширины и высоты, от левого верхнего угла."""

    left: Annotated[float, Meta(ge=0, le=1)]
    top: Annotated[float, Meta(ge=0, le=1)]
    right: Annotated[float, Meta(ge=0, le=1)]
    bottom: Annotated[float, Meta(ge=0, le=1)]


@frozen(kw_only=True)
class AnswerMaskIn:
    assignment: UUID
    spans: Annotated[tuple[SpanIn, ...], Meta(max_length=200)]


@frozen(kw_only=True)
class PictureMaskIn:
    attachment: UUID
    regions: Annotated[tuple[RegionIn, ...], Meta(max_length=50)]


@frozen(kw_only=True)
class MasksIn:
    """Всё, что скрыто ото всех, кроме автора и обрабатывающих; заменяет прежнее."""

    text: Annotated[tuple[SpanIn, ...], Meta(max_length=200)] = ()
    answers: Annotated[tuple[AnswerMaskIn, ...], Meta(max_length=50)] = ()
    pictures: Annotated[tuple[PictureMaskIn, ...], Meta(max_length=50)] = ()
    hidden: Annotated[tuple[UUID, ...], Meta(max_length=100)] = ()
    hides_place_words: bool = False
    words: Words


@frozen(kw_only=True)
class CancellationIn:
    words: str
    new_lead: UUID | None = None


@frozen(kw_only=True)
class DecisionIn:
    grants: bool
    words: str | None = None


@frozen(kw_only=True)
class ReturnIn:
    reason: str
    proposed_authority: str | None = None


@frozen(kw_only=True)
class ProlongationIn:
    reason: str
    working_days: Annotated[int, Meta(ge=1, le=60)]


@frozen(kw_only=True)
class DoneIn:
    kind: Literal["done"]


@frozen(kw_only=True)
class PlannedIn:
    kind: Literal["planned"]
    by: date


@frozen(kw_only=True)
class ExplainedIn:
    kind: Literal["explained"]


@frozen(kw_only=True)
class RefusedIn:
    kind: Literal["refused"]
    reason: str


@frozen(kw_only=True)
class AnswerIn:
    outcome: DoneIn | PlannedIn | ExplainedIn | RefusedIn
    text: str | None = None
    attachments: Annotated[tuple[UUID, ...], Meta(max_length=10)] = ()


@frozen(kw_only=True)
class PromiseReportIn:
    is_done: bool
    words: str


@frozen(kw_only=True)
class LegalActIn:
    title: str
    number: str
    date: date


@frozen(kw_only=True)
class GrantIn:
    """Получатель: номер ЕСИА; без него создаётся одноразовое приглашение."""

    role: Literal["moderator", "official", "coordinator", "operator", "technical"]
    body: str
    legal_act: LegalActIn
    valid_from: date
    valid_until: date | None = None
    is_approver: bool = False
    work_email: str | None = None
    oid: Annotated[str, Meta(pattern=r"^[0-9]{1,20}$")] | None = None


@frozen(kw_only=True)
class ReasonIn:
    reason: str


@frozen(kw_only=True)
class AuthorityIn:
    code: str
    legal_act: LegalActIn
    head_email: str | None = None


@frozen(kw_only=True)
class ContactIn:
    person_or_office: str
    email: str | None = None
    phone: str | None = None


@frozen(kw_only=True)
class ConnectionIn:
    """Адресат для неподключённого органа; `null` — орган подключён."""

    contact: ContactIn | None


@frozen(kw_only=True)
class OrganisationIn:
    """`null` — действовать от своего имени."""

    oid: str | None


@frozen(kw_only=True)
class ActingGrantIn:
    grant: UUID | None


@frozen(kw_only=True)
class ConsentIn:
    version: str


@frozen(kw_only=True)
class CircleIn:
    centre: PointIn
    metres: Annotated[int, Meta(ge=100, le=5000)]


@frozen(kw_only=True)
class SubscriptionIn:
    """О чём узнавать: район или точка с радиусом, тема (или группа тем), или и то и другое."""

    municipality: Annotated[str, Meta(max_length=8)] | None = None
    circle: CircleIn | None = None
    category: Annotated[str, Meta(max_length=64)] | None = None


@frozen(kw_only=True)
class BlockIn:
    grounds: Annotated[tuple[str, ...], Meta(min_length=1, max_length=10)]
    until: datetime
    words: Words


@frozen(kw_only=True)
class WordsOfBlockIn:
    words: Words


@frozen(kw_only=True)
class ObjectionDecisionIn:
    """`grants`: возражение принято, блокировка снята."""

    grants: bool
    words: Words


@frozen(kw_only=True)
class NoticeSettingsIn:
    modes: dict[str, Literal["at-once", "daily", "off"]]


@frozen(kw_only=True)
class FilterIn:
    """Условия — те же, что у самого списка."""

    name: Annotated[str, Meta(max_length=100)]
    list: Literal["journal", "answers", "inbox"]
    terms: dict[str, str]


@frozen(kw_only=True)
class NameIn:
    name: Annotated[str, Meta(max_length=100)]


@frozen(kw_only=True)
class TemplateIn:
    """Тема или группа; текст без разметки."""

    category: str
    title: Annotated[str, Meta(max_length=200)]
    text: Annotated[str, Meta(max_length=20_000)]


@frozen(kw_only=True)
class JournalQuery(Paging):
    category: str | None = None
    municipality: str | None = None
    authority: str | None = None
    stage: Literal["accepted", "routed", "answered", "closed"] | None = None
    outcome: Literal["done", "planned", "explained", "refused", "failed"] | None = None
    since: datetime | None = None
    until: datetime | None = None
    bbox: Annotated[str, Meta(description="запад,юг,восток,север в градусах WGS 84")] | None = None


@frozen(kw_only=True)
class SearchQuery(JournalQuery):
    q: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=QUERY_LIMIT,
            description="Слова в любой форме; «в кавычках» — рядом и в этом порядке",
            examples=["ямы на дороге"],
        ),
    ]


FoundTier: TypeAlias = Annotated[int, Meta(ge=0, le=int(max(Tier)))]
FoundPlace: TypeAlias = Annotated[str, Meta(pattern=r"^-?[0-7]?[0-9a-f]{1,15}$")]
"""64 bits in base 16: a number of JSON is not for so many."""


@frozen(kw_only=True)
class JournalExportQuery:
    """Условия журнала; страниц у файла нет."""

    category: str | None = None
    municipality: str | None = None
    authority: str | None = None
    stage: Literal["accepted", "routed", "answered", "closed"] | None = None
    outcome: Literal["done", "planned", "explained", "refused", "failed"] | None = None
    since: datetime | None = None
    until: datetime | None = None
    bbox: Annotated[str, Meta(description="запад,юг,восток,север в градусах WGS 84")] | None = None


@frozen(kw_only=True)
class OfficeExportQuery:
    list: Literal["answers", "inbox"] = "answers"
    watch: Literal["due", "today", "soon", "overdue", "incomplete", "not-taken"] = "overdue"
    authority: str | None = None


@frozen(kw_only=True)
class InboxQuery(Paging):
    authority: str | None = None


@frozen(kw_only=True)
class WatchQuery(Paging):
    watch: Literal["due", "today", "soon", "overdue", "incomplete", "not-taken"] = "overdue"
    authority: str | None = None


@frozen(kw_only=True)
class AuthorityQuery:
    authority: str | None = None


@frozen(kw_only=True)
class TemplatesQuery(Paging):
    authority: str | None = None
    category: str | None = None


@frozen(kw_only=True)
class NewestQuery:
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


@frozen(kw_only=True)
class FileQuery:
    thumbnail: bool = False


@frozen(kw_only=True)
class GrantsQuery(Paging):
    body: str | None = None


@frozen(kw_only=True)
class AuthoritiesQuery:
    only_unreachable: bool = False


@frozen(kw_only=True)
class MessagePath:
    number: Number


@frozen(kw_only=True)
class AttachmentPath:
    number: Number
    attachment: UUID


@frozen(kw_only=True)
class AssignmentPath:
    number: Number
    assignment: UUID


@frozen(kw_only=True)
class IdPath:
    id: UUID


@frozen(kw_only=True)
class CodePath:
    code: Annotated[str, Meta(max_length=32)]


@frozen(kw_only=True)
class KindPath:
    kind: Literal["regulation", "moderation-rules", "materials", "consent", "birth-date-consent"]
