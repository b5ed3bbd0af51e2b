"""Who is told of an event, as what kind of notice, at which address."""

from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import frozen

from niktokromenas.domain.ids import AssignmentId, GrantId, MessageId, ParticipantId
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.participants.grants import Grant
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.outbox import StoredEvent
from niktokromenas.ports.transactions import Transaction

Facts = Mapping[str, str | None]


@frozen(kw_only=True)
class Recipient:
    """`participant_id` is absent for an address of record that nobody signs in for."""

    participant_id: ParticipantId | None
    address: str | None
    kind: NoticeKind
    facts: Facts


_K = NoticeKind

TOLD_AUTHOR: Mapping[str, NoticeKind] = {
    "submit": _K.MESSAGE_SUBMITTED,
    "ask-clarification": _K.CLARIFICATION_ASKED,
    "lapse": _K.MESSAGE_LAPSED,
    "reject": _K.MESSAGE_REJECTED,
    "accept": _K.MESSAGE_ACCEPTED,
    "route": _K.MESSAGE_ROUTED,
    "grant-prolongation": _K.ANSWER_PROLONGED,
    "place": _K.MESSAGE_ANSWERED,
    "place-contribution": _K.MESSAGE_ANSWERED,
    "close": _K.MESSAGE_CLOSED,
    "annul": _K.MESSAGE_ANNULLED,
    "set-publicity": _K.PUBLICITY_CHANGED,
    "report-promise": _K.PROMISE_REPORTED,
}
"""What the author hears of, by act."""

TOLD_OFFICIALS: Mapping[str, NoticeKind] = {
    "assign": _K.ASSIGNMENT_GIVEN,
    "cancel": _K.ASSIGNMENT_CANCELLED,
    "return-answer": _K.ANSWER_SENT_BACK,
    "send-back-draft": _K.ANSWER_SENT_BACK,
    "grant-prolongation": _K.PROLONGATION_DECIDED,
    "refuse-prolongation": _K.PROLONGATION_DECIDED,
}
"""What the officials of the assignment's authority hear of."""

TOLD_MODERATORS: Mapping[str, NoticeKind] = {
    "submit": _K.MESSAGE_RECEIVED,
    "clarify": _K.MESSAGE_CLARIFIED,
    "revise": _K.MESSAGE_RECEIVED,
    "revive": _K.MESSAGE_CLARIFIED,
    "return": _K.ASSIGNMENT_RETURNED,
    "approve": _K.ANSWER_READY,
    "ask-prolongation": _K.PROLONGATION_ASKED,
    "reopen": _K.MESSAGE_REOPENED,
    "mark-orphaned": _K.ASSIGNMENT_ORPHANED,
}


async def recipients_of(
    tx: Transaction, event: StoredEvent, region: Region, base_url: str, at: datetime
) -> tuple[Recipient, ...]:
    """Everyone concerned. Whoever did it is not told of their own act, but for the author's receipt."""
    if event.kind == "message-acted":
        return await _Message(tx, event, region, base_url, at).recipients()
    if event.kind in ("grant-proposed", "grant-confirmed", "grant-ended"):
        return await _of_grant(tx, event, region, base_url, at)
    return ()


class _Message:
    """One event of a message, while its recipients are collected."""

    def __init__(
        self, tx: Transaction, event: StoredEvent, region: Region, base_url: str, at: datetime
    ) -> None:
        self.tx, self.event, self.region, self.base_url, self.at = tx, event, region, base_url, at
        self.act = event.facts["act"] or ""
        self.found: list[Recipient] = []

    async def recipients(self) -> tuple[Recipient, ...]:
        self.message = await self.tx.messages.by_id(MessageId(self.event.subject_id))
        self.assignment = self._assignment()
        self.facts = self._facts()
        await self._author()
        await self._officials()
        await self._moderators()
        await self._overdue()
        return tuple(self.found)

    def _assignment(self) -> Assignment | None:
        given = self.event.facts.get("assignment_id")
        found = [a for a in self.message.assignments if str(AssignmentId(a.id)) == given]
        return found[0] if found else None

    def _facts(self) -> Facts:
        message, region = self.message, self.region
        authority = self.event.facts.get("authority")
        place = message.content.occasion.place.municipality
        return {
            "number": message.number,
            "message_url": f"{self.base_url}/m/{message.number}",
            "category": region.categories[message.category].name if message.category else None,
            "municipality": region.municipalities[place].short_name,
            "authority": region.authorities[authority].name if authority else "орган ещё не назначен",
            "due": self.event.facts.get("due"),
            "words": self._words(),
            "rating": self._rating(),
            "base_url": self.base_url,
            "platform_name": region.platform_name,
            "not_an_appeal": region.texts["not_an_appeal"],
        }

    def _words(self) -> str | None:
        lead = self.message.answered_lead
        if self.act == "place" and lead is not None and lead.answer is not None:
            return lead.answer.text
        if self.act == "reject" and self.message.rejection is not None:
            names = [self.region.grounds[g].name for g in self.message.rejection.grounds]
            return f"{'; '.join(names)}. {self.event.facts.get('words') or ''}"
        return self.event.facts.get("words")

    def _rating(self) -> str | None:
        lead = self.message.answered_lead
        return str(lead.rating.value) if lead and lead.rating else None

    def _add(self, participant_id: ParticipantId | None, address: str | None, kind: NoticeKind) -> None:
        is_own = participant_id is not None and str(participant_id) == self.event.facts.get("by_participant")
        if not is_own or kind is _K.MESSAGE_SUBMITTED:
            self.found.append(
                Recipient(participant_id=participant_id, address=address, kind=kind, facts=self.facts)
            )

    async def _author(self) -> None:
        if (kind := TOLD_AUTHOR.get(self.act)) is not None:
            author = await self.tx.participants.get(self.message.author.participant_id)
            self._add(author.id, author.verified_email, kind)

    async def _officials(self) -> None:
        kind = TOLD_OFFICIALS.get(self.act)
        if self.act == "prepare" and self.assignment and self.assignment.answer:
            kind = _K.APPROVAL_WANTED if self.assignment.answer.ready_at is None else None
        if self.act == "rate":
            lead = self.message.answered_lead
            await self._to_officials(lead.authority if lead else None, _K.ANSWER_RATED)
        elif kind is not None:
            await self._to_officials(self.event.facts.get("authority"), kind)

    async def _to_officials(self, authority: str | None, kind: NoticeKind) -> None:
        if authority is None:
            return
        wanted: Callable[[Grant], bool] = lambda g: kind is not _K.APPROVAL_WANTED or g.terms.is_approver  # noqa: E731
        for grant in await self.tx.grants.live(Role.OFFICIAL, authority, self.at):
            if wanted(grant):
                await self._to_grantee(grant, kind)
        registered = await self.tx.authorities.get(authority)
        if registered is not None and registered.contact is not None and registered.contact.email:
            self._add(None, registered.contact.email, kind)

    async def _to_grantee(self, grant: Grant, kind: NoticeKind) -> None:
        person = await self.tx.participants.by_subject(grant.subject) if grant.subject else None
        if person is not None:
            self._add(person.id, grant.terms.work_email, kind)

    async def _moderators(self) -> None:
        kind = TOLD_MODERATORS.get(self.act)
        if self.act == "prepare" and self.assignment and self.assignment.answer:
            kind = _K.ANSWER_READY if self.assignment.answer.ready_at is not None else None
        if kind is not None:
            await self._to_role(Role.MODERATOR, kind)
        if self.act == "mark-orphaned":
            await self._to_role(Role.TECHNICAL, _K.AUTHORITY_ORPHANED)

    async def _to_role(self, role: Role, kind: NoticeKind) -> None:
        for grant in await self.tx.grants.live(role, None, self.at):
            await self._to_grantee(grant, kind)

    async def _overdue(self) -> None:
        """Missed terms go to who missed them, to the authority's head, then to the coordinator."""
        authority = self.event.facts.get("authority") if self.assignment else None
        if self.act == "escalate":
            await self._to_role(Role.COORDINATOR, _K.TERM_ESCALATED)
        if self.act != "mark-overdue":
            return
        if authority is None:
            await self._to_role(Role.MODERATOR, _K.MODERATION_OVERDUE)
            return
        is_promise = self.event.facts.get("words") == "promise"
        if is_promise:
            author = await self.tx.participants.get(self.message.author.participant_id)
            self._add(author.id, author.verified_email, _K.PROMISE_OVERDUE)
        await self._to_officials(authority, _K.ASSIGNMENT_OVERDUE)
        registered = await self.tx.authorities.get(authority)
        if registered is not None and registered.head_email is not None:
            self._add(None, registered.head_email, _K.TERM_ESCALATED)


async def _of_grant(
    tx: Transaction, event: StoredEvent, region: Region, base_url: str, at: datetime
) -> tuple[Recipient, ...]:
    grant = await tx.grants.get(GrantId(event.subject_id))
    act = grant.terms.legal_act
    facts: Facts = {
        "role": grant.role.value,
        "actor_body": region.authorities[grant.body].name if grant.body in region.authorities else grant.body,
        "authority": region.authorities[grant.body].name if grant.body in region.authorities else grant.body,
        "legal_act": f"{act.title} № {act.number} от {act.date:%d.%m.%Y}",
        "words": grant.end_reason,
        "base_url": base_url,
        "platform_name": region.platform_name,
    }
    if event.kind == "grant-proposed":
        return await _confirmers(tx, grant, facts, at)
    person = await tx.participants.by_subject(grant.subject) if grant.subject else None
    if person is None:
        return ()
    kind = _K.GRANT_CONFIRMED if event.kind == "grant-confirmed" else _K.GRANT_ENDED
    address = grant.terms.work_email or person.verified_email
    return (Recipient(participant_id=person.id, address=address, kind=kind, facts=facts),)


async def _confirmers(tx: Transaction, grant: Grant, facts: Facts, at: datetime) -> tuple[Recipient, ...]:
    role = (
        Role.TECHNICAL
        if grant.proposed.role is Role.OPERATOR and grant.role is Role.OFFICIAL
        else Role.OPERATOR
    )
    found: list[Recipient] = []
    for staff in await tx.grants.live(role, None, at):
        person = await tx.participants.by_subject(staff.subject) if staff.subject else None
        if person is not None and staff.subject not in (grant.proposed.subject, grant.subject):
            found.append(
                Recipient(
                    participant_id=person.id,
                    address=staff.terms.work_email,
                    kind=_K.GRANT_PROPOSED,
                    facts=facts,
                )
            )
    return tuple(found)
