"""Awaited answers in memory."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import AssignmentId, MessageId, ParticipantId
from niktokromenas.domain.messages.assignments import Assignment
from niktokromenas.domain.messages.message import Message
from niktokromenas.ports.messages import Cursor, Page
from niktokromenas.ports.office import AwaitedAnswer, Figures, Moment, Watch


@frozen
class MemoryAwaitedAnswers:
    store: MemoryStore

    async def page(
        self, watch: Watch, authority: str | None, at: Moment, after: Cursor | None, limit: int
    ) -> Page[AwaitedAnswer]:
        found = [
            _awaited(message, assignment)
            for message in self.store.messages.committed()
            for assignment in message.assignments
            if assignment.is_awaited
            and authority in (None, assignment.authority)
            and _is_watched(assignment, watch, at)
        ]
        found.sort(key=lambda item: (item.due, item.assignment_id))
        if after is not None:
            edge = (after.at, AssignmentId(after.id))
            found = [item for item in found if (item.due, item.assignment_id) > edge]
        items = tuple(found[:limit])
        more = Cursor(at=items[-1].due, id=MessageId(items[-1].assignment_id)) if len(found) > limit else None
        return Page(items, more)


@frozen
class MemoryOfficeFigures:
    store: MemoryStore

    async def of_authority(self, authority: str, at: Moment) -> Figures:
        return _figures(self._awaited(authority), at)

    async def of_all(self, after: str | None, at: Moment, limit: int) -> tuple[tuple[str, Figures], ...]:
        codes = sorted(a.code for a in self.store.authorities.committed() if a.code > (after or ""))
        return tuple((code, _figures(self._awaited(code), at)) for code in codes[:limit])

    async def by_official(self, authority: str, at: Moment) -> Mapping[ParticipantId | None, Figures]:
        found = self._awaited(authority)
        takers = {assignment.taken_by for assignment in found}
        return {who: _figures([a for a in found if a.taken_by == who], at) for who in takers}

    def _awaited(self, authority: str) -> list[Assignment]:
        return [
            assignment
            for message in self.store.messages.committed()
            for assignment in message.assignments
            if assignment.is_awaited and assignment.authority == authority
        ]


def _figures(found: Iterable[Assignment], at: Moment) -> Figures:
    awaited = list(found)
    counted = {
        watch.name.lower(): sum(_is_watched(assignment, watch, at) for assignment in awaited)
        for watch in Watch
        if watch is not Watch.DUE
    }
    return Figures(awaited=len(awaited), **counted)


def _is_watched(assignment: Assignment, watch: Watch, at: Moment) -> bool:
    due = assignment.due_at
    match watch:
        case Watch.DUE:
            return due > at.now
        case Watch.TODAY:
            return at.now < due <= at.today_ends
        case Watch.SOON:
            return at.now < due <= at.soon_ends
        case Watch.OVERDUE:
            return due <= at.now
        case Watch.INCOMPLETE:
            return assignment.send_back_words is not None
        case Watch.NOT_TAKEN:
            return assignment.taken_by is None


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
