"""News of public messages to many people, some at a time (Положение, п. 3 (5), 3 (8))."""

from uuid import UUID

from attrs import evolve, field, frozen

from niktokromenas.application.naming import authority_name, category_name, municipality_name
from niktokromenas.application.resting import Resting
from niktokromenas.application.telling import Telling
from niktokromenas.domain.errors import Invalid
from niktokromenas.domain.ids import MessageId, ParticipantId
from niktokromenas.domain.messages.following import MADE_PUBLIC, TOLD_FOLLOWERS, Spread, told_of
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.subscriptions import keys_of
from niktokromenas.domain.notices import NOTICE_KINDS, Notice, NoticeKind, NoticeSettings
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.clock import Clock
from niktokromenas.ports.mail import UnfitFacts
from niktokromenas.ports.outbox import StoredEvent
from niktokromenas.ports.transactions import Transaction, Transactions

PEOPLE_AT_ONCE = 20
"""A unit holds the database no longer than an event with many officials does."""


async def spreads_of(
    tx: Transaction, event: StoredEvent, region: Region, base_url: str
) -> tuple[Spread, ...]:
    """The news that goes beyond those concerned: to followers, or to subscribers of the place or category."""
    act = event.facts.get("act") or ""
    if event.kind != "message-acted" or (act not in TOLD_FOLLOWERS and act not in MADE_PUBLIC):
        return ()
    message = await tx.messages.by_id(MessageId(event.subject_id))
    if (kind := told_of(message, act)) is None:
        return ()
    by = event.facts.get("by_participant")
    news = Spread(
        event_id=event.id,
        kind=kind,
        message_id=message.id,
        at=event.at,
        by_participant=ParticipantId(UUID(by)) if by else None,
        facts=_facts(message, kind, event, region, base_url),
    )
    if kind is not NoticeKind.NEW_NEARBY:
        return (news,)
    keys = await tx.subscriptions.used(keys_of(message))
    return tuple(evolve(news, event_id=message.id, key=key) for key in sorted(keys))


def _facts(
    message: Message, kind: NoticeKind, event: StoredEvent, region: Region, base_url: str
) -> dict[str, str | None]:
    """Names from the directories alone, nothing that anyone wrote."""
    authority = event.facts.get("authority")
    told = {
        "number": message.number,
        "message_url": f"{base_url}/m/{message.number}",
        "category": category_name(region, message.category),
        "municipality": municipality_name(region, message.content.occasion.place.municipality),
        "authority": authority_name(region, authority) if authority else "орган ещё не назначен",
        "due": event.facts.get("due"),
    }
    return {name: value for name, value in told.items() if name in NOTICE_KINDS[kind].facts}


@frozen
class SpreadNews:
    """Tells news to some of its people, and notes how far it came in the same unit.

    A batch is told once or, after a crash, again from its beginning: nobody twice, nobody left out.
    """

    transactions: Transactions
    clock: Clock
    telling: Telling
    _resting: Resting[UUID] = field(factory=Resting[UUID], init=False, eq=False, repr=False)

    async def __call__(self) -> int:
        """How many people were looked at, at least 1 where there was news.

        News that fails rests (`Resting`) and the next goes on; letters that could not be written are raised
        together when the batch is kept.
        """
        unwritten: list[Exception] = []
        spread: Spread | None = None
        now = self.clock.now()
        try:
            async with self.transactions() as tx:
                spread = await tx.spreads.take(self._resting.still(now))
                looked = await self._batch(tx, spread, unwritten) if spread is not None else 0
        except Exception as error:
            if spread is not None:
                self._resting.lay(spread.event_id, now)
                error.add_note(f"news {spread.event_id} of message {spread.message_id}")
            raise
        if unwritten:
            raise ExceptionGroup("letters of news that could not be written", unwritten)
        return looked

    async def _batch(self, tx: Transaction, spread: Spread, unwritten: list[Exception]) -> int:
        message = await tx.messages.by_id(spread.message_id)
        if not message.is_public:  # hidden since: nobody hears of it
            await tx.spreads.finish(spread)
            return 1
        ends, people = await self._people(tx, spread, message)
        others = tuple(p for p in people if p not in (message.author.participant_id, spread.by_participant))
        chosen = await tx.notices.settings(others)
        for person in others:
            try:
                await self._tell(tx, spread, person, chosen.get(person, NoticeSettings()))
            except (UnfitFacts, Invalid) as error:
                unwritten.append(error)
        if len(ends) < PEOPLE_AT_ONCE:
            await tx.spreads.finish(spread)
        else:
            await tx.spreads.move(spread, ends[-1])
        return max(1, len(ends))

    async def _people(
        self, tx: Transaction, spread: Spread, message: Message
    ) -> tuple[tuple[UUID, ...], tuple[ParticipantId, ...]]:
        """Where each of the batch stands in its order, and whom of it the news concerns, each once."""
        if not spread.key:
            after = ParticipantId(spread.after) if spread.after else None
            people = await tx.followings.people(message.id, after, PEOPLE_AT_ONCE)
            return people, people
        found = await tx.subscriptions.with_key(spread.key, spread.after, PEOPLE_AT_ONCE)
        concerned = [s.participant_id for s in found if s.scope.concerns(message)]
        return tuple(s.id for s in found), tuple(dict.fromkeys(concerned))

    async def _tell(
        self, tx: Transaction, spread: Spread, person: ParticipantId, settings: NoticeSettings
    ) -> None:
        notice = Notice(
            id=self.telling.new_id(),
            event_id=spread.event_id,
            recipient_id=person,
            kind=spread.kind,
            facts=spread.facts,
            at=spread.at,
        )
        address = (await tx.participants.get(person)).verified_email
        await self.telling(tx, notice, address, settings)
