"""News of surveys to those they ask, some people at a time (Положение, разд. 9, п. 3 (8))."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from niktokromenas.application.addressing import Recipient, of_kind
from niktokromenas.application.resting import Resting
from niktokromenas.application.surveys.facts import voter_of, with_facts
from niktokromenas.application.surveys.telling import (
    TOLD_INITIATOR,
    initiators_of,
    officials_of,
    organisation_of,
    survey_facts,
)
from niktokromenas.application.telling import Telling
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import ParticipantId, SurveyId
from niktokromenas.domain.notices import NoticeKind, NoticeSettings
from niktokromenas.domain.participants.people import Participant, ParticipantKind
from niktokromenas.domain.surveys.announcing import (
    ANNOUNCING,
    Announcement,
    announcements_of,
    asks_who_took_part,
    day_that_counts,
    is_news,
    told_to,
)
from niktokromenas.domain.surveys.survey import Survey, SurveyActed
from niktokromenas.domain.surveys.target import is_inside
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.mail import UnfitFacts
from niktokromenas.ports.outbox import StoredEvent
from niktokromenas.ports.transactions import Transaction, Transactions

PEOPLE_AT_ONCE = 20
"""A unit holds the database no longer than an event with many officials does."""

_INITIATOR_KNOWS = frozenset(kind for act, kind in ANNOUNCING.items() if act in TOLD_INITIATOR)
"""Told to the initiator as their own: once is enough, though they took part."""


async def announced_by(tx: Transaction, event: StoredEvent) -> tuple[Announcement, ...]:
    """What is to go round because of the event."""
    if event.kind != SurveyActed.kind:
        return ()
    survey = await tx.surveys.by_id(SurveyId(event.subject_id))
    by, due = event.facts.get("by_participant"), event.facts.get("due")
    return announcements_of(
        survey,
        event.facts.get("act") or "",
        event_id=event.id,
        at=event.at,
        by=ParticipantId(UUID(by)) if by else None,
        due=datetime.fromisoformat(due) if due else None,
    )


@frozen
class AnnounceSurveys:
    """Looks at some people, tells those whom it concerns, and notes how far it came in the same unit.

    A batch is told once or, after a crash, again from its beginning: nobody twice, nobody left out. Surveys
    take turns: none waits until everybody has heard of another.
    """

    transactions: Transactions
    clock: Clock
    telling: Telling
    _resting: Resting[UUID] = field(factory=Resting[UUID], init=False, eq=False, repr=False)
    _served: set[UUID] = field(factory=set[UUID], init=False, eq=False, repr=False)

    async def __call__(self) -> int:
        """How many people were looked at, at least 1 where there was news.

        News that fails rests (`Resting`) and the next goes on; letters that could not be written are raised
        together when the batch is kept.
        """
        unwritten: list[Exception] = []
        taken: Announcement | None = None
        now = self.clock.now()
        try:
            async with self.transactions() as tx:
                taken = await self._next(tx, now)
                looked = 0 if taken is None else await self._batch(tx, taken, now, unwritten)
        except Exception as error:
            if taken is not None:
                self._resting.lay(taken.event_id, now)
                error.add_note(f"{taken.kind} {taken.event_id} of survey {taken.survey_id}")
            raise
        if unwritten:
            raise ExceptionGroup("letters of surveys that could not be written", unwritten)
        return looked

    async def _next(self, tx: Transaction, now: datetime) -> Announcement | None:
        resting = self._resting.still(now)
        taken = await tx.announcements.take(now, resting | self._served)
        if taken is None and self._served:
            self._served.clear()
            taken = await tx.announcements.take(now, resting)
        if taken is not None:
            self._served.add(taken.event_id)
        return taken

    async def _batch(
        self, tx: Transaction, announcement: Announcement, now: datetime, unwritten: list[Exception]
    ) -> int:
        survey = await tx.surveys.by_id(announcement.survey_id)
        if not is_news(announcement.kind, survey, now):
            await tx.announcements.finish(announcement)
            return 1
        if announcement.kind is NoticeKind.CONSENT_DUE_SOON:
            await self._remind(tx, announcement, survey, unwritten)
            await tx.announcements.finish(announcement)
            return 1
        people = await tx.announcements.everybody(announcement.after, PEOPLE_AT_ONCE)
        told = await self._told_as_initiators(tx, announcement, survey)
        concerned = [p for p in people if p.id not in told and _may_hear(announcement, p)]
        chosen = await tx.notices.settings(tuple(person.id for person in concerned))
        inside = await self._inside(tx, survey, concerned)
        for person in concerned:
            settings = chosen.get(person.id, NoticeSettings())
            took_part = asks_who_took_part(announcement.kind) and bool(
                await tx.ballots.participated(person.id, (survey.id,))
            )
            kind = told_to(
                announcement.kind,
                is_inside=person.id in inside,
                took_part=took_part,
                mode=settings.mode_of(NoticeKind.ANY_SURVEY_RESULTS),
            )
            if kind is not None:
                facts = of_kind(kind, survey_facts(survey, self.telling.region))
                to = Recipient(
                    participant_id=person.id, address=person.verified_email, kind=kind, facts=facts
                )
                await self._tell(tx, announcement, to, settings, unwritten)
        if len(people) < PEOPLE_AT_ONCE:
            await tx.announcements.finish(announcement)
        else:
            await tx.announcements.move(announcement, people[-1].id)
        return max(1, len(people))

    async def _told_as_initiators(
        self, tx: Transaction, announcement: Announcement, survey: Survey
    ) -> frozenset[ParticipantId]:
        if announcement.kind not in _INITIATOR_KNOWS:
            return frozenset()
        return frozenset(one for one, _ in await initiators_of(tx, survey, self.clock.now()))

    async def _inside(
        self, tx: Transaction, survey: Survey, people: Sequence[Participant]
    ) -> frozenset[ParticipantId]:
        """Those of the target group; who is not known to be in it is not."""
        day = self.telling.region.calendar.local_date(day_that_counts(survey, self.clock.now()))
        target = survey.content.target
        voters = await with_facts(tx, survey.content, [*map(voter_of, people)])
        return frozenset(one.participant_id for one in voters if is_inside(target, one.facts, day))

    async def _remind(
        self, tx: Transaction, announcement: Announcement, survey: Survey, unwritten: list[Exception]
    ) -> None:
        due = survey.consent_due.isoformat() if survey.consent_due else None
        organisation = await organisation_of(tx, survey)
        facts = {**survey_facts(survey, self.telling.region), "organisation": organisation, "due": due}
        authority, now = survey.initiator.authority, self.clock.now()
        for recipient in await officials_of(tx, authority, announcement.kind, facts, now):
            await self._tell(tx, announcement, recipient, NoticeSettings(), unwritten)

    async def _tell(
        self,
        tx: Transaction,
        announcement: Announcement,
        recipient: Recipient,
        settings: NoticeSettings,
        unwritten: list[Exception],
    ) -> None:
        try:
            await self.telling.tell(
                tx, recipient, settings, event_id=announcement.event_id, at=announcement.at
            )
        except (UnfitFacts, Invalid) as error:
            unwritten.append(error)


def _may_hear(announcement: Announcement, person: Participant) -> bool:
    """Organisations read no feed and have no address; whoever acted knows of it."""
    return person.kind is ParticipantKind.PERSON and person.id != announcement.by_participant
