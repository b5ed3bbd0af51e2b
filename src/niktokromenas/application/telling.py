"""Telling one person one thing: the row in the feed, and its letter (Положение, п. 3 (8))."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from niktokromenas.application.addressing import Recipient
from niktokromenas.domain.digests import day_of_digest
from niktokromenas.domain.notices import NOTICE_KINDS, Delivery, Notice, NoticeMode, NoticeSettings
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock, NewId
from niktokromenas.ports.mail import LetterTemplates
from niktokromenas.ports.transactions import Transaction

DIGEST_HOUR = 8
"""Of the local day: when the letters of the day leave."""
NOBODY = UUID(int=0)
"""Stands for whoever reads an address of record without an account."""


@frozen
class Telling:
    """One notice: into the feed, and by letter at once or with the day's, as its reader chose."""

    templates: LetterTemplates
    clock: Clock
    new_id: NewId
    region: Region
    digest_hour: int

    async def __call__(
        self, tx: Transaction, notice: Notice, address: str | None, settings: NoticeSettings
    ) -> None:
        """Nothing where this event told this person this before. Raises `UnfitFacts`, `Invalid`."""
        if not await tx.notices.add(notice) or address is None:
            return
        match settings.mode_of(notice.kind):
            case NoticeMode.AT_ONCE:
                await self.write(tx, notice, address)
            case NoticeMode.DAILY:
                zone = self.region.calendar.zone
                await tx.digests.put(notice, day_of_digest(self.clock.now(), self.digest_hour, zone))
            case NoticeMode.OFF:
                pass

    async def tell(
        self,
        tx: Transaction,
        recipient: Recipient,
        settings: NoticeSettings,
        *,
        event_id: UUID,
        at: datetime,
    ) -> None:
        """An address of record gets legal notices alone. Raises `UnfitFacts`, `Invalid`."""
        notice = Notice(
            id=self.new_id(),
            event_id=event_id,
            recipient_id=recipient.participant_id or NOBODY,
            kind=recipient.kind,
            facts=recipient.facts,
            at=at,
        )
        if recipient.participant_id is not None:
            await self(tx, notice, recipient.address, settings)
        elif recipient.address is not None and NOTICE_KINDS[recipient.kind].is_legal:
            await self.write(tx, notice, recipient.address)

    async def write(self, tx: Transaction, notice: Notice, address: str) -> None:
        letter_id = self.new_id()
        letter = self.templates.render(notice, address, letter_id)
        await tx.letters.add(letter, Delivery.begun(letter_id, at=self.clock.now()))
