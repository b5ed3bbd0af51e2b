"""The dialogue of author, moderator and officials over HTTP, in which nobody else has a part (п. 2.1)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from niktokromenas.adapters import cast
from niktokromenas.adapters.cast import Player
from tests.integration.http.live import Answered, Live, over
from tests.integration.http.steps import (
    PATH,
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
from tests.integration.http.test_first_paragraph import accepted, routed

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANNA, STRANGER, MODERATOR = cast.CITIZEN, cast.OTHER_CITIZEN, cast.MODERATOR
OFFICIAL, ELSEWHERE = cast.CITY_OFFICIAL, cast.ROAD_OFFICIAL
OFFICE = "sokolov@city.example"
READERS = (ANNA, MODERATOR, OFFICIAL, cast.CITY_APPROVER, cast.COORDINATOR, cast.OPERATORS[0])
OTHERS = (None, STRANGER, ELSEWHERE, cast.TECHNICAL)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    async with over(request.param, tmp_path_factory.mktemp("thread")) as found:
        yield found


async def wrote(live: Live, who: Player | None, number: str, text: str, *files: str, **more: Any) -> Answered:
    client = await (live.as_(who.oid) if who else live.guest())
    body = {"text": text, "attachments": files}
    return await client("POST", f"{PATH}/{number}/thread", body, **more)


async def read(live: Live, who: Player | None, number: str, query: str = "") -> Answered:
    return await seen(live, who, f"{PATH}/{number}/thread{query}")


@pytest.mark.clause("2.1-dialogue")
@pytest.mark.clause("1.3-moderator")
@pytest.mark.clause("3.8")
async def test_author_moderator_and_official_speak_in_one_thread_with_files(live: Live) -> None:
    number = await public(live, ANNA, occasion=there(48.72))
    assignment = await taken(live, number)
    files = [await uploaded(live, who) for who in (OFFICIAL, ANNA, MODERATOR)]
    question = {"text": "У какого дома?", "attachments": files[:1]}
    await did(live, OFFICIAL, number, f"assignments/{assignment}/ask", question)
    assert (await feed(live, ANNA, number))[0] == "question-asked"
    assert any("У какого дома?" in letter.told for letter in await letters(live, ANNA.email))
    assert (await wrote(live, ANNA, number, "У пятого", files[1])).status == 201
    assert (await feed(live, OFFICIAL, number))[0] == "author-wrote"
    assert any("У пятого" in letter.told for letter in await letters(live, OFFICE))
    assert (await wrote(live, MODERATOR, number, "Ответьте до пятницы", files[2])).status == 201
    assert (await feed(live, OFFICIAL, number))[0] == "moderator-wrote", "the moderator reaches officials"
    assert (await feed(live, ANNA, number))[0] == "staff-wrote", "and users"
    for address in (OFFICE, ANNA.email):
        assert any("Ответьте до пятницы" in letter.told for letter in await letters(live, address))
    interim = {"text": "Завезли щебень"}
    await did(live, OFFICIAL, number, f"assignments/{assignment}/answer-interim", interim)
    operator = live.container.region().operator.authority_code
    expected = [
        ("question", "official", cast.CITY, "У какого дома?", files[:1], assignment),
        ("word", "user", None, "У пятого", files[1:2], None),
        ("word", "moderator", operator, "Ответьте до пятницы", files[2:], None),
        ("interim-answer", "official", cast.CITY, "Завезли щебень", [], assignment),
    ]
    for who in READERS:
        posts = (await read(live, who, number)).body["items"]
        told = [
            (p["kind"], p["role"], p["body"], p["text"], [a["id"] for a in p["attachments"]], p["assignment"])
            for p in posts
        ]
        assert told == expected, who
        mine = {OFFICIAL.oid: [0, 3], ANNA.oid: [1], MODERATOR.oid: [2]}.get(who.oid, [])
        assert [index for index, post in enumerate(posts) if post["is_mine"]] == mine
        assert not any(player.name.last in str(posts) for player in (ANNA, MODERATOR, OFFICIAL))
        for file in files:
            opened = await seen(live, who, f"{PATH}/{number}/attachments/{file}")
            assert (opened.status, opened.headers["Content-Type"]) == (200, "image/jpeg"), who
    first = (await read(live, ANNA, number, "?limit=3")).body
    rest = (await read(live, ANNA, number, f"?limit=3&after={first['next']}")).body
    assert [p["text"] for p in first["items"] + rest["items"]] == [e[3] for e in expected]


@pytest.mark.clause("2.1-dialogue")
@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(7, 8, 9)
async def test_nobody_else_reads_writes_or_opens_a_file_of_the_thread(live: Live) -> None:
    number = await public(live, ANNA, occasion=there(48.73))
    assignment, file = await taken(live, number), await uploaded(live, ANNA, "справка.jpg")
    assert (await wrote(live, ANNA, number, "Мой телефон 8 902 123-45-67", file)).status == 201
    ask = {"text": "Ваш подъезд?"}
    await did(live, OFFICIAL, number, f"assignments/{assignment}/ask", ask)
    elsewhere = await public(live, STRANGER, occasion=there(48.731))
    for who in OTHERS:
        refused = await read(live, who, number)
        code = (401, "unauthenticated") if who is None else (403, "not-the-author")
        assert (refused.status, refused.body["code"]) == code, who
        assert (await wrote(live, who, number, "И мне ответьте")).status in (401, 403), who
        for query in ("", "?thumbnail=true"):
            for through in (number, elsewhere):
                gone = await seen(live, who, f"{PATH}/{through}/attachments/{file}{query}")
                assert (gone.status, gone.body["code"]) == (404, "upload-not-found"), who
        for address in ("", "/history"):
            told = (await seen(live, who, f"{PATH}/{number}{address}")).raw.decode()
            assert "902" not in told, who
            assert "подъезд" not in told, who
    for who in (ANNA, MODERATOR, OFFICIAL):
        strange = await seen(live, who, f"{PATH}/{elsewhere}/attachments/{file}")
        assert strange.status == 404, "a file opens through its own thread alone"
    assert len((await read(live, ANNA, number)).body["items"]) == 2
    assert "902" not in (await seen(live, None, f"/m/{number}")).raw.decode()
    found = await seen(live, None, f"{PATH}/search?q=902")
    assert found.body["items"] == []


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 9)
async def test_a_thread_of_what_is_not_public_does_not_exist_for_others(live: Live) -> None:
    number = await sent(live, ANNA, occasion=there(48.74))
    closed = await wrote(live, ANNA, number, "Когда ответите?")
    assert (closed.status, closed.body["code"]) == (409, "thread-closed")
    await accepted(live, number, "non-public")
    assert (await wrote(live, ANNA, number, "Когда ответите?")).status == 201
    assert (await feed(live, MODERATOR, number))[0] == "author-wrote", "nobody else works on it yet"
    for who in (STRANGER, OFFICIAL, ELSEWHERE, cast.TECHNICAL):
        for got in (await read(live, who, number), await wrote(live, who, number, "И мне")):
            assert (got.status, got.body["code"]) == (404, "message-not-found"), who


@pytest.mark.clause("2.1-dialogue")
@pytest.mark.clause("4.5")
async def test_an_interim_answer_is_the_authors_and_the_answer_everybodys(live: Live) -> None:
    number = await public(live, ANNA, occasion=there(48.75))
    assignment = await taken(live, number)
    due = (await message(live, ANNA, number))["answer_due"]
    said = {"text": "Завезли щебень"}
    await did(live, OFFICIAL, number, f"assignments/{assignment}/answer-interim", said)
    assert (await feed(live, ANNA, number))[0] == "answered-interim"
    own = await message(live, ANNA, number)
    assert (own["stage"], own["answers"], own["answer_due"]) == ("routed", [], due), (
        "the answer is owed still"
    )
    told = (await seen(live, ANNA, f"{PATH}/{number}/history")).body["items"][-1]
    assert (told["act"], told["words"]) == ("answer-interim", "Завезли щебень")
    for who in OTHERS:
        for address in ("", "/history"):
            told = (await seen(live, who, f"{PATH}/{number}{address}")).raw.decode()
            assert "щебень" not in told, who
            assert "interim" not in told, who
    assert "щебень" not in (await seen(live, None, f"/m/{number}")).raw.decode()
    await ready(live, number, assignment, "Засыпали щебнем")
    await did(live, MODERATOR, number, "place")
    assert [a["text"] for a in (await message(live, None, number))["answers"]] == ["Засыпали щебнем"]
    assert (await wrote(live, ANNA, number, "Уже размыло")).status == 201
    assert (await feed(live, OFFICIAL, number))[0] == "author-wrote", "whoever answered hears of it"


@pytest.mark.clause("2.1-dialogue")
@pytest.mark.abuse(7, 13)
async def test_whoever_gave_the_message_back_has_no_part_in_it_any_more(live: Live) -> None:
    number = await public(live, ANNA, occasion=there(48.76))
    assignment = await routed(live, number)
    assert (await wrote(live, ANNA, number, "Жду")).status == 201
    assert (await read(live, OFFICIAL, number)).status == 200
    await did(live, OFFICIAL, number, f"assignments/{assignment}/return", {"reason": "Не наше"})
    for got in (await read(live, OFFICIAL, number), await wrote(live, OFFICIAL, number, "Ещё слово")):
        assert got.status == 403, got.body


@pytest.mark.clause("2.1-dialogue")
@pytest.mark.abuse(1, 2, 13)
async def test_a_word_sent_twice_stands_once_and_a_file_is_its_owners(live: Live) -> None:
    number = await public(live, ANNA, occasion=there(48.77))
    key = {"headers": {"Idempotency-Key": "a-word-of-mine"}}
    first, again = [await wrote(live, ANNA, number, "Жду", **key) for _ in range(2)]
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    assert len((await read(live, ANNA, number)).body["items"]) == 1
    anothers = await uploaded(live, STRANGER)
    stolen = await wrote(live, ANNA, number, "Смотрите", anothers)
    assert (stolen.status, stolen.body["code"]) == (404, "upload-not-found")
    empty = await wrote(live, ANNA, number, " ")
    assert [fault["code"] for fault in empty.body["errors"]] == ["no-content"]
    assert len((await read(live, ANNA, number)).body["items"]) == 1
