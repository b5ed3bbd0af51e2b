"""What a moderator masked is in nothing that others get, pixel by pixel (п. 4.6, 8.3, 8.5, ADR 0015)."""

import io
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from PIL import Image, ImageDraw

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from niktokromenas.domain.messages.masks import COVER
from tests.integration.http.live import Live, over
from tests.integration.http.steps import (
    PATH,
    did,
    feed,
    letters,
    message,
    ready,
    seen,
    sent,
    taken,
    there,
    uploaded,
)
from tests.integration.http.test_first_paragraph import accepted

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANNA, STRANGER, MODERATOR, OFFICIAL = (
    cast.CITIZEN,
    cast.OTHER_CITIZEN,
    cast.MODERATOR,
    cast.CITY_OFFICIAL,
)
GETS_ALL: tuple[Player | None, ...] = (ANNA, MODERATOR, OFFICIAL)
GETS_PUBLIC = (None, STRANGER, cast.ROAD_OFFICIAL, cast.COORDINATOR, cast.OPERATORS[0])
SECRET = "Гречишкину 8 902 123-45-67"
TEXT = f"Провал у школы, звоните {SECRET}, покажет"
COVERED = TEXT.replace(SECRET, COVER * len(SECRET))
HIDES = {"start": TEXT.index(SECRET), "end": TEXT.index(SECRET) + len(SECRET)}
RED, BLACK, WHITE = (255, 0, 0), (0, 0, 0), (255, 255, 255)
FACE = {"left": 0.125, "top": 0.25, "right": 0.375, "bottom": 0.5}
"""Where the picture is red; the rest is white."""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path_factory.mktemp("masks")) as found:
        yield found


def a_snapshot() -> bytes:
    picture = Image.new("RGB", (800, 600), WHITE)
    ImageDraw.Draw(picture).rectangle((100, 150, 299, 299), RED)
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=95)
    return kept.getvalue()


async def colours(
    live: Live, who: Player | None, number: str, file: str, query: str = ""
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """In the middle of the face, and beside it, each as the nearest pure colour."""
    got = await seen(live, who, f"{PATH}/{number}/attachments/{file}{query}")
    assert got.status == 200, (who, got.body)
    assert got.headers["Vary"] == "Cookie, Authorization", "one person's copy is not the next one's"
    picture = Image.open(io.BytesIO(got.raw)).convert("RGB")
    places = [(round(x * picture.width), round(y * picture.height)) for x, y in ((0.25, 0.375), (0.8, 0.8))]
    face, beside = ((picture.getpixel(place)) for place in places)
    return _pure(face), _pure(beside)


def _pure(pixel: Any) -> tuple[int, ...]:
    return tuple(255 if channel > 127 else 0 for channel in pixel)


async def a_masked_one(live: Live, lat: float) -> tuple[str, str, str]:
    """Waiting for the moderator, with its number, a painted picture and a hidden one."""
    photo = await uploaded(live, ANNA, "паспорт Гречишкина.jpg", a_snapshot())
    other = await uploaded(live, ANNA, "справка.jpg")
    address = "ул. Мира, 5, кв. 8, Гречишкин"
    number = await sent(live, ANNA, text=TEXT, occasion=there(lat, address), attachments=[photo, other])
    masks = {
        "text": [HIDES],
        "pictures": [{"attachment": photo, "regions": [FACE]}],
        "hidden": [other],
        "hides_place_words": True,
        "words": "Сведения о соседе",
    }
    await did(live, MODERATOR, number, "mask", masks)
    return number, photo, other


async def finds(live: Live, who: Player | None, words: str) -> list[str]:
    found = await seen(live, who, f"{PATH}/search?q={quote(words)}")
    assert found.status == 200, found.body
    return [item["number"] for item in found.body["items"]]


@pytest.mark.clause("4.6-publicity")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("8.3")
@pytest.mark.clause("8.5")
@pytest.mark.abuse(7, 8, 9)
async def test_masked_words_and_regions_are_in_nothing_that_others_get(live: Live) -> None:
    number, photo, other = await a_masked_one(live, 48.72)
    for file in (photo, other):
        hidden = await seen(live, None, f"{PATH}/{number}/attachments/{file}")
        assert (hidden.status, hidden.body["code"]) == (404, "message-not-found"), "not accepted yet"
    await accepted(live, number)
    assert (await (await live.as_(STRANGER.oid))("PUT", f"{PATH}/{number}/following")).status == 200
    await taken(live, number)
    whole = await message(live, OFFICIAL, number)
    assert (whole["text"], whole["masks"]["text"]) == (TEXT, [HIDES])
    for who in GETS_ALL:
        assert (await message(live, who, number))["text"] == TEXT
        for query in ("", "?thumbnail=true"):
            assert await colours(live, who, number, photo, query) == (RED, WHITE)
            assert (await seen(live, who, f"{PATH}/{number}/attachments/{other}{query}")).status == 200
    for who in GETS_PUBLIC:
        shown = await message(live, who, number)
        assert (shown["text"], shown["masks"]) == (COVERED, None), who
        assert [(a["id"], a["name"]) for a in shown["attachments"]] == [(photo, "снимок.jpg")]
        assert shown["occasion"]["place"]["address"] is None
        for query in ("", "?thumbnail=true"):
            assert await colours(live, who, number, photo, query) == (BLACK, WHITE), who
            gone = await seen(live, who, f"{PATH}/{number}/attachments/{other}{query}")
            assert (gone.status, gone.body["code"]) == (404, "upload-not-found"), who
        for address in (f"{PATH}/{number}", f"{PATH}/{number}/history", f"{PATH}?limit=100", f"/m/{number}"):
            told = (await seen(live, who, address)).raw.decode()
            assert "Гречишкин" not in told, (who, address)
            assert "902 123" not in told, (who, address)
    await no_letter_to_others_tells(live, number)


async def no_letter_to_others_tells(live: Live, number: str) -> None:
    assert await feed(live, STRANGER, number) == ["followed-routed"]
    await live.container.send_digests().now()
    for address in (STRANGER.email, cast.ROAD_OFFICIAL.email):
        told = "\n".join(letter.told for letter in await letters(live, address))
        assert "Гречишкин" not in told
        assert "справка" not in told
    assert any(number in letter.told for letter in await letters(live, STRANGER.email)), "the day's news"


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 9, 10)
async def test_lists_search_and_offers_show_the_covered_words_and_find_no_masked_one(live: Live) -> None:
    number, photo, _ = await a_masked_one(live, 48.73)
    await accepted(live, number)
    lists = (f"{PATH}?limit=100", f"{PATH}/search?q={quote('провал школа')}&limit=100")
    for who in (None, STRANGER, MODERATOR, ANNA):
        for address in lists:
            page = await seen(live, who, address)
            [item] = [item for item in page.body["items"] if item["number"] == number]
            assert (item["excerpt"], item["thumbnail"], item["address"]) == (COVERED, photo, None)
        for words in ("Гречишкину", "902", "«звоните Гречишкину»", "справка", "паспорт", "кв"):
            assert number not in await finds(live, who, words), (who, words)
    stranger = await live.as_(STRANGER.oid)
    draft = {"text": TEXT, "point": {"lat": 48.73, "lon": 44.5169}}
    offers = (await stranger("POST", f"{PATH}/near", draft)).body["items"]
    [offer] = [offer for offer in offers if offer["number"] == number]
    assert (offer["excerpt"], offer["address"]) == (COVERED, None)


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("8.5")
@pytest.mark.abuse(8, 9)
async def test_what_is_masked_later_disappears_and_what_is_uncovered_is_back(live: Live) -> None:
    photo = await uploaded(live, ANNA, "двор.jpg", a_snapshot())
    number = await sent(live, ANNA, text=TEXT, occasion=there(48.74), attachments=[photo])
    await accepted(live, number)
    assert number in await finds(live, None, "Гречишкину")
    assert await colours(live, None, number, photo) == (RED, WHITE)
    kept = {"If-None-Match": (await seen(live, None, f"{PATH}/{number}")).etag}
    masks = {"text": [HIDES], "pictures": [{"attachment": photo, "regions": [FACE]}], "words": "Телефон"}
    await did(live, MODERATOR, number, "mask", masks)
    again = await (await live.guest())("GET", f"{PATH}/{number}", headers=kept)
    assert (again.status, again.body["text"]) == (200, COVERED), "whoever kept the page is told"
    assert number not in await finds(live, None, "Гречишкину")
    assert number in await finds(live, None, "провал")
    assert await colours(live, None, number, photo) == (BLACK, WHITE)
    await did(live, MODERATOR, number, "mask", {"words": "Согласие получено"})
    assert number in await finds(live, None, "Гречишкину")
    assert await colours(live, None, number, photo) == (RED, WHITE)


@pytest.mark.clause("4.6-answers")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8)
async def test_an_answer_is_masked_before_anyone_reads_it(live: Live) -> None:
    number = await sent(live, ANNA, text="Провал у рынка", occasion=there(48.75))
    await accepted(live, number)
    assignment = await taken(live, number)
    act = await uploaded(live, OFFICIAL, "акт Гречишкина.jpg", a_snapshot())
    await ready(live, number, assignment, "Гречишкину ответили, засыпали", act)
    masks = {
        "answers": [{"assignment": assignment, "spans": [{"start": 0, "end": 10}]}],
        "pictures": [{"attachment": act, "regions": [FACE]}],
        "words": "Фамилия",
    }
    await did(live, MODERATOR, number, "mask", masks)
    await did(live, MODERATOR, number, "place")
    for who in (None, STRANGER):
        [answer] = (await message(live, who, number))["answers"]
        assert answer["text"] == f"{COVER * 10} ответили, засыпали"
        assert await colours(live, who, number, act) == (BLACK, WHITE)
        page = (await seen(live, who, f"/m/{number}")).raw.decode()
        assert "засыпали" in page
        assert "Гречишкин" not in page
    assert number in await finds(live, None, "засыпали")
    assert number not in await finds(live, None, "Гречишкину")
    for who in GETS_ALL:
        assert (await message(live, who, number))["answers"][0]["text"] == "Гречишкину ответили, засыпали"
        assert await colours(live, who, number, act) == (RED, WHITE)
    assert any("Гречишкину ответили" in letter.told for letter in await letters(live, ANNA.email))


@pytest.mark.clause("8.5")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(7, 8, 9)
async def test_of_what_is_not_public_no_attachment_opens_and_nothing_is_found(live: Live) -> None:
    photo = await uploaded(live, ANNA, "двор.jpg", a_snapshot())
    number = await sent(live, ANNA, text="Тайный провал", occasion=there(48.76), attachments=[photo])
    await accepted(live, number, "non-public")
    for who in (None, STRANGER, OFFICIAL):
        for query in ("", "?thumbnail=true"):
            got = await seen(live, who, f"{PATH}/{number}/attachments/{photo}{query}")
            assert (got.status, got.body["code"]) == (404, "message-not-found"), who
    assert number not in await finds(live, None, "тайный")
    for who in (ANNA, MODERATOR):
        assert await colours(live, who, number, photo) == (RED, WHITE)


@pytest.mark.clause("4.6-publicity")
@pytest.mark.abuse(7, 10)
async def test_only_a_moderator_masks_and_what_does_not_fit_changes_nothing(live: Live) -> None:
    number, photo, _ = await a_masked_one(live, 48.77)
    await accepted(live, number)
    body = {"text": [{"start": 0, "end": 3}], "words": "Скрыть"}
    for who in (ANNA, STRANGER, OFFICIAL, cast.OPERATORS[0]):
        refused = await (await live.as_(who.oid)).act(number, "mask", body)
        assert (refused.status, refused.body["code"]) == (403, "role-required"), who
    moderator = await live.as_(MODERATOR.oid)
    outside = {**FACE, "right": 1.5}
    for wrong in (
        {"text": [{"start": 0, "end": len(TEXT) + 1}]},
        {"text": [{"start": 5, "end": 5}]},
        {"pictures": [{"attachment": photo, "regions": [outside]}]},
        {"pictures": [{"attachment": photo, "regions": []}]},
        {"hidden": ["00000000-0000-4000-8000-000000000000"]},
        {"text": [{"start": 0, "end": 3}], "words": " "},
    ):
        refused = await moderator.act(number, "mask", {"words": "Скрыть", **wrong})
        assert refused.status == 422, wrong
    assert (await message(live, None, number))["text"] == COVERED
    assert await colours(live, None, number, photo) == (BLACK, WHITE)
