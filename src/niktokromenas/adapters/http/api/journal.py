"""Lists of messages over the API: the journal for all, own ones, the desk, the inbox."""

import re

from attrs import frozen

from niktokromenas.adapters.http.api import journal_shapes as shapes
from niktokromenas.adapters.http.api import shown, wire
from niktokromenas.adapters.http.api.common import EVERYBODY, USER, actor_of, cursor, page
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, Paging
from niktokromenas.application.messages.reading import ReadJournal
from niktokromenas.domain.errors import Fault, Invalid
from niktokromenas.domain.values import Point
from niktokromenas.ports import messages as port
from niktokromenas.ports.messages import Box, DeskItem, InboxItem, JournalFilter

_TAG = "Журнал"
_NUMBER = r"-?[0-9]{1,3}(?:\.[0-9]{1,10})?"
_BBOX = re.compile(",".join([f"({_NUMBER})"] * 4), re.ASCII)


def box(written: str | None) -> Box | None:
    """`west,south,east,north`. Raises `Invalid` with the pointer `/bbox`."""
    if written is None:
        return None
    match = _BBOX.fullmatch(written)
    west, south, east, north = map(float, match.groups()) if match else (1.0, 1.0, 0.0, 0.0)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        detail = "Рамка: запад,юг,восток,север в градусах"
        raise Invalid(detail, faults=(Fault("/bbox", "bad-box", detail),))
    return Box(south_west=Point(south, west), north_east=Point(north, east))


def chosen(query: wire.JournalQuery) -> JournalFilter:
    return JournalFilter(
        category=query.category,
        municipality=query.municipality,
        authority=query.authority,
        stage=query.stage,
        outcome=query.outcome,
        since=query.since,
        until=query.until,
        box=box(query.bbox),
    )


@frozen
class JournalFace:
    read_journal: ReadJournal

    async def public(self, call: Call) -> Reply:
        query: wire.JournalQuery = call.query
        found = await self.read_journal.public(
            actor_of(call), chosen(query), cursor(query.after), query.limit
        )
        return _journal_page(found)

    async def own(self, call: Call) -> Reply:
        found = await self.read_journal.own(actor_of(call), cursor(call.query.after), call.query.limit)
        return _journal_page(found)

    async def desk(self, call: Call) -> Reply:
        found = await self.read_journal.desk(actor_of(call), cursor(call.query.after), call.query.limit)
        return Reply(body=page([_desk_item(item) for item in found.items], found.next))

    async def coordination(self, call: Call) -> Reply:
        found = await self.read_journal.coordination(
            actor_of(call), cursor(call.query.after), call.query.limit
        )
        return Reply(body=page([_desk_item(item) for item in found.items], found.next))

    async def inbox(self, call: Call) -> Reply:
        actor, query = actor_of(call), call.query
        found = await self.read_journal.inbox(actor, query.authority, cursor(query.after), query.limit)
        items = [{**_inbox_item(i), "is_mine": _is(i.taken_by, actor.participant_id)} for i in found.items]
        return Reply(body=page(items, found.next))

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/messages",
                name="readJournal",
                handler=self.public,
                summary="Журнал публичных сообщений, новые сверху",
                tag=_TAG,
                query=wire.JournalQuery,
                reply=Page[shapes.JournalItemOut],
                roles=EVERYBODY,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/me/messages",
                name="readOwnMessages",
                handler=self.own,
                summary="Мои сообщения, новые сверху",
                tag="Кабинет",
                query=Paging,
                reply=Page[shapes.JournalItemOut],
                roles=USER,
            ),
            Endpoint(
                method="GET",
                path="/api/v1/desk",
                name="readDesk",
                handler=self.desk,
                summary="Что ждёт модератора, срочное сверху",
                tag=_TAG,
                query=Paging,
                reply=Page[shapes.DeskItemOut],
                roles=("moderator",),
                problems=((403, "role-required"), (409, "choose-grant")),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/coordination",
                name="readCoordination",
                handler=self.coordination,
                summary="Сообщения, которые направляет координатор, срочное сверху",
                tag=_TAG,
                query=Paging,
                reply=Page[shapes.DeskItemOut],
                roles=("coordinator",),
                problems=((403, "role-required"), (409, "choose-grant")),
            ),
            Endpoint(
                method="GET",
                path="/api/v1/office",
                name="readInbox",
                handler=self.inbox,
                summary="Поручения органа, срочное сверху",
                tag=_TAG,
                query=wire.InboxQuery,
                reply=Page[shapes.InboxItemOut],
                roles=("official",),
                problems=((403, "role-required"), (409, "choose-grant")),
            ),
        ]


def _journal_page(found: "port.Page[port.JournalItem]") -> Reply:
    return Reply(body=page([shown.journal_item(item) for item in found.items], found.next))


def _desk_item(item: DeskItem) -> dict[str, object]:
    return {"message": shown.journal_item(item.message), "due": item.due, "task": item.task}


def _inbox_item(item: InboxItem) -> dict[str, object]:
    return {
        "message": shown.journal_item(item.message),
        "assignment": item.assignment_id,
        "stage": item.stage,
        "is_lead": item.is_lead,
        "due": item.due,
        "is_taken": item.taken_by is not None,
        "is_overdue": item.is_overdue,
    }


def _is(one: object | None, other: object | None) -> bool:
    return one is not None and one == other
