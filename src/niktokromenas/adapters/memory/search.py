"""Searching in memory: every public message is looked at."""

from attrs import frozen

from niktokromenas.adapters.memory.messages import fits
from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.ids import MessageId
from niktokromenas.domain.messages.message import Message
from niktokromenas.domain.messages.searching import (
    Near,
    Stems,
    Wanted,
    is_misspelt,
    place_of,
    searched_texts,
    stems_of,
    tier_of,
)
from niktokromenas.ports.journal import journal_item
from niktokromenas.ports.messages import JournalFilter
from niktokromenas.ports.search import FoundCursor, FoundPage, Stemmer


@frozen
class MemorySearch:
    store: MemoryStore
    stemmer: Stemmer

    async def find(
        self, wanted: Wanted, chosen: JournalFilter, after: FoundCursor | None, limit: int
    ) -> FoundPage:
        indexed = self._indexed()
        near = _near(wanted, indexed)
        found: list[tuple[int, int, Message]] = []
        for place, (message, stems) in indexed.items():
            tier = tier_of(stems, wanted, near)
            if tier is not None and fits(message, chosen):
                found.append((tier, -place, message))
        found.sort(key=lambda row: row[:2])
        if after is not None:
            found = [row for row in found if row[:2] > (after.tier, -after.place)]
        shown, following = found[:limit], None
        if len(found) > limit:
            last_tier, last_place, _ = shown[-1]
            following = FoundCursor(tier=last_tier, place=-last_place)
        return FoundPage(tuple(journal_item(message) for _, _, message in shown), following)

    def _indexed(self) -> dict[int, tuple[Message, Stems]]:
        """Stems of every public message by its place; of those that share one the later stored goes up."""
        indexed: dict[int, tuple[Message, Stems]] = {}
        for message in self.store.messages.committed():
            if message.is_public:
                place = place_of(message.submitted_at, message.id)
                while place in indexed:
                    place += 1
                indexed[place] = message, stems_of(searched_texts(message), self.stemmer.stems)
        return indexed


def _near(wanted: Wanted, indexed: dict[int, tuple[Message, Stems]]) -> Near:
    known = {stem for _, stems in indexed.values() for stem in stems}
    return {stem: frozenset(other for other in known if is_misspelt(stem, other)) for stem in wanted.doubtful}


@frozen
class MemorySearchIndex:
    """Nothing is kept beside the messages."""

    store: MemoryStore

    async def every(self, after: MessageId | None, limit: int) -> tuple[MessageId, ...]:
        ids = sorted(m.id for m in self.store.messages.seen())
        return tuple(found for found in ids if after is None or found > after)[:limit]

    async def refresh(self, message: Message) -> None:
        pass
