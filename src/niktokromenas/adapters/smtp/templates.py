"""Letters from one table of texts and one layout (`templates/`)."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit
from uuid import UUID

from attrs import Attribute, field, frozen
from jinja2 import Environment, StrictUndefined, Template, TemplateError, UndefinedError
from markupsafe import Markup

from niktokromenas.adapters.smtp import russian
from niktokromenas.adapters.smtp.facts import fit, line, lines
from niktokromenas.domain.notices import NOTICE_KINDS, Letter, Notice, NoticeKind
from niktokromenas.ports.mail import UnfitFacts, UnsubscribeLinks

SUBJECT_LIMIT = 150
_OUR_LINK = "{{ message_url }}"
_OWED = frozenset({"subject", "happened", "next", "button"})
_PARTS = _OWED | {"quote", "can", "link"}
_NOTHING = {"quote": "", "can": ""}
_FOLDER = files("niktokromenas.adapters.smtp") / "templates"


@frozen(kw_only=True)
class Letterhead:
    """What stands in every letter. `base_url` has no slash at its end.

    `not_an_appeal` tells that a message is no appeal under 59-ФЗ (Положение, п. 1.4). `mail_domain` is the
    right side of each Message-ID.
    """

    platform_name: str
    base_url: str = field()
    not_an_appeal: str
    mail_domain: str

    @base_url.validator
    def _root(self, attribute: "Attribute[str]", url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or url.endswith("/"):
            raise ValueError(f"{attribute.name} must be http(s)://host[:port][/path]")


def _texts() -> dict[str, dict[str, str]]:
    """kind → part → template text. Raises `ValueError` if a kind or a part is missing or strange."""
    texts: dict[str, dict[str, str]] = tomllib.loads((_FOLDER / "texts.toml").read_text("utf-8"))
    if set(texts) != set(NOTICE_KINDS):
        raise ValueError(f"texts.toml: {sorted(set(texts) ^ set(NOTICE_KINDS))}")
    for kind, parts in texts.items():
        if not _OWED <= set(parts) <= _PARTS:
            raise ValueError(f"texts.toml [{kind}]: {sorted(parts)}")
    return texts


@frozen
class _Form:
    """All texts for one type of content, compiled."""

    content: type[str]
    """What a filled part is: text, or markup that is escaped already."""
    layout: Template
    parts: Mapping[str, Mapping[str, Template]]

    def filled(self, kind: NoticeKind, facts: Mapping[str, object]) -> dict[str, str]:
        return {name: self.content(part.render(facts)) for name, part in self.parts[kind].items()}


def _told(value: object) -> object:
    if value is None:
        raise UndefinedError("a fact that the text tells is None")
    return value


def _of_told(written: Callable[..., str]) -> Callable[..., str]:
    def checked(value: object, *forms: str) -> str:
        return written(str(_told(value)), *forms)

    return checked


@cache
def _form(layout: str, *, escapes: bool) -> _Form:
    environment = Environment(
        autoescape=escapes,
        undefined=StrictUndefined,
        finalize=_told,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words: dict[str, Callable[..., str]] = {
        "when": russian.when,
        "until": russian.until,
        "counted": russian.counted,
    }
    environment.filters |= {name: _of_told(written) for name, written in words.items()}
    parts = {
        kind: {name: environment.from_string(text) for name, text in ({"link": _OUR_LINK} | texts).items()}
        for kind, texts in _texts().items()
    }
    return _Form(
        Markup if escapes else str, environment.from_string((_FOLDER / layout).read_text("utf-8")), parts
    )


@frozen
class JinjaLetterTemplates:
    """`LetterTemplates` in Russian. All texts are read, checked and compiled when the first is made."""

    letterhead: Letterhead
    links: UnsubscribeLinks
    _plain: _Form = field(init=False, repr=False, factory=lambda: _form("layout.txt.j2", escapes=False))
    _rich: _Form = field(init=False, repr=False, factory=lambda: _form("layout.html.j2", escapes=True))

    def render(self, notice: Notice, to: str, letter_id: UUID) -> Letter:
        facts = self._facts(notice)
        try:
            plain = self._plain.filled(notice.kind, facts)
            rich = self._rich.filled(notice.kind, facts)
        except TemplateError as error:
            raise UnfitFacts(f"notice {notice.id}, {notice.kind}: {error}") from error
        around = self._around(notice, plain)
        return Letter(
            id=letter_id,
            notice_id=notice.id,
            kind=notice.kind,
            to=to,
            subject=str(around["subject"]),
            text=self._plain.layout.render(_NOTHING | plain | around),
            html=self._rich.layout.render(_NOTHING | rich | around),
            message_id=f"<{letter_id}@{self.letterhead.mail_domain}>",
            unsubscribe_url=self._unsubscribe_url(notice),
        )

    def _facts(self, notice: Notice) -> dict[str, object]:
        """What texts may tell; the platform's own words cannot be overridden by a notice."""
        head = self.letterhead
        own = {
            "at": notice.at.isoformat(),
            "platform_name": head.platform_name,
            "base_url": head.base_url,
            "not_an_appeal": head.not_an_appeal,
        }
        return {**fit(notice.facts), **own}

    def _around(self, notice: Notice, plain: Mapping[str, str]) -> dict[str, object]:
        """What the layout shows beside the parts, the same in both."""
        kind = NOTICE_KINDS[notice.kind]
        return {
            "subject": "".join(filter(str.isprintable, line(plain["subject"], SUBJECT_LIMIT))),
            "link": self._own_link(plain["link"]),
            "quoted": _quoted(notice) if "quote" in plain else (),
            "title": kind.title,
            "is_legal": kind.is_legal,
            "unsubscribe_url": self._unsubscribe_url(notice),
            "platform_name": self.letterhead.platform_name,
            "base_url": self.letterhead.base_url,
        }

    def _own_link(self, url: str) -> str:
        if not url.startswith(f"{self.letterhead.base_url}/"):
            raise UnfitFacts("a letter links to the platform only")
        return url

    def _unsubscribe_url(self, notice: Notice) -> str | None:
        if NOTICE_KINDS[notice.kind].is_legal:
            return None
        return self.links.link(notice.recipient_id, notice.kind)


def _quoted(notice: Notice) -> tuple[str, ...]:
    if "words" not in notice.facts:
        raise UnfitFacts(f"notice {notice.id}, {notice.kind}: no words")
    words = notice.facts["words"] or ""
    return lines(words, 20_000, 100) if notice.kind is NoticeKind.DAILY_DIGEST else lines(words)
