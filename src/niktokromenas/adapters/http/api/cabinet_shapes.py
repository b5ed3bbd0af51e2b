"""Who has signed in: sessions, notices and how they are wished."""

from datetime import datetime
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class FactOut:
    kind: str
    value: str
    provenance: str
    at: datetime


@frozen(kw_only=True)
class OrganisationOut:
    oid: str
    kind: str
    short_name: str
    full_name: str


@frozen(kw_only=True)
class ConsentOut:
    """Согласие: к какому документу, когда дано и когда отозвано."""

    version: str
    kind: str
    at: datetime
    withdrawn_at: datetime | None


@frozen(kw_only=True)
class MeOut:
    """Кто вошёл, в каком качестве действует, какие полномочия действуют."""

    id: UUID
    name: str
    organisation: str | None
    organisations: tuple[OrganisationOut, ...]
    roles: tuple[str, ...]
    acting_grant: UUID | None
    facts: tuple[FactOut, ...]
    consent_given: bool
    consent_version: str
    consents: tuple[ConsentOut, ...]
    unread: int


@frozen(kw_only=True)
class SessionOut:
    id: UUID
    kind: str
    device: str
    client: str | None
    began_at: datetime
    expires_at: datetime
    is_this: bool


@frozen(kw_only=True)
class SessionsOut:
    items: tuple[SessionOut, ...]


@frozen(kw_only=True)
class NoticeOut:
    """Что произошло; `about` — название опроса или социальной группы."""

    id: UUID
    kind: str
    title: str
    number: str | None
    about: str | None
    words: str | None
    at: datetime
    is_read: bool


@frozen(kw_only=True)
class CountOut:
    count: int


@frozen(kw_only=True)
class NoticeModeOut:
    kind: str
    title: str
    mode: str
    is_legal: bool


@frozen(kw_only=True)
class NoticeSettingsOut:
    items: tuple[NoticeModeOut, ...]
