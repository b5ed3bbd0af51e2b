"""Authorities on the platform: registered by the technical body on a legal act (Положение, п. 5.2)."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid5

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Invalid, NotFound, refuse
from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.values import LegalAct, Phone, is_blank, is_email

CONTACT_LIMIT = 500
_AUTHORITIES = UUID("9f2b8c4e-6a0d-5e7b-8f3a-674000000674")
"""Events name their subject by a UUID; that of an authority follows from its code."""


class AuthorityUnknown(NotFound):
    code: ClassVar[str] = "authority-unknown"


class AuthorityRegistered(Conflict):
    code: ClassVar[str] = "authority-registered"
    basis: ClassVar[str | None] = "Положение, п. 5.2"


class CannotBeRoutedTo(Conflict):
    """Not registered, or without an active official and not recorded as not connected.

    `members["authorities"]` lists the codes.
    """

    code: ClassVar[str] = "cannot-be-routed-to"
    basis: ClassVar[str | None] = "Постановление, п. 5, 6; Положение, п. 5.2"


@frozen(kw_only=True)
class Contact:
    """Where a body that is not connected can be reached: a contact of record (decree, item 6)."""

    person_or_office: str
    email: str | None = None
    phone: str | None = None


@frozen(kw_only=True)
class AuthorityOrphaned(Event):
    """The last official is gone and work waits (п. 5.4)."""

    kind: ClassVar[str] = "authority-orphaned"
    authority: str


@frozen(kw_only=True)
class Authority:
    """A body that messages can be sent to. `code` is the directory's (п. 6.3)."""

    code: str
    legal_act: LegalAct
    registered_at: datetime
    registered_by: ParticipantId | None
    contact: Contact | None = None
    """Set where the body is recorded as not connected."""
    head_email: str | None = None
    """Where a missed term is escalated to first."""
    orphaned_at: datetime | None = None
    """Since when its open work has been found without any official."""
    version: int = 0
    events: tuple[Event, ...] = field(default=(), eq=False, repr=False)

    @property
    def is_not_connected(self) -> bool:
        return self.contact is not None

    def not_connected(self, contact: Contact) -> "Authority":
        """Record that the body takes part by its contact of record only. Raises `Invalid`."""
        refuse(list(_contact_faults(contact)))
        return evolve(self, contact=contact)

    def connected(self) -> "Authority":
        return evolve(self, contact=None)

    def orphaned(self, at: datetime) -> "Authority":
        """Its open work waits for nobody; told once, until an official comes."""
        if self.orphaned_at is not None:
            return self
        told = AuthorityOrphaned(subject_id=uuid5(_AUTHORITIES, self.code), at=at, authority=self.code)
        return evolve(self, orphaned_at=at, events=(*self.events, told))

    def staffed(self) -> "Authority":
        """Somebody answers for it again."""
        return evolve(self, orphaned_at=None)


def _contact_faults(contact: Contact) -> Iterator[Fault]:
    if is_blank(contact.person_or_office) or not (contact.email or contact.phone):
        detail = "Укажите, к кому обращаться, и почту или телефон"
        yield Fault("/contact", "no-contact", detail, "Постановление, п. 6")
    if len(contact.person_or_office) > CONTACT_LIMIT:
        yield Fault("/contact/person_or_office", "too-long", f"Не длиннее {CONTACT_LIMIT} знаков")
    if contact.email is not None and not is_email(contact.email):
        yield Fault("/contact/email", "bad-email", "Почта записана неверно")
    if contact.phone is not None:
        try:
            Phone(contact.phone)
        except Invalid as bad:
            yield from (Fault("/contact/phone", fault.code, fault.detail) for fault in bad.faults)


def register(
    code: str, legal_act: LegalAct, head_email: str | None, *, by: ParticipantId | None, at: datetime
) -> Authority:
    """A body that takes part from now on, by the act its registration rests on (п. 5.2). Raises `Invalid`."""
    if head_email is not None and not is_email(head_email):
        refuse([Fault("/head_email", "bad-email", "Почта руководителя записана неверно")])
    return Authority(
        code=code, legal_act=legal_act, registered_at=at, registered_by=by, head_email=head_email
    )


@frozen(kw_only=True)
class AuthorityAtWork:
    """An authority as routing sees it."""

    code: str
    has_active_official: bool
    has_active_approver: bool
    is_not_connected: bool

    @property
    def can_be_routed_to(self) -> bool:
        return self.has_active_official or self.is_not_connected
