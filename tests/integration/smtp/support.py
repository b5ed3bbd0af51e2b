"""A real SMTP server in the test's own loop, which can be told to misbehave."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from attrs import define, field, frozen

from niktokromenas.adapters.smtp.config import Encryption, Sender, SmtpConfig
from niktokromenas.adapters.smtp.sender import SmtpSender
from niktokromenas.domain.notices import Letter, NoticeKind

LOOPBACK = "127.0.0.1"
NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)
SENDER = Sender(address="robot@platform.example", name="Никто, кроме нас!")
PASSWORD = "secret of the robot"
ABORT, STALL = "abort", "stall"


@frozen
class FixedClock:
    instant: datetime = NOON

    def now(self) -> datetime:
        return self.instant


@define
class Server:
    """What was taken, in order, and how each command is answered: a reply, `ABORT` or `STALL`.

    `answers` go by command, `dot` for the end of the content, and `RCPT <address>` for one mailbox.
    `leaves` is whether it hangs up once it has said that it took a letter.
    """

    port: int = 0
    taken: list[Envelope] = field(factory=list)
    answers: dict[str, str] = field(factory=dict)
    commands: list[str] = field(factory=list)
    leaves: bool = False

    def answer_to(self, command: str) -> str | None:
        return self.answers.get(command)

    async def _answer(self, command: str, server: SMTP) -> str | None:
        return await self._given(command, self.answer_to(command), server)

    async def _given(self, command: str, answer: str | None, server: SMTP) -> str | None:
        self.commands.append(command)
        if answer == ABORT:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        elif answer == STALL:
            await asyncio.sleep(60)
        return answer

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        answer = await self._answer("EHLO", server)
        return [answer] if answer else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer("MAIL", server) or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        answer = self.answer_to(f"RCPT {address}") or self.answer_to("RCPT")
        return await self._given("RCPT", answer, server) or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called when the final dot has come."""
        answer = self.answer_to("dot")
        if not (answer or "250").startswith(("4", "5")):
            self.taken.append(envelope)
        return await self._given("dot", answer, server) or "250 taken"

    @property
    def messages(self) -> list[EmailMessage]:
        contents = [envelope.original_content or b"" for envelope in self.taken]
        return [message_from_bytes(content, policy=default) for content in contents]


class Protocol(SMTP):
    """The stock server, with an answer of ours to DATA itself."""

    async def smtp_DATA(self, arg: str) -> None:
        server = self.event_handler
        assert isinstance(server, Server)
        answer = server.answer_to("DATA")
        if answer == "hang up inside":
            await self.push("354 go on")
            await self._reader.readexactly(1000)
            assert self.transport is not None
            self.transport.abort()  # type: ignore[attr-defined]
        elif answer == "never read":
            assert self.transport is not None
            await self.push("354 go on")
            self.transport.pause_reading()  # type: ignore[attr-defined]
            await asyncio.sleep(60)
        elif answer is not None:
            reply = await server._given("DATA", answer, self)
            await self.push(reply or "")
        else:
            await super().smtp_DATA(arg)
            if server.leaves:
                assert self.transport is not None
                self.transport.close()


def authenticated(_: Any, __: Any, ___: Any, ____: Any, login: Any) -> AuthResult:
    return AuthResult(success=(login.login, login.password) == (b"robot", PASSWORD.encode()), handled=False)


@asynccontextmanager
async def serving(
    tls: ssl.SSLContext | None = None,
    *,
    is_tls_at_once: bool = False,
    server: Server | None = None,
    **options: Any,
) -> AsyncIterator[Server]:
    """Listens on a free port of the loopback, or the server's own, until the block ends."""
    server = server or Server()
    if tls is not None and not is_tls_at_once:
        options |= {"tls_context": tls, "require_starttls": True}
    protocols: list[Protocol] = []

    def accept() -> Protocol:
        loop = asyncio.get_running_loop()
        protocols.append(Protocol(server, hostname="mail.example", ident="test", loop=loop, **options))
        return protocols[-1]

    listener = await asyncio.get_running_loop().create_server(
        accept, LOOPBACK, server.port, ssl=tls if is_tls_at_once else None
    )
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for protocol in protocols:
            if protocol.transport is not None:
                protocol.transport.abort()  # type: ignore[attr-defined]
        await asyncio.sleep(0.01)


def a_sender(port: int, **options: Any) -> SmtpSender:
    known: dict[str, Any] = {"encryption": Encryption.NONE, "timeout": 0.4, "final_timeout": 0.4}
    settings = {"host": LOOPBACK, "port": port, "sender": SENDER, **known, **options}
    return SmtpSender(SmtpConfig(**settings), FixedClock())


def a_letter(
    ordinal: int = 1, *, to: str = "anna@example.org", text: str = "Здравствуйте!\n", url: str | None = None
) -> Letter:
    return Letter(
        id=UUID(int=ordinal),
        notice_id=UUID(int=1000 + ordinal),
        kind=NoticeKind.MESSAGE_ROUTED,
        to=to,
        subject=f"Сообщение № 26-00000{ordinal} передано",
        text=text,
        html=f'<html lang="ru"><body>Здравствуйте, письмо {ordinal}</body></html>\n',
        message_id=f"<{UUID(int=ordinal)}@platform.example>",
        unsubscribe_url=url,
    )
