"""Things to store, made by the product's own functions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve

from niktokromenas.adapters.system import new_id
from niktokromenas.domain.ids import AssignmentId, AttachmentId, GrantId, MessageId, ParticipantId
from niktokromenas.domain.messages import answering, authoring, moderating
from niktokromenas.domain.messages.answers import AnswerDraft, Done, Outcome
from niktokromenas.domain.messages.attachments import Attachment, MediaType
from niktokromenas.domain.messages.content import Author, Found, MessageDraft, check
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moderating import Routing, Target
from niktokromenas.domain.messages.moves import Doing
from niktokromenas.domain.messages.stages import Publicity
from niktokromenas.domain.participants.actors import Acting, Channel
from niktokromenas.domain.participants.authorities import Authority, AuthorityAtWork
from niktokromenas.domain.participants.grants import Grant, GrantTerms, bootstrap, propose
from niktokromenas.domain.participants.grants import Hand as GrantHand
from niktokromenas.domain.participants.identity import Identity, PersonName, Subject
from niktokromenas.domain.participants.people import Participant, newcomer
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.values import LegalAct, Point
from tests.contract.stores import NOON, Stores, a_region, a_rulebook

ISSUER = "http://esia.example/"
CITY, ROADS = "adm-18701", "vo-road"
HERE = Point(48.7071, 44.5169)


def an_attachment(name: str = "яма.jpg") -> Attachment:
    return Attachment(
        id=AttachmentId(new_id()),
        name=name,
        media_type=MediaType.JPEG,
        size=1000,
        sha256="a" * 64,
        key=new_id().hex,
        thumbnail_key=new_id().hex,
        width=640,
        height=480,
    )


def a_draft(**changes: Any) -> MessageDraft:
    draft = MessageDraft(
        text="Яма на дороге",
        begins_at=NOON - timedelta(days=1),
        point=HERE,
        address="ул. Мира, 5",
        category="roads.pothole",
        confirms_public=True,
    )
    return evolve(draft, **changes)


def a_subject(number: int) -> Subject:
    return Subject(ISSUER, str(1_000_000_000 + number))


def an_identity(number: int = 1, **changes: Any) -> Identity:
    identity = Identity(
        subject=a_subject(number),
        name=PersonName("Иванова", "Анна", "Петровна"),
        authenticated_at=NOON,
        esia_session="s",
        email=f"p{number}@example.org",
        mobile="+79001234567",
    )
    return evolve(identity, **changes)


def a_person(number: int = 1) -> Participant:
    return newcomer(ParticipantId(new_id()), an_identity(number), "18701000", at=NOON, consent="2025-11")


async def arrived(stores: Stores, number: int = 1) -> Participant:
    async with stores.transactions() as tx:
        return await tx.participants.save(a_person(number))


def doing(by: Acting, at: datetime = NOON) -> Doing:
    return Doing(by=by, at=at, rules=a_rulebook())


MODERATOR = Acting(role=Role.MODERATOR, participant_id=ParticipantId(new_id()), body="vo-kit")
OFFICIAL = Acting(role=Role.OFFICIAL, participant_id=ParticipantId(new_id()), body=CITY)
ROAD_OFFICIAL = Acting(role=Role.OFFICIAL, participant_id=ParticipantId(new_id()), body=ROADS)
APPROVER = Acting(role=Role.OFFICIAL, participant_id=ParticipantId(new_id()), body=CITY)


def author_of(message: Message) -> Acting:
    author = message.author
    return Acting(
        role=Role.USER, participant_id=author.participant_id, organisation_id=author.organisation_id
    )


def a_message(author: Participant, number: str = "26-000001", at: datetime = NOON, **changes: Any) -> Message:
    draft = a_draft(**{"begins_at": at - timedelta(hours=5), **changes})
    found = Found(municipality="18701000") if draft.point == HERE else None
    if draft.point not in (None, HERE):
        found = Found(municipality=draft.municipality or "18701000")
    new = authoring.NewMessage(
        id=MessageId(new_id()),
        number=number,
        author=Author(participant_id=author.id, esia_name=author.name),
        channel=Channel.WEB,
        checked=check(draft, a_region(), found, at=at),
    )
    by = Acting(role=Role.USER, participant_id=author.id)
    return authoring.submit(new, by, a_rulebook(), at=at)


def accepted(
    message: Message, *, public: bool = True, category: str = "roads.pothole", at: datetime = NOON
) -> Message:
    publicity = Publicity.PUBLIC if public else Publicity.NON_PUBLIC
    reason = None if public else "Сведения о семье"
    return moderating.accept(message, category, publicity, reason, doing(MODERATOR, at))


def at_work(*codes: str) -> dict[str, AuthorityAtWork]:
    return {
        code: AuthorityAtWork(
            code=code, has_active_official=True, has_active_approver=False, is_not_connected=False
        )
        for code in codes
    }


def routed(message: Message, lead: str = CITY, *others: str, at: datetime = NOON) -> Message:
    targets = (Target(authority=lead, is_lead=True), *(Target(authority=o) for o in others))
    routing = Routing(
        targets=targets,
        at_work=at_work(lead, *others),
        working_days=8,
        new_ids=tuple(AssignmentId(new_id()) for _ in targets),
    )
    return moderating.route(message, routing, None, doing(MODERATOR, at))


def lead_id(message: Message) -> AssignmentId:
    lead = message.lead
    assert lead is not None
    return lead.id


def ready(message: Message, outcome: Outcome | None = None, at: datetime = NOON) -> Message:
    by = OFFICIAL if message.lead and message.lead.authority == CITY else ROAD_OFFICIAL
    taken = answering.take(message, lead_id(message), doing(by, at))
    draft = AnswerDraft(text="Заделали", outcome=outcome or Done(), attachments=(an_attachment(),))
    return answering.prepare(taken, lead_id(taken), draft, needs_approval=False, doing=doing(by, at))


def placed(message: Message, at: datetime = NOON) -> Message:
    return moderating.place(message, doing(MODERATOR, at))


def rated(message: Message, value: int = 5, comment: str | None = None, at: datetime = NOON) -> Message:
    return authoring.rate(message, value, comment, doing(author_of(message), at))


def closed(message: Message, at: datetime = NOON) -> Message:
    return rated(placed(ready(routed(accepted(message, at=at), at=at), at=at), at=at), at=at)


ACT = LegalAct(title="Приказ", number="1", date=datetime(2026, 1, 12, tzinfo=UTC).date())


def terms(role: Role = Role.OFFICIAL, body: str = CITY, **changes: Any) -> GrantTerms:
    since = (NOON - timedelta(days=10)).date()
    return evolve(GrantTerms(role=role, body=body, legal_act=ACT, valid_from=since), **changes)


SIGNED = NOON - timedelta(days=9)
"""When powers were proposed and confirmed: those whose days are over by noon can be made, too."""


def a_proposal(number: int = 50, **changes: Any) -> Grant:
    by = GrantHand(participant_id=None, subject=a_subject(31), role=Role.TECHNICAL, at=SIGNED)
    subject = None if "invitation_hash" in changes else a_subject(number)
    invitation = changes.pop("invitation_hash", None)
    return propose(
        GrantId(new_id()),
        terms(**changes),
        by,
        operator_body="vo-kit",
        subject=subject,
        invitation_hash=invitation,
    )


def a_grant(number: int = 50, **changes: Any) -> Grant:
    by = GrantHand(participant_id=None, subject=a_subject(21), role=Role.OPERATOR, at=SIGNED)
    return a_proposal(number, **changes).confirm(by)


def a_bootstrapped(number: int, role: Role, body: str) -> Grant:
    return bootstrap(GrantId(new_id()), terms(role, body), a_subject(number), at=NOON)


def an_authority(code: str = CITY) -> Authority:
    return Authority(code=code, legal_act=ACT, registered_at=NOON, registered_by=None)
