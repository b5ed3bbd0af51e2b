"""The letter of the day: gathered, checked and written in one unit per person (Положение, п. 3 (8))."""

from datetime import date
from uuid import UUID

from attrs import field, frozen

from niktokromenas.application.resting import Resting
from niktokromenas.application.telling import Telling
from niktokromenas.domain.digests import day_due, digest_words
from niktokromenas.domain.ids import ParticipantId
from niktokromenas.domain.notices import (
    NOTICE_KINDS,
    Audience,
    Notice,
    NoticeKind,
    NoticeMode,
    NoticeSettings,
)
from niktokromenas.domain.surveys.announcing import still_matters
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.messages import MessageNotFound
from niktokromenas.ports.surveys import SurveyNotFound
from niktokromenas.ports.transactions import Transaction, Transactions

PEOPLE_AT_ONCE = 20


@frozen
class SendDigests:
    """A unit takes what waits, claims the day and puts the letter on its way: all of it or nothing."""

    transactions: Transactions
    clock: Clock
    telling: Telling
    _resting: Resting[ParticipantId] = field(factory=Resting[ParticipantId], init=False, eq=False, repr=False)

    async def __call__(self) -> int:
        """Write the letters that are due; how many. What fails for one person rests."""
        zone = self.telling.region.calendar.zone
        day = day_due(self.clock.now(), self.telling.digest_hour, zone)
        return 0 if day is None else await self._all(day, until=day)

    async def now(self) -> int:
        """As if the hour had struck, with all that waits: still one letter per person and day."""
        day = self.telling.region.calendar.local_date(self.clock.now())
        return await self._all(day, until=date.max)

    async def _all(self, day: date, *, until: date) -> int:
        written, after, failed = 0, None, list[Exception]()
        resting = self._resting.still(self.clock.now())
        while True:
            async with self.transactions() as tx:
                people = await tx.digests.due(day, until, after, PEOPLE_AT_ONCE)
            for person in people:
                if person not in resting:
                    written += await self._noted(person, day, failed)
            if len(people) < PEOPLE_AT_ONCE:
                break
            after = people[-1]
        if failed:
            raise ExceptionGroup("letters of the day that could not be written", failed)
        return written

    async def _noted(self, person: ParticipantId, day: date, failed: list[Exception]) -> bool:
        try:
            async with self.transactions() as tx:
                return await self._one(tx, person, day)
        except Exception as error:
            self._resting.lay(person, self.clock.now())
            error.add_note(f"participant {person}")
            failed.append(error)
            return False

    async def _one(self, tx: Transaction, person: ParticipantId, day: date) -> bool:
        if not await tx.digests.begin(person, day):
            return False
        settings = (await tx.notices.settings((person,))).get(person, NoticeSettings())
        waiting = await tx.digests.take(person)
        news = [n for n in waiting if await self._may_tell(tx, n, settings)]
        address = (await tx.participants.get(person)).verified_email
        if not news or address is None or settings.mode_of(NoticeKind.DAILY_DIGEST) is NoticeMode.OFF:
            return False
        count, words = digest_words(news)
        notice = Notice(
            id=self.telling.new_id(),
            event_id=UUID(int=0),
            recipient_id=person,
            kind=NoticeKind.DAILY_DIGEST,
            facts={"news": str(count), "words": words},
            at=self.clock.now(),
        )
        await self.telling.write(tx, notice, address)
        return True

    async def _may_tell(self, tx: Transaction, notice: Notice, settings: NoticeSettings) -> bool:
        """Wanted still; of others' messages, public still (п. 8.5); of surveys, not overtaken by the next."""
        if settings.mode_of(notice.kind) is NoticeMode.OFF:
            return False
        number = notice.facts.get("number") or ""
        try:
            match NOTICE_KINDS[notice.kind].audience:
                case Audience.FOLLOWER:
                    return (await tx.messages.by_number(number)).is_public
                case Audience.RESPONDENT:
                    survey = await tx.surveys.by_number(number)
                    return still_matters(notice.kind, survey, self.clock.now())
                case _:
                    return True
        except (MessageNotFound, SurveyNotFound):
            return False
