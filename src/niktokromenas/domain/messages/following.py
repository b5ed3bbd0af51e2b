"""«Присоединиться» and «следить»: who else has the same trouble, and who wants to hear of it (ADR 0023)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from attrs import evolve, frozen

from niktokromenas.domain.errors import Conflict, Forbidden
from niktokromenas.domain.ids import MessageId, ParticipantId
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.stages import Stage


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
