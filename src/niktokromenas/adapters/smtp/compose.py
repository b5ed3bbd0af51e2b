"""A letter as an Internet message (RFC 5322, 2047, 6532, 8058)."""

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.headerregistry import (
    Address,
    BaseHeader,
    HeaderRegistry,
    UnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any

from attrs import frozen

from niktokromenas.adapters.smtp.config import Sender
from niktokromenas.domain.notices import Letter

_URL = re.compile(r"https?://[!-;=?-~]+")
"""ASCII without spaces and angle brackets, for RFC 2369."""

_PLAIN = re.compile(r"(?!.*=\?)(?:[!-~]+(?: [!-~]+)*)?")
_LINE = 76
"""RFC 2047, 2: of a line that holds an encoded word."""
_FRAME = len("=?utf-8?b?") + len("?=")


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header in one line: the stock one breaks a long address into encoded words, unread by anyone."""

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(UnstructuredHeader, BaseHeader):
    """Exactly what was given: the stock one drops spaces between its encoded words, which readers join."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        super().parse(value, kwds)
        kwds["decoded"] = value

    def fold(self, *, policy: Any) -> str:
        begun, text, end = f"{self.name}: ", str(self), str(policy.linesep)
        if _PLAIN.fullmatch(text) and len(begun) + len(text) <= _LINE:
            return f"{begun}{text}{end}"
        return begun + f"{end} ".join(_encoded_words(text, len(begun))) + end


def _encoded_words(text: str, begun: int) -> Iterator[str]:
    """One a line, of whole characters, every space inside a word. `begun`: characters before the first."""
    part, room = b"", (_LINE - begun - _FRAME) // 4 * 3
    for character in text:
        more = character.encode()
        if len(part) + len(more) > room:
            yield _encoded_word(part)
            part, room = b"", (_LINE - 1 - _FRAME) // 4 * 3
        part += more
    yield _encoded_word(part)


def _encoded_word(part: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(part).decode()}?="


def _policy(*, is_international: bool) -> "EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    registry.map_to_type("subject", _Subject)
    registry.map_to_type("list-unsubscribe", _Unfolded)
    return SMTP.clone(header_factory=registry, utf8=is_international, cte_type="7bit")


@frozen
class Composed:
    """Bytes with CRLF line ends and the envelope's recipient.

    Where `is_international`, the server must offer SMTPUTF8 (RFC 6531): the address is not ASCII.
    """

    content: bytes
    recipient: str
    is_international: bool


def ascii_domain(address: str) -> str:
    """The address with its domain in IDNA's ASCII; an impossible domain stays and will be refused."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def composed(letter: Letter, sender: Sender, at: datetime, extra: Iterable[tuple[str, str]] = ()) -> Composed:
    """The letter from `sender`, dated `at`. Line breaks in headers cannot be: `Letter` refuses them."""
    recipient = ascii_domain(letter.to)
    message = EmailMessage(_policy(is_international=not recipient.isascii()))
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = _address(recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "ru"
    for name, value in (*_unsubscribing(letter), *extra):
        message[name] = value
    message.set_content(letter.text, cte="base64")
    message.add_alternative(letter.html, subtype="html", cte="base64")
    return Composed(bytes(message), recipient, not recipient.isascii())


def _address(address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(username=local, domain=domain)


def _unsubscribing(letter: Letter) -> tuple[tuple[str, str], ...]:
    url = letter.unsubscribe_url
    if url is None or _URL.fullmatch(url) is None:
        return ()
    return ("List-Unsubscribe", f"<{url}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
