"""Letters over SMTP (RFC 5321), with certainty about what is not known."""

import asyncio
import re
import ssl
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException
from attrs import field, frozen

from niktokromenas.adapters.smtp.compose import Composed, composed
from niktokromenas.adapters.smtp.config import Encryption, SmtpConfig
from niktokromenas.domain.notices import Letter
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.mail import MailRefused, MailUnknown

_START_INPUT = 354
_QUIT_SECONDS = 5.0
_FLUSH_STEP_SECONDS = 0.01
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"(?m)^\.")
_ADDRESS = re.compile(r"\S+@\S+")
_Trouble = (SMTPException, OSError, TimeoutError, UnicodeError)


def _tls(config: SmtpConfig) -> ssl.SSLContext | None:
    if config.encryption is Encryption.NONE:
        return None
    return ssl.create_default_context(cafile=config.ca_file)


@frozen
class SmtpSender:
    """`MailSender` on an SMTP server: one connection a letter.

    The commands are driven one by one, because the outcome of a broken connection hangs on whether the dot
    that ends DATA had been written: before it the server must forget the letter, after it nobody knows.
    """

    config: SmtpConfig
    clock: Clock
    _context: ssl.SSLContext | None = field(init=False, repr=False, eq=False)

    @_context.default
    def _context_of_config(self) -> ssl.SSLContext | None:
        return _tls(self.config)

    async def send(self, letter: Letter) -> None:
        mail = composed(letter, self.config.sender, self.clock.now())
        client = self._client()
        try:
            await self._introduced(client, mail)
            await self._handed_over(client, mail)
            await _parted(client)
        finally:
            _dropped(client)

    def _client(self) -> SMTP:
        config = self.config
        return SMTP(
            hostname=config.host,
            port=config.port,
            username=config.username,
            password=config.password,
            local_hostname=config.sender.domain,
            timeout=config.timeout,
            use_tls=config.encryption is Encryption.TLS,
            start_tls=config.encryption is Encryption.STARTTLS,
            tls_context=self._context,
        )

    async def _introduced(self, client: SMTP, mail: Composed) -> None:
        """Everything up to the server's leave to send the content."""
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except _Trouble as error:
            raise MailRefused(_words(error)) from error
        try:
            await self._enveloped(client, mail)
        except SMTPResponseException as error:
            raise MailRefused(_words(error), is_permanent=_is_permanent(error.code)) from error
        except _Trouble as error:
            raise MailRefused(_words(error)) from error

    async def _enveloped(self, client: SMTP, mail: Composed) -> None:
        options, encoding = [], "ascii"
        if mail.is_international:
            if not client.supports_extension("smtputf8"):
                raise MailRefused("Сервер не принимает адреса с русскими буквами", is_permanent=True)
            options, encoding = ["SMTPUTF8"], "utf-8"
        await client.mail(self.config.sender.address, options=options, encoding=encoding)
        await client.rcpt(mail.recipient, encoding=encoding)
        reply = await client.execute_command(b"DATA")
        if reply.code != _START_INPUT:
            raise SMTPResponseException(reply.code, reply.message)

    async def _handed_over(self, client: SMTP, mail: Composed) -> None:
        await self._content_written(client, _stuffed(mail.content))
        reply = await self._ended(client)
        match reply.code // 100:
            case 2:
                return
            case 4 | 5:
                raise MailRefused(_reply_words(reply), is_permanent=_is_permanent(reply.code))
            case _:
                raise MailUnknown(f"Непонятный ответ сервера: {_reply_words(reply)}")

    async def _content_written(self, client: SMTP, content: bytes) -> None:
        """Hand all but the dot to the network, so that a dead connection is seen before the dot."""
        try:
            if client.protocol is None:
                raise ConnectionResetError("connection lost")
            client.protocol.write(content)
            async with asyncio.timeout(self.config.timeout):
                await asyncio.sleep(0)
                while _unwritten(client):  # noqa: ASYNC110 - a transport tells nobody when it is empty
                    await asyncio.sleep(_FLUSH_STEP_SECONDS)
        except _Trouble as error:
            raise MailRefused(_words(error)) from error

    async def _ended(self, client: SMTP) -> SMTPResponse:
        """Write the dot and wait for the verdict."""
        protocol = client.protocol
        if protocol is None or not protocol.is_connected:
            raise MailRefused("Соединение прервалось до конца письма")
        try:
            protocol.write(b".\r\n")
            return await protocol.read_response(timeout=self.config.final_timeout)
        except _Trouble as error:
            raise MailUnknown(_words(error)) from error


def _unwritten(client: SMTP) -> bool:
    """Whether bytes still wait in this process. Raises `ConnectionResetError` if they never will leave."""
    if client.transport is None or client.transport.is_closing():
        raise ConnectionResetError("connection lost")
    return cast(asyncio.WriteTransport, client.transport).get_write_buffer_size() > 0


async def _parted(client: SMTP) -> None:
    """The letter is taken; that the farewell fails changes nothing."""
    try:
        await client.quit(timeout=_QUIT_SECONDS)
    except _Trouble:
        return


def _dropped(client: SMTP) -> None:
    """Forget the connection with all that waits in it; after a farewell nothing is left to do."""
    if client.transport is not None:
        cast(asyncio.WriteTransport, client.transport).abort()
    client.close()


def _stuffed(content: bytes) -> bytes:
    """CRLF line ends and doubled leading dots (RFC 5321, 4.5.2), ending with a line end."""
    lines = _LINE_END.sub(b"\r\n", content)
    return _DOT.sub(b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")


def _is_permanent(code: int) -> bool:
    return 500 <= code < 600


def _words(error: BaseException) -> str:
    return _without_addresses(str(error) or type(error).__name__)


def _reply_words(reply: SMTPResponse) -> str:
    return _without_addresses(f"{reply.code} {reply.message}")


def _without_addresses(text: str) -> str:
    """Servers quote addresses in their replies; errors are kept and shown without them."""
    return _ADDRESS.sub("<адрес>", text)
