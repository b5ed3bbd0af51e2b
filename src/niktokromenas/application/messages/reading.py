"""Reading messages: the journal for all, one message as far as its reader may see (п. 3 (5), 4.8, 8.5)."""

from collections.abc import AsyncIterator, Mapping

from attrs import frozen

from niktokromenas.application.messages.submitting import rulebook
from niktokromenas.application.powers import audited
from niktokromenas.domain.ids import AssignmentId, AttachmentId
from niktokromenas.domain.messages.attachments import Attachment, MediaType
from niktokromenas.domain.messages.message import HistoryEntry, Message
from niktokromenas.domain.messages.moves import possible_acts, possible_assignment_acts
from niktokromenas.domain.messages.stages import Act, AssignmentAct
from niktokromenas.domain.messages.visibility import View, is_author, sees_contacts, view_of
from niktokromenas.domain.participants.actors import Acting, Actor
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.files import FileStore
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
from niktokromenas.ports.transactions import Transactions


@frozen(kw_only=True)
class Seen:
    """A message and how much of it its reader gets; the delivery adapter shows no more than `view` allows."""

    message: Message
    view: View
    sees_contacts: bool
    possible: tuple[Act, ...]
    """What the reader may do to it now."""
    possible_for: Mapping[AssignmentId, tuple[AssignmentAct, ...]] = {}
    """And to its assignments."""


@frozen
class ReadMessage:
    journal: MessageJournal
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def __call__(self, actor: Actor, number: str) -> Seen:
        """Raises `MessageNotFound` also where the actor may not know of it."""
        message, view = await self.looked_at(actor, number)
        contacts = sees_contacts(message, actor)
        roles = roles_towards(message, actor)
        acts = possible_acts(message, roles, self.clock.now(), rulebook(self.region))
        return Seen(
            message=message,
            view=view,
            sees_contacts=contacts,
            possible=tuple(acts),
            possible_for=_possible_for(message, actor),
        )

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
    """A file of a message or of its answers, for whoever sees the message."""

    read: ReadMessage
    files: FileStore

    async def __call__(
        self, actor: Actor, number: str, attachment_id: AttachmentId, *, thumbnail: bool
    ) -> OpenedFile:
        """Raises `MessageNotFound`, `UploadNotFound`."""
        message, view = await self.read.looked_at(actor, number)
        for attachment in visible_attachments(message, view):
            if attachment.id == attachment_id:
                key = attachment.thumbnail_key if thumbnail else attachment.key
                if key is None:
                    break
                media_type = MediaType.JPEG if thumbnail else attachment.media_type
                return OpenedFile(attachment=attachment, media_type=media_type, chunks=self.files.open(key))
        raise UploadNotFound("Такого вложения нет")


def visible_attachments(message: Message, view: View) -> tuple[Attachment, ...]:
    """Attachments of the message and, of its answers, those that this view contains."""
    if view is View.TRACE:
        return ()
    shown = message.assignments if view in (View.DESK, View.OFFICE, View.MONITORING) else message.placed
    answers = [a.answer for a in shown if a.answer is not None]
    return message.content.attachments + tuple(x for answer in answers for x in answer.attachments)


@frozen
class ReadJournal:
    journal: MessageJournal
    region: Region

    async def public(
        self, actor: Actor, chosen: JournalFilter, after: Cursor | None, limit: int
    ) -> Page[JournalItem]:
        """The journal for everyone, newest first. Raises `Invalid` for an unknown category or place."""
        actor.require(Permission.READ_PUBLIC)
        if chosen.category is not None:
            self.region.category(chosen.category)
        if chosen.municipality is not None:
            self.region.municipality(chosen.municipality)
        if chosen.authority is not None:
            self.region.authority(chosen.authority)
        return await self.journal.public(chosen, after, limit)

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
