"""Searching the journal, and making its index anew (п. 3 (5), 8.5)."""

from collections.abc import AsyncIterator

from attrs import frozen

from niktokromenas.application.messages.reading import know
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.searching import understood
from niktokromenas.domain.participants.actors import Actor
from niktokromenas.domain.participants.roles import Permission
from niktokromenas.domain.reference.regions import Region
from niktokromenas.ports.messages import JournalFilter
from niktokromenas.ports.search import FoundCursor, FoundPage, MessageSearch, Stemmer
from niktokromenas.ports.transactions import Transactions

AT_ONCE = 20
"""Messages made anew in one unit: others get in between."""


@frozen
class SearchJournal:
    search: MessageSearch
    stemmer: Stemmer
    region: Region

    async def __call__(
        self, actor: Actor, text: str, chosen: JournalFilter, after: FoundCursor | None, limit: int
    ) -> FoundPage:
        """What everyone may read, the best answers first.

        Raises `Invalid` where no words are left to look for, and for an unknown category or place.
        """
        actor.require(Permission.READ_PUBLIC)
        know(chosen, self.region)
        return await self.search.find(understood(text, self.stemmer.stems), chosen, after, limit)


@frozen
class RebuildSearch:
    """The index from the messages: after a change of what words or stems are. Search goes on meanwhile."""

    transactions: Transactions

    async def __call__(self) -> AsyncIterator[int]:
        """How many messages are done, now and then."""
        done, after = 0, None
        while True:
            done, after = await self._some(done, after)
            if after is None:
                return
            yield done

    async def _some(self, done: int, after: MessageId | None) -> tuple[int, MessageId | None]:
        async with self.transactions() as tx:
            ids = await tx.search_index.every(after, AT_ONCE)
            for message_id in ids:
                await tx.search_index.refresh(await tx.messages.by_id(message_id))
        return done + len(ids), ids[-1] if ids else None
