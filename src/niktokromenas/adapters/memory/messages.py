"""Messages, uploads and the journal in memory."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from attrs import evolve, frozen

from niktokromenas.adapters.memory.following import counted_item
from niktokromenas.adapters.memory.outbox import publish
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import AttachmentId, MessageId, ParticipantId
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.desks import Desk, desk_of
from niktokromenas.domain.messages.message import HistoryEntry, Message
from niktokromenas.domain.messages.numbers import public_number
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.messages.telling import told_events
from niktokromenas.domain.messages.ticking import next_tick
from niktokromenas.domain.values import Point
from niktokromenas.ports.clock import NewId
from niktokromenas.ports.journal import journal_item
from niktokromenas.ports.messages import (
    Box,
    Cursor,
    DeskItem,
    InboxItem,
    JournalFilter,
    JournalItem,
    MergedAuthor,
    MessageNotFound,
    Page,
    StaleVersion,
    Upload,
    UploadNotFound,
)


@frozen
class MemoryMessages:
    store: MemoryStore
    rules: Rulebook
    new_id: NewId

    async def by_number(self, number: str) -> Message:
        for message in self.store.messages.seen():
            if message.number == number:
                return message
        raise MessageNotFound("Такого сообщения нет")

    async def by_id(self, message_id: MessageId) -> Message:
        message: Message | None = self.store.messages.get(message_id)
        if message is None:
            raise MessageNotFound("Такого сообщения нет")
        return message

    async def add(self, message: Message) -> Message:
        if self.store.messages.get(message.id) is not None:
            raise StaleVersion("Сообщение уже есть")
        return self._store(message)

    async def save(self, message: Message) -> Message:
        stored: Message | None = self.store.messages.get(message.id)
        if stored is None or stored.version != message.version:
            raise StaleVersion("Сообщение изменилось: прочитайте его снова")
        return self._store(message)

    def _store(self, message: Message) -> Message:
        for entry in message.entries:
            self.store.history.put(self.new_id(), (message.id, entry))
        publish(self.store, told_events(message), self.new_id)
        stored = evolve(message, version=message.version + 1, events=(), entries=())
        self.store.messages.put(stored.id, stored)
        return stored

    async def merged_authors(self, message_id: MessageId) -> tuple[MergedAuthor, ...]:
        waiting = [m for m in self.store.messages.seen() if m.merged and m.merged.into == message_id]
        return tuple(
            MergedAuthor(m.number, m.author.participant_id) for m in sorted(waiting, key=lambda m: m.id)
        )

    async def due_to_tick(self, at: datetime, limit: int) -> tuple[MessageId, ...]:
        ticks = ((next_tick(m, self.rules), m.id) for m in self.store.messages.seen())
        due = sorted((tick, message_id) for tick, message_id in ticks if tick is not None and tick <= at)
        return tuple(message_id for _, message_id in due[:limit])

    async def open_at(self, authority: str, after: MessageId | None, limit: int) -> tuple[MessageId, ...]:
        found = sorted(
            m.id
            for m in self.store.messages.seen()
            if m.open_for(authority) is not None and (after is None or m.id > after)
        )
        return tuple(found[:limit])


@frozen
class MemoryNumbers:
    store: MemoryStore

    async def next(self, year: int) -> str:
        self.store.numbers[year] = self.store.numbers.get(year, 0) + 1
        return public_number(year, self.store.numbers[year])


@frozen
class MemoryUploads:
    store: MemoryStore

    async def add(self, upload: Upload) -> None:
        self.store.uploads.put(upload.attachment.id, upload)

    async def waiting(self, participant_id: ParticipantId) -> int:
        return sum(upload.participant_id == participant_id for upload in self.store.uploads.seen())

    async def take(
        self, ids: tuple[AttachmentId, ...], participant_id: ParticipantId
    ) -> tuple[Attachment, ...]:
        taken: list[Attachment] = []
        for attachment_id in ids:
            upload: Upload | None = self.store.uploads.get(attachment_id)
            if upload is None or upload.participant_id != participant_id:
                raise UploadNotFound("Такого вложения нет или оно уже использовано")
            self.store.uploads.drop(attachment_id)
            taken.append(upload.attachment)
        return tuple(taken)

    async def abandoned(self, before: datetime, limit: int) -> tuple[Attachment, ...]:
        old = sorted(
            (u for u in self.store.uploads.seen() if u.uploaded_at < before), key=lambda u: u.uploaded_at
        )
        for upload in old[:limit]:
            self.store.uploads.drop(upload.attachment.id)
        return tuple(upload.attachment for upload in old[:limit])


def keyset_page(
    found: Iterable[tuple[datetime, MessageId, object]],
    after: Cursor | None,
    limit: int,
    *,
    newest_first: bool,
) -> Page[object]:
    ordered = sorted(found, key=lambda row: row[:2], reverse=newest_first)
    if after is not None:
        edge = (after.at, after.id)
        ordered = [row for row in ordered if (row[:2] < edge if newest_first else row[:2] > edge)]
    shown = ordered[:limit]
    more = len(ordered) > limit
    return Page(tuple(row[2] for row in shown), Cursor(at=shown[-1][0], id=shown[-1][1]) if more else None)


@frozen
class MemoryJournal:
    store: MemoryStore

    async def public(self, chosen: JournalFilter, after: Cursor | None, limit: int) -> Page[JournalItem]:
        found = [
            (m.submitted_at, m.id, counted_item(self.store, m))
            for m in self.store.messages.committed()
            if m.is_public and fits(m, chosen)
        ]
        return keyset_page(found, after, limit, newest_first=True)  # type: ignore[return-value]

    async def own(
        self,
        participant_id: ParticipantId,
        organisation_id: ParticipantId | None,
        after: Cursor | None,
        limit: int,
    ) -> Page[JournalItem]:
        found = [
            (m.submitted_at, m.id, counted_item(self.store, m))
            for m in self.store.messages.committed()
            if (m.author.participant_id, m.author.organisation_id) == (participant_id, organisation_id)
        ]
        return keyset_page(found, after, limit, newest_first=True)  # type: ignore[return-value]

    async def desk(self, desk: str, after: Cursor | None, limit: int) -> Page[DeskItem]:
        found: list[tuple[datetime, MessageId, object]] = []
        for message in self.store.messages.committed():
            stands: Desk | None = desk_of(message)
            if stands is not None and stands.desk == desk:
                item = DeskItem(message=counted_item(self.store, message), due=stands.due, task=stands.task)
                found.append((stands.due, message.id, item))
        return keyset_page(found, after, limit, newest_first=False)  # type: ignore[return-value]

    async def inbox(self, authority: str, after: Cursor | None, limit: int) -> Page[InboxItem]:
        found = [
            (a.due_at, MessageId(a.id), _inbox_item(self.store, m, a))
            for m in self.store.messages.committed()
            for a in m.current
            if a.authority == authority and a.is_open
        ]
        return keyset_page(found, after, limit, newest_first=False)  # type: ignore[return-value]

    async def one(self, number: str) -> Message:
        for message in self.store.messages.committed():
            if message.number == number:
                return message
        raise MessageNotFound("Такого сообщения нет")

    async def history(self, message_id: MessageId) -> tuple[HistoryEntry, ...]:
        return tuple(entry for owner, entry in self.store.history.committed() if owner == message_id)


def _inbox_item(store: MemoryStore, message: Message, assignment: Assignment) -> InboxItem:
    return InboxItem(
        message=counted_item(store, message),
        assignment_id=assignment.id,
        stage=assignment.stage,
        is_lead=assignment.is_lead,
        due=assignment.due_at,
        taken_by=assignment.taken_by,
        is_overdue=assignment.overdue_at is not None,
    )


def fits(message: Message, chosen: JournalFilter) -> bool:
    item = journal_item(message)
    tests: list[tuple[object | None, Callable[[], bool]]] = [
        (chosen.category, lambda: chosen.category in (item.category, _group(item.category))),
        (chosen.municipality, lambda: item.municipality == chosen.municipality),
        (chosen.authority, lambda: item.authority == chosen.authority),
        (chosen.stage, lambda: item.stage == chosen.stage),
        (chosen.outcome, lambda: item.outcome == chosen.outcome),
        (chosen.since, lambda: item.submitted_at >= (chosen.since or datetime.min.replace(tzinfo=UTC))),
        (chosen.until, lambda: item.submitted_at < (chosen.until or datetime.max.replace(tzinfo=UTC))),
        (
            chosen.box,
            lambda: chosen.box is not None and item.point is not None and chosen.box.holds(item.point),
        ),
    ]
    return all(test() for wanted, test in tests if wanted is not None)


def _is_in(box: Box | None, point: Point | None) -> bool:
    return box is not None and point is not None and box.holds(point)


def _group(category: str | None) -> str | None:
    return category.partition(".")[0] if category else None
