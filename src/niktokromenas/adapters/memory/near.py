"""Messages near a place and a time, in memory."""

from collections.abc import Callable

from attrs import frozen

from niktokromenas.adapters.memory.store import MemoryStore
from niktokromenas.domain.messages.masking import as_public
from niktokromenas.domain.messages.message import Message
from niktokromenas.ports.journal import excerpt
from niktokromenas.ports.near import LIVING, Around, NearMessage


@frozen
class MemoryNearMessages:
    store: MemoryStore

    async def public(self, around: Around, limit: int) -> tuple[NearMessage, ...]:
        return self._found(lambda message: message.is_public, around, limit)

    async def living(self, around: Around, limit: int) -> tuple[NearMessage, ...]:
        return self._found(lambda message: message.stage in LIVING, around, limit)

    def _found(
        self, is_meant: Callable[[Message], bool], around: Around, limit: int
    ) -> tuple[NearMessage, ...]:
        found = [m for m in self.store.messages.committed() if is_meant(m) and _is_around(m, around)]
        found.sort(key=lambda m: (m.submitted_at, m.id), reverse=True)
        return tuple(map(_near, found[:limit]))


def _is_around(message: Message, around: Around) -> bool:
    place = message.content.occasion.place
    if not around.since <= message.submitted_at <= around.until:
        return False
    if around.box is not None:
        return place.point is not None and around.box.holds(place.point)
    return place.municipality == around.municipality


def _near(message: Message) -> NearMessage:
    message = as_public(message)
    occasion = message.content.occasion
    return NearMessage(
        id=message.id,
        number=message.number,
        excerpt=excerpt(message.public_text),
        category=message.category,
        municipality=occasion.place.municipality,
        point=occasion.place.point,
        address=occasion.place.address,
        words=occasion.place.words,
        begins_at=occasion.begins_at,
        submitted_at=message.submitted_at,
        stage=message.stage.value,
        publicity=message.publicity.value,
    )
