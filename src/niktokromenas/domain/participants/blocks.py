"""A user's writing is stopped for a time, with words; they may object (Положение, п. 5.5; ADR 0019)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Forbidden, Invalid, refuse
from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import BlockId, MessageId, ParticipantId
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.values import is_blank

SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=30)
WORDS_LIMIT = 2000

STOPPED = frozenset(
    {
        Permission.SUBMIT_MESSAGE,
        Permission.REVISE_MESSAGE,
        Permission.REOPEN_MESSAGE,
        Permission.WRITE_AS_AUTHOR,
        Permission.FORM_OWN_SURVEY,
        Permission.FORM_GROUP,
    }
)
"""What a blocked person may not do: write to others. Of surveys that is creating, editing and submitting, of
groups creating and revising. What a term hangs on stays: answering a question, in the thread too, reviving,
withdrawing, rating, telling what followed from a survey, the cabinet; so does what they do under a grant."""


class Blocked(Forbidden):
    """`members`: `until`, `reason`, `block`, and where to object."""

    code: ClassVar[str] = "blocked"
    basis: ClassVar[str | None] = "Положение, п. 5.5"


class NotToBlock(Forbidden):
    """Oneself, or somebody who holds a power: powers are taken back, not blocked."""

    code: ClassVar[str] = "not-to-block"
    basis: ClassVar[str | None] = "Положение, п. 5.4, 5.5"


class AlreadyBlocked(Conflict):
    code: ClassVar[str] = "already-blocked"
    basis: ClassVar[str | None] = "Положение, п. 5.5"


class IllegalBlockMove(Conflict):
    """The act does not follow from where the block stands."""

    code: ClassVar[str] = "illegal-block-move"
    basis: ClassVar[str | None] = "Положение, п. 5.5"


class AnotherDecides(Forbidden):
    """Nobody decides on an objection against their own block, or on their own objection."""

    code: ClassVar[str] = "another-decides"
    basis: ClassVar[str | None] = "Положение, п. 5.5"


class BlockStage(StrEnum):
    """The term is no stage: a block past its end stops nothing, whatever its stage."""

    SET = "set"
    OBJECTED = "objected"
    UPHELD = "upheld"
    LIFTED = "lifted"


class BlockAct(StrEnum):
    LIFT = "lift"
    OBJECT = "object"
    UPHOLD = "uphold"
    GRANT = "grant-objection"


@frozen
class BlockMove:
    to: BlockStage
    by: frozenset[Role]


_STAFF = frozenset({Role.MODERATOR, Role.OPERATOR})
_B, _A = BlockStage, BlockAct
BLOCK_MOVES: Mapping[tuple[BlockAct, BlockStage], BlockMove] = MappingProxyType(
    {
        (_A.LIFT, _B.SET): BlockMove(_B.LIFTED, _STAFF),
        (_A.LIFT, _B.OBJECTED): BlockMove(_B.LIFTED, _STAFF),
        (_A.LIFT, _B.UPHELD): BlockMove(_B.LIFTED, _STAFF),
        (_A.OBJECT, _B.SET): BlockMove(_B.OBJECTED, frozenset({Role.USER})),
        (_A.UPHOLD, _B.OBJECTED): BlockMove(_B.UPHELD, frozenset({Role.OPERATOR})),
        (_A.GRANT, _B.OBJECTED): BlockMove(_B.LIFTED, frozenset({Role.OPERATOR})),
    }
)
"""What may follow what, by whom; an objection is answered even where the term is over by then."""


@frozen(kw_only=True)
class BlockSet(Event):
    kind: ClassVar[str] = "block-set"


@frozen(kw_only=True)
class BlockLifted(Event):
    kind: ClassVar[str] = "block-lifted"


@frozen(kw_only=True)
class BlockObjected(Event):
    kind: ClassVar[str] = "block-objected"


@frozen(kw_only=True)
class ObjectionDecided(Event):
    kind: ClassVar[str] = "objection-decided"


@frozen(kw_only=True)
class BlockHand:
    """Who did what, in which role, when, and with what words."""

    participant_id: ParticipantId
    role: Role
    at: datetime
    words: str


@frozen(kw_only=True)
class Block:
    """Immutable: each act returns the next state with its event added. It lasts [set.at, until)."""

    id: BlockId
    participant_id: ParticipantId
    message_id: MessageId
    """The message whose author was blocked: what the moderator saw."""
    grounds: tuple[str, ...]
    """Codes of the Moderation Rules."""
    set: BlockHand
    until: datetime
    stage: BlockStage = BlockStage.SET
    objection: BlockHand | None = None
    decision: BlockHand | None = None
    lifted: BlockHand | None = None
    version: int = 0
    events: tuple[Event, ...] = field(default=(), eq=False, repr=False)

    def is_live(self, at: datetime) -> bool:
        """It stops its participant at this instant."""
        return self.stage is not BlockStage.LIFTED and at < self.until

    def refuse(self, permission: Permission, role: Role, at: datetime) -> None:
        """Raises `Blocked` for what a live block stops; what is done under a grant is not the user's own."""
        if role is Role.USER and permission in STOPPED and self.is_live(at):
            raise Blocked(
                "Отправка временно закрыта решением модератора. Вы можете возразить в кабинете",
                members={
                    "block": str(self.id),
                    "until": self.until.isoformat(),
                    "reason": self.set.words,
                    "object_at": f"/api/v1/me/blocks/{self.id}/object",
                },
            )

    def lift(self, by: BlockHand) -> "Block":
        """End it early. Raises `IllegalBlockMove`, `AnotherDecides`, `Invalid`."""
        if not self.is_live(by.at):
            raise IllegalBlockMove("Блокировка уже не действует")
        self._require_other(by)
        moved = evolve(self._to(BlockAct.LIFT, by), lifted=_worded(by))
        return moved._add(BlockLifted(subject_id=self.id, at=by.at))

    def object(self, by: BlockHand) -> "Block":
        """The blocked person's own words, once. Raises `IllegalBlockMove`, `Invalid`."""
        if not self.is_live(by.at):
            raise IllegalBlockMove("Блокировка уже не действует: возражать не на что")
        moved = evolve(self._to(BlockAct.OBJECT, by), objection=_worded(by))
        return moved._add(BlockObjected(subject_id=self.id, at=by.at))

    def decide(self, by: BlockHand, *, is_granted: bool) -> "Block":
        """The operator answers the objection. Raises `IllegalBlockMove`, `AnotherDecides`, `Invalid`."""
        self._require_other(by)
        if by.participant_id == self.set.participant_id:
            raise AnotherDecides("Возражение рассматривает не тот, кто заблокировал")
        act = BlockAct.GRANT if is_granted else BlockAct.UPHOLD
        moved = evolve(self._to(act, by), decision=_worded(by))
        return moved._add(ObjectionDecided(subject_id=self.id, at=by.at))

    def _require_other(self, by: BlockHand) -> None:
        if by.participant_id == self.participant_id:
            raise AnotherDecides("О своей блокировке решают другие")

    def _to(self, act: BlockAct, by: BlockHand) -> "Block":
        move = BLOCK_MOVES.get((act, self.stage))
        if move is None or by.role not in move.by:
            possible = sorted(
                a.value for (a, stage), m in BLOCK_MOVES.items() if stage is self.stage and by.role in m.by
            )
            raise IllegalBlockMove("С этой блокировкой так поступить нельзя", members={"possible": possible})
        return evolve(self, stage=move.to)

    def _add(self, event: Event) -> "Block":
        return evolve(self, events=(*self.events, event))


def _worded(by: BlockHand) -> BlockHand:
    if is_blank(by.words) or len(by.words) > WORDS_LIMIT:
        detail = f"Объясните словами (до {WORDS_LIMIT} знаков)"
        raise Invalid(detail, faults=(Fault("/words", "no-words", detail, "Положение, п. 5.5"),))
    return evolve(by, words=by.words.strip())


@frozen(kw_only=True)
class Blockee:
    """Who is to be blocked, and for which message."""

    participant_id: ParticipantId
    message_id: MessageId
    holds_power: bool
    is_blocked: bool


def block(
    block_id: BlockId, whom: Blockee, grounds: tuple[str, ...], until: datetime, by: BlockHand
) -> Block:
    """Stop a user's writing until an instant. Raises `NotToBlock`, `AlreadyBlocked`, `Invalid`."""
    if whom.participant_id == by.participant_id:
        raise NotToBlock("Себя не блокируют")
    if whom.holds_power:
        raise NotToBlock("У автора есть полномочие: его не блокируют, а прекращают полномочие")
    if whom.is_blocked:
        raise AlreadyBlocked("Этот автор уже заблокирован")
    faults: list[Fault] = []
    if not grounds:
        faults.append(Fault("/grounds", "no-grounds", "Назовите основание из Правил модерации"))
    if not by.at + SHORTEST <= until <= by.at + LONGEST:
        detail = "Срок блокировки — от часа до 30 суток"
        faults.append(Fault("/until", "bad-term", detail, "Положение, п. 5.5"))
    if is_blank(by.words) or len(by.words) > WORDS_LIMIT:
        detail = f"Объясните словами (до {WORDS_LIMIT} знаков)"
        faults.append(Fault("/words", "no-words", detail, "Положение, п. 5.5"))
    refuse(faults)
    return Block(
        id=block_id,
        participant_id=whom.participant_id,
        message_id=whom.message_id,
        grounds=grounds,
        set=_worded(by),
        until=until,
        events=(BlockSet(subject_id=block_id, at=by.at),),
    )
