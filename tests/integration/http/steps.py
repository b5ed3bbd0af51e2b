"""What people of each role do by HTTP, step by step, and what reached them."""

import email
import email.policy
from typing import Any

import aiohttp
from attrs import frozen

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.adapters.files.drawing import draw_scene
from tests.integration.http.live import Answered, Live
from tests.integration.http.test_first_paragraph import a_body, accepted, routed

PATH = "/api/v1/messages"


@frozen
class Mail:
    """A letter as its reader has it: both forms of the text together."""

    subject: str
    told: str


def there(lat: float, address: str = "ул. Мира, 5") -> dict[str, Any]:
    """An occasion at a place of its own, so that tests of one platform do not meet."""
    return {**a_body()["occasion"], "place": {"point": {"lat": lat, "lon": 44.5169}, "address": address}}


async def seen(live: Live, who: Player | None, path: str) -> Answered:
    client = await (live.as_(who.oid) if who else live.guest())
    return await client("GET", path)


async def message(live: Live, who: Player | None, number: str) -> Any:
    found = await seen(live, who, f"{PATH}/{number}")
    assert found.status == 200, found.body
    return found.body


async def did(live: Live, who: Player, number: str, act: str, body: Any = None) -> Any:
    done = await (await live.as_(who.oid)).act(number, act, body)
    assert done.status == 200, done.body
    return done.body


async def sent(live: Live, who: Player = cast.CITIZEN, **changes: Any) -> str:
    done = await (await live.as_(who.oid))("POST", PATH, a_body(**changes))
    assert done.status == 201, done.body
    return str(done.body["number"])


async def uploaded(live: Live, who: Player, name: str = "яма.jpg", content: bytes | None = None) -> str:
    form = aiohttp.FormData()
    kept = content if content is not None else draw_scene("pothole", 1)
    form.add_field("file", kept, filename=name, content_type="image/jpeg")
    done = await (await live.as_(who.oid))("POST", "/api/v1/attachments", data=form)
    assert done.status == 201, done.body
    return str(done.body["id"])


async def taken(live: Live, number: str) -> str:
    """Routed to the city and in work there; the assignment."""
    assignment = await routed(live, number)
    await did(live, cast.CITY_OFFICIAL, number, f"assignments/{assignment}/take")
    return assignment


async def ready(live: Live, number: str, assignment: str, text: str, *files: str) -> None:
    body = {"text": text, "outcome": {"kind": "done"}, "attachments": files}
    await did(live, cast.CITY_OFFICIAL, number, f"assignments/{assignment}/prepare", body)
    await did(live, cast.CITY_APPROVER, number, f"assignments/{assignment}/approve")


async def answered(live: Live, number: str, text: str = "Заделали") -> None:
    """From accepted to the placed answer."""
    await ready(live, number, await taken(live, number), text)
    await did(live, cast.MODERATOR, number, "place")


async def public(live: Live, who: Player = cast.CITIZEN, **changes: Any) -> str:
    number = await sent(live, who, **changes)
    await accepted(live, number)
    return number


async def feed(live: Live, who: Player, number: str) -> list[str]:
    """Kinds of what this person was told of that message, the latest first."""
    await live.drain()
    page = await seen(live, who, "/api/v1/me/notices?limit=100")
    return [notice["kind"] for notice in page.body["items"] if notice["number"] == number]


async def letters(live: Live, address: str | None) -> list[Mail]:
    """Everything sent to the address, in no particular order."""
    await live.drain()
    found: list[Mail] = []
    for kept in live.container.settings().data.rglob("*.eml"):
        letter = email.message_from_bytes(kept.read_bytes(), policy=email.policy.default)
        if str(letter["To"]) == address:
            parts = [p.get_content() for p in letter.walk() if p.get_content_maintype() == "text"]
            found.append(Mail(str(letter["Subject"]), "\n".join(parts)))
    return found
