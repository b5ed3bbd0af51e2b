"""Awaited answers in memory."""

from datetime import datetime

from attrs import frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import AssignmentId, MessageId
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.message import Message
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.office import AwaitedAnswer, Watch


@frozen
class MemoryAwaitedAnswers:
    store: MemoryStore

    async def page(
        self, watch: Watch, authority: str | None, now: datetime, after: Cursor | None, limit: int
    ) -> Page[AwaitedAnswer]:
        found = [
            _awaited(message, assignment)
            for message in self.store.messages.committed()
            for assignment in message.assignments
            if assignment.is_awaited
            and authority in (None, assignment.authority)
            and _is_watched(assignment, watch, now)
        ]
        found.sort(key=lambda item: (item.due, item.assignment_id))
        if after is not None:
            edge = (after.at, AssignmentId(after.id))
            found = [item for item in found if (item.due, item.assignment_id) > edge]
        items = tuple(found[:limit])
        more = Cursor(at=items[-1].due, id=MessageId(items[-1].assignment_id)) if len(found) > limit else None
        return Page(items, more)


def _is_watched(assignment: Assignment, watch: Watch, now: datetime) -> bool:
    match watch:
        case Watch.DUE:
            return assignment.due_at > now
        case Watch.OVERDUE:
            return assignment.due_at <= now
        case Watch.INCOMPLETE:
            return assignment.send_back_words is not None


def _awaited(message: Message, assignment: Assignment) -> AwaitedAnswer:
    return AwaitedAnswer(
        number=message.number,
        assignment_id=assignment.id,
        authority=assignment.authority,
        is_lead=assignment.is_lead,
        stage=assignment.stage.value,
        due=assignment.due_at,
        is_taken=assignment.taken_by is not None,
        send_back_words=assignment.send_back_words,
    )
