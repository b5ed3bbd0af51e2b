"""Whatever the product can hold, built by its own constructors and acts; what bites is varied.

Instants carry offsets and microseconds, text is any that the wire lets in, absent parts are absent or not.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from attrs import evolve
from hypothesis import strategies as st

from niktokromenas.domain.audit import AuditEntry, Seal
from niktokromenas.domain.ids import (
    AssignmentId,
    AttachmentId,
    FilterId,
    GrantId,
    MessageId,
    ParticipantId,
    SessionId,
    TemplateId,
)
from niktokromenas.domain.messages.answers import (
    Answer,
    Done,
    Explained,
    Planned,
    PromiseReport,
    Rating,
    Refused,
)
from niktokromenas.domain.messages.assignments import Assignment, ProlongationRequest, ReturnNote
from niktokromenas.domain.messages.attachments import Attachment, MediaType, display_name
from niktokromenas.domain.messages.content import Author, AuthorDetails, Content, Occasion, Place
from niktokromenas.domain.messages.message import HistoryEntry, Message, MessageActed, Rejection
from niktokromenas.domain.messages.stages import Act, AssignmentAct, AssignmentStage, Publicity, Stage
from niktokromenas.domain.notices import (
    NOTICE_KINDS,
    Delivery,
    Letter,
    Notice,
    NoticeKind,
    NoticeMode,
    NoticeSettings,
    may_be_daily,
)
from niktokromenas.domain.office.filters import FilteredList, SavedFilter
from niktokromenas.domain.office.templates import AnswerTemplate
from niktokromenas.domain.participants.actors import Acting, Channel
from niktokromenas.domain.participants.authorities import Authority, Contact, register
from niktokromenas.domain.participants.grants import Grant, GrantTerms, Hand, bootstrap, propose
from niktokromenas.domain.participants.identity import (
    Identity,
    OrganisationKind,
    OrganisationRole,
    PersonName,
    Subject,
)
from niktokromenas.domain.participants.people import Participant, newcomer, organisation
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.participants.sessions import Session, SessionKind
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.values import LegalAct, Phone, Point
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.messages import Upload
from niktokromenas.ports.participants import AppCode, AppRequest, LoginAttempt

words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
"""PostgreSQL keeps no NUL and UTF-8 no lone surrogates: the wire refuses both."""
said = words.filter(lambda text: any(character.isalnum() for character in text))
offsets = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(
    datetime(2021, 1, 11), datetime(2026, 11, 1), timezones=st.one_of(st.just(UTC), offsets)
)
"""Within the calendar of the pack: terms are counted from them as a message is written."""
days = st.dates(date(2021, 1, 11), date(2026, 11, 1))
ids = st.uuids(version=4)
participant_ids, grant_ids = ids.map(ParticipantId), ids.map(GrantId)
emails = st.builds("p{}@{}.example".format, st.integers(0, 999), st.sampled_from(("a", "почта", "b-c")))
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
oids = st.integers(1, 10**19).map(str)
subjects = st.builds(Subject, st.sampled_from(("http://esia.example/", "https://esia.gosuslugi.ru/")), oids)
codes = st.sampled_from(("adm-18701", "vo-road", "x" * 32))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def few(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


legal_acts = st.builds(LegalAct, title=said, number=said, date=days)
phones = st.integers(10_000_000, 10**14).map(lambda digits: Phone(f"+{digits}"))


@st.composite
def attachments(draw: st.DrawFn) -> Attachment:
    media_type = draw(st.sampled_from(MediaType))
    return Attachment(
        id=AttachmentId(draw(ids)),
        name=display_name(draw(words), media_type),
        media_type=media_type,
        size=draw(st.integers(1, 2**40)),
        sha256=draw(hashes),
        key=draw(ids).hex,
        thumbnail_key=draw(maybe(ids.map(lambda i: i.hex))),
        width=draw(maybe(st.integers(1, 20_000))),
        height=draw(maybe(st.integers(1, 20_000))),
        pages=draw(maybe(st.integers(1, 500))),
    )


uploads = st.builds(Upload, attachment=attachments(), participant_id=participant_ids, uploaded_at=instants)

names = st.builds(PersonName, said, said, maybe(said))
identities = st.builds(
    Identity,
    subject=subjects,
    name=names,
    authenticated_at=instants,
    esia_session=words,
    email=maybe(emails),
    mobile=maybe(phones.map(lambda phone: phone.number)),
)
organisation_roles = st.builds(
    OrganisationRole,
    subject=subjects,
    kind=st.sampled_from(OrganisationKind),
    short_name=words,
    full_name=words,
    ogrn=maybe(st.just("1023403433898")),
    is_chief=st.booleans(),
    is_admin=st.booleans(),
)


@st.composite
def participants(draw: st.DrawFn) -> Participant:
    if draw(st.booleans()):
        return evolve(
            organisation(draw(participant_ids), draw(organisation_roles)), ended_at=draw(maybe(instants))
        )
    at, residence = draw(instants), maybe(st.sampled_from(("18701000", "18710000")))
    person = newcomer(draw(participant_ids), draw(identities), draw(residence), at=at)
    if draw(st.booleans()):
        person = person.seen_again(draw(identities), draw(residence), at=draw(instants))
    for version in draw(st.sets(st.sampled_from(("2026-01", "2026-11")))):
        person = person.agreed(version, at=draw(instants), kind=draw(st.sampled_from(DocumentKind)))
    if draw(st.booleans()):
        person = person.withdrew_birth_consent("2026-01", at=draw(instants))
    return person


def _hand(draw: st.DrawFn, role: Role, oid: int, at: datetime) -> Hand:
    subject = Subject("http://hands.example/", str(oid))
    return Hand(participant_id=draw(maybe(participant_ids)), subject=subject, role=role, at=at)


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    """At every stage: invited, proposed, claimed, confirmed, refused, ended, begun from the machine."""
    at = draw(instants)
    first = draw(days)
    terms = GrantTerms(
        role=Role.OFFICIAL,
        body=draw(codes),
        legal_act=draw(legal_acts),
        valid_from=first,
        valid_until=draw(maybe(st.integers(3000, 4000).map(lambda more: first + timedelta(days=more)))),
        is_approver=draw(st.booleans()),
        work_email=draw(maybe(emails)),
    )
    life = draw(st.sampled_from(("bootstrap", "invited", "proposed", "confirmed", "refused", "ended")))
    if life == "bootstrap":
        return bootstrap(
            GrantId(draw(ids)),
            evolve(terms, role=Role.TECHNICAL, is_approver=False),
            draw(subjects),
            at=at,
        )
    is_invited = life == "invited" or draw(st.booleans())
    grant = propose(
        GrantId(draw(ids)),
        terms,
        _hand(draw, Role.TECHNICAL, 1, at),
        operator_body="vo-kit",
        subject=None if is_invited else draw(subjects),
        invitation_hash=draw(hashes) if is_invited else None,
    )
    if life == "invited":
        return grant
    if is_invited:
        grant = grant.claim(draw(subjects), at=at)
    if life == "refused":
        return grant.turn_down(_hand(draw, Role.OPERATOR, 2, draw(instants)), draw(said))
    if life in ("confirmed", "ended"):
        grant = grant.confirm(_hand(draw, Role.OPERATOR, 2, at))
    if life == "ended":
        grant = grant.end(_hand(draw, Role.OPERATOR, 3, draw(instants)), draw(said))
    return grant


sessions = st.builds(
    Session,
    id=ids.map(SessionId),
    kind=st.sampled_from(SessionKind),
    participant_id=participant_ids,
    secret_hash=st.one_of(st.just(""), hashes),
    began_at=instants,
    expires_at=instants,
    device=words,
    client_id=maybe(st.just("pocket")),
    organisations=few(organisation_roles),
    acting_grant=maybe(grant_ids),
    generation=st.integers(0, 2**31 - 1),
    ended_at=maybe(instants),
    end_reason=maybe(st.sampled_from(("by-owner", "refresh-reused", "signed-in-again"))),
)
apps = st.builds(
    AppRequest,
    client_id=st.just("pocket"),
    redirect_uri=words,
    code_challenge=words,
    state=maybe(words),
)
login_attempts = st.builds(
    LoginAttempt,
    state=ids.map(str),
    browser_hash=hashes,
    code_verifier=words,
    began_at=instants,
    return_to=words,
    invitation_hash=maybe(hashes),
    app=maybe(apps),
)
app_codes = st.builds(AppCode, code_hash=hashes, session=sessions, app=apps, expires_at=instants)
contacts = st.builds(
    Contact,
    person_or_office=said,
    email=emails,
    phone=maybe(st.just("+78442300000")),
)


@st.composite
def authorities(draw: st.DrawFn) -> Authority:
    made = register(
        draw(codes), draw(legal_acts), draw(maybe(emails)), by=draw(maybe(participant_ids)), at=draw(instants)
    )
    made = evolve(made, orphaned_at=draw(maybe(instants)))
    return made.not_connected(draw(contacts)) if draw(st.booleans()) else made


printable = said.map(lambda text: "".join(c for c in text if c.isprintable()))
saved_filters = st.builds(
    SavedFilter,
    id=ids.map(FilterId),
    owner_id=participant_ids,
    place=st.integers(1, 50),
    name=printable,
    list=st.sampled_from(FilteredList),
    terms=st.dictionaries(words, words, max_size=3),
    made_at=instants,
)
answer_templates = st.builds(
    AnswerTemplate,
    id=ids.map(TemplateId),
    authority=codes,
    category=st.sampled_from(("roads", "roads.pothole")),
    title=printable,
    text=said,
    made_by=participant_ids,
    made_at=instants,
    ended_at=maybe(instants),
)

facts = st.dictionaries(st.sampled_from(("role", "number", "ключ")), words, max_size=3)
audit_entries = st.builds(
    AuditEntry,
    id=ids,
    at=instants.map(lambda at: at.astimezone(UTC)),
    action=st.sampled_from(("message.accept", "session.begin")),
    object_kind=st.sampled_from(("message", "grant")),
    object_id=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=64),
    participant_id=maybe(participant_ids),
    session_id=maybe(ids.map(SessionId)),
    grant_id=maybe(grant_ids),
    facts=facts,
)
seals = st.builds(
    Seal,
    number=st.integers(1, 2**31 - 1),
    previous=hashes,
    head=hashes,
    count=st.integers(1, 2**31 - 1),
    sealed_at=instants,
    signature=st.binary(max_size=64),
)


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    kind = draw(st.sampled_from(NoticeKind))
    return Notice(
        id=draw(ids),
        event_id=draw(ids),
        recipient_id=draw(ids),
        kind=kind,
        facts={name: draw(maybe(words)) for name in NOTICE_KINDS[kind].facts},
        at=draw(instants),
        read_at=draw(maybe(instants)),
    )


_optional = [kind for kind, row in NOTICE_KINDS.items() if not row.is_legal]
_chosen = st.sampled_from(_optional).flatmap(
    lambda kind: st.tuples(
        st.just(kind),
        st.sampled_from([m for m in NoticeMode if m is not NoticeMode.DAILY or may_be_daily(kind)]),
    )
)
notice_settings = st.lists(_chosen).map(lambda chosen: NoticeSettings(dict(chosen)))
one_line = words.map(lambda text: "".join(c for c in text if c.isprintable()))
letters = st.builds(
    Letter,
    id=ids,
    notice_id=ids,
    kind=st.sampled_from(NoticeKind),
    to=emails,
    subject=one_line,
    text=words,
    html=words,
    message_id=one_line,
    unsubscribe_url=maybe(one_line),
)


@st.composite
def deliveries(draw: st.DrawFn, letter_id: UUID) -> Delivery:
    """As far as they come: waiting, begun, sent, refused and waiting again, dead, unknown."""
    at = draw(instants)
    delivery = Delivery.begun(letter_id, at=at)
    for _ in range(draw(st.integers(0, 3))):
        delivery = delivery.claim(at).refused(at, draw(words))
        at = delivery.next_at or at
    claimed = delivery.claim(at)
    ends = (delivery, claimed, claimed.sent(), claimed.lost(draw(words)))
    return draw(st.sampled_from((*ends, claimed.refused(at, draw(words), is_permanent=True))))


request_keys = st.builds(
    RequestKey,
    participant_id=participant_ids,
    route=st.sampled_from(("messages.submit", "attachments.upload")),
    key=words,
    body_hash=hashes,
)

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
places = st.builds(
    Place,
    municipality=st.sampled_from(("18701000", "18710000")),
    point=maybe(points),
    address=maybe(words),
    words=maybe(words),
)
contents = st.builds(
    Content,
    text=words,
    occasion=st.builds(Occasion, begins_at=instants, place=places, ends_at=maybe(instants)),
    attachments=few(attachments()),
)
author_details = st.builds(
    AuthorDetails,
    name=maybe(words),
    phone=maybe(phones),
    circumstances=maybe(words),
    shows_name=st.booleans(),
    shows_phone=st.booleans(),
    shows_circumstances=st.booleans(),
)
authors = st.builds(Author, participant_id=participant_ids, esia_name=words, details=author_details)
outcomes = st.one_of(st.just(Done()), st.just(Explained()), days.map(Planned), words.map(Refused))
answers = st.builds(
    Answer,
    text=words,
    outcome=outcomes,
    prepared_by=participant_ids,
    prepared_at=instants,
    attachments=few(attachments()),
    approved_by=maybe(participant_ids),
    ready_at=maybe(instants),
)
assignments = st.builds(
    Assignment,
    id=ids.map(AssignmentId),
    authority=codes,
    is_lead=st.booleans(),
    round=st.integers(1, 2),
    assigned_at=instants,
    due_at=instants,
    working_days=st.integers(1, 40),
    stage=st.sampled_from(AssignmentStage),
    taken_by=maybe(participant_ids),
    prolongation=maybe(st.builds(ProlongationRequest, words, st.integers(1, 40), instants)),
    prolongations=st.integers(0, 1),
    return_note=maybe(st.builds(ReturnNote, words, maybe(codes))),
    answer=maybe(answers),
    send_back_words=maybe(words),
    placed_at=maybe(instants),
    placing_due=maybe(instants),
    rating=maybe(st.builds(Rating, value=st.integers(1, 5), comment=maybe(words), at=instants)),
    promise_report=maybe(st.builds(PromiseReport, is_done=st.booleans(), words=words, at=instants)),
    overdue_at=maybe(instants),
    escalated_at=maybe(instants),
    promise_overdue_at=maybe(instants),
    orphaned_at=maybe(instants),
)
rejections = st.builds(
    Rejection,
    grounds=few(st.sampled_from(("ads", "no_substance"))),
    words=words,
    is_final=st.booleans(),
    at=instants,
    revivable_until=maybe(instants),
)
actings = st.builds(
    Acting,
    role=st.sampled_from(Role),
    participant_id=maybe(participant_ids),
    grant_id=maybe(grant_ids),
    body=maybe(codes),
    organisation_id=maybe(participant_ids),
)
history_entries = st.builds(
    HistoryEntry,
    act=st.sampled_from([act.value for kind in (Act, AssignmentAct) for act in kind]),
    from_stage=maybe(st.sampled_from([stage.value for stage in Stage])),
    to_stage=st.sampled_from([stage.value for stage in Stage]),
    by=actings,
    at=instants,
    words=maybe(words),
    document=maybe(st.just("regulation 2026-11")),
    assignment_id=maybe(ids.map(AssignmentId)),
    authority=maybe(codes),
    edition=st.integers(1, 9),
    content=maybe(contents),
)
_counts = st.integers(0, 9)
messages = st.builds(
    Message,
    id=ids.map(MessageId),
    number=st.integers(0, 999_999).map("26-{:06d}".format),
    author=authors,
    content=contents,
    channel=st.sampled_from(Channel),
    submitted_at=instants,
    category=maybe(st.sampled_from(("roads.pothole", "lighting.lamp"))),
    edition=st.integers(1, 9),
    stage=st.sampled_from(Stage),
    publicity=st.sampled_from(Publicity),
    publicity_reason=maybe(words),
    is_publicity_proposed=st.booleans(),
    wish_reason=maybe(words),
    question=maybe(words),
    clarifications=_counts,
    revisions=_counts,
    rejection=maybe(rejections),
    round=st.integers(1, 2),
    returns=_counts,
    is_with_coordinator=st.booleans(),
    reopenings=_counts,
    accepted_at=maybe(instants),
    moderation_due=maybe(instants),
    clarification_due=maybe(instants),
    routing_due=maybe(instants),
    answer_due=maybe(instants),
    answered_at=maybe(instants),
    rating_due=maybe(instants),
    reopening_due=maybe(instants),
    desk_overdue_at=maybe(instants),
    assignments=few(assignments),
    entries=few(history_entries),
)
message_events = st.builds(
    MessageActed,
    subject_id=ids,
    at=instants,
    number=st.just("26-000001"),
    act=st.sampled_from(("something", "else")),
    by_role=st.sampled_from([role.value for role in Role]),
    by_participant=maybe(participant_ids),
    assignment_id=maybe(ids.map(AssignmentId)),
    authority=codes,
    words=maybe(words),
)
