"""Searching the journal as a guest does: what is found, what never is, what is refused."""

from urllib.parse import quote

import pytest

from niktokromenas.adapters import cast
from tests.integration.http.live import Live
from tests.integration.http.test_first_paragraph import a_body, accepted

SEARCH = "/api/v1/messages/search"


async def _found(live: Live, said: str, more: str = "") -> list[str]:
    answered = await (await live.guest())("GET", f"{SEARCH}?q={quote(said)}{more}")
    assert answered.status == 200, answered.body
    assert set(answered.body) == {"items", "next"}, "how many there are is not told"
    return [item["number"] for item in answered.body["items"]]


async def _sent(live: Live, text: str) -> str:
    body = a_body(text=text)
    sent = await (await live.as_(cast.CITIZEN.oid))("POST", "/api/v1/messages", body)
    return str(sent.body["number"])


async def test_a_guest_finds_public_messages_by_any_form_of_their_words(live: Live) -> None:
    number = await _sent(live, "Большие ямы на дорогах посёлка")
    assert await _found(live, "яма поселок") == []
    await accepted(live, number)
    for said in ("яма поселок", "ямы на дороге", "емы", "«яма на дороге»", number):
        assert await _found(live, said) == [number], said
    assert await _found(live, "яма", "&category=roads") == [number]
    assert await _found(live, "яма", "&stage=closed") == []


@pytest.mark.abuse(9)
@pytest.mark.clause("6.1-nondisclosure")
async def test_what_is_not_public_is_found_by_nobody_its_author_and_staff_included(live: Live) -> None:
    number = await _sent(live, "Секретная яма")
    await accepted(live, number, "non-public")
    for oid in (cast.CITIZEN.oid, cast.MODERATOR.oid, cast.CITY_OFFICIAL.oid):
        found = await (await live.as_(oid))("GET", f"{SEARCH}?q={quote('секретная')}")
        assert found.body == {"items": [], "next": None}


@pytest.mark.abuse(8, 9)
@pytest.mark.clause("3.5")
@pytest.mark.clause("6.1-nondisclosure")
async def test_other_forms_and_a_typo_find_it_and_a_masked_word_does_not(live: Live) -> None:
    text = "Огромная яма на разбитых дорогах, звоните Гречишкину"
    number, other = await _sent(live, text), await _sent(live, "Темно на остановке, лампа не горит")
    for one in (number, other):
        await accepted(live, one)
    said = (
        "ямы на дороге",
        "емы",
        "емы на дороге",
        "яма дорогу",
        "ЯМОЙ",
        "разбитая дорога",
        "«ямы на разбитой»",
    )
    for words in said:
        assert await _found(live, words) == [number], words
    assert await _found(live, "«ямы на дороге»") == [], "not side by side"
    assert await _found(live, "ямы на остановке") == [], "every word is asked for"
    assert await _found(live, "лампы") == [other]
    assert await _found(live, "Гречишкину") == [number]
    moderator = await live.as_(cast.MODERATOR.oid)
    start = text.index("Гречишкину")
    masks = {"text": [{"start": start, "end": start + 10}], "words": "Фамилия соседа"}
    assert (await moderator.act(number, "mask", masks)).status == 200
    for words in ("Гречишкину", "гречишкин", "гричишкину", "яма гречишкину", "«звоните Гречишкину»"):
        assert await _found(live, words) == [], words
        found = await moderator("GET", f"{SEARCH}?q={quote(words)}")
        assert found.body["items"] == [], "nor by those who read it"
    for words in said:
        assert await _found(live, words) == [number], words


@pytest.mark.abuse(8, 9)
@pytest.mark.clause("6.1-nondisclosure")
async def test_what_is_merged_hidden_or_withdrawn_is_found_no_more(live: Live) -> None:
    original, merged, hidden, withdrawn = [await _sent(live, f"Провал {word}") for word in "абвг"]
    for one in (original, merged, hidden, withdrawn):
        await accepted(live, one)
    assert await _found(live, "провалы") == [withdrawn, hidden, merged, original]
    moderator, citizen = await live.as_(cast.MODERATOR.oid), await live.as_(cast.CITIZEN.oid)
    done = [
        await moderator.act(merged, "merge", {"into": original, "words": "Об одном"}),
        await moderator.act(
            hidden, "set-publicity", {"publicity": "non-public", "reason": "Сведения о семье"}
        ),
        await citizen.act(withdrawn, "withdraw"),
    ]
    assert [each.status for each in done] == [200, 200, 200]
    assert await _found(live, "провалы") == [original]
    assert (await moderator.act(merged, "split-off", {"words": "О разном"})).status == 200
    assert await _found(live, "провалы") == [merged, original]


@pytest.mark.abuse(10, 11)
async def test_pages_follow_each_other_and_a_made_up_one_is_refused(live: Live) -> None:
    numbers = [await _sent(live, f"Яма {word}") for word in ("первая", "вторая", "третья")]
    for number in numbers:
        await accepted(live, number)
    guest, shown, after = await live.guest(), list[str](), ""
    while True:
        page = (await guest("GET", f"{SEARCH}?q={quote('яма')}&limit=1{after}")).body
        shown += [item["number"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert shown == numbers[::-1]
    journal = (await guest("GET", "/api/v1/messages?limit=1")).body["next"]
    for cursor in (journal, "WzAsMV0x", "WzksIjEiXQ", "WzAsImZmZmZmZmZmZmZmZmZmZmYiXQ"):
        refused = await guest("GET", f"{SEARCH}?q={quote('яма')}&after={cursor}")
        assert refused.status == 422
        assert [error["code"] for error in refused.body["errors"]] == ["bad-cursor"], cursor


@pytest.mark.abuse(10, 11)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "missing"),
        ("?q=", "too-short"),
        (f"?q={'%D1%8F' * 201}", "too-long"),
        ("?q=%20", "no-words"),
        ("?q=%D0%BD%D0%B0", "no-words"),
        ("?q=a&sort=text", "unknown-parameter"),
        ("?q=a&q=b", "repeated"),
        ("?q=a&category=secret", "unknown-category"),
    ],
)
async def test_what_cannot_be_looked_for_is_refused(live: Live, query: str, code: str) -> None:
    refused = await (await live.guest())("GET", SEARCH + query)
    told = [refused.body["code"], *(error["code"] for error in refused.body.get("errors", []))]
    assert refused.status == 422
    assert code in told
