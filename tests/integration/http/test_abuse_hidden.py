"""What is not public shows in no list, count, box, circle, file or letter (abuse cases 8, 9, 14, 15, 29)."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from attrs import define, field

from niktokromenas.adapters import cast
from tests.integration.http.documented import OPERATIONS
from tests.integration.http.live import Answered, Client, Live, over
from tests.integration.http.succeeding import OF_GUESTS, OF_PEOPLE
from tests.integration.http.test_first_paragraph import a_body, accepted, routed, submitted, uploaded
from tests.integration.http.test_matrix import MATRIX

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = ("Потаённая калитка", "Безымянная, 77", "48.7093", "44.5193")
"""Said in the messages that are hidden, and in no other."""
BOX = "44.5192,48.7092,44.5194,48.7094"
CIRCLE = {"centre": {"lat": 48.7094, "lon": 44.5194}, "metres": 500}
READERS = {
    "guest": None,
    "stranger": cast.OTHER_CITIZEN.oid,
    "elsewhere": cast.ROAD_OFFICIAL.oid,
    "technical": cast.TECHNICAL.oid,
}


def secret_body(**changes: Any) -> dict[str, Any]:
    place = {"point": {"lat": 48.7093, "lon": 44.5193}, "address": SECRET[1]}
    return a_body(text=SECRET[0], occasion={**a_body()["occasion"], "place": place}, **changes)


@define(eq=False)
class Hidden:
    """`waiting` for the moderator, `private` from its acceptance, `was_public` until it was hidden."""

    live: Live
    waiting: str = ""
    private: str = ""
    was_public: str = ""
    photo: str = ""
    tag: str = ""
    public: list[str] = field(factory=list)
    files: dict[str, str] = field(factory=dict)

    @property
    def numbers(self) -> tuple[str, ...]:
        return (self.waiting, self.private, self.was_public)

    async def client(self, who: str) -> Client:
        oid = READERS[who]
        return await (self.live.as_(oid) if oid else self.live.guest())

    def told_nothing(self, answer: Answered, where: str) -> None:
        told = answer.raw.decode("utf-8", "replace")
        for secret in (*SECRET, *self.numbers, *self.files.values()):
            assert secret not in told, (where, secret)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def hidden(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Hidden]:
    async with over(request.param, tmp_path_factory.mktemp("hidden")) as live:
        found = Hidden(live)
        stranger, moderator = await live.as_(cast.OTHER_CITIZEN.oid), await live.as_(cast.MODERATOR.oid)
        citizen = await live.as_(cast.CITIZEN.oid)
        for scope in ({"circle": CIRCLE}, {"municipality": "18701000"}):
            assert (await stranger("POST", "/api/v1/me/subscriptions", scope)).status == 201
        found.public.append(await submitted(live))
        await accepted(live, found.public[0])
        for which in ("waiting", "private", "was_public"):
            photo = await uploaded(live, cast.CITIZEN.oid)
            sent = await citizen("POST", "/api/v1/messages", secret_body(attachments=[photo]))
            setattr(found, which, str(sent.body["number"]))
            found.files[which] = photo
        await accepted(live, found.private, "non-public")
        await accepted(live, found.was_public)
        found.tag = (await (await live.guest())("GET", f"/api/v1/messages/{found.was_public}")).etag
        for what in ("joining", "following"):
            assert (await stranger("PUT", f"/api/v1/messages/{found.was_public}/{what}")).status == 200
        hiding = {"publicity": "non-public", "reason": "Сведения о семье"}
        assert (await moderator.act(found.was_public, "set-publicity", hiding)).status == 200
        for number in (found.private, found.was_public):
            await routed(live, number)
        await live.drain()
        yield found


QUERIES = (
    "",
    f"bbox={BOX}",
    "bbox=44,48,45,49",
    "category=roads.pothole",
    "municipality=18701000",
    f"authority={cast.CITY}",
    "stage=routed",
    "since=2026-01-01T00:00:00Z",
)
LISTS = sorted(
    name
    for name in OF_PEOPLE
    if OPERATIONS[name][1] == "get"
    and "{" not in OPERATIONS[name][0]
    and not name.startswith("readDirectory")
)


def asked(name: str) -> list[str]:
    path = OPERATIONS[name][0]
    if name == "readJournal":
        return [f"{path}?{query}" for query in QUERIES]
    if name == "searchJournal":
        words = ("калитка", "потаённая калитка", "«Потаённая калитка»", "калитко", "Безымянная")
        return [f"{path}?q={quote(said)}&{query}" for said in words for query in QUERIES]
    return [path]


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 9)
@pytest.mark.parametrize("name", LISTS)
async def test_no_list_tells_of_what_is_hidden(hidden: Hidden, name: str) -> None:
    for who in READERS if name in OF_GUESTS else [who for who in READERS if who != "guest"]:
        client = await hidden.client(who)
        for address in asked(name):
            answer = await client("GET", address)
            assert answer.status == 200, (address, answer.body)
            hidden.told_nothing(answer, f"{who} {address}")


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(9)
async def test_no_number_of_a_hidden_message_is_found_and_its_author_finds_no_more(hidden: Hidden) -> None:
    """An author's own search is everybody's, so that nothing can be told from what it leaves out."""
    for number in hidden.numbers:
        for oid in (None, cast.OTHER_CITIZEN.oid, cast.CITIZEN.oid, cast.MODERATOR.oid):
            client = await (hidden.live.as_(oid) if oid else hidden.live.guest())
            for said in (number, number[3:], f"«{number}»"):
                found = await client("GET", f"/api/v1/messages/search?q={quote(said)}")
                assert number not in [item["number"] for item in found.body.get("items", [])]


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(9)
async def test_nothing_is_near_a_hidden_place(hidden: Hidden) -> None:
    stranger = await hidden.client("stranger")
    point = {"lat": 48.7093, "lon": 44.5193}
    for body in (
        {"point": point},
        {"point": point, "text": SECRET[0], "category": "roads.pothole"},
        {"municipality": "18701000", "words": SECRET[1], "text": SECRET[0]},
    ):
        near = await stranger("POST", "/api/v1/messages/near", body)
        assert near.status == 200, near.body
        hidden.told_nothing(near, str(body))


IN_NUMBER = sorted(
    name for name, (path, method) in OPERATIONS.items() if method == "get" and "/messages/{number}" in path
)


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 14, 29)
@pytest.mark.parametrize("name", IN_NUMBER)
async def test_no_address_under_a_hidden_number_answers_a_stranger(hidden: Hidden, name: str) -> None:
    """Not even that nothing has changed since it was public, nor how long it is."""
    for which, number in zip(("waiting", "private", "was_public"), hidden.numbers, strict=True):
        address = OPERATIONS[name][0].format(number=number, attachment=hidden.files[which])
        for who in ("guest", "stranger", "elsewhere"):
            client = await hidden.client(who)
            for headers in (
                {},
                {"If-None-Match": hidden.tag},
                {"If-None-Match": "*"},
                {"Range": "bytes=0-9"},
            ):
                for method in ("GET", "HEAD"):
                    got = await client(method, address, headers=headers)
                    assert got.status in (401, 403, 404), (method, address, who, headers)
                    assert "ETag" not in got.headers
                    hidden.told_nothing(got, address) if method == "GET" and got.status != 404 else None
                    assert not any(secret in got.raw.decode() for secret in SECRET)


async def looks(live: Live) -> list[tuple[str, str]]:
    operator = await live.as_(cast.OPERATORS[0].oid)
    page = (await operator("GET", "/api/v1/audit?limit=100")).body
    return [(entry["id"], entry["object_id"]) for entry in page["items"] if entry["action"].endswith(".look")]


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(38)
@pytest.mark.parametrize("name", IN_NUMBER)
async def test_every_way_to_look_at_what_is_hidden_is_written_down(hidden: Hidden, name: str) -> None:
    """Once for each look, whichever list, file or hint it was, and not at all for the author."""
    address = OPERATIONS[name][0].format(number=hidden.private, attachment=hidden.files["private"])
    moderator, citizen = await hidden.live.as_(cast.MODERATOR.oid), await hidden.live.as_(cast.CITIZEN.oid)
    before = await looks(hidden.live)
    assert (await moderator("GET", address)).status == 200
    (seen,) = [look for look in await looks(hidden.live) if look not in before]
    assert seen[1] == hidden.private
    before = await looks(hidden.live)
    assert (await citizen("GET", address)).status in (200, 403)
    assert [look for look in await looks(hidden.live) if look not in before] == []


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 29)
async def test_pages_feeds_and_letters_tell_strangers_nothing(hidden: Hidden) -> None:
    """A page says only the number it was asked for: that much whoever asks knew."""
    for who in READERS:
        client = await hidden.client(who)
        hidden.told_nothing(await client("GET", "/", headers={"Accept": "text/html"}), who)
        for number in hidden.numbers:
            page = await client("GET", f"/m/{number}", headers={"Accept": "text/html"})
            assert page.status == 404
            assert not any(secret in page.raw.decode() for secret in SECRET)
    stranger = await hidden.client("stranger")
    told = (await stranger("GET", "/api/v1/me/notices?limit=100")).raw.decode()
    assert hidden.private not in told, "their subscription covers the place"
    assert hidden.waiting not in told
    assert not any(secret in told for secret in SECRET)


EXPORTS = {
    "exportJournal": {
        "guest": 401, "stranger": 403, "author": 403, "moderator": 200, "official": 200,
        "elsewhere": 200, "coordinator": 200, "operator": 200, "technical": 200,
    },
    "exportOffice": {
        "guest": 401, "stranger": 403, "author": 403, "moderator": 403, "official": 200,
        "elsewhere": 200, "coordinator": 200, "operator": 200, "technical": 403,
    },
}  # fmt: skip
OF_SURVEYS = {"exportResultsCsv", "exportResultsXlsx", "exportResultsJson", "exportSurvey"}
"""Of one survey, for whoever sees it: `test_matrix` and `test_result_exports` say who."""
OIDS = {
    **READERS,
    "author": cast.CITIZEN.oid,
    "moderator": cast.MODERATOR.oid,
    "official": cast.CITY_OFFICIAL.oid,
    "coordinator": cast.COORDINATOR.oid,
    "operator": cast.OPERATORS[0].oid,
}


async def test_every_file_of_a_list_stands_in_the_table() -> None:
    named = {name for name in OPERATIONS if "/export" in OPERATIONS[name][0] or name.startswith("export")}
    of_messages = {f"{what}{format}" for what in EXPORTS for format in ("Csv", "Xlsx")}
    assert named == of_messages | {name for name, _ in MATRIX if name in OF_SURVEYS}


@pytest.mark.clause("4.5")
@pytest.mark.abuse(14, 15)
@pytest.mark.parametrize("what", EXPORTS)
async def test_the_address_of_a_file_opens_by_session_and_role_alone_in_every_format(
    hidden: Hidden, what: str
) -> None:
    """It holds no secret: sent to another person, or to nobody in particular, it opens what is theirs."""
    for format in ("Csv", "Xlsx"):
        path = OPERATIONS[f"{what}{format}"][0]
        statuses = {}
        for who in EXPORTS[what]:
            oid = OIDS[who]
            client = await (hidden.live.as_(oid) if oid else hidden.live.guest())
            got = await client("GET", path)
            statuses[who] = got.status
            assert (await client("HEAD", path)).status == got.status
            assert got.headers["Cache-Control"] == "no-store"
        assert statuses == EXPORTS[what], format
        official = await hidden.live.sign_in(cast.CITY_OFFICIAL.oid)
        assert (await official("GET", path)).status == 200
        kept = {c.key: c.value for c in official.session.cookie_jar}["session"]
        assert (await official("POST", "/auth/logout")).status == 303
        again = await hidden.live.browser()("GET", path, headers={"Cookie": f"session={kept}"})
        assert again.status == 401


@pytest.mark.clause("6.1-nondisclosure")
@pytest.mark.abuse(8, 14, 15)
async def test_no_file_of_a_list_holds_what_is_hidden_from_its_reader(hidden: Hidden) -> None:
    for who in ("elsewhere", "moderator", "official", "operator"):
        client = await hidden.live.as_(str(OIDS[who]))
        hidden.told_nothing(await client("GET", "/api/v1/messages/export.csv"), who)
    elsewhere = await hidden.live.as_(cast.ROAD_OFFICIAL.oid)
    for query in ("list=inbox", "watch=due", f"list=inbox&authority={cast.CITY}", f"authority={cast.CITY}"):
        hidden.told_nothing(await elsewhere("GET", f"/api/v1/office/export.csv?{query}"), query)
    own = await hidden.live.as_(cast.CITY_OFFICIAL.oid)
    assert hidden.private in (await own("GET", "/api/v1/office/export.csv?list=inbox")).raw.decode()
