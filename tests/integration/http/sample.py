"""A small interface of notes, to try the foundation with: nothing here belongs to the product."""

import asyncio
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp import web
from attrs import field, frozen
from msgspec import UNSET, Meta, UnsetType

from niktokromenas.adapters.http.config import HttpConfig
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.limits import read_upload
from niktokromenas.adapters.http.paging import Page, Paging, decode_cursor
from niktokromenas.adapters.http.server import make_app
from niktokromenas.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable

SECRET = "пароль от базы"


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Weight(IntEnum):
    LIGHT = 1
    HEAVY = 2


@frozen(kw_only=True)
class Spot:
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


@frozen(kw_only=True)
class Accepted:
    kind: Literal["accepted"]
    is_public: bool = False


@frozen(kw_only=True)
class Declined:
    kind: Literal["declined"]
    reason: Annotated[str, Meta(min_length=3, max_length=40)]


@frozen(kw_only=True)
class NoteIn:
    """Заметка."""

    title: Annotated[str, Meta(min_length=1, max_length=20)]
    at: datetime
    id: UUID
    colour: Colour = Colour.RED
    weight: Weight | None = None
    day: date | None = None
    spot: Spot | None = None
    stars: Annotated[int, Meta(ge=1, le=5)] = 3
    code: Annotated[str, Meta(pattern=r"^[0-9]{2}-[0-9]{3}$")] | None = None
    tags: Annotated[tuple[Annotated[str, Meta(max_length=5)], ...], Meta(max_length=3)] = ()
    places: tuple[Spot, ...] = ()
    unique: frozenset[int] = frozenset()
    decision: Accepted | Declined | None = None
    answers: dict[str, Accepted | Declined] = field(factory=dict)
    is_urgent: bool = False
    free: int = 0


@frozen(kw_only=True)
class NoteChange:
    title: str | UnsetType = UNSET
    place: str | UnsetType | None = UNSET


@frozen(kw_only=True)
class NoteOut:
    number: str
    place: str | None


@frozen(kw_only=True)
class NoteQuery(Paging):
    sort: Literal["new", "old"] = "new"
    colour: tuple[Colour, ...] = ()
    text: Annotated[str, Meta(max_length=50)] | None = None
    since: date | None = None
    near: float | None = None
    weight: Weight | None = None
    mine: bool = False


@frozen(kw_only=True)
class NotePath:
    number: Annotated[str, Meta(pattern=r"^[0-9]{2}-[0-9]{6}$")]


class AlreadyClosed(Conflict):
    code = "already-closed"
    basis = "Положение, п. 4.6"


class StaleNote(Conflict):
    code = "stale-version"


class Notes:
    """Handlers; `seen` holds what reached them."""

    def __init__(self) -> None:
        self.seen: list[Call] = []
        self.uploaded = 0
        self.finished = 0

    async def add(self, call: Call) -> Reply:
        self.seen.append(call)
        return Reply(
            body={"number": "26-000001", "place": None},
            status=201,
            version=1,
            headers={"Location": "/api/v1/notes/26-000001"},
        )

    async def change(self, call: Call) -> Reply:
        self.seen.append(call)
        if call.version != 3:
            raise StaleNote("Заметка изменилась", members={"version": 3, "status": "poisoned"})
        return Reply(body=NoteOut(number=call.path.number, place=None), version=4)

    async def show(self, call: Call) -> Reply:
        return Reply(body=NoteOut(number=call.path.number, place="Волгоград"), version=3, is_for_all=True)

    async def listed(self, call: Call) -> Reply:
        self.seen.append(call)
        if call.query.after is not None:
            decode_cursor(call.query.after, datetime, UUID)
        return Reply(body={"items": [], "next": None})

    async def refuse(self, call: Call) -> Reply:
        name = call.request.match_info["family"]
        raise {
            "invalid": Invalid("Плохо"),
            "forbidden": Forbidden("Нельзя"),
            "not-found": NotFound("Нет"),
            "conflict": AlreadyClosed("Уже закрыто", members={"acts": ["reopen"]}),
            "unavailable": Unavailable("Позже"),
        }[name]

    async def break_down(self, call: Call) -> Reply:
        raise RuntimeError(SECRET)

    async def break_late(self, call: Call) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(call.request)
        await response.write(b"begun")
        raise RuntimeError(SECRET)

    async def upload(self, call: Call) -> Reply:
        filename, chunks = await read_upload(call.request, 100_000, seconds=1)
        async for chunk in chunks:
            self.uploaded += len(chunk)
        return Reply(body={"name": filename, "size": self.uploaded}, status=201)

    async def slow(self, call: Call) -> Reply:
        await asyncio.sleep(0.7)
        self.finished += 1
        return Reply(body={"done": True})


def endpoints(notes: Notes) -> list[Endpoint]:
    number, user = "/api/v1/notes/{number}", ("user",)
    common: dict[str, Any] = {"tag": "notes", "summary": "Заметки"}
    return [
        Endpoint(
            method="POST",
            path="/api/v1/notes",
            name="addNote",
            handler=notes.add,
            body=NoteIn,
            reply=NoteOut,
            status=201,
            roles=user,
            idempotent=True,
            versioned=True,
            problems=((409, "already-closed"),),
            **common,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/notes",
            name="listNotes",
            handler=notes.listed,
            query=NoteQuery,
            reply=Page[NoteOut],
            **common,
        ),
        Endpoint(
            method="GET",
            path=number,
            name="showNote",
            handler=notes.show,
            params=NotePath,
            reply=NoteOut,
            versioned=True,
            **common,
        ),
        Endpoint(
            method="PATCH",
            path=number,
            name="changeNote",
            handler=notes.change,
            params=NotePath,
            body=NoteChange,
            reply=NoteOut,
            roles=user,
            if_match=True,
            versioned=True,
            **common,
        ),
        Endpoint(
            method="POST",
            path="/api/v1/decisions",
            name="decide",
            handler=notes.add,
            body=Accepted | Declined,
            roles=("guest", "user"),
            status=201,
            reply=NoteOut,
            versioned=True,
            **common,
        ),
        Endpoint(
            method="POST",
            path="/api/v1/files",
            name="sendFile",
            handler=notes.upload,
            multipart=True,
            status=201,
            no_location=True,
            **common,
        ),
        Endpoint(
            method="GET",
            path="/api/v1/refusals/{family:[a-z-]{3,20}}",
            name="refuse",
            handler=notes.refuse,
            **common,
        ),
        Endpoint(method="GET", path="/api/v1/broken", name="breakDown", handler=notes.break_down, **common),
        Endpoint(
            method="GET",
            path="/api/v1/late",
            name="breakLate",
            handler=notes.break_late,
            media=("text/plain",),
            **common,
        ),
        Endpoint(method="GET", path="/api/v1/slow", name="wait", handler=notes.slow, **common),
    ]


async def by_header(request: web.Request, _: Endpoint) -> object:
    """Whoever says a name is that person: an authenticator for trying things out."""
    return request.headers.get("X-Name")


def sample_app(notes: Notes | None = None, config: HttpConfig | None = None, **more: Any) -> web.Application:
    settings = HttpConfig(access_log=False) if config is None else config
    known = endpoints(Notes() if notes is None else notes)
    return make_app(endpoints=known, authenticate=by_header, config=settings, **more)
