"""A script in every field of words, said by people and staff: everywhere it stays words (abuse 16, 17, 19).

What the platform is told here also holds addresses of this machine; nobody ever asks for them (abuse 28).
"""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import jinja2.nodes
import pytest
import pytest_asyncio
from attrs import define, evolve, field

from niktokromenas.adapters import cast
from niktokromenas.adapters.http.pages import pages
from niktokromenas.adapters.smtp import templates
from niktokromenas.domain.participants.identity import Subject
from tests.integration.http.asking import a_ground, body_schema, client_of, is_code, said, texts, who_may
from tests.integration.http.documented import OPERATIONS
from tests.integration.http.ground import Ground, Stand
from tests.integration.http.live import Answered, Live
from tests.integration.http.test_first_paragraph import accepted, routed

in_module = pytest.mark.asyncio(loop_scope="module")
WORDS = "зловред"
LONGEST = 98
"""For the shortest field of words there is, with room for a number."""
WAYS_IN = ("<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "javascript:alert(1)")
SPOKEN = sorted(
    name
    for name in OPERATIONS
    if body_schema(name) is not None and not all(map(is_code, texts(body_schema(name), {})))
)
SAID_BY_STAFF = {"prepareAnswer", "addAnswerTemplate", "blockAuthor", "writeToThread", "rejectMessage"}


@define(eq=False)
class Canary:
    """Listens on this machine: whoever comes was sent by what a client said."""

    port: int = 0
    visits: int = 0


@define(eq=False)
class Scene:
    ground: Ground
    canary: Canary
    attacks: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        lure = f"<a href='http://127.0.0.1:{self.canary.port}/'>"
        self.attacks = (f"{WORDS}{WAYS_IN[0]}'--{WAYS_IN[1]}", f"{WORDS} {lure}{WAYS_IN[2]}")
        assert max(map(len, self.attacks)) <= LONGEST


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    canary = Canary()

    async def visited(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        canary.visits += 1
        writer.close()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    canary.port = server.sockets[0].getsockname()[1]
    async with server, a_ground("sqlite", tmp_path_factory.mktemp("script")) as ground:
        yield Scene(ground, canary)


class Markup(HTMLParser):
    """What of a page could run, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.running: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in ("script", "img", "svg", "iframe", "object", "embed", "base", "math", "template"):
            self.running.append(tag)
        for name, value in told.items():
            if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                self.running.append(name)
            if name in ("href", "src", "action") and not (value or "").startswith(("/", "http")):
                self.running.append(f"{name}={value}")
            if name in ("href", "src", "action"):
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.words += data


def page_is_harmless(answer: Answered, attacks: tuple[str, ...], *, shows: bool) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"].startswith("text/html")
    read = Markup(answer.raw.decode())
    assert read.running == []
    assert led_astray(read, attacks) == []
    assert any(attack in read.words for attack in attacks) is shows, "the test would see nothing"


def led_astray(read: Markup, attacks: tuple[str, ...]) -> list[str]:
    """Links that were words."""
    return [link for link in read.links if len(link) > 1 and any(link in attack for attack in attacks)]


def spoken(name: str, stand: Stand, attack: str) -> Any:
    body = stand.body
    for at in texts(body_schema(name), stand.body):
        if not is_code(at):
            body = said(body, at, attack)
    return body


@in_module
@pytest.mark.abuse(16, 19, 11)
@pytest.mark.parametrize("name", SPOKEN)
async def test_a_script_is_kept_as_words_in_every_field_and_told_as_data(scene: Scene, name: str) -> None:
    """Refused nowhere for how it looks: people write about prices < 100, and filters are walked around."""
    client, (path, method) = await client_of(scene.ground.live, name), OPERATIONS[name]
    for attack in scene.attacks:
        await scene.ground.nobody_blocked()
        stand = await scene.ground.make(name, who_may(name))
        headers = {"If-Match": f'"{stand.version}"'}
        body = spoken(name, stand, f"{attack}{SPOKEN.index(name)}")
        answer = await client(method.upper(), path.format(**stand.path), body, headers=headers)
        assert answer.status in (200, 201, 204), (attack, answer.raw)
        number = stand.path.get("number") or (answer.body or {}).get("number")
        await every_view_is_data(scene.ground.live, number)
    assert scene.canary.visits == 0


VIEWS = ("", "/history", "/thread", "/hints", "/duplicates")


async def every_view_is_data(live: Live, number: str | None) -> None:
    """Of one message, to those who see most of it and least; as JSON a browser takes for nothing else."""
    told = [f"/api/v1/messages/{number}{view}" for view in VIEWS] if number else []
    for player in (cast.MODERATOR, cast.CITIZEN, cast.CITY_APPROVER):
        client = await live.as_(player.oid)
        for address in told:
            seen = await client("GET", address, headers={"Accept": "text/html"})
            assert seen.headers["Content-Type"].partition(";")[0] in (
                "application/json",
                "application/problem+json",
            )
            assert seen.headers["X-Content-Type-Options"] == "nosniff"


def test_staff_speak_in_the_same_fields() -> None:
    assert set(SPOKEN) > SAID_BY_STAFF


async def answered_with(scene: Scene, attack: str) -> str:
    """A public message whose every word is hostile, its answer and the words on the way included."""
    live = scene.ground.live
    citizen, moderator = await live.as_(cast.CITIZEN.oid), await live.as_(cast.MODERATOR.oid)
    official, approver = await live.as_(cast.CITY_OFFICIAL.oid), await live.as_(cast.CITY_APPROVER.oid)
    stand = await scene.ground.make("submitMessage", cast.CITIZEN)
    sent = await citizen("POST", "/api/v1/messages", spoken("submitMessage", stand, attack))
    assert sent.status == 201, sent.body
    number = str(sent.body["number"])
    await accepted(live, number)
    assignment = f"assignments/{await routed(live, number)}"
    for client, act, body in (
        (official, f"{assignment}/take", None),
        (official, f"{assignment}/ask", {"text": attack}),
        (official, f"{assignment}/answer-interim", {"text": attack}),
        (
            official,
            f"{assignment}/prepare",
            {"text": attack, "outcome": {"kind": "refused", "reason": attack}},
        ),
        (approver, f"{assignment}/approve", None),
        (moderator, "place", None),
        (citizen, "rate", {"value": 2, "comment": attack}),
    ):
        done = await client.act(number, act, body)
        assert done.status == 200, (act, done.body)
    return number


@in_module
@pytest.mark.abuse(16, 19, 28)
async def test_pages_and_letters_show_it_as_words(scene: Scene) -> None:
    live = scene.ground.live
    for attack in scene.attacks:
        number = await answered_with(scene, attack)
        for oid in ("", cast.CITIZEN.oid, cast.MODERATOR.oid):
            client = await (live.as_(oid) if oid else live.guest())
            page = await client("GET", f"/m/{number}", headers={"Accept": "text/html"})
            assert page.raw.decode().count(WORDS) >= 3, "text, address and answer"
            page_is_harmless(page, (attack,), shows=True)
    await live.drain()
    guest = await live.guest()
    listed = await guest("GET", "/demo/mail", headers={"Accept": "text/html"})
    page_is_harmless(listed, scene.attacks, shows=False)
    letters = sorted(live.container.settings().data.rglob("*.eml"))
    hostile = 0
    for letter in letters:
        read = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
        assert read["Bcc"] is None
        (html,) = [part.get_content() for part in read.walk() if part.get_content_type() == "text/html"]
        seen = Markup(html)
        assert [what for what in seen.running if what != "style"] == [], letter.name
        assert led_astray(seen, scene.attacks) == [], letter.name
        hostile += WORDS in seen.words
        shown = await guest("GET", f"/demo/mail/{letter.name}", headers={"Accept": "text/html"})
        if shown.status == 200:
            assert Markup(shown.raw.decode()).running == []
    assert hostile, "no letter held what was said"
    assert scene.canary.visits == 0


@in_module
@pytest.mark.abuse(16)
async def test_a_name_is_words_on_the_page_of_whoever_signed_in(scene: Scene) -> None:
    live = scene.ground.live
    client = await live.as_(cast.OTHER_CITIZEN.oid)
    async with live.container.transactions()() as tx:
        person = await tx.participants.by_subject(Subject(live.cast.issuer, cast.OTHER_CITIZEN.oid))
        assert person is not None
        named = evolve(person, name=f"{WORDS} {WAYS_IN[0]}")
        await tx.participants.save(named)
    page = await client("GET", "/", headers={"Accept": "text/html"})
    page_is_harmless(page, (f"{WORDS} {WAYS_IN[0]}",), shows=True)


SCRIPT = "<script>alert(1)</script>"
PAGES = (
    "/?invitation={}",
    "/?{}=1",
    "/m/{}",
    "/m/26-000001?{}",
    "/unsubscribe/{}",
    "/demo/mail/{}",
    "/auth/esia/callback?state={}&code={}",
    "/auth/esia/callback?state={}&error={}&error_description={}",
    "/auth/esia/login?return_to={}&consent={}",
    "/auth/esia/login?client_id={}&redirect_uri={}&state={}",
    "/assets/{}",
    "/{}",
)


@in_module
@pytest.mark.abuse(17)
@pytest.mark.parametrize("page", PAGES)
async def test_a_page_never_repeats_what_its_link_said_as_markup(scene: Scene, page: str) -> None:
    guest = scene.ground.live.browser()
    for attack in (SCRIPT, "\"' onmouseover='alert(1)", "javascript:alert(1)", "%0d%0a<script>"):
        address = page.replace("{}", quote(attack, safe=""))
        answer = await guest("GET", address, headers={"Accept": "text/html", "User-Agent": attack})
        assert answer.status < 500
        if answer.status != 302:
            page_is_harmless(answer, (attack,), shows=attack in Markup(answer.raw.decode()).words)
            assert attack.encode() not in answer.raw or "<" not in attack


def _parsed(folder: Path, pattern: str) -> list[tuple[str, jinja2.nodes.Template]]:
    environment = jinja2.Environment(autoescape=True)
    found = [(path.name, environment.parse(path.read_text("utf-8"))) for path in folder.glob(pattern)]
    assert found
    return found


@pytest.mark.abuse(16, 19)
def test_no_template_takes_anybodys_words_for_markup() -> None:
    """Whoever wrote them: no `safe`, no part with escaping off, no word in a script or an unquoted place."""
    home = Path(pages.__file__).parent / "templates"
    told = _parsed(home, "*.html") + _parsed(Path(templates.__file__).parent / "templates", "*.html.j2")
    for name, tree in told:
        filters = {each.name for each in tree.find_all(jinja2.nodes.Filter)}
        assert not filters & {"safe", "xmlattr", "tojson"}, name
        assert not list(tree.find_all(jinja2.nodes.ScopedEvalContextModifier)), name
    for path in home.glob("*.html"):
        text = path.read_text("utf-8")
        assert "<script" not in text
        assert "={{" not in text.replace('="{{', ""), path.name
    assert pages._environment().autoescape is True
