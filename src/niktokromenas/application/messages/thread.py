"""The dialogue of author, moderator and officials about a message (Положение, п. 2.1)."""

from uuid import UUID

from attrs import frozen

from niktokromenas.application.messages.reading import ReadMessage
from niktokromenas.application.messages.submitting import rulebook, taken_uploads
from niktokromenas.application.powers import audited, confirm_power, refuse_blocked
from niktokromenas.domain.ids import AttachmentId, MessageId, PostId
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing, NotTheAuthor
from niktokromenas.domain.messages.suspending import replied, waits_for_author
from niktokromenas.domain.messages.thread import NewPost, Post, require_writer, write
from niktokromenas.domain.messages.visibility import READS_THREAD, View, is_author, view_of
from niktokromenas.domain.participants.actors import Acting, Actor, SignInRequired
from niktokromenas.domain.participants.roles import Permission, Role
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.idempotency import RequestKey
from niktokromenas.ports.messages import Cursor, MessageNotFound, Page
from niktokromenas.ports.thread import Threads
from niktokromenas.ports.transactions import Transactions


@frozen(kw_only=True)
class WriteToThread:
    actor: Actor
    number: str
    text: str | None
    attachments: tuple[AttachmentId, ...] = ()
    request_key: RequestKey | None = None


@frozen
class WriteToThreadHandler:
    transactions: Transactions
    clock: Clock
    new_id: NewId
    region: Region

    async def __call__(self, command: WriteToThread) -> PostId:
        """The new post's id. The author's word lets a term run on that waited for it.

        Raises `MessageNotFound`, `SignInRequired`, `RoleRequired`, `ChooseGrant`, `GrantOver`,
        `ThreadClosed`, `Blocked`, `UploadNotFound`, `Invalid`.
        """
        actor, now = command.actor, self.clock.now()
        async with self.transactions() as tx:
            message = await tx.messages.by_number(command.number)
            if view_of(message, actor) is View.NONE:
                raise MessageNotFound("Такого сообщения нет")
            acting = _acting(actor, message)
            await confirm_power(tx, acting, now)
            if (key := command.request_key) is not None:
                earlier = await tx.idempotency.recall(key, now)
                if earlier is not None:
                    return PostId(UUID(earlier))
            if not waits_for_author(message):
                await refuse_blocked(tx, acting, Permission.WRITE_AS_AUTHOR, now)
            require_writer(message, acting)
            attachments = await taken_uploads(tx, command.attachments, actor)
            new = NewPost(id=PostId(self.new_id()), text=command.text, attachments=attachments)
            post = write(message, new, acting, at=now)
            await tx.posts.add(post)
            if acting.role is Role.USER:
                doing = Doing(by=acting, at=now, rules=rulebook(self.region))
                if (after := replied(message, doing)) is not message:
                    await tx.messages.save(after)
            thing = ("message", message.number)
            await tx.audit.add(audited(self.new_id(), actor, acting, "message.write-to-thread", thing, now))
            if key is not None:
                await tx.idempotency.remember(key, str(post.id), now)
            return post.id


def _acting(actor: Actor, message: Message) -> Acting:
    """As the author of the message, else under the grant that has to do with it."""
    if is_author(message, actor):
        return actor.acting(Permission.WRITE_AS_AUTHOR)
    at_work = {a.authority for a in message.assignments}
    offices = {g.body for g in actor.grants if g.role is Role.OFFICIAL and g.body in at_work}
    narrowed = offices.pop() if len(offices) == 1 and not actor.holds(Role.MODERATOR) else None
    return actor.acting(Permission.WRITE_AS_STAFF, body=narrowed)


@frozen
class ReadThread:
    read: ReadMessage
    threads: Threads

    async def __call__(self, actor: Actor, number: str, after: Cursor | None, limit: int) -> Page[Post]:
        """The oldest first, for the author and for those who work on the message or monitor it.

        Whoever took over another's message reads what was written since.

        Raises `MessageNotFound`, `SignInRequired`, `NotTheAuthor`.
        """
        message, view = await self.read.looked_at(actor, number)
        if view not in READS_THREAD:
            if actor.is_guest:
                raise SignInRequired("Войдите через Госуслуги, чтобы сделать это")
            raise NotTheAuthor("Переписку читают автор и те, кто работает с сообщением")
        since = await self.read.read_since(message, view)
        if since is not None:
            begins = Cursor(at=since, id=MessageId(UUID(int=0)))
            after = begins if after is None else max(after, begins, key=lambda cursor: (cursor.at, cursor.id))
        return await self.threads.page(message.id, after, limit)
