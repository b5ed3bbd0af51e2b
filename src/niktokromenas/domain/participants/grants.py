"""Powers are grants: two bodies or two people give each, and its end acts at once (Положение, п. 5.1-5.4)."""

from collections.abc import Mapping
from datetime import date, datetime
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
from niktokromenas.domain.values import LegalAct, is_blank

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


class FourEyes(Forbidden):
    """The same person twice, the grantee, or two people of one body where two bodies are asked for."""

    code: ClassVar[str] = "four-eyes"
    basis: ClassVar[str | None] = "Положение, п. 5.1"


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
        if self.work_email is not None and not _looks_like_address(self.work_email):
            faults.append(Fault("/work_email", "bad-email", "Рабочая почта записана неверно"))
        return faults


def _looks_like_address(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    return bool(
        at
        and local
        and "." in domain.strip(".")
        and len(address) <= 254
        and address.isprintable()
        and not any(c in " ,;<>\"'" for c in address)
    )


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
        return self._add(
            evolve(self, subject=subject, invitation_hash=None), GrantProposed(subject_id=self.id, at=at)
        )

    def confirm(self, by: Hand) -> "Grant":
        """The second pair of eyes. Raises `GrantClosed`, `InvitationUnclaimed`, `FourEyes`."""
        self._require_open()
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
        """The confirmer refuses the proposal, with words."""
        self._require_open()
        return evolve(self, stage=GrantStage.REFUSED, ended=by, end_reason=_reason(reason))

    def end(self, by: Hand, reason: str) -> "Grant":
        """Take the power back; acts at once (п. 5.4)."""
        if self.stage is not GrantStage.CONFIRMED:
            raise GrantClosed("Полномочие не действует: прекращать нечего")
        if by.subject is not None and by.subject == self.subject:
            raise FourEyes("Своё полномочие не прекращают сами")
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
    """A moderator is an official of the operator and of no other authority."""

    code: ClassVar[str] = "another-body"
    basis: ClassVar[str | None] = "Положение, п. 1.3"


def refuse_two_bodies(grant: Grant, others: tuple[Grant, ...], operator_body: str) -> None:
    """Raises `AnotherBody` where one person would moderate and be another authority's official."""
    together = (grant, *others)
    moderates = any(g.role is Role.MODERATOR for g in together)
    if moderates and any(g.role is Role.OFFICIAL and g.body != operator_body for g in together):
        raise AnotherBody("Модератор не может быть должностным лицом другого органа")


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

    That the body has none yet is for the caller to check in the same unit.
    """
    if terms.role not in (Role.OPERATOR, Role.TECHNICAL, Role.COORDINATOR):
        raise FourEyes("Так начинают только органы управления платформой")
    by = Hand(participant_id=None, subject=None, role=Role.SYSTEM, at=at)
    grant = Grant(
        id=grant_id, terms=terms, proposed=by, subject=subject, stage=GrantStage.CONFIRMED, confirmed=by
    )
    return evolve(grant, events=(GrantConfirmed(subject_id=grant_id, at=at),))
