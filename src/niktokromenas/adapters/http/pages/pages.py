"""The few pages there are before the real ones: start, one message, the demo's letters, unsubscribing."""

import re
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from attrs import field, frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from niktokromenas.adapters.http.addresses import is_local
from niktokromenas.adapters.http.auth import Authenticator
from niktokromenas.adapters.http.problems import Problem
from niktokromenas.application.messages.reading import ReadMessage
from niktokromenas.application.notices import Feed
from niktokromenas.domain.errors import NotFound
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.messages.visibility import View
from niktokromenas.domain.notices import NOTICE_KINDS
from niktokromenas.domain.participants.actors import guest
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.mail import MailFolder, UnsubscribeLinks

_TEMPLATES = Path(__file__).parent / "templates"
_STYLE = (_TEMPLATES / "style.css").read_bytes()
LETTERS_SHOWN = 100
_NUMBER = re.compile(r"[0-9]{2}-[0-9]{6,9}", re.ASCII)


@frozen
class DemoRole:
    """Somebody to sign in as, and what to try."""

    name: str
    role: str
    what: str


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


@frozen
class Pages:
    region: Region
    authenticator: Authenticator
    read_message: ReadMessage
    feed: Feed
    unsubscribe_links: UnsubscribeLinks
    mail_folder: MailFolder | None = None
    """Where the demo keeps its letters; a real installation sends them."""
    demo_roles: Sequence[DemoRole] = ()
    _templates: Environment = field(factory=_environment, init=False, repr=False)

    def routes(self) -> list[web.RouteDef]:
        demo = [web.get("/demo/mail", self.mail), web.get("/demo/mail/{name}", self.letter)]
        return [
            web.get("/", self.start),
            web.get("/assets/style.css", self.style),
            web.get("/m/{number}", self.message),
            web.get("/unsubscribe/{token}", self.ask_unsubscribe),
            web.post("/unsubscribe/{token}", self.unsubscribe),
            *(demo if self.mail_folder is not None else []),
        ]

    def _page(self, template: str, status: int = 200, **told: object) -> web.Response:
        page = self._templates.get_template(template).render(region=self.region, **told)
        headers = {"Cache-Control": "no-store"}
        return web.Response(text=page, status=status, content_type="text/html", headers=headers)

    async def start(self, request: web.Request) -> web.Response:
        """What runs here, who governs it, who can sign in (decree 0.3; Положение, п. 1.4)."""
        known = await self.authenticator.browser_session(request)
        return self._page(
            "start.html",
            name=known.participant.name if known else None,
            is_invitation_refused=request.query.get("invitation") == "refused",
            demo_roles=self.demo_roles,
            has_mail=self.mail_folder is not None,
        )

    async def style(self, _: web.Request) -> web.Response:
        headers = {"Cache-Control": "public, max-age=3600"}
        return web.Response(body=_STYLE, content_type="text/css", headers=headers)

    async def message(self, request: web.Request) -> web.Response:
        """Where letters lead: what everybody may see, or a way to sign in."""
        number = request.match_info["number"]
        if not _NUMBER.fullmatch(number):
            raise NotFound("Такого адреса нет")
        try:
            seen = await self.read_message(guest(), number)
        except NotFound:
            return self._page("not_public.html", status=404, number=number)
        assert seen.view is View.PUBLIC
        decided_by = self.region.operator.name
        return self._page("message.html", message=seen.message, decided_by=decided_by)

    async def ask_unsubscribe(self, request: web.Request) -> web.Response:
        _, kind = self.unsubscribe_links.read(request.match_info["token"])
        return self._page("unsubscribe.html", title=NOTICE_KINDS[kind].title, done=False)

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """RFC 8058: a POST of the signed link is enough, without a session."""
        participant_id, kind = self.unsubscribe_links.read(request.match_info["token"])
        await self.feed.switch_off(ParticipantId(participant_id), kind)
        return self._page("unsubscribe.html", title=NOTICE_KINDS[kind].title, done=True)

    async def mail(self, request: web.Request) -> web.Response:
        letters = await self._folder(request).latest(LETTERS_SHOWN)
        return self._page("mail.html", letters=letters)

    async def letter(self, request: web.Request) -> web.Response:
        letter = await self._folder(request).get(request.match_info["name"])
        return self._page("letter.html", letter=letter)

    def _folder(self, request: web.Request) -> MailFolder:
        """Letters hold personal data: this machine alone may look."""
        if self.mail_folder is None or not is_local(request):
            raise NotFound("Такого адреса нет")
        return self.mail_folder

    async def problem(self, request: web.Request, problem: Problem) -> web.StreamResponse:
        return self._page("problem.html", status=problem.status, problem=problem)
