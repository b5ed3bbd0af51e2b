"""«Присоединиться» and «следить»: who else has the same trouble, and who wants to hear of it (ADR 0023)."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from attrs import evolve, frozen

from niktokromenas.domain.errors import Conflict, Forbidden
from niktokromenas.domain.ids import MessageId, ParticipantId
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.stages import Stage
from niktokromenas.domain.notices import NoticeKind


class FollowingKind(StrEnum):
    JOIN = "join"
    """The same concerns me, too."""
    FOLLOW = "follow"
    """I want to hear what comes of it."""


class OwnFollowing(Forbidden):
    """Authors hear of their own message anyway and do not count as others."""

    code: ClassVar[str] = "own-following"


class NotPublic(Conflict):
    """Seen by whoever asks, but not by all: nobody can join or follow it."""

    code: ClassVar[str] = "not-public"


class TooLateToJoin(Conflict):
    code: ClassVar[str] = "too-late-to-join"


JOINABLE = frozenset({Stage.ACCEPTED, Stage.ROUTED})
"""Stages in which it still matters how many are concerned."""


def require_may_take_up(message: Message, participant_id: ParticipantId, kind: FollowingKind) -> None:
    """Raises `OwnFollowing`, `NotPublic`, `TooLateToJoin`, in this order. Letting go needs no rule."""
    if message.author.participant_id == participant_id:
        raise OwnFollowing("Это ваше сообщение: о нём вы узнаете и так")
    if not message.is_public:
        raise NotPublic("Сообщение не публично")
    if kind is FollowingKind.JOIN and message.stage not in JOINABLE:
        raise TooLateToJoin("На сообщение уже ответили: присоединиться нельзя, можно следить")


@frozen(kw_only=True)
class Following:
    """How one participant stands to one message; whoever does neither has none."""

    message_id: MessageId
    participant_id: ParticipantId
    since: datetime
    has_joined: bool = False
    follows: bool = False

    def setting(self, kind: FollowingKind, *, to: bool) -> "Following":
        return evolve(self, has_joined=to) if kind is FollowingKind.JOIN else evolve(self, follows=to)

    def is_set(self, kind: FollowingKind) -> bool:
        return self.has_joined if kind is FollowingKind.JOIN else self.follows

    @property
    def is_empty(self) -> bool:
        return not (self.has_joined or self.follows)


TOLD_FOLLOWERS: Mapping[str, NoticeKind] = {
    "route": NoticeKind.FOLLOWED_ROUTED,
    "place": NoticeKind.FOLLOWED_ANSWERED,
    "rate": NoticeKind.FOLLOWED_CLOSED,
    "close": NoticeKind.FOLLOWED_CLOSED,
    "report-promise": NoticeKind.FOLLOWED_REPORTED,
}
"""What those who joined or follow hear of, by act: what the public history tells anyway."""

MADE_PUBLIC = frozenset({"accept", "set-publicity", "answer-publicity-proposal"})
"""Acts that may put a message into the journal: then subscribers of its place and category hear of it."""


def told_of(message: Message, act: str) -> NoticeKind | None:
    """What followers or subscribers hear of the act; nothing of a message that is not public (п. 8.5)."""
    if not message.is_public:
        return None
    if act in MADE_PUBLIC:
        return NoticeKind.NEW_NEARBY
    kind = TOLD_FOLLOWERS.get(act)
    if kind is NoticeKind.FOLLOWED_CLOSED and message.stage is not Stage.CLOSED:
        return None
    return kind


@frozen(kw_only=True)
class Spread:
    """News that goes to many people, some at a time. `after`: where the last batch ended."""

    event_id: UUID
    """Of a message's first appearance the message's own: nobody is told twice that it is there."""
    kind: NoticeKind
    message_id: MessageId
    at: datetime
    by_participant: ParticipantId | None
    facts: Mapping[str, str | None]
    key: str = ""
    """Of the subscriptions it goes to; empty where it goes to those who joined or follow."""
    after: UUID | None = None
