"""One matter told several times: duplicates wait with the original and share its answer (п. 4.6, ADR 0015).

Flat: an original has duplicates, a duplicate has none. Both messages change together, so each act gives both.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from attrs import evolve

from niktokromenas.domain.errors import Conflict
from niktokromenas.domain.messages.answers import Rating
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.messages.content import AuthorDetails, Content
from niktokromenas.domain.messages.masks import NO_MASKS, Masks, Span
from niktokromenas.domain.messages.message import HistoryEntry, Merged, Message, SharedRating
from niktokromenas.domain.messages.moves import Doing, IllegalMove, moved
from niktokromenas.domain.messages.rulebook import Rulebook
from niktokromenas.domain.messages.stages import Act, Publicity, Stage
from niktokromenas.domain.messages.suspending import replied
from niktokromenas.domain.values import is_blank

MAX_DUPLICATES = 100


class CannotMerge(Conflict):
    """The two cannot share one answer; the words say why."""

    code: ClassVar[str] = "cannot-merge"
    basis: ClassVar[str | None] = "Положение, п. 4.6"


def merge(duplicate: Message, original: Message, words: str | None, doing: Doing) -> tuple[Message, Message]:
    """The duplicate waits with the original from now on. Raises `CannotMerge`, and what any act raises.

    A non-public original takes only what is non-public itself: its answer is for few.
    """
    why = words_or_refuse(words, "/words", "Объясните автору, почему сообщения об одном и том же")
    by_rules = evolve(doing, words=why, document=doing.rules.moderation_words)
    if duplicate.id == original.id:
        raise CannotMerge("Сообщение нельзя объединить с ним самим")
    after = moved(duplicate, Act.MERGE, by_rules)
    takes = moved(original, Act.TAKE_IN, evolve(by_rules, words=duplicate.number))
    if original.publicity is Publicity.NON_PUBLIC and duplicate.publicity is not Publicity.NON_PUBLIC:
        raise CannotMerge("С непубличным сообщением объединяют только непубличные")
    if len(original.duplicates) >= MAX_DUPLICATES:
        raise CannotMerge(f"С одним сообщением объединяют не больше {MAX_DUPLICATES} других")
    merged = Merged(into=original.id, number=original.number, was=duplicate.stage)
    return (
        evolve(after, merged=merged, moderation_due=None, routing_due=None),
        evolve(takes, duplicates=(*original.duplicates, duplicate.id)),
    )


def split_off(
    duplicate: Message, original: Message, words: str | None, doing: Doing
) -> tuple[Message, Message]:
    """A message of its own again, where it stood before, with a new term."""
    why = words_or_refuse(words, "/words", "Объясните автору, почему сообщения о разном")
    by_rules = evolve(doing, words=why, document=doing.rules.moderation_words)
    was = duplicate.merged.was if duplicate.merged else None
    after = moved(duplicate, Act.SPLIT_OFF, by_rules, to=was)
    if duplicate.id not in original.duplicates:
        raise IllegalMove(f"Автор этого сообщения ведёт теперь сообщение {original.number}")
    lets_go = moved(original, Act.LET_GO, evolve(by_rules, words=duplicate.number))
    is_new = was is Stage.SUBMITTED
    return (
        evolve(
            after,
            merged=None,
            moderation_due=doing.rules.moderation_due(doing.at) if is_new else None,
            routing_due=None if is_new else doing.rules.routing_due(doing.at),
        ),
        evolve(lets_go, duplicates=tuple(d for d in original.duplicates if d != duplicate.id)),
    )


def leave(message: Message, heir: Message | None, doing: Doing) -> Message:
    """The author goes, the message stays: for its oldest duplicate, or for those who joined it.

    The heir's words and name take the place of the author's. What nobody checked is hidden from everyone
    until a moderator has looked at it. A term that waited for the author's reply runs on.
    """
    if heir is None:
        after = replied(moved(message, Act.LEAVE, doing), doing)
        nobody = evolve(message.author, details=AuthorDetails())
        return evolve(after, author=nobody, author_left_at=doing.at)
    edition = evolve(message, edition=message.edition + 1)
    after = replied(moved(edition, Act.LEAVE, evolve(doing, content=heir.content)), doing)
    is_unchecked = message.publicity is Publicity.PUBLIC and not _is_published_by_itself(heir)
    return evolve(
        after,
        author=heir.author,
        content=heir.content,
        wish_reason=heir.wish_reason,
        masks=_everything(heir.content) if is_unchecked else heir.masks,
        masks_due=doing.rules.moderation_due(doing.at) if is_unchecked else None,
        duplicates=tuple(d for d in message.duplicates if d != heir.id),
    )


def taken_over_at(history: Sequence[HistoryEntry]) -> datetime | None:
    """Since when the present author leads the message, where another did before.

    What was said with that other is theirs: the present author reads nothing older.
    """
    return max((entry.at for entry in history if entry.act == Act.LEAVE), default=None)


def _is_published_by_itself(heir: Message) -> bool:
    was = heir.merged.was if heir.merged else heir.stage
    return was is Stage.ACCEPTED and heir.publicity is Publicity.PUBLIC


def _everything(content: Content) -> Masks:
    text = (Span(0, len(content.text)),) if content.text else ()
    return evolve(
        NO_MASKS, text=text, hidden=tuple(a.id for a in content.attachments), hides_place_words=True
    )


def why_not_rated(duplicate: Message, original: Message, at: datetime, rules: Rulebook) -> str | None:
    """Why the duplicate's author cannot rate the shared answer now; `None` where they can.

    Their term runs from the day the answer was placed, whatever the original's author did since.
    """
    lead = original.answered_lead
    if lead is None or lead.placed_at is None:
        return "На сообщение ещё не ответили"
    if duplicate.id not in original.duplicates:
        return f"Оцените ответ в сообщении {original.number}"
    if any(rating.assignment_id == lead.id for rating in duplicate.shared_ratings):
        return "Этот ответ уже оценён"
    return None if at < rules.rating_due(lead.placed_at) else "Срок оценки прошёл"


def rate_shared(
    duplicate: Message, original: Message, value: int, comment: str | None, doing: Doing
) -> Message:
    """The author of a duplicate rates the original's answer, once an answer (п. 4.7)."""
    said = None if comment is None or is_blank(comment) else comment.strip()
    rating = Rating(value=value, comment=said, at=doing.at)
    after = moved(duplicate, Act.RATE_SHARED, evolve(doing, words=said))
    if (why_not := why_not_rated(duplicate, original, doing.at, doing.rules)) is not None:
        raise IllegalMove(why_not)
    lead = original.answered_lead
    assert lead is not None
    return evolve(after, shared_ratings=(*duplicate.shared_ratings, SharedRating(lead.id, rating)))
