"""What the author does with their own message (Положение, п. 4.7, разд. 8)."""

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from niktokromenas.domain.errors import Fault, Invalid, refuse
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.answers import Rating
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.content import Author, Checked
from niktokromenas.domain.messages.masks import NO_MASKS
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing, moved, recorded
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.messages.stages import Act, AssignmentAct, Publicity, Stage
from niktokromenas.domain.participants.actors import Acting, Channel
from niktokromenas.domain.signs import hidden_faults
from niktokromenas.domain.values import is_blank


def words_or_refuse(
    words: str | None, pointer: str, detail: str, limit: int = 2000, *, beside: Sequence[Fault] = ()
) -> str:
    """Words somebody owes, trimmed. Raises `Invalid`, with the faults found `beside` them, if any."""
    own: list[Fault] = []
    if words is None or is_blank(words):
        own.append(Fault(pointer, "no-words", detail))
    elif len(words) > limit:
        own.append(Fault(pointer, "too-long", f"Не длиннее {limit} знаков"))
    own += hidden_faults(words, pointer)
    if own and not beside:
        raise Invalid(own[0].detail, faults=tuple(own))
    refuse([*beside, *own])
    return (words or "").strip()


@frozen(kw_only=True)
class NewMessage:
    """What the platform adds to a checked draft."""

    id: MessageId
    number: str
    author: Author
    channel: Channel
    checked: Checked = field(repr=False)


def submit(new: NewMessage, by: Acting, rules: Rulebook, *, at: datetime) -> Message:
    """A new message, its moderation term begun (п. 8.1-8.4)."""
    message = Message(
        id=new.id,
        number=new.number,
        author=new.author,
        content=new.checked.content,
        channel=new.channel,
        submitted_at=at,
        category=new.checked.category,
        wish_reason=new.checked.wish_reason,
        moderation_due=rules.moderation_due(at),
    )
    return recorded(message, Act.SUBMIT, None, Doing(by=by, at=at, rules=rules, content=message.content))


def _again(message: Message, act: Act, checked: Checked, doing: Doing) -> Message:
    """A new edition goes back to the moderator, who says anew what is hidden; the term restarts."""
    edited = evolve(
        message,
        content=checked.content,
        author=evolve(message.author, details=checked.details),
        category=checked.category or message.category,
        wish_reason=checked.wish_reason,
        edition=message.edition + 1,
        masks=NO_MASKS,
    )
    after = moved(edited, act, evolve(doing, content=checked.content))
    return evolve(
        after,
        rejection=None,
        question=None,
        clarification_due=None,
        moderation_due=doing.rules.moderation_due(doing.at),
    )


def clarify(message: Message, checked: Checked, doing: Doing) -> Message:
    """Reply to the moderator's question; a reply committed before the lapse counts, however late."""
    return _again(message, Act.CLARIFY, checked, doing)


def revise(message: Message, checked: Checked, doing: Doing) -> Message:
    """Mend a rejected message; refused for final grounds and after the last round."""
    return evolve(_again(message, Act.REVISE, checked, doing), revisions=message.revisions + 1)


def revive(message: Message, checked: Checked, doing: Doing) -> Message:
    """Bring back a message that lapsed for want of a reply, within the Regulation's term."""
    return _again(message, Act.REVIVE, checked, doing)


def withdraw(message: Message, doing: Doing) -> Message:
    """Take the message back; open assignments are cancelled."""
    after = moved(message, Act.WITHDRAW, doing)
    return at_rest(cancelled_assignments(after, doing))


def rate(message: Message, value: int, comment: str | None, doing: Doing) -> Message:
    """Rate the lead's answer, once: 3 to 5 closes the message, 1 and 2 leave it answered (п. 4.7)."""
    said = None if comment is None or is_blank(comment) else comment.strip()
    rating = Rating(value=value, comment=said, at=doing.at)
    to = None if rating.is_bad else Stage.CLOSED
    after = moved(message, Act.RATE, evolve(doing, words=said), to=to)
    lead = after.answered_lead
    assert lead is not None
    rated = after.replacing(evolve(lead, rating=rating))
    return rated if rating.is_bad else evolve(rated, rating_due=None)


def reopen(message: Message, doing: Doing) -> Message:
    """Ask for another answer, once, after a bad rating with a comment: back to routing.

    Contributions that nobody placed yet are cancelled: the new round has assignments of its own.
    """
    after = cancelled_assignments(moved(message, Act.REOPEN, doing), doing)
    return evolve(
        after,
        round=message.round + 1,
        reopenings=message.reopenings + 1,
        returns=0,
        answer_due=None,
        answered_at=None,
        rating_due=None,
        reopening_due=None,
        routing_due=doing.rules.routing_due(doing.at),
    )


def answer_publicity_proposal(message: Message, *, agrees: bool, doing: Doing) -> Message:
    """Agree that a non-public message becomes public, or not (152-FZ, art. 10.1)."""
    words = "agreed" if agrees else "declined"
    after = moved(message, Act.ANSWER_PUBLICITY_PROPOSAL, evolve(doing, words=words))
    if not agrees:
        return evolve(after, is_publicity_proposed=False)
    return evolve(after, is_publicity_proposed=False, publicity=Publicity.PUBLIC, publicity_reason=None)


def at_rest(message: Message) -> Message:
    """Nothing is awaited of anybody any more."""
    return evolve(
        message,
        moderation_due=None,
        clarification_due=None,
        routing_due=None,
        masks_due=None,
        answer_due=None,
        rating_due=None,
        reopening_due=None,
    )


def cancelled_assignments(message: Message, doing: Doing) -> Message:
    """Each recorded, so that its officials learn of it."""
    for assignment in message.current:
        if assignment.is_open:
            message = cancelled_assignment(message, assignment, doing)
    return message


def cancelled_assignment(message: Message, assignment: Assignment, doing: Doing) -> Message:
    """Cancelled as part of another act, whoever does that."""
    cancelled = assignment.cancelled()
    after = evolve(doing, assignment=cancelled)
    return recorded(message.replacing(cancelled), AssignmentAct.CANCEL, assignment.stage, after)
