"""Messages near a place and a time, for whoever looks for the same thing said before."""

from datetime import datetime
from typing import NamedTuple, Protocol

from attrs import frozen

from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.stages import Stage
from niktokromenas.domain.values import Point
from niktokromenas.ports.messages import Box

LIVING = tuple(sorted({*Stage} - {Stage.REJECTED, Stage.WITHDRAWN, Stage.MERGED}))
"""Stages of messages that another can still be a duplicate of: none is merged onto a merged one."""


@frozen(kw_only=True)
class Around:
    """Inside the box, or in the municipality where nobody gave a point; submitted in [since, until]."""

    since: datetime
    until: datetime
    box: Box | None = None
    municipality: str | None = None


class NearMessage(NamedTuple):
    """What a list of candidates needs: nothing of it is hidden by masks."""

    id: MessageId
    number: str
    excerpt: str
    category: str | None
    municipality: str
    point: Point | None
    address: str | None
    words: str | None
    begins_at: datetime
    submitted_at: datetime
    stage: str
    publicity: str


class NearMessages(Protocol):
    """Reading outside a unit: only what is committed. Contract: tests/contract/test_near.py.

    The newest first, at most `limit`.
    """

    async def public(self, around: Around, limit: int) -> tuple[NearMessage, ...]:
        """Only what everyone may read."""
        ...

    async def living(self, around: Around, limit: int) -> tuple[NearMessage, ...]:
        """Whatever its publicity, unless rejected, withdrawn or merged: for moderators."""
        ...
