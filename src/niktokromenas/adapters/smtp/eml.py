"""Letters kept as files, for a demo: anybody can open them, nobody gets them."""

import asyncio
import os
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from attrs import frozen

from niktokromenas.adapters.smtp.compose import composed
from niktokromenas.adapters.smtp.config import Sender
from niktokromenas.domain.notices import Letter
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.mail import MailRefused, MailShown, NoSuchMail

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"(?P<at>[0-9]{8}T[0-9]{6}\.[0-9]{6}Z)-[a-z-]{1,32}-[0-9a-f-]{36}\.eml")


@frozen
class EmlFolderSender:
    """`MailSender` and `MailFolder` on a folder: `<utc>-<kind>-<letter id>.eml`, whole or not at all.

    A folder that cannot be written refuses the letter; `MailUnknown` never happens here.
    """

    folder: Path
    sender: Sender
    clock: Clock

    async def send(self, letter: Letter) -> None:
        at = self.clock.now().astimezone(UTC)
        mail = composed(letter, self.sender, at)
        name = f"{at.strftime(_STAMP)}-{letter.kind}-{letter.id}.eml"
        try:
            await asyncio.to_thread(_put, self.folder, name, mail.content)
        except OSError as error:
            raise MailRefused(f"Папка писем недоступна: {error.strerror}") from error

    async def latest(self, limit: int) -> tuple[MailShown, ...]:
        return await asyncio.to_thread(_latest, self.folder, limit)

    async def get(self, name: str) -> MailShown:
        return await asyncio.to_thread(_shown, self.folder, name)


def _put(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f".{name}.part"
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(folder / name)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _latest(folder: Path, limit: int) -> tuple[MailShown, ...]:
    if not folder.is_dir():
        return ()
    names = sorted((path.name for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    return tuple(_shown(folder, name) for name in names[:limit])


def _shown(folder: Path, name: str) -> MailShown:
    named = _NAME.fullmatch(name)
    if named is None:
        raise NoSuchMail("Такого письма нет")
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise NoSuchMail("Такого письма нет") from error
    message = message_from_bytes(content, policy=default)
    return MailShown(
        name=name,
        at=datetime.strptime(named["at"], _STAMP).replace(tzinfo=UTC),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
