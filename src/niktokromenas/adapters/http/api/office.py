"""What those who look after others' work see over the API: awaited answers, letters in trouble."""

from attrs import frozen

from niktokromenas.adapters.http.api import replies, wire
from niktokromenas.adapters.http.api.common import actor_of, cursor, page
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page
from niktokromenas.application.letters import ReadTroubledLetters
from niktokromenas.application.messages.watching import WatchAnswers
from niktokromenas.domain.participants.roles import Permission, permitted
from niktokromenas.ports.notices import Outgoing
from niktokromenas.ports.office import AwaitedAnswer, Watch


def _roles(*permissions: Permission) -> tuple[str, ...]:
    return tuple(sorted({role.value for permission in permissions for role in permitted(permission)}))


@frozen
class OfficeFace:
    watch_answers: WatchAnswers

    async def watch(self, call: Call) -> Reply:
        query: wire.WatchQuery = call.query
        found = await self.watch_answers(
            actor_of(call), Watch(query.watch), query.authority, cursor(query.after), query.limit
        )
        return Reply(body=page([_awaited(item) for item in found.items], found.next))

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/office/answers",
                name="watchAnswers",
                handler=self.watch,
                summary="Ответы, которых ждут: в срок, просроченные, возвращённые; срочное сверху",
                tag="Журнал",
                query=wire.WatchQuery,
                reply=Page[replies.AwaitedAnswerOut],
                roles=_roles(Permission.READ_INBOX, Permission.MONITOR_MESSAGES),
                problems=((403, "role-required"), (409, "choose-grant"), (422, "unknown-authority")),
            )
        ]


def _awaited(item: AwaitedAnswer) -> dict[str, object]:
    return {
        "number": item.number,
        "assignment": item.assignment_id,
        "authority": item.authority,
        "is_lead": item.is_lead,
        "stage": item.stage,
        "due": item.due,
        "is_taken": item.is_taken,
        "send_back_words": item.send_back_words,
    }


@frozen
class LetterFace:
    read_troubled_letters: ReadTroubledLetters

    async def troubled(self, call: Call) -> Reply:
        found = await self.read_troubled_letters(actor_of(call), call.query.limit)
        return Reply(body={"items": [_letter(outgoing) for outgoing in found]})

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/letters/troubled",
                name="readTroubledLetters",
                handler=self.troubled,
                summary="Письма, исход которых неизвестен или которые не ушли, новые сверху",
                tag="Полномочия",
                query=wire.NewestQuery,
                reply=replies.LettersOut,
                roles=_roles(Permission.READ_TROUBLED_LETTERS),
                problems=((403, "role-required"),),
            )
        ]


def _letter(outgoing: Outgoing) -> dict[str, object]:
    """No address and no text: the operator looks after delivery, not into letters."""
    delivery = outgoing.delivery
    return {
        "id": delivery.letter_id,
        "kind": outgoing.letter.kind.value,
        "message_id": outgoing.letter.message_id,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "claimed_at": delivery.claimed_at,
        "last_error": delivery.last_error,
    }
