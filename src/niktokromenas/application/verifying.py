"""Whether everything kept is whole: a list of checks, each of which tells all that it finds."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from attrs import frozen

from niktokromenas.application.audit import VerifyAudit
from niktokromenas.application.files import Harm, VerifyFiles
from niktokromenas.domain.notices import LetterState
from niktokromenas.ports.notices import LetterRegister

TROUBLED_SHOWN = 1000
Tell = Callable[[int], None]


@frozen(kw_only=True)
class Finding:
    """What does not hold, and of what: a seal's number, a message's, a file's key, an event's id."""

    check: str
    subject: str
    detail: str


class Check(Protocol):
    """One thing that must hold. `tell` hears how much was looked at. Raises `Unavailable`."""

    @property
    def name(self) -> str:
        """In Russian, for the operator."""
        ...

    def findings(self, tell: Tell) -> AsyncIterator[Finding]: ...


@frozen
class AuditCheck:
    verify: VerifyAudit
    kept: tuple[int, str] | None = None
    """Number and head of an earlier verification: shows whether the end was cut off."""
    name: str = "печати аудита"

    async def findings(self, tell: Tell) -> AsyncIterator[Finding]:
        verified = await self.verify(self.kept)
        tell(verified.seals)
        if verified.broken is not None:
            detail = "не сходится: её или записи за ней изменили или удалили"
            yield Finding(check=self.name, subject=f"печать № {verified.broken}", detail=detail)


@frozen
class FilesCheck:
    verify: VerifyFiles
    name: str = "файлы"

    async def findings(self, tell: Tell) -> AsyncIterator[Finding]:
        words = {Harm.MISSING: "пропал", Harm.CHANGED: "изменён"}
        for harmed in (await self.verify(tell)).harmed:
            owner = f"сообщение {harmed.number}" if harmed.number else "загрузка без сообщения"
            yield Finding(check=self.name, subject=harmed.key, detail=f"{words[harmed.harm]} ({owner})")


@frozen
class LettersCheck:
    """Letters that a person has to look after: they did not surely arrive."""

    register: LetterRegister
    name: str = "письма"

    async def findings(self, tell: Tell) -> AsyncIterator[Finding]:
        words = {LetterState.UNKNOWN: "неизвестно, дошло ли", LetterState.DEAD: "не принято сервером"}
        for looked, outgoing in enumerate(await self.register.troubled(TROUBLED_SHOWN), 1):
            tell(looked)
            delivery = outgoing.delivery
            yield Finding(check=self.name, subject=str(delivery.letter_id), detail=words[delivery.state])
