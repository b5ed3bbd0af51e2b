"""What may be noticed in a message before it is sent or accepted, and messages like it."""

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class HintOut:
    """`where` — указатель JSON (RFC 6901) на место в сообщении; `start` и `end` — знаки его текста,
    [start, end), как в скрытых местах."""

    where: str
    kind: str
    start: int
    end: int
    words: str
    reason: str


@frozen(kw_only=True)
class HintsOut:
    items: tuple[HintOut, ...]
    note: str


@frozen(kw_only=True)
class NearMessageOut:
    """`score` от 0 до 1, `reasons` говорят почему; `metres` есть, если у обоих известна точка."""

    number: str
    excerpt: str
    category: str | None
    address: str | None
    submitted_at: datetime
    metres: int | None
    score: float
    reasons: tuple[str, ...]


@frozen(kw_only=True)
class DuplicateOut(NearMessageOut):
    stage: str
    publicity: str


@frozen(kw_only=True)
class NearOut:
    items: tuple[NearMessageOut, ...]


@frozen(kw_only=True)
class DuplicatesOut:
    items: tuple[DuplicateOut, ...]
