"""The trail of decisions and looks, and the seals that make a change behind them visible (п. 6.1)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from attrs import field, frozen

from niktokromenas.domain.ids import GrantId, ParticipantId, SessionId

FIRST_LINK = "0" * 64
"""What the first seal chains to."""


@frozen(kw_only=True)
class AuditEntry:
    """One decision, change of powers, or look at somebody's personal data. Ids only, no personal data."""

    id: UUID
    at: datetime
    action: str
    object_kind: str
    object_id: str
    participant_id: ParticipantId | None = None
    session_id: SessionId | None = None
    grant_id: GrantId | None = None
    facts: Mapping[str, str] = field(factory=dict[str, str])

    def canonical(self) -> bytes:
        """One way of writing it down: JSON, keys sorted, UTF-8, instants in UTC to the microsecond."""
        written = {
            "id": str(self.id),
            "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "action": self.action,
            "object": [self.object_kind, self.object_id],
            "participant": str(self.participant_id) if self.participant_id else None,
            "session": str(self.session_id) if self.session_id else None,
            "grant": str(self.grant_id) if self.grant_id else None,
            "facts": dict(self.facts),
        }
        return json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@frozen(kw_only=True)
class Seal:
    """A signed link of the chain: `head` = SHA-256(previous head ‖ SHA-256 of each entry in order)."""

    number: int
    previous: str
    head: str
    count: int
    sealed_at: datetime
    signature: bytes


def chain(previous: str, entries: Iterable[AuditEntry]) -> tuple[str, int]:
    """The head after these entries (hex) and how many there were; entries go in the order of their ids."""
    link = hashlib.sha256(previous.encode())
    count = 0
    for entry in sorted(entries, key=lambda e: e.id):
        link.update(hashlib.sha256(entry.canonical()).digest())
        count += 1
    return link.hexdigest(), count


def signed_words(number: int, head: str, count: int, sealed_at: datetime) -> bytes:
    """What the signature of a seal covers."""
    at = sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"niktokromenas audit seal {number} {count} {head} {at}".encode()
