"""The thread of a message: author, moderator and officials write to each other (Положение, п. 2.1)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from attrs import field, frozen

from niktokromenas.domain.errors import Conflict, Fault, Forbidden, refuse
from niktokromenas.domain.events import Event
from niktokromenas.domain.ids import AssignmentId, MessageId, ParticipantId, PostId
from niktokromenas.domain.messages.attachments import Attachment
from niktokromenas.domain.messages.content import ATTACHMENTS_LIMIT
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import NotAssigned, NotTheAuthor, OwnMessage
from niktokromenas.domain.messages.stages import PUBLIC_STAGES
from niktokromenas.domain.participants.actors import Acting
from niktokromenas.domain.participants.roles import Role
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.values import is_blank

POST_LIMIT = 5000
"""Characters of one post."""


class ThreadClosed(Conflict):
    """Nobody writes while the message is not accepted, or after its end."""

    code: ClassVar[str] = "thread-closed"
    basis: ClassVar[str | None] = "Положение, п. 2.1"


class PostKind(StrEnum):
    WORD = "word"
    QUESTION = "question"
    """An official asks the author."""
    INTERIM_ANSWER = "interim-answer"
    """An official tells how far the work is."""


@frozen(kw_only=True)
class PostWritten(Event):
    """Somebody wrote into a thread; questions and interim answers are told by the act itself."""

    kind: ClassVar[str] = "post-written"
    number: str
    by_role: str
    by_participant: ParticipantId | None
    authority: str | None
    words: str


@frozen(kw_only=True)
class Post:
    """What one of them wrote. It stays as it is: nobody edits the record of a dialogue."""

    id: PostId
    message_id: MessageId
    kind: PostKind
    by: Acting
    at: datetime
    text: str
    attachments: tuple[Attachment, ...] = ()
    assignment_id: AssignmentId | None = None
    """Of questions and interim answers."""
    events: tuple[Event, ...] = field(default=(), eq=False, repr=False)


@frozen(kw_only=True)
class NewPost:
    """What the platform adds to somebody's words."""

    id: PostId
    text: str | None
    attachments: tuple[Attachment, ...] = ()


def check_post(new: NewPost) -> str:
    """The text, trimmed; text or attachments there must be. Raises `Invalid`."""
    faults: list[Fault] = []
    text = new.text or ""
    if is_blank(text) and not new.attachments:
        faults.append(Fault("/text", "no-content", "Напишите текст или приложите файл"))
    if len(text) > POST_LIMIT:
        faults.append(Fault("/text", "too-long", f"Не длиннее {POST_LIMIT} знаков"))
    faults += hidden_faults(text, "/text")
    if len(new.attachments) > ATTACHMENTS_LIMIT:
        faults.append(Fault("/attachments", "too-many", f"Не больше {ATTACHMENTS_LIMIT} вложений"))
    refuse(faults)
    return text.strip()


def write(message: Message, new: NewPost, by: Acting, *, at: datetime) -> Post:
    """A word into the thread. Raises what `require_writer` raises, and `Invalid`."""
    require_writer(message, by)
    text = check_post(new)
    told = PostWritten(
        at=at,
        subject_id=message.id,
        number=message.number,
        by_role=by.role,
        by_participant=by.participant_id,
        authority=by.body if by.role is Role.OFFICIAL else None,
        words=text,
    )
    return Post(
        id=new.id,
        message_id=message.id,
        kind=PostKind.WORD,
        by=by,
        at=at,
        text=text,
        attachments=new.attachments,
        events=(told,),
    )


def told_by_act(
    message: Message, kind: PostKind, new: NewPost, assignment_id: AssignmentId, by: Acting, *, at: datetime
) -> Post:
    """A question or an interim answer, as it stands in the thread beside the act that tells of it."""
    return Post(
        id=new.id,
        message_id=message.id,
        kind=kind,
        by=by,
        at=at,
        text=check_post(new),
        attachments=new.attachments,
        assignment_id=assignment_id,
    )


def require_writer(message: Message, by: Acting) -> None:
    """Author, moderator, and officials who work on the message or have answered it.

    Raises `NotTheAuthor`, `OwnMessage`, `NotAssigned`, `ThreadClosed`.
    """
    author = message.author
    is_author = by.participant_id == author.participant_id
    match by.role:
        case Role.USER:
            acts_for_author = is_author and by.organisation_id == author.organisation_id
            if not acts_for_author or message.author_left_at is not None:
                raise NotTheAuthor("В переписке участвует только автор сообщения")
        case _ if is_author:
            raise OwnMessage("По своему сообщению решений не принимают")
        case Role.MODERATOR:
            pass
        case Role.OFFICIAL:
            mine = [a for a in message.assignments if a.authority == by.body]
            if not any(a.is_open or a.placed_at is not None for a in mine):
                raise NotAssigned("Поручение дано другому органу")
        case _:
            raise Forbidden("Эта роль в переписке не участвует")
    if message.stage not in PUBLIC_STAGES:
        raise ThreadClosed("Переписка открыта, пока сообщение в работе или на него ответили")
