"""Letters: how they are written, sent and, in a demo, looked at."""

from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

from attrs import frozen

from niktokromenas.domain.errors import Forbidden, NotFound, Unavailable
from niktokromenas.domain.notices import Letter, Notice, NoticeKind


class MailRefused(Unavailable):
    """The letter was surely not taken: no connection, a refusal, or silence before its end was sent.

    `is_permanent` where the server said that this letter will never be taken (a 5yz reply to MAIL, RCPT
    or DATA, RFC 5321, 4.2.1); trouble with the connection or our account is never permanent.
    """

    code: ClassVar[str] = "mail-refused"

    def __init__(self, detail: str, *, is_permanent: bool = False) -> None:
        super().__init__(detail)
        self.is_permanent = is_permanent


class MailUnknown(Unavailable):
    """The end of the letter was sent, no reply came: it may have been taken. Never send it again unasked."""

    code: ClassVar[str] = "mail-unknown"


class MailSender(Protocol):
    """Contract: tests/contract/test_mail.py."""

    async def send(self, letter: Letter) -> None:
        """Returns once the letter was taken. Raises `MailRefused` or `MailUnknown`.

        One call is at most one delivery. `detail` of an error names no address. If the caller stops
        waiting, the outcome is unknown.
        """
        ...


class UnfitFacts(ValueError):
    """A notice lacks a fact its letter tells, or a link leads off the platform: whoever told it has a bug."""


class LetterTemplates(Protocol):
    """Tests: tests/unit/test_letters.py."""

    def render(self, notice: Notice, to: str, letter_id: UUID) -> Letter:
        """The letter for a notice. Raises `UnfitFacts`, and `Invalid` for what is no address."""
        ...


class UnsubscribeRefused(Forbidden):
    """The link was not made by this platform, or was altered on its way."""

    code: ClassVar[str] = "unsubscribe-refused"


class UnsubscribeLinks(Protocol):
    """Links that switch off one kind of letters for one participant, and can do nothing else.

    Tests: tests/unit/test_letters.py.
    """

    def link(self, participant_id: UUID, kind: NoticeKind) -> str:
        """An absolute address. A GET of it only asks; a POST switches off (RFC 8058)."""
        ...

    def read(self, token: str) -> tuple[UUID, NoticeKind]:
        """Whom and what the last segment of the address names. Raises `UnsubscribeRefused`."""
        ...


class NoSuchMail(NotFound):
    code: ClassVar[str] = "no-such-mail"


@frozen(kw_only=True)
class MailShown:
    """A letter in the demo's folder. `name` is its key there, `at` when it was put there (UTC)."""

    name: str
    at: datetime
    to: str
    subject: str
    text: str
    html: str


class MailFolder(Protocol):
    """Letters that were kept instead of sent, for a page that only this machine can open.

    Contract: tests/contract/test_mail.py.
    """

    async def latest(self, limit: int) -> tuple[MailShown, ...]:
        """Newest first."""
        ...

    async def get(self, name: str) -> MailShown:
        """Raises `NoSuchMail`."""
        ...
