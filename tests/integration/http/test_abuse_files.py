"""Files by every way in: nothing of a camera or an author comes out by any (abuse cases 20, 21, 22, 28)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from niktokromenas.adapters import cast
from tests.integration.files import samples
from tests.integration.http.asking import a_ground
from tests.integration.http.ground import BODY, Ground
from tests.integration.http.live import Answered, Live
from tests.integration.http.test_first_paragraph import accepted

pytestmark = pytest.mark.asyncio(loop_scope="module")
TALKATIVE = {
    "яма.jpg": samples.jpeg_with_everything(),
    "яма.png": samples.png_with_everything(),
    "яма.webp": samples.webp_with_everything(),
    "яма.heic": samples.modern("HEIF", with_everything=True),
    "яма.avif": samples.modern("AVIF", with_everything=True),
    "акт.pdf": samples.pdf(title=samples.SECRET.decode()),
}
TRACES = (samples.SECRET, b"Exif", b"eXIf", b"xmpmeta", b"Photoshop", b"tEXt", b"<script", b"ftyp", b"/Title")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    async with a_ground("sqlite", tmp_path_factory.mktemp("files")) as found:
        yield found


async def sent(live: Live, oid: str, name: str, content: bytes) -> Answered:
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    return await (await live.as_(oid))("POST", "/api/v1/attachments", data=form)


async def brought(live: Live, player: cast.Player) -> list[str]:
    """All of them; a picture that no test samples as talkative would prove nothing."""
    found = []
    for name, content in TALKATIVE.items():
        assert any(trace in content for trace in TRACES), name
        done = await sent(live, player.oid, name, content)
        assert done.status == 201, (name, done.body)
        found.append(str(done.body["id"]))
    return found


WAYS: dict[str, tuple[str, cast.Player, str, dict[str, Any]]] = {
    "a message": ("", cast.CITIZEN, "", dict(BODY)),
    "an answer to a question": ("clarifyMessage", cast.CITIZEN, "clarify", dict(BODY)),
    "a message put right": ("reviseMessage", cast.CITIZEN, "revise", dict(BODY)),
    "a thread, by the author": ("prepareAnswer", cast.CITIZEN, "thread", {"text": "Вот снимки"}),
    "a thread, by an official": ("prepareAnswer", cast.CITY_OFFICIAL, "thread", {"text": "Вот снимки"}),
    "a question to the author": ("askAuthor", cast.CITY_OFFICIAL, "ask", {"text": "Здесь?"}),
    "an interim answer": ("answerInterim", cast.CITY_OFFICIAL, "answer-interim", {"text": "Вот"}),
    "an answer": (
        "prepareAnswer",
        cast.CITY_OFFICIAL,
        "prepare",
        {"text": "Готово", "outcome": {"kind": "done"}},
    ),
}


async def attached(ground: Ground, way: str) -> tuple[str, list[str]]:
    """The message's number and its files, brought by this way."""
    operation, player, act, body = WAYS[way]
    client, files = await ground.live.as_(player.oid), await brought(ground.live, player)
    body = {**body, "attachments": files}
    if not operation:
        made = await client("POST", "/api/v1/messages", body)
        assert made.status == 201, made.body
        return str(made.body["number"]), files
    stand = await ground.make(operation, player)
    number = stand.path["number"]
    if act == "thread":
        done = await client("POST", f"/api/v1/messages/{number}/thread", body)
    else:
        under = f"assignments/{stand.path['assignment']}/" if "assignment" in stand.path else ""
        done = await client.act(number, f"{under}{act}", body)
    assert done.status in (200, 201), done.body
    return number, files


def tells_nothing(content: bytes, where: str) -> None:
    assert [trace for trace in TRACES if trace in content] == [], where


@pytest.mark.clause("3.11")
@pytest.mark.abuse(22)
@pytest.mark.parametrize("way", WAYS)
async def test_no_way_in_keeps_what_a_file_tells_of_its_author(ground: Ground, way: str) -> None:
    number, files = await attached(ground, way)
    moderator = await ground.live.as_(cast.MODERATOR.oid)
    opened = 0
    for name, file in zip(TALKATIVE, files, strict=True):
        for query in ("", "?thumbnail=true"):
            got = await moderator("GET", f"/api/v1/messages/{number}/attachments/{file}{query}")
            assert got.status == 200 or (query and name.endswith(".pdf")), (name, got.body)
            opened += got.status == 200
            tells_nothing(got.raw, f"{name}{query}") if got.status == 200 else None
            assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert opened >= 2 * len(files) - 1


@pytest.mark.abuse(22)
async def test_neither_the_store_nor_what_is_painted_over_keeps_it(ground: Ground) -> None:
    number, files = await attached(ground, "a message")
    await accepted(ground.live, number)
    moderator, guest = await ground.live.as_(cast.MODERATOR.oid), await ground.live.guest()
    over = {"left": 0.0, "top": 0.0, "right": 0.5, "bottom": 0.5}
    pictures = [{"attachment": file, "regions": [over]} for file in files[:-1]]
    done = await moderator.act(number, "mask", {"pictures": pictures, "words": "Номер машины"})
    assert done.status == 200, done.body
    seen = await guest("GET", f"/api/v1/messages/{number}")
    for attachment in seen.body["attachments"]:
        got = await guest("GET", f"/api/v1/messages/{number}/attachments/{attachment['id']}")
        assert got.status == 200
        tells_nothing(got.raw, attachment["name"])
    kept = [path for path in _files(ground.live) if path.suffix != ".sqlite"]
    assert len(kept) > len(files)
    for path in kept:
        assert samples.SECRET not in path.read_bytes(), path.name


def _files(live: Live) -> list[Path]:
    data = live.container.settings().data
    return [path for path in data.rglob("*") if path.is_file() and path.suffix != ".eml"]


HOSTILE_NAMES = (
    "../../../../etc/cron.d/x",
    "..\\..\\windows\\system32\\x.jpg",
    "/etc/passwd",
    "a.jpg;rm -rf $HOME",
    "`touch pwned`.jpg",
    "$(touch pwned).jpg",
    "a.php%00.jpg",
    "<img src=x onerror=alert(1)>.jpg",
    "|touch pwned",
    "a%0D%0AContent-Type: text/html%0D%0A%0D%0A<script>.jpg",
    "https://evil.example/x.jpg",
)


@pytest.mark.abuse(20, 21, 16)
async def test_the_name_of_a_file_is_a_label_and_no_path_command_or_address(ground: Ground) -> None:
    """In the store it is called by a key of ours; what is shown of its name has no markup in it."""
    data = ground.live.container.settings().data
    around = {path for path in data.parent.rglob("*") if "files" not in path.parts and path.is_file()}
    photo = samples.encoded(samples.picture(), "JPEG")
    for name in HOSTILE_NAMES:
        await ground.submitted()  # what waits is bounded
        done = await sent(ground.live, cast.OTHER_CITIZEN.oid, name, photo)
        if done.status == 409:
            break
        assert done.status == 201, (name, done.raw)
        shown = done.body["name"]
        assert not set(shown) & set("/\\<>\0\r\n|`\"'"), shown
        assert shown.endswith(".jpg")
    assert not list(data.parent.rglob("*pwned*"))
    strays = {path for path in data.parent.rglob("*") if "files" not in path.parts and path.is_file()}
    assert {path.name for path in strays - around if not path.name.endswith((".eml",))} == set()


@pytest.mark.abuse(21)
@pytest.mark.parametrize("key", ["../tokens.pem", "..%2f..%2ftokens.pem", "%2e%2e/tokens.pem", "/etc/passwd"])
async def test_no_file_is_asked_for_by_a_path(ground: Ground, key: str) -> None:
    number = (await ground.submitted()).number
    author = await ground.live.as_(cast.CITIZEN.oid)
    for base in (f"/api/v1/messages/{number}/attachments/", "/assets/", "/demo/mail/", "/api/docs/"):
        got = await author("GET", base + key)
        assert got.status == 404, base
        assert b"PRIVATE KEY" not in got.raw
        assert b"root:" not in got.raw


@pytest.mark.abuse(28)
async def test_nothing_that_a_body_names_is_fetched(ground: Ground) -> None:
    """Attachments are brought and never named by an address, and no other field takes one."""
    citizen = await ground.live.as_(cast.CITIZEN.oid)
    for named in ("http://169.254.169.254/", "file:///etc/passwd", "http://127.0.0.1:1/"):
        refused = await citizen("POST", "/api/v1/messages", {**BODY, "attachments": [named]})
        assert (refused.status, refused.body["errors"][0]["code"]) == (422, "bad-uuid")
        for field in ("media_url", "attachment_url", "photo", "webhook", "callback"):
            refused = await citizen("POST", "/api/v1/messages", {**BODY, field: named})
            assert (refused.status, refused.body["errors"][0]["code"]) == (422, "unknown-field")


LIMIT_OF_WAITING = 60


@pytest.mark.abuse(20, 32)
async def test_files_that_are_never_sent_do_not_pile_up(ground: Ground) -> None:
    photo = samples.encoded(samples.picture(size=(4, 4)), "PNG")
    statuses = []
    for _ in range(LIMIT_OF_WAITING):
        done = await sent(ground.live, cast.COORDINATOR.oid, "яма.png", photo)
        statuses.append((done.status, (done.body or {}).get("code")))
        if done.status != 201:
            break
    assert statuses[-1] == (409, "too-many-uploads")
