"""Two authors of one trouble: one answer for both, each a rating of their own (п. 4.6, 4.7, ADR 0015)."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio

from niktokromenas.adapters import cast
from niktokromenas.domain.messages.masks import COVER
from tests.integration.http.live import Live, over
from tests.integration.http.steps import (
    PATH,
    answered,
    did,
    feed,
    letters,
    message,
    public,
    ready,
    seen,
    sent,
    taken,
    there,
    uploaded,
)
from tests.integration.http.test_first_paragraph import accepted

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANNA, PYOTR, MODERATOR = cast.CITIZEN, cast.OTHER_CITIZEN, cast.MODERATOR
FOLLOWER, NEIGHBOUR = cast.TECHNICAL, cast.COORDINATOR
FIRST, SECOND = "Огромная яма, машины бьют колёса", "Большая яма, бьём колёса машин"
SAME, DIFFERENT = "Об одной яме", "Ямы разные"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path_factory.mktemp("merging")) as found:
        yield found


async def a_pair(live: Live, lat: float, **changes: Any) -> tuple[str, str]:
    """Anna's accepted message, and Pyotr's about the same, which nobody has looked at."""
    original = await public(live, ANNA, text=FIRST, occasion=there(lat))
    return original, await sent(live, PYOTR, text=SECOND, occasion=there(lat + 0.0001), **changes)


async def merged(live: Live, duplicate: str, original: str) -> None:
    done = await did(live, MODERATOR, duplicate, "merge", {"into": original, "words": SAME})
    assert done["stage"] == "merged"


async def history(live: Live, who: cast.Player, number: str) -> str:
    return (await seen(live, who, f"{PATH}/{number}/history")).raw.decode()


@pytest.mark.clause("4.6-process")
@pytest.mark.clause("4.6-answers")
@pytest.mark.clause("4.7-rate")
@pytest.mark.clause("3.8")
async def test_two_authors_get_one_answer_and_each_rates_it(live: Live) -> None:
    original = await public(live, ANNA, text=FIRST, occasion=there(48.72))
    pyotr, moderator = await live.as_(PYOTR.oid), await live.as_(MODERATOR.oid)
    draft = {"text": SECOND, "point": {"lat": 48.7201, "lon": 44.5169}, "category": "roads.pothole"}
    offered = (await pyotr("POST", f"{PATH}/near", draft)).body["items"]
    assert [offer["number"] for offer in offered] == [original], "before sending: one may join it instead"
    duplicate = await sent(live, PYOTR, text=SECOND, occasion=there(48.7201))
    proposed = (await moderator("GET", f"{PATH}/{duplicate}/duplicates")).body["items"]
    assert [offer["number"] for offer in proposed] == [original]
    await merged(live, duplicate, original)
    assert await feed(live, PYOTR, duplicate) == ["message-merged", "message-submitted"]
    assert any(SAME in letter.told for letter in await letters(live, PYOTR.email))
    assert (await seen(live, None, f"{PATH}/{duplicate}")).status == 404
    assert (await message(live, None, original))["merged_count"] == 1
    early = await pyotr.act(duplicate, "rate", {"value": 5})
    assert (early.status, early.body["code"]) == (409, "illegal-move")
    await answered(live, original, "Заделали обе ямы")
    for author, number in ((ANNA, original), (PYOTR, duplicate)):
        assert (await feed(live, author, number))[0] == "message-answered"
        [letter] = [
            found
            for found in await letters(live, author.email)
            if f"на сообщение № {number}" in found.subject
        ]
        assert "Заделали обе ямы" in letter.told
        own = await message(live, author, number)
        assert (own["view"], [answer["text"] for answer in own["answers"]]) == ("own", ["Заделали обе ямы"])
        assert "rate" in own["possible"]
    assert (await message(live, PYOTR, duplicate))["merged_into"] == original
    rated = await did(live, PYOTR, duplicate, "rate", {"value": 2, "comment": "Моя осталась"})
    assert rated["stage"] == "merged"
    assert (await did(live, ANNA, original, "rate", {"value": 5}))["stage"] == "closed"
    assert (await feed(live, cast.CITY_OFFICIAL, original)).count("answer-rated") == 2
    ratings = [
        (await message(live, who, number))["answers"][0]["rating"]["value"]
        for who, number in ((ANNA, original), (PYOTR, duplicate), (None, original))
    ]
    assert ratings == [5, 2, 5]
    for author, number in ((ANNA, original), (PYOTR, duplicate)):
        again = await (await live.as_(author.oid)).act(number, "rate", {"value": 1})
        assert (again.status, again.body["code"]) == (409, "illegal-move")
    assert "reopen" not in (await message(live, PYOTR, duplicate))["possible"], "the original's author alone"


@pytest.mark.clause("4.6-process")
async def test_what_is_split_off_goes_its_own_way_again(live: Live) -> None:
    original, duplicate = await a_pair(live, 48.73)
    await merged(live, duplicate, original)
    split = await did(live, MODERATOR, duplicate, "split-off", {"words": DIFFERENT})
    assert split["stage"] == "submitted"
    assert await feed(live, PYOTR, duplicate) == ["message-split-off", "message-merged", "message-submitted"]
    assert (await message(live, MODERATOR, original))["merged_count"] == 0
    desk = (await seen(live, MODERATOR, "/api/v1/desk?limit=100")).body["items"]
    assert (duplicate, "moderate") in {(item["message"]["number"], item["task"]) for item in desk}
    await accepted(live, duplicate)
    await answered(live, original, "Заделали первую")
    assert "message-answered" not in await feed(live, PYOTR, duplicate)
    own = await message(live, PYOTR, duplicate)
    assert (own["stage"], own["answers"], own["merged_into"]) == ("accepted", [], None)
    await answered(live, duplicate, "Заделали вторую")
    assert [a["text"] for a in (await message(live, None, duplicate))["answers"]] == ["Заделали вторую"]


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("8.5")
@pytest.mark.abuse(7, 8)
async def test_authorship_passes_with_nothing_of_the_first_author_and_nothing_unchecked(live: Live) -> None:
    photo = await uploaded(live, PYOTR, "паспорт.jpg")
    original, duplicate = await a_pair(live, 48.74, attachments=[photo])
    await merged(live, duplicate, original)
    assignment = await taken(live, original)
    asked = f"assignments/{assignment}/ask"
    await did(live, cast.CITY_OFFICIAL, original, asked, {"text": "Анна, какой у вас телефон?"})
    anna, pyotr = await live.as_(ANNA.oid), await live.as_(PYOTR.oid)
    thread, letter = f"{PATH}/{original}/thread", await uploaded(live, ANNA, "справка.jpg")
    body = {"text": "Мой телефон 8 902 123-45-67", "attachments": [letter]}
    assert (await anna("POST", thread, body)).status == 201
    left = await anna.act(original, "withdraw")
    assert (left.status, left.body["stage"]) == (200, "routed"), "it goes on for the other"
    assert "authorship-passed" in await feed(live, PYOTR, original)

    theirs = await message(live, PYOTR, original)
    assert (theirs["view"], theirs["text"]) == ("own", SECOND)
    assert (await message(live, cast.CITY_OFFICIAL, original))["text"] == SECOND
    for stranger in (ANNA, None):
        public_one = await message(live, stranger, original)
        assert (public_one["view"], set(public_one["text"]) - {COVER}) == ("public", set())
        assert (public_one["attachments"], public_one["occasion"]["place"]["address"]) == ([], None)
        picture = await seen(live, stranger, f"{PATH}/{original}/attachments/{photo}")
        assert picture.status == 404
    found = await seen(live, None, f"{PATH}/search?q={quote('колёса машин')}")
    assert original not in found.raw.decode()

    assert "телефон" in await history(live, cast.CITY_OFFICIAL, original)
    assert "телефон" not in await history(live, PYOTR, original)
    assert (await pyotr("GET", thread)).body["items"] == [], (
        "what was said with the first author is not theirs"
    )
    assert (await pyotr("GET", f"{PATH}/{original}/attachments/{letter}")).status == 404
    assert (await anna("GET", thread)).status == 403
    assert (await pyotr("POST", thread, {"text": "Теперь пишу я"})).status == 201
    assert [post["text"] for post in (await pyotr("GET", thread)).body["items"]] == ["Теперь пишу я"]
    official = await live.as_(cast.CITY_OFFICIAL.oid)
    assert len((await official("GET", thread)).body["items"]) == 3, "the record stays for those at work"

    desk = (await seen(live, MODERATOR, "/api/v1/desk?limit=100")).body["items"]
    assert (original, "check-masks") in {(item["message"]["number"], item["task"]) for item in desk}
    await did(live, MODERATOR, original, "mask", {"words": "Проверено"})
    shown = await message(live, None, original)
    assert (shown["text"], [a["id"] for a in shown["attachments"]]) == (SECOND, [photo])
    await ready(live, original, assignment, "Заделали")
    await did(live, MODERATOR, original, "place")
    assert "message-answered" in await feed(live, PYOTR, original)
    assert "message-answered" not in await feed(live, ANNA, original)
    assert (await anna.act(original, "rate", {"value": 1})).status == 403
    assert (await did(live, PYOTR, original, "rate", {"value": 4}))["stage"] == "closed"


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.clause("3.11")
@pytest.mark.abuse(8)
async def test_what_was_masked_of_the_heirs_message_stays_masked_and_no_file_is_lost(live: Live) -> None:
    photo = await uploaded(live, PYOTR, "двор.jpg")
    original, duplicate = await a_pair(live, 48.78, attachments=[photo])
    corner = {"left": 0, "top": 0, "right": 0.5, "bottom": 0.5}
    masks = {
        "text": [{"start": 0, "end": 7}],
        "pictures": [{"attachment": photo, "regions": [corner]}],
        "words": "Номер машины",
    }
    await did(live, MODERATOR, duplicate, "mask", masks)
    await accepted(live, duplicate)
    path = f"attachments/{photo}"
    painted = (await seen(live, None, f"{PATH}/{duplicate}/{path}")).raw
    assert (await (await live.as_(PYOTR.oid))("PUT", f"{PATH}/{original}/joining")).status == 200
    await merged(live, duplicate, original)
    await did(live, ANNA, original, "withdraw")
    shown = await message(live, None, original)
    assert shown["joined"] == 0, "nobody joins their own"
    assert shown["text"] == COVER * 7 + SECOND[7:], "a moderator has seen these words"
    assert (await seen(live, None, f"{PATH}/{original}/{path}")).raw == painted
    whole = (await seen(live, PYOTR, f"{PATH}/{original}/{path}")).raw
    assert whole != painted
    await did(live, MODERATOR, original, "mask", {"words": "Номер не читается"})
    assert (await seen(live, None, f"{PATH}/{original}/{path}")).raw == whole
    assert (await live.container.verify_files()()).harmed == ()


@pytest.mark.clause("3.5")
@pytest.mark.clause("3.8")
async def test_followers_of_what_was_merged_hear_of_the_answer(live: Live) -> None:
    original, duplicate = await a_pair(live, 48.75)
    await accepted(live, duplicate)
    follower, neighbour, anna = [await live.as_(who.oid) for who in (FOLLOWER, NEIGHBOUR, ANNA)]
    assert (await follower("PUT", f"{PATH}/{duplicate}/following")).status == 200
    for client in (neighbour, anna):
        assert (await client("PUT", f"{PATH}/{duplicate}/joining")).status == 200
    assert (await neighbour("PUT", f"{PATH}/{original}/joining")).status == 200
    await merged(live, duplicate, original)
    shown = await message(live, FOLLOWER, original)
    assert (shown["joined"], shown["followed"], shown["follows"]) == (1, 1, True), "authors do not count"
    listed = (await seen(live, FOLLOWER, "/api/v1/me/followed")).body["items"]
    assert [item["message"]["number"] for item in listed] == [original]
    await answered(live, original, "Заделали")
    for who in (FOLLOWER, NEIGHBOUR):
        assert (await feed(live, who, original)).count("followed-answered") == 1
        told = [found for found in await letters(live, who.email) if original in found.subject]
        assert not any("Заделали" in found.told for found in told), "answers are read on the page"
    assert "followed-answered" not in await feed(live, ANNA, original)


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8)
async def test_of_a_masked_answer_the_other_author_gets_what_everybody_has(live: Live) -> None:
    original, duplicate = await a_pair(live, 48.76)
    await merged(live, duplicate, original)
    assignment = await taken(live, original)
    photo = await uploaded(live, cast.CITY_OFFICIAL, "акт Ивановой.jpg")
    await ready(live, original, assignment, "Ивановой ответили, яму заделали", photo)
    span = {"assignment": assignment, "spans": [{"start": 0, "end": 8}]}
    masks = {"answers": [span], "hidden": [photo], "words": "Фамилия соседки"}
    await did(live, MODERATOR, original, "mask", masks)
    await did(live, MODERATOR, original, "place")
    told = "\n".join(found.told for found in await letters(live, PYOTR.email))
    assert "яму заделали" in told
    own = await seen(live, PYOTR, f"{PATH}/{duplicate}")
    assert own.body["answers"][0]["text"] == f"{COVER * 8} ответили, яму заделали"
    assert "Иванов" not in told + own.raw.decode()
    assert (await seen(live, PYOTR, f"{PATH}/{duplicate}/attachments/{photo}")).status == 404
    whole = await seen(live, ANNA, f"{PATH}/{original}")
    assert whole.body["answers"][0]["text"] == "Ивановой ответили, яму заделали"
    assert (await seen(live, ANNA, f"{PATH}/{original}/attachments/{photo}")).status == 200


@pytest.mark.clause("4.6-process")
@pytest.mark.abuse(7)
async def test_merging_is_the_moderators_and_tells_nobody_of_what_is_hidden(live: Live) -> None:
    original, duplicate = await a_pair(live, 48.77)
    body = {"into": original, "words": SAME}
    for who, status in ((ANNA, 404), (PYOTR, 403), (cast.CITY_OFFICIAL, 404), (cast.OPERATORS[0], 403)):
        refused = await (await live.as_(who.oid)).act(duplicate, "merge", body)
        assert refused.status == status, (who, refused.body)
    moderator = await live.as_(MODERATOR.oid)
    own = await sent(live, MODERATOR, text=FIRST, occasion=there(48.7701))
    for number, into, code in (
        (own, original, "own-message"),
        (duplicate, own, "own-message"),
        (original, original, "cannot-merge"),
        (duplicate, "26-999999", "message-not-found"),
    ):
        refused = await moderator.act(number, "merge", {"into": into, "words": SAME})
        assert refused.body["code"] == code, refused.body
    assert (await message(live, PYOTR, duplicate))["stage"] == "submitted"
    assert (await message(live, ANNA, original))["merged_count"] == 0
