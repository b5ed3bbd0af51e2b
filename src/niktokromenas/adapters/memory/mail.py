"""Mail that goes nowhere, for those who test against this library."""

from enum import StrEnum

from attrs import define, field

from niktokromenas.domain.notices import Letter
from niktokromenas.ports.mail import MailRefused, MailUnknown


class Answering(StrEnum):
    """What the imagined server does with the next letters."""

    ACCEPTS = "accepts"
    REFUSES = "refuses"
    REFUSES_FOR_GOOD = "refuses-for-good"
    LOSES_REPLIES = "loses-replies"
    """It takes the letter, but its reply never arrives."""


@define
class MemoryMail:
    """`MailSender` that keeps what was taken in `letters`, oldest first. `answering` is the switch."""

    letters: list[Letter] = field(factory=list)
    answering: Answering = Answering.ACCEPTS

    async def send(self, letter: Letter) -> None:
        match self.answering:
            case Answering.REFUSES:
                raise MailRefused("451 try again later")
            case Answering.REFUSES_FOR_GOOD:
                raise MailRefused("550 no such mailbox", is_permanent=True)
            case Answering.ACCEPTS:
                self.letters.append(letter)
            case Answering.LOSES_REPLIES:
                self.letters.append(letter)
                raise MailUnknown("no reply")
