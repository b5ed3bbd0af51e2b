"""What comes in over the API. Each class is one body; a hand-written function makes the command of it."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from msgspec import Meta

from niktokromenas.adapters.http.paging import Paging

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
class NoticeSettingsIn:
    modes: dict[str, Literal["at-once", "off"]]


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
class InboxQuery(Paging):
    authority: str | None = None


@frozen(kw_only=True)
class WatchQuery(Paging):
    watch: Literal["due", "overdue", "incomplete"] = "overdue"
    authority: str | None = None


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
    kind: Literal["regulation", "moderation-rules", "consent"]
