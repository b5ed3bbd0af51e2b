"""An official's question to the author, and news before the answer (Положение, п. 2.1, 4.5)."""

from attrs import evolve

from niktokromenas.domain.ids import AssignmentId
from niktokromenas.domain.messages.answering import taken
from niktokromenas.domain.messages.authoring import words_or_refuse
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.moves import Doing, assignment_moved
from niktokromenas.domain.messages.stages import AssignmentAct
from niktokromenas.domain.messages.suspending import suspended
from niktokromenas.domain.messages.thread import POST_LIMIT


def ask(message: Message, assignment_id: AssignmentId, words: str | None, doing: Doing) -> Message:
    """Ask the author, while the answer is in work; its term waits only where the Regulation says so."""
    assignment = taken(message, assignment_id, doing)
    asked = words_or_refuse(words, "/text", "Напишите, о чём вы спрашиваете", POST_LIMIT)
    after = assignment_moved(message, assignment, AssignmentAct.ASK, evolve(doing, words=asked))
    return after.replacing(suspended(after.assignment(assignment_id), doing))


def answer_interim(message: Message, assignment_id: AssignmentId, words: str | None, doing: Doing) -> Message:
    """Tell the author how far the work is; the answer is still owed, by the same term."""
    assignment = taken(message, assignment_id, doing)
    said = words_or_refuse(words, "/text", "Расскажите автору, что уже сделано", POST_LIMIT)
    return assignment_moved(message, assignment, AssignmentAct.ANSWER_INTERIM, evolve(doing, words=said))
