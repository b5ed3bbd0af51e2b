"""Reading messages: the journal for all, one message as far as its reader may see (п. 3 (5), 4.8, 8.5)."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from attrs import evolve, frozen

from niktokromenas.application.messages.submitting import rulebook
from niktokromenas.application.powers import audited
from niktokromenas.domain.ids import AssignmentId, AttachmentId
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.attachments import Attachment, MediaType
from niktokromenas.domain.messages.masking import as_public, as_seen
from niktokromenas.domain.messages.merging import taken_over_at, why_not_rated
from niktokromenas.domain.messages.message import HistoryEntry, Message
from niktokromenas.domain.messages.moves import possible_acts, possible_assignment_acts
from niktokromenas.domain.messages.stages import Act, AssignmentAct
from niktokromenas.domain.messages.visibility import READS_THREAD, View, is_author, sees_contacts, view_of
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.files import FileStore
from niktokromenas.ports.following import FollowedMessages, Standing
from niktokromenas.ports.messages import (
    Cursor,
    DeskItem,
    InboxItem,
    JournalFilter,
    JournalItem,
    MessageJournal,
    MessageNotFound,
    Page,
    UploadNotFound,
)
from niktokromenas.ports.thread import Threads
from niktokromenas.ports.transactions import Transactions

_NOBODY = Standing()


@frozen(kw_only=True)
class Seen:
    """A message and how much of it its reader gets; the delivery adapter shows no more than `view` allows.

    What is masked for this reader is not in `message` at all.
    """

    message: Message
    view: View
    sees_contacts: bool
    possible: tuple[Act, ...]
    """What the reader may do to it now."""
    possible_for: Mapping[AssignmentId, tuple[AssignmentAct, ...]] = {}
    """And to its assignments."""
    shared: tuple[Assignment, ...] = ()
    """Of a merged message: the original's placed answers as everyone has them, with this author's ratings."""
    standing: Standing = _NOBODY
    """Who joined and follows it, the reader among them or not."""


@frozen
class ReadMessage:
    journal: MessageJournal
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region
    followed: FollowedMessages

    async def __call__(self, actor: Actor, number: str) -> Seen:
        """Raises `MessageNotFound` also where the actor may not know of it."""
        message, view = await self.looked_at(actor, number)
        contacts = sees_contacts(message, actor)
        roles, now, rules = roles_towards(message, actor), self.clock.now(), rulebook(self.region)
        acts = possible_acts(message, roles, now, rules)
        original = await self._original(message)
        if original is not None and view is View.OWN and not why_not_rated(message, original, now, rules):
            acts.append(Act.RATE)
        return Seen(
            message=as_seen(message, view),
            view=view,
            sees_contacts=contacts,
            possible=tuple(acts),
            possible_for=_possible_for(message, actor),
            shared=shared_answers(message, original) if original is not None else (),
            standing=await self.followed.standing(message.id, actor.participant_id),
        )

    async def _original(self, message: Message) -> Message | None:
        return await self.journal.one(message.merged.number) if message.merged is not None else None

    async def looked_at(self, actor: Actor, number: str) -> tuple[Message, View]:
        """The message and how much of it the actor may see. Raises `MessageNotFound`.

        A look at what is not for everybody, contacts or a message that is not public, is audited before it is
        given, with the grant that opens it (п. 6.1). Authors look at their own.
        """
        message = await self.journal.one(number)
        view = view_of(message, actor)
        if view is View.NONE:
            raise MessageNotFound("Такого сообщения нет")
        if view in _STAFF and (sees_contacts(message, actor) or not message.is_public):
            power = _power_behind(message, actor, view)
            thing = ("message", number)
            entry = audited(self.new_id(), actor, power, "personal-data.look", thing, self.clock.now())
            async with self.transactions() as tx:
                await tx.audit.add(entry)
        return message, view

    async def read_since(self, message: Message, view: View) -> datetime | None:
        """From when on this reader gets the dialogue; `None` for all of it."""
        if view is not View.OWN or message.edition == 1:
            return None
        return taken_over_at(await self.journal.history(message.id))

    async def history(self, actor: Actor, number: str) -> tuple[Seen, tuple[HistoryEntry, ...]]:
        """The message with every act done to it, in order. Raises `MessageNotFound`."""
        seen = await self(actor, number)
        return seen, await self.journal.history(seen.message.id)


_STAFF = frozenset({View.DESK, View.OFFICE, View.MONITORING})
_OPENED_BY = {
    View.DESK: frozenset({Role.MODERATOR}),
    View.OFFICE: frozenset({Role.OFFICIAL}),
    View.MONITORING: frozenset({Role.COORDINATOR, Role.OPERATOR}),
}


def _power_behind(message: Message, actor: Actor, view: View) -> Acting | None:
    """The grant that opens this view: of an official's, the one of an authority at work on the message."""
    bodies = {a.authority for a in message.assignments}
    for grant in actor.grants:
        if grant.role in _OPENED_BY[view] and (grant.role is not Role.OFFICIAL or grant.body in bodies):
            return Acting(
                role=grant.role, participant_id=actor.participant_id, grant_id=grant.id, body=grant.body
            )
    return None


def roles_towards(message: Message, actor: Actor) -> frozenset[Role]:
    """In which roles the actor may act on this message: nobody decides on their own."""
    if is_author(message, actor):
        return frozenset({Role.USER})
    if actor.is_guest or actor.participant_id == message.author.participant_id:
        return frozenset()
    answered = message.answered_lead
    offices = {answered.authority} if answered is not None else set[str]()
    return frozenset(g.role for g in actor.grants if g.role is not Role.OFFICIAL or g.body in offices)


def _possible_for(message: Message, actor: Actor) -> Mapping[AssignmentId, tuple[AssignmentAct, ...]]:
    """What the actor's grants let them do to each assignment of the present round."""
    if actor.is_guest or actor.participant_id == message.author.participant_id:
        return {}
    found: dict[AssignmentId, tuple[AssignmentAct, ...]] = {}
    for assignment in message.current:
        grants = [g for g in actor.grants if g.role is not Role.OFFICIAL or g.body == assignment.authority]
        acts = possible_assignment_acts(assignment, frozenset(g.role for g in grants))
        if acts:
            found[assignment.id] = tuple(acts)
    return found


def shared_answers(duplicate: Message, original: Message) -> tuple[Assignment, ...]:
    """What the author of a merged message gets of the original."""
    ratings = {shared.assignment_id: shared.rating for shared in duplicate.shared_ratings}
    return tuple(evolve(a, rating=ratings.get(a.id)) for a in as_public(original).placed)


@frozen(kw_only=True)
class OpenedFile:
    attachment: Attachment
    media_type: MediaType
    chunks: AsyncIterator[bytes]

    @property
    def is_picture(self) -> bool:
        return self.media_type is not MediaType.PDF


@frozen
class OpenAttachment:
    """A file of a message, of its answers or its thread, for whoever sees those."""

    read: ReadMessage
    threads: Threads
    files: FileStore

    async def __call__(
        self, actor: Actor, number: str, attachment_id: AttachmentId, *, thumbnail: bool
    ) -> OpenedFile:
        """Raises `MessageNotFound`, `UploadNotFound`."""
        message, view = await self.read.looked_at(actor, number)
        attachment = await self._attachment(message, view, attachment_id)
        key = attachment.thumbnail_key if thumbnail else attachment.key
        if key is None:
            raise UploadNotFound("Такого вложения нет")
        media_type = MediaType.JPEG if thumbnail else attachment.media_type
        return OpenedFile(attachment=attachment, media_type=media_type, chunks=self.files.open(key))

    async def _attachment(self, message: Message, view: View, attachment_id: AttachmentId) -> Attachment:
        for attachment in visible_attachments(as_seen(message, view), view):
            if attachment.id == attachment_id:
                return attachment
        found = None
        if view is View.OWN and message.merged is not None:
            original = await self.read.journal.one(message.merged.number)
            answers = [a.answer for a in shared_answers(message, original) if a.answer is not None]
            brought = (x for answer in answers for x in answer.attachments)
            found = next((x for x in brought if x.id == attachment_id), None)
        if found is None and view in READS_THREAD:
            since = await self.read.read_since(message, view)
            found = await self.threads.attachment(message.id, attachment_id, since)
        if found is None:
            raise UploadNotFound("Такого вложения нет")
        return found


def visible_attachments(message: Message, view: View) -> tuple[Attachment, ...]:
    """Attachments of the message and, of its answers, those that this view contains."""
    if view is View.TRACE:
        return ()
    shown = message.assignments if view in (View.DESK, View.OFFICE, View.MONITORING) else message.placed
    answers = [a.answer for a in shown if a.answer is not None]
    return message.content.attachments + tuple(x for answer in answers for x in answer.attachments)


def know(chosen: JournalFilter, region: Region) -> None:
    """Raises `Invalid` for an unknown category, place or authority."""
    if chosen.category is not None:
        region.category(chosen.category)
    if chosen.municipality is not None:
        region.municipality(chosen.municipality)
    if chosen.authority is not None:
        region.authority(chosen.authority)


@frozen
class ReadJournal:
    journal: MessageJournal
    region: Region

    async def public(
        self, actor: Actor, chosen: JournalFilter, after: Cursor | None, limit: int
    ) -> Page[JournalItem]:
        """The journal for everyone, newest first. Raises `Invalid` for an unknown category or place."""
        actor.require(Permission.READ_PUBLIC)
        self.check(chosen)
        return await self.journal.public(chosen, after, limit)

    def check(self, chosen: JournalFilter) -> None:
        """Raises `Invalid` for an unknown category or place."""
        know(chosen, self.region)

    async def own(self, actor: Actor, after: Cursor | None, limit: int) -> Page[JournalItem]:
        """The actor's own messages, newest first. Raises `SignInRequired`."""
        actor.require(Permission.USE_CABINET)
        assert actor.participant_id is not None
        return await self.journal.own(actor.participant_id, actor.organisation_id, after, limit)

    async def desk(self, actor: Actor, after: Cursor | None, limit: int) -> Page[DeskItem]:
        """What awaits the moderator, the first due first. Raises `RoleRequired`."""
        actor.require(Permission.READ_QUEUE)
        return await self.journal.desk("moderator", after, limit)

    async def coordination(self, actor: Actor, after: Cursor | None, limit: int) -> Page[DeskItem]:
        """Messages returned twice, which the coordinator routes. Raises `RoleRequired`."""
        actor.require(Permission.REROUTE_AFTER_RETURNS)
        return await self.journal.desk("coordinator", after, limit)

    async def inbox(
        self, actor: Actor, authority: str | None, after: Cursor | None, limit: int
    ) -> Page[InboxItem]:
        """Open assignments of the official's authority, the first due first.

        Raises `RoleRequired`, and `ChooseGrant` where the actor serves several and names none.
        """
        acting = actor.acting(Permission.READ_INBOX, body=authority)
        assert acting.body is not None
        return await self.journal.inbox(acting.body, after, limit)
