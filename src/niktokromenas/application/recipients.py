"""Who is told of an event, as what kind of notice, at which address."""

from collections.abc import Mapping
from datetime import datetime

from niktokromenas.application.addressing import Facts, Recipient, of_kind
from niktokromenas.application.groups.telling import recipients_of_group, recipients_of_member
from niktokromenas.application.naming import authority_name, category_name, municipality_name
from niktokromenas.application.surveys.telling import recipients_of_survey
from niktokromenas.domain.groups.group import GroupActed
from niktokromenas.domain.groups.membership import MemberActed
from niktokromenas.domain.ids import AssignmentId, BlockId, GrantId, MessageId, ParticipantId
from niktokromenas.domain.messages.answers import Planned
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.masks import covered
from niktokromenas.domain.notices import NoticeKind
from niktokromenas.domain.participants.authorities import AuthorityOrphaned
from niktokromenas.domain.participants.grants import Hand
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.survey import SurveyActed
from niktokromenas.ports.outbox import StoredEvent
from niktokromenas.ports.transactions import Transaction

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
    "place-contribution": _K.CONTRIBUTION_PLACED,
    "close": _K.MESSAGE_CLOSED,
    "annul": _K.MESSAGE_ANNULLED,
    "set-publicity": _K.PUBLICITY_CHANGED,
    "report-promise": _K.PROMISE_REPORTED,
    "merge": _K.MESSAGE_MERGED,
    "split-off": _K.MESSAGE_SPLIT_OFF,
    "leave": _K.AUTHORSHIP_PASSED,
    "ask": _K.QUESTION_ASKED,
    "answer-interim": _K.ANSWERED_INTERIM,
}
"""What the author hears of, by act."""

ANSWERING = frozenset({"place", "place-contribution"})
TOLD_MERGED = ANSWERING | {"report-promise"}
"""What authors whose messages wait with this one hear of as well: the answer and what comes of it."""

TOLD_OFFICIALS: Mapping[str, NoticeKind] = {
    "assign": _K.ASSIGNMENT_GIVEN,
    "cancel": _K.ASSIGNMENT_CANCELLED,
    "return-answer": _K.ANSWER_SENT_BACK,
    "send-back-draft": _K.ANSWER_SENT_BACK,
    "grant-prolongation": _K.PROLONGATION_DECIDED,
    "refuse-prolongation": _K.PROLONGATION_DECIDED,
    "rate": _K.ANSWER_RATED,
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
    "answer-publicity-proposal": _K.PUBLICITY_ANSWERED,
    "mark-orphaned": _K.ASSIGNMENT_ORPHANED,
}


async def recipients_of(
    tx: Transaction, event: StoredEvent, region: Region, base_url: str, at: datetime
) -> tuple[Recipient, ...]:
    """Everyone concerned. Whoever did it is not told of their own act, but for the author's receipt."""
    if event.kind == "message-acted":
        return await _Message(tx, event, region, base_url, at).recipients()
    if event.kind == "post-written":
        return await _Post(tx, event, region, base_url, at).recipients()
    if event.kind == AuthorityOrphaned.kind:
        return await _of_orphaned(tx, event, region, at)
    if event.kind in _GRANT_EVENTS:
        return await _Grant(tx, event, region, at).recipients()
    if event.kind in _BLOCK_EVENTS:
        return await _of_block(tx, event, at)
    if event.kind == SurveyActed.kind:
        return await recipients_of_survey(tx, event, region, at)
    if event.kind == GroupActed.kind:
        return await recipients_of_group(tx, event, at)
    if event.kind == MemberActed.kind:
        return await recipients_of_member(tx, event)
    return ()


async def _of_orphaned(
    tx: Transaction, event: StoredEvent, region: Region, at: datetime
) -> tuple[Recipient, ...]:
    """The technical body looks for another official: once for the authority, not for each message."""
    kind = NoticeKind.AUTHORITY_ORPHANED
    facts = of_kind(kind, {"authority": authority_name(region, event.facts["authority"] or "")})
    return tuple(
        Recipient(participant_id=person.id, address=grant.terms.work_email, kind=kind, facts=facts)
        for grant, person in await tx.grants.live_holders(Role.TECHNICAL, None, at)
    )


class _Message:
    """One event of a message, while its recipients are collected."""

    def __init__(
        self, tx: Transaction, event: StoredEvent, region: Region, base_url: str, at: datetime
    ) -> None:
        self.tx, self.event, self.region, self.base_url, self.at = tx, event, region, base_url, at
        self.act = event.facts.get("act") or ""
        self.found: list[Recipient] = []

    async def recipients(self) -> tuple[Recipient, ...]:
        self.message = await self.tx.messages.by_id(MessageId(self.event.subject_id))
        self.assignment = self._assignment()
        self.facts = self._facts()
        if self.act == "rate-shared":
            await self._of_shared_rating()
            return tuple(self.found)
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
            "category": category_name(region, message.category),
            "municipality": municipality_name(region, place),
            "authority": authority_name(region, authority) if authority else "орган ещё не назначен",
            "due": self._due(),
            "words": self._words(),
            "rating": self._rating(),
        }

    def _words(self) -> str | None:
        answer = self.assignment.answer if self.assignment else None
        if self.act in ANSWERING and answer is not None:
            return answer.text
        words = self.event.facts.get("words")
        if self.act == "answer-publicity-proposal":
            return "Согласие" if words == "agreed" else "Отказ"
        return words

    def _due(self) -> str | None:
        """The event's term; of a missed promise, the promised day."""
        outcome = self.assignment.answer.outcome if self.assignment and self.assignment.answer else None
        if self._is_promise and isinstance(outcome, Planned):
            return self.region.calendar.end_of(outcome.by).isoformat()
        return self.event.facts.get("due")

    @property
    def _is_promise(self) -> bool:
        return self.act == "mark-overdue" and self.event.facts.get("words") == "promise"

    def _rating(self) -> str | None:
        """Of this event: the author may have asked for another answer since."""
        ratings = [a.rating for a in self.message.assignments if a.rating and a.rating.at == self.event.at]
        return str(ratings[0].value) if self.act == "rate" and ratings else None

    def _add(self, participant_id: ParticipantId | None, address: str | None, kind: NoticeKind) -> None:
        is_own = participant_id is not None and str(participant_id) == self.event.facts.get("by_participant")
        if not is_own or kind is _K.MESSAGE_SUBMITTED:
            facts = of_kind(kind, self.facts)
            self.found.append(
                Recipient(participant_id=participant_id, address=address, kind=kind, facts=facts)
            )

    async def _author(self) -> None:
        kind = _K.PROMISE_OVERDUE if self._is_promise else TOLD_AUTHOR.get(self.act)
        if self.act == "set-publicity" and self.event.facts.get("words") == "proposed":
            kind = _K.PUBLICITY_PROPOSED
        if kind is not None and self.message.author_left_at is None:
            author = await self.tx.participants.get(self.message.author.participant_id)
            self._add(author.id, author.verified_email, kind)
        if kind is not None and self.act in TOLD_MERGED:
            await self._merged_authors(kind)

    async def _merged_authors(self, kind: NoticeKind) -> None:
        """The answer is theirs, too, as everybody has it; each is told under their own message's number."""
        answer = self.assignment.answer if self.assignment else None
        words = self.facts["words"]
        if self.act in ANSWERING and self.assignment is not None and answer is not None:
            words = covered(answer.text, self.message.masks.of_answer(self.assignment.id))
        for merged in await self.tx.messages.merged_authors(self.message.id):
            if merged.participant_id == self.message.author.participant_id:
                continue
            person = await self.tx.participants.get(merged.participant_id)
            own = {"number": merged.number, "message_url": f"{self.base_url}/m/{merged.number}"}
            facts = of_kind(kind, {**self.facts, **own, "words": words})
            self.found.append(
                Recipient(participant_id=person.id, address=person.verified_email, kind=kind, facts=facts)
            )

    async def _of_shared_rating(self) -> None:
        """Whoever answered the original hears what the author of a merged message thinks of the answer."""
        merged = self.message.merged
        shared = [s for s in self.message.shared_ratings if s.rating.at == self.event.at]
        if merged is None or not shared:
            return
        self.message = await self.tx.messages.by_id(merged.into)
        self.facts = {**self._facts(), "rating": str(shared[0].rating.value)}
        answered = self.message.assignment(shared[0].assignment_id)
        await self._to_officials(answered.authority, _K.ANSWER_RATED)

    async def _officials(self) -> None:
        kind = TOLD_OFFICIALS.get(self.act)
        if self.act == "prepare" and not self._is_ready:
            kind = _K.APPROVAL_WANTED
        if kind is not None:
            await self._to_officials(self.event.facts.get("authority"), kind)

    @property
    def _is_ready(self) -> bool:
        """What was prepared needed no approval: it was ready at once."""
        answer = self.assignment.answer if self.assignment else None
        return answer is not None and answer.approved_by is None and answer.ready_at == self.event.at

    async def _to_officials(self, authority: str | None, kind: NoticeKind) -> None:
        if authority is None:
            return
        for grant, person in await self.tx.grants.live_holders(Role.OFFICIAL, authority, self.at):
            if kind is not _K.APPROVAL_WANTED or grant.terms.is_approver:
                self._add(person.id, grant.terms.work_email, kind)
        registered = await self.tx.authorities.get(authority)
        if registered is not None and registered.contact is not None and registered.contact.email:
            self._add(None, registered.contact.email, kind)

    async def _moderators(self) -> None:
        kind = TOLD_MODERATORS.get(self.act)
        if self.act == "prepare" and self._is_ready:
            kind = _K.ANSWER_READY
        if kind is not None:
            is_coordinators = self.act == "return" and self.message.is_with_coordinator
            await self._to_role(Role.COORDINATOR if is_coordinators else Role.MODERATOR, kind)

    async def _to_role(self, role: Role, kind: NoticeKind) -> None:
        for grant, person in await self.tx.grants.live_holders(role, None, self.at):
            self._add(person.id, grant.terms.work_email, kind)

    async def _overdue(self) -> None:
        """Missed terms go to whoever missed them and the authority's head, then to the coordinator."""
        authority = self.event.facts.get("authority") if self.assignment else None
        if self.act == "escalate":
            await self._to_role(Role.COORDINATOR, _K.TERM_ESCALATED)
        if self.act != "mark-overdue":
            return
        if authority is None:
            await self._to_role(Role.MODERATOR, _K.MODERATION_OVERDUE)
            if self.message.is_with_coordinator:
                await self._to_role(Role.COORDINATOR, _K.MODERATION_OVERDUE)
            return
        mine, heads = _K.ASSIGNMENT_OVERDUE, _K.TERM_ESCALATED
        if self._is_promise:
            mine = heads = _K.REPORT_OVERDUE
        await self._to_officials(authority, mine)
        registered = await self.tx.authorities.get(authority)
        if registered is not None and registered.head_email is not None:
            self._add(None, registered.head_email, heads)


TOLD_OF_POST: Mapping[str, NoticeKind] = {
    Role.USER: _K.AUTHOR_WROTE,
    Role.MODERATOR: _K.MODERATOR_WROTE,
}
"""What officials at work on the message hear of, by who wrote."""


class _Post(_Message):
    """A word in a thread: the author is told of the staff's, officials of the author's and the moderator's.

    Where no authority works on the message yet, its moderators hear of what the author wrote.
    """

    async def recipients(self) -> tuple[Recipient, ...]:
        self.message = await self.tx.messages.by_id(MessageId(self.event.subject_id))
        self.facts = {
            "number": self.message.number,
            "message_url": f"{self.base_url}/m/{self.message.number}",
            "authority": self._name(self.event.facts.get("authority")),
            "words": self.event.facts.get("words") or "Приложены файлы.",
        }
        if self.event.facts.get("by_role") != Role.USER and self.message.author_left_at is None:
            author = await self.tx.participants.get(self.message.author.participant_id)
            self._add(author.id, author.verified_email, _K.STAFF_WROTE)
        kind = TOLD_OF_POST.get(self.event.facts.get("by_role") or "")
        if kind is not None:
            at_work = [a.authority for a in self.message.current if a.is_open or a.placed_at is not None]
            for authority in dict.fromkeys(at_work):
                await self._to_officials(authority, kind)
            if kind is _K.AUTHOR_WROTE and not at_work:
                await self._to_role(Role.MODERATOR, kind)
        return tuple(self.found)

    def _name(self, authority: str | None) -> str | None:
        return authority_name(self.region, authority) if authority else None


_GRANT_EVENTS: Mapping[str, NoticeKind] = {
    "grant-proposed": _K.GRANT_PROPOSED,
    "grant-confirmed": _K.GRANT_CONFIRMED,
    "grant-turned-down": _K.GRANT_TURNED_DOWN,
    "grant-ended": _K.GRANT_ENDED,
}

ROLE_NAMES: Mapping[Role, str] = {
    Role.OFFICIAL: "ответственное должностное лицо",
    Role.MODERATOR: "модератор",
    Role.COORDINATOR: "сотрудник координатора",
    Role.OPERATOR: "сотрудник оператора",
    Role.TECHNICAL: "сотрудник уполномоченного органа",
}
"""How letters name what is granted."""


class _Grant:
    """One event of a grant, while its recipients are collected."""

    def __init__(self, tx: Transaction, event: StoredEvent, region: Region, at: datetime) -> None:
        self.tx, self.event, self.region, self.at = tx, event, region, at
        self.kind = _GRANT_EVENTS[event.kind]

    async def recipients(self) -> tuple[Recipient, ...]:
        self.grant = await self.tx.grants.get(GrantId(self.event.subject_id))
        match self.kind:
            case _K.GRANT_PROPOSED:
                found = await self._confirmers()
            case _K.GRANT_TURNED_DOWN:
                found = {**await self._proposer(), **await self._grantee()}
            case _:
                found = await self._grantee()
        by = self.grant.ended.participant_id if self.grant.ended and self._is_refused else None
        return tuple(
            Recipient(
                participant_id=participant_id,
                address=address,
                kind=self.kind,
                facts=of_kind(self.kind, self._facts()),
            )
            for participant_id, address in found.items()
            if participant_id != by
        )

    @property
    def _is_refused(self) -> bool:
        return self.kind in (_K.GRANT_TURNED_DOWN, _K.GRANT_ENDED)

    def _facts(self) -> Facts:
        grant, act = self.grant, self.grant.terms.legal_act
        approving = " с правом согласования" if grant.terms.is_approver else ""
        return {
            "role": f"{ROLE_NAMES[grant.role]}{approving}",
            "actor_body": self._body_of(self._hand()),
            "authority": self._body(grant.body),
            "legal_act": f"{act.title} № {act.number} от {act.date:%d.%m.%Y}",
            "words": grant.end_reason if self._is_refused else None,
        }

    def _hand(self) -> Hand:
        """Whoever did what is told of."""
        grant = self.grant
        if self.kind is _K.GRANT_CONFIRMED:
            return grant.confirmed or grant.proposed
        return grant.ended or grant.proposed if self._is_refused else grant.proposed

    def _body_of(self, hand: Hand) -> str:
        bodies = {body.role.value: body.name for body in self.region.bodies.values()}
        return bodies.get(hand.role.value, "администратор платформы, первое назначение")

    def _body(self, code: str) -> str | None:
        listed = self.region.authorities.get(code)
        names = {body.authority_code: body.name for body in self.region.bodies.values()}
        return listed.name if listed is not None else names.get(code)

    async def _confirmers(self) -> dict[ParticipantId, str | None]:
        """The people of the body whose turn it is, but neither the proposer nor the grantee."""
        grant, proposer = self.grant, self.grant.proposed
        is_crossed = proposer.role is Role.OPERATOR and grant.role is Role.OFFICIAL
        role = Role.TECHNICAL if is_crossed else Role.OPERATOR
        return {
            person.id: held.terms.work_email
            for held, person in await self.tx.grants.live_holders(role, None, self.at)
            if person.subject not in (proposer.subject, grant.subject)
        }

    async def _proposer(self) -> dict[ParticipantId, str | None]:
        hand = self.grant.proposed
        if hand.participant_id is None:
            return {}
        person = await self.tx.participants.get(hand.participant_id)
        held = [g for g in await self.tx.grants.live_of(person.subject, self.at) if g.role is hand.role]
        work_emails = [g.terms.work_email for g in held if g.terms.work_email]
        return {person.id: work_emails[0] if work_emails else person.verified_email}

    async def _grantee(self) -> dict[ParticipantId, str | None]:
        grant = self.grant
        person = await self.tx.participants.by_subject(grant.subject) if grant.subject else None
        return {} if person is None else {person.id: grant.terms.work_email or person.verified_email}


_BLOCK_EVENTS: Mapping[str, NoticeKind] = {
    "block-set": _K.BLOCKED,
    "block-lifted": _K.BLOCK_LIFTED,
    "objection-decided": _K.OBJECTION_DECIDED,
    "block-objected": _K.OBJECTION_FILED,
}


async def _of_block(tx: Transaction, event: StoredEvent, at: datetime) -> tuple[Recipient, ...]:
    """The blocked; of their objection the operators, but not who blocked and not who objects."""
    kind, block = _BLOCK_EVENTS[event.kind], await tx.blocks.get(BlockId(event.subject_id))
    hands = {
        _K.BLOCKED: block.set,
        _K.BLOCK_LIFTED: block.lifted,
        _K.OBJECTION_DECIDED: block.decision,
        _K.OBJECTION_FILED: block.objection,
    }
    hand = hands[kind]
    facts = of_kind(kind, {"words": hand.words if hand else None, "due": block.until.isoformat()})
    if kind is not _K.OBJECTION_FILED:
        person = await tx.participants.get(block.participant_id)
        return (Recipient(participant_id=person.id, address=person.verified_email, kind=kind, facts=facts),)
    return tuple(
        Recipient(participant_id=person.id, address=grant.terms.work_email, kind=kind, facts=facts)
        for grant, person in await tx.grants.live_holders(Role.OPERATOR, None, at)
        if person.id not in (block.participant_id, block.set.participant_id)
    )
