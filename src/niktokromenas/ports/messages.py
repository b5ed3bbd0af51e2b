"""Messages as one unit of work sees them, and as readers do."""

from datetime import datetime
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

from attrs import frozen

from niktokromenas.domain.errors import Conflict, NotFound
from niktokromenas.domain.ids import AssignmentId, AttachmentId, MessageId, ParticipantId
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.message import HistoryEntry, Message
from niktokromenas.domain.values import Point

Item = TypeVar("Item", covariant=True)


class MessageNotFound(NotFound):
    code: ClassVar[str] = "message-not-found"


class UploadNotFound(NotFound):
    code: ClassVar[str] = "upload-not-found"


class StaleVersion(Conflict):
    """The aggregate was saved by somebody else since it was read."""

    code: ClassVar[str] = "stale-version"


@frozen
class MergedAuthor:
    """Whose message, by its number, waits with another."""

    number: str
    participant_id: ParticipantId


class Messages(Protocol):
    """Messages of one unit. Contract: tests/contract/test_messages.py.

    `add` stores a new one; `save` stores the next state, its history and its events, and returns the
    message as stored (version + 1, nothing pending), or raises `StaleVersion`.
    """

    async def by_number(self, number: str) -> Message:
        """Raises `MessageNotFound`."""
        ...

    async def by_id(self, message_id: MessageId) -> Message:
        """Raises `MessageNotFound`."""
        ...

    async def add(self, message: Message) -> Message: ...

    async def save(self, message: Message) -> Message: ...

    async def merged_authors(self, message_id: MessageId) -> tuple[MergedAuthor, ...]:
        """The authors of the messages that wait with this one, the oldest message first."""
        ...

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[MessageId, ...]:
        """Messages about which time has something to record at `at`, the longest due first."""
        ...

    async def open_at(self, authority: str, after: MessageId | None, limit: int) -> tuple[MessageId, ...]:
        """Messages with an open assignment of the authority, by id, after the given one."""
        ...


class MessageNumbers(Protocol):
    """Public numbers: unique, rising within a process, gaps allowed.

    Contract: tests/contract/test_messages.py.
    """

    async def next(self, year: int) -> str:
        """The next number of that year, such as `26-000123`. Called outside a unit."""
        ...


@frozen(kw_only=True)
class Upload:
    """A stored attachment and whose it is, until a message or an answer takes it."""

    attachment: Attachment
    participant_id: ParticipantId
    uploaded_at: datetime


class Uploads(Protocol):
    """Attachments that wait to be used. Contract: tests/contract/test_messages.py."""

    async def add(self, upload: Upload) -> None: ...

    async def waiting(self, participant_id: ParticipantId) -> int:
        """How many of the participant's uploads nobody has taken."""
        ...

    async def take(
        self, ids: tuple[AttachmentId, ...], participant_id: ParticipantId
    ) -> tuple[Attachment, ...]:
        """Take these uploads of the participant for good, in the order asked for; each can be taken once.

        Raises `UploadNotFound` where one is unknown, another's or taken already.
        """
        ...

    async def abandoned(self, before: datetime, limit: int) -> tuple[Attachment, ...]:
        """Forget and return uploads that nobody took in time; their files are the caller's to delete."""
        ...


@frozen(kw_only=True)
class Box:
    """West, south, east, north in degrees; does not cross the antimeridian."""

    south_west: Point
    north_east: Point

    def holds(self, point: Point) -> bool:
        low, high = self.south_west, self.north_east
        return low.lat <= point.lat <= high.lat and low.lon <= point.lon <= high.lon


@frozen(kw_only=True)
class JournalFilter:
    """What of the journal to show; all given parts must hold."""

    category: str | None = None
    """A topic, or a group with all its topics."""
    municipality: str | None = None
    authority: str | None = None
    """The one that leads."""
    stage: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Submitted in [since, until)."""
    box: Box | None = None


@frozen(kw_only=True)
class Cursor:
    """Where a page ended: the value it was ordered by, and the id."""

    at: datetime
    id: MessageId


class JournalItem(NamedTuple):
    """A message as lists show it. Nothing personal is in it. A tuple: lists make them by the hundred."""

    id: MessageId
    number: str
    excerpt: str
    category: str | None
    municipality: str
    address: str | None
    point: Point | None
    authority: str | None
    stage: str
    outcome: str | None
    publicity: str
    rating: int | None
    submitted_at: datetime
    answer_due: datetime | None
    is_overdue: bool
    thumbnail: AttachmentId | None
    joined: int = 0
    followed: int = 0


@frozen(kw_only=True)
class DeskItem:
    """A message in a moderator's or coordinator's queue: what to do, until when."""

    message: JournalItem
    due: datetime
    task: str


@frozen(kw_only=True)
class InboxItem:
    """An assignment in an authority's inbox."""

    message: JournalItem
    assignment_id: AssignmentId
    stage: str
    is_lead: bool
    due: datetime
    taken_by: ParticipantId | None
    is_overdue: bool


@frozen
class Page(Generic[Item]):
    """`next` leads on where there may be more."""

    items: tuple[Item, ...]
    next: Cursor | None


class MessageJournal(Protocol):
    """Reading messages outside a unit: only what is committed. Contract: tests/contract/test_journal.py.

    Every list is a keyset page in the stated order; none loads an aggregate.
    """

    async def public(self, chosen: JournalFilter, after: Cursor | None, limit: int) -> "Page[JournalItem]":
        """Public messages, newest first."""
        ...

    async def own(
        self,
        participant_id: ParticipantId,
        organisation_id: ParticipantId | None,
        after: Cursor | None,
        limit: int,
    ) -> "Page[JournalItem]":
        """The author's own, newest first, in the capacity they act in now."""
        ...

    async def desk(self, desk: str, after: Cursor | None, limit: int) -> "Page[DeskItem]":
        """What awaits the `moderator` or the `coordinator`, the first due first."""
        ...

    async def inbox(self, authority: str, after: Cursor | None, limit: int) -> "Page[InboxItem]":
        """Open assignments of the authority, the first due first."""
        ...

    async def one(self, number: str) -> Message:
        """Raises `MessageNotFound`."""
        ...

    async def history(self, message_id: MessageId) -> tuple[HistoryEntry, ...]:
        """Every act, in order."""
        ...
