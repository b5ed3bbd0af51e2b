"""One person, or one address of record, and what is told there."""

from collections.abc import Mapping

from attrs import frozen

from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.notices import NOTICE_KINDS, NoticeKind

Facts = Mapping[str, str | None]


@frozen(kw_only=True)
class Recipient:
    """`participant_id` is absent for an address of record that nobody signs in for."""

    participant_id: ParticipantId | None
    address: str | None
    kind: NoticeKind
    facts: Facts


def of_kind(kind: NoticeKind, facts: Facts) -> Facts:
    """What this kind tells and no more: codes that only the application reads stay here."""
    return {name: value for name, value in facts.items() if name in NOTICE_KINDS[kind].facts}
