"""What an authority's office sees of its work, and letters that did not go."""

from datetime import datetime
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class AwaitedAnswerOut:
    number: str
    assignment: UUID
    authority: str
    is_lead: bool
    stage: str
    due: datetime
    is_taken: bool
    send_back_words: str | None


@frozen(kw_only=True)
class OfficeSummaryOut:
    """Сколько ответов ждут от органа; `soon` — срок в ближайшие три рабочих дня, вместе с сегодняшним."""

    authority: str
    name: str
    awaited: int
    today: int
    soon: int
    overdue: int
    incomplete: int
    not_taken: int


@frozen(kw_only=True)
class OfficialLoadOut:
    """Что в работе у должностного лица; без имени — у тех, чьё полномочие прекращено."""

    grant: UUID | None
    name: str | None
    is_me: bool
    is_approver: bool
    taken: int
    today: int
    soon: int
    overdue: int
    incomplete: int


@frozen(kw_only=True)
class OfficeLoadOut:
    items: tuple[OfficialLoadOut, ...]


@frozen(kw_only=True)
class LetterOut:
    id: UUID
    kind: str
    message_id: str
    state: str
    attempts: int
    claimed_at: datetime | None
    last_error: str | None


@frozen(kw_only=True)
class LettersOut:
    items: tuple[LetterOut, ...]
