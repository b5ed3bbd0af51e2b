"""Helpers over the API: what the moderator is shown, and what an author never is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from niktokromenas.adapters import cast
from tests.integration.http.live import Live, over
from tests.integration.http.test_first_paragraph import a_body, accepted

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def platform(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path_factory.mktemp("hints")) as live:
        yield live


async def sent(live: Live, player: cast.Player = cast.CITIZEN, **changes: Any) -> str:
    done = await (await live.as_(player.oid))("POST", "/api/v1/messages", a_body(**changes))
    assert done.status == 201, done.body
    return str(done.body["number"])


def at(lat: float, address: str = "ул. Мира, 5") -> dict[str, Any]:
    place = {"point": {"lat": lat, "lon": 44.5169}, "address": address}
    return {**a_body()["occasion"], "place": place}


@pytest.mark.clause("4.6-process")
@pytest.mark.abuse(35)
async def test_a_moderator_is_shown_places_to_mask_and_the_look_is_audited(platform: Live) -> None:
    text = "Хуйня, а не дорога. Звоните 8 902 123-45-67"
    author = {"phone": "+7 902 765-43-21", "circumstances": "Пишите a@b.ru"}
    number = await sent(platform, text=text, occasion=at(48.71, "кв. 5, a@b.ru"), author=author)
    operator = await platform.as_(cast.OPERATORS[0].oid)
    moderator = await platform.as_(cast.MODERATOR.oid)
    got = await moderator("GET", f"/api/v1/messages/{number}/hints")
    assert got.status == 200, got.body
    assert [(i["where"], i["kind"], i["words"]) for i in got.body["items"]] == [
        ("/text", "profanity", "Хуйня"),
        ("/text", "phone", "8 902 123-45-67"),
        ("/occasion/place/address", "email", "a@b.ru"),
    ]
    assert all(text[i["start"] : i["end"]] == i["words"] for i in got.body["items"][:2])
    assert "решает модератор (152-ФЗ, ст. 16)" in got.body["note"]
    audit = await operator("GET", "/api/v1/audit?limit=1")
    (entry,) = audit.body["items"]
    assert (entry["action"], entry["object_id"]) == ("personal-data.look", number)
    before = await moderator("GET", f"/api/v1/messages/{number}")
    assert (before.body["stage"], before.body["text"]) == ("submitted", text)


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(9)
async def test_an_author_is_offered_public_messages_alone_and_a_moderator_the_living(platform: Live) -> None:
    telling = {"text": "Огромная яма, машины бьют колёса", "occasion": at(48.73)}
    waiting = await sent(platform, **telling)
    hidden = await sent(platform, **telling)
    moderator = await platform.as_(cast.MODERATOR.oid)
    secret = {"category": "roads.pothole", "publicity": "non-public", "reason": "Сведения о семье"}
    assert (await moderator.act(hidden, "accept", secret)).status == 200
    shown = await sent(platform, **telling)
    await accepted(platform, shown)
    stranger = await platform.as_(cast.OTHER_CITIZEN.oid)
    body = {"text": "Большая яма, бьём колёса машин", "point": {"lat": 48.7303, "lon": 44.5169}}
    got = await stranger("POST", "/api/v1/messages/near", body)
    assert got.status == 200, got.body
    (offer,) = got.body["items"]
    assert (offer["number"], offer["metres"]) == (shown, 30)
    assert offer["reasons"] == ["в 30 м", "разница меньше суток", "похожий текст"]
    for number, others in ((waiting, {hidden, shown}), (hidden, {waiting, shown})):
        told = await moderator("GET", f"/api/v1/messages/{number}/duplicates")
        assert {item["number"] for item in told.body["items"]} == others


@pytest.mark.abuse(34)
async def test_no_more_are_offered_than_can_be_read(platform: Live) -> None:
    telling = {"text": "Сломаны качели на площадке", "occasion": at(48.75)}
    numbers = [await sent(platform, **telling) for _ in range(12)]
    for number in numbers[:7]:
        await accepted(platform, number)
    citizen, moderator = await platform.as_(cast.CITIZEN.oid), await platform.as_(cast.MODERATOR.oid)
    body = {"text": "Сломаны качели на площадке", "point": {"lat": 48.75, "lon": 44.5169}}
    assert len((await citizen("POST", "/api/v1/messages/near", body)).body["items"]) == 5
    told = await moderator("GET", f"/api/v1/messages/{numbers[-1]}/duplicates")
    assert len(told.body["items"]) == 10


async def test_where_nothing_is_said_about_the_place_nothing_is_offered(platform: Live) -> None:
    citizen = await platform.as_(cast.CITIZEN.oid)
    assert (await citizen("POST", "/api/v1/messages/near", {"text": "Яма"})).body == {"items": []}
    unknown = await citizen("POST", "/api/v1/messages/near", {"municipality": "99999999"})
    assert unknown.status == 422


@pytest.mark.abuse(12)
async def test_a_moderator_gets_no_hints_about_their_own_message(platform: Live) -> None:
    number = await sent(platform, cast.MODERATOR)
    own = await platform.as_(cast.MODERATOR.oid)
    for what in ("hints", "duplicates"):
        got = await own("GET", f"/api/v1/messages/{number}/{what}")
        assert (got.status, got.body["code"]) == (403, "own-message")
