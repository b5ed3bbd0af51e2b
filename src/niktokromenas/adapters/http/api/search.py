"""Searching the journal over the API."""

from attrs import frozen

from niktokromenas.adapters.http.api import journal_shapes as shapes
from niktokromenas.adapters.http.api import shown, wire
from niktokromenas.adapters.http.api.common import EVERYBODY, actor_of
from niktokromenas.adapters.http.api.journal import chosen
from niktokromenas.adapters.http.endpoints import Call, Endpoint, Reply
from niktokromenas.adapters.http.paging import Page, decode_cursor, encode_cursor
from niktokromenas.application.messages.searching import SearchJournal
from niktokromenas.ports.search import FoundCursor


def _cursor(after: str | None) -> FoundCursor | None:
    """Raises `Invalid` for anything this server did not write."""
    if after is None:
        return None
    tier, place = decode_cursor(after, wire.FoundTier, wire.FoundPlace)
    return FoundCursor(tier=tier, place=int(place, 16))


@frozen
class SearchFace:
    search_journal: SearchJournal

    async def search(self, call: Call) -> Reply:
        query: wire.SearchQuery = call.query
        found = await self.search_journal(
            actor_of(call), query.q, chosen(query), _cursor(query.after), query.limit
        )
        following = encode_cursor(found.next.tier, f"{found.next.place:x}") if found.next else None
        return Reply(body={"items": [shown.journal_item(i) for i in found.items], "next": following})

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path="/api/v1/messages/search",
                name="searchJournal",
                handler=self.search,
                summary="Поиск в журнале: все слова сразу, «точная фраза», опечатки прощаются",
                tag="Журнал",
                query=wire.SearchQuery,
                reply=Page[shapes.JournalItemOut],
                roles=EVERYBODY,
                problems=((422, "no-words"),),
            ),
        ]
