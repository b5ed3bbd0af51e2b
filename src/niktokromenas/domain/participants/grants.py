"""Powers are grants: two bodies or two people give each, and its end acts at once (Положение, п. 5.1-5.4)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Forbidden, Invalid, refuse
from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import GrantId, ParticipantId
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.roles import GRANTED_ROLES, Role
from niktokromenas.domain.values import LegalAct, is_blank, is_email

ZONE = ZoneInfo("Europe/Volgograd")


class GrantStage(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ENDED = "ended"


PROPOSER_AND_CONFIRMER: Mapping[Role, frozenset[tuple[Role, Role]]] = MappingProxyType(
    {
        Role.OFFICIAL: frozenset({(Role.TECHNICAL, Role.OPERATOR), (Role.OPERATOR, Role.TECHNICAL)}),
        Role.MODERATOR: frozenset({(Role.OPERATOR, Role.OPERATOR)}),
        Role.OPERATOR: frozenset({(Role.OPERATOR, Role.OPERATOR)}),
        Role.COORDINATOR: frozenset({(Role.COORDINATOR, Role.OPERATOR)}),
        Role.TECHNICAL: frozenset({(Role.TECHNICAL, Role.OPERATOR)}),
    }
)
"""For each role: who proposes and who confirms it (п. 4.3, 5.1; for staff of the bodies see ADR 0004)."""

INVITATION_LIFE = timedelta(days=14)
"""How long an invitation may be claimed (ADR 0004)."""

ENDED_BY: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        role: frozenset(hand for pair in pairs for hand in pair)
        for role, pairs in PROPOSER_AND_CONFIRMER.items()
    }
)
"""Whoever has a part in giving a role may take it back (п. 5.4, ADR 0004)."""


class FourEyes(Forbidden):
    """The same person twice, the grantee, or two people of one body where two bodies are asked for."""

    code: ClassVar[str] = "four-eyes"
    basis: ClassVar[str | None] = "Положение, п. 5.1"


class NotYourGrant(Forbidden):
    """The actor's body has no part in giving this role."""

    code: ClassVar[str] = "not-your-grant"
    basis: ClassVar[str | None] = "Положение, п. 5.1, 5.4"


class GrantClosed(Conflict):
    """The grant is not at a stage that allows this."""

    code: ClassVar[str] = "grant-closed"
    basis: ClassVar[str | None] = "Положение, п. 5.4"


class InvitationUnclaimed(Conflict):
    """Nobody has taken the invitation yet, so there is nobody to confirm."""

    code: ClassVar[str] = "invitation-unclaimed"
    basis: ClassVar[str | None] = "Положение, п. 5.1"


@frozen(kw_only=True)
class GrantProposed(Event):
    kind: ClassVar[str] = "grant-proposed"


@frozen(kw_only=True)
class GrantTurnedDown(Event):
    kind: ClassVar[str] = "grant-turned-down"


@frozen(kw_only=True)
class GrantConfirmed(Event):
    kind: ClassVar[str] = "grant-confirmed"


@frozen(kw_only=True)
class GrantEnded(Event):
    kind: ClassVar[str] = "grant-ended"


@frozen(kw_only=True)
class Hand:
    """Somebody's part in a grant: who, for which governing body, when."""

    participant_id: ParticipantId | None
    subject: Subject | None
    role: Role
    at: datetime


@frozen(kw_only=True)
class GrantTerms:
    """What is granted: a role in a body, resting on a legal act, from a day until a day (inclusive)."""

    role: Role
    body: str
    legal_act: LegalAct
    valid_from: date
    valid_until: date | None = None
    is_approver: bool = False
    work_email: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse(list(self._faults()))

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day, both included."""
        return self.valid_from, self.valid_until or date.max

    def overlaps(self, other: "GrantTerms") -> bool:
        """Some day lies in both."""
        return self.days[0] <= other.days[1] and other.days[0] <= self.days[1]

    def _faults(self) -> list[Fault]:
        faults: list[Fault] = []
        if self.role not in GRANTED_ROLES:
            faults.append(Fault("/role", "not-granted", "Эту роль не предоставляют", "Положение, п. 1.3"))
        if is_blank(self.body):
            faults.append(Fault("/body", "no-body", "Укажите орган власти", "Положение, п. 5.3"))
        if self.valid_until is not None and self.valid_until < self.valid_from:
            faults.append(Fault("/valid_until", "ends-before-start", "Полномочие кончается раньше начала"))
        if self.is_approver and self.role is not Role.OFFICIAL:
            faults.append(Fault("/is_approver", "not-official", "Согласующим бывает только должностное лицо"))
        if self.work_email is not None and not is_email(self.work_email):
            faults.append(Fault("/work_email", "bad-email", "Рабочая почта записана неверно"))
        return faults


def covers(first: date, last: date | None, at: datetime) -> bool:
    """Whether the instant lies in these days, both included, as they are in Volgograd."""
    day = at.astimezone(ZONE).date()
    return first <= day and (last is None or day <= last)


@frozen(kw_only=True)
class Grant:
    """A power of one person. Immutable: each act returns the next state with its event added."""

    id: GrantId
    terms: GrantTerms
    proposed: Hand
    subject: Subject | None = None
    """The grantee; unknown while an invitation is unclaimed."""
    invitation_hash: str | None = None
    """SHA-256 (hex) of the one-use secret; gone once claimed."""
    stage: GrantStage = GrantStage.PROPOSED
    confirmed: Hand | None = None
    ended: Hand | None = None
    end_reason: str | None = None
    version: int = 0
    events: tuple[Event, ...] = field(default=(), eq=False, repr=False)

    @property
    def role(self) -> Role:
        return self.terms.role

    @property
    def body(self) -> str:
        return self.terms.body

    def is_live(self, at: datetime) -> bool:
        """It gives its power at this instant (п. 5.4): confirmed, not ended, within its days."""
        terms = self.terms
        return self.stage is GrantStage.CONFIRMED and covers(terms.valid_from, terms.valid_until, at)

    def claim(self, subject: Subject, *, at: datetime) -> "Grant":
        """The invited person signs in for the first time; the confirmer sees them next."""
        if self.stage is not GrantStage.PROPOSED or self.invitation_hash is None:
            raise GrantClosed("Приглашение уже использовано или отозвано")
        if subject == self.proposed.subject:
            raise FourEyes("Нельзя принять приглашение, которое вы сами предложили")
        if at >= self.proposed.at + INVITATION_LIFE:
            raise GrantClosed("Срок приглашения прошёл: попросите новое")
        return self._add(
            evolve(self, subject=subject, invitation_hash=None), GrantProposed(subject_id=self.id, at=at)
        )

    def confirm(self, by: Hand) -> "Grant":
        """The second pair of eyes. Raises `GrantClosed`, `InvitationUnclaimed`, `FourEyes`."""
        self._require_open()
        if not covers(date.min, self.terms.valid_until, by.at):
            raise GrantClosed("Срок этого полномочия уже прошёл")
        if self.subject is None:
            raise InvitationUnclaimed("Приглашение ещё никто не принял: подтверждать некого")
        if by.subject in (None, self.subject, self.proposed.subject):
            raise FourEyes("Подтвердить должен другой человек: не предложивший и не сам получатель")
        if (self.proposed.role, by.role) not in PROPOSER_AND_CONFIRMER[self.role]:
            raise FourEyes("Полномочие предлагает один орган, а подтверждает другой")
        return self._add(
            evolve(self, stage=GrantStage.CONFIRMED, confirmed=by),
            GrantConfirmed(subject_id=self.id, at=by.at),
        )

    def turn_down(self, by: Hand, reason: str) -> "Grant":
        """A confirmer refuses the proposal, or the proposer takes it back, with words.

        Raises `GrantClosed`, `FourEyes`, `NotYourGrant`.
        """
        self._require_open()
        if by.subject is not None and by.subject == self.subject:
            raise FourEyes("О своём полномочии решают другие")
        is_proposer = by.subject is not None and by.subject == self.proposed.subject
        if not is_proposer and (self.proposed.role, by.role) not in PROPOSER_AND_CONFIRMER[self.role]:
            raise NotYourGrant("Об этом полномочии решает другой орган")
        return self._add(
            evolve(
                self, stage=GrantStage.REFUSED, ended=by, end_reason=_reason(reason), invitation_hash=None
            ),
            GrantTurnedDown(subject_id=self.id, at=by.at),
        )

    def end(self, by: Hand, reason: str) -> "Grant":
        """Take the power back; acts at once (п. 5.4). Raises `GrantClosed`, `FourEyes`, `NotYourGrant`."""
        if self.stage is not GrantStage.CONFIRMED:
            raise GrantClosed("Полномочие не действует: прекращать нечего")
        if by.subject is not None and by.subject == self.subject:
            raise FourEyes("Своё полномочие не прекращают сами")
        if by.role not in ENDED_BY[self.role]:
            raise NotYourGrant("Это полномочие прекращает другой орган")
        return self._add(
            evolve(self, stage=GrantStage.ENDED, ended=by, end_reason=_reason(reason)),
            GrantEnded(subject_id=self.id, at=by.at),
        )

    def _require_open(self) -> None:
        if self.stage is not GrantStage.PROPOSED:
            raise GrantClosed("По этому предложению решение уже принято")

    def _add(self, grant: "Grant", event: Event) -> "Grant":
        return evolve(grant, events=(*grant.events, event))


class AnotherBody(Conflict):
    """A moderator is an official of the operator and serves no other body."""

    code: ClassVar[str] = "another-body"
    basis: ClassVar[str | None] = "Положение, п. 1.3"


def refuse_two_bodies(grant: Grant, others: tuple[Grant, ...], operator_body: str) -> None:
    """Raises `AnotherBody` where one person would moderate and serve another body on the same day.

    `others` are the person's confirmed grants, those included whose days are still to come.
    """
    same_days = [g for g in others if g.terms.overlaps(grant.terms)]
    for one, other in ((grant, g) for g in same_days):
        roles = {one.role, other.role}
        if Role.MODERATOR in roles and {one.body, other.body} != {operator_body}:
            raise AnotherBody("Модератор служит только у оператора: у него есть полномочие другого органа")


def _reason(words: str) -> str:
    if is_blank(words) or len(words) > 2000:
        detail = "Назовите причину (до 2000 знаков)"
        raise Invalid(detail, faults=(Fault("/reason", "no-reason", detail),))
    return words.strip()


def propose(
    grant_id: GrantId,
    terms: GrantTerms,
    by: Hand,
    *,
    operator_body: str,
    subject: Subject | None = None,
    invitation_hash: str | None = None,
) -> Grant:
    """Begin a grant for a known ESIA number or for whoever claims the invitation.

    Raises `FourEyes` where the proposer's body may not propose this role or proposes themselves, and
    `Invalid` where a moderator is to belong to another body than the operator (п. 1.3).
    """
    if by.role not in {proposer for proposer, _ in PROPOSER_AND_CONFIRMER[terms.role]}:
        raise FourEyes("Ваш орган не предлагает таких полномочий")
    if subject is not None and subject == by.subject:
        raise FourEyes("Нельзя предложить полномочие самому себе")
    faults: list[Fault] = []
    if not covers(date.min, terms.valid_until, by.at):
        faults.append(Fault("/valid_until", "past-date", "Срок полномочия уже прошёл"))
    if (subject is None) == (invitation_hash is None):
        faults.append(
            Fault("/grantee", "no-grantee", "Назовите получателя: номер ЕСИА или приглашение, что-то одно")
        )
    if terms.role in (Role.MODERATOR, Role.OPERATOR) and terms.body != operator_body:
        faults.append(
            Fault("/body", "not-operator", "Это полномочие бывает только у оператора", "Положение, п. 1.3")
        )
    refuse(faults)
    grant = Grant(id=grant_id, terms=terms, proposed=by, subject=subject, invitation_hash=invitation_hash)
    proposed = GrantProposed(subject_id=grant_id, at=by.at)
    return evolve(grant, events=(proposed,) if subject is not None else ())


def bootstrap(grant_id: GrantId, terms: GrantTerms, subject: Subject, *, at: datetime) -> Grant:
    """The first grants of a governing body, given from the machine itself by its legal act (ADR 0004).

    That nobody holds the role now is for the caller to check in the same unit.
    """
    if terms.role not in (Role.OPERATOR, Role.TECHNICAL, Role.COORDINATOR):
        raise FourEyes("Так начинают только органы управления платформой")
    by = Hand(participant_id=None, subject=None, role=Role.SYSTEM, at=at)
    grant = Grant(
        id=grant_id, terms=terms, proposed=by, subject=subject, stage=GrantStage.CONFIRMED, confirmed=by
    )
    return evolve(grant, events=(GrantConfirmed(subject_id=grant_id, at=at),))
