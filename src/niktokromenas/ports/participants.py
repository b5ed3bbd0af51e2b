"""Accounts, grants, sessions and authorities, as units of work and readers need them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar, Protocol

from attrs import frozen

from niktokromenas.domain.errors import Conflict, NotFound
from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId
from niktokromenas.domain.participants.authorities import Authority, AuthorityAtWork
from niktokromenas.domain.participants.grants import Grant
from niktokromenas.domain.participants.identity import Subject
from niktokromenas.domain.participants.people import Participant
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.participants.sessions import Session
from niktokromenas.domain.surveys.target import Facts


class ParticipantNotFound(NotFound):
    code: ClassVar[str] = "participant-not-found"


class GrantNotFound(NotFound):
    code: ClassVar[str] = "grant-not-found"


class SessionNotFound(NotFound):
    code: ClassVar[str] = "session-not-found"


class AttemptUnknown(Conflict):
    """A sign-in that was never begun, was finished already, or ran out."""

    code: ClassVar[str] = "attempt-unknown"


class Participants(Protocol):
    """Accounts of one unit; unique by subject. Contract: tests/contract/test_participants.py."""

    async def get(self, participant_id: ParticipantId) -> Participant:
        """Raises `ParticipantNotFound`."""
        ...

    async def by_subject(self, subject: Subject) -> Participant | None: ...

    async def facts_of(self, participants: Collection[ParticipantId]) -> Mapping[ParticipantId, Facts]:
        """Kind, date of birth and residence of those among them that exist; groups and surveys are empty."""
        ...

    async def save(self, participant: Participant) -> Participant:
        """Store a new or changed one, version + 1. Raises `StaleVersion`."""
        ...

    async def unsettled(self, limit: int) -> tuple[ParticipantId, ...]:
        """Ended organisations whose surveys on the way were not frozen since they were saved, by id."""
        ...

    async def settled(self, participant_id: ParticipantId) -> None: ...


class Grants(Protocol):
    """Grants of one unit. `save` moves pending events to the outbox and raises `StaleVersion`.

    Contract: tests/contract/test_participants.py.
    """

    async def get(self, grant_id: GrantId) -> Grant:
        """Raises `GrantNotFound`."""
        ...

    async def hold(self, grant_id: GrantId) -> Grant:
        """As `get`; nobody else changes it until this unit is over."""
        ...

    async def save(self, grant: Grant) -> Grant: ...

    async def by_invitation(self, invitation_hash: str) -> Grant | None: ...

    async def hold_role(self, role: Role, at: datetime) -> bool:
        """Whether somebody holds the role now. Other units that ask so wait until this one is over."""
        ...

    async def live(self, role: Role, body: str | None, at: datetime) -> tuple[Grant, ...]:
        """Live grants of a role, in one body or in all."""
        ...

    async def live_holders(
        self, role: Role, body: str | None, at: datetime
    ) -> tuple[tuple[Grant, Participant], ...]:
        """As `live`, each with the account of its holder; those who never signed in are left out."""
        ...

    async def live_of(self, subject: Subject, at: datetime) -> tuple[Grant, ...]: ...

    async def hold_confirmed_of(self, subject: Subject) -> tuple[Grant, ...]:
        """The person's confirmed grants that nobody ended, those of days to come included.

        Nobody else changes any grant of the person until this unit is over.
        """
        ...


class GrantRegister(Protocol):
    """Reading grants outside a unit. Contract: tests/contract/test_participants.py."""

    async def one(self, grant_id: GrantId) -> Grant:
        """Raises `GrantNotFound`."""
        ...

    async def page(self, body: str | None, before: GrantId | None, limit: int) -> tuple[Grant, ...]:
        """Grants of a body (or of all bodies), newest first, ids below `before`."""
        ...

    async def of_subject(self, subject: Subject) -> tuple[Grant, ...]:
        """Newest first."""
        ...


class Sessions(Protocol):
    """Sessions of one unit. Contract: tests/contract/test_participants.py."""

    async def get(self, session_id: SessionId) -> Session:
        """Raises `SessionNotFound`."""
        ...

    async def save(self, session: Session) -> Session:
        """Store a new or changed one, version + 1. Raises `StaleVersion`."""
        ...

    async def live_of(self, participant_id: ParticipantId, at: datetime) -> tuple[Session, ...]:
        """Sessions that go on, newest first."""
        ...

    async def forget_before(self, instant: datetime) -> int:
        """Delete sessions that were over before the instant; how many."""
        ...


@frozen(kw_only=True)
class Known:
    """Who stands behind a session right now."""

    session: Session
    participant: Participant
    grants: tuple[Grant, ...]
    """Confirmed and not ended; whether today is within their days is for the caller."""
    organisation: Participant | None
    """Whom the person acts for in this session."""


class SessionRegister(Protocol):
    """Reading sessions in each request: one indexed statement.

    Contract: tests/contract/test_participants.py.
    """

    async def known(self, session_id: SessionId) -> Known | None: ...


@frozen(kw_only=True)
class AppRequest:
    """An app's wish to sign a person in (RFC 6749, 4.1; RFC 7636, S256 only)."""

    client_id: str
    redirect_uri: str
    code_challenge: str
    state: str | None


@frozen(kw_only=True)
class LoginAttempt:
    """A sign-in under way, bound to one browser."""

    state: str
    browser_hash: str
    """SHA-256 (hex) of the attempt's cookie."""
    code_verifier: str
    began_at: datetime
    return_to: str
    invitation_hash: str | None = None
    app: AppRequest | None = None
    consent: str | None = None
    """The version of the consent that the person agreed to as they began."""
    birth_consent: str | None = None
    """The same of the consent to the date of birth."""


@frozen(kw_only=True)
class AppCode:
    """A one-use code that an app trades for tokens."""

    code_hash: str
    session: Session
    app: AppRequest
    expires_at: datetime


class LoginAttempts(Protocol):
    """One-use records of sign-ins. Taking one deletes it in the same unit.

    Contract: tests/contract/test_participants.py.
    """

    async def add(self, attempt: LoginAttempt) -> None: ...

    async def take(self, state: str) -> LoginAttempt:
        """Raises `AttemptUnknown`."""
        ...

    async def forget_before(self, instant: datetime) -> int:
        """Delete attempts begun, and codes run out, before the instant; how many."""
        ...

    async def add_code(self, code: AppCode) -> None: ...

    async def take_code(self, code_hash: str) -> AppCode:
        """Raises `AttemptUnknown`."""
        ...


class Authorities(Protocol):
    """Registered authorities of one unit. `save` moves pending events to the outbox.

    Contract: tests/contract/test_participants.py.
    """

    async def get(self, code: str) -> Authority | None: ...

    async def save(self, authority: Authority) -> Authority:
        """Store a new or changed one, version + 1. Raises `StaleVersion`."""
        ...

    async def at_work(self, codes: tuple[str, ...], at: datetime) -> Mapping[str, AuthorityAtWork]:
        """How the registered ones among these stand; others are absent."""
        ...


class AuthorityRegister(Protocol):
    """Reading registered authorities outside a unit. Contract: tests/contract/test_participants.py."""

    async def all_at_work(self, at: datetime) -> tuple[tuple[Authority, AuthorityAtWork], ...]:
        """Every registered authority by code."""
        ...
