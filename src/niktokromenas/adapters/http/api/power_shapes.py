"""Grants, authorities and the audit, as they go out."""

from datetime import date, datetime
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class LegalActOut:
    title: str
    number: str
    date: date


@frozen(kw_only=True)
class GrantOut:
    id: UUID
    version: int
    role: str
    body: str
    stage: str
    legal_act: LegalActOut
    valid_from: date
    valid_until: date | None
    is_approver: bool
    grantee_oid: str | None
    grantee: str | None
    """Имя по ЕСИА: только в ответе об одном полномочии."""
    is_invitation: bool
    proposed_by: str
    proposed_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    invitation: str | None
    """Одноразовая ссылка; показывается один раз, при создании."""


@frozen(kw_only=True)
class GrantsOut:
    items: tuple[GrantOut, ...]


@frozen(kw_only=True)
class AuthorityOut:
    code: str
    name: str
    version: int
    legal_act: LegalActOut
    registered_at: datetime
    has_active_official: bool
    has_active_approver: bool
    is_not_connected: bool
    can_be_routed_to: bool


@frozen(kw_only=True)
class AuthoritiesOut:
    items: tuple[AuthorityOut, ...]


@frozen(kw_only=True)
class AuditEntryOut:
    id: UUID
    at: datetime
    action: str
    object_kind: str
    object_id: str
    participant: UUID | None
    session: UUID | None
    grant: UUID | None
    facts: dict[str, str]
