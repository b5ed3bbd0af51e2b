"""What those who look after others' work see over the API: awaited answers, letters in trouble."""

from attrs import frozen

from niktokromenas.adapters.http.api import office_shapes as shapes
from niktokromenas.adapters.http.api import wire
from niktokromenas.adapters.http.api.common import actor_of, cursor, page, roles_of
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, Paging, decode_cursor, encode_cursor
from niktokromenas.application.letters import ReadTroubledLetters
from niktokromenas.application.messages.watching import Load, ReadOffice, WatchAnswers
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.notices import Outgoing
from niktokromenas.ports.office import AwaitedAnswer, Figures, Watch


@frozen
class OfficeFace:
    watch_answers: WatchAnswers
    read_office: ReadOffice
    region: Region

    async def watch(self, call: Call) -> Reply:
        query: wire.WatchQuery = call.query
        found = await self.watch_answers(
            actor_of(call), Watch(query.watch), query.authority, cursor(query.after), query.limit
        )
        return Reply(body=page([_awaited(item) for item in found.items], found.next))

    async def summary(self, call: Call) -> Reply:
        return Reply(
            body=self._summary(*await self.read_office.summary(actor_of(call), call.query.authority))
        )

    async def summaries(self, call: Call) -> Reply:
        query: Paging = call.query
        after = str(decode_cursor(query.after, str)[0]) if query.after else None
        found = await self.read_office.summaries(actor_of(call), after, query.limit + 1)
        shown, more = found[: query.limit], len(found) > query.limit
        following = encode_cursor(shown[-1][0]) if more else None
        return Reply(body={"items": [self._summary(*pair) for pair in shown], "next": following})

    def _summary(self, code: str, figures: Figures) -> dict[str, object]:
        return {"authority": code, "name": self.region.body_name(code), **figures._asdict()}

    async def load(self, call: Call) -> Reply:
        actor = actor_of(call)
        found = await self.read_office.load(actor, call.query.authority)
        return Reply(body={"items": [_load(load, actor) for load in found]})

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
                reply=Page[shapes.AwaitedAnswerOut],
                roles=roles_of(Permission.READ_INBOX, Permission.MONITOR_MESSAGES),
                problems=(
                    (403, "role-required"),
                    (409, "choose-grant"),
                    (422, "unknown-authority"),
                    (503, "calendar-exhausted"),
                ),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/office/summary",
                name="readOfficeSummary",
                handler=self.summary,
                summary="Сколько ответов ждут от органа и с какими сроками",
                tag="Журнал",
                query=wire.AuthorityQuery,
                reply=shapes.OfficeSummaryOut,
                roles=roles_of(Permission.READ_INBOX, Permission.MONITOR_MESSAGES),
                problems=((403, "role-required"), (409, "choose-grant"), (503, "calendar-exhausted")),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/office/summaries",
                name="readOfficeSummaries",
                handler=self.summaries,
                summary="То же по всем зарегистрированным органам, по коду",
                tag="Журнал",
                query=Paging,
                reply=Page[shapes.OfficeSummaryOut],
                roles=roles_of(Permission.MONITOR_MESSAGES),
                problems=((403, "role-required"), (503, "calendar-exhausted")),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/office/load",
                name="readOfficeLoad",
                handler=self.load,
                summary="Сколько в работе у каждого коллеги: согласующему — все, остальным — своё",
                tag="Журнал",
                query=wire.AuthorityQuery,
                reply=shapes.OfficeLoadOut,
                roles=roles_of(Permission.READ_INBOX),
                problems=(
                    (403, "role-required"),
                    (403, "grant-over"),
                    (409, "choose-grant"),
                    (503, "calendar-exhausted"),
                ),
            ),
        ]


def _load(load: Load, actor: Actor) -> dict[str, object]:
    figures = load.figures
    return {
        "grant": load.grant_id,
        "name": load.name,
        "is_me": load.participant_id is not None and load.participant_id == actor.participant_id,
        "is_approver": load.is_approver,
        "taken": figures.awaited,
        "today": figures.today,
        "soon": figures.soon,
        "overdue": figures.overdue,
        "incomplete": figures.incomplete,
    }


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
                reply=shapes.LettersOut,
                roles=roles_of(Permission.READ_TROUBLED_LETTERS),
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
